"""Tag headers of many bodies at once, from their first bytes.

Legacy headers are read through tables of 16 entries. Enhanced headers are walked by a cursor per row, all
rows a step at a time: extensions, multitrack byte, FourCC, track id, composition time. A row whose header
does not end within the bytes at hand, or uses a reserved value, is not valid. What each row must say is
defined by ``decode_audio`` and ``decode_video``; a test holds both equal.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rtmpscope.frozen import frozen
from rtmpscope.media.headers import COMMAND, MANY_CODECS, MODEX_NUMBER
from rtmpscope.media.names import (
    AAC_FORMAT,
    AUDIO_FORMATS,
    AUDIO_FOURCCS,
    CODEC_CODES,
    CODED_FRAMES,
    ENHANCED_AUDIO,
    ENHANCED_FORMAT,
    ENHANCED_VIDEO,
    METADATA,
    MODEX,
    MULTITRACK,
    VIDEO_CODEC_IDS,
    VIDEO_FOURCCS,
    WITH_ADJUSTMENT,
    WITH_COMPOSITION_TIME,
    WITH_PACKET_TYPE,
)

Octets = NDArray[np.uint8]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]

VIDEO_TYPE = 9


@frozen
class MediaColumns:
    """Tag headers; arrays of one length, one entry per body.

    Attributes:
        kind: code into ``KINDS``.
        codec: code into ``CODECS``, -1 where unknown.
        frame_type: code into ``FRAME_TYPES``, -1 for audio and reserved values.
        packet_type: code into ``PACKET_TYPES``.
        keyframe: whether the header says keyframe.
        cts: composition time offset in ms.
        header_bytes: bytes of the tag header; ``bytes`` is what follows it.
        track: track number of multitrack messages that hold one track, else 0.
        valid: whether the header was there and well-formed. Where not, the other columns have the values
            of an unknown codec's frame without header.
    """

    kind: NDArray[np.uint8]
    codec: NDArray[np.int8]
    frame_type: NDArray[np.int8]
    packet_type: NDArray[np.int8]
    keyframe: Bools
    cts: NDArray[np.int32]
    header_bytes: NDArray[np.int32]
    bytes: NDArray[np.int32]
    track: NDArray[np.uint8]
    valid: Bools


def media_columns(type_id: Octets, head: Octets, head_length: Octets, length: Ints) -> MediaColumns:
    """Decode the tag headers of audio (type 8) and video (type 9) bodies.

    Args:
        type_id: message type of each body.
        head: first bytes of each body, zero padded, ``uint8[n, 32]``.
        head_length: how many of them are there.
        length: length of each body.
    """
    video = type_id == VIDEO_TYPE
    columns = _blank(video.astype(np.uint8))
    there = head_length > 0
    first = head[:, 0]
    enhanced = np.where(video, first >= 0x80, first >> 4 == ENHANCED_FORMAT)
    _legacy_video(columns, head, head_length, np.flatnonzero(there & video & ~enhanced))
    _legacy_audio(columns, head, head_length, np.flatnonzero(there & ~video & ~enhanced))
    _enhanced(columns, head, head_length, np.flatnonzero(there & enhanced))
    columns.valid[~video & (length == 0)] = True
    _clear_invalid(columns)
    columns.bytes[:] = np.maximum(length - columns.header_bytes, 0)
    return columns


def _blank(kind: Octets) -> MediaColumns:
    count = len(kind)
    return MediaColumns(
        kind=kind,
        codec=np.full(count, -1, np.int8),
        frame_type=np.full(count, -1, np.int8),
        packet_type=np.full(count, CODED_FRAMES, np.int8),
        keyframe=np.zeros(count, np.bool_),
        cts=np.zeros(count, np.int32),
        header_bytes=np.zeros(count, np.int32),
        bytes=np.zeros(count, np.int32),
        track=np.zeros(count, np.uint8),
        valid=np.zeros(count, np.bool_),
    )


def _clear_invalid(columns: MediaColumns) -> None:
    bad = ~columns.valid
    columns.codec[bad] = -1
    columns.frame_type[bad] = -1
    columns.packet_type[bad] = CODED_FRAMES
    columns.keyframe[bad] = False
    for values in (columns.cts, columns.header_bytes, columns.track):
        values[bad] = 0


def _table(size: int, entries: dict[int, int]) -> NDArray[np.int8]:
    table = np.full(size, -1, np.int8)
    table[list(entries)] = list(entries.values())
    return table


_VIDEO_CODECS = _table(16, {number: CODEC_CODES[name] for number, name in VIDEO_CODEC_IDS.items()})
_AUDIO_CODECS = _table(16, {number: CODEC_CODES[name] for number, name in AUDIO_FORMATS.items()})
_PCM_U8 = CODEC_CODES["pcm_u8"]


def _legacy_video(columns: MediaColumns, head: Octets, head_length: Octets, rows: Ints) -> None:
    first = head[rows, 0]
    codec_id, number = first & 15, first >> 4
    columns.codec[rows] = _VIDEO_CODECS[codec_id]
    _frame_types(columns, rows, number)
    frame = number != COMMAND
    adjusted = np.isin(codec_id, WITH_ADJUSTMENT) & frame
    packed = np.isin(codec_id, WITH_PACKET_TYPE) & frame
    size = np.where(packed, 5, np.where(adjusted, 2, 1))
    columns.header_bytes[rows] = size
    columns.valid[rows] = (head_length[rows] >= size) & ~(packed & (head[rows, 1] > 2))
    with_type = rows[packed]
    columns.packet_type[with_type] = np.minimum(head[with_type, 1], 2)
    columns.cts[with_type] = _signed24(head, with_type, np.full(len(with_type), 2))


def _legacy_audio(columns: MediaColumns, head: Octets, head_length: Octets, rows: Ints) -> None:
    first = head[rows, 0]
    form = first >> 4
    linear = ((form == 0) | (form == 3)) & (first & 2 == 0)
    columns.codec[rows] = np.where(linear, _PCM_U8, _AUDIO_CODECS[form])
    aac = form == AAC_FORMAT
    columns.header_bytes[rows] = np.where(aac, 2, 1)
    columns.valid[rows] = ~aac | ((head_length[rows] >= 2) & (head[rows, 1] <= 1))
    with_type = rows[aac]
    columns.packet_type[with_type] = np.minimum(head[with_type, 1], 1)


_FOURCCS = {fourcc: CODEC_CODES[name] for fourcc, name in VIDEO_FOURCCS.items()}
_AUDIO_FOURCCS = {fourcc: CODEC_CODES[name] for fourcc, name in AUDIO_FOURCCS.items()}
_TIMED = tuple(CODEC_CODES[name] for name in WITH_COMPOSITION_TIME)
#: Packet type on the wire → packet type; -1 where reserved. First row audio, second video; ModEx never stands last.
_PACKET_TYPES = np.stack([_table(16, ENHANCED_AUDIO), _table(16, ENHANCED_VIDEO)])
_PACKET_TYPES[_PACKET_TYPES == MODEX] = -1


def _enhanced(columns: MediaColumns, head: Octets, head_length: Octets, rows: Ints) -> None:
    if not len(rows):
        return
    video = columns.kind[rows]
    first = head[rows, 0]
    _frame_types(columns, rows[video == 1], first[video == 1] >> 4 & 7)
    number, position = _after_modex(head, head_length, rows)
    packet_type = _PACKET_TYPES[video, number]
    valid = packet_type >= 0
    command = (video == 1) & (first >> 4 & 7 == COMMAND) & (packet_type != METADATA)
    multitrack = (packet_type == MULTITRACK) & ~command
    layout = np.where(multitrack, _byte(head, rows, position), 0)
    number = np.where(multitrack, layout & 15, number)
    position = position + multitrack
    inner = _PACKET_TYPES[video, number]
    valid &= ~multitrack | ((layout >> 4 <= MANY_CODECS) & (inner >= 0) & (inner != MULTITRACK))
    one_track = multitrack & (layout >> 4 == 0)
    columns.packet_type[rows] = np.where(one_track, inner, packet_type)
    coded = ~command & (~multitrack | one_track)
    codec = np.where(coded, _codec(head, rows, position, video == 1), -1)
    columns.codec[rows] = codec
    position = position + 4 * coded
    columns.track[rows] = np.where(one_track, _byte(head, rows, position), 0)
    position = position + one_track
    timed = coded & (video == 1) & (number == 1) & np.isin(codec, _TIMED)
    columns.cts[rows] = np.where(timed, _signed24(head, rows, position), 0)
    position = position + 3 * timed
    columns.header_bytes[rows] = position
    columns.valid[rows] = valid & (position <= head_length[rows])


def _after_modex(head: Octets, head_length: Octets, rows: Ints) -> tuple[NDArray[np.uint8], Ints]:
    """Packet type behind the ModEx extensions of each row, and the position after it.

    Each turn moves every row that is still within extensions by three bytes at least, so the turns are bounded
    by the width of ``head``. Rows that run out of bytes keep a position beyond them.
    """
    number, position = head[rows, 0] & 15, np.ones(len(rows), np.int64)
    within = np.flatnonzero(number == MODEX_NUMBER)
    while len(within):
        at, row = position[within], rows[within]
        size = _byte(head, row, at).astype(np.int64) + 1
        large = size == 256
        wide = _byte(head, row, at + 1).astype(np.int64) << 8 | _byte(head, row, at + 2)
        at = at + np.where(large, wide + 4, size + 1)
        number[within] = _byte(head, row, at) & 15
        position[within] = at + 1
        within = within[(number[within] == MODEX_NUMBER) & (at + 1 < head_length[row])]
    return number, position


def _codec(head: Octets, rows: Ints, position: Ints, video: Bools) -> NDArray[np.int8]:
    fourcc = np.zeros(len(rows), np.uint32)
    for step in range(4):
        fourcc = fourcc << np.uint32(8) | _byte(head, rows, position + step)
    codec = np.full(len(rows), -1, np.int8)
    for names, mine in ((_FOURCCS, video), (_AUDIO_FOURCCS, ~video)):
        for name, code in names.items():
            codec[mine & (fourcc == int.from_bytes(name, "big"))] = code
    return codec


def _frame_types(columns: MediaColumns, rows: Ints, number: Octets) -> None:
    known = (number >= 1) & (number <= COMMAND)
    columns.frame_type[rows] = np.where(known, number.astype(np.int8) - 1, -1)
    columns.keyframe[rows] = (number == 1) | (number == 4)


def _signed24(head: Octets, rows: Ints, position: Ints) -> NDArray[np.int32]:
    high, middle, low = (_byte(head, rows, position + step).astype(np.int32) for step in range(3))
    value: NDArray[np.int32] = high << 16 | middle << 8 | low
    return value - ((value & 0x800000) << 1)


def _byte(head: Octets, rows: Ints, position: Ints) -> Octets:
    """One byte of each row; zero beyond the head, where the row is found invalid afterwards."""
    last = head.shape[1] - 1
    result: Octets = np.where(position <= last, head[rows, np.minimum(position, last)], 0).astype(np.uint8)
    return result
