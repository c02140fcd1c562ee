"""Which stream a message belongs to.

A stream is a publish or play request, or media whose request was not captured. Its media travels on the
request's message stream: from the requester when publishing, to it when playing; and it lasts until the next
request on that message stream.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rtmpscope.frozen import frozen
from rtmpscope.pipeline.build.context import Context
from rtmpscope.rtmp import StreamRequest

Ints = NDArray[np.int64]

_MESSAGE_BITS = 40


@frozen
class StreamEntry:
    """One row of the ``streams`` table to be: its number, its connection and the request.

    ``flow`` is the direction its media travels in.
    """

    number: int
    connection: int
    flow: int
    request: StreamRequest


def stream_entries(context: Context) -> list[StreamEntry]:
    """All streams, in order of the message id of the request, or of what stands for it."""
    found = [
        (stream.request.key, entry, stream)
        for entry, session in zip(context.listed, context.sessions, strict=True)
        for stream in session.streams
    ]
    found.sort(key=lambda item: item[0])
    return [
        StreamEntry(number, entry.number, entry.flow(_media_direction(stream)), stream)
        for number, (_, entry, stream) in enumerate(found)
    ]


def _media_direction(stream: StreamRequest) -> int:
    sender = stream.request.direction
    return sender if stream.role == "publish" else 1 - sender


class StreamAssignment:
    """Looks up the stream of messages by direction, message stream id and message id.

    ``turns`` is the place of each message id in the order in which the messages could be read.
    """

    def __init__(self, entries: list[StreamEntry], turns: Ints) -> None:
        self._turns = turns
        lanes = {_lane(entry.flow, entry.request.request.stream_id): 0 for entry in entries}
        self._lanes = np.array(sorted(lanes), np.int64)
        begins = [
            (_lane(entry.flow, entry.request.request.stream_id), int(turns[entry.request.request.key]), entry.number)
            for entry in entries
        ]
        begins.sort()
        lane = np.searchsorted(self._lanes, np.array([begin[0] for begin in begins], np.int64))
        self._begin = (lane << _MESSAGE_BITS) | np.array([begin[1] for begin in begins], np.int64)
        self._number = np.array([begin[2] for begin in begins], np.int64)

    def of(self, flow: Ints, stream_id: Ints, message: Ints) -> Ints:
        """The stream numbers of messages, -1 for those outside of all streams."""
        if not len(self._lanes):
            return np.full(len(flow), -1, np.int64)
        lane_key = _lane(flow.astype(np.int64), stream_id.astype(np.int64))
        lane = np.minimum(np.searchsorted(self._lanes, lane_key), len(self._lanes) - 1)
        place = np.searchsorted(self._begin, (lane << _MESSAGE_BITS) | self._turns[message], side="right") - 1
        safe = np.maximum(place, 0)
        fits = (self._lanes[lane] == lane_key) & (place >= 0) & (self._begin[safe] >> _MESSAGE_BITS == lane)
        return np.where(fits, self._number[safe], -1)

    def of_one(self, flow: int, stream_id: int, message: int) -> int | None:
        """The stream number of one message, None outside of all streams."""
        one = (np.array([value], np.int64) for value in (flow, stream_id, message))
        number = int(self.of(*one)[0])
        return None if number < 0 else number


def _lane(flow: Ints | int, stream_id: Ints | int) -> Ints | int:
    """One number for a direction and a message stream (32 bits, -1 for unknown)."""
    return (flow << 33) | (stream_id + 1)
