"""Decoding in tests: feed parts and holes, get rows that compare with ``==``."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rtmpscope.rtmp import ChunkDecoder, MessageBatch, ReferenceDecoder

COLUMNS = (
    "offset", "end", "csid", "fmt", "type_id", "stream_id", "timestamp", "timestamp_exact", "length",
    "chunk_count", "header_bytes", "complete", "missing_bytes", "contiguous", "head_length",
)  # fmt: skip


def keep_all(type_id: int, head: bytes, length: int) -> int:
    return length


def decoded(decoder: ReferenceDecoder, parts: Iterable[bytes | int]) -> MessageBatch:
    """One batch of everything; an int is a hole of that length."""
    for part in parts:
        if isinstance(part, int):
            decoder.hole(part)
        else:
            decoder.feed(part)
    decoder.finish()
    return decoder.take()


def rows(batch: MessageBatch) -> list[dict[str, Any]]:
    columns = [getattr(batch, name).tolist() for name in COLUMNS]
    result = [dict(zip(COLUMNS, row, strict=True)) for row in zip(*columns, strict=True)]
    for number, row in enumerate(result):
        row["head"] = batch.head[number].tobytes()
        row["body"] = batch.bodies.get(number)
        row["spans"] = batch.spans[batch.spans[:, 0] == number, 1:].tolist()
    return result


def everything(batch: MessageBatch) -> tuple[list[dict[str, Any]], object]:
    return rows(batch), batch.problems


def fast(*parts: bytes | int, **settings: Any) -> MessageBatch:
    return decoded(ChunkDecoder(keep=keep_all, **settings), parts)


def reference(*parts: bytes | int, **settings: Any) -> MessageBatch:
    return decoded(ReferenceDecoder(keep=keep_all, **settings), parts)
