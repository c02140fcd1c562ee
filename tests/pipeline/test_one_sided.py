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


@pytest.mark.parametrize("missing", [[0], [1], [2], [0, 1], [0, 2], [1, 2]])
def test_a_connection_of_whose_opening_a_part_is_missing_is_decoded_all_the_same(missing: list[int]) -> None:
    analysis = analysis_of([one for place, one in enumerate(packets()) if place not in missing])
    assert message_rows(analysis) == message_rows(whole())
    assert not set(codes(analysis).values()) & {"error", "warning"}


def test_a_client_that_vanishes_leaves_a_half_open_connection() -> None:
    """The server goes on for a while, as in the capture; nothing of what it says is lost or blamed on anybody."""
    middle = len(packets()) // 2
    kept = [one for place, one in enumerate(packets()) if place < middle or not is_to_server(one)]
    analysis = analysis_of([one for one in kept if not parse(one).rest[1] & 1])
    assert rows_of(analysis, "s2c") == rows_of(whole(), "s2c")
    assert set(rows_of(analysis, "c2s")) <= {*rows_of(whole(), "c2s")} | {rows_of(analysis, "c2s")[-1]}
    assert analysis.connections.ended_by.tolist() == ["capture_end"]


def test_a_server_that_forgot_the_connection_resets_it() -> None:
    """The other half-open case (RFC 9293, 3.5.1): the answer to data is a reset, and ends the connection."""
    middle = len(packets()) // 2
    heard = [one for place, one in enumerate(packets()) if place < middle or is_to_server(one)][: middle + 3]
    analysis = analysis_of(reset_in(heard, len(heard)))
    assert analysis.connections.ended_by.tolist() == ["server_rst"]
    assert codes(analysis)["TCP05"] == "error"


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


@pytest.mark.parametrize("syns", ["both", "answer only"])
@pytest.mark.parametrize("begin", [0, 300])
@pytest.mark.parametrize("shift", [1 << 30, 5_000_000, -5_000_000])
def test_ports_are_used_again_after_a_connection_whose_end_was_not_captured(shift: int, begin: int, syns: str) -> None:
    """The first one is cut off in the middle, and its beginning may be missing too."""
    later = [again(one, HOUR_NS, shift) for one in packets()][0 if syns == "both" else 1 :]
    analysis = analysis_of([*packets()[begin : len(packets()) // 2], *later])
    rows = message_rows(analysis)
    assert analysis.connections.connection.tolist() == [0, 1]
    assert [row[1:] for row in rows if row[0] == 1] == [row[1:] for row in message_rows(whole())]
    assert analysis.connections.missing_bytes.tolist() == [0, 0]


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


def test_a_capture_that_ends_behind_missing_packets_invents_no_end() -> None:
    data = [place for place, one in enumerate(packets()) if parse(one).payload]
    for end in range(200, 1000, 100):
        kept = [one for place, one in enumerate(packets()[:end]) if place not in data[40:-1:20] and place < end]
        complete = [row for row in message_rows(analysis_of(kept)) if row[10]]
        places = {(row[1], *row[6:9]) for row in message_rows(whole())}
        assert {(row[1], *row[6:9]) for row in complete} <= places


@pytest.mark.parametrize("jump_ns", [-HOUR_NS, HOUR_NS, -3_000_000, 10**15])
def test_a_clock_that_jumps_changes_no_message(jump_ns: int) -> None:
    middle = len(packets()) // 2
    later = [Packet(one.time_ns + jump_ns, one.data) for one in packets()[middle:]]
    analysis = analysis_of([*packets()[:middle], *later])
    assert message_rows(analysis) == message_rows(whole())
    assert "CAP06" in codes(analysis)


@pytest.mark.parametrize("name", [NAME, "play_rtmpdump.pcap"])
@pytest.mark.parametrize("jump_ns", [-HOUR_NS, HOUR_NS, -3_000_000, 10**15])
def test_a_clock_that_jumps_where_packets_are_missing_moves_no_timestamp(jump_ns: int, name: str) -> None:
    content = read_pcap(CAPTURES / name)
    data = [place for place, one in enumerate(content) if parse(one).payload]
    middle = len(content) // 2
    lost = {*data[30::20], *(place for place in data if abs(place - middle) <= 3)}
    jumped = [one if place < middle else Packet(one.time_ns + jump_ns, one.data) for place, one in enumerate(content)]
    truth = identified(rtmpscope.analyze(CAPTURES / name))
    found = identified(analysis_of([one for place, one in enumerate(jumped) if place not in lost]))
    assert found.keys() <= truth.keys()
    assert len(found) > 0.9 * len(truth)
    for one, (timestamp, is_exact) in found.items():
        assert abs(timestamp - truth[one][0]) <= (0 if is_exact else 500)


def identified(analysis: rtmpscope.Analysis) -> dict[tuple[object, ...], tuple[int, bool]]:
    """Timestamp, and whether it is exact, by what identifies a message."""
    names = ("connection", "direction", "offset", "type_id", "length", "timestamp", "timestamp_exact")
    rows = zip(*(analysis.messages[name].tolist() for name in names), strict=True)
    return {row[:5]: row[5:] for row in rows}
