"""The fast lane: packets → TCP segments, all packets of a batch at once.

What this lane cannot judge is declined, not dropped: fragments, extension headers, the rarer tunnels, link
types it does not know. Packets that hold no TCP, and those whose headers are damaged, are neither.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from rtmpscope.capture.batch import Ints, PacketBatch, SegmentBatch
from rtmpscope.capture.icmp import IcmpErrors, icmp_errors
from rtmpscope.capture.ip import Transport, transport_layer
from rtmpscope.capture.link import network_layer
from rtmpscope.capture.plain import Plain
from rtmpscope.capture.tcp import tcp_layer
from rtmpscope.capture.tunnels import Inner, inner_packets
from rtmpscope.frozen import frozen

#: Tunnels within tunnels that are followed; what is deeper is declined for good.
DEEPEST = 8


@frozen
class LaneCounts:
    """How many packets a batch holds, by what became of them.

    Attributes:
        packets: all of them.
        tcp: TCP segments found.
        declined: packets that the fast lane cannot judge.
        cut: packets that the snap length ends within the IP or TCP header.
        malformed: packets whose IP or TCP header contradicts itself.
        partly: frames that hold several packets, of which only the first is looked into.
    """

    packets: int
    tcp: int
    declined: int
    cut: int
    malformed: int
    partly: int


@frozen
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


@frozen
class Layers:
    """A batch taken apart down to where the TCP headers begin.

    Attributes:
        transport: packets that carry TCP, by row.
        icmp: ICMP errors about TCP.
        declined: rows that this lane cannot judge, ascending.
        too_deep: rows with more tunnels in tunnels than are followed.
        cut: packets that the snap length ends within the IP header.
        malformed: packets whose IP header contradicts itself.
        partly: frames that hold several packets, of which only the first is looked into.
    """

    transport: Transport
    icmp: IcmpErrors
    declined: Ints
    too_deep: Ints
    cut: int
    malformed: int
    partly: int


def layers(batch: PacketBatch, rows: Ints | None = None, depth: int = 0) -> Layers:
    """Take a batch, or these rows of it, apart, down to where the TCP headers begin.

    Tunnels in tunnels are followed as far as ``DEEPEST``.
    """
    link = network_layer(batch) if rows is None else network_layer(batch.take(rows)).of_rows(rows)
    ip = transport_layer(batch, link.network)
    declined = np.sort(np.concatenate([link.declined, ip.declined]))
    none = np.empty(0, np.int64)
    left, deep = (declined, none) if depth < DEEPEST else (none, declined)
    errors = icmp_errors(batch, link.network, ip.transport)
    found = Layers(ip.transport, errors, left, deep, ip.cut, ip.malformed, link.partly)
    if not len(ip.declined) or depth == DEEPEST:
        return found
    inner = inner_packets(batch, link.network, ip.declined)
    return _with_inner(found, inner, layers(inner.batch, depth=depth + 1))


def _with_inner(outer: Layers, inner: Inner, found: Layers) -> Layers:
    """What was found in packets inside tunnels, as rows of the batch; ICMP in tunnels is not looked at."""
    transport = replace(found.transport, row=inner.row[found.transport.row])
    left = outer.declined[~np.isin(outer.declined, np.concatenate([inner.row, inner.nothing]))]
    return Layers(
        transport=Transport.joined(outer.transport, transport),
        icmp=outer.icmp,
        declined=np.sort(np.concatenate([left, inner.row[found.declined]])),
        too_deep=inner.row[found.too_deep],
        cut=outer.cut + found.cut,
        malformed=outer.malformed + found.malformed,
        partly=outer.partly,
    )


def result(batch: PacketBatch, found: Layers, plain: Plain | None = None) -> LaneResult:
    """The TCP segments, those of plain packets too; they point into the batch's buffer, and are valid as long."""
    tcp = tcp_layer(batch, found.transport)
    segments = tcp.segments if plain is None else plain.with_others(tcp.segments)
    declined = np.sort(np.concatenate([found.declined, found.too_deep]))
    counts = LaneCounts(
        packets=len(batch),
        tcp=len(segments),
        declined=len(declined),
        cut=found.cut + tcp.cut,
        malformed=found.malformed + tcp.malformed,
        partly=found.partly,
    )
    return LaneResult(segments, declined, counts, found.icmp)


def segments(batch: PacketBatch) -> LaneResult:
    """The TCP segments of a packet batch, as far as this lane goes."""
    return result(batch, layers(batch))
