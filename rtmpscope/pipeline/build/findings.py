"""The ``findings`` table: the rules, run over the other tables and what is known of the capture."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from rtmpscope.findings import (
    CaptureNotes,
    ChunkProblem,
    ClockStep,
    Damage,
    Evidence,
    LostSync,
    Missing,
    PacketName,
    Place,
    Resumed,
    find,
    finding_rows,
    needs_packets,
)
from rtmpscope.pipeline.build.by_flow import RowsByFlow
from rtmpscope.pipeline.build.context import DIRECTIONS, Context
from rtmpscope.pipeline.build.tcp_facts import tcp_facts
from rtmpscope.pipeline.build.unread import unread_stretches
from rtmpscope.pipeline.records import Problem
from rtmpscope.rtmp import LOSSES, LOST_SYNC
from rtmpscope.tables import SCHEMAS, Table

#: Problems that tell of a header from which decoding went on: a sure one, and one that nothing speaks against.
_REGAINED = ("sync_regained", "sync_assumed")


def findings_table(context: Context, tables: Mapping[str, Table]) -> Table:
    """The ``findings`` table."""
    evidence = Evidence(tables, _notes(context), context.options.limits)
    found = find(evidence)
    if not context.decoded.facts.has_packets:
        found = [one for one in found if not needs_packets(one.code)]
    return Table.from_rows(SCHEMAS["findings"], finding_rows(found, evidence))


def _notes(context: Context) -> CaptureNotes:
    facts, inputs = context.decoded.facts, context.decoded.facts.inputs
    damage = tuple(Damage(file.name, one.offset, one.reason) for file in inputs.files for one in file.damage)

    def packet(number: int | None) -> PacketName | None:
        return None if number is None else PacketName(*inputs.packet(number))

    return CaptureNotes(
        damage=damage,
        files=inputs.names,
        snapped_packets=facts.snapped_packets,
        first_snapped=packet(facts.first_snapped),
        tcp_packets=facts.tcp_segments,
        snapped_bytes=facts.snapped_bytes,
        payload_bytes=facts.payload_bytes,
        clock_steps_back=facts.clock.steps_back,
        clock_jumps=facts.clock.jumps,
        largest_step_s=facts.clock.largest_back_s,
        clock_changes=tuple(
            ClockStep(PacketName(*inputs.packet(one.frame)), one.time, one.seconds, one.hosts_s)
            for one in facts.clock.changes
        ),
        duplicate_packets=facts.duplicate_packets,
        first_duplicate=packet(facts.first_duplicate),
        lost_sync=_lost_sync(context),
        resumed=tuple(_resumed(context)),
        problems=tuple(_chunk_problems(context)),
        missing=tuple(_missing(context)),
        joined=context.joined,
        unread=unread_stretches(context),
        tcp=tcp_facts(context),
        end=facts.last_time or 0,
    )


def _problems(context: Context) -> list[Problem]:
    """What was malformed, direction by direction: the order in which directions were decoded is chance."""
    return sorted(context.decoded.records.problems, key=lambda problem: problem.flow)


def _lost_sync(context: Context) -> tuple[LostSync, ...]:
    """Where directions stopped reading as chunks for another reason than missing packets."""
    found = []
    regained: dict[int, int] = {}
    for problem in reversed(_problems(context)):
        connection = int(context.names.connection[problem.flow])
        if problem.kind in _REGAINED:
            regained[problem.flow] = problem.offset
        if problem.kind != LOST_SYNC or connection < 0:
            continue
        record = context.decoded.connections[problem.flow >> 1]
        place = Place(connection, DIRECTIONS[int(context.names.direction[problem.flow])])
        end = regained.get(problem.flow, record.bytes[problem.flow & 1])
        found.append(LostSync(place, problem.offset, end - problem.offset, problem.reason))
    return tuple(reversed(found))


def _resumed(context: Context) -> Iterator[Resumed]:
    """Where directions went on after the place of the next header had been searched for."""
    searched_from: dict[int, int] = {}
    for problem in _problems(context):
        connection = int(context.names.connection[problem.flow])
        if problem.kind in LOSSES:
            searched_from[problem.flow] = problem.offset
        elif problem.kind in _REGAINED and connection >= 0 and problem.flow in searched_from:
            skipped = problem.offset - searched_from.pop(problem.flow)
            direction = DIRECTIONS[int(context.names.direction[problem.flow])]
            yield Resumed(connection, direction, problem.offset, skipped, problem.kind == "sync_regained")


def _chunk_problems(context: Context) -> Iterator[ChunkProblem]:
    """What the chunk decoders stepped over, at the message that begins there or next."""
    source = context.decoded.messages
    found = [one for one in _problems(context) if one.ordinal < 0 and context.names.connection[one.flow] >= 0]
    by_offset: dict[int, tuple[NDArray[np.int64], NDArray[np.int64]]] = {}
    by_flow = RowsByFlow(source)
    for one in found:
        if one.flow not in by_offset:
            rows = by_flow.of(one.flow)
            rows = rows[np.argsort(source["offset"][rows], kind="stable")]
            by_offset[one.flow] = rows, source["offset"][rows]
        rows, offsets = by_offset[one.flow]
        after = int(np.searchsorted(offsets, one.offset))
        connection, direction = int(context.names.connection[one.flow]), int(context.names.direction[one.flow])
        place = Place(connection, DIRECTIONS[direction])
        if after < len(rows):
            row = int(rows[after])
            time = int(source["time_start"][row])
            file, frame = context.decoded.facts.inputs.packet(int(source["frame_start"][row]))
            place = Place(connection, DIRECTIONS[direction], None, time, frame, int(context.message_of[row]), file)
        yield ChunkProblem(place, one.kind, one.offset, one.reason)


def _missing(context: Context) -> Iterator[Missing]:
    for hole in context.decoded.holes:
        flow = 2 * hole.connection + hole.direction
        connection = int(context.names.connection[flow])
        if connection >= 0:
            direction = DIRECTIONS[int(context.names.direction[flow])]
            yield Missing(connection, direction, hole.offset, hole.length, hole.time)
