"""The way back from a message to its bytes: bodies, chunks and their headers, read again on demand.

A message's bytes lie between its first chunk header and its last byte, mixed with those of messages that
were interleaved with it. Decoding therefore starts where no message was under way, with the chunk size
and the channels' last headers as the tables have them, and runs over that stretch only.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from rtmpscope.errors import RtmpscopeError
from rtmpscope.pipeline.blocks import BlockReader, StreamRange
from rtmpscope.pipeline.build.context import Context
from rtmpscope.pipeline.chunks import chunks_table
from rtmpscope.pipeline.flow_index import FlowIndex
from rtmpscope.pipeline.stretch import RawChunk, Stretch
from rtmpscope.rtmp import ChunkDecoder
from rtmpscope.tables import Table

Ints = NDArray[np.int64]


class IncompleteMessageError(RtmpscopeError):
    """The body of a message that was not wholly captured."""


class UnreadableMessageError(RtmpscopeError):
    """A message that, read again, has another body than before."""


class Replay:
    """Reads messages of one analyzed capture again."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._messages = context.decoded.messages
        self._reader = BlockReader(context.decoded.facts.inputs.capture, context.decoded.dissector)
        self._flows: dict[int, FlowIndex] = {}
        self._last: tuple[tuple[int, int], Stretch] | None = None

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
        return self._stretch(ordinal).chunks_at(int(self._messages["offset"][ordinal]))

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

    def _stretch(self, ordinal: int) -> Stretch:
        """A message and all messages interleaved with it, read again; neighbours are read together."""
        flow = int(self._messages["flow"][ordinal])
        members = np.array([ordinal])
        if not self._messages["contiguous"][ordinal]:
            members = self._flow(flow).interleaved_with(ordinal)
        key = int(members[0]), len(members)
        if self._last is None or self._last[0] != key:
            self._last = None  # so that no two are held
            wanted = self._range(members)
            stretch = Stretch(self._reader.read(wanted), self._decoder_at(flow, wanted.start))
            self._last = key, stretch
        return self._last[1]

    def _range(self, members: Ints) -> StreamRange:
        messages = self._messages
        connection, side = divmod(int(messages["flow"][members[0]]), 2)
        return StreamRange(
            record=self._context.decoded.connections[connection],
            side=side,
            start=int(messages["offset"][members].min()),
            stop=int(messages["end"][members].max()),
            first_frame=int(messages["first_frame"][members].min()),
            last_frame=int(messages["frame"][members].max()),
        )

    def _decoder_at(self, flow: int, start: int) -> ChunkDecoder:
        """A decoder in the state that the direction's own had at offset ``start``."""
        index = self._flow(flow)
        decoder = ChunkDecoder(offset=start, record_chunks=True)
        decoder.seed(index.chunk_size(start), index.channels(start), index.dialect)
        return decoder
