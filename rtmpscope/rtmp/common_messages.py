"""Runs of the commonest messages: with one-byte basic headers, whole in the bytes at hand, without extended timestamp.

This is the loop that the time of a capture with many messages goes to. ``_common_messages.pyx`` is the same,
compiled; which of the two is there, fast_chunks.py finds out. Both list the same rows.
"""

from __future__ import annotations

from collections.abc import Container
from struct import Struct
from typing import NamedTuple

from rtmpscope.rtmp.batches import HEAD_BYTES
from rtmpscope.rtmp.believable import LARGEST_LENGTH
from rtmpscope.rtmp.builder import COMPLETE, CONTIGUOUS, EXACT, ROW
from rtmpscope.rtmp.chunk_header import EXTENDED, Channel, unwrapped
from rtmpscope.rtmp.message_types import TYPE_NAMES
from rtmpscope.rtmp.readings import FAR_BACK_MS

LARGEST_HEADER = 12  # with a one-byte basic header, without extended timestamp
LAST_CHUNK_CONTROL = 2  # types 1 and 2 change the state of the chunk layer
_WHOLE = COMPLETE | CONTIGUOUS
_NEAR = 64  # type-3 headers looked at before all of them are

_words = Struct(">II").unpack_from
_stream_id = Struct("<I").unpack_from


class Stand(NamedTuple):
    """Where a decoder stands.

    Attributes:
        base: stream offset of the first of the bytes at hand.
        chunk_size: in force.
        epoch: of the direction (``Channel``).
        cut: whether absolute timestamps may have been cut to 24 bits.
    """

    base: int
    chunk_size: int
    epoch: int
    cut: bool


def common_messages(  # noqa: C901, PLR0912, PLR0915  (one hot loop)
    data: bytes, at: int, rows: bytearray, channels: dict[int, Channel], partials: Container[int], stand: Stand
) -> int:
    """List the run of messages at ``at``; return where it ends.

    ``rows`` gets a packed ``ROW`` for each, ``channels`` are moved along. A run ends before a message that is not
    like that, is of a chunk stream that is new or among ``partials``, or changes the state of the chunk layer.
    """
    pack = ROW.pack
    base, size, epoch, cut = stand
    stop, last = len(data), len(data) - LARGEST_HEADER
    while at <= last:
        first = data[at]
        csid = first & 0x3F
        channel = channels.get(csid)
        if channel is None or csid in partials:
            break
        length, type_id = channel.length, channel.type_id
        if first >= 0xC0:
            fmt, body, time = 3, at + 1, channel.time
            if channel.extended or channel.absolute:
                break
        else:
            word, rest = _words(data, at)
            time = word & 0xFFFFFF
            if time == EXTENDED:
                break
            if first >= 0x80:
                fmt, body = 2, at + 4
            else:
                length, type_id = rest >> 8, rest & 0xFF
                if epoch and (type_id not in TYPE_NAMES or length >= LARGEST_LENGTH):
                    break
                if first >= 0x40:
                    fmt, body = 1, at + 8
                elif cut or channel.timestamp - time > FAR_BACK_MS:
                    break
                else:
                    fmt, body = 0, at + 12
        if type_id <= LAST_CHUNK_CONTROL:
            break
        if length <= size:
            more, end = 0, body + length
            if end > stop:
                break
        else:
            more = (length - 1) // size
            end = body + length + more
            if end > stop or size < HEAD_BYTES:
                break
            if not stand_at(data, body + size, end, size + 1, first | 0xC0):
                break
        # Nothing stands against the message any more: the channel's state may change.
        if fmt:
            timestamp = channel.timestamp + time
        else:
            previous = channel.timestamp
            known = channel.epoch >= 0 and not 0 <= previous < 1 << 30
            timestamp = unwrapped(previous, time) if known else time
            channel.epoch = epoch
            (channel.stream_id,) = _stream_id(data, at + 8)
        if fmt < 3:
            channel.time, channel.extended, channel.absolute = time, False, not fmt
            channel.length, channel.type_id = length, type_id
        channel.timestamp = timestamp
        rows += pack(
            base + at, base + end, csid, fmt, type_id, channel.stream_id, timestamp, length, more + 1,
            end - at - length, 0, _WHOLE | EXACT if channel.epoch == epoch else _WHOLE, body,
        )  # fmt: skip
        at = end
    return at


def stand_at(data: bytes, first: int, end: int, stride: int, byte: int) -> bool:
    """Whether ``byte`` stands at ``first`` and every ``stride`` bytes after it, up to ``end``.

    The nearest are looked at first, so that headers which promise long messages and break off cannot make
    decoding slow.
    """
    near = first + _NEAR * stride
    if near < end and data[first:near:stride].count(byte) != _NEAR:
        return False
    found = data[first:end:stride]
    return found.count(byte) == len(found)
