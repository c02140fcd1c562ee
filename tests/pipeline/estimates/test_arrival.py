"""The lead that a sender has over the clock of arrival."""

from __future__ import annotations

import numpy as np
import pytest

from rtmpscope.pipeline.estimates.arrival import Leads, looked_at, outruns
from rtmpscope.pipeline.estimates.hypotheses import Hypotheses, no_time_missing
from rtmpscope.pipeline.estimates.rows import media_rows
from tests.pipeline.estimates.session import session

AUDIO, VIDEO = 0, 1


def watched(ahead: np.ndarray, kind: int = VIDEO) -> tuple[Leads, Hypotheses]:
    """Leads after messages of one kind that were so far ahead, one each 40 ms."""
    leads, known = Leads(2), no_time_missing(2, 2)
    for place in range(0, len(ahead), 10):
        part = ahead[place : place + 10]
        leads.note(known, np.full(len(part), kind), part, 40 * (place + 10), np.zeros((1, 2)))
    return leads, known


def cost(leads: Leads, known: Hypotheses, ahead: float, kind: int = VIDEO, clock: int = 10**6) -> float:
    return float(np.asarray(leads.cost(known, {kind: np.array([[ahead]])}, clock)).max())


def test_nothing_is_unlikely_before_any_message() -> None:
    assert Leads(2).cost(no_time_missing(2, 2), {VIDEO: np.array([[1e9]])}, 0) == 0.0


def test_a_message_is_the_less_likely_the_further_it_is_off() -> None:
    steady = watched(np.tile([-300.0, -295.0], 100))
    expected, near, far = (cost(*steady, ahead) for ahead in (-297.5, -305.0, -340.0))
    assert expected < near < far
    assert cost(*steady, -290.0) > cost(*steady, -305.0), "late is likelier than early"


def test_the_clock_of_a_steady_sender_is_trusted_more() -> None:
    steady, restless = watched(np.full(200, -300.0)), watched(np.tile(np.repeat([-350.0, -250.0], 10), 10))
    assert cost(*steady, -280.0) > 2 * cost(*restless, -280.0)


def test_a_lead_that_changes_for_good_is_followed() -> None:
    changed = watched(np.repeat([-100.0, -700.0], [200, 800]))
    assert cost(*changed, -700.0) < 0.5 < cost(*changed, -100.0)


def test_what_waited_may_go_on_waiting() -> None:
    waiting = watched(np.repeat([-100.0, -160.0], [200, 10]))
    assert cost(*waiting, -160.0, clock=8400) < cost(*waiting, -130.0, clock=8400) + 1.0
    assert cost(*waiting, -40.0, clock=8400) > cost(*waiting, -160.0, clock=8400) + 2.0


def test_a_kind_that_was_never_heard_is_expected_about_when_others_are() -> None:
    steady = watched(np.full(200, -300.0), VIDEO)
    assert cost(*steady, -300.0, AUDIO) < cost(*steady, -200.0, AUDIO)


def test_hypotheses_that_moved_messages_have_another_lead() -> None:
    leads, known = Leads(1), no_time_missing(1, 1)
    known.keep(np.array([0, 0]))
    leads.note(known, np.zeros(8, int), np.full(8, -300.0), 320, np.array([[0.0], [40.0]]))
    assert known.lead[:, 0].tolist() == [-300.0, -260.0]


@pytest.mark.parametrize("count", [0, 1, 240, 241, 10_000])
def test_of_a_long_stretch_the_ends_are_looked_at(count: int) -> None:
    places = looked_at(count)
    assert len(places) == min(count, 240)
    assert (np.diff(places) > 0).all() and (count == 0 or places[[0, -1]].tolist() == [0, count - 1])


@pytest.mark.parametrize(("rate", "faster"), [(1.0, False), (1.05, False), (20.0, True)])
def test_senders_faster_than_time(rate: float, faster: bool) -> None:
    given = session(60, 0.0)
    given.columns["time_start"] = (given.true / rate).astype(np.int64) * 1_000_000
    assert outruns(media_rows(given.columns, np.arange(len(given.true)))) is faster
