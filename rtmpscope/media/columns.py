"""Tag headers of many bodies at once, from their first bytes.

Legacy headers and the plain Enhanced ones are read in columns. The few that remain (ModEx extensions,
multitrack, headers cut short) go through the decoder of single bodies, once per kind of header.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rtmpscope.media.headers import decode_audio, decode_video
from rtmpscope.media.names import (
    AAC_FORMAT,
    AUDIO_FORMATS,
    CODEC_CODES,
    CODED_FRAMES,
    ENHANCED_FORMAT,
    KINDS,
    VIDEO_CODEC_IDS,
    WITH_PACKET_TYPE,
)
from rtmpscope.wire import DecodeError

Octets = NDArray[np.uint8]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]

VIDEO_TYPE = 9
_COMMAND = 5


@dataclass(frozen=True, slots=True)
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
        valid: whether the header was there and well-formed; the other columns mean nothing where not.
    """

    kind: NDArray[np.uint8]
    codec: NDArray[np.int8]
    frame_type: NDArray[np.int8]
    packet_type: NDArray[np.int8]
    keyframe: Bools
    cts: NDArray[np.int32]
    header_bytes: NDArray[np.int32]
    bytes: NDArray[np.int32]
    valid: Bools


def media_columns(type_id: Octets, head: Octets, head_length: Octets, length: Ints) -> MediaColumns:
    """Decode the tag headers of audio (type 8) and video (type 9) bodies.

    Args:
        type_id: message type of each body.
        head: first bytes of each body, zero padded, ``uint8[n, 32]``.
        head_length: how many of them are there.
        length: length of each body.
    """
    count = len(type_id)
    columns = MediaColumns(
        kind=(type_id == VIDEO_TYPE).astype(np.uint8),
        codec=np.full(count, -1, np.int8),
        frame_type=np.full(count, -1, np.int8),
        packet_type=np.full(count, CODED_FRAMES, np.int8),
        keyframe=np.zeros(count, np.bool_),
        cts=np.zeros(count, np.int32),
        header_bytes=np.zeros(count, np.int32),
        bytes=np.zeros(count, np.int32),
        valid=np.zeros(count, np.bool_),
    )
    there = head_length > 0
    video = (type_id == VIDEO_TYPE) & there
    _video(columns, head, head_length, np.flatnonzero(video & (head[:, 0] < 0x80)))
    enhanced_audio = ~video & there & (head[:, 0] >> 4 == ENHANCED_FORMAT)
    _audio(columns, head, head_length, np.flatnonzero(~video & there & ~enhanced_audio))
    columns.valid[(type_id != VIDEO_TYPE) & (length == 0)] = True
    _others(columns, head, head_length, np.flatnonzero(enhanced_audio | (video & (head[:, 0] >= 0x80))))
    columns.bytes[:] = np.maximum(length - columns.header_bytes, 0)
    return columns


_VIDEO_CODECS = np.full(16, -1, np.int8)
for _number, _name in VIDEO_CODEC_IDS.items():
    _VIDEO_CODECS[_number] = CODEC_CODES[_name]
_AUDIO_CODECS = np.full(16, -1, np.int8)
for _number, _name in AUDIO_FORMATS.items():
    _AUDIO_CODECS[_number] = CODEC_CODES[_name]


def _video(columns: MediaColumns, head: Octets, head_length: Octets, rows: Ints) -> None:
    first = head[rows, 0]
    codec_id, frame_type = first & 15, (first >> 4).astype(np.int8)
    columns.codec[rows] = _VIDEO_CODECS[codec_id]
    known = (frame_type >= 1) & (frame_type <= _COMMAND)
    columns.frame_type[rows] = np.where(known, frame_type - 1, -1)
    columns.keyframe[rows] = (frame_type == 1) | (frame_type == 4)
    columns.header_bytes[rows] = 1
    columns.valid[rows] = True
    longer = np.isin(codec_id, WITH_PACKET_TYPE) & (frame_type != _COMMAND)
    rows = rows[longer]
    packet_type = head[rows, 1]
    sound = (head_length[rows] >= 5) & (packet_type <= 2)
    cts = head[rows, 2].astype(np.int32) << 16 | head[rows, 3].astype(np.int32) << 8 | head[rows, 4]
    columns.cts[rows] = np.where(sound, cts - ((cts & 0x800000) << 1), 0)
    columns.packet_type[rows] = np.where(sound, packet_type, CODED_FRAMES)
    columns.header_bytes[rows] = np.where(sound, 5, 0)
    columns.valid[rows] = sound


def _audio(columns: MediaColumns, head: Octets, head_length: Octets, rows: Ints) -> None:
    first = head[rows, 0]
    form = first >> 4
    codec = _AUDIO_CODECS[form]
    linear = ((form == 0) | (form == 3)) & (first & 2 == 0)
    columns.codec[rows] = np.where(linear, CODEC_CODES["pcm_u8"], codec)
    columns.header_bytes[rows] = 1
    columns.valid[rows] = True
    rows = rows[form == AAC_FORMAT]
    packet_type = head[rows, 1]
    sound = (head_length[rows] >= 2) & (packet_type <= 1)
    columns.packet_type[rows] = np.where(sound, packet_type, CODED_FRAMES)
    columns.header_bytes[rows] = np.where(sound, 2, 0)
    columns.valid[rows] = sound


def _others(columns: MediaColumns, head: Octets, head_length: Octets, rows: Ints) -> None:
    """Enhanced headers: each different beginning is decoded once."""
    if not len(rows):
        return
    # Twelve bytes hold every header without ModEx; the composition time is read apart.
    keys = np.concatenate([head[rows, :12], head_length[rows, None], columns.kind[rows, None]], axis=1)
    plain = head[rows, 0] & 15 != 7
    keys[plain, 8:12] = 0
    keys[plain & (head[rows, 0] & 15 == 1), 5:8] = 0
    _, first, group = np.unique(keys, axis=0, return_index=True, return_inverse=True)
    group = group.ravel()
    for number, place in enumerate(first.tolist()):
        _one(columns, head, head_length, rows[group == number], int(rows[place]))


def _one(columns: MediaColumns, head: Octets, head_length: Octets, rows: Ints, example: int) -> None:
    decode = decode_video if KINDS[columns.kind[example]] == "video" else decode_audio
    try:
        header = decode(head[example, : head_length[example]].tobytes())
    except DecodeError:
        return
    columns.codec[rows] = -1 if header.codec is None else CODEC_CODES[header.codec]
    columns.frame_type[rows] = header.frame_type - 1
    columns.packet_type[rows] = header.packet_type
    columns.keyframe[rows] = header.keyframe
    columns.header_bytes[rows] = header.size
    columns.valid[rows] = True
    for row in rows.tolist() if header.cts or header.size == 8 else ():
        columns.cts[row] = decode(head[row, : head_length[row]].tobytes()).cts
