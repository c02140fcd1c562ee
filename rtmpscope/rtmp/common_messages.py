"""Runs of the commonest messages: with one-byte basic headers, whole in the bytes at hand.

Extended timestamps are read here in type-0 headers, where they can mean one thing only.

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
_EXTENDED_HEADER = LARGEST_HEADER + 4
LAST_CHUNK_CONTROL = 2  # types 1 and 2 change the state of the chunk layer
_WHOLE = COMPLETE | CONTIGUOUS
_NEAR = 64  # type-3 headers looked at before all of them are
_FEW = 16  # so many are compared one by one

_words = Struct(">II").unpack_from
_stream_id = Struct("<I").unpack_from


class Stand(NamedTuple):
    """Where a decoder stands.

    Attributes:
        base: stream offset of the first of the bytes at hand.
        chunk_size: in force.
        epoch: of the direction (``Channel``).
        cut: whether absolute timestamps may have been cut to 24 bits.
        repeats: whether the further chunks of a message repeat its extended timestamp; None where that is not known.
    """

    base: int
    chunk_size: int
    epoch: int
    cut: bool
    repeats: bool | None


def common_messages(  # noqa: C901, PLR0912, PLR0915  (one hot loop)
    data: bytes, at: int, rows: bytearray, channels: dict[int, Channel], partials: Container[int], stand: Stand
) -> int:
    """List the run of messages at ``at``; return where it ends.

    ``rows`` gets a packed ``ROW`` for each, ``channels`` are moved along. A run ends before a message that is not
    like that, is of a chunk stream that is new or among ``partials``, or changes the state of the chunk layer.
    """
    pack = ROW.pack
    base, size, epoch, cut, repeats = stand
    stop, last = len(data), len(data) - LARGEST_HEADER
    while at <= last:
        first = data[at]
        csid = first & 0x3F
        channel = channels.get(csid)
        if channel is None or csid in partials:
            break
        length, type_id = channel.length, channel.type_id
        extended = False
        if first >= 0xC0:
            fmt, body, time = 3, at + 1, channel.time
            if channel.extended or channel.absolute:
                break
        else:
            word, rest = _words(data, at)
            time = word & 0xFFFFFF
            extended = time == EXTENDED
            if extended and (first >= 0x40 or at + _EXTENDED_HEADER > stop):
                break
            if first >= 0x80:
                fmt, body = 2, at + 4
            else:
                length, type_id = rest >> 8, rest & 0xFF
                if epoch and (type_id not in TYPE_NAMES or length >= LARGEST_LENGTH):
                    break
                if first >= 0x40:
                    fmt, body = 1, at + 8
                elif extended:
                    fmt, body = 0, at + _EXTENDED_HEADER
                    time = int.from_bytes(data[at + 12 : body], "big")
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
            if extended and repeats is None:
                break
            again = data[body - 4 : body] if extended and repeats else b""
            more = (length - 1) // size
            end = body + length + more * (1 + len(again))
            if end > stop or not continues(data, body, end, bytes((first | 0xC0,)) + again, size):
                break
        # Nothing stands against the message any more: the channel's state may change.
        if fmt:
            timestamp = channel.timestamp + time
        else:
            previous = channel.timestamp
            known = channel.epoch >= 0 and (extended or not 0 <= previous < 1 << 30)
            timestamp = unwrapped(previous, time) if known else time
            channel.epoch = epoch
            if extended:
                channel.step = timestamp - previous
            (channel.stream_id,) = _stream_id(data, at + 8)
        if fmt < 3:
            channel.time, channel.extended, channel.absolute = time, extended, not fmt
            channel.length, channel.type_id = length, type_id
        channel.timestamp = timestamp
        rows += pack(
            base + at, base + end, csid, fmt, type_id, channel.stream_id, timestamp, length, more + 1,
            end - at - length, 0, _WHOLE | EXACT if channel.epoch == epoch else _WHOLE, body,
        )  # fmt: skip
        at = end
    return at


def continues(data: bytes, body: int, end: int, repeated: bytes, size: int) -> bool:
    """Whether every type-3 header of the message ``data[body:end]``, ``repeated`` each time, stands in its place."""
    first, stride = body + size, size + len(repeated)
    if size < HEAD_BYTES:
        return False
    if len(repeated) > 1 and end - first < _FEW * stride:
        return all(data.startswith(repeated, place) for place in range(first, end, stride))
    return all(stand_at(data, first + place, end, stride, byte) for place, byte in enumerate(repeated))


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
