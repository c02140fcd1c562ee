"""Which messages make a stream's file, and their bodies."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

import numpy as np

from rtmpscope.errors import RtmpscopeError
from rtmpscope.export.flv import AUDIO, SCRIPT, VIDEO, Tag, script_body, write_flv
from rtmpscope.frozen import frozen
from rtmpscope.pipeline import Replay, Tables
from rtmpscope.rtmp import decode_aggregate
from rtmpscope.tables import check_stream

_AGGREGATE = 22
_WITH_SEQUENCE_HEADER = {"h264", "hevc", "vvc", "av1", "vp9", "aac", "flac"}


@frozen
class Exported:
    """What an export wrote.

    Attributes:
        tags: how many.
        left_out: messages that were not wholly captured.
        unreadable: messages left out because, read again, they had another body than before.
        undecodable: codecs whose sequence header, without which no player decodes them, is not in the capture.
    """

    tags: int
    left_out: int
    unreadable: int = 0
    undecodable: tuple[str, ...] = ()


def export_flv(tables: Tables, replay: Replay, stream: int, file: BinaryIO) -> Exported:
    """Write the published or played stream ``stream`` as an FLV file.

    Raises:
        RtmpscopeError: there is no such stream, or it carried no media.
    """
    chosen = _messages_of(tables, stream)
    kinds = set(tables["messages"]["type_id"].values[chosen].tolist())
    complete = tables["messages"]["complete"].values[chosen]
    unreadable: list[int] = []
    tags = write_flv(
        _tags(tables, replay.payloads(chosen[complete].tolist(), unreadable)),
        file,
        audio=bool(kinds & {AUDIO, _AGGREGATE}),
        video=bool(kinds & {VIDEO, _AGGREGATE}),
    )
    return Exported(tags, int((~complete).sum()), len(unreadable), _undecodable(tables, stream))


def _messages_of(tables: Tables, stream: int) -> np.ndarray:
    """Ids of the messages that carry the stream's media and metadata, in the order in which the receiver got them.

    That is not the order of their ids where TCP sent something again: what comes behind it may have arrived before.
    """
    check_stream(tables["streams"], stream)
    found = [_rows_of(tables, name, stream) for name in ("media", "metadata")]
    if not len(found[0]):
        raise RtmpscopeError(f"stream {stream} carried no audio or video; see: rtmpscope table CAPTURE streams")
    chosen = np.unique(np.concatenate(found))
    messages = tables["messages"]
    return chosen[np.lexsort((messages["offset"].values[chosen], messages["time_ready"].values[chosen]))]


def _undecodable(tables: Tables, stream: int) -> tuple[str, ...]:
    media = tables["media"]
    rows = np.flatnonzero((media["stream"].values == stream) & ~media["stream"].is_null())
    codec, packet = (media[name] for name in ("codec", "packet_type"))
    coded, header = (np.intersect1d(rows, packet.rows_named(name)) for name in ("coded_frames", "sequence_start"))
    sent, told = ({codec.text_at(int(row)) for row in _firsts(codec.values, of)} for of in (coded, header))
    return tuple(sorted(str(name) for name in (sent - told) & _WITH_SEQUENCE_HEADER))


def _firsts(values: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """The first of the rows with each value."""
    first: np.ndarray = rows[np.unique(values[rows], return_index=True)[1]]
    return first


def _rows_of(tables: Tables, name: str, stream: int) -> np.ndarray:
    table = tables[name]
    column = table["stream"]
    mine = column.values == stream
    if column.null is not None:
        mine &= ~column.null
    rows: np.ndarray = table["message"].values[mine]
    return rows


def _tags(tables: Tables, bodies: Iterator[tuple[int, bytes]]) -> Iterator[Tag]:
    messages = tables["messages"]
    for message, body in bodies:
        type_id = int(messages["type_id"].values[message])
        timestamp = int(messages["timestamp"].values[message])
        if type_id == _AGGREGATE:
            for inner in decode_aggregate(body, timestamp).messages:
                yield _tag(inner.type_id, inner.timestamp, body[inner.start : inner.start + inner.length])
        else:
            yield _tag(type_id, timestamp, body)


def _tag(type_id: int, timestamp: int, body: bytes) -> Tag:
    if type_id in (AUDIO, VIDEO):
        return Tag(type_id, timestamp, body)
    return Tag(SCRIPT, timestamp, script_body(type_id, body))
