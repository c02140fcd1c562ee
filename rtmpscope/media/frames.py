"""What the first frame of a track says, for codecs without a configuration record."""

from __future__ import annotations

from rtmpscope.media.bits import BitReader
from rtmpscope.media.configs import AudioConfig, VideoConfig
from rtmpscope.wire import DecodeError

_FLV1_SIZES = {2: (352, 288), 3: (176, 144), 4: (128, 96), 5: (320, 240), 6: (160, 120)}
_MP3_RATES = (44100, 48000, 32000)
_MP3_KBPS_1 = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
_MP3_KBPS_2 = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
_FLV_RATES = (5512, 11025, 22050, 44100)
_FIXED = {4: (16000, 1), 5: (8000, 1), 7: (8000, None), 8: (8000, None), 11: (16000, 1), 14: (8000, None)}


def video_picture(codec: str, head: bytes) -> VideoConfig | None:
    """Size of a keyframe of Sorenson H.263 or VP6; ``head`` is the beginning of the body, tag header included."""
    try:
        if codec == "flv1":
            return _flv1(head[1:])
        if codec in ("vp6f", "vp6a"):
            return _vp6(codec, head)
    except DecodeError:
        return None
    return None


def audio_frame(codec: str, head: bytes) -> AudioConfig | None:
    """Rate and channels of an audio body; ``head`` is its beginning, tag header included."""
    if not head:
        return None
    form = head[0] >> 4
    if codec == "mp3":
        return _mp3(head[1:] if form in (2, 14) else head[5:])
    channels = 2 if head[0] & 1 else 1
    if form in _FIXED:
        rate, fixed = _FIXED[form]
        return AudioConfig(codec, None, rate, fixed or channels)
    return AudioConfig(codec, None, _FLV_RATES[head[0] >> 2 & 3], channels)


def _flv1(picture: bytes) -> VideoConfig | None:
    """The picture header of Sorenson H.263 (FLV 10.1, E.4.3.2)."""
    bits = BitReader(picture)
    if bits.u(17, "picture start code") != 1:
        return None
    bits.u(5, "version")
    bits.u(8, "temporal reference")
    size = bits.u(3, "picture size")
    if size in (0, 1):
        width, height = (bits.u(8 if size == 0 else 16, name) for name in ("width", "height"))
    elif size in _FLV1_SIZES:
        width, height = _FLV1_SIZES[size]
    else:
        return None
    return VideoConfig("flv1", width=width, height=height) if width and height else None


def _vp6(codec: str, head: bytes) -> VideoConfig | None:
    """The frame header of VP6: size in macroblocks, less the adjustment byte of the tag (FLV 10.1, E.4.3.4)."""
    adjustment = head[1] if len(head) > 1 else 0
    frame = head[5:] if codec == "vp6a" else head[2:]
    if len(frame) < 6 or frame[0] & 0x80:
        return None
    at = 4 if frame[0] & 1 or not frame[1] & 6 else 2
    if len(frame) < at + 2:
        return None
    height, width = 16 * frame[at], 16 * frame[at + 1]
    width, height = width - (adjustment >> 4), height - (adjustment & 15)
    return VideoConfig(codec, width=width, height=height) if width > 0 and height > 0 else None


def _mp3(frame: bytes) -> AudioConfig | None:
    """The frame header of MPEG audio, layer III (ISO/IEC 11172-3, 2.4.1.3)."""
    if len(frame) < 4 or frame[0] != 0xFF or frame[1] & 0xE0 != 0xE0:
        return None
    version, layer = frame[1] >> 3 & 3, frame[1] >> 1 & 3
    rate_index, kbps_index = frame[2] >> 2 & 3, frame[2] >> 4
    if version == 1 or layer != 1 or rate_index == 3 or kbps_index == 15:
        return None
    rate = _MP3_RATES[rate_index] >> (0, 0, 1, 2)[3 - version if version else 3]
    kbps = (_MP3_KBPS_1 if version == 3 else _MP3_KBPS_2)[kbps_index]
    channels = 1 if frame[3] >> 6 == 3 else 2
    return AudioConfig("mp3", None, rate, channels, float(kbps) if kbps else None)
