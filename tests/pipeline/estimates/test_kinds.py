"""What is usual of the messages of a kind."""

from __future__ import annotations

import numpy as np
import pytest

from rtmpscope.pipeline.estimates.kinds import kinds_of, with_deltas
from rtmpscope.pipeline.estimates.rows import MediaRows, media_rows
from tests.pipeline.estimates.session import AUDIO_MS, VIDEO_MS, Session, session


def rows_of(given: Session) -> MediaRows:
    return media_rows(given.columns, np.arange(len(given.true)))


def test_steps_and_sizes_are_those_of_each_kind() -> None:
    audio, video = kinds_of(rows_of(session(20, 0.0)), None)
    assert (audio.step, video.step) == (pytest.approx(AUDIO_MS, abs=0.1), VIDEO_MS)
    assert audio.regular and video.regular and audio.alone and video.alone
    assert audio.size == pytest.approx(157, abs=2) and audio.spread < 20 < video.spread


def test_kinds_that_share_a_chunk_stream_are_told_apart() -> None:
    audio, video = kinds_of(rows_of(session(20, 0.0, shared=True)), None)
    assert (audio.channel, video.channel) == (0, 0) and not audio.alone and not video.alone
    assert (audio.step, video.step) == (pytest.approx(AUDIO_MS, abs=0.1), VIDEO_MS)


def test_messages_that_were_lost_for_their_size_are_reckoned_with() -> None:
    whole = session(20, 0.0)
    small = whole.left(whole.columns["length"] < 800)
    assert kinds_of(rows_of(small), 20_000.0)[1].scale > 1.5


def test_sizes_are_those_of_the_neighbourhood() -> None:
    given = session(20, 0.0)
    video = given.columns["type_id"] == 9
    given.columns["length"][video & (given.true > 10_000)] = 100
    kind = kinds_of(rows_of(given), None)[1]
    assert kind.near(10)[0] > 500 > kind.near(len(given.true) - 10)[0]


def test_a_repeated_delta_that_was_never_heard_is_the_usual_step() -> None:
    given = session(20, 0.0)
    audio = np.flatnonzero(given.columns["type_id"] == 8)
    after = audio[100:]
    lost = np.arange(after[0] - 3, after[0])
    given.columns["timestamp_exact"][after[0] - 3 :] = False
    given.columns["timestamp"][after] -= given.true[after] - given.true[audio[99]]  # type 3 after type 0: no step
    given.columns["fmt"][after] = 3
    rest = given.left(~np.isin(np.arange(len(given.true)), lost))
    rows = rows_of(rest)
    told = with_deltas(rows, kinds_of(rows, None))[rest.columns["type_id"] == 8]
    assert (np.abs(np.diff(told)[-200:] - AUDIO_MS) < 1).all()


def test_rows_know_how_much_was_lost_before_them() -> None:
    given = session(20, 0.0)
    size = given.columns["length"] + given.columns["header_bytes"]
    rows = rows_of(given.left(~np.isin(np.arange(len(given.true)), [50, 51, 80])))
    assert rows.gap.tolist()[48:52] == [0, 0, 1, 1]
    assert rows.lost[50] == size[50] + size[51]
    assert rows.lost[-1] == size[[50, 51, 80]].sum()


def test_the_rest_of_a_message_that_ends_in_a_hole_is_not_lost() -> None:
    given = session(20, 0.0)
    given.columns["end"][50] -= 100
    assert rows_of(given).lost[-1] == 0


def test_a_stretch_begins_where_timestamps_begin_to_be_exact_but_not_where_they_cease_to_be() -> None:
    given = session(20, 0.0)
    given.columns["timestamp_exact"] = (given.true < 4000) | (given.true >= 8000)
    begins = rows_of(given).starts()
    first = {kind: np.flatnonzero((given.true >= 8000) & (given.columns["type_id"] == kind))[0] for kind in (8, 9)}
    assert begins.tolist() == [0, *sorted(first.values())]
