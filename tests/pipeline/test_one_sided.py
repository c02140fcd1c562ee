"""One direction only, connections without beginning or end, ports used again, clocks that jump."""

from __future__ import annotations

import io
from dataclasses import replace
from functools import cache

import pytest

import rtmpscope
from tests.pipeline.rows import Row, message_rows
from tests.support.capture_write import Packet, pcap_bytes, read_pcap
from tests.support.rewrite import Segment, parse
from tests.support.tools import CAPTURES

NAME = "publish_h264_aac.pcap"
HOUR_NS = 3600 * 10**9


@cache
def packets() -> list[Packet]:
    return read_pcap(CAPTURES / NAME)


@cache
def whole() -> rtmpscope.Analysis:
    return rtmpscope.analyze(CAPTURES / NAME)


def analysis_of(content: list[Packet]) -> rtmpscope.Analysis:
    return rtmpscope.analyze(io.BytesIO(pcap_bytes(content)))


def is_to_server(packet: Packet) -> bool:
    return parse(packet).ports[2:4] == (1935).to_bytes(2, "big")


def rows_of(analysis: rtmpscope.Analysis, direction: str) -> list[Row]:
    return [row for row in message_rows(analysis) if row[1] == direction]


def codes(analysis: rtmpscope.Analysis) -> dict[str, str]:
    return dict(zip(analysis.findings.code, analysis.findings.severity, strict=True))


@pytest.mark.parametrize("direction", ["c2s", "s2c"])
def test_one_direction_is_decoded_without_the_other(direction: str) -> None:
    analysis = analysis_of([one for one in packets() if is_to_server(one) == (direction == "c2s")])
    assert message_rows(analysis) == rows_of(whole(), direction)
    (connection,) = analysis.connections.to_dict("records")
    assert (connection["server_port"], connection["direction_basis"]) == (1935, "syn")
    assert codes(analysis)["CAP03"] == "note"


@pytest.mark.parametrize("direction", ["c2s", "s2c"])
def test_one_direction_without_syn(direction: str) -> None:
    kept = [one for one in packets() if is_to_server(one) == (direction == "c2s") and not parse(one).has_syn]
    analysis = analysis_of(kept)
    assert message_rows(analysis) == rows_of(whole(), direction)
    assert analysis.connections.server_port.tolist() == [1935]


def test_a_half_open_connection_is_listed_with_what_the_client_sent() -> None:
    answers = [one for one in packets() if not is_to_server(one)]
    analysis = analysis_of([one for one in packets() if one is not answers[0]])
    assert message_rows(analysis) == message_rows(whole())


@pytest.mark.parametrize("share", [0.2, 0.5, 0.9])
def test_a_capture_that_ends_in_mid_stream_loses_only_what_comes_later(share: float) -> None:
    kept = packets()[: int(len(packets()) * share)]
    analysis = analysis_of(kept)
    complete = [row for row in message_rows(analysis) if row[10]]
    assert len(complete) > 10
    assert set(complete) <= set(message_rows(whole()))
    assert analysis.connections.ended_by.tolist() == ["capture_end"]
    assert not set(codes(analysis).values()) & {"error", "warning"}


def again(packet: Packet, later_ns: int, shift: int) -> Packet:
    """The packet of a later connection on the same addresses and ports."""
    one = parse(packet)
    ack = (one.ack + shift) % (1 << 32) if one.rest[1] & 16 else 0
    return replace(one, seq=(one.seq + shift) % (1 << 32), ack=ack, time_ns=one.time_ns + later_ns).packet()


def test_ports_that_are_used_again_make_another_connection() -> None:
    content = [*packets(), *(again(one, HOUR_NS, 1 << 30) for one in packets())]
    analysis = analysis_of(content)
    assert analysis.connections.connection.tolist() == [0, 1]
    rows = message_rows(analysis)
    assert [row[1:] for row in rows if row[0] == 0] == [row[1:] for row in rows if row[0] == 1]
    assert [row[1:] for row in rows if row[0] == 0] == [row[1:] for row in message_rows(whole())]


def reset_in(packets: list[Packet], place: int) -> list[Packet]:
    """The connection is reset by the server at a packet; the next session uses the same ports."""
    last: Segment = next(parse(one) for one in reversed(packets[:place]) if not is_to_server(one))
    flags = last.rest[:1] + b"\x04" + last.rest[2:]
    return [*packets[:place], replace(last, rest=flags, payload=b"").packet()]


def test_a_reset_and_a_new_connection_on_the_same_ports() -> None:
    first = reset_in(packets(), len(packets()) // 2)
    analysis = analysis_of([*first, *(again(one, HOUR_NS, 1 << 29) for one in packets())])
    assert analysis.connections.ended_by.tolist()[0] == "server_rst"
    assert [row[1:] for row in message_rows(analysis) if row[0] == 1] == [row[1:] for row in message_rows(whole())]


@pytest.mark.parametrize("jump_ns", [-HOUR_NS, HOUR_NS, -3_000_000, 10**15])
def test_a_clock_that_jumps_changes_no_message(jump_ns: int) -> None:
    middle = len(packets()) // 2
    later = [Packet(one.time_ns + jump_ns, one.data) for one in packets()[middle:]]
    analysis = analysis_of([*packets()[:middle], *later])
    assert message_rows(analysis) == message_rows(whole())
    assert "CAP06" in codes(analysis)
