"""Columns that grow, in memory or on disk, and captures whose columns are spilled."""

from __future__ import annotations

import gc
import tempfile
from functools import partial
from io import BytesIO
from pathlib import Path
from unittest.mock import patch

import numpy as np
import pytest

import rtmpscope
from rtmpscope.capture import open_capture
from rtmpscope.pipeline import flows, inputs, store
from rtmpscope.pipeline.growing import GrowingColumns, SpilledColumns, replace_column
from tests.support.capture_write import pcap_bytes, read_pcap
from tests.support.rewrite import parse
from tests.support.tools import CAPTURES

TYPES = {"number": np.int64, "small": np.uint8, "flag": np.bool_}
LIMITS = {"in memory": None, "every part on disk": 0, "two parts at a time": 1000}


def blocks(sizes: list[int]) -> list[dict[str, np.ndarray]]:
    numbers = np.split(np.arange(sum(sizes)), np.cumsum(sizes)[:-1])
    return [{"number": part, "small": part % 200, "flag": part % 3 == 0} for part in numbers]


@pytest.mark.parametrize("limit", LIMITS.values(), ids=LIMITS.keys())
@pytest.mark.parametrize("sizes", [[], [0], [5], [700, 0, 700, 1, 3000]])
def test_rows_come_back_in_order_and_type(limit: int | None, sizes: list[int]) -> None:
    growing = GrowingColumns(TYPES, limit)
    for block in blocks(sizes) if sizes else []:
        growing.append(block)
    columns = growing.finish()
    expected = np.arange(sum(sizes))
    assert list(columns) == list(TYPES)
    assert {name: columns[name].dtype for name in columns} == {name: np.dtype(kind) for name, kind in TYPES.items()}
    assert np.array_equal(columns["number"], expected)
    assert np.array_equal(columns["small"], expected % 200)
    assert np.array_equal(columns["flag"], expected % 3 == 0)


@pytest.mark.parametrize("limit", LIMITS.values(), ids=LIMITS.keys())
def test_a_column_that_two_stores_took_in_is_replaced_in_one_of_them(limit: int | None) -> None:
    one, other = GrowingColumns(TYPES, limit), GrowingColumns(TYPES, limit)
    (block,) = blocks([5])
    for growing in (one, other):
        growing.append(block)
    mended, same = one.finish(), other.finish()
    replace_column(mended, "number", mended["number"] + 100)
    assert mended["number"].tolist() == [100, 101, 102, 103, 104]
    assert same["number"].tolist() == [0, 1, 2, 3, 4]


def one_sided(name: str) -> BytesIO:
    """A publisher's media alone, joined in mid-stream, with packets missing: all there is are estimates."""
    packets = [packet for packet in read_pcap(CAPTURES / name) if parse(packet).ports[2:] == b"\x07\x8f"]
    return BytesIO(pcap_bytes([*packets[30:80], *packets[110:180]]))


@pytest.mark.parametrize("name", ["publish_h264_aac.pcap", "publish_flv1_mp3.pcap"])
def test_how_many_messages_are_put_together_changes_no_table(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = rtmpscope.analyze(one_sided(name))
    assert set(whole.messages["type"]) == {"audio", "video"} and not whole.messages["timestamp_exact"].all()
    monkeypatch.setattr(store, "BLOCK_ROWS", 1)
    monkeypatch.setattr(flows, "_BYTES_AT_ONCE", 1)
    with patch.object(inputs, "open_capture", partial(open_capture, block_bytes=9_000)):
        apart = rtmpscope.analyze(one_sided(name))
    for table in whole.tables:
        assert list(apart.table(table).to_rows()) == list(whole.table(table).to_rows())


def test_the_folder_of_spilled_columns_goes_with_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    growing = GrowingColumns(TYPES, 0)
    growing.append(blocks([10])[0])
    columns = growing.finish()
    assert isinstance(columns, SpilledColumns)
    assert len(list(tmp_path.rglob("*.parquet"))) == 2
    del growing, columns
    gc.collect()
    assert not list(tmp_path.iterdir())


def test_tables_of_a_spilled_capture_are_the_same() -> None:
    path = CAPTURES / "publish_h264_aac.pcap"
    spilled, held = rtmpscope.analyze(path, row_limit=0), rtmpscope.analyze(path, row_limit=None)
    for name in (*held.tables, "chunks"):
        assert list(spilled.table(name).to_rows()) == list(held.table(name).to_rows()), name
    assert spilled.payload(100) == held.payload(100)


def test_a_row_limit_is_a_number() -> None:
    with pytest.raises(rtmpscope.RtmpscopeError, match="row_limit"):
        rtmpscope.analyze(CAPTURES / "publish_h264_aac.pcap", row_limit=-1)
