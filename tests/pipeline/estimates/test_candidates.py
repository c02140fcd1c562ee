"""What may be missing in a stretch."""

from __future__ import annotations

import numpy as np

from rtmpscope.pipeline.estimates.candidates import candidates
from rtmpscope.pipeline.estimates.direction import Direction
from rtmpscope.pipeline.estimates.rows import media_rows
from tests.pipeline.estimates.session import AUDIO_MS, VIDEO_MS, Session, session


def direction(given: Session) -> Direction:
    return Direction(media_rows(given.columns, np.arange(len(given.true))))


def test_a_codec_header_with_an_old_timestamp_does_not_count_for_the_order() -> None:
    """As servers send it to players: audio at first, then the header of the video, then a key frame."""
    given = session(5, 0.0)
    video = given.columns["type_id"] == 9
    given = given.left(~video | (given.true >= 400))
    header = np.flatnonzero(given.columns["type_id"] == 9)[0]
    given.columns["timestamp"][header] -= 200
    known = direction(given)
    (allowed,) = candidates(known, known.stretch(0, 22)).allowed.values()
    assert allowed.low <= 0 <= allowed.high


def test_exact_timestamps_lack_nothing() -> None:
    known = direction(session(5, 0.0))
    found = candidates(known, known.stretch(0, 40))
    assert all((shift == 0).all() for shift in found.shifts.values())


def test_regular_messages_lack_whole_steps_and_each_chunk_stream_its_own() -> None:
    given = session(5, 0.0)
    lost = (given.true > 2000) & (given.true < 2200)
    given.columns["timestamp_exact"] = np.cumsum(lost) == 0
    for csid, step in ((4, AUDIO_MS), (6, VIDEO_MS)):
        own = given.columns["csid"] == csid
        missing = round(float((own & lost).sum()) * step)
        given.columns["timestamp"][own & (given.true >= 2200)] -= missing
    known = direction(given.left(~lost))
    first, second, end = *known.rows.starts().tolist(), len(known.rows)
    known.note(first, second)
    found = candidates(known, known.stretch(second, end))
    audio, video = found.shifts[0], found.shifts[1]
    assert np.abs(audio / AUDIO_MS - np.rint(audio / AUDIO_MS)).max() < 0.05
    assert np.abs(video / VIDEO_MS - np.rint(video / VIDEO_MS)).max() < 0.05
    true = np.argmin(np.abs(audio - 9 * AUDIO_MS))
    assert video.ravel()[true] in (160.0, 200.0)
