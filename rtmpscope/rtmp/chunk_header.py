"""One chunk header: bytes in, numbers out (RTMP 1.0, section 5.3.1).

Reading is transactional: a header is either all there and returned, or nothing is consumed.
"""

from __future__ import annotations

from typing import NamedTuple

from rtmpscope.frozen import frozen, slotted

#: The three-byte timestamp that says: a four-byte extended timestamp follows (5.3.1.3).
EXTENDED = 0xFFFFFF

#: Bytes of the message header after the basic header, by fmt.
MESSAGE_HEADER_BYTES = (11, 7, 3, 0)


@frozen
class ChannelState:
    """What the headers of one chunk stream have said so far.

    Attributes:
        timestamp: of the last message, ms, unwrapped.
        delta: what a type-3 header that begins a message adds to it.
        length, type_id, stream_id: of the last message; stream_id is -1 where no header told it.
        extended: the last timestamp or delta came as an extended timestamp.
        absolute: it came in a type-0 header, so that ``delta`` is the timestamp of that header.
    """

    timestamp: int = 0
    delta: int = 0
    length: int = 0
    type_id: int = 0
    stream_id: int = -1
    extended: bool = False
    absolute: bool = False


@slotted
class Channel:
    """A chunk stream id at work: ``ChannelState`` as decoders change it.

    Attributes:
        time: the last timestamp or delta as it stood on the wire, 32 bits; ``absolute`` if it was a timestamp.
        step: what a type-3 header that begins a message adds under an extended delta.
        epoch: the epoch of the direction in which the timestamp was last known exactly. Every hole that may
            have held a header begins a new epoch.
    """

    timestamp: int = 0
    time: int = 0
    length: int = 0
    type_id: int = 0
    stream_id: int = -1
    extended: bool = False
    epoch: int = -1
    absolute: bool = False
    step: int = 0

    @classmethod
    def seeded(cls, state: ChannelState, epoch: int) -> Channel:
        """A channel that goes on from a known state."""
        time = state.delta & 0xFFFFFFFF
        kept = state.length, state.type_id, state.stream_id
        return cls(state.timestamp, time, *kept, state.extended, epoch, state.absolute, state.delta)

    def state(self) -> ChannelState:
        """What is known now."""
        kept = self.length, self.type_id, self.stream_id
        delta = self.step if self.extended and not self.absolute else signed32(self.time)
        return ChannelState(self.timestamp, delta, *kept, self.extended, self.absolute)


class ChunkHeader(NamedTuple):
    """A chunk header as it stands on the wire.

    ``size`` counts all its bytes. ``time`` is the 32-bit timestamp or delta, for type 3 what the channel
    repeats; ``length``, ``type_id`` and ``stream_id`` are the channel's where the form has no such field.
    """

    fmt: int
    csid: int
    size: int
    time: int
    extended: bool
    length: int
    type_id: int
    stream_id: int


def basic_header(data: bytes, at: int) -> tuple[int, int, int] | None:
    """The (fmt, csid, bytes) of the basic header at ``at``; None when more bytes are needed (5.3.1.1)."""
    if at >= len(data):
        return None
    first = data[at]
    fmt, csid = first >> 6, first & 0x3F
    if csid > 1:
        return fmt, csid, 1
    size = 2 + csid
    if at + size > len(data):
        return None
    return fmt, 64 + int.from_bytes(data[at + 1 : at + size], "little"), size


def basic_header_bytes(csid: int) -> int:
    """Bytes of the shortest basic header for a chunk stream id."""
    return 1 if csid < 64 else 2 if csid < 320 else 3


def chunk_header(
    data: bytes, at: int, basic: tuple[int, int, int], channel: Channel, extension: int = 0
) -> ChunkHeader | None:
    """The chunk header at ``at`` of a channel; None when more bytes are needed.

    ``extension`` is the bytes of extended timestamp that a type-3 header has: 4 or 0.
    """
    fmt, csid, size = basic
    if fmt == 3:
        size += extension
        kept = channel.length, channel.type_id, channel.stream_id
        return ChunkHeader(3, csid, size, channel.time, channel.extended, *kept)
    stop = at + size + MESSAGE_HEADER_BYTES[fmt]
    if stop > len(data):
        return None
    fields = data[at + size : stop]
    time = int.from_bytes(fields[:3], "big")
    extended = time == EXTENDED
    if extended:
        if stop + 4 > len(data):
            return None
        time = int.from_bytes(data[stop : stop + 4], "big")
        stop += 4
    length, type_id, stream_id = channel.length, channel.type_id, channel.stream_id
    if fmt < 2:
        length, type_id = int.from_bytes(fields[3:6], "big"), fields[6]
    if fmt == 0:
        stream_id = int.from_bytes(fields[7:11], "little")
    return ChunkHeader(fmt, csid, stop - at, time, extended, length, type_id, stream_id)


def signed32(value: int) -> int:
    """A 32-bit number read as two's complement: deltas may be negative."""
    return value - (1 << 32) if value & 0x80000000 else value


def unwrapped(previous: int, raw: int) -> int:
    """The unwrapped timestamp that a 32-bit one stands for, after the channel's previous one.

    Within twelve days (2**30 ms) either side of the previous timestamp the nearest is meant; a larger jump
    is a new clock, which is taken as it stands.
    """
    step = signed32((raw - previous) & 0xFFFFFFFF)
    if -(1 << 30) < step < 1 << 30:
        return previous + step
    return (max(previous, 0) >> 32 << 32) + raw
