"""Configuration messages: whether a body is one, and what it says of its track."""

from __future__ import annotations

from rtmpscope.media.aac import aac_config
from rtmpscope.media.avc import avc_config
from rtmpscope.media.configs import AudioConfig, VideoConfig
from rtmpscope.media.headers import TagHeader, decode_audio, decode_video
from rtmpscope.media.names import SEQUENCE_START
from rtmpscope.wire import DecodeError


def video_configuration(body: bytes) -> VideoConfig | None:
    """What a video body's configuration record says; None if the body is none.

    Raises:
        DecodeError: the record is malformed.
    """
    header = decode_video(body)
    if header.packet_type != SEQUENCE_START or header.codec is None:
        return None
    if header.codec != "h264":
        return VideoConfig(header.codec)
    try:
        return avc_config(body[header.size :])
    except DecodeError as error:
        raise _moved(error, header) from None


def audio_configuration(body: bytes) -> AudioConfig | None:
    """What an audio body's configuration says; None if the body is none.

    Raises:
        DecodeError: it is malformed.
    """
    header = decode_audio(body)
    if header.packet_type != SEQUENCE_START or header.codec is None:
        return None
    if header.codec != "aac":
        return AudioConfig(header.codec)
    try:
        return aac_config(body[header.size :])
    except DecodeError as error:
        raise _moved(error, header) from None


def _moved(error: DecodeError, header: TagHeader) -> DecodeError:
    """The error with its offset counted in the whole body."""
    return DecodeError(error.offset + header.size, error.field, error.reason)
