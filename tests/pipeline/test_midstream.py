"""Captures that begin within a connection: what is RTMP is told by its headers, and nothing else is taken for it."""

from __future__ import annotations

import io
import random
from collections.abc import Callable
from dataclasses import replace
from functools import cache

import pytest

import rtmpscope
from tests.findings.talks import NULL, Talk
from tests.pipeline.rows import message_rows
from tests.report.sessions import number, string, structure
from tests.support.capture_write import Packet, pcap_bytes, read_pcap
from tests.support.rewrite import parse
from tests.support.rtmp_encode import Message
from tests.support.session import Session
from tests.support.tools import CAPTURES

SIZE = 400_000


@cache
def late(name: str = "publish_h264_aac.pcap") -> list[Packet]:
    """The second half of a capture."""
    packets = read_pcap(CAPTURES / name)
    return packets[len(packets) // 2 :]


def analysis_of(packets: list[Packet]) -> rtmpscope.Analysis:
    return rtmpscope.analyze(io.BytesIO(pcap_bytes(packets)))


def from_server_port(packet: Packet) -> bool:
    return parse(packet).ports[:2] == (1935).to_bytes(2, "big")


def on_port(packet: Packet, port: int) -> Packet:
    """The packet with the server on another port."""
    place = packet.data.index((1935).to_bytes(2, "big"), 34)
    return replace(packet, data=packet.data[:place] + port.to_bytes(2, "big") + packet.data[place + 2 :])


def in_mid_stream(stream: bytes) -> list[Packet]:
    """A connection on which both directions carry ``stream``, captured without its beginning."""
    session = Session()
    session.stream(True, stream)
    session.stream(False, stream)
    return session.packets


def noise(seed: int) -> bytes:
    return random.Random(seed).randbytes(SIZE)


def tls_records(seed: int) -> bytes:
    return b"".join(b"\x17\x03\x03\x40\x00" + random.Random(seed + n).randbytes(0x4000) for n in range(SIZE >> 14))


def web_pages(_seed: int) -> bytes:
    page = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + b"<p>on a page of text</p>\n" * 400
    return page * (SIZE // len(page))


def zeros(_seed: int) -> bytes:
    return bytes(SIZE)


def flv_tags(seed: int) -> bytes:
    """What HTTP-FLV carries: the same media as RTMP does, under other headers."""
    made = random.Random(seed)
    tags = []
    time = 5000
    for place in range(400):
        kind, head = (9, b"\x27\x01\x00\x00\x00") if place % 3 else (8, b"\xaf\x01")
        body = head + made.randbytes(made.randrange(200, 2500))
        tag = bytes((kind,)) + len(body).to_bytes(3, "big") + time.to_bytes(3, "big") + bytes(4) + body
        tags.append(tag + len(tag).to_bytes(4, "big"))
        time += 15
    return b"".join(tags)[1000:]


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("stream", [noise, tls_records, web_pages, zeros, flv_tags])
def test_what_is_not_rtmp_is_not_taken_for_it(stream: Callable[[int], bytes], seed: int) -> None:
    analysis = analysis_of(in_mid_stream(stream(seed)))
    assert (len(analysis.messages), len(analysis.streams), len(analysis.commands)) == (0, 0, 0)
    assert (
        not analysis.connections.transport.eq("rtmp").any()
        or (analysis.connections.transport_confidence == "port").all()
    )


@pytest.mark.parametrize("port", [6002, 443])
def test_rtmp_is_found_on_any_port(port: int) -> None:
    there = analysis_of(late())
    moved = analysis_of([on_port(one, port) for one in late()])
    assert message_rows(moved) == message_rows(there)
    assert moved.connections.server_port.tolist() == [port]


@pytest.mark.parametrize(("name", "direction"), [("publish_h264_aac.pcap", "c2s"), ("play_rtmpdump.pcap", "s2c")])
def test_one_direction_is_found_without_the_other(name: str, direction: str) -> None:
    packets = late(name)
    both = [row for row in message_rows(analysis_of(packets)) if row[1] == direction]
    alone = analysis_of([one for one in packets if from_server_port(one) == (direction == "s2c")])
    assert message_rows(alone) == both
    assert len(both) > 50


def test_what_came_before_is_not_made_up() -> None:
    analysis = analysis_of(late())
    (connection,) = analysis.connections.to_dict("records")
    assert (connection["handshake"], connection["transport_confidence"]) == ("absent", "content")
    assert analysis.connections[["app", "tc_url", "flash_ver", "rtt_ms"]].isna().all(axis=None)
    assert not analysis.messages.timestamp_exact.all()
    assert set(analysis.commands.command).isdisjoint({"connect", "createStream", "publish"})


@pytest.mark.parametrize("csid", [3, 6, 8])  # 3 and 6 are what a handshake begins with
def test_a_short_direction_that_begins_like_a_handshake_is_decoded(csid: int) -> None:
    talk = Talk()
    status = structure({"level": "status", "code": "NetStream.Play.Start"})
    for _ in range(3):
        talk.say(False, Message(csid, 0, 20, 1, string("onStatus") + number(0) + NULL + status))
    assert analysis_of(talk.session.packets).commands.code.tolist() == ["NetStream.Play.Start"] * 3
