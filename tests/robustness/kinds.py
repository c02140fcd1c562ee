"""The kinds of damage that are measured, with what is to be reached of each."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from tests.robustness import damage, score
from tests.robustness.damage import Damage
from tests.robustness.recording import Recording
from tests.robustness.score import Score, Wanted
from tests.robustness.tshark import score_tshark


class Form(Enum):
    """Which figures of a kind are shown."""

    LOSS = "loss"
    CUT = "cut"
    SNAPPED = "snapped"


@dataclass(frozen=True)
class Kind:
    """One kind of damage: ``target`` is the least share of the wanted messages that are to be decoded.

    For snapped captures it holds of those after a listed message, ``elsewhere`` of the rest.
    """

    title: str
    damage: Damage
    target: float
    wanted: Wanted = score.wholly_captured
    form: Form = Form.LOSS
    elsewhere: float = 0.0


def snapped(length: int) -> Kind:
    """Packets snapped to a length."""
    title = f"Snapped to {length} bytes"
    return Kind(title, damage.snapped(length), 0.98, score.headers_captured, Form.SNAPPED, 0.80)


KINDS = (
    Kind("Nothing missing", damage.untouched, 1.0),
    Kind("Each 100th segment missing", damage.single_segments(100), 0.99),
    Kind("Each 50th segment missing", damage.single_segments(50), 0.99),
    Kind("Each 20th segment missing", damage.single_segments(20), 0.99),
    Kind("Bursts of 2 to 10 segments missing", damage.bursts(), 0.97),
    Kind("Cut at ten places, the beginning thrown away", damage.cuts(), 0.97, score.settled, Form.CUT),
    snapped(96),
    snapped(128),
    snapped(200),
    snapped(256),
    Kind("One pair of segments swapped", damage.swapped_pair(), 1.0),
    Kind("Without SYN", damage.no_syn, 1.0),
)


def measure(whole: Recording, kind: Kind, with_tshark: bool) -> Score:
    """The score of all copies of one capture that a kind makes."""
    total = Score()
    for copy in kind.damage(whole):
        total += score.score(copy, kind.wanted)
        if with_tshark:
            total += score_tshark(copy, kind.wanted)
    return total
