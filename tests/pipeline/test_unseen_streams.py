"""Media whose publish or play request was not captured has a row in the streams table."""

from __future__ import annotations

import io
import random
from dataclasses import replace
from functools import cache
from typing import Any

import pytest

import rtmpscope
from tests.findings.talks import NULL, Talk
from tests.report.sessions import number, string
from tests.rtmp.test_lossy_streams import AVC, frame
from tests.support.capture_write import Packet, pcap_bytes, read_pcap
from tests.support.rewrite import parse
from tests.support.rtmp_encode import Message
from tests.support.tools import CAPTURES

MEASURED = ("video_codec", "audio_codec", "ended_by", "role")
PUBLISHES = ("publish_obs.pcap", "publish_h264_aac.pcap", "publish_gstreamer.pcap", "publish_librtmp.pcap")


@cache
def packets(name: str) -> tuple[Packet, ...]:
    return tuple(read_pcap(CAPTURES / name))


def streams_of(content: list[Packet]) -> list[dict[str, Any]]:
    analysis = rtmpscope.analyze(io.BytesIO(pcap_bytes(content)))
    rows = analysis.streams.astype(object).where(analysis.streams.notna(), None)
    return [{str(name): value for name, value in row.items()} for row in rows.to_dict("records")]


def late(name: str, share: float = 0.4) -> list[Packet]:
    content = packets(name)
    return list(content[int(len(content) * share) :])


def to_server(packet: Packet) -> bool:
    return parse(packet).ports[2:4] == (1935).to_bytes(2, "big")


@pytest.mark.parametrize("name", PUBLISHES)
def test_a_publish_joined_in_mid_stream_is_a_stream(name: str) -> None:
    (whole,) = streams_of(list(packets(name)))
    (joined,) = streams_of(late(name))
    assert {column: joined[column] for column in MEASURED} == {column: whole[column] for column in MEASURED}
    assert (joined["outcome"], joined["request"], joined["answer"]) == ("unseen", None, None)
    assert joined["stream_name"] in (whole["stream_name"], None)
    assert joined["end"] == whole["end"]
    assert joined["start"] > whole["start"]
    assert joined["fps"] == pytest.approx(whole["fps"], rel=0.05)
    assert joined["stream_id"] in (whole["stream_id"], None)


def test_a_play_joined_in_mid_stream_is_a_stream() -> None:
    found = [(one["role"], one["outcome"]) for one in streams_of(late("play_rtmpdump.pcap"))]
    assert found == [("play", "unseen"), ("publish", "unseen")]


def test_a_capture_of_the_server_alone_shows_what_it_plays_and_that_it_accepted() -> None:
    content = [one for one in packets("play_rtmpdump.pcap") if not to_server(one)]
    (played,) = streams_of(content)
    assert (played["role"], played["outcome"], played["request"]) == ("play", "accepted", None)
    assert played["answer"] is not None
    assert played["video_kbps"] > 100


def test_all_media_of_a_joined_connection_belongs_to_its_stream() -> None:
    analysis = rtmpscope.analyze(io.BytesIO(pcap_bytes(late("publish_h264_aac.pcap"))))
    assert analysis.media.stream.eq(0).fillna(False).all()
    assert analysis.per_second.stream.eq(0).fillna(False).all()


def talk_without(lost: str) -> Talk:
    """A publish without the packets that hold this word."""
    talk = live(Talk().open().ask(), 1)
    word = lost.encode()
    talk.session.packets = [one for one in talk.session.packets if word not in one.data]
    return talk


def test_a_request_in_a_hole_is_unseen_and_its_answer_is_seen() -> None:
    (stream,) = streams_of(talk_without("\x07publish").session.packets)
    assert (stream["outcome"], stream["request"]) == ("accepted", None)
    assert stream["answer"] is not None
    assert stream["stream_id"] == 1


def test_media_without_a_request_in_a_direction_captured_whole_is_no_stream() -> None:
    talk = live(Talk().open(), 1).close()
    assert streams_of(talk.session.packets) == []


def test_a_hole_after_the_media_began_does_not_hide_a_request() -> None:
    talk = live(Talk().open(), 1)
    talk.session.seq[True] += 100
    live(talk, 1, start_ms=1000)
    assert streams_of(talk.session.packets) == []


def live(talk: Talk, *ids: int, start_ms: int = 0) -> Talk:
    """Video on some message streams."""
    chance = random.Random(start_ms)
    for step in range(60):
        for one in ids:
            talk.say(True, Message(5 + one, start_ms + step * 40, 9, one, frame(AVC, 200 + step, chance)))
    return talk


def in_mid_stream(*ids: int) -> Talk:
    """Video on some message streams, without a beginning."""
    return live(Talk(), *ids)


def test_each_message_stream_of_a_joined_connection_is_a_stream() -> None:
    found = streams_of(in_mid_stream(1, 2).session.packets)
    assert [(one["stream_id"], one["role"]) for one in found] == [(1, "publish"), (2, "publish")]


def test_a_request_that_is_captured_follows_the_one_that_is_not() -> None:
    talk = in_mid_stream(1)
    talk.command(True, 0, string("FCUnpublish") + number(4) + NULL + string("first"))
    talk.command(True, 0, string("deleteStream") + number(5) + NULL + number(1))
    live(talk.ask(name="second"), 1, start_ms=3000)
    first, second = streams_of(talk.session.packets)
    assert (first["outcome"], first["ended_by"], first["end"] < second["start"]) == ("unseen", "deleteStream", True)
    assert (second["request"] is None, second["stream_id"]) == (False, 1)
    assert {first["stream_name"], second["stream_name"]} == {"key#1", "key#2"}


def test_media_that_overtakes_its_request_on_the_way_belongs_to_it() -> None:
    talk = live(Talk().open().ask(), 1)
    content = talk.session.packets
    place = next(place for place, one in enumerate(content) if b"\x07publish" in one.data)
    again = replace(content[place], time_ns=content[place + 20].time_ns + 1)
    content = [*content[:place], *content[place + 1 : place + 21], again, *content[place + 21 :]]
    analysis = rtmpscope.analyze(io.BytesIO(pcap_bytes(content)))
    assert len(analysis.streams) == 1
    assert analysis.streams.request[0] > analysis.media.message.min()
    assert analysis.media.stream.eq(0).fillna(False).all()
