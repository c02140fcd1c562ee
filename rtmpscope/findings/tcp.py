"""TCP: how connections fared and ended."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from rtmpscope.findings.cells import came_about, whole, whole_or_none
from rtmpscope.findings.model import Evidence, Finding, PacketName, Place, Row, Severity
from rtmpscope.findings.silence import ended_by_silence

_TCP_ENDINGS = ("client_fin", "server_fin", "client_rst", "server_rst")
#: A status of the server that ends a stream in good order.
_SERVER_SAID = ("NetStream.Unpublish.Success", "NetStream.Play.Stop", "NetStream.Play.UnpublishNotify")
_AT_ONCE_S = 1.0


def ended_while_open(evidence: Evidence) -> Iterator[Finding]:
    """TCP05: FIN or RST while a publish or play was open."""
    connections = evidence.by("connections", "connection")
    told = _last_told(evidence)
    silent = ended_by_silence(evidence)
    for stream in evidence.rows("streams"):
        connection = connections[stream["connection"]]
        if not came_about(stream) or stream["ended_by"] not in _TCP_ENDINGS or _was_told(told, stream):
            continue
        if stream["stream"] in silent or not _farewell_would_show(evidence, stream):
            continue
        kind = str(stream["ended_by"])
        severity, title, advice = _judgement(stream, kind)
        place = Place(
            connection=whole(stream["connection"]),
            direction="c2s" if kind.startswith("client") else "s2c",
            stream=whole(stream["stream"]),
            time=whole(stream["end"]),
            frame=whole_or_none(connection["end_frame"]),
            file=str(connection["end_file"]),
        )
        packet = evidence.name(PacketName(str(connection["end_file"]), whole(connection["end_frame"])))
        seen = f"{_name(kind)} in {packet}, {_duration(stream):.2f} s after {_beginning(stream)}"
        yield Finding("TCP05", severity, title, place, seen, advice=advice)


def _farewell_would_show(evidence: Evidence, stream: Row) -> bool:
    """Whether the last moments of both directions were captured whole: commands end streams right before TCP does."""
    begin = whole(stream["end"]) - int(evidence.limits.farewell_s * 1e9)
    return all(evidence.is_whole(whole(stream["connection"]), way, begin) for way in ("c2s", "s2c"))


def _judgement(stream: Row, kind: str) -> tuple[Severity, str, str]:
    number, role = stream["stream"], stream["role"]
    if role == "play" and kind.startswith("client"):
        return (
            "note",
            f"the player of stream {number} left without saying so",
            "Players do this; nothing is wrong.",
        )
    if role == "publish" and kind == "server_fin":
        at_once = _duration(stream) < _AT_ONCE_S and stream["request"] is not None
        advice = "Closed at once after accepting: look at the server's authorisation hook." if at_once else ""
        return "error", f"the server ended the publish of stream {number}", advice
    if kind.endswith("_rst"):
        return "error", f"a reset ended the {role} of stream {number}", ""
    if role == "publish":
        return "warning", f"the publisher of stream {number} vanished", ""
    return "warning", f"the server closed the connection while stream {number} was played", ""


def _last_told(evidence: Evidence) -> dict[object, int]:
    """Connection → when its server last said that a stream is over."""
    rows = evidence.rows("commands")
    return {row["connection"]: whole(row["time"]) for row in rows if row["code"] in _SERVER_SAID}


def _was_told(told: Mapping[object, int], stream: Row) -> bool:
    """Whether the server had said, after this stream began, that it is over."""
    return told.get(stream["connection"], -1) >= whole(stream["start"])


def _name(kind: str) -> str:
    who, what = kind.split("_")
    return f"{what.upper()} of the {who}"


def _beginning(stream: Row) -> str:
    return "the request" if stream["request"] is not None else "its first media in the capture"


def _duration(stream: Row) -> float:
    value = stream["duration_s"]
    return value if isinstance(value, float) else 0.0


RULES = (ended_while_open,)
