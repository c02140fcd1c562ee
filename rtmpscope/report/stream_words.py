"""One stream in words: who sent it, what its tracks are, measured and declared, and how it ended."""

from __future__ import annotations

from rtmpscope.frozen import frozen
from rtmpscope.report import words
from rtmpscope.report.source import ReportSource

Row = dict[str, object]


@frozen
class StreamSummary:
    """One stream in words.

    Attributes:
        title: its number, role, name and outcome.
        lines: (name, value) pairs; the value is empty where there is nothing to say.
        verdict: the stream in half a sentence.
        number: its number; ``has_media`` is whether it carried any.
    """

    title: str
    lines: list[tuple[str, str]]
    verdict: str
    number: int
    has_media: bool


def summarize_stream(source: ReportSource, row: Row, connection: Row, tracks: list[Row]) -> StreamSummary:
    """Put a row of ``streams`` into words; ``tracks`` are those of its connection."""
    number = row["stream"]
    assert isinstance(number, int)
    own = {track["kind"]: track for track in reversed(tracks) if track["stream"] == number}
    audio, video = _media_counts(source, number)
    sender = words.software(_text(row["encoder"]), _text(connection["flash_ver"]))
    lines = [
        ("from", sender or "" if row["role"] == "publish" else ""),
        ("video", _with_count(_video(own.get("video"), row), video)),
        ("audio", _with_count(_audio(own.get("audio"), row), audio)),
        _lasted(row),
    ]
    name = row["stream_name"] or "without a name"
    listed = source.tables.context.listed[int(str(row["connection"]))]
    outcome = _outcome(row, connection, in_order=not listed.record.clocks_apart_ns)
    return StreamSummary(
        title=f"Stream {number}: {row['role']} {name}, {outcome}",
        lines=lines,
        verdict=_verdict(row, sender, outcome, _carried(row, connection, (audio, video))),
        number=number,
        has_media=audio + video > 0,
    )


def _outcome(row: Row, connection: Row, *, in_order: bool) -> str:
    """How the request was answered; where it was not captured, why."""
    if row["outcome"] == "unseen":
        return "joined in mid-stream" if words.is_joined(connection) else "request not captured"
    if row["outcome"] == "unanswered" and (words.is_missing(connection, "s2c") or connection["missing_bytes"]):
        return "no answer in the capture"
    if row["outcome"] == "unanswered" and not in_order:
        return "its answer not in order of time"
    return str(row["outcome"])


def _media_counts(source: ReportSource, stream: int) -> tuple[int, int]:
    """Audio and video messages of a stream, configuration included."""
    media = source.tables["media"]
    mine = media["stream"].values == stream
    video = media["kind"].values == 1
    return int((mine & ~video).sum()), int((mine & video).sum())


def _with_count(text: str, messages: int) -> str:
    return f"{text}, {words.plural(messages, 'message')}" if text else ""


def _video(track: Row | None, stream: Row) -> str:
    if track is None:
        return ""
    size = f"{track['width']}×{track['height']}" if track["width"] else ""
    profile = " ".join(str(part) for part in (track["profile"], track["level"]) if part)
    parts = [track["codec"] or "unknown codec", profile, size, words.frame_rate(_number(track["fps"]))]
    rate = f"{words.kbps(_number(track['kbps']))}{_declared(stream['declared_video_kbps'])}"
    interval = _number(track["keyframe_interval_s"])
    keys = f"keyframe every {words.seconds(interval)}" if interval else ""
    return ", ".join(part for part in (" ".join(str(one) for one in parts if one), rate, keys) if part)


def _audio(track: Row | None, stream: Row) -> str:
    if track is None:
        return ""
    rate, channels = track["sample_rate"], track["channels"]
    parts = [
        track["codec"] or "unknown codec",
        track["profile"],
        words.sample_rate(rate if isinstance(rate, int) else None),
        words.channel_layout(channels if isinstance(channels, int) else None),
    ]
    kbps = f"{words.kbps(_number(track['kbps']))}{_declared(stream['declared_audio_kbps'])}"
    return ", ".join((" ".join(str(part) for part in parts if part), kbps))


def _declared(value: object) -> str:
    number = _number(value)
    return "" if number is None else f" (declared {words.kbps(number)})"


def _lasted(row: Row) -> tuple[str, str]:
    duration = _number(row["duration_s"])
    if duration is None:
        return "ended", f"by {_end(row)}"
    return "lasted", f"{words.seconds(duration)}, ended by {_end(row)}"


def _end(row: Row) -> str:
    """What ended a stream; a byte stream without packets just ends."""
    just_ends = row["duration_s"] is None and row["ended_by"] == "capture_end"
    return "the end of the bytes" if just_ends else str(row["ended_by"])


def _carried(row: Row, connection: Row, media: tuple[int, int]) -> str:
    """How many messages of each kind there were; of a direction that was not captured it is not known."""
    if words.is_missing(connection, "c2s" if row["role"] == "publish" else "s2c"):
        return "its media not captured"
    audio, video = media
    return f"{words.count(video)} video and {words.count(audio)} audio messages"


def _verdict(row: Row, sender: str | None, outcome: str, carried: str) -> str:
    publishes = row["role"] == "publish"
    who = (sender or "a client") if publishes else "a client"
    name = row["stream_name"] or "a stream without a name"
    what = f"{who} {'publishes' if publishes else 'plays'} {name}: {outcome}"
    if row["outcome"] == "refused":
        return what
    duration = _number(row["duration_s"])
    lasted = "" if duration is None else f" in {words.seconds(duration)}"
    return f"{what}, {carried}{lasted}, ended by {_end(row)}"


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, (int, float)) else None


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
