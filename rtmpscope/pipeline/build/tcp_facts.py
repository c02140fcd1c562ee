"""What the TCP layer knows of each listed connection, as findings look at it."""

from __future__ import annotations

from collections.abc import Iterator

from rtmpscope.capture import IcmpErrors, reason_of
from rtmpscope.findings import PacketName, Rejection, Sender, TcpFacts
from rtmpscope.pipeline.build.context import Context
from rtmpscope.pipeline.inputs import Inputs
from rtmpscope.pipeline.roles import Listed
from rtmpscope.tcp import Endpoint

_Ends = tuple[Endpoint, Endpoint]


def tcp_facts(context: Context) -> tuple[TcpFacts, ...]:
    """The facts about each listed connection, by its number."""
    rejections = _rejections(context)
    return tuple(_facts(entry, rejections.get(entry.number, [])) for entry in context.listed)


def _facts(entry: Listed, rejections: list[Rejection]) -> TcpFacts:
    record = entry.record
    c2s, s2c = (_sender(entry, side) for side in (entry.client, entry.server))
    apart_s = record.clocks_apart_ns / 1e9
    return TcpFacts(record.syns, record.synack_time is not None, c2s, s2c, tuple(rejections), apart_s)


def _sender(entry: Listed, side: int) -> Sender:
    record = entry.record
    trips = record.round_trips[side]
    return Sender(
        packets=record.data_packets[side],
        base=record.base[side],
        acked=record.acked[side],
        acked_time=record.acked_time[side],
        heard_time=record.heard[1 - side],
        round_trips=trips.count,
        rtt_median_ms=trips.percentile_ms(50),
        rtt_high_ms=trips.percentile_ms(95),
    )


def _rejections(context: Context) -> dict[int, list[Rejection]]:
    """ICMP errors by the connection that they are about: the last one between these ends that had begun."""
    known: dict[_Ends, list[Listed]] = {}
    found: dict[int, list[Rejection]] = {}
    if not context.decoded.facts.icmp:
        return found
    for entry in context.listed:
        for side in (0, 1):
            ends = entry.record.endpoints[side], entry.record.endpoints[1 - side]
            known.setdefault(ends, []).append(entry)
    for ends, rejection in _errors(context.decoded.facts.icmp, context.decoded.facts.inputs):
        begun = [one for one in known.get(ends, []) if one.record.first.time_ns <= rejection.time]
        if begun:
            found.setdefault(begun[-1].number, []).append(rejection)
    return found


def _errors(parts: list[IcmpErrors], inputs: Inputs) -> Iterator[tuple[_Ends, Rejection]]:
    for part in parts:
        sources = zip(part.src_hi.tolist(), part.src_lo.tolist(), part.src_port.tolist(), strict=True)
        targets = zip(part.dst_hi.tolist(), part.dst_lo.tolist(), part.dst_port.tolist(), strict=True)
        said = zip(part.version.tolist(), part.type.tolist(), part.code.tolist(), strict=True)
        seen = zip(part.time_ns.tolist(), inputs.named(part.frame), part.mtu.tolist(), strict=True)
        for source, target, words, (time, packet, mtu) in zip(sources, targets, said, seen, strict=True):
            rejection = Rejection(time, PacketName(*packet), reason_of(*words), mtu)
            yield (Endpoint(*source), Endpoint(*target)), rejection
