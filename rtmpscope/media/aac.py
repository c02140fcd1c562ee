"""AAC: the AudioSpecificConfig (ISO/IEC 14496-3, 1.6.2.1), with SBR and PS signalled in either way.

SBR (spectral band replication, HE-AAC) doubles the sample rate of a core; PS (parametric stereo, HE-AACv2)
makes a mono core stereo. Both are told by the object type itself (5, 29), or behind the core's own
configuration, or not at all: then only the frames know, and the core is what is reported.
"""

from __future__ import annotations

from rtmpscope.frozen import frozen
from rtmpscope.media.bits import BitReader, FieldReader
from rtmpscope.media.configs import AudioConfig
from rtmpscope.wire import DecodeError, Field, Truncated

_RATES = (96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350)
_OWN_RATE = 15
_CHANNELS = (None, 1, 2, 3, 4, 5, 6, 8, None, None, None, 7, 8, 24, 8)
_PROFILES = {1: "Main", 2: "LC", 3: "SSR", 4: "LTP", 23: "LD", 39: "ELD", 42: "xHE-AAC"}
_SBR, _PS, _BSAC = 5, 29, 22
_EXTENSIONS = {_SBR: "SBR", _PS: "PS"}
_SYNC_SBR, _SYNC_PS = 0x2B7, 0x548
#: Object types whose own configuration is a GASpecificConfig.
_GENERAL = frozenset((1, 2, 3, 4, 6, 7, 17, 19, 20, 21, 22, 23))
_SCALABLE = (6, 20)
_RESILIENT = (17, 19, 20, 23)


@frozen
class AudioSpecificConfig:
    """What an AudioSpecificConfig says.

    Attributes:
        object_type: of the core: 2 is LC.
        sample_rate: of the core, in Hz.
        channels: of the core; None where reserved.
        sbr, ps: spectral band replication and parametric stereo; None where not signalled.
        extension_rate: sample rate with SBR.
    """

    object_type: int
    sample_rate: int
    channels: int | None
    sbr: bool | None = None
    ps: bool | None = None
    extension_rate: int | None = None


def decode_audio_specific_config(data: bytes) -> AudioSpecificConfig:
    """Decode an AudioSpecificConfig.

    Raises:
        DecodeError: it is cut short or uses reserved values.
    """
    return _read(BitReader(data))


def audio_specific_config_fields(data: bytes) -> tuple[Field, ...]:
    """The fields of an AudioSpecificConfig; where it is malformed, those before it."""
    reader = FieldReader(data)
    try:
        _read(reader)
    except DecodeError as error:
        reader.note_rest(error)
    return tuple(reader.fields)


def in_words(name: str, value: int) -> str:
    """What the number of an AudioSpecificConfig field says; empty where it speaks for itself."""
    if name == "audioObjectType":
        return _EXTENSIONS.get(value) or _PROFILES.get(value, "")
    if name.lower().endswith("samplingfrequencyindex"):
        return f"{_RATES[value]} Hz" if value < len(_RATES) else "in full"
    if name == "channelConfiguration" and value < len(_CHANNELS):
        return f"channels: {_CHANNELS[value] or 'reserved'}" if value else "in a program config element"
    return ""


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
    return AudioConfig("aac", profile, rate, channels, core_sample_rate=config.sample_rate)


def _read(bits: BitReader) -> AudioSpecificConfig:
    object_type = _object_type(bits)
    rate = _rate(bits, "samplingFrequencyIndex")
    index = bits.u(4, "channelConfiguration")
    channels = _CHANNELS[index] if index < len(_CHANNELS) else None
    if object_type in (_SBR, _PS):
        ps = True if object_type == _PS else None
        extension_rate = _rate(bits, "extensionSamplingFrequencyIndex")
        object_type = _object_type(bits)
        if object_type == _BSAC:
            bits.u(4, "extensionChannelConfiguration")
        return AudioSpecificConfig(object_type, rate, channels, True, ps, extension_rate)
    core = AudioSpecificConfig(object_type, rate, channels)
    return _read_general(bits, core, index) if object_type in _GENERAL else core


def _read_general(bits: BitReader, core: AudioSpecificConfig, channel_index: int) -> AudioSpecificConfig:
    """GASpecificConfig (4.4.1), then the backward compatible signalling of SBR and PS."""
    object_type, channels = core.object_type, core.channels
    try:
        bits.flag("frameLengthFlag")
        if bits.flag("dependsOnCoreCoder"):
            bits.u(14, "coreCoderDelay")
        extended = bits.flag("extensionFlag")
        if channel_index == 0:
            channels = _read_program(bits)
        if object_type in _SCALABLE:
            bits.u(3, "layerNr")
        if extended:
            _read_extension(bits, object_type)
        if object_type in _RESILIENT or object_type == _BSAC:
            bits.u(2, "epConfig")
    except Truncated:
        if channel_index == 0:
            raise
        return core  # what decoders need stands before; some encoders write no more
    sbr, ps, rate = _read_backward_compatible(bits)
    return AudioSpecificConfig(object_type, core.sample_rate, channels, sbr, ps, rate)


def _read_extension(bits: BitReader, object_type: int) -> None:
    if object_type == _BSAC:
        bits.u(5, "numOfSubFrame")
        bits.u(11, "layer_length")
    if object_type in _RESILIENT:
        bits.flag("aacSectionDataResilienceFlag")
        bits.flag("aacScalefactorDataResilienceFlag")
        bits.flag("aacSpectralDataResilienceFlag")
    bits.flag("extensionFlag3")


def _read_program(bits: BitReader) -> int:
    """A program_config_element (4.4.1.1): the number of channels when no standard configuration has them."""
    bits.u(4, "element_instance_tag")
    bits.u(2, "object_type")
    bits.u(4, "sampling_frequency_index")
    front, side, back = (bits.u(4, f"num_{place}_channel_elements") for place in ("front", "side", "back"))
    lfe = bits.u(2, "num_lfe_channel_elements")
    data = bits.u(3, "num_assoc_data_elements")
    coupling = bits.u(4, "num_valid_cc_elements")
    for name, size in (("mono_mixdown", 4), ("stereo_mixdown", 4), ("matrix_mixdown", 3)):
        if bits.flag(f"{name}_present"):
            bits.u(size, name)
    channels = lfe
    for _ in range(front + side + back):
        channels += 2 if bits.flag("element_is_cpe") else 1
        bits.u(4, "element_tag_select")
    for _ in range(lfe + data):
        bits.u(4, "element_tag_select")
    for _ in range(coupling):
        bits.u(5, "cc_element")
    bits.align()
    for _ in range(bits.u(8, "comment_field_bytes")):
        bits.u(8, "comment_field_data")
    return channels


def _read_backward_compatible(bits: BitReader) -> tuple[bool | None, bool | None, int | None]:
    """SBR and PS signalled behind the core's own configuration."""
    if bits.left < 16 or bits.peek(11) != _SYNC_SBR:
        return None, None, None
    bits.u(11, "syncExtensionType")
    if _object_type(bits) != _SBR:
        return None, None, None
    if not bits.left or not bits.flag("sbrPresentFlag"):
        return False, None, None
    rate = _rate(bits, "extensionSamplingFrequencyIndex")
    if bits.left < 12 or bits.peek(11) != _SYNC_PS:
        return True, None, rate
    bits.u(11, "syncExtensionType")
    return True, bits.flag("psPresentFlag"), rate


def _object_type(bits: BitReader) -> int:
    number = bits.u(5, "audioObjectType")
    return 32 + bits.u(6, "audioObjectTypeExt") if number == 31 else number


def _rate(bits: BitReader, name: str) -> int:
    index = bits.u(4, name)
    if index < len(_RATES):
        return _RATES[index]
    if index != _OWN_RATE:
        raise bits.malformed(name, f"{index} is reserved")
    rate = bits.u(24, name.removesuffix("Index"))
    if not rate:
        raise bits.malformed(name.removesuffix("Index"), "a sample rate of 0")
    return rate
