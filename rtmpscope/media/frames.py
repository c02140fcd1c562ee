"""What an audio frame says of its track, for codecs without a configuration record."""

from __future__ import annotations

from rtmpscope.media.configs import AudioConfig
from rtmpscope.media.headers import decode_audio
from rtmpscope.media.mp3 import ac3_frame, mp3_frame
from rtmpscope.media.names import AAC_FORMAT, ENHANCED_FORMAT
from rtmpscope.wire import DecodeError

_FLV_RATES = (5512, 11025, 22050, 44100)
#: SoundFormat → rate and channels that it fixes; the header's own bits count for the rest.
_FIXED: dict[int, tuple[int, int | None]] = {
    4: (16000, 1),
    5: (8000, 1),
    7: (8000, None),
    8: (8000, None),
    11: (16000, 1),
}
_OPUS_RATE = 48000


def audio_frame(codec: str, head: bytes) -> AudioConfig | None:
    """Rate and channels that an audio frame tells; None where it tells nothing (AAC, FLAC, cut frames).

    Args:
        codec: name of the codec.
        head: first bytes of the body, tag header included; 32 are enough.
    """
    if not head:
        return None
    try:
        frame = head[decode_audio(head).size :]
    except DecodeError:
        return None
    if codec == "mp3":
        return mp3_frame(frame)
    if codec in ("ac3", "eac3"):
        return ac3_frame(frame)
    if codec == "opus":
        return _opus(frame)
    form = head[0] >> 4
    return None if form in (AAC_FORMAT, ENHANCED_FORMAT) else _from_tag(codec, form, head[0])


def _from_tag(codec: str, form: int, first: int) -> AudioConfig:
    """Rate and channels by the bits of the tag header (FLV 10.1, E.4.2.1)."""
    rate, fixed = _FIXED.get(form, (_FLV_RATES[first >> 2 & 3], None))
    return AudioConfig(codec, None, rate, fixed or 1 + (first & 1), core_sample_rate=rate)


def _opus(frame: bytes) -> AudioConfig | None:
    """The TOC byte of an Opus packet (RFC 6716, 3.1) tells mono or stereo."""
    return (
        AudioConfig("opus", None, _OPUS_RATE, 1 + (frame[0] >> 2 & 1), core_sample_rate=_OPUS_RATE) if frame else None
    )
