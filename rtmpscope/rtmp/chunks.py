"""The chunk layer, chunk by chunk: the reference decoder (RTMP 1.0, section 5.3 and 5.4).

Bytes go in, completed messages come out; where they come from and when is not known here. A chunk header
is consumed only when it is all there, payload is consumed as it comes. What a sender changes on the way
(chunk size, abort) takes effect in ``_obey``, nowhere else.

A hole, bytes that were sent but not captured, is stepped over where the chunk state tells what it covers:
payload of the chunk under way, and type-3 headers of the message under way when no other message is.
Past such a guess the next header must agree with it. Where the state does not tell, a believable header is
searched for.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping

from rtmpscope.rtmp.batches import BodyPolicy, MessageBatch, keep_nothing
from rtmpscope.rtmp.believable import CUT_OFF, MEDIA, Believed, Known, believed
from rtmpscope.rtmp.builder import BatchBuilder, Fed
from rtmpscope.rtmp.chunk_header import (
    EXTENDED,
    Channel,
    ChannelState,
    ChunkHeader,
    basic_header,
    basic_header_bytes,
    chunk_header,
)
from rtmpscope.rtmp.dialect import UNDECIDED, Dialect
from rtmpscope.rtmp.extension import TypeThree
from rtmpscope.rtmp.partial import PartialMessage
from rtmpscope.rtmp.readings import HeaderPlace, Readings
from rtmpscope.rtmp.resync import WINDOW, Found, Search

DEFAULT_CHUNK_SIZE = 128
_SET_CHUNK_SIZE, _ABORT = 1, 2
#: So many type-3 headers in their places make an inferred chunk size certain.
_ENOUGH_CONFIRMED = 3
#: So often decoding goes on from the same header.
_MOST_TRIES = 2
#: So many messages one after the other do so too.
_ENOUGH_MESSAGES = 500


class ReferenceDecoder:
    """Decodes the chunks of one direction, after the handshake.

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
        self._search: Search | None = None  # while the place of the next header is unknown
        self._shapes: dict[int, tuple[tuple[int, int], ...]] = {}  # of the messages before that, by channel
        self._base = offset
        self._builder = BatchBuilder(keep, record_chunks)
        self._readings = Readings(self._builder.problem)
        self._patient = True  # a header may wait for the bytes that tell how to read it
        self._channels: dict[int, Channel] = {}
        self._stale: dict[int, Channel] = {}  # channels not heard of since synchronisation was lost
        self._partials: dict[int, PartialMessage] = {}  # in order of their beginning
        self._current: PartialMessage | None = None  # whose chunk is under way, or was last
        self._tail = b""  # a header that is not all there
        self._skip = 0  # captured bytes of a header whose beginning a hole swallowed
        self._guessed = False  # a hole swallowed a header; the next one must confirm the guess
        self._epoch = 0
        self._captured_from = offset  # the end of the last hole
        self._behind = bytearray()  # what was fed of the message under way, in case it has to be looked at again
        self._feeding = b""
        self._in_step_since = 0
        self._resumed_at, self._resumed_times = -1, 0  # where decoding went on after a search
        self._joined = False  # in mid-stream, so that channels may have been spoken of before
        self._sure_length = EXTENDED  # of messages up to this length the chunk size in force is certain
        self._confirmed = 0  # type-3 headers that confirmed an inferred chunk size

    @property
    def in_step(self) -> int:
        """Messages decoded one after the other since the place of a header was last searched for."""
        return 0 if self._search is not None else self._builder.count - self._in_step_since

    @property
    def channels(self) -> dict[int, ChannelState]:
        """The state of each chunk stream seen so far."""
        return {csid: channel.state() for csid, channel in self._channels.items()}

    @property
    def dialect(self) -> Dialect:
        """How the sender writes its timestamps, as far as the bytes have told."""
        return self._readings.dialect

    @property
    def position(self) -> int:
        """Stream offset of the next byte to be fed."""
        return self._base + len(self._tail)

    @property
    def pending_offset(self) -> int:
        """Stream offset below which no message can begin any more: that of the oldest unfinished one."""
        if self._search is not None:
            return self._search.looked_at
        for partial in self._partials.values():
            return partial.offset
        return self._base

    @property
    def lost(self) -> bool:
        """Whether the place of the next header is unknown."""
        return self._search is not None

    def seed(self, chunk_size: int, channels: Mapping[int, ChannelState], dialect: Dialect = UNDECIDED) -> None:
        """Begin in mid-stream, where no message is under way, with what earlier headers have said."""
        self.chunk_size = chunk_size
        self._readings.dialect = dialect
        self._channels = {csid: Channel.seeded(state, self._epoch) for csid, state in channels.items()}

    def join(self) -> None:
        """Begin anywhere in a direction, perhaps within a message, with nothing known of it.

        What comes before the first believable header is passed over; the chunk size is told by where headers
        stand. To be called before anything is fed.
        """
        self._epoch += 1
        self._joined = True
        self._sure_length = 0
        self._search = Search(self._base, "", self._known())

    def feed(self, data: bytes) -> None:
        """Take the next bytes of the direction."""
        if self._search is None:
            self._decode(data)
        else:
            self._look_through(data)
        if self._search is not None:
            self._resynchronise()

    def hole(self, length: int) -> None:
        """Step over ``length`` bytes that were sent but not captured."""
        if length <= 0:
            return
        self._pass_by(length)
        if self._search is not None:
            self._resynchronise()

    def finish(self) -> None:
        """The direction ends: messages under way are listed as incomplete."""
        self._settle_tail()
        self._tail = b""
        while self._search is not None:
            search = self._search
            self._resynchronise(last=True)
            if self._search is search:
                self._report_loss(search)
                self._search = None
        self._end_partials()

    def _end_partials(self) -> None:
        for partial in self._partials.values():
            partial.emit()
        self._partials.clear()
        self._current = None

    def take(self) -> MessageBatch:
        """The messages completed, and problems met, since the last call."""
        return self._builder.take()

    # --- chunk by chunk ---

    def _decode(self, data: bytes) -> None:
        """Decode ``data`` up to where synchronisation is lost, or more bytes are needed."""
        if self._tail:
            data, self._tail = self._tail + data, b""
        self._feeding = data
        at = min(self._skip, len(data))
        self._skip -= at
        while self._search is None:
            reached = self._step(data, at)
            if reached == at:
                break
            at = reached
        self._seal()
        self._feeding = b""
        if self._search is None:
            self._remember(data, at)
            self._base += at
            self._tail = data[at:]
        else:
            at = self._search.offset - self._base
            self._base += at
            self._look_through(bytes(self._behind[at:]) + data if at < 0 else data[at:])

    def _remember(self, data: bytes, stop: int) -> None:
        """Keep what of the message under way was captured in one run, where its chunk size may prove wrong."""
        current = self._current
        if current is None or not self._epoch:
            self._behind.clear()
            return
        begin = max(current.offset, self._captured_from) - self._base
        if begin >= 0 or len(self._behind) > WINDOW:
            self._behind.clear()
        self._behind += data[max(begin, 0) : stop]

    def _step(self, data: bytes, at: int) -> int:
        """Decode the next payload or header at ``at``; return where it ended, ``at`` to wait for more."""
        current = self._current
        if current is not None and current.chunk_left:
            stop = min(at + current.chunk_left, len(data))
            current.payload(data, at, stop)
            self._settle(current)
            return stop
        basic = basic_header(data, at)
        if basic is None:
            return at
        channel = self._channels.get(basic[1])
        if channel is None and self._stale:
            channel = self._revived(basic[0], basic[1], self._base + at)
        if self._search is not None or not self._believable(data, at, basic, channel):
            return at
        header = self._header(data, at, basic, channel or Channel())
        if header is None:
            return at
        if header.length > self._sure_length and self._patient and not self._fits(data, at, basic[2], header):
            return at
        self._guessed = False
        self._begin_chunk(header, self._base + at)
        return at + header.size

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

    def _settle_tail(self) -> None:
        """What follows a header that waits for it is not going to come: read the header as it stands."""
        if self._tail and (self._tail[0] >> 6 == 3 or self._sure_length < EXTENDED):
            self._patient = False
            self._decode(b"")
            self._patient = True

    def _believable(self, data: bytes, at: int, basic: tuple[int, int, int], channel: Channel | None) -> bool:
        """Whether decoding can go on with the header at ``at``; if not, more bytes are needed, or it is lost."""
        fmt, csid, _ = basic
        offset = self._base + at
        unheard = channel is None and fmt > 1 and self._joined
        if unheard and not (self._guessed or self._current):
            self._lose("", offset, unheard_at=offset)
            return False
        unsure = self._guessed or (self._epoch and self._current) or self._sure_length < EXTENDED
        if unsure and not self._agrees(data, at, fmt, csid):
            return False
        if channel is None and fmt == 1 and self._epoch:
            self._lose(f"after a hole, a type-1 header on chunk stream {csid}, which has no earlier one", offset)
            return False
        if unheard:
            self._lose("", offset, unheard_at=offset)
            return False
        if channel is None and fmt > 1:
            reason = f"a type-{fmt} header on chunk stream {csid}, which has no earlier one"
            self._builder.problem(offset, "header_without_context", reason)
            self._lose("without the message's length its end is unknown", offset)
            return False
        return True

    def _fits(self, data: bytes, at: int, basic: int, header: ChunkHeader) -> bool:
        """Whether the message at ``at`` goes with an inferred chunk size; if not, more bytes are needed, or it is lost.

        The chunk size is corrected where another one goes with what follows the message.
        """
        if header.csid in self._partials:
            return True
        offset = self._base + at
        search = Search(offset, "", self._known())
        search.add(data[at:])
        kind = (header.fmt, header.csid, header.type_id, header.length)
        size = search.chunk_size_of(
            Believed(*kind, header.size, basic, header.extended, strong=True), last=len(data) - at >= WINDOW
        )
        if size is None:
            return False
        if not size:
            self._lose("", offset)
            return False
        if size != self.chunk_size:
            self._infer_chunk_size(size, offset)
        self._confirmed += (header.length - 1) // size
        sure = self._confirmed >= _ENOUGH_CONFIRMED or self.in_step > _ENOUGH_MESSAGES
        self._sure_length = EXTENDED if sure else header.length
        return True

    def _infer_chunk_size(self, size: int, offset: int) -> None:
        reason = f"{size} bytes, by where headers stand; the change from {self.chunk_size} was missed"
        self._builder.problem(offset, "chunk_size_inferred", reason)
        self.chunk_sizes.append((offset, size))
        self._confirmed = 0
        self._set_chunk_size(size)

    def _agrees(self, data: bytes, at: int, fmt: int, csid: int) -> bool:
        """Whether the header after a guess is the one expected; if not, more bytes are needed, or it is lost."""
        current = self._current
        if current is not None and (self._guessed or (fmt, csid) == (3, current.header.csid)):
            agrees = (fmt, csid) == (3, current.header.csid)
        else:
            header = believed(data, at, self._known(), expected=True)
            if header is CUT_OFF:
                return False
            agrees = header is not None and (fmt < 2 or header.strong)
        if agrees:
            return True
        since = max(self._base - len(self._behind), self._captured_from)
        if current is None and not self._guessed:
            since = self._base + at
        if current is not None and current.offset >= since:
            # The message is looked for once more: it may have been read with a chunk size that has changed.
            since = current.offset
            self._channels[current.header.csid].timestamp = current.clock_before
            del self._partials[current.header.csid]
        self._lose("the header after a hole is not the one expected", since)
        return False

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
            channel = self._channels[header.csid] = self._late_channel(header.type_id)
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

    def _obey(self, message: PartialMessage) -> None:
        """Set Chunk Size and Abort act on the chunks that follow (5.4.1, 5.4.2)."""
        body = message.head[:4]
        if len(body) < 4:
            self._builder.problem(message.offset, "control_body_missing", "four bytes are needed")
            return
        value = int.from_bytes(body, "big")
        if message.header.type_id == _ABORT:
            partial = self._partials.get(value)
            if partial is not None:
                reason = f"Abort with {partial.left} bytes of the message still to come"
                self._builder.problem(message.offset, "abandoned_message", reason)
                self._drop(partial)
        elif 1 <= value <= 0x7FFFFFFF:
            self.chunk_sizes.append((message.end, min(value, EXTENDED)))
            self._sure_length = EXTENDED
            self._set_chunk_size(min(value, EXTENDED))
        else:
            self._builder.problem(message.offset, "invalid_chunk_size", f"{value} is not a chunk size")

    def _set_chunk_size(self, size: int) -> None:
        self._seal()  # rows listed so far find their bodies by the chunk size that they were sent with
        self.chunk_size = size

    def _seal(self) -> None:
        self._builder.seal(Fed(self._feeding, self._base, self.chunk_size))

    # --- holes ---

    def _pass_by(self, length: int) -> None:
        """The next ``length`` bytes were not captured."""
        self._behind.clear()
        if self._search is None:
            self._settle_tail()
        if self._search is None:
            stop = self.position + length
            tail, self._tail = self._tail, b""
            if tail and tail[0] >> 6 != 3:
                self._lose("the hole begins within a message header")
                self._look_through(tail)
            else:
                self._step_over(stop)
            length = stop - self._base
        if self._search is not None:
            self._search.hole(length)
        self._base += length
        self._captured_from = self._base

    def _step_over(self, stop: int) -> None:
        """Step over the bytes up to stream offset ``stop``, as far as the chunk state tells what they are."""
        while self._base < stop and self._search is None:
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
            self._base += step

    def _guess_header(self, current: PartialMessage, at: int, stop: int) -> int:
        """Assume that a type-3 header of the message under way stands in the hole; return its bytes there."""
        if len(self._partials) > 1:
            self._lose("the hole covers a header while several messages are under way")
            return 0
        csid = current.header.csid
        extended = self._channels[csid].extended and self.dialect.continuing != "omitted"
        size = basic_header_bytes(csid) + (4 if extended else 0)
        self._epoch += 1
        self._guessed = True
        current.chunk(3, at, size, self.chunk_size)
        current.gap(0)
        there = min(size, stop - at)
        self._skip = size - there
        return there

    # --- synchronisation ---

    def _lose(self, reason: str, offset: int | None = None, *, unheard_at: int | None = None) -> None:
        """The place of the next header is unknown."""
        self._end_partials()
        self._seal()  # so that what is known does not depend on how the bytes came
        self._skip = 0
        self._guessed = False
        self._shapes |= self._builder.recent_shapes()
        self._stale.update(self._channels)
        self._channels.clear()
        self._search = Search(self._base if offset is None else offset, reason, self._known(), unheard_at)
        if self._search.offset == self._resumed_at and self._resumed_times > _MOST_TRIES:
            self._search.pass_first()

    def _known(self) -> Known:
        channels = {**self._stale, **self._channels}
        starts = self._builder.starts
        certain = self._sure_length == EXTENDED
        return Known(channels, self.chunk_size, starts, self._shapes, self.dialect, self._joined, certain)

    def _look_through(self, data: bytes) -> None:
        """Bytes that come while the place of the next header is unknown."""
        assert self._search is not None
        self._search.add(data)
        self._base += len(data)

    def _resynchronise(self, *, last: bool = False) -> None:
        """Go on from believable headers, as long as there are any in what was captured since the loss."""
        parts: deque[bytes | int] = deque()
        while True:
            found = None if self._search is None else self._search.find(last=last and not parts)
            if found is not None:
                parts.extendleft(reversed(self._resume(found)))
            elif not parts:
                return
            self._go_on(parts.popleft())

    def _go_on(self, part: bytes | int) -> None:
        if isinstance(part, int):
            self._pass_by(part)
        elif self._search is None:
            self._decode(part)
        else:
            self._look_through(part)

    def _resume(self, found: Found) -> list[bytes | int]:
        """Decoding goes on at a header; return what is to be decoded from there on."""
        search = self._search
        assert search is not None
        self._search = None
        self._epoch += 1
        if found.offset > search.offset:
            self._report_loss(search)
            skipped = found.offset - search.offset
            kind = "sync_regained" if search.reason else "joined"
            self._builder.problem(found.offset, kind, f"{skipped} bytes were skipped")
            self._in_step_since = self._builder.count
        if found.chunk_size != self.chunk_size:
            self._infer_chunk_size(found.chunk_size, found.offset)
        channel = self._stale.pop(found.csid, None) or self._late_channel(found.type_id)
        channel.type_id, channel.length, channel.extended = found.type_id, found.length, found.extended
        self._channels[found.csid] = channel
        self._resumed_times = self._resumed_times + 1 if found.offset == self._resumed_at else 1
        self._resumed_at = found.offset
        self._base = self._captured_from = found.offset
        return search.rest(found.offset)

    def _late_channel(self, type_id: int) -> Channel:
        """A chunk stream whose first headers may have been missed: its clock is beside those of the others."""
        if not self._epoch or type_id not in MEDIA:
            return Channel()
        clocks = [one.timestamp for one in (*self._stale.values(), *self._channels.values()) if one.type_id in MEDIA]
        return Channel(max(clocks), epoch=0) if clocks else Channel()

    def _report_loss(self, search: Search) -> None:
        if search.reason:
            self._builder.problem(search.offset, "lost_sync", search.reason)

    def _revived(self, fmt: int, csid: int, offset: int) -> Channel | None:
        """A channel from before synchronisation was lost, if this header may be trusted to go on with it.

        Headers were missed since: types 2 and 3 leave out the length, which may have changed. They are looked at
        together with what follows.
        """
        if csid not in self._stale:
            return None
        if fmt > 1:
            self._lose(f"after a hole, a type-{fmt} header may not go on with the length known", offset)
            return None
        channel = self._channels[csid] = self._stale.pop(csid)
        return channel
