"""Where a capture is cut into blocks, and how much is decoded in one go, changes no row of any table."""

from __future__ import annotations

import random
from dataclasses import replace
from functools import cache, partial
from io import BytesIO
from pathlib import Path
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import rtmpscope
from rtmpscope.capture import open_capture
from rtmpscope.pipeline import flows, inputs
from tests.support.capture_write import Packet, pcap_bytes, read_pcap
from tests.support.rewrite import Segment, duplicated, overlapping, parse, reordered
from tests.support.tools import CAPTURES

NAMES = ("publish_h264_aac.pcap", "lossy_router.pcap", "extension_left_out.pcap", "ipv6_chunk128_any.pcap")


def rows_of(capture: Path | BytesIO) -> dict[str, list[dict[str, object]]]:
    analysis = rtmpscope.analyze(capture)
    tables = {*analysis.tables, "chunks"} if isinstance(capture, Path) else analysis.tables
    return {table: list(analysis.table(table).to_rows()) for table in tables}


@cache
def expected(name: str) -> dict[str, list[dict[str, object]]]:
    return rows_of(CAPTURES / name)


def in_blocks(block_bytes: int) -> object:
    return patch.object(inputs, "open_capture", partial(open_capture, block_bytes=block_bytes))


@pytest.mark.parametrize("block_bytes", [400, 30_011, 200_000])
@pytest.mark.parametrize("name", NAMES)
def test_any_size_of_block_gives_the_same_tables(name: str, block_bytes: int) -> None:
    whole = expected(name)
    with in_blocks(block_bytes):
        assert rows_of(CAPTURES / name) == whole


@cache
def segments_of(name: str) -> list[Segment]:
    return [parse(packet) for packet in read_pcap(CAPTURES / name)[:300]]


@settings(deadline=None, max_examples=30)
@given(
    name=st.sampled_from(["lossy_router.pcap", "publish_h264_aac.pcap", "play_rtmpdump.pcap", "publisher_dies.pcap"]),
    changes=st.lists(st.sampled_from([reordered, duplicated, overlapping]), max_size=2, unique=True),
    seed=st.integers(0, 1 << 30),
    lost=st.sampled_from([0, 0.02, 0.1]),
    block_bytes=st.sampled_from([300, 1_700, 6_000, 25_000]),
)
def test_blocks_change_nothing_of_captures_that_were_reordered_and_repeated_and_lost_packets(
    name: str, changes: list, seed: int, lost: float, block_bytes: int
) -> None:
    segments = segments_of(name)
    for change in changes:
        segments = change(segments, seed)
    chance = random.Random(seed)
    capture = pcap_bytes([segment.packet() for segment in segments if chance.random() >= lost])
    whole = rows_of(BytesIO(capture))
    with in_blocks(block_bytes):
        assert rows_of(BytesIO(capture)) == whole


def of_another(segment: Segment, number: int) -> Segment:
    """The segment as one of a connection between other addresses."""
    ip = bytearray(segment.ip)
    ip[14] ^= number
    ip[18] ^= number
    return replace(segment, ip=bytes(ip))


@cache
def crowd() -> bytes:
    """Connections side by side, the last the fastest, of which the same packets are missing, or stored in part."""
    names = ["publish_h264_aac.pcap", "play_rtmpdump.pcap", "publish_flv1_mp3.pcap"] * 3
    placed = [(place, number, one) for number, name in enumerate(names) for place, one in enumerate(segments_of(name))]
    packets = []
    for time, (place, number, segment) in enumerate(sorted(placed, key=lambda one: (one[0] * (9 - one[1]), one[1]))):
        data = of_another(segment, number).packet().data
        kept = data[: 300 - place] if place % 23 == 5 else data
        if place % 37 != 36:
            packets.append(Packet(time * 1_000_000, kept, len(data) - len(kept)))
    return pcap_bytes(packets)


@pytest.mark.parametrize("block_bytes", [3_001, 97_001])
def test_blocks_change_nothing_of_many_connections_that_lost_packets(block_bytes: int) -> None:
    whole = rows_of(BytesIO(crowd()))
    with in_blocks(block_bytes):
        assert rows_of(BytesIO(crowd())) == whole
    assert {"CAP01", "CAP04"} <= {row["code"] for row in whole["findings"]}


@pytest.mark.parametrize("at_once", [1, 5_000, 1 << 30])
@pytest.mark.parametrize("in_all", [0, 1 << 30])
@pytest.mark.parametrize("name", NAMES[:2])
def test_decoding_more_or_less_in_one_go_gives_the_same_tables(
    name: str, in_all: int, at_once: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = expected(name)
    monkeypatch.setattr(flows, "_BYTES_AT_ONCE", at_once)
    monkeypatch.setattr(flows, "_MOST_WAITING_BYTES", in_all)
    with in_blocks(30_011):
        assert rows_of(CAPTURES / name) == whole
