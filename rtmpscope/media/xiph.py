"""Opus and FLAC: what their configuration says (RFC 7845, 5.1; RFC 9639, 8.2)."""

from __future__ import annotations

from rtmpscope.media.configs import AudioConfig
from rtmpscope.wire import DecodeError, Truncated

_OPUS_RATE = 48000
_OPUS_BYTES = 19
_STREAMINFO_BYTES = 18


def opus_config(data: bytes) -> AudioConfig:
    """Channels of an identification header; Opus always plays at 48 kHz.

    An empty header is allowed (Enhanced RTMP): mono or stereo, as the frames say.

    Raises:
        DecodeError: it is another thing, or cut short.
    """
    if not data:
        return AudioConfig("opus", None, _OPUS_RATE)
    if not data.startswith(b"OpusHead"):
        raise DecodeError(0, "Opus identification header", "does not begin with OpusHead")
    if len(data) < _OPUS_BYTES:
        raise Truncated(len(data), "Opus identification header", _OPUS_BYTES - len(data), 0)
    return AudioConfig("opus", None, _OPUS_RATE, data[9], core_sample_rate=_OPUS_RATE)


def flac_config(data: bytes) -> AudioConfig:
    """Rate and channels of the STREAMINFO block, behind ``fLaC`` and a block header or without them.

    Raises:
        DecodeError: the first block is another, or is cut short.
    """
    start = 0
    if data.startswith(b"fLaC"):
        if len(data) > 4 and data[4] & 0x7F:
            raise DecodeError(4, "metadata block type", f"{data[4] & 0x7F} instead of STREAMINFO")
        start = 8
    info = data[start : start + _STREAMINFO_BYTES]
    if len(info) < _STREAMINFO_BYTES:
        raise Truncated(len(data), "STREAMINFO", start + _STREAMINFO_BYTES - len(data), 0)
    rate = int.from_bytes(info[10:13], "big") >> 4
    return AudioConfig("flac", None, rate or None, (info[12] >> 1 & 7) + 1, core_sample_rate=rate or None)
