"""Senders that several captures share."""

from __future__ import annotations

from collections.abc import Sequence

from .network import SERVER_V4


def url(key: str, host: str = SERVER_V4) -> str:
    """The address of a stream."""
    return f"rtmp://{host}/live/{key}"


def publisher(
    seconds: float, target: str, *options: str, video: Sequence[str] = (), audio: Sequence[str] = ()
) -> list[str]:
    """An ffmpeg that publishes a test picture and a tone in real time."""
    video = video or ("-c:v", "libx264", "-preset", "veryfast", "-b:v", "220k", "-g", "50", "-pix_fmt", "yuv420p")
    audio = audio or ("-c:a", "aac", "-b:a", "48k", "-ar", "44100", "-ac", "2")
    sources = ["-re", "-f", "lavfi", "-i", "testsrc2=size=320x240:rate=25", "-re", "-f", "lavfi", "-i"]
    sources += ["sine=frequency=440:sample_rate=44100"]
    return [
        *("ffmpeg", "-hide_banner", "-loglevel", "error", *sources, "-t", str(seconds)),
        *(*video, *audio, *options, "-f", "flv", target),
    ]


def small(seconds: float, key: str) -> list[str]:
    """A publisher with a small picture and a low bitrate."""
    video = ("-c:v", "libx264", "-preset", "veryfast", "-b:v", "60k", "-g", "20", "-s", "160x120", "-r", "10")
    audio = ("-c:a", "aac", "-b:a", "24k", "-ar", "22050", "-ac", "1")
    return publisher(seconds, url(key), video=(*video, "-pix_fmt", "yuv420p"), audio=audio)


def rtmpdump(key: str, out: str, *options: str) -> list[str]:
    """A player that keeps what it gets."""
    return ["rtmpdump", "--quiet", "--live", *options, "-r", url(key), "-o", out]
