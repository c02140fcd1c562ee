"""Reading in blocks: the same rows wherever blocks end, and again from any checkpoint."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scapy.packet import Raw

from rtmpscope.capture import CaptureError, open_capture, segments
from tests.capture.files import Packet, Pcapng, Reading, capture_of, pcap, read, rows_of
from tests.capture.packets import ethernet, ip4, ip6, on_link, tcp

PACKETS = [
    Packet(ethernet((ip6 if number % 3 == 0 else ip4)() / tcp(seq=number) / Raw(bytes(number % 7 * 40))))
    for number in range(30)
]


def several_sections() -> bytes:
    linktype, cooked = on_link("sll", "ipv4", tcp() / Raw(b"cooked"))
    other = Pcapng(">")
    middle = other.file([Packet(cooked)] * 3, linktype)
    return Pcapng().file(PACKETS[:10]) + middle + other.interface(1) + Pcapng().file(PACKETS[10:])


FILES = {
    "pcap": pcap(PACKETS),
    "pcapng": Pcapng().file(PACKETS),
    "several_sections": several_sections(),
}
WHOLE = {name: read(content) for name, content in FILES.items()}


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("block_bytes", [1, 12, 24, 64, 65, 100, 333, 1000, 4096])
def test_rows_do_not_depend_on_the_block_size(name: str, block_bytes: int) -> None:
    assert read(FILES[name], block_bytes=block_bytes) == WHOLE[name]


@pytest.mark.parametrize("name", FILES)
def test_rows_do_not_depend_on_where_a_block_ends(name: str) -> None:
    content = FILES[name]
    for block_bytes in range(len(content) // 2, len(content), 7):
        assert read(content, block_bytes=block_bytes) == WHOLE[name]


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("block_bytes", [1, 64, 700, 1 << 20])
def test_reading_again_from_a_checkpoint_yields_at_least_its_batch(name: str, block_bytes: int) -> None:
    capture = capture_of(FILES[name], block_bytes=block_bytes)
    batches = []
    for batch in capture.batches():
        batches.append((batch.first_frame, len(batch), rows_of(segments(batch).segments)))
    assert [point.first_frame for point in capture.checkpoints] == [first for first, _, _ in batches]
    for point, (first, count, rows) in zip(capture.checkpoints, batches, strict=True):
        again = next(iter(capture.batches(point)))
        assert again.first_frame == first
        assert len(again) >= count
        assert rows_of(segments(again).segments)[: len(rows)] == rows
    assert len(capture.checkpoints) == len(batches)


def test_reading_from_a_checkpoint_goes_on_to_the_end() -> None:
    capture = capture_of(FILES["several_sections"], block_bytes=700)
    for _ in capture.batches():
        pass
    found = [row for batch in capture.batches(capture.checkpoints[2]) for row in rows_of(segments(batch).segments)]
    first = capture.checkpoints[2].first_frame
    assert found == [row for row in WHOLE["several_sections"].rows if row.frame >= first]


def test_a_second_reading_neither_repeats_damage_nor_checkpoints() -> None:
    capture = capture_of(FILES["pcap"][:-1], block_bytes=500)
    first, second = read(capture), read(capture)
    assert first == second
    assert len(capture.damage) == 1
    frames = [point.first_frame for point in capture.checkpoints]
    assert frames == sorted(set(frames))


def test_positions_and_file_index_lead_back_to_the_bytes(tmp_path: Path) -> None:
    path = tmp_path / "x.pcap"
    path.write_bytes(FILES["pcap"])
    capture = open_capture(path, file=3, block_bytes=400)
    assert (capture.name, capture.size) == (str(path), len(FILES["pcap"]))
    found = []
    for batch in capture.batches():
        assert batch.file == 3
        for start, size in zip(batch.start.tolist(), batch.captured.tolist(), strict=True):
            place = batch.position + start
            found.append(FILES["pcap"][place : place + size])
    assert found == [packet.data for packet in PACKETS]


@pytest.mark.parametrize("linktype", [147, 189, 4242])
def test_a_link_type_that_cannot_be_read_is_named(linktype: int) -> None:
    with pytest.raises(CaptureError, match=rf"link type {linktype}.* is not supported") as caught:
        read(pcap(PACKETS, linktype=linktype))
    assert caught.value.offset is None
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("linktype", [9, 119, 163])
def test_a_link_type_that_a_dissector_knows_is_declined(linktype: int) -> None:
    reading = read(pcap(PACKETS, linktype=linktype))
    assert reading.declined == list(range(1, 31))


def outcome(content: bytes, block_bytes: int) -> Reading | str:
    try:
        return read(content, block_bytes=block_bytes)
    except CaptureError as error:
        return str(error)


MUTATIONS = st.lists(st.tuples(st.integers(0, 1 << 14), st.integers(0, 255)), min_size=1, max_size=8)


@pytest.mark.parametrize("name", FILES)
@given(changes=MUTATIONS, size=st.integers(0, 1 << 14), block_bytes=st.integers(1, 2000))
@settings(deadline=None, max_examples=150)
def test_no_damage_raises_anything_but_capture_error(
    name: str, changes: list[tuple[int, int]], size: int, block_bytes: int
) -> None:
    content = bytearray(FILES[name])
    for place, value in changes:
        content[place % len(content)] = value
    damaged = bytes(content[: max(size % (2 * len(content)), 1)])
    outcome(damaged, block_bytes)


@given(st.binary(max_size=400), st.sampled_from(["pcap", "pcapng"]))
@settings(deadline=None, max_examples=150)
def test_noise_behind_a_file_header_raises_nothing(noise: bytes, name: str) -> None:
    header = pcap([]) if name == "pcap" else Pcapng().file([])
    outcome(header + noise, 1 << 20)


@given(st.binary(max_size=120), st.sampled_from([0, 1, 101, 108, 113, 276]))
@settings(deadline=None, max_examples=300)
def test_packets_of_noise_raise_nothing(noise: bytes, linktype: int) -> None:
    reading = read(pcap([Packet(noise), Packet(noise[1:], wire=len(noise))], linktype=linktype))
    assert reading.packets == 2


@given(st.integers(0, 53), st.integers(0, 255))
@settings(deadline=None, max_examples=300)
def test_a_header_with_one_byte_changed_never_yields_bytes_beyond_its_packet(place: int, value: int) -> None:
    data = bytearray(ethernet(ip4() / tcp() / Raw(b"inside")))
    data[place] = value
    marked = [Packet(bytes(data)), Packet(b"\xee" * 60)]
    for row in read(pcap(marked)).rows:
        assert b"\xee" not in row.payload
        assert len(row.payload) <= row.payload_length


def test_a_batch_lives_in_one_reused_buffer() -> None:
    buffers = {id(batch.buffer) for batch in open_capture(io.BytesIO(FILES["pcap"]), block_bytes=2000).batches()}
    assert len(buffers) == 1


def test_sections_within_a_block_are_one_batch() -> None:
    capture = capture_of(FILES["several_sections"])
    assert [len(batch) for batch in capture.batches()] == [33]
    assert len(capture.checkpoints) == 1
