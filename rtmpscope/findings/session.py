"""SES: what was asked for and how it was answered."""

from __future__ import annotations

from collections.abc import Iterator

from rtmpscope.findings.cells import came_about, whole
from rtmpscope.findings.model import Evidence, Finding, Place, Row, Severity

#: A request counts as never answered if the connection lived this much longer, or was closed after it.
ANSWER_DEADLINE_NS = 2_000_000_000

_ASKED = ("connect", "publish", "play", "play2")
_IN_USE_CODES = ("NetStream.Publish.BadName",)
_IN_USE_WORDS = ("already publishing", "already in use", "already exists", "stream busy", "stream is busy")


def refused(evidence: Evidence) -> Iterator[Finding]:
    """SES01: an answer of error to connect, publish or play."""
    by_message = evidence.by("commands", "message")
    for row in evidence.rows("commands"):
        request = by_message.get(row["reply_to"])
        if request is None or request["command"] not in _ASKED or not _is_error(row):
            continue
        title = f"{request['command']} refused: {row['code'] or row['command']}"
        details = [f"code {row['code']}", f"level {row['level']}", f"description {row['description']!r}"]
        latency = row["latency_ms"]
        after = f"{latency:.1f} ms after the request" if isinstance(latency, float) else ""
        yield _finding(evidence, "SES01", "error", title, row, ", ".join([*details, after]).rstrip(", "))


def in_use(evidence: Evidence) -> Iterator[Finding]:
    """SES03: the name has another publisher."""
    by_message = evidence.by("commands", "message")
    for row in evidence.rows("commands"):
        request = by_message.get(row["reply_to"])
        if request is None or request["command"] != "publish" or not _is_error(row):
            continue
        said = str(row["description"] or "").lower()
        if row["code"] in _IN_USE_CODES or any(words in said for words in _IN_USE_WORDS):
            holder = _holder(evidence, row)
            name = holder["stream_name"] if holder else _name_asked(evidence, request)
            title = f"stream name {name} is already in use"
            seen = f"stream {holder['stream']} of connection {holder['connection']} holds it" if holder else ""
            yield _finding(evidence, "SES03", "error", title, row, seen or "the holder is not in this capture")


def unanswered(evidence: Evidence) -> Iterator[Finding]:
    """SES02: silence after connect, publish or play."""
    commands = evidence.rows("commands")
    answered = {row["reply_to"] for row in commands}
    connections = evidence.by("connections", "connection")
    for row in commands:
        if row["command"] not in _ASKED or row["message"] in answered or row["direction"] != "c2s":
            continue
        connection = connections[row["connection"]]
        if not _answer_would_show(evidence, connection, row):
            continue
        waited = whole(connection["end"]) - whole(row["time"])
        closed = connection["ended_by"] != "capture_end"
        if closed or waited > ANSWER_DEADLINE_NS:
            how = (
                f"{connection['ended_by']} after {waited / 1e9:.2f} s"
                if closed
                else f"silence for {waited / 1e9:.2f} s"
            )
            title = f"{row['command']} was never answered"
            yield _finding(evidence, "SES02", "error", title, row, how)


def _answer_would_show(evidence: Evidence, connection: Row, request: Row) -> bool:
    """Whether the server's direction was captured from the request on, without holes, and by the same clock."""
    whole_since = evidence.is_whole(whole(connection["connection"]), "s2c", whole(request["time"]))
    in_order = not evidence.tcp(whole(connection["connection"])).clocks_apart_s
    return whole_since and in_order and not connection["missing_bytes"]


def _holder(evidence: Evidence, answer: Row) -> Row | None:
    """The accepted publish of the same name that was open when this one was refused."""
    streams = evidence.rows("streams")
    asked = evidence.by("streams", "answer").get(answer["message"])
    if asked is None:
        return None
    for one in streams:
        same = one["stream_name"] == asked["stream_name"] and came_about(one)
        if same and one["role"] == "publish" and whole(one["start"]) <= whole(answer["time"]) <= whole(one["end"]):
            return one
    return None


def _name_asked(evidence: Evidence, request: Row) -> object:
    asked = evidence.by("streams", "request").get(request["message"])
    return "asked for" if asked is None else asked["stream_name"]


def _is_error(row: Row) -> bool:
    return row["command"] == "_error" or row["level"] == "error"


def _finding(evidence: Evidence, code: str, severity: Severity, title: str, row: Row, seen: str) -> Finding:
    message = whole(row["message"])
    frame = int(evidence.tables["messages"].at("frame", [message]).values[0])
    column = "answer" if row["reply_to"] is not None else "request"
    asked = evidence.by("streams", column).get(message)
    place = Place(
        whole(row["connection"]),
        str(row["direction"]),
        None if asked is None else whole(asked["stream"]),
        whole(row["time"]),
        frame,
        message,
    )
    return Finding(code, severity, title, place, seen)


RULES = (refused, unanswered, in_use)
