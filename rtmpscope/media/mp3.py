"""Frame headers of MPEG audio, layer III (ISO/IEC 11172-3, 2.4.1.3; 13818-3) and AC-3 (ATSC A/52, 5.3 and E.2.2)."""

from __future__ import annotations

from rtmpscope.media.configs import AudioConfig

_RATES = (44100, 48000, 32000)
_VERSION_1, _LAYER_3 = 3, 1
#: Version bits → how often the rates of version 1 are halved: 0 is version 2.5, 2 is version 2.
_HALVED = {0: 2, 2: 1, 3: 0}
_KBPS_1 = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
_KBPS_2 = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)

_AC3_SYNC = b"\x0b\x77"
_AC3_RATES = (48000, 44100, 32000)
_AC3_KBPS = (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384, 448, 512, 576, 640)
_AC3_CHANNELS = (2, 1, 2, 3, 3, 4, 4, 5)
_EAC3 = 11


def mp3_frame(frame: bytes) -> AudioConfig | None:
    """Rate, channels and bitrate of a layer III frame; None if these bytes are none."""
    if len(frame) < 4 or frame[0] != 0xFF or frame[1] & 0xE0 != 0xE0:
        return None
    version, layer = frame[1] >> 3 & 3, frame[1] >> 1 & 3
    rate_index, kbps_index = frame[2] >> 2 & 3, frame[2] >> 4
    if version not in _HALVED or layer != _LAYER_3 or rate_index == 3 or kbps_index == 15:
        return None
    rate = _RATES[rate_index] >> _HALVED[version]
    kbps = (_KBPS_1 if version == _VERSION_1 else _KBPS_2)[kbps_index]
    channels = 1 if frame[3] >> 6 == 3 else 2
    return AudioConfig("mp3", None, rate, channels, float(kbps) if kbps else None, rate)


def ac3_frame(frame: bytes) -> AudioConfig | None:
    """Rate, channels and bitrate of an AC-3 or E-AC-3 frame; None if these bytes are none."""
    if len(frame) < 7 or not frame.startswith(_AC3_SYNC):
        return None
    return _eac3(frame) if frame[5] >> 3 >= _EAC3 else _ac3(frame)


def _ac3(frame: bytes) -> AudioConfig | None:
    rate_index, size = frame[4] >> 6, (frame[4] & 0x3F) >> 1
    if rate_index == 3 or size >= len(_AC3_KBPS):
        return None
    mode, bits = frame[6] >> 5, 3
    if mode & 1 and mode != 1:
        bits += 2  # centre mix level
    if mode & 4:
        bits += 2  # surround mix level
    if mode == 2:
        bits += 2  # Dolby surround mode
    lfe = frame[6] >> (7 - bits) & 1
    rate = _AC3_RATES[rate_index]
    return AudioConfig("ac3", None, rate, _AC3_CHANNELS[mode] + lfe, float(_AC3_KBPS[size]), rate)


def _eac3(frame: bytes) -> AudioConfig | None:
    rate_index, half_index = frame[4] >> 6, frame[4] >> 4 & 3
    if rate_index == 3 and half_index == 3:
        return None
    rate = _AC3_RATES[half_index] // 2 if rate_index == 3 else _AC3_RATES[rate_index]
    return AudioConfig("eac3", None, rate, _AC3_CHANNELS[frame[4] >> 1 & 7] + (frame[4] & 1), None, rate)
