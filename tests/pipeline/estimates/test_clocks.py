"""What stretches tell of the clocks of a direction."""

from __future__ import annotations

import numpy as np

from rtmpscope.pipeline.estimates.clocks import ChannelClock, KindClock

EXACT, ESTIMATED = np.array([True]), np.array([False])


def times(*stamps: float) -> np.ndarray:
    return np.array(stamps, float)


def test_a_clock_is_firm_once_it_has_moved() -> None:
    channel, kind = ChannelClock(), KindClock()
    channel.note(times(0, 0), np.array([True, True]), 0)
    kind.note(times(0, 0))
    assert channel.known and not channel.firm and not kind.firm
    channel.note(times(40), EXACT, 0)
    kind.note(times(40))
    assert channel.firm and kind.firm and kind.heard == 3


def test_a_chunk_stream_that_was_never_exact_is_placed_beside_others() -> None:
    clock = ChannelClock()
    clock.note(times(0), ESTIMATED, 0)
    assert clock.placed
    clock.note(times(40), EXACT, 0)
    clock.note(times(80), ESTIMATED, 0)
    assert not clock.placed


def test_a_chunk_stream_remembers_what_was_lost_before_it() -> None:
    clock = ChannelClock()
    clock.note(times(0), EXACT, 900)
    assert clock.lost_before == 900
