"""The ``findings`` table: the rules, run over the other tables and what is known of the capture."""

from __future__ import annotations

from collections.abc import Mapping

from rtmpscope.findings import CaptureNotes, Damage, Evidence, LostSync, Place, find, finding_rows
from rtmpscope.pipeline.build.context import DIRECTIONS, Context
from rtmpscope.tables import SCHEMAS, Table


def findings_table(context: Context, tables: Mapping[str, Table]) -> Table:
    """The ``findings`` table."""
    return Table.from_rows(SCHEMAS["findings"], finding_rows(find(Evidence(tables, _notes(context)))))


def _notes(context: Context) -> CaptureNotes:
    facts = context.decoded.facts
    damage = tuple(Damage(capture.name, one.offset, one.reason) for capture in facts.files for one in capture.damage)
    return CaptureNotes(
        damage=damage,
        snapped_packets=facts.snapped_packets,
        tcp_packets=facts.tcp_segments,
        snapped_bytes=facts.snapped_bytes,
        payload_bytes=facts.payload_bytes,
        clock_steps_back=facts.clock_steps_back,
        first_step_frame=facts.first_step_frame,
        largest_step_s=facts.largest_step_s,
        duplicate_packets=facts.duplicate_packets,
        first_duplicate_frame=facts.first_duplicate_frame,
        lost_sync=_lost_sync(context),
    )


def _lost_sync(context: Context) -> tuple[LostSync, ...]:
    """Where directions stopped reading as chunks for another reason than missing packets."""
    found = []
    regained: dict[int, int] = {}
    for problem in reversed(context.decoded.records.problems):
        connection = int(context.names.connection[problem.flow])
        if problem.kind == "sync_regained":
            regained[problem.flow] = problem.offset
        if problem.kind != "lost_sync" or connection < 0 or "hole" in problem.reason:
            continue
        record = context.decoded.connections[problem.flow >> 1]
        place = Place(connection, DIRECTIONS[int(context.names.direction[problem.flow])])
        end = regained.get(problem.flow, record.bytes[problem.flow & 1])
        found.append(LostSync(place, problem.offset, end - problem.offset, problem.reason))
    return tuple(reversed(found))
