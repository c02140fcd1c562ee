"""What a summary says of connections that were joined in mid-stream."""

from __future__ import annotations

import io
import re

import pytest

import rtmpscope
from rtmpscope.report.summary import Summary, summarize
from tests.support.capture_write import Packet, pcap_bytes, read_pcap
from tests.support.rewrite import parse
from tests.support.rtmp_encode import Encoder, Message
from tests.support.session import session_packets
from tests.support.tools import CAPTURES


def summary_of(name: str, share: float) -> Summary:
    packets = read_pcap(CAPTURES / name)
    return summarize(rtmpscope.analyze(io.BytesIO(pcap_bytes(packets[int(len(packets) * share) :]))))


def test_a_joined_connection_says_so_and_pretends_nothing() -> None:
    summary = summary_of("publish_h264_aac.pcap", 0.3)
    (connection,) = summary.connections
    (stream,) = connection.streams
    assert "joined in mid-stream" in summary.verdict
    assert stream.title == "Stream 0: publish key#1, joined in mid-stream"
    assert connection.lines[0] == "rtmp, tcp.stream 0, joined in mid-stream, without a handshake"


@pytest.mark.parametrize(
    ("name", "share", "said"),
    [
        ("publish_h264_aac.pcap", 0.3, r"client 4096 \(by 2 messages that were split\)"),
        ("publish_obs.pcap", 0.3, r"client at least 1257 \(no message was longer\)"),
        ("publish_librtmp.pcap", 0.3, r"client 128 \(by \d{3} messages that were split\)"),
    ],
)
def test_chunk_sizes_that_were_not_announced_are_told_as_inferred(name: str, share: float, said: str) -> None:
    (connection,) = summary_of(name, share).connections
    assert re.fullmatch(f"chunk size inferred: {said}", connection.chunk_size_line)


def lines_of(packets: list[Packet]) -> list[str]:
    return [one.chunk_size_line for one in summarize(rtmpscope.analyze(io.BytesIO(pcap_bytes(packets)))).connections]


def test_the_default_is_told_of_directions_that_spoke() -> None:
    encoder = Encoder()
    encoder.send(Message(3, 0, 20, 0, b"\x02\0\x04ping"))
    chunks = bytes(encoder.out)
    assert lines_of(session_packets(chunks, chunks)) == ["chunk size 128 in both directions throughout"]
    assert lines_of(session_packets(chunks)) == ["chunk size 128 by the client throughout"]
    assert lines_of(read_pcap(CAPTURES / "cannot_connect.pcap")) == [""] * 3


def verdict_of(direction: str) -> str:
    server = (1935).to_bytes(2, "big")
    packets = read_pcap(CAPTURES / "play_rtmpdump.pcap")
    kept = [one for one in packets if (parse(one).ports[2:4] == server) == (direction == "c2s")]
    return summarize(rtmpscope.analyze(io.BytesIO(pcap_bytes(kept)))).verdict


def test_of_one_direction_nothing_is_said_about_the_other() -> None:
    client, server = verdict_of("c2s"), verdict_of("s2c")
    assert "publishes key#1: no answer in the capture, 127 video" in client
    assert "a client plays key#1: no answer in the capture, its media not captured" in client
    assert "a client plays a stream without a name: accepted, 74 video" in server
    assert "1 connection whose requests were not captured" in server


def test_a_handshake_in_a_hole_does_not_make_a_connection_joined() -> None:
    packets = read_pcap(CAPTURES / "publish_h264_aac.pcap")
    summary = summarize(rtmpscope.analyze(io.BytesIO(pcap_bytes([*packets[:3], *packets[300:]]))))
    (connection,) = summary.connections
    assert not any("joined" in line for line in (*connection.lines, summary.verdict))
    assert [one.title for one in connection.streams] == ["Stream 0: publish key#1, request not captured"]
