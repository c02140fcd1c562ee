"""A sender of RTMP chunks for tests: what goes out, and what a receiver must make of it.

It writes what real senders hardly ever do: chunks of several messages interleaved at will, the chunk size changed
in mid-message, messages aborted, every form of chunk stream id. Next to the bytes it keeps the messages that a
right decoder finds in them, so that a test need not ask a second decoder.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from rtmpscope.rtmp import Dialect

EXTENDED = 0xFFFFFF
RANGE = 1 << 32


@dataclass(frozen=True)
class Message:
    """A message to be sent; the timestamp is in ms and counts on beyond 32 bits."""

    csid: int
    timestamp: int
    type_id: int
    stream_id: int
    body: bytes


@dataclass(frozen=True)
class Expected:
    """A message as a decoder must report it; the offset is that of its first chunk header."""

    offset: int
    csid: int
    fmt: int
    type_id: int
    stream_id: int
    timestamp: int
    body: bytes
    chunk_count: int
    header_bytes: int


@dataclass
class _Channel:
    """What sender and receiver remember of a chunk stream; ``time`` is the last timestamp or delta on the wire,
    ``absolute`` whether it was a timestamp."""

    message: Message
    time: int
    absolute: bool


@dataclass
class _Open:
    """A message of which some chunks are still to come."""

    message: Message
    fmt: int
    offset: int
    sent: int = 0
    chunks: int = 0
    header_bytes: int = 0


@dataclass
class Encoder:
    """One direction after the handshake; ``fmt`` is "full" (always type 0) or "best" (the shortest header).

    Where the dialect says nothing, it is the specification's.
    """

    fmt: str = "best"
    offset: int = 0
    chunk_size: int = 128
    dialect: Dialect = field(default_factory=Dialect)
    out: bytearray = field(default_factory=bytearray)
    expected: list[Expected] = field(default_factory=list)
    _channels: dict[int, _Channel] = field(default_factory=dict)
    _open: dict[int, _Open] = field(default_factory=dict)

    @property
    def unfinished(self) -> list[int]:
        """Chunk stream ids of messages under way."""
        return list(self._open)

    def last(self, csid: int) -> Message | None:
        """The message that was last begun on a chunk stream."""
        channel = self._channels.get(csid)
        return channel.message if channel else None

    def repeated_timestamp(self, csid: int) -> int | None:
        """What a type-3 header that begins a message would mean there: the last delta again, after type 0 the
        timestamp itself (5.3.1.2.4). None where that leads too far away to be unwrapped for certain."""
        channel = self._channels[csid]
        step = channel.time - RANGE if channel.time >= RANGE // 2 else channel.time
        timestamp = channel.message.timestamp + step
        return timestamp if abs(step) < 1 << 30 and timestamp >= 0 else None

    def is_ambiguous(self, csid: int, timestamp: int) -> bool:
        """Whether a next message with that timestamp would be more believable in another dialect than this one's:
        an extended delta that is beside the clock, a wrap at 24 bits, a type-3 header that steps far."""
        channel = self._channels[csid]
        last = channel.message.timestamp
        step = timestamp - last
        if abs(step) < 1000:
            return False
        clocks = [one.message.timestamp for one in self._channels.values()]
        beside_as_absolute = any(_apart(step, clock, RANGE) < 20_000 for clock in clocks)
        wraps = step < 0 and _apart(timestamp, last, EXTENDED + 1) < 20_000
        return beside_as_absolute or wraps or (channel.absolute and step % RANGE == channel.time)

    def send(self, message: Message, fmt: int | None = None) -> None:
        """All chunks of a message, one after the other."""
        done = self.begin(message, fmt)
        while not done:
            done = self.go_on(message.csid)

    def begin(self, message: Message, fmt: int | None = None) -> bool:
        """The first chunk of a message; whether that was all of it.

        ``fmt`` is the header type that is wanted; the next fuller one that can say the message is taken.
        """
        assert message.csid not in self._open
        fmt = self._possible(message, fmt)
        before = self._channels.get(message.csid)
        if fmt == 0:
            time = message.timestamp % (1 << self.dialect.timestamp_bits)
        elif self._writes_absolute(message):
            time = message.timestamp % RANGE
        else:
            assert before is not None
            same = fmt == 3 and before.absolute
            time = before.time if same else (message.timestamp - before.message.timestamp) % RANGE
        absolute = fmt == 0 or (fmt == 3 and before is not None and before.absolute)
        self._channels[message.csid] = _Channel(message, time, absolute)
        self._open[message.csid] = _Open(message, fmt, self.offset + len(self.out))
        return self._chunk(message.csid, fmt)

    def go_on(self, csid: int) -> bool:
        """The next chunk of the message under way; whether that was the last."""
        return self._chunk(csid, 3)

    def interleave(self, messages: Sequence[Message], schedule: Sequence[int]) -> None:
        """Messages of different chunk streams; each number of the schedule picks whose chunk comes next."""
        waiting = list(messages)
        turn = 0
        while waiting or self._open:
            choices: list[Message | int] = [*waiting, *self._open]
            choice = choices[schedule[turn % len(schedule)] % len(choices)]
            turn += 1
            if isinstance(choice, Message):
                waiting.remove(choice)
                self.begin(choice)
            else:
                self.go_on(choice)

    def set_chunk_size(self, size: int) -> None:
        """Set Chunk Size (5.4.1): counts from the next chunk header on, also of messages under way."""
        self.send(Message(2, 0, 1, 0, size.to_bytes(4, "big")), 0)
        self.chunk_size = min(size, 0xFFFFFF)

    def abort(self, csid: int) -> None:
        """Abort (5.4.2): the message under way on that chunk stream will not be finished."""
        self.send(Message(2, 0, 2, 0, csid.to_bytes(4, "big")), 0)
        self._open.pop(csid, None)

    def _possible(self, message: Message, wanted: int | None) -> int:
        channel = self._channels.get(message.csid)
        if channel is None or (wanted is None and self.fmt == "full"):
            return 0
        last = channel.message
        shortest = 0
        if last.stream_id == message.stream_id:
            shortest = 1
            if (len(last.body), last.type_id) == (len(message.body), message.type_id):
                step = 0 if channel.absolute and self.dialect.after_type_0 == "zero" else channel.time
                same = (message.timestamp - last.timestamp) % RANGE == step and not self._writes_absolute(message)
                shortest = 3 if same else 2
        return shortest if wanted is None else min(wanted, shortest)

    def _writes_absolute(self, message: Message) -> bool:
        return self.dialect.extended_delta == "absolute" and message.timestamp >= EXTENDED

    def _repeats(self, under_way: _Open) -> bool:
        """Whether a type-3 header has the extended timestamp."""
        role = self.dialect.continuing if under_way.chunks else self.dialect.starting
        return role != "omitted"

    def _chunk(self, csid: int, fmt: int) -> bool:
        under_way, time = self._open[csid], self._channels[csid].time
        message = under_way.message
        header = basic_header(fmt, csid) + _message_header(fmt, message, time)
        if time >= EXTENDED and (fmt < 3 or self._repeats(under_way)):
            header += time.to_bytes(4, "big")
        payload = message.body[under_way.sent : under_way.sent + self.chunk_size]
        self.out += header + payload
        under_way.sent += len(payload)
        under_way.chunks += 1
        under_way.header_bytes += len(header)
        if under_way.sent < len(message.body):
            return False
        del self._open[csid]
        self.expected.append(_expected(under_way))
        return True


def _apart(one: int, other: int, modulus: int) -> int:
    return min((one - other) % modulus, (other - one) % modulus)


def basic_header(fmt: int, csid: int, size: int | None = None) -> bytes:
    """A basic header in the form of ``size`` bytes, or the shortest (5.3.1.1)."""
    size = size or (1 if csid < 64 else 2 if csid < 320 else 3)
    if size == 1:
        return bytes((fmt << 6 | csid,))
    return bytes((fmt << 6 | (size - 2),)) + (csid - 64).to_bytes(size - 1, "little")


def _message_header(fmt: int, message: Message, time: int) -> bytes:
    out = b""
    if fmt < 3:
        out += min(time, EXTENDED).to_bytes(3, "big")
    if fmt < 2:
        out += len(message.body).to_bytes(3, "big") + bytes((message.type_id,))
    if fmt < 1:
        out += message.stream_id.to_bytes(4, "little")
    return out


def _expected(done: _Open) -> Expected:
    message = done.message
    facts = (message.csid, done.fmt, message.type_id, message.stream_id, message.timestamp, message.body)
    return Expected(done.offset, *facts, done.chunks, done.header_bytes)
