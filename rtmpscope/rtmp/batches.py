"""Completed messages as columns: what the chunk decoders hand over."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from rtmpscope.frozen import frozen

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Bytes = NDArray[np.uint8]

#: ``(type_id, head, length) → bytes of the body to keep``. ``head`` is the beginning of the body, at most
#: 32 bytes. For audio and video, whether anything is kept may depend on the first two bytes only: equal
#: beginnings are asked about once.
BodyPolicy = Callable[[int, bytes, int], int]

HEAD_BYTES = 32


def keep_nothing(type_id: int, head: bytes, length: int) -> int:  # noqa: ARG001  (the signature of a policy)
    """The policy that keeps no body."""
    return 0


#: Problems that tell where the place of the next header was lost: with bytes that were not captured, or without.
LOST_IN_HOLE, LOST_SYNC = "lost_in_hole", "lost_sync"
LOSSES = (LOST_IN_HOLE, LOST_SYNC)


@frozen
class Problem:
    """Something malformed that was stepped over.

    Attributes:
        offset: stream offset of the chunk header it was found at.
        kind: a short stable name.
        reason: what was wrong, in words.
    """

    offset: int
    kind: str
    reason: str


@frozen
class ChunkColumns:
    """One row per chunk of the messages of a batch, in the order of each message.

    Attributes:
        row: the message's row in the batch.
        offset: stream offset of the chunk's header.
        csid, fmt: chunk stream id and header form (0–3).
        header_bytes, payload_bytes: sizes on the wire, as far as the chunk was there.
    """

    row: Ints
    offset: Ints
    csid: Ints
    fmt: Ints
    header_bytes: Ints
    payload_bytes: Ints


@frozen
class MessageBatch:
    """Messages in order of completion; the arrays have one entry per message.

    Attributes:
        offset: stream offset of the first chunk header; ``end`` is just after the last byte.
        csid, fmt: chunk stream id, and form (0–3) of the header that began the message.
        type_id: message type id.
        stream_id: message stream id, -1 where no header told it.
        timestamp: ms, unwrapped beyond 32 bits.
        timestamp_exact: False after a hole that may have held a header, until the channel's next type 0.
        length: declared body length.
        chunk_count, header_bytes: chunks, and bytes of all their headers.
        complete: every byte of the message was there.
        missing_bytes: body bytes that were not.
        contiguous: no chunk of another message and no hole inside ``[offset, end)``.
        head: first body bytes, zero padded, ``uint8[n, 32]``; ``head_length`` says how many are there.
        bodies: row → body bytes, of the complete messages whose body the policy wanted.
        spans: ``int64[k, 3]``: row, start, end of each extent of the messages that are not contiguous.
        chunks: the single chunks, when asked for.
        problems: what was malformed.
    """

    offset: Ints
    end: Ints
    csid: Ints
    fmt: Ints
    type_id: Ints
    stream_id: Ints
    timestamp: Ints
    timestamp_exact: Bools
    length: Ints
    chunk_count: Ints
    header_bytes: Ints
    complete: Bools
    missing_bytes: Ints
    contiguous: Bools
    head: Bytes
    head_length: Bytes
    bodies: dict[int, bytes]
    spans: Ints
    chunks: ChunkColumns | None
    problems: tuple[Problem, ...]

    def __len__(self) -> int:
        return len(self.offset)
