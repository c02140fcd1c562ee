"""The walk over the records of a block: from each to the next, by its length.

Where a record begins is known only from the one before it. Where the step from one to the next (stepping.py) is not
compiled, it takes longer than all else that is done with a packet's header. So the walk begins at many places at once
then: at guessed ones, some way apart, and all of them take their next step together. A guess needs no more than to be
right as a rule: what was walked from it counts only if the walk that began before it comes out exactly there, and else
the loop goes over that stretch.
"""

from __future__ import annotations

import math
import struct
from itertools import pairwise

import numpy as np

from rtmpscope.capture import stepping
from rtmpscope.capture.batch import Ints
from rtmpscope.capture.blocks import Room
from rtmpscope.capture.stepping import RecordShape, step

#: Bytes from one guess to the next, at least and at most.
_SHORTEST, _LONGEST = 16 << 10, 256 << 10
#: Bytes looked at for the usual size of a record.
_SAMPLE = 16 << 10
#: What a guess takes, as a share of what a step of all walks together takes.
_GUESS_PER_STEP = 0.6
#: Below so many stretches the loop is as quick.
_LEAST_STRETCHES = 8
#: The loop does it where guesses stand farther apart than so many stretches: few of them were to be found.
_WIDEST = 4
#: Places looked at for a guess.
_MOST_TRIES = 16
#: To look whether all walks are through takes as long as half a step.
_STEPS_UNWATCHED = 4


def walk(data: Room, position: int, end: int, shape: RecordShape) -> tuple[Ints, int]:
    """Where the whole records of ``data[position:end]`` begin, and the place after the last of them."""
    beyond = max(end - shape.uncounted + 1, position)  # no header is whole from here on
    guesses = [] if stepping.compiled_places else _guesses(data, position, beyond, shape)
    starts, after = _walk_from(data, guesses, beyond, shape) if guesses else step(data, position, beyond, shape)
    return (starts[:-1], int(starts[-1])) if after > end else (starts, after)


def _guesses(data: Room, position: int, beyond: int, shape: RecordShape) -> list[int]:
    """The first record's place and others where records may begin, ascending; none if that is not worthwhile."""
    stretch = _stretch(data, position, beyond, shape)
    if beyond - position < _LEAST_STRETCHES * stretch:
        return []
    mark = bytes(data[position + shape.alike : position + shape.alike + 2])
    bounds = range(position + stretch, beyond, stretch)
    guesses = (_guess(data, bound, min(bound + stretch, beyond), beyond, mark, shape) for bound in bounds)
    found = sorted({position, *guesses} - {beyond})
    widest = max(after - before for before, after in pairwise([*found, beyond]))
    return found if widest <= _WIDEST * stretch else []


def _stretch(data: Room, position: int, beyond: int, shape: RecordShape) -> int:
    """Bytes from one guess to the next, about: many short walks take many guesses, few long ones many steps."""
    starts, after = step(data, position, min(position + _SAMPLE, beyond), shape)
    usual = (after - position) / max(len(starts), 1)
    best = math.sqrt((beyond - position) * usual * _GUESS_PER_STEP)
    return min(max(int(best), _SHORTEST), _LONGEST)


def _guess(data: Room, bound: int, stop: int, beyond: int, mark: bytes, shape: RecordShape) -> int:
    """A place in ``bound … stop`` where a record may begin, as one may where it ends; ``beyond`` if there is none."""
    place = bound - 1
    for _ in range(_MOST_TRIES):
        place = data.find(mark, place + 1 + shape.alike, stop) - shape.alike
        if place < bound:
            break
        (length,) = struct.unpack_from(shape.order + "I", data, place + shape.length_at)
        follows = place + shape.uncounted + length
        if follows < beyond and data[follows + shape.alike : follows + shape.alike + len(mark)] == mark:
            return place
    return beyond


def _walk_from(data: Room, guesses: list[int], beyond: int, shape: RecordShape) -> tuple[Ints, int]:
    """Walk from all guesses at once, each up to the next; put together what proves true."""
    begin = np.array(guesses, np.int64)
    stop = np.append(begin[1:], beyond)
    steps = _steps(data, begin, stop, shape)
    before = steps < stop
    count = np.count_nonzero(before, axis=0)
    place = steps[count, np.arange(len(begin))]
    walked, own = steps.T, before.T
    arrived = place.tolist()
    breaks = np.flatnonzero(place != stop).tolist()
    parts, at, lane = [], guesses[0], 0
    while lane < len(guesses):
        if at != guesses[lane]:  # it began in the middle of a record
            part, at = step(data, at, int(stop[lane]), shape)
            lane += 1
        else:
            last = next((one for one in breaks if one >= lane), len(guesses) - 1)
            part, at = walked[lane : last + 1][own[lane : last + 1]], arrived[last]
            lane = last + 1
        parts.append(part)
    return np.concatenate(parts), at


def _steps(data: Room, begin: Ints, stop: Ints, shape: RecordShape) -> Ints:
    """The places that walks from ``begin`` come to, a row for each step, until each has come to its ``stop``."""
    last = int(stop[-1]) - 1
    lengths = np.ndarray((last + 1,), shape.order + "u4", data, offset=shape.length_at, strides=(1,))
    place, rows = begin, [begin]
    while (place < stop).any():
        for _ in range(_STEPS_UNWATCHED):  # a walk that is through goes on, for nothing
            place = place + lengths[np.minimum(place, last)]
            place += shape.uncounted
            rows.append(place)
    return np.stack(rows)
