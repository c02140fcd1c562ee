"""Counts what the analysis of a damaged copy lists against the messages of the whole capture.

A message is known by its offset, type and length. What is listed and was not in the whole capture is invented.
"""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, fields

import numpy as np

import rtmpscope
from tests.robustness.damage import Damaged
from tests.robustness.recording import Flow, Messages, flows_of

Flags = np.ndarray
#: Which messages of a direction a copy is judged by.
Wanted = Callable[[Damaged, Flow, Messages], Flags]
#: A cut stream is judged from this many bytes after the cut on.
SETTLED = 64 * 1024


@dataclass(frozen=True)
class Score:
    """Counts of messages; scores of several copies add up.

    Attributes:
        wanted, decoded: those the copy is judged by, and those of them that the analysis lists.
        after, after_decoded: those of them that come right after a message that is listed.
        listed, invented: all that the analysis lists, and what was not in the whole capture, or is listed twice.
        exact, exact_wrong: listed with ``timestamp_exact``, and those with another timestamp than in the whole.
        estimated, close: listed without, and those within the median interval of their channel.
        constant: of those without, how many are off by what most of their channel are off by.
        tshark, tshark_invented: those of ``wanted`` that tshark shows, and what it shows beyond the whole.
    """

    wanted: int = 0
    decoded: int = 0
    after: int = 0
    after_decoded: int = 0
    listed: int = 0
    invented: int = 0
    exact: int = 0
    exact_wrong: int = 0
    estimated: int = 0
    close: int = 0
    constant: int = 0
    tshark: int = 0
    tshark_invented: int = 0

    def __add__(self, other: Score) -> Score:
        return Score(*(getattr(self, one.name) + getattr(other, one.name) for one in fields(Score)))


def wholly_captured(copy: Damaged, flow: Flow, messages: Messages) -> Flags:
    """All chunks, headers and payload, are in the copy."""
    return _of_all_chunks(messages, copy.holds(flow, messages.chunk_start, messages.chunk_end))


def headers_captured(copy: Damaged, flow: Flow, messages: Messages) -> Flags:
    """The headers of all chunks are in the copy."""
    return _of_all_chunks(messages, copy.holds(flow, messages.chunk_start, messages.chunk_header_end))


def settled(copy: Damaged, flow: Flow, messages: Messages) -> Flags:
    """Wholly captured, and beginning some way behind the cut."""
    if flow not in copy.base:
        return np.zeros(len(messages.offset), bool)
    return wholly_captured(copy, flow, messages) & (messages.offset >= copy.base[flow] + SETTLED)


def _of_all_chunks(messages: Messages, held: Flags) -> Flags:
    out = np.ones(len(messages.offset), bool)
    np.logical_and.at(out, messages.chunk_message, held)
    return out


@dataclass(frozen=True)
class Listed:
    """What the analysis lists of one direction: identity, in offsets of the whole, to timestamp and whether exact."""

    found: dict[tuple[int, int, int], tuple[int, bool]]
    complete: frozenset[tuple[int, int, int]]
    rows: int = 0


def listed(copy: Damaged) -> dict[Flow, Listed]:
    """Analyze a copy."""
    analysis = rtmpscope.analyze(io.BytesIO(copy.file()))
    frame = analysis.messages
    out = {}
    for flow, (connection, direction) in flows_of(analysis).items():
        own = frame[(frame.connection == connection) & (frame.direction == direction)]
        offsets = own.offset + copy.base.get(flow, 0)
        identities = list(zip(offsets.tolist(), own.type_id.tolist(), own.length.tolist(), strict=True))
        times = zip(own.timestamp.tolist(), own.timestamp_exact.tolist(), strict=True)
        complete = frozenset(one for one, whole in zip(identities, own.complete.tolist(), strict=True) if whole)
        out[flow] = Listed(dict(zip(identities, times, strict=True)), complete, len(own))
    return out


def score(copy: Damaged, wanted: Wanted) -> Score:
    """Count one copy; a message that is wholly captured counts as decoded only when it is listed as complete."""
    total = Score()
    analyzed = listed(copy)
    for flow, messages in copy.whole.messages.items():
        own = analyzed.get(flow, Listed({}, frozenset()))
        total += _identified(copy, flow, messages, own, wanted) + _timed(messages, own)
    unknown = [own for flow, own in analyzed.items() if flow not in copy.whole.messages]
    return total + Score(invented=sum(own.rows for own in unknown))


def _identified(copy: Damaged, flow: Flow, messages: Messages, own: Listed, wanted: Wanted) -> Score:
    identities = messages.identities()
    chosen = wanted(copy, flow, messages)
    whole = wholly_captured(copy, flow, messages)
    there = np.array([one in own.found for one in identities], bool)
    complete = np.array([one in own.complete for one in identities], bool)
    decoded = chosen & there & (complete | ~whole)
    after = chosen & np.concatenate(([True], there[:-1]))[: len(there)]
    return Score(
        wanted=int(chosen.sum()),
        decoded=int(decoded.sum()),
        after=int(after.sum()),
        after_decoded=int((after & decoded).sum()),
        listed=own.rows,
        invented=own.rows - len(own.found.keys() & set(identities)),
    )


def _timed(messages: Messages, own: Listed) -> Score:
    exact = exact_wrong = close = 0
    off: dict[int, Counter[int]] = {}
    rows = zip(messages.identities(), messages.timestamp.tolist(), messages.csid.tolist(), strict=True)
    for (one, truth, channel), interval in zip(rows, messages.intervals().tolist(), strict=True):
        if one not in own.found:
            continue
        timestamp, is_exact = own.found[one]
        if is_exact:
            exact += 1
            exact_wrong += timestamp != truth
        else:
            off.setdefault(channel, Counter())[timestamp - truth] += 1
            close += abs(timestamp - truth) <= interval
    constant = sum(counts.most_common(1)[0][1] for counts in off.values())
    estimated = sum(counts.total() for counts in off.values())
    return Score(exact=exact, exact_wrong=exact_wrong, estimated=estimated, close=close, constant=constant)
