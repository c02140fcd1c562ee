"""Plain packets read in one pass give the segments that the fast lane finds, among packets of all other kinds."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scapy.layers.inet import ICMP, UDP, IPOption_NOP
from scapy.layers.l2 import ARP, Dot1Q, Ether
from scapy.packet import Raw

from rtmpscope.capture import Dissector
from rtmpscope.capture import plain as plain_module
from rtmpscope.capture.plain import Plain, plain_of
from tests.capture.files import Packet, Reading, capture_of, pcap, read
from tests.capture.packets import ethernet, ip4, on_link, tcp
from tests.support.ways import COMPILED, IN_PYTHON, the_way

DATA = Raw(b"payload of some length")
PLAIN = {
    "data": ip4() / tcp() / DATA,
    "empty": ip4() / tcp(flags="A"),
    "reset": ip4() / tcp(flags="R"),
    "fin": ip4() / tcp(flags="FA", seq=0xFFFFFFFF, window=0) / DATA,
    "tcp options": ip4() / tcp(options=[("NOP", None), ("NOP", None), ("Timestamp", (1, 2))]) / DATA,
    "ip options": ip4(options=[IPOption_NOP()] * 4) / tcp() / DATA,
    "not to be fragmented": ip4(flags="DF") / tcp() / DATA,
}
OTHER = {
    "syn": ip4() / tcp(flags="S", options=[("WScale", 7)]),
    "syn and ack": ip4() / tcp(flags="SA", options=[("NOP", None), ("WScale", 3)]),
    "first fragment": ip4(flags="MF") / tcp() / DATA,
    "later fragment": ip4(frag=3) / DATA,
    "no length": ip4(len=0) / tcp() / DATA,
    "header too short": ip4(ihl=4) / tcp() / DATA,
    "tcp header too short": ip4() / tcp(dataofs=4) / DATA,
    "tcp header too long": ip4() / tcp(dataofs=15),
    "shorter than its header": ip4(len=12) / tcp(),
    "udp": ip4() / UDP() / DATA,
    "error": ip4() / ICMP(type=3, code=4) / ip4() / tcp(),
}
FRAMES = [ethernet(packet) for packet in (*PLAIN.values(), *OTHER.values())]
FRAMES += [on_link("ethernet", "ipv6", tcp() / DATA)[1], bytes(Ether() / ARP())]
FRAMES += [bytes(Ether() / Dot1Q(vlan=5) / ip4() / tcp() / DATA), bytes(60)]
#: Bytes after the IP packet, as short frames are padded with.
PADDING = bytes(6)


def plain(frames: list[bytes]) -> Plain:
    with the_way(COMPILED):
        batch = next(capture_of(pcap([Packet(frame) for frame in frames])).batches())
        found = plain_of(batch)
    assert found is not None
    return found


def both_ways(content: bytes) -> Reading:
    """What a capture yields, the same compiled and in Python."""
    with the_way(IN_PYTHON):
        expected = read(content, dissector=Dissector())
    with the_way(COMPILED):
        assert read(content, dissector=Dissector()) == expected
    return expected


@pytest.mark.parametrize("name", PLAIN)
def test_what_is_plain(name: str) -> None:
    frame = ethernet(PLAIN[name])
    assert plain([frame, frame + PADDING]).others.tolist() == []
    assert len(both_ways(pcap([Packet(frame), Packet(frame + PADDING)])).rows) == 2


@pytest.mark.parametrize("frame", [ethernet(packet) for packet in OTHER.values()], ids=list(OTHER))
def test_what_is_left_to_the_lane(frame: bytes) -> None:
    usual = ethernet(PLAIN["data"])
    assert plain([usual, frame, usual, usual]).others.tolist() == [1]
    both_ways(pcap([Packet(usual), Packet(frame), Packet(usual), Packet(usual)]))


def test_segments_are_in_the_order_of_frames() -> None:
    frames = [ethernet(OTHER["syn"]), ethernet(PLAIN["data"]), ethernet(OTHER["udp"]), ethernet(PLAIN["fin"])]
    found = both_ways(pcap([Packet(frame) for frame in [*frames, *frames, ethernet(OTHER["syn"])]]))
    assert [row.frame for row in found.rows] == [1, 2, 4, 5, 6, 8, 9]
    assert [row.window_scale for row in found.rows] == [7, -1, -1, 7, -1, -1, 7]


def test_the_lane_takes_all_where_few_are_plain() -> None:
    with the_way(COMPILED):
        frames = [ethernet(PLAIN["data"]), *[ethernet(OTHER["udp"])] * 2]
        assert plain_of(next(capture_of(pcap([Packet(frame) for frame in frames])).batches())) is None


def test_other_link_types_are_left_to_the_lane() -> None:
    linktype, frame = on_link("sll", "ipv4", tcp() / DATA)
    with the_way(COMPILED):
        assert plain_of(next(capture_of(pcap([Packet(frame)], linktype=linktype)).batches())) is None
    assert len(both_ways(pcap([Packet(frame)], linktype=linktype)).rows) == 1


def test_packets_beyond_the_buffer_are_refused() -> None:
    with the_way(COMPILED):
        plain_packets = plain_module.compiled_plain
    assert plain_packets is not None
    buffer, table = np.zeros(100, np.uint8), np.zeros(1000, np.uint8)
    for start, captured in ((50, 51), (-1, 20), (10, -1)):
        with pytest.raises(ValueError, match="beyond the buffer"):
            plain_packets(buffer, np.array([start]), np.array([captured]), table)
    with pytest.raises(ValueError, match="different lengths"):
        plain_packets(buffer, np.array([0, 1]), np.array([20]), table)
    with pytest.raises(ValueError, match="different lengths"):
        plain_packets(buffer, np.zeros(40, np.int64), np.zeros(40, np.int64), table)


@st.composite
def packets(draw: st.DrawFn) -> Packet:
    """A packet, perhaps with bytes of its headers changed, and perhaps snapped."""
    data = bytearray(draw(st.sampled_from(FRAMES)) + draw(st.sampled_from((b"", PADDING))))
    for place in draw(st.lists(st.integers(0, 60), max_size=2)):
        data[place % len(data)] = draw(st.sampled_from((0, 1, 2, 4, 5, 6, 8, 0x40, 0x45, 0x4F, 0x50, 0xF0, 0xFF)))
    captured = draw(st.one_of(st.just(len(data)), st.integers(0, len(data))))
    return Packet(bytes(data[:captured]), len(data))


@given(st.lists(packets(), max_size=12), st.integers(0, 3))
def test_any_mixture_gives_what_the_lane_finds(mixed: list[Packet], rounds: int) -> None:
    usual = [Packet(ethernet(packet)) for packet in PLAIN.values()] * rounds
    both_ways(pcap([*usual, *mixed, *usual]))
