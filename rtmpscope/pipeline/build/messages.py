"""The tables with one row per message or per media frame, built from columns."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from rtmpscope.media import CODECS, FRAME_TYPES, KINDS, PACKET_TYPES
from rtmpscope.pipeline.build.context import DIRECTIONS, Context
from rtmpscope.pipeline.build.texts import info_column
from rtmpscope.rtmp import TYPE_NAMES
from rtmpscope.tables import SCHEMAS, ColumnData, Maker, Rows, Table

_COPIED = (
    "time",
    "time_start",
    "time_ready",
    "csid",
    "type_id",
    "timestamp",
    "timestamp_exact",
    "length",
    "chunk_count",
    "header_bytes",
    "offset",
    "complete",
    "missing_bytes",
)


def messages_table(context: Context, kept: int | None = None) -> Table:
    """The ``messages`` table; its columns are made when they are asked for, and so many of them kept, or all."""
    source, order, names = context.decoded.messages, context.order, context.names

    def values(name: str, rows: Rows) -> NDArray[Any]:
        return source[name][order[rows]]

    def stream_id(rows: Rows) -> ColumnData:
        ids = values("stream_id", rows)
        return ColumnData(ids, null=ids < 0)

    def packets(name: str, rows: Rows) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        return context.decoded.facts.inputs.packets(values(name, rows))

    makers: dict[str, Maker] = {
        "message": lambda rows: ColumnData(np.arange(len(order))[rows]),
        "connection": lambda rows: ColumnData(names.connection[values("flow", rows)]),
        "direction": lambda rows: ColumnData(names.direction[values("flow", rows)], names=DIRECTIONS),
        "file": lambda rows: ColumnData(packets("frame", rows)[0], names=file_names(context)),
        "frame": lambda rows: ColumnData(packets("frame", rows)[1]),
        "frame_start": lambda rows: ColumnData(packets("frame_start", rows)[1]),
        "stream_id": stream_id,
        "type": lambda rows: type_column(values("type_id", rows)),
        "offset_exact": lambda rows: ColumnData(np.ones(len(order), np.bool_)[rows]),
        "info": lambda rows: _info(context).take(rows),
    }
    makers |= {name: lambda rows, name=name: ColumnData(values(name, rows)) for name in _COPIED}  # type: ignore[misc]
    return Table.lazy(SCHEMAS["messages"], makers, kept or context.decoded.columns_kept)


def _info(context: Context) -> ColumnData:
    info = info_column(context)
    return ColumnData(info.codes[context.order], names=tuple(info.texts))


def file_names(context: Context) -> tuple[str, ...]:
    """Names of the capture's files, in their order."""
    return context.decoded.facts.inputs.names


def type_column(type_id: NDArray[np.integer]) -> ColumnData:
    """Message type ids as a column of the specification's names."""
    names = (*dict.fromkeys(TYPE_NAMES.values()), "unknown")
    lookup = np.full(256, len(names) - 1, np.int8)
    for number, name in TYPE_NAMES.items():
        lookup[number] = names.index(name)
    return ColumnData(lookup[type_id.astype(np.int64)], names=names)


def media_table(context: Context, stream: NDArray[np.int32], kept: int | None = None) -> Table:
    """The ``media`` table; ``stream`` is the stream of each row of the decoded media, -1 for none."""
    media, order = context.decoded.media, context.media_rows

    def values(name: str, rows: Rows) -> NDArray[Any]:
        return media[name][order[rows]]

    def pts(rows: Rows) -> NDArray[np.int64]:
        found: NDArray[np.int64] = values("timestamp", rows).astype(np.int64) + values("cts", rows)
        return found

    def unknown(rows: Rows) -> NDArray[np.bool_]:
        return ~values("valid", rows).astype(np.bool_)

    def keyframe(rows: Rows) -> ColumnData:
        sound = values("kind", rows) != KINDS.index("video")
        return ColumnData(values("keyframe", rows).astype(np.bool_), null=unknown(rows) | sound)

    def stream_of(rows: Rows) -> ColumnData:
        number = stream[order[rows]].astype(np.int64)
        return ColumnData(number, null=number < 0)

    def message_values(name: str, rows: Rows) -> NDArray[Any]:
        found: NDArray[Any] = messages[name][values("ordinal", rows)]
        return found

    names, messages = context.names, context.decoded.messages
    makers: dict[str, Maker] = {
        "message": lambda rows: ColumnData(context.message_of[values("ordinal", rows)]),
        "connection": lambda rows: ColumnData(names.connection[message_values("flow", rows)]),
        "direction": lambda rows: ColumnData(names.direction[message_values("flow", rows)], names=DIRECTIONS),
        "stream": stream_of,
        "kind": lambda rows: ColumnData(values("kind", rows), names=KINDS),
        "codec": lambda rows: ColumnData(values("codec", rows), names=CODECS),
        "track": lambda rows: ColumnData(np.zeros(len(order), np.int64)[rows]),
        "frame_type": lambda rows: ColumnData(values("frame_type", rows), names=FRAME_TYPES),
        "packet_type": lambda rows: ColumnData(values("packet_type", rows), names=PACKET_TYPES),
        "keyframe": keyframe,
        "dts": lambda rows: ColumnData(values("timestamp", rows).astype(np.int64)),
        "cts": lambda rows: ColumnData(values("cts", rows).astype(np.int64), null=unknown(rows)),
        "pts": lambda rows: ColumnData(pts(rows), null=unknown(rows)),
        "bytes": lambda rows: ColumnData(values("bytes", rows).astype(np.int64)),
        "time": lambda rows: ColumnData(message_values("time", rows)),
    }
    return Table.lazy(SCHEMAS["media"], makers, kept or context.decoded.columns_kept)
