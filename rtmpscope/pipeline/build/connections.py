"""The ``connections`` table: who spoke to whom, how it began, what it carried and how it ended."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rtmpscope.frozen import frozen
from rtmpscope.pipeline.build.context import Context
from rtmpscope.pipeline.build.records import HandshakeFacts, masked_object
from rtmpscope.pipeline.roles import Listed
from rtmpscope.rtmp import Session
from rtmpscope.transport import Opening

#: Below this round trip the two halves say nothing about where the capture was taken.
_SHORTEST_RTT_NS = 200_000
_NEAR = 0.1


@frozen
class Ending:
    """How a connection ended: ``client_fin`` ``server_fin`` ``client_rst`` ``server_rst`` ``capture_end``.

    ``time`` is in ns, ``frame`` the packet that ended it (the last one seen for ``capture_end``).
    """

    kind: str
    time: int
    frame: int


def connection_ending(entry: Listed) -> Ending:
    """The first FIN or RST of either end, or the end of the capture."""
    record = entry.record
    marks: list[tuple[int, int, str]] = []
    for side in (0, 1):
        who = "client" if side == entry.client else "server"
        for what, mark in (("fin", record.fin[side]), ("rst", record.rst[side])):
            if mark is not None:
                marks.append((mark.time_ns, mark.frame, f"{who}_{what}"))
    if marks:
        time, frame, kind = min(marks)
        return Ending(kind, time, frame)
    return Ending("capture_end", record.last.time_ns, record.last.frame)


def connection_rows(context: Context, handshakes: Sequence[HandshakeFacts]) -> Iterator[dict[str, object]]:
    """Rows of the ``connections`` table; ``handshakes`` are those of the listed connections."""
    inputs = context.decoded.facts.inputs
    endings = [connection_ending(entry) for entry in context.listed]
    starts = inputs.named([entry.record.first.frame for entry in context.listed])
    ends = inputs.named([ending.frame for ending in endings])
    packets = zip(starts, ends, strict=True)
    inferred = _inferred(context)
    facts = zip(context.listed, context.sessions, handshakes, endings, packets, strict=True)
    for entry, session, opening, ending, places in facts:
        rtmp = _rtmp_row(context, entry) | _connect_row(context, session) | inferred.get(entry.number, {})
        yield _tcp_row(entry, ending) | _packets(*places) | rtmp | {"handshake": opening.handshake.kind}


def _inferred(context: Context) -> dict[int, dict[str, object]]:
    """Connection → the chunk sizes inferred of it."""
    found: dict[int, dict[str, object]] = {}
    for one in context.joined:
        found.setdefault(one.connection, {})[f"{one.direction}_chunk_size_inferred"] = one.chunk_size
    return found


def _packets(start: tuple[str, int], end: tuple[str, int]) -> dict[str, object]:
    """The first packet and the one that ended it, each with its file."""
    return {"start_file": start[0], "start_frame": start[1], "end_file": end[0], "end_frame": end[1]}


def _tcp_row(entry: Listed, ending: Ending) -> dict[str, object]:
    record = entry.record
    client, server = entry.client, entry.server
    start, end = record.first.time_ns, record.last.time_ns
    return {
        "connection": entry.number,
        "client": record.address(client),
        "client_port": record.port(client),
        "server": record.address(server),
        "server_port": record.port(server),
        "direction_basis": entry.basis,
        "capture_point": _capture_point(entry),
        "tcp_stream": record.id,
        "start": start,
        "end": end,
        "duration_s": (end - start) / 1e9,
        "ended_by": ending.kind,
        "rtt_ms": _rtt_ms(entry),
        "c2s_bytes": record.bytes[client],
        "s2c_bytes": record.bytes[server],
        "c2s_packets": record.packets[client],
        "s2c_packets": record.packets[server],
        "missing_bytes": sum(record.missing_bytes),
        "retransmitted_bytes": sum(record.retransmitted_bytes),
    }


def _rtmp_row(context: Context, entry: Listed) -> dict[str, object]:
    flows = [context.decoded.flows.get(entry.flow(way)) for way in (0, 1)]
    openings = [flow.opening for flow in flows if flow is not None]
    encrypted = bool(openings) and openings[-1] is Opening.RTMPE
    by_content = any(opening in (Opening.RTMP, Opening.RTMPE) for opening in openings)
    return {
        "transport": "rtmpe" if encrypted else "rtmp",
        "transport_confidence": "content" if by_content else "port",
    }


def _connect_row(context: Context, session: Session) -> dict[str, object]:
    if session.connect is None:
        return {}
    value = masked_object(context, session.connect.command)
    if not isinstance(value, dict):
        return {}
    mask = context.redactor
    names = {"app": "app", "tc_url": "tcUrl", "flash_ver": "flashVer"}
    texts = {column: value.get(name) for column, name in names.items()}
    return {column: mask.text(text) for column, text in texts.items() if isinstance(text, str)}


def _rtt_ms(entry: Listed) -> float | None:
    round_trip = entry.record.opening_ns
    return None if round_trip is None else round_trip / 1e6


def _capture_point(entry: Listed) -> str | None:
    """Where the capture was taken: SYN to SYN-ACK is the way to the server and back, SYN-ACK to ACK the other."""
    record = entry.record
    if record.syn_time is None or record.synack_time is None or record.ack_time is None:
        return None
    whole = record.ack_time - record.syn_time
    if whole < _SHORTEST_RTT_NS:
        return None
    to_client = (record.ack_time - record.synack_time) / whole
    if to_client < _NEAR:
        return "client"
    return "server" if to_client > 1 - _NEAR else "middle"
