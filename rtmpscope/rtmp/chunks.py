"""The chunk layer, chunk by chunk: the reference decoder (RTMP 1.0, section 5.3 and 5.4).

Bytes go in, completed messages come out; where they come from and when is not known here. A chunk header
is consumed only when it is all there, payload is consumed as it comes. Where the state does not tell what stands
in a hole, and where a direction is joined in mid-stream, a believable header is searched for.
"""

from __future__ import annotations

from collections import deque

from rtmpscope.rtmp.batches import LOST_SYNC, BodyPolicy, keep_nothing
from rtmpscope.rtmp.believable import CUT_OFF, LOOK_AHEAD, Believed, believed, plausible
from rtmpscope.rtmp.chunk_header import EXTENDED, Channel, ChunkHeader, basic_header
from rtmpscope.rtmp.chunk_layer import DEFAULT_CHUNK_SIZE
from rtmpscope.rtmp.resync import WINDOW
from rtmpscope.rtmp.synchronisation import Rest, Synchronisation


class ReferenceDecoder(Synchronisation):
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
        super().__init__(offset=offset, chunk_size=chunk_size, keep=keep, record_chunks=record_chunks)
        self._tail = b""  # a header that is not all there
        self._behind = bytearray()  # what was fed of the message under way, in case it has to be looked at again

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

    def join(self) -> None:
        """Begin anywhere in a direction, perhaps within a message, with nothing known of it.

        What comes before the first believable header is passed over; the chunk size is told by where headers
        stand. To be called before anything is fed.
        """
        self._epoch += 1
        self._joined = True
        self._sure_length = 0
        self._search = self._new_search(self._base)

    def feed(self, data: bytes) -> None:
        """Take the next bytes of the direction."""
        self._go_through(deque([data]))

    def hole(self, length: int) -> None:
        """Step over ``length`` bytes that were sent but not captured."""
        if length <= 0:
            return
        self._go_through(deque([length]))

    def finish(self) -> None:
        """The direction ends: messages under way are listed as incomplete."""
        self._settle_tail()
        self._tail = b""
        while self._search is not None:
            search = self._search
            self._go_through(deque(), last=True)
            if self._search is search:
                self._report_loss(search)
                self._search = None
        self._end_partials()

    def _decode(self, data: bytes, begin: int = 0) -> Rest | None:
        """Decode bytes up to where synchronisation is lost, or more are needed; return what is to be searched then."""
        if self._tail:
            data, begin, self._tail = self._tail + data[begin:], 0, b""
        self._feeding = data
        self._base -= begin  # offset of ``data[0]`` for now; what is kept of bytes that are in ``data`` is not needed
        del self._behind[max(len(self._behind) - begin, 0) :]
        at = begin + min(self._skip, len(data) - begin)
        self._skip -= at - begin
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
            return None
        at = self._search.offset - self._base
        self._base += at
        return Rest(data, at) if at >= 0 else Rest(bytes(self._behind[at:]) + data, 0)

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
        if self._epoch and header.fmt < 2 and not plausible(header):
            self._lose("after a hole, a header that tells of no message there is", self._base + at)
            return at
        if header.length > self._sure_length and self._patient and not self._fits(data, at, basic[2], header):
            return at
        self._guessed = False
        self._begin_chunk(header, self._base + at)
        return at + header.size

    def _settle_tail(self) -> None:
        """What follows a header that waits for it is not going to come: read the header as it stands."""
        if self._tail:
            self._patient = False
            rest = self._decode(b"")
            if rest:
                self._look_through(rest.data[rest.begin :])
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
            self._lose("without the message's length its end is unknown", offset, kind=LOST_SYNC)
            return False
        return True

    def _fits(self, data: bytes, at: int, basic: int, header: ChunkHeader) -> bool:
        """Whether the message at ``at`` goes with an inferred chunk size; if not, more bytes are needed, or it is lost.

        The chunk size is corrected where another one goes with what follows the message.
        """
        if header.csid in self._partials:
            return True
        offset = self._base + at
        search = self._new_search(offset)
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
        self._sure_length = header.length
        return True

    def _agrees(self, data: bytes, at: int, fmt: int, csid: int) -> bool:
        """Whether the header after a guess is the one expected; if not, more bytes are needed, or it is lost."""
        current = self._current
        if current is not None and (self._guessed or (fmt, csid) == (3, current.header.csid)):
            agrees = (fmt, csid) == (3, current.header.csid)
        else:
            header = believed(data, at, self._known(), expected=True)
            if fmt > 1 and not (header and header.strong):
                self._seal()  # the message before may be the first of its kind
                header = believed(data, at, self._known(), expected=True)
            if header is CUT_OFF:
                return False
            if self._patient and fmt > 1 and not (header and header.strong) and at + LOOK_AHEAD > len(data):
                return False  # the body's first bytes will tell
            agrees = header is not None and (fmt < 2 or header.strong)
        if agrees:
            return True
        listed = min(self._builder.listed_from, self._base + at)  # no message is listed twice
        since = max(self._base - len(self._behind), self._captured_from, listed)
        if current is None and not self._guessed:
            since = self._base + at
        if current is not None and current.offset >= since:
            # The message is looked for once more: it may have been read with a chunk size that has changed.
            since = current.offset
            self._channels[current.header.csid].timestamp = current.clock_before
            del self._partials[current.header.csid]
        self._lose("the header after a hole is not the one expected", since)
        return False

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
