"""The reference decoder, the loops in Python and the compiled ones give the same tables on every capture."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

import rtmpscope
from rtmpscope.pipeline import flows, replay
from rtmpscope.rtmp import ReferenceDecoder
from tests.support.tools import CAPTURES
from tests.support.ways import COMPILED, IN_PYTHON, the_way

ALL = sorted(path.name for path in CAPTURES.glob("*.pcap*"))


def tables(path: Path) -> dict[str, list[dict[str, object]]]:
    analysis = rtmpscope.analyze(path)
    return {table: list(analysis.table(table).to_rows()) for table in (*analysis.tables, "chunks")}


@cache
def expected(name: str) -> dict[str, list[dict[str, object]]]:
    with pytest.MonkeyPatch.context() as patch:
        for module in (flows, replay):
            patch.setattr(module, "ChunkDecoder", ReferenceDecoder)
        return tables(CAPTURES / name)


@pytest.mark.parametrize("way", [IN_PYTHON, COMPILED])
@pytest.mark.parametrize("name", ALL)
def test_every_capture_gives_the_tables_of_the_reference(name: str, way: str) -> None:
    with the_way(way):
        assert tables(CAPTURES / name) == expected(name)
