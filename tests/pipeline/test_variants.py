"""The same session gives the same rows, however its packets were captured and stored."""

from __future__ import annotations

import io
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import rtmpscope
from tests.pipeline.rows import Row, message_rows
from tests.support.capture_write import Packet, pcap_bytes, read_pcap
from tests.support.rewrite import VARIANTS, duplicated, overlapping, parse, reordered, wrapped
from tests.support.tools import CAPTURES

PLAIN = ["publish_h264_aac.pcap", "play_rtmpdump.pcap", "timestamps_past_ffffff.pcap", "publish_refused_same_name.pcap"]


@cache
def packets_of(name: str) -> list[Packet]:
    return read_pcap(CAPTURES / name)


@cache
def plain_rows(name: str) -> list[Row]:
    return message_rows(rtmpscope.analyze(CAPTURES / name), bodies=True)


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("name", PLAIN)
def test_variant_gives_the_same_rows(name: str, variant: str, tmp_path: Path) -> None:
    path = tmp_path / "variant"
    path.write_bytes(VARIANTS[variant](packets_of(name)))
    assert message_rows(rtmpscope.analyze(path), bodies=True) == plain_rows(name)


@settings(deadline=None, max_examples=25)
@given(seed=st.integers(0, 1 << 30), changes=st.permutations([reordered, duplicated, overlapping, wrapped]))
def test_variants_in_any_order_and_mix_give_the_same_rows(seed: int, changes: list) -> None:
    segments = [parse(packet) for packet in packets_of(PLAIN[0])]
    for change in changes:
        segments = change(segments, seed)
    capture = io.BytesIO(pcap_bytes([segment.packet() for segment in segments]))
    rows = message_rows(rtmpscope.analyze(capture))
    assert rows == [row[:-1] for row in plain_rows(PLAIN[0])]
