"""CAP: what is wrong with the capture itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rtmpscope.findings.cells import counted, whole, whole_or_none
from rtmpscope.findings.model import ClockStep, Evidence, Finding, PacketName, Place, Resumed, Row


def missing_packets(evidence: Evidence) -> Iterator[Finding]:
    """CAP01: holes that the receiver acknowledged."""
    events = evidence.tables["tcp_events"]
    resumed = evidence.capture.resumed
    by_place: dict[tuple[int, str], list[Row]] = {}
    for row in events.take(events["event"].rows_named("gap")).to_rows():
        if not row["acked"]:
            continue  # the network may have lost them
        by_place.setdefault((whole(row["connection"]), str(row["direction"])), []).append(row)
    for (connection, direction), rows in by_place.items():
        total = sum(whole(row["length"]) for row in rows)
        first, worst = rows[0], max(rows, key=lambda row: whole(row["length"]))
        packet = evidence.name(PacketName(str(worst["file"]), whole(worst["frame"])))
        place = Place(connection, direction, None, whole(first["time"]), whole(first["frame"]), file=str(first["file"]))
        title = f"{counted(total, 'byte')} of {direction} {'is' if total == 1 else 'are'} missing from the capture"
        seen = f"{counted(len(rows), 'hole')} in the sequence numbers that the receiver acknowledged; the largest, of "
        seen += f"{worst['length']} bytes, before {packet}"
        seen += _searches([one for one in resumed if (one.connection, one.direction) == (connection, direction)])
        yield Finding("CAP01", "warning", title, place, seen, len(rows))


def already_running(evidence: Evidence) -> Iterator[Finding]:
    """CAP02: neither SYN nor handshake was captured."""
    for row in evidence.rows("connections"):
        if (
            row["direction_basis"] != "syn"
            and row["handshake"] == "absent"
            and row["transport_confidence"] == "content"
        ):
            place = Place(whole(row["connection"]), time=whole(row["start"]), frame=whole_or_none(row["start_frame"]))
            title = f"connection {row['connection']} was already running when the capture began"
            seen = ["no SYN and no handshake", *_chunk_sizes(evidence, row)]
            yield Finding("CAP02", "note", title, place, "; ".join(seen))


def _chunk_sizes(evidence: Evidence, connection: Row) -> Iterator[str]:
    """What was inferred of the chunk sizes of a connection."""
    for one in evidence.capture.joined:
        if one.connection == connection["connection"]:
            yield f"{one.direction} chunk size inferred: {one.words}"


def one_direction(evidence: Evidence) -> Iterator[Finding]:
    """CAP03: bytes from one side, no segment from the other."""
    for row in evidence.rows("connections"):
        packets = {"c2s": whole(row["c2s_packets"]), "s2c": whole(row["s2c_packets"])}
        size = {"c2s": whole(row["c2s_bytes"]), "s2c": whole(row["s2c_bytes"])}
        for seen, unseen in (("c2s", "s2c"), ("s2c", "c2s")):
            if size[seen] and not packets[unseen]:
                place = Place(
                    whole(row["connection"]), unseen, None, whole(row["start"]), whole_or_none(row["start_frame"])
                )
                title = f"only {seen} of connection {row['connection']} was captured"
                yield Finding("CAP03", "note", title, place, f"{packets[seen]} packets {seen}, none {unseen}")


def snapped(evidence: Evidence) -> Iterator[Finding]:
    """CAP04: packets stored in part."""
    notes = evidence.capture
    if not notes.snapped_packets:
        return
    share = 100 * notes.snapped_bytes / notes.payload_bytes if notes.payload_bytes else 0.0
    title = f"{notes.snapped_packets} of {notes.tcp_packets} TCP packets were stored in part"
    seen = f"{share:.1f} % of the payload is missing" + _searches(notes.resumed)
    yield Finding("CAP04", "note", title, _at(notes.first_snapped), seen, notes.snapped_packets)


def damaged(evidence: Evidence) -> Iterator[Finding]:
    """CAP05: a file that is cut or damaged."""
    for damage in evidence.capture.damage:
        title = f"{damage.file} is damaged or cut at offset {damage.offset}"
        yield Finding("CAP05", "warning", title, Place(file=damage.file), damage.reason)


def clock(evidence: Evidence) -> Iterator[Finding]:
    """CAP06: a clock that steps back, or jumps ahead."""
    notes = evidence.capture
    back = [step for step in notes.clock_changes if step.seconds < 0]
    ahead = [step for step in notes.clock_changes if step.seconds > 0]
    if back:
        title = f"the packet clock steps back {counted(notes.clock_steps_back, 'time')}"
        seen = f"by up to {notes.largest_step_s:.3f} s; {_steps(evidence, back)}"
        yield Finding("CAP06", "note", title, _at(back[0].packet, back[0].time), seen, notes.clock_steps_back)
    if ahead:
        title = f"the packet clock jumps ahead {counted(notes.clock_jumps, 'time')}"
        hosts = max(step.hosts_s for step in ahead)
        seen = f"{_steps(evidence, ahead)}; for the hosts no more than {hosts:.1f} s went by"
        yield Finding("CAP06", "note", title, _at(ahead[0].packet, ahead[0].time), seen, notes.clock_jumps)


def clocks_apart(evidence: Evidence) -> Iterator[Finding]:
    """CAP06: files of a capture whose clocks differ, as an answer tells that comes before what it answers."""
    apart = [(facts.clocks_apart_s, number) for number, facts in enumerate(evidence.capture.tcp)]
    apart = [one for one in apart if one[0] > evidence.limits.clock_back_ms / 1000]
    if not apart:
        return
    most, number = max(apart)
    row = evidence.by("connections", "connection")[number]
    place = Place(
        number, None, None, whole(row["start"]), whole_or_none(row["start_frame"]), file=str(row["start_file"])
    )
    title = f"the clocks of the capture's files differ by at least {most:.3f} s"
    seen = f"the answer to the SYN of connection {number} is {most:.3f} s before it"
    advice = "Shift the file whose clock is wrong: editcap -t SECONDS IN OUT. What depends on order is not judged."
    yield Finding("CAP06", "warning", title, place, seen, len(apart), advice)


def duplicates(evidence: Evidence) -> Iterator[Finding]:
    """CAP07: packets that the capture holds twice."""
    notes = evidence.capture
    if notes.duplicate_packets:
        packets = counted(notes.duplicate_packets, "packet")
        title = f"{packets} {'is' if notes.duplicate_packets == 1 else 'are'} in the capture twice"
        seen = "same sequence numbers, length and IP identification within 0.5 ms"
        yield Finding("CAP07", "note", title, _at(notes.first_duplicate), seen, notes.duplicate_packets)


def _searches(resumed: Sequence[Resumed]) -> str:
    """How often the next chunk header had to be searched for, at what cost, and how sure those found are."""
    if not resumed:
        return ""
    skipped, confirmed = sum(one.skipped for one in resumed), sum(one.confirmed for one in resumed)
    longest = max(resumed, key=lambda one: one.skipped)
    sure = "each one found is" if confirmed == len(resumed) else f"{confirmed} of those found are"
    return (
        f"; the next chunk header was searched for {counted(len(resumed), 'time')}, over {counted(skipped, 'byte')}, "
        f"{longest.skipped} of them before {longest.direction} offset {longest.offset}; {sure} confirmed by "
        "what follows"
    )


def _at(packet: PacketName | None, time: int | None = None) -> Place:
    return Place() if packet is None else Place(time=time, frame=packet.frame, file=packet.file)


def _steps(evidence: Evidence, steps: list[ClockStep]) -> str:
    """Where the clock changed, and by how much."""
    return ", ".join(f"{evidence.name(step.packet)}: {step.seconds:+.3f} s" for step in steps)


RULES = (missing_packets, already_running, one_direction, snapped, damaged, clock, clocks_apart, duplicates)
