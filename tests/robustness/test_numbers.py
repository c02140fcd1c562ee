"""What is decoded of damaged captures: the figures that docs/robustness.md shows, for a part of the copies.

docs/robustness.md has all copies and all figures, and marks those that miss what is to be reached.
"""

from __future__ import annotations

import random
from functools import reduce
from operator import add

import numpy as np
import pytest

from tests.robustness import damage, score
from tests.robustness.damage import Damage, Damaged
from tests.robustness.kinds import KINDS
from tests.robustness.recording import recording, recordings
from tests.robustness.score import Score, Wanted
from tests.robustness.tshark import longest_common, score_tshark
from tests.support.tools import CAPTURES, ROOT, require_tool

PAGE = ROOT / "docs" / "robustness.md"
ONE = CAPTURES / "publish_h264_aac.pcap"


def by_capture(make: Damage, wanted: Wanted = score.wholly_captured) -> dict[str, Score]:
    """The score of all copies of each capture."""
    return {whole.path.name: reduce(add, (score.score(copy, wanted) for copy in make(whole))) for whole in recordings()}


def total(make: Damage, wanted: Wanted = score.wholly_captured) -> Score:
    """The score of all copies of all captures."""
    return reduce(add, by_capture(make, wanted).values())


@pytest.mark.parametrize("make", [damage.untouched, damage.swapped_pair(2), damage.no_syn])
def test_nothing_is_lost_where_all_bytes_are_there(make: Damage) -> None:
    found = total(make)
    assert (found.decoded, found.listed, found.exact_wrong) == (found.wanted, found.wanted, 0)
    assert found.estimated == 0


@pytest.mark.parametrize(
    ("make", "share"),
    [
        pytest.param(damage.single_segments(100, copies=1), 0.99, id="each 100th"),
        pytest.param(damage.single_segments(50, copies=1), 0.99, id="each 50th"),
        pytest.param(damage.single_segments(20), 0.99, id="each 20th"),
        pytest.param(damage.bursts(copies=1), 0.97, id="bursts"),
    ],
)
def test_lost_segments_cost_hardly_more_than_the_messages_they_held(make: Damage, share: float) -> None:
    scores = by_capture(make)
    for name, found in scores.items():
        assert found.decoded >= share * found.wanted, name
        assert (found.invented, found.exact_wrong) == (0, 0), name
    everything = reduce(add, scores.values())
    assert everything.close >= 0.9 * everything.estimated > 0, "estimated timestamps within a frame interval"


@pytest.mark.parametrize("length", [128, 200])
def test_snapped_captures_still_list_the_messages_whose_headers_they_have(length: int) -> None:
    for name, found in by_capture(damage.snapped(length), score.headers_captured).items():
        assert found.after_decoded >= 0.98 * found.after, name
        assert found.decoded - found.after_decoded >= 0.80 * (found.wanted - found.after), name
        assert (found.invented, found.exact_wrong) == (0, 0), name


def test_what_follows_a_cut_is_decoded_and_nothing_is_invented() -> None:
    scores = by_capture(damage.cuts(), score.settled)
    for name, found in scores.items():
        assert found.decoded >= 0.97 * found.wanted, name
        assert (found.invented, found.exact_wrong) == (0, 0), name
        assert found.constant >= 0.99 * found.estimated, f"{name}: timestamps up to one constant per channel"
    everything = reduce(add, scores.values())
    assert everything.wanted > 20_000
    assert everything.constant >= 0.999 * everything.estimated


@pytest.mark.parametrize("seed", [1, 2])
def test_nothing_is_invented_where_the_chunk_size_was_lost_with_the_beginning(seed: int) -> None:
    chance = random.Random(seed)
    for whole in recordings():
        data = whole.data_places()
        opening = [place for place in data if (one := whole.segments[place]) is not None and one.offset < 3500]
        lost = {*opening[3:], *(place for place in data if chance.random() < 0.3 and place not in opening)}
        copy = damage.copy_of(whole, (place for place in range(len(whole.packets)) if place not in lost), snap=128)
        found = score.score(copy, score.headers_captured)
        assert (found.invented, found.exact_wrong) == (0, 0), whole.path.name


@pytest.mark.oracle
def test_no_less_is_decoded_than_by_tshark() -> None:
    require_tool("tshark")
    whole = recording(ONE)
    copy = next(damage.single_segments(50)(whole))
    assert score.score(copy, score.wholly_captured).decoded >= score_tshark(copy, score.wholly_captured).tshark > 0


@pytest.mark.oracle
def test_all_that_tshark_shows_of_a_whole_capture_counts() -> None:
    require_tool("tshark")
    whole = recording(ONE)
    found = score_tshark(next(damage.untouched(whole)), score.wholly_captured)
    assert (found.tshark, found.tshark_invented) == (sum(len(one.offset) for one in whole.messages.values()), 0)


def test_captured_are_exactly_the_messages_without_a_lost_byte() -> None:
    whole = recording(ONE)
    flow, messages = max(whole.messages.items(), key=lambda item: len(item[1].offset))
    place = next(p for p in whole.data_places()[200:] if (one := whole.segments[p]) is not None and one.flow == flow)
    lost = whole.segments[place]
    assert lost is not None
    copy = damage.without(whole, [place])
    end = np.zeros(len(messages.offset), np.int64)
    np.maximum.at(end, messages.chunk_message, messages.chunk_end)
    touched = (messages.offset < lost.offset + lost.length) & (end > lost.offset)
    assert touched.any()
    assert (score.wholly_captured(copy, flow, messages) == ~touched).all()


def test_a_message_that_is_not_in_the_whole_counts_as_invented() -> None:
    whole = recording(ONE)
    copy = next(damage.untouched(whole))
    flow = min(whole.messages)
    shifted = Damaged(whole, copy.packets, copy.spans, {**copy.base, flow: 1})
    assert score.score(shifted, score.wholly_captured).invented == len(whole.messages[flow].offset)


@pytest.mark.parametrize(
    ("one", "other", "common"),
    [("", "abc", 0), ("abc", "abc", 3), ("abcbdab", "bdcaba", 4), ("aaaa", "aa", 2), ("abc", "cba", 1)],
)
def test_longest_common_subsequence(one: str, other: str, common: int) -> None:
    assert longest_common([(ord(c), 0) for c in one], [(ord(c), 0) for c in other]) == common


def test_the_page_has_every_kind_and_the_same_captures_of_each() -> None:
    sections = PAGE.read_text(encoding="utf-8").split("\n## ")[1:]
    tables = {section.splitlines()[0]: _rows(section) for section in sections}
    assert list(tables) == ["All captures", *(kind.title for kind in KINDS)]
    assert list(tables.pop("All captures")) == [kind.title for kind in KINDS]
    first, *others = tables.values()
    assert all(list(rows) == list(first) for rows in others)
    assert len(first) > len(recordings()) // 2


def _rows(section: str) -> dict[str, list[str]]:
    lines = [line.strip("|").split("|") for line in section.splitlines() if line.startswith("|")]
    assert len({len(line) for line in lines}) == 1
    return {line[0].strip(): line[1:] for line in lines[2:]}
