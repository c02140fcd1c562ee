"""What is known of each TCP connection besides its bytes."""

from __future__ import annotations

from dataclasses import field
from ipaddress import IPv4Address, IPv6Address
from typing import NamedTuple

from rtmpscope.frozen import slotted
from rtmpscope.tcp.round_trips import RoundTrips

_V4_MAPPED = 0xFFFF


class Endpoint(NamedTuple):
    """An address, as two 64-bit halves (IPv4 as ``::ffff:a.b.c.d``), and a port."""

    hi: int
    lo: int
    port: int

    @property
    def address(self) -> str:
        """The address as text."""
        if self.hi == 0 and self.lo >> 32 == _V4_MAPPED:
            return str(IPv4Address(self.lo & 0xFFFFFFFF))
        return str(IPv6Address(self.hi << 64 | self.lo))


class Mark(NamedTuple):
    """A packet: its time in ns, its number in the capture, and its sequence number."""

    time_ns: int
    frame: int
    seq: int = 0


@slotted
class ConnectionRecord:
    """One TCP connection. Side 0 sent its first packet; pairs are indexed by side.

    Attributes:
        id: dense number in order of first packets, as Wireshark's tcp.stream.
        endpoints: the two ends.
        first, last: its first and last packet.
        syn_side: the side that sent SYN; None where neither SYN nor SYN-ACK was captured.
        syn_time, synack_time, ack_time: times in ns of the opening handshake's packets.
        first_seq: sequence number of each side's first packet, or the one after its SYN, or what the other side
            acknowledged before; a SYN that does not fit it opens a new connection.
        base: sequence number of stream offset 0 of each side; None until a byte or SYN is seen.
        syns: SYN segments without ACK: more than one where it was sent again.
        packets: segments of each side; ``bytes`` is the length of its stream, holes included.
        data_packets: segments with payload of each side, without copies that the capture made.
        heard: time in ns of the last segment of each side.
        acked: offset up to which each side's stream is acknowledged, None before it ever was; ``acked_time`` is when
            that was last moved on.
        round_trips: times from data of each side to its acknowledgement.
        window_scale: shift count of each side's window; None where its SYN was not captured.
        missing_bytes: bytes in holes; ``retransmitted_bytes`` were captured more than once.
        fin, rst: first FIN and RST of each side.
    """

    id: int
    endpoints: tuple[Endpoint, Endpoint]
    first: Mark
    last: Mark
    syn_side: int | None = None
    syn_time: int | None = None
    synack_time: int | None = None
    ack_time: int | None = None
    first_seq: list[int | None] = field(default_factory=lambda: [None, None])
    base: list[int | None] = field(default_factory=lambda: [None, None])
    data_packets: list[int] = field(default_factory=lambda: [0, 0])
    heard: list[int | None] = field(default_factory=lambda: [None, None])
    acked: list[int | None] = field(default_factory=lambda: [None, None])
    acked_time: list[int | None] = field(default_factory=lambda: [None, None])
    round_trips: tuple[RoundTrips, RoundTrips] = field(default_factory=lambda: (RoundTrips(), RoundTrips()))
    window_scale: list[int | None] = field(default_factory=lambda: [None, None])
    syns: int = 0
    packets: list[int] = field(default_factory=lambda: [0, 0])
    bytes: list[int] = field(default_factory=lambda: [0, 0])
    missing_bytes: list[int] = field(default_factory=lambda: [0, 0])
    retransmitted_bytes: list[int] = field(default_factory=lambda: [0, 0])
    fin: list[Mark | None] = field(default_factory=lambda: [None, None])
    rst: list[Mark | None] = field(default_factory=lambda: [None, None])

    @property
    def opening_ns(self) -> int | None:
        """Round trip of the opening handshake, SYN to SYN-ACK to ACK; None where it is not known."""
        if self.syn_time is None or self.ack_time is None or self.syns > 1:
            return None  # of a SYN that was sent again it is not known which one was answered
        return self.ack_time - self.syn_time

    @property
    def clocks_apart_ns(self) -> int:
        """By how much the SYN's answer is before it: at least so far apart are the clocks that timed the two."""
        if self.syn_time is None or self.synack_time is None:
            return 0
        return max(self.syn_time - self.synack_time, 0)

    def address(self, side: int) -> str:
        """Address of one side as text."""
        return self.endpoints[side].address

    def port(self, side: int) -> int:
        """Port of one side."""
        return self.endpoints[side].port
