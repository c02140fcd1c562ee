"""Streams whose publish or play request was not captured, told by their media.

The request is the client's: it may be missing where the client's direction was joined in mid-stream, is not in the
capture at all, has a hole before the media, or could not be read there. Elsewhere media without a request stays
without a stream.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from rtmpscope.frozen import frozen
from rtmpscope.pipeline.build.by_flow import RowsByFlow
from rtmpscope.pipeline.build.distinct import distinct
from rtmpscope.pipeline.roles import Listed
from rtmpscope.pipeline.run import Decoded
from rtmpscope.rtmp import LOSSES, CommandEvent, UnseenRequest
from rtmpscope.transport import HANDSHAKE_LENGTH, Opening

Ints = NDArray[np.int64]

#: Audio, video and aggregates make a stream; data messages before them belong to it.
_MEDIA, _DATA = (8, 9, 22), (15, 18)
#: By the direction of the media: the client publishes or plays, by one of these requests.
_REQUESTS = (("publish",), ("play", "play2"))
_CLIENT = 0


@frozen
class Numbered:
    """What the pass over the capture yielded, with its messages numbered.

    ``message_of`` is the message id, and ``stream_id`` the message stream, of each ordinal; -1 for none. ``turns`` is
    the place of each message id in the order in which the messages could be read.
    """

    decoded: Decoded
    message_of: Ints
    turns: Ints
    stream_id: Ints


class UnseenRequests:
    """Finds the requests that were not captured, connection by connection."""

    def __init__(self, numbered: Numbered) -> None:
        self._numbered = numbered
        self._lacking = _first_lacking(numbered.decoded)
        self._rows = RowsByFlow(numbered.decoded.messages)

    def of(self, entry: Listed, events: Sequence[CommandEvent]) -> list[UnseenRequest]:
        """The unseen requests of a connection; ``events`` are the commands that were seen."""
        offset = self._lacks_from(entry.flow(_CLIENT))
        if offset is None:
            return []
        since = self._time_before(entry.flow(_CLIENT), offset)
        return [one for way in (0, 1) for one in self._unseen(entry, way, since, events)]

    def _lacks_from(self, flow: int) -> int | None:
        """Stream offset from which on a direction may lack a request; None for one that was wholly read."""
        found = self._numbered.decoded.flows.get(flow)
        if found is None or found.opening is not Opening.RTMP or found.joined:
            return 0
        return self._lacking.get(flow)

    def _time_before(self, flow: int, offset: int) -> int:
        """When the last message before a stream offset had arrived, in ns; 0 where there is none."""
        messages = self._numbered.decoded.messages
        rows = self._rows.of(flow)
        before = rows[messages["offset"][rows] < offset]
        return int(messages["time"][before].max()) if len(before) else 0

    def _unseen(self, entry: Listed, way: int, since: int, events: Sequence[CommandEvent]) -> Iterator[UnseenRequest]:
        """Streams of one direction whose media comes before the first request for it."""
        messages, message_of, turns = self._numbered.decoded.messages, self._numbered.message_of, self._numbered.turns
        rows = self._rows.of(entry.flow(way))
        if not len(rows):
            return
        rows = rows[np.isin(messages["type_id"][rows], (*_MEDIA, *_DATA))]
        of_row = self._numbered.stream_id[rows]
        media = np.isin(messages["type_id"][rows], _MEDIA)
        lanes = distinct(of_row[media])[0].tolist()
        asked = _first_requests(events, _REQUESTS[way], turns)
        if asked or len(lanes) > 1:
            lanes = [lane for lane in lanes if lane >= 0]  # the others may belong to any of them
        for lane in lanes:
            mine = rows[of_row == lane]
            first = int(mine[turns[message_of[mine]].argmin()])
            key, time = int(message_of[first]), int(messages["time"][first])
            began = int(messages["time"][rows[media & (of_row == lane)]].min())
            if began >= since and turns[key] < asked.get(lane, len(turns)):
                yield UnseenRequest(key, _CLIENT, lane, time, "play" if way else "publish")


def _first_lacking(decoded: Decoded) -> dict[int, int]:
    """Direction → stream offset of the first bytes after its handshake that were not captured, or not read."""
    found: dict[int, int] = {}
    places = [(2 * one.connection + one.direction, one.offset, one.offset + one.length) for one in decoded.holes]
    places += [(one.flow, one.offset, 1 << 62) for one in decoded.records.problems if one.kind in LOSSES]
    for flow, offset, end in places:
        if end > HANDSHAKE_LENGTH:
            found[flow] = min(offset, found.get(flow, offset))
    return found


def _first_requests(events: Sequence[CommandEvent], names: tuple[str, ...], turns: Ints) -> dict[int, int]:
    """Message stream → turn of the first request of these names for it."""
    found: dict[int, int] = {}
    for event in events:
        if event.command.name in names and event.direction == _CLIENT:
            turn = int(turns[event.key])
            found[event.stream_id] = min(turn, found.get(event.stream_id, turn))
    return found
