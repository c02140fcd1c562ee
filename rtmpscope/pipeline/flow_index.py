"""What a direction's decoder knew at any offset: chunk size and the last header of each chunk stream."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from rtmpscope.pipeline.run import Decoded
from rtmpscope.rtmp import ChannelState, Dialect
from rtmpscope.rtmp.chunk_header import basic_header_bytes

Ints = NDArray[np.int64]

_DEFAULT_CHUNK_SIZE = 128
_EXTENDED = 0xFFFFFF


class FlowIndex:
    """The messages of one direction, by offset.

    Attributes:
        rows: their ordinals, in order of offset.
        dialect: of the direction's sender.
    """

    def __init__(self, decoded: Decoded, flow: int, rows: Ints) -> None:
        self.rows = rows
        self._messages = decoded.messages
        decoder = decoded.flows[flow].decoder
        self._sizes = decoder.chunk_sizes if decoder is not None else []
        self.dialect = decoder.dialect if decoder is not None else Dialect()

    def chunk_size(self, offset: int) -> int:
        """The chunk size in force at an offset."""
        place = bisect_right(self._sizes, offset, key=lambda change: change[0])
        return self._sizes[place - 1][1] if place else _DEFAULT_CHUNK_SIZE

    def channels(self, offset: int) -> dict[int, ChannelState]:
        """The last header of each chunk stream before an offset.

        What the next message took over from headers that were not captured is filled in from that message.
        """
        found = {}
        for csid, rows in self._by_channel.items():
            place = int(np.searchsorted(self._messages["end"][rows], offset, side="right"))
            if place:
                found[csid] = self._state(rows, int(self._full[csid][place - 1]), place)
            if place < len(rows) and self._messages["fmt"][rows[place]] > 1:
                found[csid] = self._as_taken_over(rows[place : place + 1], found.get(csid))
        return found

    def interleaved_with(self, ordinal: int) -> Ints:
        """A message and all that overlap with it, or with one that does, and so on: their ordinals by offset."""
        place = int(np.searchsorted(self._offsets, self._messages["offset"][ordinal]))
        number = int(np.searchsorted(self._fresh, place, side="right"))
        return self.rows[self._fresh[number - 1] : self._fresh[number]]

    @cached_property
    def _offsets(self) -> Ints:
        offsets: Ints = self._messages["offset"][self.rows]
        return offsets

    @cached_property
    def _fresh(self) -> Ints:
        """Places of the messages before which all others had ended, and one past the last place."""
        reached = np.maximum.accumulate(self._messages["end"][self.rows])
        fresh = np.flatnonzero(self._offsets[1:] >= reached[:-1]) + 1
        return np.concatenate(([0], fresh, [len(self.rows)]))

    @cached_property
    def _by_channel(self) -> dict[int, Ints]:
        csid = self._messages["csid"][self.rows]
        return {channel: self.rows[csid == channel] for channel in np.unique(csid).tolist()}

    @cached_property
    def _full(self) -> dict[int, Ints]:
        """For each message of a chunk stream, the last one up to it that did not begin with a type-3 header."""
        return {
            csid: np.maximum.accumulate(np.where(self._messages["fmt"][rows] < 3, np.arange(len(rows)), 0))
            for csid, rows in self._by_channel.items()
        }

    def _state(self, rows: Ints, full: int, place: int) -> ChannelState:
        """The state after the first ``place`` messages of a chunk stream; the header ``full`` told its time."""
        messages, last = self._messages, int(rows[place - 1])
        timestamps = messages["timestamp"][rows[max(full - 1, 0) : full + 1]].tolist()
        absolute = int(messages["fmt"][rows[full]]) == 0 or full == 0
        on_wire = absolute or self.dialect.extended_delta == "absolute"
        delta = timestamps[-1] if on_wire else timestamps[-1] - timestamps[0]
        return ChannelState(
            timestamp=int(messages["timestamp"][last]),
            delta=delta,
            length=int(messages["length"][last]),
            type_id=int(messages["type_id"][last]),
            stream_id=int(messages["stream_id"][last]),
            extended=self._is_extended(rows[place : place + 1], delta),
            absolute=absolute,
        )

    def _as_taken_over(self, following: Ints, state: ChannelState | None) -> ChannelState:
        """The state such that the message ``following``, of fmt 2 or 3, has the length and kind that it was given."""
        messages, row = self._messages, int(following[0])
        if state is None:
            extended = self._is_extended(following, 0)
            state = ChannelState(timestamp=int(messages["timestamp"][row]), extended=extended)
        length, type_id, stream_id = (int(messages[name][row]) for name in ("length", "type_id", "stream_id"))
        return replace(state, length=length, type_id=type_id, stream_id=stream_id)

    def _is_extended(self, following: Ints, delta: int) -> bool:
        """Whether type-3 headers stand under an extended timestamp; the message ``following`` may show it."""
        messages = self._messages
        if len(following) and messages["fmt"][following[0]] == 3:
            row = int(following[0])
            bare = basic_header_bytes(int(messages["csid"][row])) * int(messages["chunk_count"][row])
            return int(messages["header_bytes"][row]) >= bare + 4
        return delta & 0xFFFFFFFF >= _EXTENDED  # negative deltas too
