from __future__ import annotations

import pytest

from rtmpscope.media import audio_frame, video_picture

PICTURES = (
    ("custom size of 16 bits", "flv1", "12 0000 8400 80a1 0079 12a6", (322, 242)),
    ("custom size of 8 bits", "flv1", "12 0000 8400 3c1e 00", (120, 60)),
    ("CIF", "flv1", "12 0000 8401 12a6", (352, 288)),
    ("320 by 240", "flv1", "12 0000 8402 92a6", (320, 240)),
    ("screen video", "flashsv", "13 3140 30f0", (320, 240)),
    ("screen video 2", "flashsv2", "16 3142 30f2", (322, 242)),
    ("VP6, simple profile", "vp6f", "14 00 78 30 0100 0f14 0f14", (320, 240)),
    ("VP6, advanced profile", "vp6f", "14 00 78 36 0f14 0f14", (320, 240)),
    ("VP6 less its adjustment", "vp6f", "14 28 78 36 0f14 0f14", (318, 232)),
    ("VP6 with alpha", "vp6a", "15 00 000010 78 36 0f14 0f14", (320, 240)),
)
NO_PICTURES = (
    ("inter frame of VP6", "vp6f", "24 00 f8 36 0f14 0f14"),
    ("reserved size", "flv1", "12 0000 8403 92a6"),
    ("no start code", "flv1", "12 8000 8402 92a6"),
    ("cut", "flv1", "12 0000"),
    ("cut", "vp6f", "14 00 78 36 0f"),
    ("nothing", "flv1", ""),
    ("Enhanced", "flv1", "91 00008402 92a6"),
    ("another codec", "h264", "1701000000 000084029 2a6"),
    ("no width", "flashsv", "13 3000 30f0"),
)
FRAMES = (
    ("MP3", "mp3", "2f fffb9264", (44100, 2, 128.0)),
    ("MP3, MPEG-2, mono", "mp3", "2a fff342c4", (22050, 1, 32.0)),
    ("MP3, MPEG-2.5", "mp3", "e2 ffe340c4", (11025, 1, 32.0)),
    ("MP3 of free bitrate", "mp3", "2f fffb0264", (44100, 2, None)),
    ("Enhanced MP3", "mp3", "91 2e6d7033 fffb9264", (44100, 2, 128.0)),
    ("AC-3 5.1", "ac3", "91 61632d33 0b7746b31e40ebf8", (48000, 6, 448.0)),
    ("E-AC-3", "eac3", "91 65632d33 0b77017f3487c000", (48000, 2, None)),
    ("Opus", "opus", "91 4f707573 fc", (48000, 2, None)),
    ("Speex", "speex", "b6", (16000, 1, None)),
    ("Nellymoser 16 kHz", "nellymoser", "4f", (16000, 1, None)),
    ("Nellymoser 8 kHz", "nellymoser", "5f", (8000, 1, None)),
    ("Nellymoser by the header", "nellymoser", "66", (11025, 1, None)),
    ("A-law", "pcm_alaw", "72", (8000, 1, None)),
    ("mu-law", "pcm_mulaw", "83", (8000, 2, None)),
    ("PCM", "pcm_s16le", "3f", (44100, 2, None)),
    ("ADPCM", "adpcm_swf", "12", (5512, 1, None)),
)
NO_FRAMES = (
    ("rate bits mean nothing for AAC", "aac", "af01 21"),
    ("no rate bits in an Enhanced header", "flac", "91 664c6143 fff8"),
    ("layer II", "mp3", "2f fffd9264"),
    ("reserved version", "mp3", "2f ffeb9264"),
    ("cut", "mp3", "2f fffb"),
    ("no sync word", "ac3", "91 61632d33 0b7846b31e40ebf8"),
    ("silence", "mp3", ""),
    ("cut header", "opus", "91 4f"),
)


@pytest.mark.parametrize(("codec", "head", "size"), [case[1:] for case in PICTURES], ids=[case[0] for case in PICTURES])
def test_a_keyframe_tells_its_size(codec: str, head: str, size: tuple[int, int]) -> None:
    config = video_picture(codec, bytes.fromhex(head))
    assert config is not None
    assert (config.codec, config.width, config.height) == (codec, *size)


@pytest.mark.parametrize(("codec", "head"), [case[1:] for case in NO_PICTURES], ids=[case[0] for case in NO_PICTURES])
def test_other_bytes_tell_no_size(codec: str, head: str) -> None:
    assert video_picture(codec, bytes.fromhex(head.replace(" ", ""))) is None


@pytest.mark.parametrize(("codec", "head", "facts"), [case[1:] for case in FRAMES], ids=[case[0] for case in FRAMES])
def test_a_frame_tells_rate_channels_and_bitrate(codec: str, head: str, facts: tuple[int, int, float | None]) -> None:
    config = audio_frame(codec, bytes.fromhex(head))
    assert config is not None
    assert (config.codec, config.sample_rate, config.channels, config.kbps) == (codec, *facts)


@pytest.mark.parametrize(("codec", "head"), [case[1:] for case in NO_FRAMES], ids=[case[0] for case in NO_FRAMES])
def test_other_bytes_tell_nothing(codec: str, head: str) -> None:
    assert audio_frame(codec, bytes.fromhex(head)) is None
