"""The ``chunks`` table: the capture is read once more, this time noting every chunk."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from rtmpscope.capture import Dissector
from rtmpscope.pipeline.build.context import DIRECTIONS, Context
from rtmpscope.pipeline.flows import DirectionFlow, relieved
from rtmpscope.tables import SCHEMAS, ColumnData, Table, without_packets
from rtmpscope.tcp import Assembler, Hole, Piece

Ints = NDArray[np.int64]

_COLUMNS = ("flow", "message_offset", "offset", "csid", "fmt", "header_bytes", "payload_bytes", "frame", "time")


def chunks_table(context: Context) -> Table:
    """The ``chunks`` table, by message, then offset."""
    parts = list(_ChunkPass(context).parts())
    rows = np.concatenate(parts, axis=1) if parts else np.empty((len(_COLUMNS), 0), np.int64)
    columns = dict(zip(_COLUMNS, rows, strict=True))
    message = _messages_at(context, columns["flow"], columns["message_offset"])
    order = np.lexsort((columns["offset"], message))
    columns = {name: values[order] for name, values in columns.items()}
    _, columns["frame"] = context.decoded.facts.inputs.packets(columns["frame"])
    message, flow = message[order], columns["flow"]
    table = Table.build(
        SCHEMAS["chunks"],
        {
            "message": ColumnData(message),
            "connection": ColumnData(context.names.connection[flow]),
            "direction": ColumnData(context.names.direction[flow], names=DIRECTIONS),
            "interleaved": ColumnData(_interleaved(columns, message)),
            **{name: ColumnData(columns[name]) for name in SCHEMAS["chunks"].names if name in columns},
        },
    )
    return table if context.decoded.facts.has_packets else without_packets(table)


class _ChunkPass:
    """One pass over the capture that follows the listed connections only."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._assembler = Assembler()
        self._flows: dict[int, DirectionFlow] = {}

    def parts(self) -> Iterator[Ints]:
        dissector = Dissector(self._context.decoded.dissector.mode)
        for batch in self._context.decoded.facts.inputs.capture.batches():
            yield from self._accept(self._assembler.feed(dissector.segments(batch).segments))
            for flow in relieved(self._flows.values()):
                yield from self._rows(flow)
        yield from self._accept(self._assembler.finish())
        for flow in self._flows.values():
            flow.finish()
            yield from self._rows(flow)

    def _accept(self, events: Iterator[Piece | Hole]) -> Iterator[Ints]:
        for event in events:
            key = 2 * event.connection + event.direction
            if self._context.names.connection[key] < 0 or event.connection in self._context.decoded.ignored:
                self._assembler.ignore(event.connection)
                continue
            flow = self._flows.get(key)
            if flow is None:
                known = self._context.decoded.flows[key]
                flow = self._flows[key] = DirectionFlow(
                    key, record_chunks=True, expected=known.expected, began=known.began
                )
            if isinstance(event, Piece):
                flow.data(event)
            else:
                flow.hole(event)
            yield from self._rows(flow)

    @staticmethod
    def _rows(flow: DirectionFlow) -> Iterator[Ints]:
        batch = flow.take()
        if batch is None or batch.chunks is None:
            return
        chunks = batch.chunks
        arrivals = flow.arrivals.locate(chunks.offset, chunks.offset + 1)
        yield np.stack(
            [
                np.full(len(chunks.offset), flow.flow),
                batch.offset[chunks.row],
                chunks.offset,
                chunks.csid,
                chunks.fmt,
                chunks.header_bytes,
                chunks.payload_bytes,
                arrivals.frame,
                arrivals.time,
            ]
        )
        if flow.decoder is not None:
            flow.arrivals.forget(flow.decoder.pending_offset)


def _messages_at(context: Context, flow: Ints, offset: Ints) -> Ints:
    """Message ids by direction and the offset of the first chunk header."""
    messages = context.decoded.messages
    known = np.stack([messages["flow"].astype(np.int64), messages["offset"].astype(np.int64)])
    order = np.lexsort((known[1], known[0]))
    result = np.empty(len(flow), np.int64)
    for one in np.unique(flow).tolist():
        begin, end = np.searchsorted(known[0][order], [one, one + 1])
        mine = order[begin:end]
        chosen = flow == one
        result[chosen] = context.message_of[mine[np.searchsorted(known[1][mine], offset[chosen])]]
    return result


def _interleaved(columns: dict[str, Ints], message: Ints) -> NDArray[np.bool_]:
    """Chunks of the same message that do not begin where the one before ended."""
    end = columns["offset"] + columns["header_bytes"] + columns["payload_bytes"]
    result = np.zeros(len(message), np.bool_)
    result[1:] = (message[1:] == message[:-1]) & (columns["offset"][1:] != end[:-1])
    return result
