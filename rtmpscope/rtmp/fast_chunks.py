"""The chunk layer, a whole message at a time.

Chunks of different messages are hardly ever interleaved. Once a message's first header is read, its extent
follows from the chunk size, and the type-3 headers inside it stand at a fixed stride: one strided slice
gathers them all, one count checks them. No Python runs per chunk, and body bytes are not touched.

Whatever is not like that is left to the reference decoder, chunk by chunk: messages that are not wholly in
the bytes fed, interleaved ones, the first on a channel, those that change the chunk state, and all that is
malformed. Both decoders list the same rows.
"""

from __future__ import annotations

from rtmpscope.rtmp.believable import plausible
from rtmpscope.rtmp.builder import COMPLETE, CONTIGUOUS, EXACT, ROW
from rtmpscope.rtmp.chunk_header import EXTENDED, Channel, ChunkHeader, basic_header, chunk_header
from rtmpscope.rtmp.chunks import ReferenceDecoder
from rtmpscope.rtmp.common_messages import LAST_CHUNK_CONTROL, Stand, continues

try:
    from rtmpscope.rtmp._common_messages import common_messages
except ImportError:  # not compiled here
    from rtmpscope.rtmp.common_messages import common_messages

_WHOLE = COMPLETE | CONTIGUOUS
_LARGEST_IN_ONE_BYTE = 63  # chunk stream ids from 64 on take a longer basic header


class ChunkDecoder(ReferenceDecoder):
    """Decodes the chunks of one direction, after the handshake, as ``ReferenceDecoder`` does."""

    def _step(self, data: bytes, at: int) -> int:
        current = self._current
        doubtful = self._guessed or self._sure_length < EXTENDED or self._builder.record_chunks
        if (current is None or not (current.chunk_left or self._epoch)) and not doubtful:
            reached = self._messages(data, at)
            if reached > at:
                return reached
        reached = super()._step(data, at)
        return reached if doubtful or reached == at else self._go_on_with(data, reached)

    def _go_on_with(self, data: bytes, at: int) -> int:
        """Take the chunks that follow of a message that is not wholly in ``data``; return where they end.

        As the reference would, they are taken as long as a type-3 header of the same chunk stream stands where the
        next header is due.
        """
        message = self._current
        if message is None or message.chunk_left or not message.left or not message.needs_no_more:
            return at
        csid, size = message.header.csid, self.chunk_size
        channel = self._channels.get(csid)
        if channel is None or channel.extended or csid > _LARGEST_IN_ONE_BYTE:
            return at
        most = min(message.left // size, (len(data) - at) // (size + 1))
        markers = data[at : at + most * (size + 1) : size + 1]
        count = len(markers) - len(markers.lstrip(bytes((0xC0 | csid,))))
        message.full_chunks(count, 1, size)
        self._settle(message)
        return at + count * (size + 1)

    def _messages(self, data: bytes, at: int) -> int:
        """List the run of messages at ``at`` that lie wholly in ``data``; return where the run ends."""
        while True:
            reached = common_messages(data, at, self._builder.rows, self._channels, self._partials, self._stand())
            reached = self._uncommon_message(data, reached)
            if reached == at:
                return at
            at = reached

    def _stand(self) -> Stand:
        repeats = None if self.dialect.continuing is None else self.dialect.continuing == "repeated"
        cut = self.dialect.timestamp_bits == 24
        return Stand(self._base, self.chunk_size, self._epoch, cut=cut, repeats=repeats)

    def _uncommon_message(self, data: bytes, at: int) -> int:
        """List the message at ``at`` if it lies wholly in ``data``, whatever its header; return its end."""
        basic = basic_header(data, at)
        channel = self._channels.get(basic[1]) if basic else None
        if basic is None or channel is None or basic[1] in self._partials:
            return at
        extension = 0 if basic[0] < 3 or not channel.extended else self._sure_extension(data, at, basic, channel)
        header = None if extension is None else chunk_header(data, at, basic, channel, extension)
        if header is None or header.type_id <= LAST_CHUNK_CONTROL or (self._epoch and not plausible(header)):
            return at
        body, more = at + header.size, max(header.length - 1, 0) // self.chunk_size
        end = body + header.length
        if more:
            repeated = self._type_3_header(data[at : at + basic[2]], header)
            end += more * len(repeated)
            if not repeated or end > len(data) or not continues(data, body, end, repeated, self.chunk_size):
                return at
        elif end > len(data):
            return at
        self._readings.begin(header, self._channels, self._epoch, self._base + at)
        flags = _WHOLE | EXACT * (channel.epoch == self._epoch)
        self._builder.rows += ROW.pack(
            self._base + at, self._base + end, header.csid, header.fmt, header.type_id, header.stream_id,
            channel.timestamp, header.length, more + 1, end - at - header.length, 0, flags, body,
        )  # fmt: skip
        return end

    def _sure_extension(self, data: bytes, at: int, basic: tuple[int, int, int], channel: Channel) -> int | None:
        """Bytes of extended timestamp in a type-3 header at ``at``; None where the reference has to tell."""
        found = self.dialect.starting
        if found == "omitted":
            return 0
        there = data[at + basic[2] : at + basic[2] + 4]
        return 4 if found == "repeated" and there == channel.time.to_bytes(4, "big") else None

    def _type_3_header(self, basic: bytes, header: ChunkHeader) -> bytes:
        """The bytes that begin each further chunk of a message; none where the reference has to tell."""
        marker = bytes((basic[0] | 0xC0,)) + basic[1:]
        if not header.extended:
            return marker
        if self.dialect.continuing is None:
            return b""
        return marker if self.dialect.continuing == "omitted" else marker + header.time.to_bytes(4, "big")
