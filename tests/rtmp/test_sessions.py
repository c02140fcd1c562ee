"""Answers find their requests, and streams their ends."""

from __future__ import annotations

from rtmpscope.rtmp import Command, CommandEvent, Session, read_session


class Talk:
    """Commands in order; keys count from 0."""

    def __init__(self) -> None:
        self.events: list[CommandEvent] = []

    def say(self, direction: int, stream_id: int, name: str, transaction: float, *arguments: object) -> int:
        key = len(self.events)
        command = Command(name, transaction, None, arguments)
        self.events.append(CommandEvent(key, direction, stream_id, key * 1000, command))
        return key

    def read(self) -> Session:
        return read_session(self.events)


def status(code: str, level: str = "status") -> dict[str, object]:
    return {"code": code, "level": level}


def test_results_answer_by_transaction_id() -> None:
    talk = Talk()
    connect = talk.say(0, 0, "connect", 1)
    create = talk.say(0, 0, "createStream", 2)
    first = talk.say(1, 0, "_result", 1, status("NetConnection.Connect.Success"))
    second = talk.say(1, 0, "_result", 2, 1.0)
    session = talk.read()
    assert session.reply_to == {first: connect, second: create}


def test_a_transaction_id_used_twice_is_told_apart_by_the_answers_shape() -> None:
    talk = Talk()
    talk.say(0, 0, "releaseStream", 2, "key")
    create = talk.say(0, 0, "createStream", 2)
    answer = talk.say(1, 0, "_result", 2, 1.0)
    session = talk.read()
    assert session.reply_to == {answer: create}


def test_status_answers_the_open_request_of_its_kind_and_stream() -> None:
    talk = Talk()
    talk.say(0, 1, "play", 0, "one")
    publish = talk.say(0, 2, "publish", 0, "two", "live")
    start = talk.say(1, 2, "onStatus", 0, status("NetStream.Publish.Start"))
    session = talk.read()
    assert session.reply_to == {start: publish}
    assert [stream.outcome for stream in session.streams] == ["unanswered", "accepted"]


def test_reset_before_start_leaves_the_play_open() -> None:
    talk = Talk()
    play = talk.say(0, 1, "play", 0, "one")
    talk.say(1, 1, "onStatus", 0, status("NetStream.Play.Reset"))
    start = talk.say(1, 1, "onStatus", 0, status("NetStream.Play.Start"))
    session = talk.read()
    assert session.reply_to[start] == play
    assert session.streams[0].answer == start


def test_an_error_status_refuses_and_ends_the_stream() -> None:
    talk = Talk()
    talk.say(0, 1, "publish", 0, "taken")
    answer = talk.say(1, 1, "onStatus", 0, status("NetStream.Publish.BadName", "error"))
    stream = talk.read().streams[0]
    assert (stream.outcome, stream.ended_by, stream.ended) == ("refused", "refused", answer)


def test_delete_stream_ends_what_fcunpublish_announced() -> None:
    talk = Talk()
    talk.say(0, 1, "publish", 0, "key")
    talk.say(1, 1, "onStatus", 0, status("NetStream.Publish.Start"))
    talk.say(0, 0, "FCUnpublish", 6, "key")
    delete = talk.say(0, 0, "deleteStream", 7, 1.0)
    stream = talk.read().streams[0]
    assert (stream.ended_by, stream.ended) == ("deleteStream", delete)


def test_delete_stream_by_name_ends_the_stream_of_that_name() -> None:
    talk = Talk()
    talk.say(0, 1, "publish", 0, "key")
    talk.say(0, 2, "publish", 0, "other")
    talk.say(0, 1, "deleteStream", 7, "key")
    assert [stream.ended_by for stream in talk.read().streams] == ["deleteStream", None]


def test_fcunpublish_alone_ends_a_publish() -> None:
    talk = Talk()
    talk.say(0, 1, "publish", 0, "key")
    talk.say(0, 0, "FCUnpublish", 6, "key")
    assert talk.read().streams[0].ended_by == "FCUnpublish"


def test_delete_of_another_stream_ends_nothing() -> None:
    talk = Talk()
    talk.say(0, 1, "publish", 0, "key")
    talk.say(0, 0, "deleteStream", 7, 2.0)
    assert talk.read().streams[0].end is None


def test_a_second_play_on_the_same_stream_ends_the_first() -> None:
    talk = Talk()
    talk.say(0, 1, "play", 0, "one")
    talk.say(0, 1, "play", 0, "two")
    assert [stream.ended_by for stream in talk.read().streams] == ["play", None]


def test_publish_false_closes_the_stream() -> None:
    talk = Talk()
    talk.say(0, 1, "publish", 0, "key")
    talk.say(0, 1, "publish", 0, False)
    session = talk.read()
    assert len(session.streams) == 1
    assert session.streams[0].ended_by == "publish"
