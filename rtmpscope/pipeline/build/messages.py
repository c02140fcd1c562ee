"""The tables with one row per message or per media frame, built from columns."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rtmpscope.media import CODECS, FRAME_TYPES, KINDS, PACKET_TYPES
from rtmpscope.pipeline.build.context import DIRECTIONS, Context
from rtmpscope.pipeline.build.texts import info_column
from rtmpscope.rtmp import TYPE_NAMES
from rtmpscope.tables import SCHEMAS, ColumnData, Table

_COPIED = (
    "frame",
    "frame_start",
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


def messages_table(context: Context) -> Table:
    """The ``messages`` table."""
    source, order = context.decoded.messages, context.order
    flow = source["flow"][order]
    columns: dict[str, ColumnData] = {name: ColumnData(source[name][order]) for name in _COPIED}
    stream_id = source["stream_id"][order]
    info = info_column(context)
    columns |= {
        "message": ColumnData(np.arange(len(order))),
        "connection": ColumnData(context.names.connection[flow]),
        "direction": ColumnData(context.names.direction[flow], names=DIRECTIONS),
        "file": ColumnData(source["file"][order], names=file_names(context)),
        "stream_id": ColumnData(stream_id, null=stream_id < 0),
        "type": type_column(source["type_id"][order]),
        "offset_exact": ColumnData(np.ones(len(order), np.bool_)),
        "info": ColumnData(info.codes[order], names=tuple(info.texts)),
    }
    return Table.build(SCHEMAS["messages"], columns)


def file_names(context: Context) -> tuple[str, ...]:
    """Names of the capture's files, in their order."""
    return tuple(capture.name for capture in context.decoded.facts.files)


def type_column(type_id: NDArray[np.integer]) -> ColumnData:
    """Message type ids as a column of the specification's names."""
    names = (*dict.fromkeys(TYPE_NAMES.values()), "unknown")
    lookup = np.full(256, len(names) - 1, np.int8)
    for number, name in TYPE_NAMES.items():
        lookup[number] = names.index(name)
    return ColumnData(lookup[type_id.astype(np.int64)], names=names)


def media_order(context: Context) -> NDArray[np.int64]:
    """Rows of the decoded media that belong to listed messages, by message id, then place in the message."""
    message = context.message_of[context.decoded.media["ordinal"].astype(np.int64)]
    rows = np.flatnonzero(message >= 0)
    return rows[np.argsort(message[rows], kind="stable")]


def media_table(context: Context, stream: NDArray[np.int64]) -> Table:
    """The ``media`` table; ``stream`` is the stream of each of its rows, -1 for none."""
    media, rows = context.decoded.media, media_order(context)
    flow = media["flow"][rows]
    ordinal = media["ordinal"][rows].astype(np.int64)
    valid = media["valid"][rows].astype(np.bool_)
    video = media["kind"][rows] == KINDS.index("video")
    dts, cts = media["timestamp"][rows].astype(np.int64), media["cts"][rows].astype(np.int64)
    count = len(rows)
    columns = {
        "message": ColumnData(context.message_of[ordinal]),
        "connection": ColumnData(context.names.connection[flow]),
        "direction": ColumnData(context.names.direction[flow], names=DIRECTIONS),
        "stream": ColumnData(stream, null=stream < 0),
        "kind": ColumnData(media["kind"][rows], names=KINDS),
        "codec": ColumnData(media["codec"][rows], names=CODECS),
        "track": ColumnData(np.zeros(count, np.int64)),
        "frame_type": ColumnData(media["frame_type"][rows], names=FRAME_TYPES),
        "packet_type": ColumnData(media["packet_type"][rows], names=PACKET_TYPES),
        "keyframe": ColumnData(media["keyframe"][rows].astype(np.bool_), null=~(valid & video)),
        "dts": ColumnData(dts),
        "cts": ColumnData(cts, null=~valid),
        "pts": ColumnData(dts + cts, null=~valid),
        "bytes": ColumnData(media["bytes"][rows].astype(np.int64)),
        "time": ColumnData(context.decoded.messages["time"][ordinal]),
    }
    return Table.build(SCHEMAS["media"], columns)
