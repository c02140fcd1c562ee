"""The summary of a capture as plain data; the terminal and the reports only lay it out."""

from __future__ import annotations

from rtmpscope.frozen import frozen
from rtmpscope.pipeline.run import CaptureFacts
from rtmpscope.report import words
from rtmpscope.report.chosen import RowsByConnection
from rtmpscope.report.ladder import Ladder, ladder_of
from rtmpscope.report.source import ReportSource
from rtmpscope.report.stream_words import StreamSummary, summarize_stream

Row = dict[str, object]

_ENDINGS = {
    "client_fin": "the client's FIN",
    "server_fin": "the server's FIN",
    "client_rst": "the client's RST",
    "server_rst": "the server's RST",
    "capture_end": "the end of the capture",
}
_ENDS = {"c2s": "client", "s2c": "server"}
_CONNECT = (("app", "app"), ("tc_url", "tcUrl"), ("flash_ver", "flashVer"))
_MOST_CHUNK_SIZES = 8
_MOST_EMPTY = 5
_MOST_VERDICTS = 3
_HEALTH_WORDS = {"out_of_order": "out-of-order segment", "zero_window": "closed window", "window_full": "full window"}
_HEALTH = ("retransmission", "out_of_order", "gap", "duplicate_ack", "zero_window", "window_full")


@frozen
class FindingSummary:
    """One finding in words; ``next`` is the command that shows the place, empty where there is none."""

    code: str
    severity: str
    title: str
    evidence: str
    advice: str
    where: str
    next: str
    occurrences: int


@frozen
class ConnectionSummary:
    """One connection in words, with its ladder, its streams and its rows of the ``channels`` table."""

    title: str
    lines: list[str]
    ladder: Ladder
    streams: list[StreamSummary]
    channels: list[Row]
    chunk_size_line: str
    ending: str


@frozen
class Summary:
    """A capture: one verdict, what has to be known of its files besides, its findings, its connections.

    ``connections`` and ``findings`` are those to be shown, ``connections_found`` and ``findings_found`` count all.
    """

    facts: CaptureFacts
    verdict: str
    remarks: list[str]
    findings: list[FindingSummary]
    connections: list[ConnectionSummary]
    connections_found: int
    findings_found: int

    @property
    def more_connections(self) -> str:
        """How many connections are not shown, and the command that lists them; empty where there are none."""
        return self._more("connection", self.connections_found - len(self.connections))

    @property
    def more_findings(self) -> str:
        """The same of findings."""
        return self._more("finding", self.findings_found - len(self.findings))

    def _more(self, what: str, left: int) -> str:
        listed = f"rtmpscope table {self.facts.arguments} {what}s"
        return f"and {words.plural(left, f'more {what}')}: {listed}" if left else ""


def summarize(source: ReportSource) -> Summary:
    """Gather what a reader wants to know first."""
    rows = RowsByConnection(source)
    return Summary(
        facts=source.facts,
        verdict=_verdict(source, rows),
        remarks=remarks_on(source.facts),
        findings=[_finding(source, row) for row in rows.findings_shown()],
        connections=[_connection(source, row, rows.of(row)) for row in rows.shown()],
        connections_found=len(rows.connections),
        findings_found=len(rows.findings),
    )


def counts_of(facts: CaptureFacts, connections: int) -> str:
    """How much the capture holds."""
    if not facts.has_packets:
        return "byte streams without packets and times"
    return (
        f"{words.plural(facts.packets, 'packet')} in {words.seconds(facts.duration_s)}, "
        f"{words.plural(connections, 'RTMP connection')} among "
        f"{words.plural(facts.tcp_connections, 'TCP connection')}"
    )


def remarks_on(facts: CaptureFacts) -> list[str]:
    """What did not go into the analysis."""
    remarks = []
    empty = facts.inputs.without_packets
    if empty and len(facts.names) + len(facts.inputs.empty) > 1:
        more = f" and {len(empty) - _MOST_EMPTY} more files" if len(empty) > _MOST_EMPTY else ""
        remarks.append(f"no packets in {', '.join(empty[:_MOST_EMPTY])}{more}")
    if facts.first_declined is not None:
        file, frame = facts.inputs.packet(facts.first_declined)
        where = f"frame {frame}" + ("" if facts.inputs.is_one else f" of {facts.inputs.short(file)}")
        packets = words.plural(facts.declined, "packet")
        remarks.append(f"not looked into: {packets} in tunnels or link layers that are not read, first {where}")
    if facts.partly_read:
        frames = words.plural(facts.partly_read, "frame")
        remarks.append(f"looked into in part: {frames} of several packets (A-MSDU), of which the first was read")
    if facts.incomplete_datagrams:
        datagrams = words.plural(facts.incomplete_datagrams, "IP datagram")
        remarks.append(f"not looked into: {datagrams} of which fragments are missing")
    return remarks


def _connection(source: ReportSource, row: Row, mine: dict[str, list[Row]]) -> ConnectionSummary:
    health = [_tcp_health(source, row)] if source.facts.has_packets else []
    return ConnectionSummary(
        title=f"Connection {row['connection']}: {_ends(row)}",
        lines=[*_connection_lines(row, mine["handshakes"][0]), *health],
        ladder=ladder_of(source, row, mine["commands"], mine["controls"]),
        streams=[summarize_stream(source, stream, row, mine["tracks"]) for stream in mine["streams"]],
        channels=mine["channels"],
        chunk_size_line=_chunk_sizes(source, mine),
        ending=_ending(source, row) if source.facts.has_packets else "",
    )


def _ends(row: Row) -> str:
    if row["client"] is None:
        return ", ".join(f"{words.count(_whole(row[f'{way}_bytes']))} bytes {way}" for way in ("c2s", "s2c"))
    return " → ".join(_endpoint(row, end) for end in ("client", "server"))


def _endpoint(row: Row, end: str) -> str:
    address, port = str(row[end]), row[f"{end}_port"]
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


def _connection_lines(row: Row, handshake: Row) -> list[str]:
    number = [] if row["tcp_stream"] is None else [f"tcp.stream {row['tcp_stream']}"]
    joined = words.is_joined(row)
    began = "joined in mid-stream, without a handshake" if joined else f"handshake {_handshake_words(handshake)}"
    facts = [str(row["transport"]), *number, began]
    rtt = row["rtt_ms"]
    if isinstance(rtt, float):
        facts.append(f"round trip {words.milliseconds(rtt)}")
    if row["capture_point"]:
        facts.append(f"captured near the {row['capture_point']}")
    trouble = [
        (row["missing_bytes"], "missing from the capture"),
        (row["retransmitted_bytes"], "retransmitted"),
    ]
    facts += [f"{words.count(size)} bytes {what}" for size, what in trouble if isinstance(size, int) and size]
    asked = [f"{label} {row[name]}" for name, label in _CONNECT if row[name]]
    return [", ".join(facts), *([", ".join(asked)] if asked else [])]


def _tcp_health(source: ReportSource, row: Row) -> str:
    """What TCP had to mend, in one line."""
    events = source.tables["tcp_events"]
    mine = events["event"].values[events["connection"].values == row["connection"]]
    names = events["event"].names or ()
    counts = [(name, int((mine == names.index(name)).sum())) for name in _HEALTH if name in names]
    said = [words.plural(number, _HEALTH_WORDS.get(name, name.replace("_", " "))) for name, number in counts if number]
    packets = sum(_whole(row[name]) for name in ("c2s_packets", "s2c_packets"))
    return f"TCP: {', '.join(said) or 'nothing lost, repeated or out of order'} in {words.plural(packets, 'segment')}"


def _handshake_words(handshake: Row) -> str:
    kind = str(handshake["kind"])
    if kind.startswith("digest"):
        checks = [handshake[name] for name in ("c1_digest_valid", "s1_digest_valid") if handshake[name] is not None]
        return f"{kind} ({'verified' if all(checks) else 'not all digests verify'})"
    duration = handshake["duration_ms"]
    return f"{kind} in {words.milliseconds(duration)}" if isinstance(duration, float) else kind


def _chunk_sizes(source: ReportSource, rows: dict[str, list[Row]]) -> str:
    """The chunk sizes in one line: those that were inferred, and the changes with their frames."""
    number = rows["connections"][0]["connection"]
    joined = {one.direction: one for one in source.tables.context.joined if one.connection == number}
    changes = [one for one in rows["controls"] if one["kind"] == "set_chunk_size"]
    spoken = {row["direction"] for row in rows["channels"]} - set(joined)
    parts = []
    if joined:
        parts.append("chunk size inferred: " + ", ".join(f"{_ENDS[way]} {one.words}" for way, one in joined.items()))
    if changes:
        parts.append(f"chunk size set to: {_changes(source, changes)}")
    elif spoken:
        ends = "in both directions" if len(spoken) > 1 else f"by the {_ENDS[str(*spoken)]}"
        parts.append(f"chunk size 128 {ends} throughout")
    return "; ".join(parts)


def _changes(source: ReportSource, changes: list[Row]) -> str:
    """The chunk-size changes with their frames."""
    said = [
        f"{_ENDS[str(row['direction'])]} {row['value']} ({_packet_of(source, _whole(row['message']))})"
        for row in changes
    ]
    more = f" and {len(said) - _MOST_CHUNK_SIZES} more" if len(said) > _MOST_CHUNK_SIZES else ""
    return ", ".join(said[:_MOST_CHUNK_SIZES]) + more


def _packet_of(source: ReportSource, message: int) -> str:
    """The packet of a message, or the message itself where there are no packets."""
    if not source.facts.has_packets:
        return f"message {message}"
    messages = source.tables["messages"]
    return _packet(source, messages["file"].text_at(message), int(messages["frame"].values[message]))


def _packet(source: ReportSource, file: object, frame: object) -> str:
    """A packet: its number, and its file where there are several."""
    inputs = source.facts.inputs
    return f"frame {frame}" + ("" if inputs.is_one else f" of {inputs.short(str(file))}")


def _ending(source: ReportSource, row: Row) -> str:
    kind, duration = str(row["ended_by"]), row["duration_s"]
    frame = f" ({_packet(source, row['end_file'], row['end_frame'])})" if row["end_frame"] is not None else ""
    lasted = words.seconds(duration if isinstance(duration, float) else None)
    return f"ended by {_ENDINGS.get(kind, kind)}{frame} after {lasted}"


def _finding(source: ReportSource, row: Row) -> FindingSummary:
    place = [f"{name} {row[name]}" for name in ("connection", "direction", "stream") if row[name] is not None]
    place += [_packet(source, row["file"], row["frame"])] if row["frame"] is not None else []
    return FindingSummary(
        code=str(row["code"]),
        severity=str(row["severity"]),
        title=str(row["title"]),
        evidence=str(row["evidence"]),
        advice=str(row["advice"]),
        where=", ".join(place).replace("direction ", ""),
        next=_next_command(source, row),
        occurrences=_whole(row["occurrences"]),
    )


def _next_command(source: ReportSource, row: Row) -> str:
    """The command that shows the place of a finding."""
    name = source.facts.arguments
    if row["message"] is not None:
        return f"rtmpscope show {name} {row['message']}"
    if row["connection"] is not None:
        return f'rtmpscope messages {name} --where "connection == {row["connection"]}"'
    return f"rtmpscope explain {row['code']}"


def _verdict(source: ReportSource, rows: RowsByConnection) -> str:
    """One line: what happened, the first few of it, and whether something is wrong."""
    streams = [(row, stream) for row in rows.connections for stream in rows.one("streams", row)]
    parts = [
        summarize_stream(source, stream, row, rows.one("tracks", row)).verdict
        for row, stream in streams[:_MOST_VERDICTS]
    ]
    silent = _silent(rows)
    shown = [*parts, *silent][:_MOST_VERDICTS]
    left = len(streams) + len(silent) - len(shown)
    return "; ".join([*shown, *([f"and {left} more"] if left else []), _trouble(rows.findings)])


def _silent(rows: RowsByConnection) -> list[str]:
    """The connections without streams; requests may have been made on them that are not in the capture."""
    silent = [row for row in rows.connections if not rows.one("streams", row)]
    unheard = sum(words.is_missing(row, "c2s") or words.is_joined(row) for row in silent)
    counts = (len(silent) - unheard, "without a publish or play request"), (unheard, "whose requests were not captured")
    return [f"{words.plural(number, 'connection')} {what}" for number, what in counts if number]


def _trouble(findings: list[Row]) -> str:
    counts = [(severity, sum(one["severity"] == severity for one in findings)) for severity in ("error", "warning")]
    said = [words.plural(number, severity) for severity, number in counts if number]
    return " and ".join(said) + " found" if said else "nothing found to be wrong"


def _whole(value: object) -> int:
    return value if isinstance(value, int) else 0
