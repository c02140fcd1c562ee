"""What stretches tell of the clocks of a direction."""

from __future__ import annotations

import numpy as np
import pytest

from rtmpscope.pipeline.estimates.clocks import ChannelClock, KindClock

NONE = np.empty(0, np.int64)


def test_a_chunk_stream_is_firm_once_it_has_moved() -> None:
    clock = ChannelClock()
    clock.note(np.array([0, 0]), np.array([True, True]))
    assert clock.known and not clock.firm
    clock.note(np.array([40]), np.array([True]))
    assert clock.firm


def test_an_exact_timestamp_ends_the_shift() -> None:
    clock = ChannelClock()
    clock.set(80)
    assert (clock.shift, clock.known, clock.placed) == (80, True, True)
    clock.note(np.array([200]), np.array([True]))
    assert (clock.shift, clock.known, clock.placed) == (0, True, False)


def test_a_shift_of_a_known_clock_is_no_new_place() -> None:
    clock = ChannelClock(known=True)
    clock.set(40)
    assert not clock.placed


@pytest.mark.parametrize(
    ("told", "latest", "last", "inferred"),
    [
        pytest.param(np.array([120, 160]), 170, 160, False, id="heard"),
        pytest.param(NONE, 115, 100, False, id="not yet due"),
        pytest.param(NONE, 145, 100, False, id="hardly due"),
        pytest.param(NONE, 232, 220, True, id="lost three times"),
    ],
)
def test_the_last_message_of_a_kind(told: np.ndarray, latest: int, last: int, inferred: bool) -> None:
    kind = KindClock(last=100)
    kind.note(told, latest, 40.0)
    assert (kind.last, kind.inferred) == (last, inferred)


def test_a_kind_that_was_never_heard_is_not_inferred() -> None:
    kind = KindClock()
    kind.note(NONE, 1000, 40.0)
    assert kind.last is None
