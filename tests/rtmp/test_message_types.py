from __future__ import annotations

import pytest

from rtmpscope.rtmp.message_types import TYPE_CATEGORIES, TYPE_CODES, TYPE_NAMES, type_name


@pytest.mark.parametrize(
    ("type_id", "name"),
    [(1, "set_chunk_size"), (4, "user_control"), (9, "video"), (17, "command_amf3"), (22, "aggregate")],
)
def test_types_have_the_specifications_names(type_id: int, name: str) -> None:
    assert type_name(type_id) == name


@pytest.mark.parametrize("type_id", [0, 7, 10, 14, 21, 23, 255, -1])
def test_other_numbers_are_unknown(type_id: int) -> None:
    assert type_name(type_id) == "unknown"


def test_the_lookup_table_agrees_with_the_names() -> None:
    assert [TYPE_CATEGORIES[code] for code in TYPE_CODES] == [type_name(number) for number in range(256)]
    assert len(set(TYPE_CATEGORIES)) == len(TYPE_CATEGORIES) == len(TYPE_NAMES) + 1
