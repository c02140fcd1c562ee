"""Configuration messages: whether a body is one, and what it says of its track."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from rtmpscope.media.aac import aac_config
from rtmpscope.media.av1 import av1_config, vp_config
from rtmpscope.media.avc import avc_config
from rtmpscope.media.configs import AudioConfig, VideoConfig
from rtmpscope.media.headers import decode_audio, decode_video
from rtmpscope.media.hevc import hevc_config
from rtmpscope.media.names import SEQUENCE_START
from rtmpscope.media.xiph import flac_config, opus_config
from rtmpscope.wire import DecodeError

Config = TypeVar("Config")

_VIDEO: dict[str, Callable[[bytes], VideoConfig]] = {
    "h264": avc_config,
    "hevc": hevc_config,
    "av1": av1_config,
    "vp8": lambda data: vp_config("vp8", data),
    "vp9": lambda data: vp_config("vp9", data),
}
_AUDIO: dict[str, Callable[[bytes], AudioConfig]] = {
    "aac": aac_config,
    "opus": opus_config,
    "flac": flac_config,
}


def video_configuration(body: bytes) -> VideoConfig | None:
    """What a video body's configuration record says; None if the body is none.

    Of codecs whose record is not read (VVC, MPEG-4 part 2) only the codec is told.

    Raises:
        DecodeError: the record is malformed; the offset counts from the start of the body.
    """
    header = decode_video(body)
    if header.packet_type != SEQUENCE_START or header.codec is None:
        return None
    read = _VIDEO.get(header.codec)
    return _placed(read, body, header.size) if read else VideoConfig(header.codec)


def audio_configuration(body: bytes) -> AudioConfig | None:
    """What an audio body's configuration says; None if the body is none.

    Raises:
        DecodeError: it is malformed; the offset counts from the start of the body.
    """
    header = decode_audio(body)
    if header.packet_type != SEQUENCE_START or header.codec is None:
        return None
    read = _AUDIO.get(header.codec)
    return _placed(read, body, header.size) if read else AudioConfig(header.codec)


def _placed(read: Callable[[bytes], Config], body: bytes, start: int) -> Config:
    """Read the configuration from ``start``, errors placed in the whole body."""
    try:
        return read(body[start:])
    except DecodeError as error:
        raise DecodeError(error.offset + start, error.field, error.reason) from None
