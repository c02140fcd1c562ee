"""The fast lane: packets → TCP segments, all packets of a batch at once.

What this lane cannot judge is declined, not dropped: tunnels, fragments, extension headers, link types it
does not know. Packets that hold no TCP, and those whose headers are damaged, are neither.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rtmpscope.capture.batch import Ints, PacketBatch, SegmentBatch
from rtmpscope.capture.icmp import IcmpErrors, icmp_errors
from rtmpscope.capture.ip import transport_layer
from rtmpscope.capture.link import network_layer
from rtmpscope.capture.tcp import tcp_layer


@dataclass(frozen=True, slots=True)
class LaneCounts:
    """How many packets a batch holds, by what became of them.

    Attributes:
        packets: all of them.
        tcp: TCP segments found.
        declined: packets that the fast lane cannot judge.
        cut: packets that the snap length ends within the IP or TCP header.
        malformed: packets whose IP or TCP header contradicts itself.
    """

    packets: int
    tcp: int
    declined: int
    cut: int
    malformed: int


@dataclass(frozen=True, slots=True)
class LaneResult:
    """What a batch holds.

    Attributes:
        segments: its TCP segments, in frame order.
        declined: rows of the packet batch that this lane cannot judge, ascending.
        counts: what became of its packets.
        icmp: ICMP errors about TCP.
    """

    segments: SegmentBatch
    declined: Ints
    counts: LaneCounts
    icmp: IcmpErrors


def segments(batch: PacketBatch) -> LaneResult:
    """The TCP segments of a packet batch; they point into the batch's buffer, and are valid as long."""
    link = network_layer(batch)
    ip = transport_layer(batch, link.network)
    tcp = tcp_layer(batch, ip.transport)
    declined = np.sort(np.concatenate([link.declined, ip.declined]))
    counts = LaneCounts(
        packets=len(batch),
        tcp=len(tcp.segments),
        declined=len(declined),
        cut=ip.cut + tcp.cut,
        malformed=ip.malformed + tcp.malformed,
    )
    return LaneResult(tcp.segments, declined, counts, icmp_errors(batch, link.network, ip.transport))
