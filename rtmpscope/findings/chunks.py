"""CHK: the chunk layer."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby, pairwise

import numpy as np

from rtmpscope.findings.cells import whole
from rtmpscope.findings.model import ChunkProblem, Evidence, Finding, Place, Row, Severity
from rtmpscope.tables import Table

_DEFAULT_CHUNK_SIZE = 128
_LARGEST_LEGAL = 0x7FFFFFFF
_CONTROL_TYPES, _CONTROL_CSID = (1, 6), 2
_AUDIO, _VIDEO = 8, 9
_USER_CONTROL = 4


def small_chunks(evidence: Evidence) -> Iterator[Finding]:
    """CHK04: media in chunks of 128 bytes."""
    messages = evidence.tables["messages"]
    large = np.flatnonzero(messages["length"].values > _DEFAULT_CHUNK_SIZE)
    type_id = messages.at("type_id", large).values
    media = large[((type_id == _AUDIO) | (type_id == _VIDEO)) & messages.at("complete", large).values]
    for connection, direction, rows in _directions(messages, media):
        length, chunks = messages.at("length", rows).values, messages.at("chunk_count", rows).values
        small = bool((chunks == -(-length // _DEFAULT_CHUNK_SIZE)).all())
        if len(rows) < evidence.limits.small_chunks_sample or not small:
            continue
        headers = int(messages.at("header_bytes", rows).values.sum())
        title = f"media is sent {direction} in chunks of {_DEFAULT_CHUNK_SIZE} bytes"
        seen = f"chunk headers add {100 * headers / int(length.sum()):.1f} % to {len(rows)} messages"
        yield Finding("CHK04", "note", title, _place(messages, int(rows[0]), connection, direction), seen)


def absurd_chunk_size(evidence: Evidence) -> Iterator[Finding]:
    """CHK05: a chunk size that cannot be, or that some servers refuse."""
    limits, messages = evidence.limits, evidence.tables["messages"]
    for row in evidence.rows("controls"):
        size = row["value"]
        if row["kind"] != "set_chunk_size" or not isinstance(size, int):
            continue
        severity: Severity = "error"
        if not 0 < size <= _LARGEST_LEGAL:
            title = f"chunk size {size} is set, which the specification forbids"
        elif not limits.chunk_size_lowest <= size <= limits.chunk_size_highest:
            severity, title = "warning", f"chunk size {size} is set, which some servers refuse"
        else:
            continue
        place = _place(messages, whole(row["message"]), whole(row["connection"]), str(row["direction"]))
        yield Finding("CHK05", severity, title, place, f"Set Chunk Size {size} (0x{size:08X})")


def abandoned(evidence: Evidence) -> Iterator[Finding]:
    """CHK06: a message given up before its last byte."""
    found = (one for one in evidence.capture.problems if one.kind == "abandoned_message")
    for (connection, direction), problems in _by_direction(found):
        if not evidence.is_whole(connection, direction):
            continue  # the bytes that would finish it, or the header that was taken for one, may be missing
        first = problems[0]
        title = f"{direction} messages are abandoned before their last byte"
        seen = f"at offset {first.offset}: {first.reason}"
        yield Finding("CHK06", "warning", title, first.place, seen, len(problems))


def control_elsewhere(evidence: Evidence) -> Iterator[Finding]:
    """CHK07: control messages off chunk stream 2 or message stream 0."""
    messages = evidence.tables["messages"]
    type_id = messages["type_id"].values
    control = np.flatnonzero((type_id >= _CONTROL_TYPES[0]) & (type_id <= _CONTROL_TYPES[1]))
    csid, stream_id = messages.at("csid", control), messages.at("stream_id", control)
    elsewhere = (csid.values != _CONTROL_CSID) | ((stream_id.values != 0) & ~stream_id.is_null())
    for connection, direction, rows in _directions(messages, control[elsewhere]):
        first = int(rows[0])
        kinds = sorted({str(kind) for kind in messages.at("type", rows).to_list()})
        title = f"control messages {direction} on the wrong channel"
        channel, stream = (messages.at(name, [first]).values[0] for name in ("csid", "stream_id"))
        seen = f"{', '.join(kinds)}; the first on chunk stream {channel}, message stream {stream}"
        yield Finding("CHK07", "warning", title, _place(messages, first, connection, direction), seen, len(rows))


def begins_compressed(evidence: Evidence) -> Iterator[Finding]:
    """CHK08: a chunk stream whose first header is not of type 0."""
    messages = evidence.tables["messages"]
    for one in evidence.capture.problems:
        connection, direction = whole(one.place.connection), str(one.place.direction)
        if one.kind != "stream_id_unknown" or not _from_the_start(evidence, connection, direction):
            continue
        row = one.place.message
        if row is None or _is_librtmp_habit(messages, row):
            continue
        title = f"{direction} chunk stream {messages.at('csid', [row]).values[0]} does not begin with a type-0 header"
        yield Finding("CHK08", "note", title, one.place, f"at offset {one.offset}: {one.reason}")


def many_channels(evidence: Evidence) -> Iterator[Finding]:
    """CHK09: chunk stream ids above 63, or very many chunk streams."""
    limits = evidence.limits
    rows = evidence.rows("channels")
    for (connection, direction), group in groupby(rows, key=lambda row: (row["connection"], row["direction"])):
        ids = [whole(row["csid"]) for row in group]
        high = [csid for csid in ids if csid > limits.chunk_stream_highest]
        if not high and len(ids) <= limits.chunk_streams_most:
            continue
        title = f"{direction} uses chunk streams that some servers refuse"
        seen = f"{len(ids)} chunk streams, the highest {max(ids)}"
        yield Finding("CHK09", "note", title, _channel_place(evidence, connection, direction), seen)


def lost_sync(evidence: Evidence) -> Iterator[Finding]:
    """CHK10: bytes that are not chunks."""
    first_missing = _first_missing(evidence)
    for lost in evidence.capture.lost_sync:
        if first_missing.get((lost.place.connection, lost.place.direction), lost.offset + 1) <= lost.offset:
            continue  # what the sender's headers rely on may be missing from the capture
        title = f"synchronisation lost at {lost.place.direction} offset {lost.offset}"
        seen = f"{lost.reason}; {lost.skipped} bytes were not decoded"
        yield Finding("CHK10", "error", title, lost.place, seen)


def interleaved(evidence: Evidence) -> Iterator[Finding]:
    """CHK11: chunks of different messages in turn."""
    rows = evidence.rows("channels")
    for (connection, direction), group in groupby(rows, key=lambda row: (row["connection"], row["direction"])):
        channels = list(group)
        chunks = sum(whole(row["chunk_count"]) for row in channels)
        between = sum(whole(row["interleaved_chunks"]) for row in channels)
        if between and evidence.is_whole(whole(connection), str(direction)):
            title = f"{direction} interleaves chunks of different messages"
            seen = f"{between} of {chunks} chunks ({100 * between / chunks:.1f} %)"
            yield Finding("CHK11", "note", title, _channel_place(evidence, connection, direction), seen, between)


def _first_missing(evidence: Evidence) -> dict[tuple[int | None, str | None], int]:
    """Offset of the first hole of each direction that has any."""
    found: dict[tuple[int | None, str | None], int] = {}
    for one in evidence.capture.missing:
        key = one.connection, one.direction
        found[key] = min(one.offset, found.get(key, one.offset))
    return found


def _from_the_start(evidence: Evidence, connection: int, direction: str) -> bool:
    """Whether a direction was captured from its handshake on, and without holes."""
    row = evidence.by("connections", "connection")[connection]
    return row["handshake"] != "absent" and evidence.is_whole(connection, direction)


def _is_librtmp_habit(messages: Table, row: int) -> bool:
    """librtmp's first User Control message has a type-1 header on chunk stream 2."""
    csid, type_id = (messages.at(name, [row]).values[0] for name in ("csid", "type_id"))
    return bool(csid == _CONTROL_CSID and type_id == _USER_CONTROL)


def _by_direction(problems: Iterator[ChunkProblem]) -> Iterator[tuple[tuple[int, str], list[ChunkProblem]]]:
    found: dict[tuple[int, str], list[ChunkProblem]] = {}
    for one in problems:
        found.setdefault((whole(one.place.connection), str(one.place.direction)), []).append(one)
    yield from found.items()


def _directions(messages: Table, rows: np.ndarray) -> Iterator[tuple[int, str, np.ndarray]]:
    """Rows of the messages table by connection and direction."""
    direction = messages.at("direction", rows)
    key = messages.at("connection", rows).values * 2 + direction.values
    order = np.argsort(key, kind="stable")
    for start, stop in pairwise(np.flatnonzero(np.diff(key[order], prepend=-1, append=-1)).tolist()):
        mine = order[start:stop]
        yield int(key[mine[0]]) >> 1, str(direction.text_at(int(mine[0]))), rows[mine]


def _place(messages: Table, row: int, connection: int, direction: str) -> Place:
    time, frame = (int(messages.at(name, [row]).values[0]) for name in ("time", "frame"))
    return Place(connection, direction, None, time, frame, row)


def _channel_place(evidence: Evidence, connection: object, direction: object) -> Place:
    row: Row = evidence.by("connections", "connection")[connection]
    return Place(whole(connection), str(direction), None, whole(row["start"]), whole(row["start_frame"]))


RULES = (
    small_chunks,
    absurd_chunk_size,
    abandoned,
    control_elsewhere,
    begins_compressed,
    many_channels,
    lost_sync,
    interleaved,
)
