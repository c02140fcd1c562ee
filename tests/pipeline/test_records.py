"""Equal bodies are decoded once; each message still has its own record, and its own problems."""

from __future__ import annotations

import struct

from rtmpscope.pipeline.records import Origin, Records

COMMAND, DATA = 20, 18
NAME = b"\x02" + struct.pack(">H", 8) + b"onStatus"


def _read(*bodies: tuple[int, bytes]) -> Records:
    records = Records()
    for ordinal, (type_id, body) in enumerate(bodies):
        records.read(Origin(ordinal, 0, 0, 0, 0), type_id, body)
    return records


def test_equal_commands_share_what_they_say() -> None:
    records = _read((COMMAND, NAME), (COMMAND, NAME + b"\x05"), (COMMAND, NAME))
    assert [origin.ordinal for origin, _ in records.commands] == [0, 1, 2]
    first, _, last = (command for _, command in records.commands)
    assert first is last


def test_an_equal_body_of_another_type_is_read_as_that() -> None:
    records = _read((COMMAND, NAME), (DATA, NAME))
    assert [command.name for _, command in records.commands] == ["onStatus"]
    assert [record.event for _, record in records.metadata] == ["onStatus"]


def test_each_malformed_body_is_a_problem_of_its_own() -> None:
    cut, nameless = NAME[:-1], b"\x05"
    records = _read((COMMAND, cut), (COMMAND, nameless), (COMMAND, cut), (COMMAND, nameless))
    once = _read((COMMAND, cut), (COMMAND, nameless))
    found = [(one.ordinal, one.kind, one.reason) for one in records.problems]
    assert found == [
        *((one.ordinal, one.kind, one.reason) for one in once.problems),
        *((one.ordinal + 2, one.kind, one.reason) for one in once.problems),
    ]
    assert {kind for _, kind, _ in found} == {"malformed_amf", "malformed_body"}
