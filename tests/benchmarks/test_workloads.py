"""Workloads hold what they say they hold, as the analysis reads them."""

from __future__ import annotations

import subprocess
from collections import Counter
from pathlib import Path

import pytest

import rtmpscope
from benchmarks import wire, workloads
from benchmarks.bench import tshark
from rtmpscope import Analysis
from tests.support.tools import require_tool

_OF_ONE_PUBLISHER = [name for name in sorted(workloads.WORKLOADS) if name != "W3"]


def _made(folder: Path, name: str, megabytes: float = 3) -> tuple[Path, workloads.Facts]:
    path = folder / f"{name}.pcap"
    return path, workloads.write(name, path, megabytes)


@pytest.mark.parametrize("name", sorted(workloads.WORKLOADS))
def test_a_workload_is_the_same_each_time(name: str, tmp_path: Path) -> None:
    path, facts = _made(tmp_path, name)
    first = path.read_bytes()
    assert _made(tmp_path, name)[1] == facts
    assert path.read_bytes() == first


@pytest.mark.parametrize("name", _OF_ONE_PUBLISHER)
def test_a_workload_is_as_large_as_asked_for(name: str, tmp_path: Path) -> None:
    path, facts = _made(tmp_path, name)
    assert facts.bytes == path.stat().st_size
    assert facts.bytes == pytest.approx(3e6, rel=0.03)


@pytest.mark.parametrize("name", ["W1", "W2", "W3", "W4", "W6", "W7"])
def test_a_whole_workload_decodes_whole_with_nothing_wrong(name: str, tmp_path: Path) -> None:
    path, facts = _made(tmp_path, name)
    analysis = rtmpscope.analyze(path)
    messages = analysis.messages
    assert len(messages) == facts.messages
    assert messages["complete"].all()
    assert list(analysis.findings["code"]) == (["CHK04"] if name == "W2" else []), "chunks of 128 bytes are small"


@pytest.mark.oracle
@pytest.mark.parametrize("name", ["W1", "W2", "W3", "W4"])
def test_tshark_reads_every_message_with_its_defaults(name: str, tmp_path: Path) -> None:
    require_tool("tshark")
    path, _ = _made(tmp_path, name)
    said = subprocess.run(tshark(path), capture_output=True, text=True, check=True).stdout
    theirs = Counter(int(one, 16) for line in said.splitlines() for one in line.split("\t")[1].split(",") if one)
    assert theirs == Counter(rtmpscope.analyze(path).messages["type_id"].tolist())


def test_parts_written_one_after_another_join(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = _made(tmp_path, "W5")[0].read_bytes()
    monkeypatch.setattr(workloads, "_PACKETS_AT_ONCE", 7)
    assert _made(tmp_path, "W5")[0].read_bytes() == whole


def test_w2_has_chunks_of_128_bytes(tmp_path: Path) -> None:
    one, two = (_analyzed(tmp_path, name).messages for name in ("W1", "W2"))
    assert two["chunk_count"].sum() > 20 * one["chunk_count"].sum()


def test_w3_interleaves_its_connections_with_one_message_a_segment(tmp_path: Path) -> None:
    messages = _analyzed(tmp_path, "W3").messages
    audio = messages[messages["type"] == "audio"]
    assert audio["connection"].nunique() == 500
    assert audio["frame"].is_unique
    by_frame = audio.sort_values("frame")["connection"]
    assert (by_frame.diff() != 0).mean() > 0.99


def test_w5_misses_one_segment_in_a_thousand_and_has_one_in_a_hundred_overtaken(tmp_path: Path) -> None:
    path, facts = _made(tmp_path, "W5", 10)
    events = rtmpscope.analyze(path).tcp_events
    whole = _analyzed(tmp_path, "W1", 10).tcp_events
    segments = 10e6 / workloads.OVERHEAD / wire.SEGMENT
    assert set(whole["event"]) == {"fin"}
    assert (events["event"] == "out_of_order").sum() == facts.reordered == pytest.approx(segments / 100, rel=0.05)
    assert (events["event"] == "gap").sum() == facts.lost == pytest.approx(segments / 1000, abs=1)


def test_w7_has_each_timestamp_extended(tmp_path: Path) -> None:
    path, _ = _made(tmp_path, "W7")
    messages = rtmpscope.analyze(path).messages
    media = messages[messages["type"].isin(["audio", "video"])]
    assert (media["timestamp"] > 0xFFFFFF).all()
    assert (media["header_bytes"] == 16 + 5 * (media["chunk_count"] - 1)).all()


def _analyzed(folder: Path, name: str, megabytes: float = 3) -> Analysis:
    return rtmpscope.analyze(_made(folder, name, megabytes)[0])
