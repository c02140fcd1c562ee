"""One message in full: where it stands, its fields with their byte ranges, its bytes with chunk headers marked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import TextIO

import numpy as np
from numpy.typing import NDArray

from rtmpscope.amf import fields as amf_fields
from rtmpscope.media import audio_fields, video_fields
from rtmpscope.pipeline.stretch import RawChunk
from rtmpscope.report.hexdump import Marks, hex_lines
from rtmpscope.report.source import ReportSource
from rtmpscope.report.values import inert, shorten
from rtmpscope.rtmp import aggregate_fields, chunk_header_fields, control_fields
from rtmpscope.tables import Redactor
from rtmpscope.wire import DecodeError, Field

_AMF = (15, 16, 17, 18, 19, 20)
_TREE_LINES = 400
#: Names of fields that are but parts of the member they stand in.
_VALUE_NAMES = frozenset(("string", "long string", "xml document", "length", "marker"))
_VALUE_WIDTH = 80
_DUMP_BYTES = 4096


def print_message(source: ReportSource, message: int, stream: TextIO) -> None:
    """Print one message to ``stream``."""
    for line in message_lines(source, message):
        stream.write(line + "\n")


def message_lines(source: ReportSource, message: int) -> Iterator[str]:
    """The lines that show a message."""
    chunks = source.replay.chunks_of(message)
    row = next(iter(source.tables["messages"].take([message]).to_rows()))
    body = b"".join(chunk.payload for chunk in chunks)
    present = np.concatenate([np.empty(0, np.bool_), *(chunk.present for chunk in chunks)])
    redactor = source.tables.context.redactor
    type_id = row["type_id"]
    assert isinstance(type_id, int)
    # Fields are those before the first byte that is not there: nothing is invented.
    captured = len(body) if present.all() else int(present.argmin())
    fields = body_fields(type_id, body[:captured])
    hidden = redactor.body(body) if type_id in _AMF else redactor.registered(body)
    hidden = sorted({*hidden, *credential_ranges(fields, redactor)})
    yield from _head(row, several=not source.facts.inputs.is_one)
    yield ""
    yield "Chunk header (bytes of the first chunk)"
    if chunks:
        yield from _tree(chunk_header_fields(chunks[0].header), redactor)
    yield ""
    yield "Body (bytes of the message body)"
    yield from _tree(fields, redactor)
    if captured < len(body):
        yield f"  {captured}–{len(body) - 1}  not wholly captured: -- below"
    yield ""
    yield "Bytes ([ ] is a chunk header; other lines count in the message body)"
    yield from _dump(chunks, body, Marks(hidden, _gaps(present)))
    yield ""


def credential_ranges(fields: Sequence[Field], redactor: Redactor, name: str = "") -> Iterator[tuple[int, int]]:
    """Byte ranges of texts that stand under the name of a credential."""
    for field in fields:
        under = name if field.name in _VALUE_NAMES else field.name
        if field.children:
            yield from credential_ranges(field.children, redactor, under)
        elif isinstance(field.value, str) and field.value and redactor.is_credential(under):
            yield field.start // 8, field.end // 8


def _gaps(present: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """The ranges of bytes that were not captured."""
    edges = np.flatnonzero(np.diff(present.astype(np.int8), prepend=1, append=1)).tolist()
    return list(zip(edges[::2], edges[1::2], strict=True))


def body_fields(type_id: int, body: bytes) -> tuple[Field, ...]:
    """The field tree of a message body; an unknown type is one field of data."""
    try:
        if type_id in (1, 2, 3, 4, 5, 6):
            return tuple(control_fields(type_id, body))
        if type_id in _AMF:
            return tuple(amf_fields(type_id, body))
        if type_id in (8, 9):
            return tuple((video_fields if type_id == 9 else audio_fields)(body))
        if type_id == 22:
            return tuple(aggregate_fields(body))
    except DecodeError as error:
        return (Field("malformed", 8 * error.offset, 8 * len(body), body[error.offset :], str(error)),)
    return (Field("data", 0, 8 * len(body), body),)


def _head(row: dict[str, object], *, several: bool) -> Iterator[str]:
    yield inert(f"Message {row['message']}: {row['type']} {row['direction']}, {row['info'] or ''}".rstrip(" ,"))
    yield f"  connection {row['connection']}{_frames(row, several)}, stream offset {row['offset']}"
    exact = "" if row["timestamp_exact"] else " (estimated)"
    ids = f"chunk stream {row['csid']}, message stream {_or_unknown(row['stream_id'])}"
    yield f"  {ids}, timestamp {row['timestamp']} ms{exact}"
    missing = "" if row["complete"] else f", {row['missing_bytes']} bytes missing"
    yield f"  {row['length']} bytes in {row['chunk_count']} chunks with {row['header_bytes']} header bytes{missing}"


def _frames(row: dict[str, object], several: bool) -> str:
    """The packets of a message, if there are any; and their file, where there are several."""
    if row["frame"] is None:
        return ""
    frames = str(row["frame"]) if row["frame"] == row["frame_start"] else f"{row['frame_start']}–{row['frame']}"
    return f", frames {frames}" + (inert(f" of {row['file']}") if several else "")


def _or_unknown(value: object) -> str:
    return "unknown" if value is None else str(value)


def _tree(fields: Sequence[Field], redactor: Redactor) -> Iterator[str]:
    lines = _lines(fields, redactor, 0, "")
    yield from islice(lines, _TREE_LINES)
    if next(lines, None) is not None:
        yield "  … more fields"


def _lines(fields: Sequence[Field], redactor: Redactor, depth: int, name: str) -> Iterator[str]:
    """Lines of fields; ``name`` is the member they belong to, by which credentials are known."""
    for field in fields:
        under = name if field.name in _VALUE_NAMES else field.name
        yield _field_line(field, depth, redactor, under)
        yield from _lines(field.children, redactor, depth + 1, under)


def _field_line(field: Field, depth: int, redactor: Redactor, under: str) -> str:
    value = "" if field.value is None else _value_text(field.value, redactor, under)
    meaning = f"  {redactor.text(field.meaning)}" if field.meaning else ""
    name = redactor.text(field.name)
    text = f"{name}: {value}{meaning}" if value or meaning else name
    return f"  {_range(field):>12}  {'  ' * depth}{inert(text)}"


def _value_text(value: object, redactor: Redactor, under: str) -> str:
    if isinstance(value, (bytes, bytearray)):
        secret = any(start < 16 for start, _ in redactor.registered(bytes(value)))
        masked = "**" if secret else bytes(value[:16]).hex(" ")
        return f"{len(value)} bytes {masked}" + (" …" if len(value) > 16 else "")
    if isinstance(value, str):
        return shorten(redactor.url(value) if "://" in value else redactor.member(under, value), _VALUE_WIDTH)
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return shorten(str(value), _VALUE_WIDTH)


def _range(field: Field) -> str:
    """``4–7`` for bytes, ``0.2–0.7`` for bits within bytes."""
    if field.start % 8 == 0 and field.end % 8 == 0:
        first, last = field.start // 8, field.end // 8 - 1
        return str(first) if last <= first else f"{first}–{last}"
    first_bit, last_bit = (f"{bit // 8}.{bit % 8}" for bit in (field.start, field.end - 1))
    return first_bit if first_bit == last_bit else f"{first_bit}–{last_bit}"


def _dump(chunks: Sequence[RawChunk], body: bytes, marks: Marks) -> Iterator[str]:
    place = 0
    for chunk in chunks:
        if place > _DUMP_BYTES:
            yield f"  … {len(body) - place} more bytes"
            return
        yield f"  [{chunk.header.hex(' ')}]  chunk at stream offset {chunk.offset}: fmt {chunk.fmt}, csid {chunk.csid}"
        yield from hex_lines(chunk.payload, place, marks, _DUMP_BYTES)
        place += len(chunk.payload)
