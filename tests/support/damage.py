"""Captures with packets taken out or cut short, and what a decoder can be asked to find in them.

The undamaged capture is the truth. A message is known by direction, offset, type and length.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rtmpscope.capture import Dissector, open_capture
from rtmpscope.options import Options
from rtmpscope.pipeline.build.context import make_context
from rtmpscope.pipeline.chunks import chunks_table
from rtmpscope.pipeline.run import Decoded, decode

Identity = tuple[int, int, int, int]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Packet:
    """A packet as a file has it; ``wire`` is its length before it was cut."""

    time_ns: int
    linktype: int
    data: bytes
    wire: int


@dataclass(frozen=True)
class Truth:
    """What the undamaged capture holds.

    Attributes:
        packets: all of them.
        data_frames: places in ``packets`` of those that carry TCP payload.
        messages: columns of the complete messages, by flow and offset.
        header_start, header_stop: for each message, the extents of its chunk headers.
    """

    packets: list[Packet]
    data_frames: list[int]
    messages: dict[str, NDArray[np.generic]]
    headers: list[Ints]

    @property
    def identities(self) -> list[Identity]:
        """The messages' identities."""
        return identities(self.messages)

    @property
    def times(self) -> dict[Identity, int]:
        """The messages' timestamps."""
        return dict(zip(self.identities, self.messages["timestamp"].tolist(), strict=True))


@cache
def truth_of(path: Path) -> Truth:
    """Decode a capture undamaged."""
    packets, data_frames = _packets(path)
    decoded = decode([str(path)], Options())
    order = np.lexsort((decoded.messages["offset"], decoded.messages["flow"]))
    order = order[decoded.messages["complete"][order]]
    messages = {name: column[order] for name, column in decoded.messages.items()}
    return Truth(packets, data_frames, messages, _headers(decoded, messages))


def _packets(path: Path) -> tuple[list[Packet], list[int]]:
    packets: list[Packet] = []
    data_frames: list[int] = []
    dissector = Dissector("fast")
    for batch in open_capture(str(path)).batches():
        columns = (batch.start, batch.captured, batch.wire, batch.time_ns, batch.linktype)
        for start, captured, wire, time, linktype in zip(*(column.tolist() for column in columns), strict=True):
            packets.append(Packet(time, linktype, batch.buffer[start : start + captured].tobytes(), wire))
        segments = dissector.segments(batch).segments
        data_frames += (segments.frame[segments.payload_length > 0] - 1).tolist()
    return packets, data_frames


def _headers(decoded: Decoded, messages: dict[str, NDArray[np.generic]]) -> list[Ints]:
    context = make_context(decoded, Options())
    flow_of = {
        (c, d): f for f, (c, d) in enumerate(zip(context.names.connection, context.names.direction, strict=True))
    }
    table = chunks_table(context)
    found: dict[tuple[int, int], list[tuple[int, int]]] = {}
    order, ordinals = context.order, decoded.messages
    columns = ("message", "connection", "direction", "offset", "header_bytes")
    for message, connection, direction, offset, size in zip(*(table[n].values.tolist() for n in columns), strict=True):
        key = flow_of[connection, direction], int(ordinals["offset"][order[message]])
        found.setdefault(key, []).append((offset, offset + size))
    keys = zip(messages["flow"].tolist(), messages["offset"].tolist(), strict=True)
    return [np.array(found.get(key, [(0, 1 << 60)])) for key in keys]


def identities(messages: dict[str, NDArray[np.generic]]) -> list[Identity]:
    """(flow, offset, type, length) of each message."""
    names = ("flow", "offset", "type_id", "length")
    return list(zip(*(messages[name].tolist() for name in names), strict=True))


def capture_without(packets: list[Packet], lost: Collection[int] = (), snap: int = 1 << 20) -> bytes:
    """A pcap file of all packets but those ``lost``, each cut to ``snap`` bytes."""
    gone = set(lost)
    out = [struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, snap, packets[0].linktype)]
    for place, packet in enumerate(packets):
        if place not in gone:
            seconds, rest = divmod(packet.time_ns, 10**9)
            data = packet.data[:snap]
            out += (struct.pack("<IIII", seconds, rest, len(data), packet.wire), data)
    return b"".join(out)


@dataclass(frozen=True)
class Outcome:
    """What was found in a damaged capture.

    Attributes:
        found: identity → (timestamp, whether it is exact, whether the message is complete).
        whole: identities of messages of which every byte was captured.
        headed: of the others, those of which all chunk headers were captured.
        follows: identities of those whose predecessor in the direction was found.
        truth: identity → timestamp.
    """

    found: dict[Identity, tuple[int, bool, bool]]
    whole: set[Identity]
    headed: set[Identity]
    follows: set[Identity]
    truth: dict[Identity, int]
    decoded: Decoded

    @property
    def invented(self) -> list[Identity]:
        """Messages that are not in the undamaged capture."""
        return [one for one in self.found if one not in self.truth]

    @property
    def false_timestamps(self) -> list[tuple[Identity, int, int]]:
        """Messages whose timestamp is called exact and is not."""
        return [
            (one, time, self.truth[one])
            for one, (time, exact, _) in self.found.items()
            if exact and self.truth.get(one, time) != time
        ]

    def share(self, of: set[Identity], *, complete: bool = False) -> float:
        """The share of some messages that was found."""
        if not of:
            return 1.0
        return sum(one in self.found and (not complete or self.found[one][2]) for one in of) / len(of)


def outcome(truth: Truth, lost: Collection[int] = (), snap: int = 1 << 20) -> Outcome:
    """Damage a capture, decode it, and compare."""
    decoded = decode([io.BytesIO(capture_without(truth.packets, lost, snap))], Options())
    messages = decoded.messages
    columns = (messages[name].tolist() for name in ("timestamp", "timestamp_exact", "complete"))
    found = dict(zip(identities(messages), zip(*columns, strict=True), strict=True))
    names = truth.identities
    whole: set[Identity] = set()
    headed: set[Identity] = set()
    follows: set[Identity] = set()
    for flow in {name[0] for name in names}:
        rows = [row for row, name in enumerate(names) if name[0] == flow]
        starts, stops = _holes(decoded, flow)
        previous = None
        for row in rows:
            if not _touches(starts, stops, truth.headers[row]):
                offset, end = int(truth.messages["offset"][row]), int(truth.messages["end"][row])
                untouched = not _touches(starts, stops, np.array([(offset, end)]))
                (whole if untouched else headed).add(names[row])
            if previous is None or previous in found:
                follows.add(names[row])
            previous = names[row]
    times = dict(zip(names, truth.messages["timestamp"].tolist(), strict=True))
    return Outcome(found, whole, headed, follows, times, decoded)


def _holes(decoded: Decoded, flow: int) -> tuple[Ints, Ints]:
    mine = sorted((h.offset, h.offset + h.length) for h in decoded.holes if 2 * h.connection + h.direction == flow)
    table = np.array(mine, np.int64).reshape(-1, 2)
    return table[:, 0], table[:, 1]


def _touches(starts: Ints, stops: Ints, extents: Ints) -> bool:
    """Whether a hole lies within any of the extents."""
    first = np.searchsorted(stops, extents[:, 0], side="right")
    return bool((np.searchsorted(starts, extents[:, 1], side="left") > first).any())
