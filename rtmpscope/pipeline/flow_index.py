"""What a direction's decoder knew at any offset: chunk size and the last header of each chunk stream."""

from __future__ import annotations

from bisect import bisect_right
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from rtmpscope.pipeline.run import Decoded
from rtmpscope.rtmp import ChannelState

Ints = NDArray[np.int64]

_DEFAULT_CHUNK_SIZE = 128
_EXTENDED = 0xFFFFFF


class FlowIndex:
    """The messages of one direction, by offset.

    Attributes:
        rows: their ordinals, in order of offset.
    """

    def __init__(self, decoded: Decoded, flow: int, rows: Ints) -> None:
        self.rows = rows
        self._messages = decoded.messages
        decoder = decoded.flows[flow].decoder
        self._sizes = decoder.chunk_sizes if decoder is not None else []

    def chunk_size(self, offset: int) -> int:
        """The chunk size in force at an offset."""
        place = bisect_right(self._sizes, offset, key=lambda change: change[0])
        return self._sizes[place - 1][1] if place else _DEFAULT_CHUNK_SIZE

    def channels(self, offset: int) -> dict[int, ChannelState]:
        """The last header of each chunk stream before an offset."""
        found = {}
        for csid, rows in self._by_channel.items():
            place = int(np.searchsorted(self._messages["end"][rows], offset, side="right"))
            if place:
                found[csid] = self._state(rows[max(place - 2, 0) : place])
        return found

    @cached_property
    def _by_channel(self) -> dict[int, Ints]:
        csid = self._messages["csid"][self.rows]
        return {channel: self.rows[csid == channel] for channel in np.unique(csid).tolist()}

    def _state(self, rows: Ints) -> ChannelState:
        """The state after the last of ``rows``; the one before it tells its delta."""
        messages, last = self._messages, int(rows[-1])
        timestamps = messages["timestamp"][rows].tolist()
        absolute = int(messages["fmt"][last]) == 0 or len(rows) == 1
        delta = timestamps[-1] if absolute else timestamps[-1] - timestamps[0]
        return ChannelState(
            timestamp=timestamps[-1],
            delta=delta,
            length=int(messages["length"][last]),
            type_id=int(messages["type_id"][last]),
            stream_id=int(messages["stream_id"][last]),
            extended=delta & 0xFFFFFFFF >= _EXTENDED,  # negative deltas too
        )
