"""The lead that a sender has over the clock of arrival."""

from __future__ import annotations

import numpy as np
import pytest

from rtmpscope.pipeline.estimates.arrival import LeadWatch, outruns
from rtmpscope.pipeline.estimates.rows import media_rows
from tests.pipeline.estimates.session import session

SENT = np.arange(0, 4000, 20)


def watch(*stretches: tuple[np.ndarray, np.ndarray]) -> LeadWatch:
    lead = LeadWatch()
    for told, clock in stretches:
        lead.note(told, clock)
    return lead


def level(lead: LeadWatch) -> float:
    found = lead.lead()
    assert found is not None
    return found.level


def test_there_is_no_lead_before_any_message() -> None:
    assert LeadWatch().lead() is None


def test_messages_that_wait_do_not_hide_the_lead() -> None:
    waits = np.tile([0, 15, 30, 5], len(SENT) // 4)
    found = watch((SENT, SENT + 300 + waits)).lead()
    assert found is not None
    assert found.level == -300 and found.wait > 0


def test_a_lead_that_falls_for_good_is_forgotten() -> None:
    late = np.where(SENT >= 2000, 600, 0)
    assert level(watch((SENT, SENT + 100 + late))) == -700


def test_one_stall_is_not_a_new_lead() -> None:
    stalled = (SENT >= 2000) & (SENT < 2100)
    assert level(watch((SENT, SENT + 100 + np.where(stalled, 150, 0)))) == -100


def test_estimates_that_drift_do_not_carry_the_lead_along() -> None:
    slow = [(SENT + 4000 * number - 5 * number, SENT + 4000 * number) for number in range(50)]
    assert level(watch(*slow)) > -20


def test_a_clock_that_drifts_is_followed() -> None:
    told = np.arange(0, 4_000_000, 40)
    clock = told + told // 100_000
    assert level(watch(*((told[i : i + 200], clock[i : i + 200]) for i in range(0, len(told), 200)))) < -30


def test_a_candidate_is_the_less_likely_the_further_it_is_off() -> None:
    found = watch((SENT, SENT + 100)).lead()
    assert found is not None
    cost = found.cost(np.array([[-100, -110, -130, -90, -60]] * 6))
    assert cost[0] == 0
    assert cost[0] < cost[1] < cost[2] and cost[0] < cost[3] < cost[4]


@pytest.mark.parametrize(("rate", "faster"), [(1.0, False), (1.05, False), (20.0, True)])
def test_senders_faster_than_time(rate: float, faster: bool) -> None:
    given = session(60, 0.0)
    given.columns["time_start"] = (given.true / rate).astype(np.int64) * 1_000_000
    assert outruns(media_rows(given.columns, np.arange(len(given.true)))) is faster
