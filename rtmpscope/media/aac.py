"""AAC: the AudioSpecificConfig (ISO/IEC 14496-3, 1.6.2.1), with SBR and PS signalled in either way."""

from __future__ import annotations

from dataclasses import dataclass

from rtmpscope.media.bits import BitReader
from rtmpscope.media.configs import AudioConfig
from rtmpscope.wire import DecodeError

_RATES = (96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350)
_OWN_RATE = 15
_CHANNELS = (None, 1, 2, 3, 4, 5, 6, 8, None, None, None, 7, 8, 24, 8)
_PROFILES = {1: "Main", 2: "LC", 3: "SSR", 4: "LTP", 23: "LD", 39: "ELD", 42: "xHE-AAC"}
_SBR, _PS = 5, 29
_SYNC_SBR, _SYNC_PS = 0x2B7, 0x548
#: Object types whose own configuration is a GASpecificConfig.
_GENERAL = frozenset((1, 2, 3, 4, 6, 7, 17, 19, 20, 21, 22, 23))


@dataclass(frozen=True, slots=True)
class AudioSpecificConfig:
    """What an AudioSpecificConfig says.

    Attributes:
        object_type: of the core: 2 is LC.
        sample_rate: of the core, in Hz.
        channels: by the channel configuration; None where the bitstream itself says it.
        sbr, ps: spectral band replication and parametric stereo; None where not signalled.
        extension_rate: sample rate with SBR.
    """

    object_type: int
    sample_rate: int
    channels: int | None
    sbr: bool | None
    ps: bool | None
    extension_rate: int | None


def decode_audio_specific_config(data: bytes) -> AudioSpecificConfig:
    """Decode an AudioSpecificConfig.

    Raises:
        DecodeError: it is cut short or uses reserved values.
    """
    bits = BitReader(data)
    object_type = _object_type(bits)
    rate = _rate(bits)
    channels = _channels(bits)
    sbr, ps, extension_rate = None, None, None
    if object_type in (_SBR, _PS):
        sbr, ps = True, True if object_type == _PS else None
        extension_rate = _rate(bits)
        object_type = _object_type(bits)
    elif object_type in _GENERAL:
        sbr, ps, extension_rate = _backward_compatible(bits)
    return AudioSpecificConfig(object_type, rate, channels, sbr, ps, extension_rate)


def aac_config(data: bytes) -> AudioConfig:
    """Profile, sample rate and channels of the output.

    Raises:
        DecodeError: the AudioSpecificConfig is malformed.
    """
    config = decode_audio_specific_config(data)
    profile = _PROFILES.get(config.object_type, f"object type {config.object_type}")
    channels = config.channels
    if config.ps:
        profile, channels = "HE-AACv2", 2
    elif config.sbr:
        profile = "HE-AAC"
    rate = config.extension_rate if config.sbr and config.extension_rate else config.sample_rate
    return AudioConfig("aac", profile, rate, channels)


def _object_type(bits: BitReader) -> int:
    number = bits.u(5, "audioObjectType")
    return 32 + bits.u(6, "audioObjectTypeExt") if number == 31 else number


def _rate(bits: BitReader) -> int:
    index = bits.u(4, "samplingFrequencyIndex")
    if index == _OWN_RATE:
        return bits.u(24, "samplingFrequency")
    if index >= len(_RATES):
        raise DecodeError(bits.position // 8, "samplingFrequencyIndex", f"{index} is reserved")
    return _RATES[index]


def _channels(bits: BitReader) -> int | None:
    index = bits.u(4, "channelConfiguration")
    return _CHANNELS[index] if index < len(_CHANNELS) else None


def _backward_compatible(bits: BitReader) -> tuple[bool | None, bool | None, int | None]:
    """SBR and PS signalled behind the core's own configuration, which is three bits at least."""
    if bits.left < 3:
        return None, None, None
    bits.u(1, "frameLengthFlag")
    if bits.flag("dependsOnCoreCoder"):
        return None, None, None
    bits.flag("extensionFlag")
    if bits.left < 16 or bits.u(11, "syncExtensionType") != _SYNC_SBR or _object_type(bits) != _SBR:
        return None, None, None
    if not bits.flag("sbrPresentFlag"):
        return False, None, None
    rate = _rate(bits)
    if bits.left >= 12 and bits.u(11, "syncExtensionType") == _SYNC_PS:
        return True, bits.flag("psPresentFlag"), rate
    return True, None, rate
