"""Several files as one capture: packets in order of time, whatever file they are in, each found in its own file."""

from __future__ import annotations

import io
import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache, partial
from pathlib import Path

import pytest

import rtmpscope
from rtmpscope import Analysis
from rtmpscope.capture import open_capture
from rtmpscope.pipeline import inputs
from tests.support.capture_write import Packet, pcap_bytes, read_pcap
from tests.support.tools import CAPTURES

NAMES = ("publish_h264_aac.pcap", "play_rtmpdump.pcap", "lossy_router.pcap")
#: Columns that name a packet, and those that name its file.
PACKETS = {
    "messages": (("file", "frame"),),
    "tcp_events": (("file", "frame"),),
    "connections": (("start_file", "start_frame"), ("end_file", "end_frame")),
    "findings": (("file", "frame"),),
}


def by_source_address(number: int, packet: Packet) -> int:
    return packet.data[26:30] < packet.data[30:34]


def at_random(number: int, packet: Packet) -> int:
    return random.Random(number).randrange(5)


def in_long_turns(number: int, packet: Packet) -> int:
    return number // 100 % 3


def overlapping_at_the_edges(number: int, packet: Packet) -> int:
    return min(number // 200, 3) + (number % 200 > 190 and number % 2)


SPLITS = (by_source_address, at_random, in_long_turns, overlapping_at_the_edges)
Split = Callable[[int, Packet], int]
#: (number of the packet in the whole, from 1 on) by (file, frame)
Origin = dict[tuple[str, int], int]


@cache
def packets_of(name: str) -> list[Packet]:
    """The packets of a capture, no two at the same time."""
    return [replace(one, time_ns=one.time_ns + number % 1000) for number, one in enumerate(read_pcap(CAPTURES / name))]


def split(name: str, how: Split, folder: Path) -> tuple[list[Path], Origin]:
    """The packets of a capture in several files, and where each went."""
    files: dict[int, list[Packet]] = {}
    origin: Origin = {}
    for number, packet in enumerate(packets_of(name)):
        key = int(how(number, packet))
        files.setdefault(key, []).append(packet)
        origin[str(folder / f"{key}.pcap"), len(files[key])] = number + 1
    for key, packets in files.items():
        (folder / f"{key}.pcap").write_bytes(pcap_bytes(packets, nanoseconds=True))
    return [folder / f"{key}.pcap" for key in sorted(files, reverse=True)], origin


def rows(analysis: Analysis, name: str, origin: Origin | None) -> list[dict[str, object]]:
    """The rows of a table; packets as those of the whole, and their files left out."""
    found = []
    for row in analysis.table(name).to_rows():
        for file, frame in PACKETS.get(name, ()):
            where = row.pop(file)
            if origin is not None and row[frame] is not None:
                row[frame] = origin[str(where), int(str(row[frame]))]
        row.pop("evidence", None)  # it names packets
        row.pop("frame_start", None)  # it may be in another file than the last one
        if name == "chunks" and origin is not None:
            row.pop("frame")
        found.append(row)
    return found


@cache
def whole(name: str) -> Analysis:
    return rtmpscope.analyze(io.BytesIO(pcap_bytes(packets_of(name), nanoseconds=True)))


@pytest.mark.parametrize("how", SPLITS)
@pytest.mark.parametrize("name", NAMES)
def test_files_that_overlap_read_as_the_one_they_came_from(name: str, how: Split, tmp_path: Path) -> None:
    paths, origin = split(name, how, tmp_path)
    analysis = rtmpscope.analyze(*paths)
    for table in analysis.tables:
        assert rows(analysis, table, origin) == rows(whole(name), table, None), table


@pytest.mark.parametrize("block_bytes", [1_000, 20_011])
def test_where_blocks_end_changes_nothing(block_bytes: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    paths, origin = split(NAMES[0], at_random, tmp_path)
    monkeypatch.setattr(inputs, "open_capture", partial(open_capture, block_bytes=block_bytes))
    analysis = rtmpscope.analyze(*paths)
    assert rows(analysis, "messages", origin) == rows(whole(NAMES[0]), "messages", None)
    bodies = [analysis.payload(message) for message in range(0, 400, 7)]
    assert bodies == [whole(NAMES[0]).payload(message) for message in range(0, 400, 7)]


@pytest.mark.parametrize("how", SPLITS)
def test_bodies_chunks_and_packets_are_found_again(how: Split, tmp_path: Path) -> None:
    paths, origin = split(NAMES[1], how, tmp_path)
    analysis, plain = rtmpscope.analyze(*paths), whole(NAMES[1])
    messages = range(0, len(plain.table("messages")), 5)
    assert list(analysis.payloads(messages)) == list(plain.payloads(messages))
    for (file, frame), number in list(origin.items())[::11]:
        place = analysis.facts.names.index(file)
        assert analysis.messages_in_frame(frame, place) == plain.messages_in_frame(number)
    assert analysis.messages_in_frame(10**6, 0) == []
    together = [row | {"frame": 0} for row in plain.table("chunks").to_rows()]
    assert [row | {"frame": 0} for row in analysis.table("chunks").to_rows()] == together


def test_streams_and_files_that_are_read_once_are_merged_too(tmp_path: Path) -> None:
    paths, _ = split(NAMES[0], by_source_address, tmp_path)
    expected = [row | {"file": ""} for row in rtmpscope.analyze(*paths).table("messages").to_rows()]
    with paths[1].open("rb", buffering=0) as opened:
        for given in ([io.BytesIO(path.read_bytes()) for path in paths], [paths[0], opened]):
            found = rtmpscope.analyze(*given)
            assert [row | {"file": ""} for row in found.table("messages").to_rows()] == expected
            assert found.payload(5) == whole(NAMES[0]).payload(5)


def names_of(*sources: object) -> Sequence[str]:
    return rtmpscope.analyze(*sources).facts.names  # type: ignore[arg-type]


def test_each_file_has_a_name_of_its_own(tmp_path: Path) -> None:
    content = (CAPTURES / NAMES[0]).read_bytes()
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "x.pcap").write_bytes(content)
    a, b = (str(tmp_path / folder / "x.pcap") for folder in ("a", "b"))
    assert names_of(a, b) == (a, b)
    assert names_of(a, a) == (a, f"{a} (2)")
    assert names_of(io.BytesIO(content), io.BytesIO(content)) == ("<stream>", "<stream> (2)")


def test_the_same_file_object_twice_is_refused() -> None:
    stream = io.BytesIO((CAPTURES / NAMES[0]).read_bytes())
    with pytest.raises(rtmpscope.RtmpscopeError, match="given twice"):
        rtmpscope.analyze(stream, stream)


def test_a_file_whose_packets_are_out_of_order_keeps_them_so_and_says_it(tmp_path: Path) -> None:
    paths, _ = split(NAMES[0], by_source_address, tmp_path)
    packets = [one for number, one in enumerate(packets_of(NAMES[0])) if by_source_address(number, one) == 0]
    packets[100:110] = packets[105:110] + packets[100:105]
    (tmp_path / "0.pcap").write_bytes(pcap_bytes(packets, nanoseconds=True))
    analysis = rtmpscope.analyze(*paths)
    clock = analysis.findings.set_index("code").loc["CAP06"]
    assert clock.file == str(tmp_path / "0.pcap")
    assert clock.frame == 106
    assert analysis.messages.complete.all()


@pytest.mark.parametrize(("seconds", "said"), [(-2, True), (-0.05, True), (0.05, False), (2, False)])
def test_files_of_clocks_that_differ_are_told_and_no_answer_is_missed(
    seconds: float, said: bool, tmp_path: Path
) -> None:
    paths, _ = split(NAMES[0], by_source_address, tmp_path)
    packets = [one for number, one in enumerate(packets_of(NAMES[0])) if by_source_address(number, one) == 0]
    late = [replace(one, time_ns=one.time_ns + int(seconds * 1e9)) for one in packets]
    (tmp_path / "0.pcap").write_bytes(pcap_bytes(late, nanoseconds=True))
    analysis = rtmpscope.analyze(*paths)
    findings = analysis.findings.set_index("code")
    assert set(findings.index) <= {"CAP06", "TCP06"}  # in the other order it looks like a long round trip
    assert ("CAP06" in findings.index) is said
    if said:
        assert f"differ by at least {-seconds:.3f} s" in findings.title["CAP06"]
        assert "editcap -t" in findings.advice["CAP06"]
