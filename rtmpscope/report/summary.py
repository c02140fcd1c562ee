"""The summary of a capture as plain data; the terminal and other reports only lay it out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from rtmpscope.pipeline.run import CaptureFacts
from rtmpscope.report import words
from rtmpscope.report.ladder import Ladder, ladder_of
from rtmpscope.report.source import ReportSource

Row = dict[str, object]


@dataclass(frozen=True, slots=True)
class StreamSummary:
    """One stream in words.

    Attributes:
        row: its row of the ``streams`` table.
        sender: the program that sent it, as far as it names itself.
        video, audio: what the tracks are, measured and declared; empty where there is none.
        video_messages, audio_messages: how many messages carried them.
    """

    row: Row
    sender: str | None
    video: str
    audio: str
    video_messages: int
    audio_messages: int


@dataclass(frozen=True, slots=True)
class ConnectionSummary:
    """One connection: its row of the table, opening, streams, channels and chunk-size changes."""

    row: Row
    handshake: Row
    ladder: Ladder
    streams: list[StreamSummary]
    channels: list[Row]
    chunk_sizes: list[Row]


@dataclass(frozen=True, slots=True)
class Summary:
    """A capture in one verdict and its connections."""

    facts: CaptureFacts
    verdict: str
    connections: list[ConnectionSummary]


def summarize(source: ReportSource) -> Summary:
    """Gather what a reader wants to know first."""
    rows = {name: list(source.tables[name].to_rows()) for name in _SMALL}
    connections = [_connection(source, row, rows) for row in rows["connections"]]
    return Summary(source.facts, _verdict(connections), connections)


_SMALL = ("connections", "streams", "handshakes", "channels", "controls", "commands", "metadata", "tracks")


def _connection(source: ReportSource, row: Row, rows: dict[str, list[Row]]) -> ConnectionSummary:
    number = row["connection"]
    mine = {name: [one for one in rows[name] if one["connection"] == number] for name in _SMALL}
    return ConnectionSummary(
        row=row,
        handshake=mine["handshakes"][0],
        ladder=ladder_of(source, row, mine["commands"], mine["controls"]),
        streams=[_stream(source, stream, row, mine["tracks"]) for stream in mine["streams"]],
        channels=mine["channels"],
        chunk_sizes=[_with_frame(source, one) for one in mine["controls"] if one["kind"] == "set_chunk_size"],
    )


def _with_frame(source: ReportSource, row: Row) -> Row:
    message = row["message"]
    assert isinstance(message, int)
    return row | {"frame": int(source.tables["messages"]["frame"].values[message])}


def _stream(source: ReportSource, row: Row, connection: Row, tracks: list[Row]) -> StreamSummary:
    number = row["stream"]
    own = {track["kind"]: track for track in reversed(tracks) if track["stream"] == number}
    counts = _media_counts(source, number)
    encoder = row["encoder"] or None
    return StreamSummary(
        row=row,
        sender=words.software(_text(encoder), _text(connection["flash_ver"])),
        video=_video_words(own.get("video"), row),
        audio=_audio_words(own.get("audio"), row),
        video_messages=counts[1],
        audio_messages=counts[0],
    )


def _media_counts(source: ReportSource, stream: object) -> tuple[int, int]:
    """Audio and video messages (configuration included) of a stream."""
    media = source.tables["media"]
    mine = media["stream"].values == stream
    video = media["kind"].values == 1
    return int((mine & ~video).sum()), int((mine & video).sum())


def _video_words(track: Row | None, stream: Row) -> str:
    if track is None:
        return ""
    size = f"{track['width']}×{track['height']}" if track["width"] else ""
    profile = " ".join(str(part) for part in (track["profile"], track["level"]) if part)
    parts = [track["codec"] or "unknown codec", profile, size, words.frame_rate(_number(track["fps"]))]
    rate = f"{words.kbps(_number(track['kbps']))}{_declared(stream['declared_video_kbps'])}"
    keys = f"keyframe every {words.seconds(_number(track['keyframe_interval_s']))}" if track["keyframe_interval_s"] else ""
    return ", ".join(part for part in (" ".join(str(p) for p in parts if p), rate, keys) if part)


def _audio_words(track: Row | None, stream: Row) -> str:
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


def _verdict(connections: list[ConnectionSummary]) -> str:
    """One line: what happened, in the order that matters."""
    parts = [_stream_verdict(stream) for connection in connections for stream in connection.streams]
    silent = [connection for connection in connections if not connection.streams]
    if silent:
        parts.append(f"{words.plural(len(silent), 'connection')} without a publish or play request")
    shown = parts[:3]
    if len(parts) > len(shown):
        shown.append(f"and {len(parts) - len(shown)} more")
    return "; ".join(shown)


def _stream_verdict(stream: StreamSummary) -> str:
    row = stream.row
    doing = "publishes" if row["role"] == "publish" else "plays"
    who = (stream.sender or "a client") if row["role"] == "publish" else "a client"
    what = f"{who} {doing} {row['stream_name'] or 'a stream without a name'}: {row['outcome']}"
    if row["outcome"] == "refused":
        return what
    counts = f"{words.count(stream.video_messages)} video and {words.count(stream.audio_messages)} audio messages"
    ending = f"ended by {row['ended_by']}"
    return f"{what}, {counts} in {words.seconds(_number(row['duration_s']))}, {ending}"


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, (int, float)) else None


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def iter_streams(summary: Summary) -> Iterator[StreamSummary]:
    """All streams of all connections."""
    for connection in summary.connections:
        yield from connection.streams
