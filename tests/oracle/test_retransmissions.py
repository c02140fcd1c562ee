"""What was sent again in a capture with real losses, by tshark's sequence numbers and analysis."""

from __future__ import annotations

import subprocess
from functools import cache

import pytest

import rtmpscope
from tests.support.tools import CAPTURES, require_tool

pytestmark = pytest.mark.oracle

PATH = CAPTURES / "lossy_router.pcap"


def tshark(display_filter: str, *fields: str) -> list[list[int]]:
    """Fields of the packets that a filter chooses."""
    command = [require_tool("tshark"), "-r", str(PATH), "-Y", display_filter, "-T", "fields"]
    for name in fields:
        command += ["-e", name]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return [[int(value) for value in line.split("\t")] for line in said.splitlines()]


@cache
def sent_again(direction: str) -> list[int]:
    events = rtmpscope.analyze(PATH).tcp_events
    chosen = (events.event == "retransmission") & (events.direction == direction)
    return sorted(events.frame[chosen].tolist())


def test_behind_the_capture_lost_segments_are_those_that_stand_in_it_twice() -> None:
    seen: set[tuple[int, int]] = set()
    again = []
    for frame, stream, seq in tshark("tcp.srcport == 1935 && tcp.len > 0", "frame.number", "tcp.stream", "tcp.seq"):
        again += [frame] if (stream, seq) in seen else []
        seen.add((stream, seq))
    assert again
    assert sent_again("s2c") == again


def test_segments_lost_before_the_capture_are_told_where_tshark_tells_them() -> None:
    told = [frame for (frame,) in tshark("tcp.dstport == 1935 && tcp.analysis.retransmission", "frame.number")]
    assert told
    assert set(told) <= set(sent_again("c2s"))
    assert not rtmpscope.analyze(PATH).connections.missing_bytes.any()
