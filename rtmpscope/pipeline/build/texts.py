"""One line of words for each message: the ``info`` column.

Most messages share their words with thousands of others ("h264 inter"), so the column is a code per
message and a list of texts.
"""

from __future__ import annotations

from dataclasses import field

import numpy as np
from numpy.typing import NDArray

from rtmpscope.frozen import slotted
from rtmpscope.media import CODECS, FRAME_TYPES, PACKET_TYPES
from rtmpscope.pipeline.build.context import Context
from rtmpscope.pipeline.growing import Columns
from rtmpscope.rtmp import Command, Control
from rtmpscope.tables import Redactor

_AGGREGATE = 22
_MOST_ARGUMENTS = 6


@slotted
class TextColumn:
    """A column of texts under construction: ``codes`` per row into ``texts``; -1 is no text."""

    codes: NDArray[np.int32]
    texts: list[str] = field(default_factory=list)
    _known: dict[str, int] = field(default_factory=dict)

    def code(self, text: str) -> int:
        """The code of ``text``, a new one if it has none yet."""
        code = self._known.get(text)
        if code is None:
            code = self._known[text] = len(self.texts)
            self.texts.append(text)
        return code


def info_column(context: Context) -> TextColumn:
    """The words for every message of the capture, by ordinal."""
    decoded = context.decoded
    column = TextColumn(np.full(len(decoded.messages["flow"]), -1, np.int32))
    _media_words(column, decoded.media)
    _aggregate_words(column, decoded.messages, decoded.media)
    for origin, control in decoded.records.controls:
        column.codes[origin.ordinal] = column.code(control_words(control))
    for origin, command in decoded.records.commands:
        column.codes[origin.ordinal] = column.code(command_words(command, context.redactor))
    for origin, record in decoded.records.metadata:
        column.codes[origin.ordinal] = column.code(context.redactor.vocabulary(record.event))
    return column


def control_words(control: Control) -> str:
    """A control message in words: ``set_chunk_size 4096``."""
    value = "" if control.value is None else f" {control.value}"
    detail = f" ({control.detail})" if control.detail else ""
    return f"{control.kind}{value}{detail}"


def command_words(command: Command, mask: Redactor) -> str:
    """A command in words, secrets masked: its name and what matters most of the rest."""
    name = mask.vocabulary(command.name)
    if command.code:
        return f"{name} {mask.vocabulary(command.code)}"
    if command.name == "connect" and isinstance(command.object, dict):
        return f"connect {mask.text(str(command.object.get('app', '')))}".rstrip()
    values = [value for value in command.arguments if isinstance(value, (str, float, bool))]
    return " ".join([name, *(mask.vocabulary(_short(value)) for value in values[:_MOST_ARGUMENTS])])


def _short(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _media_words(column: TextColumn, media: Columns) -> None:
    """Words for audio and video: codec and what kind of packet it is."""
    parts = [media[name].astype(np.int64) + 1 for name in ("codec", "frame_type", "packet_type")]
    packed = (parts[0] << 32) | (parts[1] << 16) | parts[2]
    kinds, inverse = np.unique(packed, return_inverse=True)
    codes = np.array([column.code(_packet_words(int(kind))) for kind in kinds], np.int32)
    if len(kinds):
        column.codes[media["ordinal"]] = codes[inverse]


def _packet_words(packed: int) -> str:
    codec, frame_type, packet_type = (packed >> 32) - 1, (packed >> 16 & 0xFFFF) - 1, (packed & 0xFFFF) - 1
    words = [CODECS[codec] if codec >= 0 else "silence" if frame_type < 0 else "unknown codec"]
    if packet_type >= 0 and PACKET_TYPES[packet_type] != "coded_frames":
        words.append(PACKET_TYPES[packet_type])
    elif frame_type >= 0:
        words.append(FRAME_TYPES[frame_type])
    return " ".join(words)


def _aggregate_words(column: TextColumn, messages: Columns, media: Columns) -> None:
    rows = np.flatnonzero(messages["type_id"] == _AGGREGATE)
    counts = np.bincount(media["ordinal"].astype(np.int64), minlength=len(column.codes)) if len(rows) else rows
    for row in rows.tolist():
        column.codes[row] = column.code(f"{counts[row]} audio and video messages")
