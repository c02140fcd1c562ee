"""One direction of one TCP connection on its way from bytes to messages."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import field

from rtmpscope.frozen import frozen, slotted
from rtmpscope.pipeline.arrivals import Arrivals
from rtmpscope.pipeline.held import Held
from rtmpscope.pipeline.joining import Joining, Verdict
from rtmpscope.pipeline.records import bytes_to_keep
from rtmpscope.rtmp import ChunkDecoder, MessageBatch, verify
from rtmpscope.tcp import Hole, Piece
from rtmpscope.transport import HANDSHAKE_LENGTH, OPENING_LENGTH, Opening, believable_first_chunk, opening_of

#: So many bytes are decoded in one go: what decoding costs per go is shared by all messages in them.
_BYTES_AT_ONCE = 1 << 16
#: What begins like these is no RTMP, unless RTMP is expected on the port.
_FOREIGN = (Opening.TLS, Opening.HTTP)
#: All directions together let no more wait.
_MOST_WAITING_BYTES = 16 << 20


@frozen
class Span:
    """First and last packet of something: numbers and times (ns) of both."""

    first_frame: int
    first_time: int
    last_frame: int
    last_time: int


@slotted
class DirectionFlow:
    """State of one direction: its opening bytes, then its chunk decoder.

    Attributes:
        flow: twice the TCP connection's number, plus the direction.
        opening: what the first bytes are.
        held: opening bytes not yet decoded, and the holes between them.
        handshake: the captured handshake up to its first hole.
        handshake_span: the packets that brought the handshake.
        record_chunks: whether the decoder is to list single chunks.
        expected: whether RTMP is expected on this connection's port: evidence where the bytes give none.
        began: whether the connection began in the capture, so that a handshake is due.
        joined: whether decoding began in the middle of the direction.
        waiting_bytes: how many bytes wait for more, to be decoded together.
    """

    flow: int
    opening: Opening = Opening.UNDECIDED
    held: Held = field(default_factory=Held)
    handshake: bytes = b""
    handshake_span: Span | None = None
    arrivals: Arrivals = field(default_factory=Arrivals)
    decoder: ChunkDecoder | None = None
    record_chunks: bool = False
    expected: bool = False
    began: bool = True
    joined: bool = False
    waiting_bytes: int = 0
    _waiting: list[bytes] = field(default_factory=list)
    _joining: Joining | None = None

    def data(self, piece: Piece) -> None:
        """Take the next bytes."""
        if self.decoder is not None:
            self.arrivals.add(piece)
            self._waiting.append(piece.data)
            self.waiting_bytes += len(piece.data)
            if self.waiting_bytes >= _BYTES_AT_ONCE:
                self._feed(self.decoder)
        elif self._joining is not None:
            self.arrivals.add(piece)
            self._joined(self._joining.feed(piece.data))
        elif self._may_open:
            self.arrivals.add(piece)
            self._note_handshake(piece)
            self.held.add(piece.data)
            self._judge()

    def hole(self, hole: Hole) -> None:
        """Step over bytes that were not captured."""
        if self.decoder is not None:
            self._feed(self.decoder)
            self.decoder.hole(hole.length)
        elif self._joining is not None:
            self._joined(self._joining.hole(hole.length))
        elif self._may_open:
            self.held.add(hole.length)
            self._judge()

    def decode(self) -> None:
        """Decode what waits."""
        if self.decoder is not None:
            self._feed(self.decoder)

    def take(self) -> MessageBatch | None:
        """The messages completed since the last time, if any."""
        if self.decoder is None:
            return None
        batch = self.decoder.take()
        if len(batch.offset) or batch.problems:
            return batch
        if self.arrivals.crowded:  # those that will not be asked for
            self.arrivals.forget(self.decoder.pending_offset)
        return None

    def _feed(self, decoder: ChunkDecoder) -> None:
        if self._waiting:
            parts, self._waiting, self.waiting_bytes = self._waiting, [], 0
            decoder.feed(parts[0] if len(parts) == 1 else b"".join(parts))

    def finish(self) -> None:
        """The capture ends: what was held back for lack of evidence is decoded as it stands."""
        if self._joining is None and self._may_open and not self.began:
            self._begin_joining()
        if self._joining is not None:
            self._joined(self._joining.finish())
            return
        if self.decoder is None:
            if self.opening is Opening.HANDSHAKE:
                self.handshake = bytes(self.held.head)
            if self.opening is not Opening.HANDSHAKE or self.held.total <= HANDSHAKE_LENGTH:
                return
            self._start_chunks()
        assert self.decoder is not None
        self._feed(self.decoder)
        self.decoder.finish()

    @property
    def _may_open(self) -> bool:
        return self.opening in (Opening.UNDECIDED, Opening.HANDSHAKE)

    def _judge(self) -> None:
        """Decide what the opening bytes are, as far as they are there."""
        head = bytes(self.held.head)
        self.opening = opening_of(head)
        if self.opening is Opening.RTMPE:
            self.handshake = head[:HANDSHAKE_LENGTH]
        if not self._may_open:
            if self.opening is Opening.RTMP:
                self._start_chunks()
            else:
                self._without_handshake()
        if not self._may_open or self.held.total < OPENING_LENGTH:
            return
        # A hole lies in the opening: the first chunk header tells, or else the port or a signature.
        header = self.held.bytes_at(HANDSHAKE_LENGTH, OPENING_LENGTH)
        believed = self.expected or _is_signed(head) if header is None else believable_first_chunk(header)
        if believed:
            self._start_chunks()
        else:
            self._without_handshake()

    def _without_handshake(self) -> None:
        """This is no handshake: the middle of a direction, unless the connection began in the capture."""
        if self.began or (self.opening in _FOREIGN and not self.expected):
            self._give_up()
        else:
            self._joined(self._begin_joining())

    def _begin_joining(self) -> Verdict:
        """Look for chunks in what is held, and in what comes."""
        self.opening = Opening.MIDSTREAM
        self.handshake, self.handshake_span = b"", None  # what looked like one is none
        decoder = ChunkDecoder(keep=bytes_to_keep, record_chunks=self.record_chunks)
        self._joining = Joining(decoder, self.expected)
        held, self.held = self.held, Held()
        verdict = Verdict.OPEN
        for part in held:
            verdict = self._joining.hole(part) if isinstance(part, int) else self._joining.feed(part)
        return verdict

    def _joined(self, verdict: Verdict) -> None:
        """What becomes of a direction that was joined in its middle."""
        assert self._joining is not None
        if verdict is Verdict.OPEN:
            if self.arrivals.crowded and not self._joining.decoder.listed:
                self.arrivals.forget(self._joining.decoder.pending_offset)
            return
        decoder, self._joining = self._joining.decoder, None
        if verdict is Verdict.REFUTED:
            self.opening = Opening.OTHER
            self._give_up()
            return
        self.opening = Opening.RTMP
        self.joined = True
        self.decoder = decoder

    def _give_up(self) -> None:
        """This direction is not RTMP, or cannot be read: nothing of it is kept."""
        if self._may_open:
            self.opening = Opening.OTHER
        self.held = Held()
        self.arrivals = Arrivals()

    def _start_chunks(self) -> None:
        """The handshake is over: everything held after it is chunks."""
        self.opening = Opening.RTMP
        self.handshake = bytes(self.held.head[:HANDSHAKE_LENGTH])
        self.decoder = ChunkDecoder(offset=HANDSHAKE_LENGTH, keep=bytes_to_keep, record_chunks=self.record_chunks)
        skip = HANDSHAKE_LENGTH
        for part in self.held:
            length = part if isinstance(part, int) else len(part)
            if isinstance(part, int):
                self.decoder.hole(max(part - skip, 0))
            elif skip < length:
                self.decoder.feed(part[skip:])
            skip = max(skip - length, 0)
        self.held = Held()

    def _note_handshake(self, piece: Piece) -> None:
        """Remember which packets brought the handshake."""
        inside = piece.seg_offset < HANDSHAKE_LENGTH
        times, frames = piece.seg_time[inside], piece.seg_frame[inside]
        if not len(times):
            return
        seen = self.handshake_span
        first = (int(frames[0]), int(times[0])) if seen is None else (seen.first_frame, seen.first_time)
        last = frames.argmax()
        self.handshake_span = Span(*first, int(frames[last]), int(times[last]))


def relieved(flows: Collection[DirectionFlow]) -> Iterator[DirectionFlow]:
    """Decode what waits in all directions, when it is much in all."""
    if sum(flow.waiting_bytes for flow in flows) > _MOST_WAITING_BYTES:
        for flow in flows:
            flow.decode()
            yield flow


def _is_signed(head: bytes) -> bool:
    """Whether what looks like a handshake holds a digest, from either side, that proves it to be one."""
    return bool(verify(head, b"").c1_digest_valid or verify(b"", head).s1_digest_valid)
