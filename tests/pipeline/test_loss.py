"""Packets missing from the capture cost the messages they held, hardly any others, and nothing is invented."""

from __future__ import annotations

import io
import random
from functools import cache
from pathlib import Path

import pytest

import rtmpscope
from tests.support.capture_write import Packet, pcap_bytes, read_pcap
from tests.support.tools import CAPTURES, shared_capture

NAMES = ["publish_h264_aac.pcap", "play_rtmpdump.pcap", "publish_flv1_mp3.pcap", "timestamps_past_ffffff.pcap"]
Identity = tuple[int, str, int, int, int]
_SMALLEST_DATA = 120


def path_of(name: str) -> Path:
    return shared_capture(name) if name.startswith("obs27") else CAPTURES / name


@cache
def original(path: Path) -> rtmpscope.Analysis:
    return rtmpscope.analyze(path)


def identities(analysis: rtmpscope.Analysis, *, complete: bool) -> set[Identity]:
    frame = analysis.messages[analysis.messages.complete] if complete else analysis.messages
    names = ["connection", "direction", "offset", "type_id", "length"]
    return set(zip(*(frame[name].tolist() for name in names), strict=True))


def wholly_captured(path: Path, lost: set[int]) -> set[Identity]:
    """The messages of which no packet is among ``lost`` (positions in the file)."""
    frame = original(path).messages
    gone = {place + 1 for place in lost}
    touched = [
        any(number in gone for number in range(first, last + 1))
        for first, last in zip(frame.frame_start, frame.frame, strict=True)
    ]
    names = ["connection", "direction", "offset", "type_id", "length"]
    return set(zip(*(frame[~frame.index.isin(frame.index[touched])][name].tolist() for name in names), strict=True))


def assert_little_is_lost(path: Path, lost: set[int], share: float) -> None:
    packets = read_pcap(path)
    kept = [packet for place, packet in enumerate(packets) if place not in lost]
    analysis = rtmpscope.analyze(io.BytesIO(pcap_bytes(kept)))
    assert identities(analysis, complete=False) <= identities(original(path), complete=False), "invented"
    whole = wholly_captured(path, lost)
    found = whole & identities(analysis, complete=True)
    assert len(found) >= share * len(whole), f"{len(found)} of {len(whole)}"


def data_packets(packets: list[Packet]) -> list[int]:
    return [place for place, packet in enumerate(packets) if len(packet.data) > _SMALLEST_DATA]


@pytest.mark.parametrize("name", [*NAMES, "obs27_to_nginx.pcap"])
@pytest.mark.parametrize("every", [100, 50, 20])
def test_single_packets_missing(name: str, every: int) -> None:
    path = path_of(name)
    assert_little_is_lost(path, set(data_packets(read_pcap(path))[7::every]), 0.98)


@pytest.mark.parametrize("name", ["publish_h264_aac.pcap", "play_rtmpdump.pcap", "timestamps_past_ffffff.pcap"])
@pytest.mark.parametrize("seed", range(3))
def test_bursts_missing(name: str, seed: int) -> None:
    path = path_of(name)
    places = data_packets(read_pcap(path))
    chance = random.Random(seed)
    lost: set[int] = set()
    for start in range(60, len(places) - 12, 80):
        lost |= set(places[start : start + chance.randint(2, 10)])
    assert_little_is_lost(path, lost, 0.97)
