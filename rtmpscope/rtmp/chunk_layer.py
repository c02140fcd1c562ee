"""What chunk headers, payload and holes do to the state of one direction (RTMP 1.0, section 5.3 and 5.4).

What a sender changes on the way (chunk size, abort) takes effect in ``_obey``, nowhere else.

A hole, bytes that were sent but not captured, is stepped over where the state tells what it covers: payload of
the chunk under way, and type-3 headers of the message under way when no other message is. Past such a guess the
next header must agree with it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping

from rtmpscope.rtmp.batches import BodyPolicy, MessageBatch, keep_nothing
from rtmpscope.rtmp.builder import BatchBuilder, Fed
from rtmpscope.rtmp.chunk_header import (
    EXTENDED,
    Channel,
    ChannelState,
    ChunkHeader,
    basic_header_bytes,
    chunk_header,
)
from rtmpscope.rtmp.dialect import UNDECIDED, Dialect
from rtmpscope.rtmp.extension import TypeThree
from rtmpscope.rtmp.partial import PartialMessage
from rtmpscope.rtmp.readings import HeaderPlace, Readings

DEFAULT_CHUNK_SIZE = 128
_SET_CHUNK_SIZE, _ABORT = 1, 2
#: So many type-3 headers in their places make a chunk size certain that was not, and so do so many whole messages.
_ENOUGH_CONFIRMED, _ENOUGH_MESSAGES = 3, 500


class ChunkLayer(ABC):
    """The state of the chunks of one direction, after the handshake.

    Args:
        offset: stream offset of the first byte to be fed.
        chunk_size: in force at that point.
        keep: which bodies to keep.
        record_chunks: list the single chunks too.
    """

    def __init__(
        self,
        *,
        offset: int = 0,
        chunk_size: int = DEFAULT_CHUNK_SIZE,
        keep: BodyPolicy = keep_nothing,
        record_chunks: bool = False,
    ) -> None:
        self.chunk_size = chunk_size
        #: Chunk sizes that came into force: (stream offset, size), in order.
        self.chunk_sizes: list[tuple[int, int]] = []
        self._base = offset  # of the next byte to be decoded
        self._builder = BatchBuilder(keep, record_chunks)
        self._readings = Readings(self._builder.problem)
        self._patient = True  # a header may wait for the bytes that tell how to read it
        self._channels: dict[int, Channel] = {}
        self._partials: dict[int, PartialMessage] = {}  # in order of their beginning
        self._current: PartialMessage | None = None  # whose chunk is under way, or was last
        self._feeding = b""
        self._skip = 0  # captured bytes of a header whose beginning a hole swallowed
        self._guessed = False  # a hole swallowed a header; the next one must confirm the guess
        self._epoch = 0
        self._sure_length = EXTENDED  # of messages up to this length the chunk size in force is certain
        self._confirmed = self._whole = 0  # type-3 headers in their places, and whole messages, since it was not

    @property
    def channels(self) -> dict[int, ChannelState]:
        """The state of each chunk stream seen so far."""
        return {csid: channel.state() for csid, channel in self._channels.items()}

    @property
    def dialect(self) -> Dialect:
        """How the sender writes its timestamps, as far as the bytes have told."""
        return self._readings.dialect

    @property
    def listed(self) -> int:
        """Messages listed so far."""
        return self._builder.count

    def seed(self, chunk_size: int, channels: Mapping[int, ChannelState], dialect: Dialect = UNDECIDED) -> None:
        """Begin in mid-stream, where no message is under way, with what earlier headers have said."""
        self.chunk_size = chunk_size
        self._readings.dialect = dialect
        self._channels = {csid: Channel.seeded(state, self._epoch) for csid, state in channels.items()}

    def take(self) -> MessageBatch:
        """The messages completed, and problems met, since the last call."""
        return self._builder.take()

    def _header(self, data: bytes, at: int, basic: tuple[int, int, int], channel: Channel) -> ChunkHeader | None:
        """The chunk header at ``at``; None when more bytes are needed."""
        fmt, csid, size = basic
        if fmt < 3 or not channel.extended:
            return chunk_header(data, at, basic, channel)
        partial = self._partials.get(csid)
        left = channel.length if partial is None else partial.left
        values = channel.time, channel.timestamp & 0xFFFFFFFF
        marker, payload, more = data[at : at + size], min(left, self.chunk_size), left > self.chunk_size
        seen = TypeThree(data, at + size, csid, marker, payload, more, values, self._channels, self._patient)
        offset = self._base + at
        place = HeaderPlace(offset, offset if partial is None else partial.offset, self._guessed)
        extension = self._readings.extension(seen, place)
        return None if extension is None else chunk_header(data, at, basic, channel, extension)

    def _begin_chunk(self, header: ChunkHeader, offset: int) -> None:
        """A chunk header has been read: go on with the channel's message or begin one."""
        partial = self._partials.get(header.csid)
        if partial is not None and header.fmt != 3:
            self._abandon(partial, offset)
            partial = None
        if partial is None:
            partial = self._begin_message(header, offset)
        partial.chunk(header.fmt, offset, header.size, self.chunk_size)
        self._current = partial
        self._settle(partial)

    def _begin_message(self, header: ChunkHeader, offset: int) -> PartialMessage:
        channel = self._channels.get(header.csid)
        if channel is None:
            channel = self._channels[header.csid] = self._new_channel(header.type_id)
            if header.fmt:
                reason = f"chunk stream {header.csid} begins with a type-{header.fmt} header"
                self._builder.problem(offset, "stream_id_unknown", reason)
        before = channel.timestamp
        self._readings.begin(header, self._channels, self._epoch, offset)
        exact = channel.epoch == self._epoch
        partial = PartialMessage(self._builder, header, offset, channel.timestamp, exact)
        partial.clock_before = before
        self._partials[header.csid] = partial
        return partial

    def _settle(self, partial: PartialMessage) -> None:
        """List the message if its last byte is there, and do what it says."""
        if partial.left:
            return
        del self._partials[partial.header.csid]
        self._current = None
        partial.emit()
        if self._sure_length < EXTENDED and not partial.holed:
            self._confirm_chunk_size(partial.chunk_count - 1)
        if partial.header.type_id in (_SET_CHUNK_SIZE, _ABORT):
            self._obey(partial)

    def _abandon(self, partial: PartialMessage, offset: int) -> None:
        reason = f"a new message begins with {partial.left} bytes of the one before it still to come"
        self._builder.problem(offset, "abandoned_message", reason)
        self._drop(partial)

    def _drop(self, partial: PartialMessage) -> None:
        partial.emit()
        del self._partials[partial.header.csid]
        if self._current is partial:
            self._current = None

    def _end_partials(self) -> None:
        for partial in self._partials.values():
            partial.emit()
        self._partials.clear()
        self._current = None

    def _obey(self, message: PartialMessage) -> None:
        """Set Chunk Size and Abort act on the chunks that follow (5.4.1, 5.4.2)."""
        body = message.head[:4]
        if len(body) < 4:
            self._builder.problem(message.offset, "control_body_missing", "four bytes are needed")
            if message.header.type_id == _SET_CHUNK_SIZE:
                self._doubt_chunk_size()
            return
        value = int.from_bytes(body, "big")
        if message.header.type_id == _ABORT:
            partial = self._partials.get(value)
            if partial is not None:
                reason = f"Abort with {partial.left} bytes of the message still to come"
                self._builder.problem(message.offset, "abandoned_message", reason)
                self._drop(partial)
        elif 1 <= value <= 0x7FFFFFFF:
            self._sure_length = EXTENDED
            self._set_chunk_size(message.end, min(value, EXTENDED))
        else:
            self._builder.problem(message.offset, "invalid_chunk_size", f"{value} is not a chunk size")

    def _doubt_chunk_size(self) -> None:
        """The chunk size may have changed: long messages have to confirm it."""
        self._sure_length = self._confirmed = self._whole = 0

    def _confirm_chunk_size(self, markers: int) -> None:
        """A message came wholly, with so many type-3 headers in their places."""
        self._confirmed += markers
        self._whole += 1
        if self._confirmed >= _ENOUGH_CONFIRMED or self._whole > _ENOUGH_MESSAGES:
            self._sure_length = EXTENDED

    def _set_chunk_size(self, offset: int, size: int) -> None:
        if size != self.chunk_size:  # rows listed so far find their bodies by the chunk size that they were sent with
            self._builder.settle(Fed(self._feeding, self._base, self.chunk_size))
        if size != self.chunk_size or not self.chunk_sizes:
            self.chunk_sizes.append((offset, size))
        self.chunk_size = size

    def _seal(self) -> None:
        self._builder.seal(Fed(self._feeding, self._base, self.chunk_size))

    def _step_over(self, stop: int) -> None:
        """Step over the bytes up to stream offset ``stop``, as far as the chunk state tells what they are."""
        while self._base < stop:
            current = self._current
            if self._skip:
                step = min(self._skip, stop - self._base)
                self._skip -= step
            elif current is None:
                self._lose("the hole covers the header of the next message")
                return
            elif current.chunk_left:
                step = min(current.chunk_left, stop - self._base)
                current.gap(step)
                self._settle(current)
            else:
                step = self._guess_header(current, self._base, stop)
                if not step:
                    return
            self._base += step

    def _guess_header(self, current: PartialMessage, at: int, stop: int) -> int:
        """Assume that a type-3 header of the message under way stands in the hole.

        Returns:
            How many bytes this accounts for: the header, or all chunks that the hole covers wholly, but for the
            message's last. 0 if there is none to be assumed.
        """
        if len(self._partials) > 1:
            self._lose("the hole covers a header while several messages are under way")
            return 0
        csid = current.header.csid
        extended = self._channels[csid].extended and self.dialect.continuing != "omitted"
        size = basic_header_bytes(csid) + (4 if extended else 0)
        self._epoch += 1
        self._guessed = True
        whole = min((stop - at) // (size + self.chunk_size), (current.left - 1) // self.chunk_size)
        if whole and current.end == at:
            current.lost_chunks(whole, size, self.chunk_size)
            return whole * (size + self.chunk_size)
        current.chunk(3, at, size, self.chunk_size)
        current.gap(0)
        there = min(size, stop - at)
        self._skip = size - there
        return there

    @abstractmethod
    def _lose(self, reason: str) -> None:
        """The place of the next header is unknown."""

    @abstractmethod
    def _new_channel(self, type_id: int) -> Channel:
        """The state of a chunk stream that is heard of for the first time, with a message of this type."""
