"""Answers find their requests, and streams their ends."""

from __future__ import annotations

from typing import Literal

from rtmpscope.rtmp import Command, CommandEvent, Session, UnseenRequest, read_session


class Talk:
    """Commands in order; keys count from 0."""

    def __init__(self) -> None:
        self.events: list[CommandEvent] = []

    def say(self, direction: int, stream_id: int, name: str, transaction: float, *arguments: object) -> int:
        key = len(self.events)
        command = Command(name, transaction, None, arguments)
        self.events.append(CommandEvent(key, direction, stream_id, key * 1000, command))
        return key

    def read(self, *unseen: UnseenRequest) -> Session:
        return read_session(sorted([*self.events, *unseen], key=lambda event: event.key))


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


def test_an_answer_just_before_its_request_answers_it_where_no_other_does() -> None:
    talk = Talk()
    start = talk.say(1, 1, "onStatus", 0, status("NetStream.Publish.Start"))
    publish = talk.say(0, 1, "publish", 0, "one", "live")
    session = talk.read()
    assert session.reply_to == {start: publish}
    assert session.streams[0].outcome == "accepted"


def test_an_answer_before_a_request_yields_to_the_one_after_it() -> None:
    talk = Talk()
    talk.say(1, 1, "onStatus", 0, status("NetStream.Publish.Start"))
    publish = talk.say(0, 1, "publish", 0, "one", "live")
    refused = talk.say(1, 1, "onStatus", 0, status("NetStream.Publish.BadName", "error"))
    session = talk.read()
    assert session.reply_to == {refused: publish}
    assert session.streams[0].outcome == "refused"


def unseen(key: int, stream_id: int = 1, role: Literal["publish", "play"] = "publish") -> UnseenRequest:
    return UnseenRequest(key, 0, stream_id, key * 1000, role)


def test_a_request_that_was_not_captured_is_ended_by_the_commands_that_are() -> None:
    for ending, arguments in (("deleteStream", (1.0,)), ("closeStream", ())):
        talk = Talk()
        talk.say(1, 0, "onBWDone", 0)
        ended = talk.say(0, 1, ending, 0, *arguments)
        (stream,) = talk.read(unseen(0)).streams
        assert (stream.outcome, stream.name, stream.ended, stream.ended_by) == ("unseen", None, ended, ending)


def test_fcunpublish_names_the_one_stream_that_has_no_name() -> None:
    talk = Talk()
    for _ in range(3):
        talk.say(1, 0, "onBWDone", 0)
    talk.say(0, 0, "FCUnpublish", 5, "one")
    (stream,) = talk.read(unseen(0)).streams
    assert (stream.name, stream.ended_by) == ("one", "FCUnpublish")
    several = talk.read(unseen(0), unseen(1, 2)).streams
    assert [(one.name, one.ended_by) for one in several] == [(None, None), (None, None)]


def test_an_answer_tells_that_a_request_which_was_not_captured_was_accepted() -> None:
    talk = Talk()
    start = talk.say(1, 1, "onStatus", 0, status("NetStream.Play.Start"))
    played, published = (talk.read(unseen(5, 1, role)).streams[0] for role in ("play", "publish"))
    assert (played.outcome, played.answer) == ("accepted", start)
    assert (published.outcome, published.answer) == ("unseen", None)
