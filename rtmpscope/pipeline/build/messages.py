"""The tables with one row per message or per media frame, built from columns."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from rtmpscope.media import CODECS, FRAME_TYPES, KINDS, PACKET_TYPES
from rtmpscope.pipeline.build.context import DIRECTIONS, Context
from rtmpscope.pipeline.build.texts import info_column
from rtmpscope.rtmp import TYPE_NAMES
from rtmpscope.tables import SCHEMAS, ColumnData, Table

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

    def stream_id() -> ColumnData:
        values = source["stream_id"][order]
        return ColumnData(values, null=values < 0)

    def packets(name: str) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        return context.decoded.facts.inputs.packets(source[name][order])

    makers: dict[str, Callable[[], ColumnData]] = {
        "message": lambda: ColumnData(np.arange(len(order))),
        "connection": lambda: ColumnData(names.connection[source["flow"][order]]),
        "direction": lambda: ColumnData(names.direction[source["flow"][order]], names=DIRECTIONS),
        "file": lambda: ColumnData(packets("frame")[0], names=file_names(context)),
        "frame": lambda: ColumnData(packets("frame")[1]),
        "frame_start": lambda: ColumnData(packets("frame_start")[1]),
        "stream_id": stream_id,
        "type": lambda: type_column(source["type_id"][order]),
        "offset_exact": lambda: ColumnData(np.ones(len(order), np.bool_)),
        "info": lambda: _info(context),
    }
    makers |= {name: lambda name=name: ColumnData(source[name][order]) for name in _COPIED}  # type: ignore[misc]
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


def media_table(context: Context, stream: NDArray[np.int64], kept: int | None = None) -> Table:
    """The ``media`` table; ``stream`` is the stream of each row of the decoded media, -1 for none."""
    media, rows = context.decoded.media, context.media_rows

    def ordinal() -> NDArray[np.int64]:
        return media["ordinal"][rows].astype(np.int64)

    def pts() -> NDArray[np.int64]:
        return media["timestamp"][rows].astype(np.int64) + media["cts"][rows]

    def unknown() -> NDArray[np.bool_]:
        return ~media["valid"][rows].astype(np.bool_)

    def keyframe() -> ColumnData:
        sound = media["kind"][rows] != KINDS.index("video")
        return ColumnData(media["keyframe"][rows].astype(np.bool_), null=unknown() | sound)

    names, messages = context.names, context.decoded.messages
    makers: dict[str, Callable[[], ColumnData]] = {
        "message": lambda: ColumnData(context.message_of[ordinal()]),
        "connection": lambda: ColumnData(names.connection[messages["flow"][ordinal()]]),
        "direction": lambda: ColumnData(names.direction[messages["flow"][ordinal()]], names=DIRECTIONS),
        "stream": lambda: ColumnData(stream[rows], null=stream[rows] < 0),
        "kind": lambda: ColumnData(media["kind"][rows], names=KINDS),
        "codec": lambda: ColumnData(media["codec"][rows], names=CODECS),
        "track": lambda: ColumnData(np.zeros(len(rows), np.int64)),
        "frame_type": lambda: ColumnData(media["frame_type"][rows], names=FRAME_TYPES),
        "packet_type": lambda: ColumnData(media["packet_type"][rows], names=PACKET_TYPES),
        "keyframe": keyframe,
        "dts": lambda: ColumnData(media["timestamp"][rows].astype(np.int64)),
        "cts": lambda: ColumnData(media["cts"][rows].astype(np.int64), null=unknown()),
        "pts": lambda: ColumnData(pts(), null=unknown()),
        "bytes": lambda: ColumnData(media["bytes"][rows].astype(np.int64)),
        "time": lambda: ColumnData(messages["time"][ordinal()]),
    }
    return Table.lazy(SCHEMAS["media"], makers, kept or context.decoded.columns_kept)
