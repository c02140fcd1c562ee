"""Bodies of audio and video messages with what their headers say; the same cases serve every test of headers."""

from __future__ import annotations

from typing import NamedTuple


class Case(NamedTuple):
    """A body in hex and its header: codec, frame type, packet type name, composition time, size, track."""

    name: str
    body: str
    codec: str | None
    frame_type: int
    packet_type: str
    cts: int
    size: int
    track: int = 0


AVC1, HVC1, AV01, VP09 = "61766331", "68766331", "61763031", "76703039"
OPUS, MP4A, FLAC = "4f707573", "6d703461", "664c6143"

VIDEO = (
    Case("AVC configuration", "1700000000 0164", "h264", 1, "sequence_start", 0, 5),
    Case("AVC key frame", "1701000021 00000001", "h264", 1, "coded_frames", 33, 5),
    Case("AVC frame shown before it is decoded", "2701ffffdf 65", "h264", 2, "coded_frames", -33, 5),
    Case("the most negative composition time", "2701800000", "h264", 2, "coded_frames", -8388608, 5),
    Case("AVC end of sequence", "1702000000", "h264", 1, "sequence_end", 0, 5),
    Case("HEVC under the legacy number 12", "1c01000000 26", "hevc", 1, "coded_frames", 0, 5),
    Case("MPEG-4 part 2", "1901000010 00", "mpeg4", 1, "coded_frames", 16, 5),
    Case("Sorenson H.263", "2200008400", "flv1", 2, "coded_frames", 0, 1),
    Case("disposable Sorenson H.263", "32", "flv1", 3, "coded_frames", 0, 1),
    Case("VP6 with its adjustment byte", "1400 78", "vp6f", 1, "coded_frames", 0, 2),
    Case("VP6 with alpha", "2512000010", "vp6a", 2, "coded_frames", 0, 2),
    Case("screen video", "13", "flashsv", 1, "coded_frames", 0, 1),
    Case("screen video 2", "46", "flashsv2", 4, "coded_frames", 0, 1),
    Case("seek command, on a codec with packet types", "5700", "h264", 5, "coded_frames", 0, 1),
    Case("unknown codec", "1f00", None, 1, "coded_frames", 0, 1),
    Case("reserved frame type", "0201", "flv1", 0, "coded_frames", 0, 1),
    Case("Enhanced HEVC configuration", "90" + HVC1 + "01", "hevc", 1, "sequence_start", 0, 5),
    Case("Enhanced HEVC with composition time", "91" + HVC1 + "ffffff", "hevc", 1, "coded_frames", -1, 8),
    Case("Enhanced AVC without composition time", "a3" + AVC1 + "0000", "h264", 2, "coded_frames", 0, 5),
    Case("AV1 never has a composition time", "91" + AV01 + "120000", "av1", 1, "coded_frames", 0, 5),
    Case("VP9 end", "92" + VP09, "vp9", 1, "sequence_end", 0, 5),
    Case("colour information", "94" + HVC1 + "02", "hevc", 1, "metadata", 0, 5),
    Case("metadata ignores the frame type", "d4" + HVC1, "hevc", 5, "metadata", 0, 5),
    Case("MPEG-2 TS configuration", "95" + AV01, "av1", 1, "mpeg2ts_sequence_start", 0, 5),
    Case("unknown FourCC", "91" + "78787878" + "00", None, 1, "coded_frames", 0, 5),
    Case("Enhanced command has no FourCC", "d100", None, 5, "coded_frames", 0, 1),
    Case("nanoseconds before the packet", "97 02 000102 01" + AVC1 + "000005", "h264", 1, "coded_frames", 5, 13),
    Case("two extensions", "a7 00 aa 17 01 bbcc 13" + HVC1, "hevc", 2, "coded_frames", 0, 12),
    Case("extension of 16 bits size", "97 ff 0001 aabb 03" + AVC1, "h264", 1, "coded_frames", 0, 11),
    Case("one track", "96 01" + AVC1 + "02 000007 aa", "h264", 1, "coded_frames", 7, 10, 2),
    Case("configuration of one track", "96 00" + HVC1 + "01 01", "hevc", 1, "sequence_start", 0, 7, 1),
    Case("many tracks", "a6 11" + AVC1 + "00 000003 aabbcc", None, 2, "multitrack", 0, 2),
    Case("many tracks, many codecs", "a6 21" + AVC1 + "00 000003 aabbcc", None, 2, "multitrack", 0, 2),
)

AUDIO = (
    Case("silence", "", None, 0, "coded_frames", 0, 0),
    Case("AAC configuration", "af00 1190", "aac", 0, "sequence_start", 0, 2),
    Case("AAC frame", "af01 21", "aac", 0, "coded_frames", 0, 2),
    Case("MP3", "2f fffb9064", "mp3", 0, "coded_frames", 0, 1),
    Case("MP3 at 8 kHz", "e2 ffe3", "mp3", 0, "coded_frames", 0, 1),
    Case("Speex", "b2 00", "speex", 0, "coded_frames", 0, 1),
    Case("Nellymoser 16 kHz", "4e", "nellymoser", 0, "coded_frames", 0, 1),
    Case("Nellymoser", "6a", "nellymoser", 0, "coded_frames", 0, 1),
    Case("A-law", "70", "pcm_alaw", 0, "coded_frames", 0, 1),
    Case("mu-law", "8a ff", "pcm_mulaw", 0, "coded_frames", 0, 1),
    Case("ADPCM", "1f", "adpcm_swf", 0, "coded_frames", 0, 1),
    Case("PCM 16 bits", "3e", "pcm_s16le", 0, "coded_frames", 0, 1),
    Case("PCM 8 bits", "3c", "pcm_u8", 0, "coded_frames", 0, 1),
    Case("device specific", "f0", None, 0, "coded_frames", 0, 1),
    Case("format 13 is no Enhanced header", "d0 00", None, 0, "coded_frames", 0, 1),
    Case("Opus configuration", "90" + OPUS + "4f70757348656164", "opus", 0, "sequence_start", 0, 5),
    Case("Opus frame", "91" + OPUS + "fc", "opus", 0, "coded_frames", 0, 5),
    Case("audio never has a composition time", "91" + MP4A + "210011", "aac", 0, "coded_frames", 0, 5),
    Case("FLAC end", "92" + FLAC, "flac", 0, "sequence_end", 0, 5),
    Case("channel layout", "94" + OPUS + "0102", "opus", 0, "multichannel_config", 0, 5),
    Case("one audio track", "95 01" + OPUS + "03 fc", "opus", 0, "coded_frames", 0, 7, 3),
    Case("many audio tracks", "95 11" + OPUS + "03", None, 0, "multitrack", 0, 2),
    Case("audio extension", "97 02 00ffff 01" + MP4A, "aac", 0, "coded_frames", 0, 10),
)

#: Bodies that are no header, and the field that says so.
BAD_VIDEO = (
    ("", "video tag header"),
    ("17", "AVC packet type"),
    ("1703000000", "AVC packet type"),
    ("17010000", "composition time"),
    ("14", "VP6 size adjustment"),
    ("98" + AVC1, "packet type"),
    ("91617663", "FourCC"),
    ("91" + AVC1 + "0000", "composition time"),
    ("97", "ModEx size"),
    ("97ff00", "ModEx size"),
    ("970100", "ModEx data"),
    ("970000", "ModEx type"),
    ("96", "multitrack type"),
    ("9631" + AVC1, "multitrack type"),
    ("9606" + AVC1, "packet type"),
    ("9607" + AVC1, "packet type"),
    ("9601" + AVC1, "track id"),
)
BAD_AUDIO = (
    ("af", "AAC packet type"),
    ("af02", "AAC packet type"),
    ("93" + OPUS, "packet type"),
    ("914f70", "FourCC"),
    ("9505" + OPUS, "packet type"),
    ("9501" + OPUS, "track id"),
)


class VideoRecord(NamedTuple):
    """A configuration record in hex, written by an encoder whose settings are the expectation."""

    name: str
    record: str
    profile: str
    level: str
    width: int
    height: int
    fps: float | None


AVC_RECORDS = (
    VideoRecord(
        "1080 lines are 1088 cropped",
        "01640028ffe1001b67640028acd940780227e5c044000003000400000300f03c60c65801000668ebe3cb22c0fdf8f800",
        *("High", "4.0", 1920, 1080, 30.0),
    ),
    VideoRecord(
        "baseline with its constraint is constrained",
        "0142c01effe100196742c01ed900a02ff97011000003000100000300320f162e4801000568cb83cb20",
        *("Constrained Baseline", "3.0", 640, 360, 25.0),
    ),
    VideoRecord(
        "frame rate of NTSC, cropped on both sides",
        "014d401fffe10018674d401feca02802df55808800001f480007530078c18cb001000568ebe3cb20",
        *("Main", "3.1", 1278, 718, 30000 / 1001),
    ),
    VideoRecord(
        "4:2:2 crops in other units",
        "017a0015ffe1001b677a0015b6cd941519e222f011000003000100000300780f162d9601000668ebe3cb22c0fefafa00",
        *("High 4:2:2", "2.1", 322, 182, 60.0),
    ),
    VideoRecord(
        "4:4:4",
        "01f4000dffe1001967f4000d919b28283f6022000003000200000300601e28532c01000668ebe3c44844fff8f800",
        *("High 4:4:4 Predictive", "1.3", 320, 240, 24.0),
    ),
    VideoRecord(
        "10 bits",
        "016e000dffe1001b676e000da6cd94150878888c0440000003004000000c03c50a658001000668ebe3cb22c0fdfafa00",
        *("High 10", "1.3", 322, 242, 24.0),
    ),
    VideoRecord(
        "intra only",
        "016e100dffe10018676e100da6cb82a10f11118088000003000800000301802001000568ee0f2c8bfdfafa00",
        *("High 10 Intra", "1.3", 322, 242, 24.0),
    ),
    VideoRecord(
        "interlaced",
        "0164001effe100186764001eacd940b424d8088000000300800000190f8a14cb01000668fba3cb22c0fdf8f800",
        *("High", "3.0", 720, 576, 25.0),
    ),
    VideoRecord(
        "grey",
        "0164000affe100196764000af3650b13b016c8000003000800000300f078912cb001000668ebe3cb22c0fcf8f800",
        *("High", "1.0", 176, 144, 15.0),
    ),
    VideoRecord(
        "colours, overscan, own aspect ratio before the timing",
        "0164001effe1001f6764001eacd940a02ff970ef7010101a5000000300100000030320f162d96001000668ebe3cb22c0fdf8f800",
        *("High", "3.0", 640, 360, 25.0),
    ),
)

HEVC_RECORDS = (
    VideoRecord(
        "HEVC cropped",
        "0101600000009000000000005df000fcfdf8f800000f03a00001001840010c01ffff01600000030090000003000003005d959809"
        "a10001002c42010101600000030090000003000003005da00280802d1d565959a4932bc05a020000030002000003003c10a20001"
        "00074401c172b46240",
        *("Main", "3.1", 1278, 718, None),
    ),
    VideoRecord(
        "HEVC of 10 bits",
        "0102200000009000000000003ff000fcfdfafa00000f03a00001001840010c01ffff02200000030090000003000003003f959809"
        "a10001002b42010102200000030090000003000003003fa005020169365959a4932bc05a020000030002000003003210a2000100"
        "074401c172b46240",
        *("Main 10", "2.1", 640, 360, None),
    ),
)

AV1_RECORDS = (
    VideoRecord("AV1", "81050c000a0b0000002d4cfdb3402f8004", "Main", "3.1", 1278, 718, None),
    VideoRecord("AV1 4:4:4", "812500000a0e2000002d4cfdb34daf92021a0040", "High", "3.1", 1278, 718, None),
)


class AudioRecord(NamedTuple):
    """An AudioSpecificConfig in hex and the output it promises."""

    name: str
    record: str
    profile: str
    sample_rate: int
    channels: int
    core_sample_rate: int


AAC_RECORDS = (
    AudioRecord("48 kHz stereo", "1190", "LC", 48000, 2, 48000),
    AudioRecord("44.1 kHz stereo", "1210", "LC", 44100, 2, 44100),
    AudioRecord("44.1 kHz mono", "1208", "LC", 44100, 1, 44100),
    AudioRecord("5.1, SBR signalled absent", "11b056e500", "LC", 48000, 6, 48000),
    AudioRecord("configuration 7 is eight channels", "123856e500", "LC", 44100, 8, 44100),
    AudioRecord(
        "channels in a program config element",
        "118004c4010020000d4c61766335392e33372e31303056e500",
        *("LC", 48000, 3, 48000),
    ),
    AudioRecord("frequency in full", "17805dc008", "LC", 48000, 1, 48000),
    AudioRecord("AAC Main", "0a10", "Main", 44100, 2, 44100),
    AudioRecord("HE-AAC by object type", "2b920800", "HE-AAC", 44100, 2, 22050),
    AudioRecord("HE-AAC behind the core", "139056e5a0", "HE-AAC", 44100, 2, 22050),
    AudioRecord("HE-AACv2 by object type", "eb098800", "HE-AACv2", 48000, 2, 24000),
    AudioRecord("HE-AACv2 behind the core", "138856e5a54880", "HE-AACv2", 44100, 2, 22050),
    AudioRecord("not signalled is the core", "1310", "LC", 24000, 2, 24000),
)
