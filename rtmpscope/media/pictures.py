"""Sizes that stand in the frames themselves, for video codecs without a configuration record."""

from __future__ import annotations

from rtmpscope.media.bits import BitReader
from rtmpscope.media.configs import VideoConfig
from rtmpscope.wire import DecodeError

_FLV1_SIZES = {2: (352, 288), 3: (176, 144), 4: (128, 96), 5: (320, 240), 6: (160, 120)}


def video_picture(codec: str, head: bytes) -> VideoConfig | None:
    """Size of a keyframe of Sorenson H.263, VP6 or screen video; None where it is not told.

    Args:
        codec: name of the codec.
        head: first bytes of the body, tag header included; 32 are enough.
    """
    try:
        size = _size(codec, head)
    except DecodeError:
        return None
    if size is None or min(size) <= 0:
        return None
    return VideoConfig(codec, width=size[0], height=size[1])


def _size(codec: str, head: bytes) -> tuple[int, int] | None:
    if not head or head[0] & 0x80:
        return None
    if codec == "flv1":
        return _flv1(BitReader(head[1:], 1))
    if codec in ("vp6f", "vp6a"):
        return _vp6(head[1:2], head[5:] if codec == "vp6a" else head[2:])
    if codec in ("flashsv", "flashsv2"):
        return _screen(BitReader(head[1:], 1))
    return None


def _flv1(bits: BitReader) -> tuple[int, int] | None:
    """The picture header of Sorenson H.263 (FLV 10.1, E.4.3.2)."""
    if bits.u(17, "PictureStartCode") != 1:
        return None
    bits.u(5, "Version")
    bits.u(8, "TemporalReference")
    size = bits.u(3, "PictureSize")
    if size > 1:
        return _FLV1_SIZES.get(size)
    width = 8 if size == 0 else 16
    return bits.u(width, "CustomWidth"), bits.u(width, "CustomHeight")


def _vp6(adjustment: bytes, frame: bytes) -> tuple[int, int] | None:
    """The frame header of VP6: size in macroblocks, less the adjustment in the tag (FLV 10.1, E.4.3.4)."""
    if len(frame) < 4 or frame[0] & 0x80:
        return None
    # A partition offset of two bytes precedes the size, except in the advanced profile with one partition.
    at = 4 if frame[0] & 1 or not frame[1] & 6 else 2
    if len(frame) < at + 2:
        return None
    return 16 * frame[at + 1] - (adjustment[0] >> 4), 16 * frame[at] - (adjustment[0] & 15)


def _screen(bits: BitReader) -> tuple[int, int]:
    """The frame header of screen video (FLV 10.1, E.4.3.3)."""
    bits.u(4, "BlockWidth")
    width = bits.u(12, "ImageWidth")
    bits.u(4, "BlockHeight")
    return width, bits.u(12, "ImageHeight")
