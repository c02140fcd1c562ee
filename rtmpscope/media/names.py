"""Names of codecs, frame types and packet types; a name's place in its tuple is its code in columns.

Codec names are those that ffprobe prints. Sources: FLV 10.1, annex E.4.2 and E.4.3; Enhanced RTMP v2.
"""

from __future__ import annotations

KINDS = ("audio", "video")

CODECS = (
    "h264",
    "hevc",
    "vvc",
    "av1",
    "vp8",
    "vp9",
    "flv1",
    "flashsv",
    "flashsv2",
    "vp6f",
    "vp6a",
    "aac",
    "mp3",
    "opus",
    "flac",
    "ac3",
    "eac3",
    "speex",
    "nellymoser",
    "pcm_s16le",
    "pcm_u8",
    "pcm_alaw",
    "pcm_mulaw",
    "adpcm_swf",
    "mpeg4",
    "h263",
)
CODEC_CODES = {name: code for code, name in enumerate(CODECS)}

#: Video frame type 1 … 5 (UB[4], or UB[3] in the Enhanced header) → name; code is the number less one.
FRAME_TYPES = ("key", "inter", "disposable", "generated_key", "command")

PACKET_TYPES = (
    "sequence_start",
    "coded_frames",
    "sequence_end",
    "metadata",
    "mpeg2ts_sequence_start",
    "multitrack",
    "modex",
    "multichannel_config",
)
(
    SEQUENCE_START,
    CODED_FRAMES,
    SEQUENCE_END,
    METADATA,
    MPEG2TS_SEQUENCE_START,
    MULTITRACK,
    MODEX,
    MULTICHANNEL_CONFIG,
) = range(len(PACKET_TYPES))

#: CodecID of the legacy video header → codec. 12 is what some networks write for HEVC; 8, 9, 12 are not in FLV 10.1.
VIDEO_CODEC_IDS = {
    2: "flv1",
    3: "flashsv",
    4: "vp6f",
    5: "vp6a",
    6: "flashsv2",
    7: "h264",
    8: "h263",
    9: "mpeg4",
    12: "hevc",
}
#: Legacy codecs whose header goes on with a packet type and a composition time.
WITH_PACKET_TYPE = (7, 9, 12)
#: VP6: a byte that takes pixels off the size stands before the codec's bytes.
WITH_ADJUSTMENT = (4, 5)

#: SoundFormat of the legacy audio header → codec.
AUDIO_FORMATS = {
    0: "pcm_s16le",
    1: "adpcm_swf",
    2: "mp3",
    3: "pcm_s16le",
    4: "nellymoser",
    5: "nellymoser",
    6: "nellymoser",
    7: "pcm_alaw",
    8: "pcm_mulaw",
    10: "aac",
    11: "speex",
    14: "mp3",
}
AAC_FORMAT, ENHANCED_FORMAT = 10, 9

VIDEO_FOURCCS = {
    b"avc1": "h264",
    b"hvc1": "hevc",
    b"vvc1": "vvc",
    b"av01": "av1",
    b"vp08": "vp8",
    b"vp09": "vp9",
}
AUDIO_FOURCCS = {
    b"ac-3": "ac3",
    b"ec-3": "eac3",
    b"Opus": "opus",
    b".mp3": "mp3",
    b"fLaC": "flac",
    b"mp4a": "aac",
}

#: VideoPacketType of the Enhanced header → packet type; 3 is coded frames without a composition time.
ENHANCED_VIDEO = {
    0: SEQUENCE_START,
    1: CODED_FRAMES,
    2: SEQUENCE_END,
    3: CODED_FRAMES,
    4: METADATA,
    5: MPEG2TS_SEQUENCE_START,
    6: MULTITRACK,
    7: MODEX,
}
#: AudioPacketType of the Enhanced header → packet type.
ENHANCED_AUDIO = {
    0: SEQUENCE_START,
    1: CODED_FRAMES,
    2: SEQUENCE_END,
    4: MULTICHANNEL_CONFIG,
    5: MULTITRACK,
    7: MODEX,
}
#: Codecs whose Enhanced CodedFrames carry a composition time.
WITH_COMPOSITION_TIME = ("h264", "hevc", "vvc")
