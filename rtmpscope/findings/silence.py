"""TCP04: an open stream in which nothing comes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from rtmpscope.findings.cells import came_about, whole
from rtmpscope.findings.model import Evidence, Finding, Place, Row
from rtmpscope.frozen import frozen

Ints = NDArray[np.int64]

_SECOND_NS = 1_000_000_000
#: What the server says when a played stream is over.
_PLAY_OVER = tuple(f"NetStream.Play.{what}" for what in ("Stop", "Complete", "UnpublishNotify", "Failed"))
_SAYING_SO = ("commands", "controls", "metadata")
_PAUSE = ("pause", "pauseRaw")
_TCP_ENDINGS = ("client_fin", "server_fin", "client_rst", "server_rst")
_WHO = {
    "client_fin": "then the client closed the connection",
    "server_fin": "then the server closed the connection",
    "client_rst": "then the client reset the connection",
    "server_rst": "then the server reset the connection",
    "capture_end": "to the end of the capture",
}


@frozen
class Gap:
    """A stretch of time in ns without audio or video in a stream.

    Attributes:
        message: the last message before it, -1 for none.
        is_last: whether nothing comes after it.
    """

    begin: int
    end: int
    message: int
    is_last: bool

    @property
    def seconds(self) -> float:
        """How long it is."""
        return (self.end - self.begin) / _SECOND_NS


def silence(evidence: Evidence) -> Iterator[Finding]:
    """TCP04: no audio or video for seconds in an open stream that is not paused."""
    for stream, gaps in evidence.once(silent_streams):
        longest = max(gaps, key=lambda gap: gap.seconds)
        title = f"{stream['role']} of stream {stream['stream']} was silent for {longest.seconds:.1f} s"
        seen = f"no audio or video {_direction(stream)}, {_after(stream, longest)}; {_cause(evidence, stream, longest)}"
        place = _place(evidence, stream, gaps[0])
        yield Finding("TCP04", "warning", title, place, seen, len(gaps))


def ended_by_silence(evidence: Evidence) -> set[object]:
    """Streams whose connection was closed after a silence: that it was is no finding of its own."""
    return {
        stream["stream"]
        for stream, gaps in evidence.once(silent_streams)
        if gaps[-1].is_last and stream["ended_by"] in _TCP_ENDINGS
    }


def silent_streams(evidence: Evidence) -> list[tuple[Row, list[Gap]]]:
    """Streams with silences of their own making, in order of time."""
    if evidence.capture.largest_step_s >= evidence.limits.silence_s:
        return []  # with such a clock no gap can be believed
    found = []
    for number, gaps in evidence.once(_gaps).items():
        stream = evidence.rows("streams")[number]
        mine = [gap for gap in gaps if not any(excuses(evidence, stream, gap) for excuses in _EXCUSES)]
        if mine and came_about(stream):
            found.append((stream, mine))
    return found


def _gaps(evidence: Evidence) -> dict[int, list[Gap]]:
    """All long stretches without media in streams that came about, by stream."""
    number, message = _media_by_stream(evidence)
    begin, ready = (evidence.tables["messages"].at(name, message).values for name in ("time_start", "time"))
    found: dict[int, list[Gap]] = {}
    shortest = int(evidence.limits.silence_s * _SECOND_NS)
    between = np.flatnonzero((begin[1:] - ready[:-1] > shortest) & (number[1:] == number[:-1]))
    for row in between.tolist():
        gap = Gap(int(ready[row]), int(begin[row + 1]), int(message[row]), is_last=False)
        found.setdefault(int(number[row]), []).append(gap)
    streams = evidence.rows("streams")
    edges = np.searchsorted(number, np.arange(len(streams) + 1)).tolist()  # a stream's number is its row
    for stream, (first, stop) in zip(streams, pairwise(edges), strict=True):
        ends = _ends(evidence, stream, begin[first:stop], ready[first:stop], message[first:stop])
        for gap in ends:
            if gap.end - gap.begin > shortest:
                found.setdefault(whole(stream["stream"]), []).append(gap)
    return {stream: sorted(gaps, key=lambda gap: gap.begin) for stream, gaps in found.items()}


def _media_by_stream(evidence: Evidence) -> tuple[NDArray[np.signedinteger], Ints]:
    """Stream and message of all media that belong to a stream, stream by stream."""
    stream = _stream_of_media(evidence)
    order = np.argsort(stream, kind="stable")[np.count_nonzero(stream < 0) :]
    return stream[order], evidence.tables["media"].at("message", order).values


def _stream_of_media(evidence: Evidence) -> NDArray[np.signedinteger]:
    """The stream of each row of the media table, -1 for none."""
    column = evidence.tables["media"].at("stream", slice(None))
    known = np.where(column.is_null(), -1, column.values)
    few = len(evidence.rows("streams")) < 1 << 15
    return known.astype(np.int16) if few else known  # 16 bits are sorted in no time


def _ends(evidence: Evidence, stream: Row, begin: Ints, ready: Ints, message: Ints) -> Iterator[Gap]:
    """The stretch before the first audio or video of a stream that came about, and the one after the last."""
    if not came_about(stream):
        return
    end = whole(stream["end"]) if stream["ended_by"] != "capture_end" else evidence.capture.end
    if len(begin):
        yield Gap(int(ready[-1]), end, int(message[-1]), is_last=True)
        end = int(begin[0])
    if stream["role"] == "publish" and stream["answer"] is not None:
        accepted = int(evidence.tables["messages"].at("time", [whole(stream["answer"])]).values[0])
        yield Gap(accepted, end, -1, is_last=not len(begin))


def _over(evidence: Evidence, stream: Row, gap: Gap) -> bool:
    """The server has said that the stream is over, and nothing has to come."""
    if stream["role"] != "play":
        return False
    connection, start = stream["connection"], whole(stream["start"])
    commands, ends, said = (evidence.rows_of(name, "connection", connection) for name in _SAYING_SO)
    over = [row for row in commands if row["code"] in _PLAY_OVER]
    over += [row for row in ends if row["kind"] == "stream_eof"]
    over += [row for row in said if any(code in str(row["properties"]) for code in _PLAY_OVER)]
    return any(start <= whole(row["time"]) <= gap.end for row in over)


def _not_seen(evidence: Evidence, stream: Row, gap: Gap) -> bool:
    """What came in the gap may be missing from the capture, or could not be read."""
    place = whole(stream["connection"]), _direction(stream)
    unread = any((one.place.connection, one.place.direction) == place for one in evidence.capture.lost_sync)
    jumps = any(gap.begin < step.time <= gap.end for step in evidence.capture.clock_changes)
    # What is missing of the packet that brought the message before the gap is missing before it.
    return unread or jumps or not evidence.is_whole(*place, gap.begin + 1, gap.end)


def _paused(evidence: Evidence, stream: Row, gap: Gap) -> bool:
    """The player had paused for some of the gap."""
    paused_at: int | None = None
    for row in evidence.rows_of("commands", "connection", stream["connection"]):
        if row["command"] not in (*_PAUSE, "seek"):
            continue
        time, pauses = whole(row["time"]), row["command"] in _PAUSE and _flag(row)
        if paused_at is not None and not pauses and time >= gap.begin and paused_at <= gap.end:
            return True
        paused_at = time if pauses else None
    return paused_at is not None and paused_at <= gap.end


def _flag(row: Row) -> bool:
    """Whether a pause command pauses."""
    arguments = json.loads(str(row["arguments"] or "[]"))
    return next((value for value in arguments if isinstance(value, bool)), False)


def _receiver(evidence: Evidence, stream: Row, gap: Gap) -> bool:
    """The receiver had stopped reading: that is another finding."""
    return _events(evidence, stream, gap, "zero_window", "window_full") > 0


def _ahead(evidence: Evidence, stream: Row, gap: Gap) -> bool:
    """The server had sent so much in advance that the player has enough for the gap, or may have, unseen."""
    if stream["role"] == "play" and stream["request"] is None:
        return True
    media = evidence.tables["media"]
    rows = np.flatnonzero((media["stream"].values == stream["stream"]) & ~media["stream"].is_null())
    rows = rows[media.at("message", rows).values <= gap.message]
    if stream["role"] != "play" or not len(rows):
        return False
    played_ms = (gap.end - int(media.at("time", rows[:1]).values[0])) / 1e6
    dts = media.at("dts", rows).values
    return int(dts.max()) - int(dts[0]) >= played_ms


def _source_is_silent(evidence: Evidence, stream: Row, gap: Gap) -> bool:
    """What is played is published in this capture too, and its publisher sends nothing, or is gone."""
    if stream["role"] != "play":
        return False
    for one in evidence.rows_of("streams", "stream_name", stream["stream_name"]):
        if one["role"] == "publish" and came_about(one) and whole(one["start"]) <= gap.end:
            gone = one["ended_by"] != "capture_end" and whole(one["end"]) <= gap.end
            pauses = evidence.once(_gaps).get(whole(one["stream"]), [])
            if gone or any(pause.begin <= gap.end and gap.begin <= pause.end for pause in pauses):
                return True
    return False


#: What explains a gap without being a silence of the sender; the cheapest first.
_EXCUSES = (_not_seen, _over, _paused, _receiver, _ahead, _source_is_silent)


def _events(evidence: Evidence, stream: Row, gap: Gap, *names: str) -> int:
    """How many TCP events of these names the connection saw in a gap."""
    events = evidence.tables["tcp_events"]
    rows = np.concatenate([events["event"].rows_named(name) for name in names])
    time = events["time"].values[rows]
    mine = (events["connection"].values[rows] == stream["connection"]) & (time >= gap.begin) & (time <= gap.end)
    return int(np.count_nonzero(mine))


def _after(stream: Row, gap: Gap) -> str:
    if not gap.is_last:
        return "then it went on"
    kind = str(stream["ended_by"])
    return _WHO.get(kind, f"then came {kind}")


def _cause(evidence: Evidence, stream: Row, gap: Gap) -> str:
    again = _events(evidence, stream, gap, "retransmission")
    return f"{again} segments were sent again: the network" if again else "no trouble in TCP: the sender paused"


def _direction(stream: Row) -> str:
    return "c2s" if stream["role"] == "publish" else "s2c"


def _place(evidence: Evidence, stream: Row, gap: Gap) -> Place:
    """The last message before a gap; the answer to the request where there is none."""
    message = gap.message if gap.message >= 0 else whole(stream["answer"])
    frame = int(evidence.tables["messages"].at("frame", [message]).values[0])
    return Place(whole(stream["connection"]), _direction(stream), whole(stream["stream"]), gap.begin, frame, message)


RULES = (silence,)
