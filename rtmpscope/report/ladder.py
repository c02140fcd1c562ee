"""The ladder of a connection's opening: who said what to whom, packet by packet, until media flows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from rtmpscope.frozen import frozen
from rtmpscope.pipeline.flows import DirectionFlow
from rtmpscope.report.source import ReportSource

Row = dict[str, object]

#: More rungs than this are cut in the middle.
LONGEST = 40


@frozen
class Rung:
    """One thing said.

    Attributes:
        time: ns; ``frame`` is the packet. Both are None where there are no packets.
        direction: ``c2s`` or ``s2c``.
        words: what was said.
        message: number of the message, None below the message layer.
        note: the answer's latency and the like.
        file: name of the packet's file, empty where there is but one.
    """

    time: int | None
    frame: int | None
    direction: str
    words: str
    message: int | None = None
    note: str = ""
    file: str = ""


@frozen
class Ladder:
    """The rungs in order of time; ``start`` is the time that they are counted from.

    ``skipped`` counts the commands and control messages between the opening and the end that are not shown.
    """

    start: int
    rungs: list[Rung]
    skipped: int

    @property
    def heads(self) -> tuple[str, ...]:
        """The heads of its columns; what is known of no rung has none."""
        known = {
            "time": any(rung.time is not None for rung in self.rungs),
            "file": any(rung.file for rung in self.rungs),
        }
        known["frame"] = any(rung.frame is not None for rung in self.rungs)
        return (*(name for name, is_known in known.items() if is_known), "from", "message", "what")

    def cells(self, rung: Rung, senders: Mapping[str, str]) -> tuple[str, ...]:
        """The columns of a rung; ``senders`` are the words for each direction."""
        cells = {
            "time": "" if rung.time is None else f"{(rung.time - self.start) / 1e9:.3f} s",
            "file": rung.file,
            "frame": "" if rung.frame is None else str(rung.frame),
            "from": senders[rung.direction],
            "message": "" if rung.message is None else str(rung.message),
            "what": rung.words + (f"  ({rung.note})" if rung.note else ""),
        }
        return tuple(cells[head] for head in self.heads)


def ladder_of(source: ReportSource, connection: Row, commands: list[Row], controls: list[Row]) -> Ladder:
    """The ladder of one connection: TCP, handshake, then commands and control messages."""
    start = connection["start"]
    assert isinstance(start, int) or not source.facts.has_packets
    said = sorted([*commands, *controls], key=lambda row: (row["message"], "command" in row))
    rungs = [_rung(source, row) for row in said]
    noise = {"acknowledgement", "ping_request", "ping_response"}
    kept = [rung for rung in rungs if rung.words.split(" ")[0] not in noise]
    opening = _transport_rungs(source, connection)
    skipped = len(rungs) - len(kept)
    if len(kept) > LONGEST:
        skipped += len(kept) - LONGEST
        kept = kept[: LONGEST - 8] + kept[-8:]
    return Ladder(start if isinstance(start, int) else 0, opening + kept, skipped)


def _rung(source: ReportSource, row: Row) -> Rung:
    message, time = row["message"], row["time"]
    assert isinstance(message, int)
    messages = source.tables["messages"]
    words = messages["info"].text_at(message) or ""
    if "command" in row:
        words = f"{words}{_argument_words(row)}"
    latency = row.get("latency_ms")
    note = f"after {latency:.1f} ms" if isinstance(latency, float) else ""
    inputs = source.facts.inputs
    file = "" if inputs.is_one else inputs.short(messages["file"].text_at(message) or "")
    if not isinstance(time, int):
        return Rung(None, None, str(row["direction"]), words, message, note)
    return Rung(time, int(messages["frame"].values[message]), str(row["direction"]), words, message, note, file)


def _argument_words(row: Row) -> str:
    description = row["description"]
    return f": {description}" if description and row["level"] == "error" else ""


def _transport_rungs(source: ReportSource, connection: Row) -> list[Rung]:
    """TCP's and the handshake's packets."""
    number = connection["connection"]
    assert isinstance(number, int)
    entry, inputs = source.tables.context.listed[number], source.facts.inputs
    rungs = []
    for way, name, what in ((0, "c2s", "C0 C1 C2"), (1, "s2c", "S0 S1 S2")):
        flow: DirectionFlow | None = source.tables.context.decoded.flows.get(entry.flow(way))
        if flow is not None and flow.handshake_span is not None and flow.handshake:
            span = flow.handshake_span
            file, frame = inputs.packet(span.first_frame)
            shown = "" if inputs.is_one else inputs.short(file)
            rungs.append((span.first_time, Rung(span.first_time, frame, name, f"handshake {what}", file=shown)))
    in_order = [rung for _, rung in sorted(rungs, key=lambda pair: pair[0])]
    return in_order if source.facts.has_packets else [replace(rung, time=None, frame=None) for rung in in_order]
