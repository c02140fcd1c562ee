"""Silence in an open stream is told with who ended it; what only looks like silence is not."""

from __future__ import annotations

import pytest

from rtmpscope.findings import Limits
from tests.findings.sessions import findings
from tests.findings.talks import FALSE, NULL, TRUE, Talk
from tests.report.sessions import number, string
from tests.support.capture_write import Packet
from tests.support.rtmp_encode import Message
from tests.support.session import Session


def published(seconds: float = 1) -> Talk:
    return Talk().open().ask("publish").media(seconds)


def played(seconds: float = 1) -> Talk:
    return Talk().open().ask("play").media(seconds, to_server=False)


def test_a_publisher_that_pauses_for_six_seconds() -> None:
    found = published().wait(6).media(1, start_ms=7000).close().found()["TCP04"]
    assert found.severity == "warning"
    assert "publish of stream 0 was silent for 6.0 s" in found.title
    assert "went on" in found.evidence
    assert "the sender paused" in found.evidence


def test_four_seconds_are_no_silence_unless_one_says_so() -> None:
    talk = published().wait(4).media(1, start_ms=5000)
    assert "TCP04" not in talk.found()
    assert "TCP04" in talk.found(limits=Limits(silence_s=3))


def test_a_server_that_closes_on_an_idle_publisher_is_one_finding() -> None:
    found = published().wait(6).close(by_client=False).found()
    assert "the server closed the connection" in found["TCP04"].evidence
    assert "TCP05" not in found


def test_a_silence_long_before_the_end_does_not_explain_the_end() -> None:
    found = published().wait(6).media(1, start_ms=7000).close(by_client=False).found()
    assert found["TCP05"].severity == "error"
    assert "TCP04" in found


def test_a_publisher_that_never_sends_anything() -> None:
    assert "TCP04" in published(0).wait(6).close().found()


def test_silences_of_one_stream_are_one_finding_with_the_longest() -> None:
    found = published().wait(6).media(1, start_ms=7000).wait(8).media(1, start_ms=16000).found()["TCP04"]
    assert found.occurrences == 2
    assert "8.0 s" in found.title


def test_commands_and_acknowledgements_are_no_media() -> None:
    talk = published()
    for _ in range(8):
        talk.wait(1).say(True, Message(2, 0, 3, 0, bytes(4)))
    assert "TCP04" in talk.found()


def test_a_capture_that_ends_is_no_silence_but_one_that_goes_on_is() -> None:
    talk = published()
    assert "TCP04" not in talk.found()
    other = Session(client_port=60000, server_port=80, time_ns=talk.session.time_ns + 6 * 10**9)
    other.open()
    found = findings([*talk.session.packets, *other.packets]).set_index("code")
    assert "to the end of the capture" in found.loc["TCP04", "evidence"]


def test_a_server_that_stops_sending_to_a_player() -> None:
    found = played().wait(6).media(1, to_server=False, start_ms=7000).found()["TCP04"]
    assert found.direction == "s2c"


def test_a_player_that_waits_for_its_publisher_is_no_silence() -> None:
    assert "TCP04" not in Talk().open().ask("play").wait(9).media(1, to_server=False).found()


@pytest.mark.parametrize("code", ["NetStream.Play.Stop", "NetStream.Play.UnpublishNotify"])
def test_nothing_has_to_come_after_the_server_said_so(code: str) -> None:
    talk = played()
    talk.status(code)
    assert "TCP04" not in talk.wait(9).close().found()


def test_nothing_has_to_come_after_stream_eof() -> None:
    talk = played()
    talk.say(False, Message(2, 0, 4, 0, b"\0\1\0\0\0\1"))
    assert "TCP04" not in talk.wait(9).close().found()


def test_a_pause_of_the_player_is_no_silence() -> None:
    talk = played()
    talk.command(True, 1, string("pause") + number(0) + NULL + TRUE + number(1000))
    talk.wait(9)
    talk.command(True, 1, string("pause") + number(0) + NULL + FALSE + number(1000))
    assert "TCP04" not in talk.media(1, to_server=False, start_ms=1000).found()


def test_a_silence_after_the_pause_is_one() -> None:
    talk = played()
    talk.command(True, 1, string("pause") + number(0) + NULL + TRUE + number(1000))
    talk.wait(1)
    talk.command(True, 1, string("pause") + number(0) + NULL + FALSE + number(1000))
    talk.media(1, to_server=False, start_ms=1000)
    assert "TCP04" in talk.wait(9).close().found()


def test_recorded_media_sent_in_advance_lasts_through_the_gap() -> None:
    talk = Talk().open().ask("play")
    for timestamp in range(0, 10_000, 40):
        talk.say(False, Message(6, timestamp, 9, 1, b"\x27\x01\0\0\0" + bytes(100)))
    assert "TCP04" not in talk.wait(7).media(1, to_server=False, start_ms=10_000).found()


def test_a_player_whose_publisher_is_silent_is_not_told_twice() -> None:
    publisher = published().wait(7).media(1, start_ms=8000)
    player = Talk(Session(client_port=50001)).open().ask("play").media(1, to_server=False)
    player.wait(6.5).media(1, to_server=False, start_ms=8000)
    packets = sorted([*publisher.session.packets, *player.session.packets], key=lambda one: one.time_ns)
    found = findings(packets)
    assert found[found.code == "TCP04"].title.str.contains("publish").tolist() == [True]


def test_a_silence_in_which_packets_are_missing_is_none() -> None:
    talk = published().wait(3).media(0.04, start_ms=4000)
    lost = talk.session.packets[-2]
    talk.wait(3).media(1, start_ms=7000)
    packets: list[Packet] = [one for one in talk.session.packets if one is not lost]
    assert "TCP04" not in findings(packets).code.tolist()


def test_with_a_clock_that_steps_as_far_no_gap_is_believed() -> None:
    talk = published().wait(6).media(1, start_ms=7000)
    packets = [*talk.session.packets, Packet(talk.session.time_ns - 7 * 10**9, talk.session.packets[-1].data)]
    found = findings(packets).code.tolist()
    assert "CAP06" in found
    assert "TCP04" not in found


def test_retransmissions_in_the_gap_point_at_the_network() -> None:
    talk = published()
    payload = bytes(100)
    talk.session.send(True, payload)
    for _ in range(3):
        talk.wait(2)
        talk.session.seq[True] -= 100
        talk.session.send(True, payload)
    assert "the network" in talk.close().found()["TCP04"].evidence
