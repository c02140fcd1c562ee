"""What is missing of a capture is found to be missing, and makes no other finding."""

from __future__ import annotations

import io
from functools import cache

import pytest

import rtmpscope
from tests.support.capture_write import Packet, pcap_bytes, read_pcap
from tests.support.rewrite import parse, reordered
from tests.support.tools import CAPTURES

Found = set[tuple[str, str]]
NAMES = (
    *("publish_obs", "publish_gstreamer", "publish_librtmp", "publish_to_node_media_server", "play_rtmpdump"),
    *("timestamps_past_ffffff", "publisher_dies", "publish_refused_same_name", "extension_left_out", "lossy_router"),
)
SHARES = (0.02, 0.1, 0.3, 0.55, 0.9)


@cache
def packets(name: str) -> tuple[Packet, ...]:
    return tuple(read_pcap(CAPTURES / f"{name}.pcap"))


def found(content: list[Packet]) -> Found:
    findings = rtmpscope.analyze(io.BytesIO(pcap_bytes(content))).findings
    return set(zip(findings.code, findings.severity, strict=True))


@cache
def of_the_whole(name: str) -> Found:
    return found(list(packets(name)))


def to_server(packet: Packet) -> bool:
    return parse(packet).ports[2:4] == (1935).to_bytes(2, "big")


@pytest.mark.parametrize("share", SHARES)
@pytest.mark.parametrize("name", NAMES)
def test_a_capture_begun_in_mid_stream_finds_nothing_new_but_that_it_did(name: str, share: float) -> None:
    content = packets(name)
    new = found(list(content[int(len(content) * share) :])) - of_the_whole(name)
    assert new <= {("CAP02", "note")}


@pytest.mark.parametrize("share", [0, 0.4])
@pytest.mark.parametrize("direction", ["c2s", "s2c"])
@pytest.mark.parametrize("name", NAMES)
def test_a_capture_of_one_direction_finds_nothing_new_but_that_it_is(name: str, direction: str, share: float) -> None:
    content = packets(name)
    kept = [one for one in content[int(len(content) * share) :] if to_server(one) == (direction == "c2s")]
    new = found(kept) - of_the_whole(name)
    assert new <= {("CAP02", "note"), ("CAP03", "note")}


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("publish_obs", "c2s chunk size inferred: at least 1257 (no message was longer)"),
        ("publish_librtmp", "c2s chunk size inferred: 128 (by 250 messages that were split)"),
    ],
)
def test_that_a_connection_was_joined_is_told_with_its_chunk_sizes_and_how_sure_they_are(name: str, words: str) -> None:
    content = packets(name)
    analysis = rtmpscope.analyze(io.BytesIO(pcap_bytes(content[int(len(content) * 0.3) :])))
    (row,) = analysis.findings[analysis.findings.code == "CAP02"].to_dict("records")
    assert row["evidence"] == f"no SYN and no handshake; {words}"
    inferred = analysis.connections.c2s_chunk_size_inferred[0]
    assert str(inferred) == ("128" if "128" in words else "<NA>")


@pytest.mark.parametrize("name", ["play_rtmpdump", "timestamps_past_ffffff", "publish_obs", "idle_publisher_dropped"])
def test_a_packet_missing_from_the_opening_is_told_and_nothing_else(name: str) -> None:
    content = packets(name)
    places = [place for place, one in enumerate(content) if parse(one).payload][:40:3]
    for place in places:
        new = found([*content[:place], *content[place + 1 :]]) - of_the_whole(name)
        assert new == {("CAP01", "warning")}, place


def test_a_farewell_that_is_all_a_direction_said_and_is_missing_is_not_taken_for_none() -> None:
    content = packets("play_rtmpdump")
    late = list(content[len(content) // 2 :])
    said = [one for one in late if to_server(one) and parse(one).payload and b"FCUnpublish" not in one.data]
    farewell = next(one for one in reversed(said) if b"deleteStream" in one.data)
    late.remove(farewell)
    assert found(late) == {("CAP02", "note")}


@pytest.mark.parametrize("seed", [1, 4, 5, 6, 7])
@pytest.mark.parametrize("name", ["publish_obs", "publish_h264_aac", "play_rtmpdump", "publish_librtmp"])
def test_answers_that_stand_before_their_requests_are_answers(name: str, seed: int) -> None:
    segments = reordered([parse(one) for one in packets(name)], seed)
    analysis = rtmpscope.analyze(io.BytesIO(pcap_bytes([one.packet() for one in segments])))
    assert "SES02" not in set(analysis.findings.code)
    assert (analysis.streams.outcome == "accepted").all()
    assert not (analysis.commands.latency_ms < 0).any()
    assert analysis.media.stream.notna().all()
