"""TCP findings fire on what they are about, and on nothing near it."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import pytest
from scapy.layers.inet import ICMP, IP, TCP
from scapy.layers.l2 import Ether

import rtmpscope
from rtmpscope.findings import Limits
from tests.findings.sessions import findings, video
from tests.support.capture_write import Packet, read_pcap
from tests.support.rtmp_encode import Encoder
from tests.support.session import ACK, FIN, HANDSHAKE, SYN, Session
from tests.support.tools import CAPTURES

RST = 4
SECOND = 1_000_000_000


def by_code(session: Session, **options: object) -> dict[str, pd.Series]:
    """Code → finding, of one connection's packets."""
    return {row.code: row for _, row in findings(session.packets, **options).iterrows()}


def again(session: Session, to_server: bool, back: int, payload: bytes) -> None:
    """Send bytes that were sent before, ``back`` bytes before the next."""
    session.seq[to_server] -= back
    session.send(to_server, payload)
    session.seq[to_server] += back - len(payload)


# --- real packets ---


def test_three_ways_not_to_connect() -> None:
    found = rtmpscope.analyze(CAPTURES / "cannot_connect.pcap").findings
    assert found.code.tolist() == ["TCP07"] * 3
    assert found.connection.tolist() == [0, 1, 2]
    for title, words in zip(found.title, ("refuses", "administratively prohibited", "does not answer"), strict=True):
        assert words in title


def test_a_real_path_mtu_black_hole() -> None:
    found = rtmpscope.analyze(CAPTURES / "path_mtu_black_hole.pcap").findings
    assert found.code.tolist() == ["TCP08"]
    assert "1448 bytes" in found.title[0]


def test_a_real_server_that_drops_an_idle_publisher() -> None:
    found = rtmpscope.analyze(CAPTURES / "idle_publisher_dropped.pcap").findings
    assert found.code.tolist() == ["TCP04"]
    assert "the server closed the connection" in found.evidence[0]


def test_a_real_router_that_loses_packets_both_ways() -> None:
    """Sent again within 50 us, far faster than a capture would need to see a segment twice."""
    found = rtmpscope.analyze(CAPTURES / "lossy_router.pcap").findings
    assert found.code.tolist() == ["TCP01", "TCP01"]
    assert sorted(found.direction) == ["c2s", "s2c"]
    assert found.evidence.str.contains("ms behind there").all()


# --- TCP07 ---


def syns(count: int, port: int = 1935) -> Session:
    """SYN, sent again each second."""
    session = Session(server_port=port)
    for _ in range(count):
        session.send(True, b"", SYN)
        session.time_ns += SECOND
    return session


def test_a_refused_connection() -> None:
    session = syns(1)
    session.seq[True] += 1
    session.send(False, b"", RST | ACK)
    found = by_code(session)["TCP07"]
    assert found.severity == "error"
    assert "refuses" in found.title
    assert "frame 2" in found.evidence


def test_a_syn_that_is_sent_again_in_vain() -> None:
    found = by_code(syns(3))["TCP07"]
    assert "does not answer" in found.title
    assert "3 SYN" in found.evidence


def test_a_lone_syn_is_judged_by_how_long_the_capture_goes_on() -> None:
    lone = syns(1)
    assert "TCP07" not in by_code(lone)
    later = Packet(lone.time_ns + 3 * SECOND, lone.packets[0].data[:34] + b"\xff\xfe" + lone.packets[0].data[36:])
    assert "TCP07" in findings([*lone.packets, later]).code.tolist()


def test_attempts_at_one_server_are_one_finding() -> None:
    packets: list[Packet] = []
    for number in range(3):
        session = Session(client_port=50000 + number, time_ns=SECOND * (1_700_000_000 + number))
        session.send(True, b"", SYN)
        session.seq[True] += 1
        session.send(False, b"", RST | ACK)
        packets += session.packets
    found = findings(packets)
    assert found.code.tolist() == ["TCP07"]
    assert found.occurrences.tolist() == [3]


def test_an_icmp_error_gives_its_reason() -> None:
    session = syns(1)
    quoted = IP(src="10.0.0.1", dst="10.0.0.2") / TCP(sport=50000, dport=1935, seq=1000, flags="S")
    error = Ether() / IP(src="10.9.9.9", dst="10.0.0.1") / ICMP(type=3, code=13) / quoted
    session.packets.append(Packet(session.time_ns, bytes(error)))
    found = by_code(session)["TCP07"]
    assert "administratively prohibited" in found.title
    assert "frame 2" in found.evidence


def test_a_failed_attempt_at_another_port_is_no_finding() -> None:
    assert not by_code(syns(3, port=8080))


def test_a_client_that_was_answered_outside_the_capture_is_no_finding() -> None:
    session = syns(1)
    session.seq[True] += 1
    session.send(True, b"")
    session.time_ns += 5 * SECOND
    session.send(True, HANDSHAKE[:1537])
    assert "TCP07" not in by_code(session)


# --- TCP08 ---


def opened() -> Session:
    session = Session()
    session.open()
    return session


def stuck_opening(tries: int, answer: Callable[[Session], None] | None) -> Session:
    """C0C1 of which the large segment is sent again and again."""
    session = opened()
    session.send(True, HANDSHAKE[:1448])
    session.send(True, HANDSHAKE[1448:1537])
    if answer:
        answer(session)
    for _ in range(tries):
        session.time_ns += SECOND
        again(session, True, 1537, HANDSHAKE[:1448])
    return session


def nothing_acknowledged(session: Session) -> None:
    """The server acknowledges what it had before."""
    ahead = session.seq[True]
    session.seq[True] = 1001
    session.send(False, b"")
    session.seq[True] = ahead


def test_large_segments_that_never_arrive_while_small_ones_do() -> None:
    found = by_code(stuck_opening(3, nothing_acknowledged))
    assert found["TCP08"].severity == "error"
    assert "1448 bytes" in found["TCP08"].title
    assert "TCP01" not in found


def test_a_server_that_says_nothing_at_all_is_no_black_hole() -> None:
    assert "TCP08" not in by_code(stuck_opening(3, None))


def test_two_tries_are_no_black_hole() -> None:
    assert "TCP08" not in by_code(stuck_opening(2, nothing_acknowledged))
    assert "TCP08" in by_code(stuck_opening(2, nothing_acknowledged), limits=Limits(large_tries=2))


def test_a_large_segment_that_arrives_in_the_end_is_no_black_hole() -> None:
    session = stuck_opening(4, nothing_acknowledged)
    session.send(False, HANDSHAKE)
    assert "TCP08" not in by_code(session)


# --- TCP01 ---


def published(lost: Callable[[int], bool], segments: int = 400) -> Session:
    """A stream of video of which some segments are sent again, 10 ms after they were sent."""
    chunks = Encoder()
    chunks.set_chunk_size(4096)
    while len(chunks.out) < segments * 1000:
        chunks.send(video(len(chunks.out) // 100, 900))
    session = opened()
    session.stream(True, HANDSHAKE[:1537])
    session.stream(False, HANDSHAKE)
    session.stream(True, HANDSHAKE[1537:])
    for number in range(segments):
        payload = bytes(chunks.out[1000 * number : 1000 * (number + 1)])
        session.send(True, payload)
        session.time_ns += 9_000_000
        if lost(number):
            again(session, True, 1000, payload)
        session.send(False, b"")
    return session


def test_retransmissions_above_one_percent() -> None:
    found = by_code(published(lambda number: number % 50 == 0))["TCP01"]
    assert found.severity == "warning"
    assert found.occurrences == 8
    assert "1.9 %" in found.title
    assert "8 of 412 segments" in found.evidence


def test_less_than_one_percent_is_no_finding() -> None:
    assert "TCP01" not in by_code(published(lambda number: number % 100 == 1))


def test_a_burst_is_a_finding_whatever_its_share() -> None:
    limits = Limits(loss_share=0.5)
    assert "TCP01" in by_code(published(lambda number: 100 <= number < 120), limits=limits)
    assert "TCP01" not in by_code(published(lambda number: 100 <= number < 119), limits=limits)


def test_copies_that_the_capture_made_do_not_count() -> None:
    packets = [one for packet in published(lambda _: False).packets for one in (packet, packet)]
    found = findings(packets).code.tolist()
    assert "CAP07" in found
    assert "TCP01" not in found


def test_keep_alives_do_not_count() -> None:
    session = published(lambda _: False)
    for _ in range(40):
        session.time_ns += SECOND
        again(session, True, 1, b"\0")
        session.send(False, b"")
    assert "TCP01" not in by_code(session)


# --- TCP06 ---


def answered(waits_ms: list[int], opening_ms: int = 1) -> Session:
    """A stream whose segments are acknowledged after these times."""
    session = Session()
    session.send(True, b"", SYN)
    session.seq[True] += 1
    session.time_ns += opening_ms * 1_000_000
    session.send(False, b"", SYN | ACK)
    session.seq[False] += 1
    session.send(True, b"")
    session.stream(True, HANDSHAKE[:1537])
    session.stream(False, HANDSHAKE)
    session.stream(True, HANDSHAKE[1537:])
    for wait in waits_ms:
        session.send(True, bytes(1000))
        session.time_ns += wait * 1_000_000
        session.send(False, b"")
    session.send(True, b"", FIN | ACK)
    return session


def test_a_long_round_trip() -> None:
    found = by_code(answered([1] * 10, opening_ms=240))["TCP06"]
    assert found.severity == "note"
    assert "handshake 242" in found.evidence
    assert "TCP06" not in by_code(answered([1] * 10, opening_ms=180))


def test_a_round_trip_that_varies() -> None:
    found = by_code(answered([20] * 80 + [400] * 20))["TCP06"]
    assert "unsteady" in found.title
    assert "in the median" in found.evidence
    assert found.direction == "c2s"


@pytest.mark.parametrize("waits", [[20] * 98 + [400] * 2, [20] * 20 + [400] * 10, [60] * 50 + [200] * 50])
def test_rare_few_or_moderate_delays_say_nothing(waits: list[int]) -> None:
    assert "TCP06" not in by_code(answered(waits))


def test_a_syn_that_was_sent_again_tells_no_round_trip() -> None:
    session = Session()
    session.send(True, b"", SYN)
    session.time_ns += SECOND
    session.open()
    session.stream(True, HANDSHAKE[:1537])
    assert "TCP06" not in by_code(session)


# --- TCP05 ---


def test_an_end_without_a_word_is_not_claimed_where_packets_are_missing() -> None:
    packets = read_pcap(CAPTURES / "publisher_dies.pcap")
    assert "TCP05" in findings(packets).code.tolist()
    last = max(place for place, one in enumerate(packets) if len(one.data) > 200)
    early = next(place for place, one in enumerate(packets) if place > 300 and len(one.data) > 200)
    assert "TCP05" not in findings([*packets[: last - 40], *packets[last - 20 :]]).code.tolist()
    assert "TCP05" in findings([*packets[:early], *packets[early + 1 :]]).code.tolist()
