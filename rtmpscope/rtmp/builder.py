"""Collects the messages of a batch row by row.

Decoders append one packed row of integers per message; nothing per chunk is kept unless asked for. Rows are
turned into numpy columns once per feed, when the bytes fed are still at hand: the first bytes of all
messages that lie wholly in them are gathered at once instead of message by message.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import field
from struct import Struct

import numpy as np
from numpy.typing import NDArray

from rtmpscope.frozen import frozen, slotted
from rtmpscope.rtmp.batches import (
    HEAD_BYTES,
    BodyPolicy,
    Bytes,
    ChunkColumns,
    Ints,
    MessageBatch,
    Problem,
    keep_nothing,
)

_MEDIA_TYPES = frozenset((8, 9))
_BEGINNINGS_KNOWN = 4096  # answers of the policy that are remembered
_RECENT, _RECENT_SHAPES = 64, 8
_HEAD = np.dtype(f"V{HEAD_BYTES}")
_FIRST_BYTES = np.tri(HEAD_BYTES + 1, HEAD_BYTES, -1, np.uint8) * np.uint8(255)  # row n: a mask of the first n bytes
_NO_BEGINNING, _NOT_HERE = -1, -2  # bodies too short to tell, and those that are not in the bytes fed

COLUMNS = 13
ROW = Struct(f"={COLUMNS}q")
OFFSET, END, CSID, FMT, TYPE_ID, STREAM_ID, TIMESTAMP = range(7)
LENGTH, CHUNK_COUNT, HEADER_BYTES, MISSING, FLAGS, HEAD_AT = range(7, COLUMNS)

#: Bits of the FLAGS column.
EXACT, COMPLETE, CONTIGUOUS = 1, 2, 4
WHOLE = COMPLETE | CONTIGUOUS


@frozen
class Fed:
    """The bytes being fed: ``base`` is the stream offset of ``data[0]``; the chunk size is that in force."""

    data: bytes
    base: int
    chunk_size: int


NOTHING_FED = Fed(b"", 0, 128)


@slotted
class BatchBuilder:
    """Collects rows until they are taken.

    ``rows`` is appended to directly by the fast path, one packed ``ROW`` a message; HEAD_AT is the place
    of the body's first byte in the bytes being fed, or -1 where the head was added by ``add``.
    """

    keep: BodyPolicy
    record_chunks: bool
    rows: bytearray = field(default_factory=bytearray)
    _sealed: list[tuple[Ints, Bytes]] = field(default_factory=list)
    _sealed_rows: int = 0
    _heads: dict[int, bytes] = field(default_factory=dict)
    _bodies: dict[int, bytes] = field(default_factory=dict)
    _spans: list[array[int]] = field(default_factory=list)
    _span_rows: list[int] = field(default_factory=list)
    _chunks: list[array[int]] = field(default_factory=list)
    _chunk_rows: list[int] = field(default_factory=list)
    _problems: list[Problem] = field(default_factory=list)
    _keeps: dict[int, bool] = field(default_factory=dict)
    _begun: set[int] = field(default_factory=set)
    _starts: frozenset[int] | None = None
    _split_at: int = 0
    _taken: int = 0
    _listed_from: int = 0
    _settled: int = 0
    _recent: Ints = field(default_factory=lambda: np.empty((0, 3), np.int64))

    def add(
        self, row: Sequence[int], head: bytes, body: bytes, spans: array[int] | None, chunks: array[int] | None
    ) -> None:
        """Append one message. ``body`` is empty when not kept, ``spans`` None when contiguous."""
        number = self._sealed_rows + len(self.rows) // ROW.size
        self.rows += ROW.pack(*row)
        self._heads[number] = head
        if len(head) > 1 and len(self._begun) < _BEGINNINGS_KNOWN:
            self.note_start(row[TYPE_ID] << 16 | head[0] << 8 | head[1])
        if body:
            self._bodies[number] = body
        if spans is not None:
            self._spans.append(spans)
            self._span_rows.append(number)
        if chunks is not None:
            self._chunks.append(chunks)
            self._chunk_rows.append(number)

    def note_start(self, start: int) -> None:
        """A body begins so: type id and first two bytes, as one number."""
        if start not in self._begun:
            self._begun.add(start)
            self._starts = None

    def problem(self, offset: int, kind: str, reason: str) -> None:
        """Note something malformed."""
        self._problems.append(Problem(offset, kind, reason))

    def seal(self, place: Fed) -> None:
        """The bytes fed go away: take from them what the rows since the last seal need."""
        if not self.rows:
            return
        table = np.frombuffer(self.rows, np.int64).reshape(-1, COLUMNS)
        self.rows = bytearray()
        head = _gathered_heads(table[:, HEAD_AT], table[:, LENGTH], place.data)
        self._keep_bodies(table, head, place)
        self._sealed.append((table, head))
        latest = table[-_RECENT:].take((CSID, TYPE_ID, LENGTH), axis=1)
        self._recent = latest if len(latest) == _RECENT else np.concatenate([self._recent, latest])[-_RECENT:]
        self._sealed_rows += len(table)
        self._listed_from = max(self._listed_from, int(table[:, OFFSET].max()) + 1)
        table = table[self._settled :]
        self._settled = 0
        if len(table) and self._split_at != place.chunk_size:
            split = (table[:, CHUNK_COUNT] > 1) & (table[:, FLAGS] & WHOLE == WHOLE)
            self._split_at = place.chunk_size if split.any() else 0

    def settle(self, place: Fed) -> None:
        """The chunk size changes: seal the rows if one needs it as it was, else note only whether it showed."""
        rows = list(ROW.iter_unpack(self.rows[self._settled * ROW.size :]))
        split = [row for row in rows if row[CHUNK_COUNT] > 1 and row[FLAGS] & WHOLE == WHOLE]
        if any(row[HEAD_AT] >= 0 for row in split):
            self.seal(place)
        elif rows and self._split_at != place.chunk_size:
            self._split_at = place.chunk_size if split else 0
        self._settled = len(self.rows) // ROW.size

    def take(self) -> MessageBatch:
        """Everything since the last take."""
        self.seal(NOTHING_FED)
        if not self._sealed and not self._problems and not self.record_chunks:
            return NO_MESSAGES
        return self._batch()

    def _batch(self) -> MessageBatch:
        table, head = self._joined()
        head_length = np.minimum(table[:, LENGTH], HEAD_BYTES).astype(np.uint8)
        for row, start in self._heads.items():
            head[row, : len(start)] = np.frombuffer(start, np.uint8)
            head_length[row] = len(start)
        flags = table[:, FLAGS]
        batch = MessageBatch(
            offset=table[:, OFFSET],
            end=table[:, END],
            csid=table[:, CSID],
            fmt=table[:, FMT],
            type_id=table[:, TYPE_ID],
            stream_id=table[:, STREAM_ID],
            timestamp=table[:, TIMESTAMP],
            timestamp_exact=(flags & EXACT) != 0,
            length=table[:, LENGTH],
            chunk_count=table[:, CHUNK_COUNT],
            header_bytes=table[:, HEADER_BYTES],
            complete=(flags & COMPLETE) != 0,
            missing_bytes=table[:, MISSING],
            contiguous=(flags & CONTIGUOUS) != 0,
            head=head,
            head_length=head_length,
            bodies=dict(sorted(self._bodies.items())),
            spans=_numbered(self._span_rows, self._spans, 2),
            chunks=self._chunk_columns(),
            problems=tuple(self._problems),
        )
        self._clear()
        return batch

    def _joined(self) -> tuple[Ints, Bytes]:
        if len(self._sealed) == 1:
            return self._sealed[0]
        tables = [table for table, _ in self._sealed]
        heads = [head for _, head in self._sealed]
        empty = np.empty((0, COLUMNS), np.int64), np.empty((0, HEAD_BYTES), np.uint8)
        return np.concatenate([empty[0], *tables]), np.concatenate([empty[1], *heads])

    def _clear(self) -> None:
        self._taken += self._sealed_rows
        self._sealed, self._sealed_rows = [], 0
        self._heads, self._bodies = {}, {}
        self._spans, self._span_rows, self._chunks, self._chunk_rows = [], [], [], []
        self._problems = []

    def _chunk_columns(self) -> ChunkColumns | None:
        if not self.record_chunks:
            return None
        return ChunkColumns(*_numbered(self._chunk_rows, self._chunks, 5).T)

    def _keep_bodies(self, table: Ints, head: Bytes, place: Fed) -> None:
        """Ask the policy about the messages in ``place`` and keep the bodies that it wants."""
        rows = self._candidates(table, head)  # notes how bodies begin, too
        if not len(rows):
            return
        columns = np.array((TYPE_ID, LENGTH, CHUNK_COUNT, HEADER_BYTES, HEAD_AT, OFFSET, END))
        for number, row in zip(rows.tolist(), table[np.ix_(rows, columns)].tolist(), strict=True):
            type_id, length, chunk_count, header_bytes, at, offset, end = row
            wanted = min(length, self.keep(type_id, head[number, :length].tobytes(), length))
            if wanted > 0:
                first = at + place.base - offset
                stride = place.chunk_size + (header_bytes - first) // max(chunk_count - 1, 1)
                body = _joined_payloads(place.data[at : end - place.base], place.chunk_size, stride)
                self._bodies[self._sealed_rows + number] = body[:wanted]

    @property
    def count(self) -> int:
        """Messages listed so far, taken or not."""
        return self._taken + self._sealed_rows + len(self.rows) // ROW.size

    @property
    def listed_from(self) -> int:
        """Stream offset behind which no message has been listed to begin."""
        offsets = np.frombuffer(self.rows, np.int64).reshape(-1, COLUMNS)[:, OFFSET]
        return max(self._listed_from, int(offsets.max(initial=-1)) + 1)

    @property
    def split_at(self) -> int:
        """The chunk size, if it shows in the messages sealed since it came into force; otherwise 0."""
        return self._split_at

    @property
    def starts(self) -> frozenset[int]:
        """How bodies sealed so far have begun: type id and first two bytes, as one number."""
        if self._starts is None:
            self._starts = frozenset(self._keeps.keys() | self._begun)
        return self._starts

    def recent_shapes(self) -> dict[int, tuple[tuple[int, int], ...]]:
        """(type, length) of the latest messages sealed, by chunk stream, each once, the newest first."""
        found: dict[int, dict[tuple[int, int], None]] = {}
        for csid, type_id, length in reversed(self._recent.tolist()):
            found.setdefault(csid, {})[type_id, length] = None
        return {csid: tuple(shapes)[:_RECENT_SHAPES] for csid, shapes in found.items()}

    def _candidates(self, table: Ints, head: Bytes) -> Ints:
        """Rows whose body the policy may want: of audio and video, one per beginning is asked about."""
        keys = (table[:, TYPE_ID] << 16) | (head[:, 0].astype(np.int64) << 8) | head[:, 1]
        keys[table[:, LENGTH] < 2] = _NO_BEGINNING
        keys[table[:, HEAD_AT] < 0] = _NOT_HERE
        known = self._keeps
        names = _distinct(keys)
        for key in names:
            if key not in known and key != _NOT_HERE:
                known[key] = self._may_keep(key >> 16, (key & 0xFFFF).to_bytes(2, "big"))
                self._starts = None
        wanted = [key for key in names if known.get(key)]
        rows = np.flatnonzero(_are_among(keys, np.array(wanted))) if wanted else np.empty(0, np.int64)
        if len(known) > _BEGINNINGS_KNOWN:
            known.clear()
            self._starts = None
        return rows

    def _may_keep(self, type_id: int, beginning: bytes) -> bool:
        return type_id not in _MEDIA_TYPES or self.keep(type_id, beginning, HEAD_BYTES) > 0


def _gathered_heads(start: Ints, length: Ints, data: bytes) -> Bytes:
    """The first body bytes of messages out of ``data``, zero padded; ``start`` is -1 for those not in it."""
    room = len(data) - HEAD_BYTES
    if room < 0:
        head = np.zeros((len(start), HEAD_BYTES), np.uint8)
    else:
        # An item as long as a head is laid over every byte, so that each head is copied as one.
        overlay: NDArray[np.void] = np.ndarray((room + 1,), _HEAD, data, strides=(1,))
        head = overlay[np.minimum(np.maximum(start, 0), room)].view(np.uint8).reshape(-1, HEAD_BYTES)
    for row in np.flatnonzero(start > room).tolist():
        last = np.frombuffer(data[start[row] :], np.uint8)
        head[row, : len(last)] = last
    head &= _FIRST_BYTES.take(np.where(start < 0, 0, length), axis=0, mode="clip")
    return head


def _distinct(values: Ints) -> list[int]:
    """The values, each once, ascending; as ``np.unique`` finds them, in half the time for so few."""
    ascending = np.sort(values)
    fresh = np.ones(len(values), np.bool_)
    fresh[1:] = ascending[1:] != ascending[:-1]
    found: list[int] = ascending[fresh].tolist()
    return found


def _are_among(values: Ints, ascending: Ints) -> NDArray[np.bool_]:
    """Which values are some of the others."""
    place = np.minimum(np.searchsorted(ascending, values), len(ascending) - 1)
    found: NDArray[np.bool_] = ascending[place] == values
    return found


def _joined_payloads(wire: bytes, chunk_size: int, stride: int) -> bytes:
    """Drop the type-3 headers that stand between the payloads of a message."""
    if len(wire) <= chunk_size:
        return wire
    body = bytearray(wire)
    for header_byte in range(stride - 1, chunk_size - 1, -1):
        del body[header_byte::stride]
        stride -= 1
    return bytes(body)


def _numbered(rows: list[int], parts: list[array[int]], width: int) -> Ints:
    """Arrays of ``width`` integers per entry, stacked, with the row each belongs to in front."""
    table = np.empty((sum(len(part) for part in parts) // width, width + 1), np.int64)
    if rows:
        table[:, 0] = np.repeat(rows, [len(part) // width for part in parts])
        table[:, 1:] = np.concatenate([np.frombuffer(part, np.int64) for part in parts]).reshape(-1, width)
    return table


#: What a take returns when nothing was completed.
NO_MESSAGES = BatchBuilder(keep_nothing, record_chunks=False)._batch()
