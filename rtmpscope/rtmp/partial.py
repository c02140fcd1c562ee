"""A message under way: what is kept of it until its last chunk is there.

Memory follows the bytes that arrived, never the length that a header declares: of the body only the first
32 bytes and what the policy wants are kept, and they grow as they come.
"""

from __future__ import annotations

from array import array

from rtmpscope.rtmp.batches import HEAD_BYTES
from rtmpscope.rtmp.builder import COMPLETE, CONTIGUOUS, EXACT, BatchBuilder
from rtmpscope.rtmp.chunk_header import ChunkHeader

#: Extents noted per message; past that the last one is stretched over what lies between.
_MAX_SPANS = 1 << 16


class PartialMessage:
    """One unfinished message.

    Attributes:
        left: body bytes still to come; ``chunk_left`` of them in the chunk under way.
        missing: body bytes that a hole swallowed.
        clock_before: timestamp of the message before on its chunk stream.
        end: stream offset just after the last byte seen or stepped over.
    """

    __slots__ = (
        "_asked", "_body", "_builder", "_chunks", "_limit", "_spans", "_wanted", "chunk_count", "chunk_left",
        "clock_before", "end", "exact", "header", "header_bytes", "holed", "left", "missing", "offset", "timestamp",
    )  # fmt: skip

    def __init__(self, builder: BatchBuilder, header: ChunkHeader, offset: int, timestamp: int, exact: bool) -> None:
        self.header, self.offset, self.end = header, offset, offset
        self.timestamp, self.exact, self.clock_before = timestamp, exact, timestamp
        self.left, self.chunk_left = header.length, 0
        self.missing, self.holed = 0, False
        self.chunk_count = self.header_bytes = 0
        self._builder = builder
        self._body = bytearray()
        self._asked, self._wanted, self._limit = False, 0, HEAD_BYTES
        self._spans: array[int] | None = None  # while there is one, it goes from ``offset`` to ``end``
        self._chunks: array[int] | None = None

    @property
    def head(self) -> bytes:
        """The first body bytes, as far as they were captured without a gap."""
        return bytes(self._body[:HEAD_BYTES])

    def chunk(self, fmt: int, offset: int, header_bytes: int, chunk_size: int) -> None:
        """A chunk of the message begins at ``offset``."""
        if offset != self.end:
            self._begin_span(offset)
        self.chunk_count += 1
        self.header_bytes += header_bytes
        self.chunk_left = min(chunk_size, self.left)
        self._reach(offset + header_bytes)
        if self._builder.record_chunks:
            self._chunks = self._chunks or array("q")
            self._chunks.extend((offset, self.header.csid, fmt, header_bytes, 0))

    def payload(self, data: bytes, at: int, stop: int) -> None:
        """Body bytes ``data[at:stop]`` of the chunk under way."""
        self._advance(stop - at)
        if not self.holed:
            self._store(data, at, stop)

    @property
    def needs_no_more(self) -> bool:
        """Whether nothing is to be kept of the body bytes still to come."""
        return self.holed or (self._asked and len(self._body) >= self._limit)

    def full_chunks(self, count: int, header_bytes: int, chunk_size: int) -> None:
        """So many more chunks of the message follow, one after the other and all there."""
        self.chunk_count += count
        self.header_bytes += count * header_bytes
        self.left -= count * chunk_size
        self._reach(self.end + count * (header_bytes + chunk_size))

    def lost_chunks(self, count: int, header_bytes: int, chunk_size: int) -> None:
        """So many more whole chunks of the message follow, one after the other, in a hole."""
        if self._chunks is not None:
            stride = header_bytes + chunk_size
            for offset in range(self.end, self.end + count * stride, stride):
                self._chunks.extend((offset, self.header.csid, 3, header_bytes, chunk_size))
        self.holed = True
        self.missing += count * chunk_size
        self.full_chunks(count, header_bytes, chunk_size)

    def gap(self, count: int) -> None:
        """``count`` body bytes of the chunk under way were not captured."""
        self.holed = True
        self.missing += count
        self._advance(count)

    def emit(self) -> None:
        """List the message as it stands."""
        complete = self.left == 0 and not self.holed
        contiguous = self._spans is None and not self.holed
        header = self.header
        flags = (EXACT if self.exact else 0) | (COMPLETE if complete else 0) | (CONTIGUOUS if contiguous else 0)
        row = (
            self.offset, self.end, header.csid, header.fmt, header.type_id, header.stream_id, self.timestamp,
            header.length, self.chunk_count, self.header_bytes, self.missing + self.left, flags, -1,
        )  # fmt: skip
        body = bytes(self._body[: self._wanted]) if complete else b""
        spans = None if contiguous else self._spans or array("q", (self.offset, self.end))
        self._builder.add(row, self.head, body, spans, self._chunks)

    def _store(self, data: bytes, at: int, stop: int) -> None:
        """Keep body bytes up to the limit; the policy is asked once, when the head is there."""
        taken = min(self._limit - len(self._body), stop - at)
        self._body += data[at : at + taken]
        if self._asked or len(self._body) < min(HEAD_BYTES, self.header.length):
            return
        self._asked = True
        self._wanted = self._builder.keep(self.header.type_id, self.head, self.header.length)
        if self._wanted > self._limit:
            self._limit = self._wanted
            self._store(data, at + taken, stop)

    def _advance(self, count: int) -> None:
        self.left -= count
        self.chunk_left -= count
        self._reach(self.end + count)
        if self._chunks is not None:
            self._chunks[-1] += count

    def _begin_span(self, offset: int) -> None:
        self._spans = self._spans or array("q", (self.offset, self.end))
        if len(self._spans) < 2 * _MAX_SPANS:
            self._spans.extend((offset, offset))

    def _reach(self, end: int) -> None:
        self.end = end
        if self._spans is not None:
            self._spans[-1] = end
