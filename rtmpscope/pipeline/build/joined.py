"""Directions that were joined in mid-stream, and the chunk size that was in force there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from rtmpscope.findings import Joined
from rtmpscope.pipeline.build.by_flow import RowsByFlow
from rtmpscope.pipeline.roles import Listed
from rtmpscope.pipeline.run import Decoded

Ints = NDArray[np.int64]

_DIRECTIONS = ("c2s", "s2c")
_DEFAULT_CHUNK_SIZE = 128


def joined_directions(decoded: Decoded, listed: Sequence[Listed]) -> tuple[Joined, ...]:
    """The joined directions of the listed connections, in their order."""
    keys = {entry.flow(way): (entry.number, name) for entry in listed for way, name in enumerate(_DIRECTIONS)}
    joined = {key: place for key, place in keys.items() if key in decoded.flows and decoded.flows[key].joined}
    return tuple(_found(decoded, joined)) if joined else ()


def _found(decoded: Decoded, joined: dict[int, tuple[int, str]]) -> Iterator[Joined]:
    told = _first_told(decoded)
    by_flow = RowsByFlow(decoded.messages)
    for key, (connection, direction) in joined.items():
        rows = _before(decoded, by_flow.of(key), told.get(key))
        if len(rows):
            yield Joined(connection, direction, *_chunk_size(decoded, key, rows))


def _first_told(decoded: Decoded) -> dict[int, int]:
    """Direction → ordinal of its first Set Chunk Size."""
    found: dict[int, int] = {}
    for origin, control in decoded.records.controls:
        if control.kind == "set_chunk_size":
            found[origin.flow] = min(origin.ordinal, found.get(origin.flow, origin.ordinal))
    return found


def _before(decoded: Decoded, rows: Ints, told: int | None) -> Ints:
    """Complete messages that end before the chunk size is told, or all of them."""
    messages = decoded.messages
    rows = rows[messages["complete"][rows].astype(bool)]
    return rows if told is None else rows[messages["end"][rows] <= messages["offset"][told]]


def _chunk_size(decoded: Decoded, flow: int, rows: Ints) -> tuple[int | None, int, int]:
    """Chunk size, how many messages were split so, and the length of the longest message."""
    messages, decoder = decoded.messages, decoded.flows[flow].decoder
    longest = int(messages["length"][rows].max())
    split = rows[messages["chunk_count"][rows] > 1]
    if not len(split) or decoder is None:
        return None, 0, longest
    changes = np.array([(-1, _DEFAULT_CHUNK_SIZE), *decoder.chunk_sizes])
    in_force = np.searchsorted(changes[:, 0], messages["offset"][split], side="right") - 1
    values, counts = np.unique(changes[in_force, 1], return_counts=True)
    most = int(counts.argmax())
    return int(values[most]), int(counts[most]), longest
