"""Sessions that go well: ffmpeg publishes to nginx, and rtmpdump or ffmpeg play."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence

from .network import SERVER_V6
from .senders import publisher, rtmpdump, url
from .stage import Stage, Truth, finish, stop, wait_at_most


def publish_h264_aac(stage: Stage) -> list[Truth]:
    """One publisher, from connect to deleteStream."""
    stage.nginx()
    stage.run(stage.net.client, *publisher(6, url("demo-key")))
    return [Truth(stage.recorded("demo-key"), "publish", "demo-key")]


def publish_flv1_mp3(stage: Stage) -> list[Truth]:
    """Sorenson H.263 and MP3."""
    stage.nginx()
    old = {"video": ("-c:v", "flv", "-b:v", "250k", "-g", "25"), "audio": ("-c:a", "libmp3lame", "-b:a", "64k")}
    stage.run(stage.net.client, *publisher(5, url("old-key"), **old))
    return [Truth(stage.recorded("old-key"), "publish", "old-key")]


def ipv6_chunk128_any(stage: Stage) -> list[Truth]:
    """IPv6 on the "any" interface (Linux cooked capture), chunk size 128 in both directions."""
    stage.nginx(chunk_size=128)
    stage.run(stage.net.client, *publisher(5, url("six-key", f"[{SERVER_V6}]")))
    return [Truth(stage.recorded("six-key"), "publish", "six-key")]


def _play(stage: Stage, *command: str, options: Sequence[str] = ()) -> None:
    """A publisher, a player of the same stream a second later; the player leaves first, after three seconds."""
    source = stage.start(stage.net.client, *publisher(5, url("demo-key"), *options))
    time.sleep(1.0)
    player = stage.start(stage.net.client, *command)
    wait_at_most(player, 3)
    stop(player)
    finish(source)


def _play_with_rtmpdump(stage: Stage, *options: str, source: Sequence[str] = ()) -> list[Truth]:
    """Published by ffmpeg, played by rtmpdump."""
    stage.nginx()
    out = stage.folder / "played.flv"
    _play(stage, *rtmpdump("demo-key", str(out), *options), options=source)
    return [Truth(out, "play", "demo-key"), Truth(stage.recorded("demo-key"), "publish", "demo-key")]


def play_rtmpdump(stage: Stage) -> list[Truth]:
    """With the simple handshake."""
    return _play_with_rtmpdump(stage)


def play_rtmpdump_digest(stage: Stage) -> list[Truth]:
    """With the digest handshake, which rtmpdump uses when it is to answer SWF verification."""
    return _play_with_rtmpdump(stage, "--swfhash", "0123456789abcdef" * 4, "--swfsize", "4096")


def timestamps_past_ffffff(stage: Stage) -> list[Truth]:
    """Timestamps that cross 16 777 215 ms, published and played."""
    return _play_with_rtmpdump(stage, source=("-output_ts_offset", "16774.5"))


def extension_left_out(stage: Stage) -> list[Truth]:
    """Published with every timestamp above 16 777 215 ms; the server leaves the extended ones out of what it plays."""
    stage.nginx(chunk_size=128, more="play_time_fix off;")
    old = {"video": ("-c:v", "flv", "-b:v", "100k", "-g", "25"), "audio": ("-c:a", "libmp3lame", "-b:a", "48k")}
    source = stage.start(stage.net.client, *publisher(3, url("old-key"), "-output_ts_offset", "17000", **old))
    time.sleep(1.0)
    player = stage.start(stage.net.client, *rtmpdump("old-key", os.devnull))
    finish(source)
    stop(player)
    return []  # the server counts what it records from 0


def play_ffmpeg(stage: Stage) -> list[Truth]:
    """Published and played by ffmpeg."""
    stage.nginx()
    out = stage.folder / "played.flv"
    said = ("ffmpeg", "-hide_banner", "-loglevel", "error")
    quick = ("-analyzeduration", "1200000", "-rtmp_live", "live")
    kept = ("-c", "copy", "-copyts", "-f", "flv", str(out))
    _play(stage, *said, *quick, "-i", url("demo-key"), *kept, options=("-g", "25"))
    return [Truth(out, "play", "demo-key"), Truth(stage.recorded("demo-key"), "publish", "demo-key")]
