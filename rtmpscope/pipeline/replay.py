"""The way back from a message to its bytes: bodies, chunks and their headers, read again on demand.

A message's bytes lie between its first chunk header and its last byte, mixed with those of messages that
were interleaved with it. Decoding therefore starts where no message was under way, with the chunk size
and the channels' last headers as the tables have them, and runs over that stretch only.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from rtmpscope.errors import RtmpscopeError
from rtmpscope.frozen import frozen
from rtmpscope.pipeline.blocks import BlockReader, StreamBytes, StreamRange
from rtmpscope.pipeline.build.context import Context
from rtmpscope.pipeline.chunks import chunks_table
from rtmpscope.pipeline.flow_index import FlowIndex
from rtmpscope.rtmp import ChunkDecoder
from rtmpscope.tables import Table

Ints = NDArray[np.int64]


class IncompleteMessageError(RtmpscopeError):
    """The body of a message that was not wholly captured."""


class UnreadableMessageError(RtmpscopeError):
    """A message that, read again, has another body than before."""


@frozen
class RawChunk:
    """One chunk as it stood on the wire.

    Attributes:
        offset: place of its header in the direction's stream.
        header, payload: its bytes; those that were not captured are zero.
        present: for each byte of the payload, whether it was captured.
    """

    offset: int
    csid: int
    fmt: int
    header: bytes
    payload: bytes
    present: NDArray[np.bool_]


class Replay:
    """Reads messages of one analyzed capture again."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._messages = context.decoded.messages
        self._reader = BlockReader(context.decoded.facts.inputs.capture, context.decoded.dissector)
        self._flows: dict[int, FlowIndex] = {}

    def payload(self, message: int) -> bytes:
        """The body of a message.

        Raises:
            RtmpscopeError: there is no such message, it was not wholly captured, or it reads otherwise than before.
        """
        ordinal = self._ordinal(message)
        if not self._messages["complete"][ordinal]:
            missing = int(self._messages["missing_bytes"][ordinal])
            raise IncompleteMessageError(
                f"message {message} was not wholly captured: {missing} bytes of it are missing"
            )
        body = b"".join(chunk.payload for chunk in self.chunks_of(message))
        if len(body) != self._messages["length"][ordinal]:
            raise UnreadableMessageError(
                f"message {message} reads otherwise than before: has the capture been changed?"
            )
        return body

    def payloads(self, messages: Sequence[int], unreadable: list[int] | None = None) -> Iterator[tuple[int, bytes]]:
        """The bodies of many messages as (message, body), in the order given; incomplete ones are left out.

        Those that read otherwise than before are left out too, and added to ``unreadable``. The capture is read
        forward, block by block, as long as messages are asked for in the order of their ids.
        """
        for message in messages:
            if not self._messages["complete"][self._ordinal(message)]:
                continue
            try:
                body = self.payload(message)
            except UnreadableMessageError:
                if unreadable is not None:
                    unreadable.append(message)
                continue
            yield message, body

    def chunks_of(self, message: int) -> list[RawChunk]:
        """The chunks of a message, as far as they were captured."""
        ordinal = self._ordinal(message)
        start, stop, members = self._cluster(ordinal)
        stream = self._reader.read(self._range(members, start, stop))
        decoder = self._decoder_at(int(self._messages["flow"][ordinal]), start)
        _feed(decoder, stream)
        decoder.finish()
        batch = decoder.take()
        row = np.flatnonzero(batch.offset == self._messages["offset"][ordinal])
        if batch.chunks is None or not len(row):
            return []
        chunks = batch.chunks
        mine = np.flatnonzero(chunks.row == row[0])
        names = ("offset", "csid", "fmt", "header_bytes", "payload_bytes")
        rows = zip(*(getattr(chunks, name)[mine].tolist() for name in names), strict=True)
        return [_raw_chunk(stream, *values) for values in rows]

    @cached_property
    def chunks(self) -> Table:
        """The ``chunks`` table."""
        return chunks_table(self._context)

    def _ordinal(self, message: int) -> int:
        order = self._context.order
        if not 0 <= message < len(order):
            raise RtmpscopeError(f"there is no message {message}; they are numbered 0 to {len(order) - 1}")
        return int(order[message])

    @cached_property
    def _by_flow(self) -> Ints:
        """Ordinals by flow and, within each, by offset."""
        return np.lexsort((self._messages["offset"], self._messages["flow"]))

    def _rows_of(self, flow: int) -> Ints:
        """Ordinals of a flow's messages by offset; none where it carried no RTMP."""
        begin, end = np.searchsorted(self._messages["flow"][self._by_flow], [flow, flow + 1])
        return self._by_flow[begin:end]

    def _flow(self, flow: int) -> FlowIndex:
        if flow not in self._flows:
            self._flows[flow] = FlowIndex(self._context.decoded, flow, self._rows_of(flow))
        return self._flows[flow]

    def messages_in_frame(self, frame: int, file: int = 0) -> list[int]:
        """Ids of the messages that have bytes in a packet of a file."""
        found = []
        messages, number = self._messages, self._context.decoded.facts.inputs.number(file, frame)
        if number is None:
            return []
        for flow, raw, length in self._reader.bytes_in_frame(number, self._context.decoded.connections):
            mine = self._rows_of(flow)
            start = self._offset_near(mine, number, raw)
            inside = mine[(messages["offset"][mine] < start + length) & (messages["end"][mine] > start)]
            found += [int(message) for message in self._context.message_of[inside] if message >= 0]
        return sorted(found)

    def _offset_near(self, rows: Ints, frame: int, raw: int) -> int:
        """The stream offset that is ``raw`` modulo 2**32 and nearest to the messages that were under way in a packet.

        Where none was, to those before: the packet may have sent some of their bytes again.
        """
        begun = rows[self._messages["first_frame"][rows] <= frame]
        near = int(self._messages["offset"][begun].max()) if len(begun) else 0
        return near + (raw - near + (1 << 31)) % (1 << 32) - (1 << 31)

    def _cluster(self, ordinal: int) -> tuple[int, int, Ints]:
        """The stretch that holds a message and all messages interleaved with it, and their ordinals."""
        messages = self._messages
        start, stop = int(messages["offset"][ordinal]), int(messages["end"][ordinal])
        members = np.array([ordinal])
        if messages["contiguous"][ordinal]:
            return start, stop, members
        rows = self._flow(int(messages["flow"][ordinal])).rows
        offset, end = messages["offset"][rows], messages["end"][rows]
        while True:
            members = rows[(offset < stop) & (end > start)]
            wider = int(messages["offset"][members].min()), int(messages["end"][members].max())
            if wider == (start, stop):
                return start, stop, members
            start, stop = wider

    def _range(self, members: Ints, start: int, stop: int) -> StreamRange:
        messages = self._messages
        connection, side = divmod(int(messages["flow"][members[0]]), 2)
        return StreamRange(
            record=self._context.decoded.connections[connection],
            side=side,
            start=start,
            stop=stop,
            first_frame=int(messages["first_frame"][members].min()),
            last_frame=int(messages["frame"][members].max()),
        )

    def _decoder_at(self, flow: int, start: int) -> ChunkDecoder:
        """A decoder in the state that the direction's own had at offset ``start``."""
        index = self._flow(flow)
        decoder = ChunkDecoder(offset=start, record_chunks=True)
        decoder.seed(index.chunk_size(start), index.channels(start), index.dialect)
        return decoder


def _feed(decoder: ChunkDecoder, stream: StreamBytes) -> None:
    """Feed a stretch of the stream, holes as holes."""
    if stream.complete:
        decoder.feed(stream.data)
        return
    edges = np.flatnonzero(np.diff(stream.present.astype(np.int8), prepend=2, append=2)).tolist()
    for start, stop in pairwise(edges):
        if stream.present[start]:
            decoder.feed(stream.data[start:stop])
        else:
            decoder.hole(stop - start)


def _raw_chunk(
    stream: StreamBytes, offset: int, csid: int, fmt: int, header_bytes: int, payload_bytes: int
) -> RawChunk:
    begin = offset - stream.start
    body = begin + header_bytes
    end = body + payload_bytes
    return RawChunk(offset, csid, fmt, stream.data[begin:body], stream.data[body:end], stream.present[body:end])
