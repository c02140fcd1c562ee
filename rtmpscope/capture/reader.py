"""One capture file as packet batches, readable again from any block."""

from __future__ import annotations

import copy
import os
from collections.abc import Iterator
from dataclasses import dataclass

from rtmpscope.capture.batch import PacketBatch
from rtmpscope.capture.blocks import BLOCK_BYTES, Readable, Window
from rtmpscope.capture.errors import CaptureError
from rtmpscope.capture.formats import Parser, parser_for
from rtmpscope.capture.records import Damage, Records
from rtmpscope.capture.source import Source, open_source


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A place in a capture where reading can begin again.

    Attributes:
        first_frame: number of the next packet.
        position: file offset of the next record.
        parser: the format's parser as it stood there.
    """

    first_frame: int
    position: int
    parser: Parser


class Capture:
    """One capture file, or one open binary stream.

    Attributes:
        name: the file's name as given.
        file: its index in the capture's list of files.
        checkpoints: one per block, in file order; filled by the first reading.
        damage: where the file breaks its format; filled while reading. What stands before is read.
    """

    def __init__(self, source: Source, *, file: int = 0, block_bytes: int = BLOCK_BYTES) -> None:
        self.name = source.name
        self.file = file
        self.checkpoints: list[Checkpoint] = []
        self.damage: list[Damage] = []
        self._source = source
        self._block_bytes = block_bytes if source.size is None else min(block_bytes, source.size)
        parser = parser_for(source.head, source.name)
        self._begin = Checkpoint(1, parser.header_bytes, parser)

    def batches(self, start: Checkpoint | None = None) -> Iterator[PacketBatch]:
        """The packets, block by block, from ``start`` (one of ``checkpoints``) or the first on.

        All batches of one iterator share one buffer: a batch is valid until the next is asked for.

        Raises:
            CaptureError: reading fails, or a pipe is read a second time.
        """
        begin = start or self._begin
        try:
            with self._source.open_at(begin.position) as handle:
                yield from self._read(handle, begin)
        except OSError as error:
            raise CaptureError(self.name, None, f"cannot be read: {error.strerror or error}") from error

    def _read(self, handle: Readable, begin: Checkpoint) -> Iterator[PacketBatch]:
        parser = copy.copy(begin.parser)
        window = Window(handle, begin.position, self._block_bytes)
        frame = begin.first_frame
        while window.advance():
            self._remember(Checkpoint(frame, window.position, copy.copy(parser)))
            while True:
                before = window.cursor
                found = parser.parse(window)
                if isinstance(found, Damage):
                    self._note(found)
                    return
                if len(found.start):
                    yield self._batch(found, window, frame)
                    frame += len(found.start)
                if window.cursor == before:
                    break
        self._note_cut(window)

    def _batch(self, found: Records, window: Window, frame: int) -> PacketBatch:
        return PacketBatch(
            file=self.file,
            first_frame=frame,
            buffer=window.array,
            position=window.position,
            start=found.start,
            captured=found.captured,
            wire=found.wire,
            time_ns=found.time_ns,
            linktype=found.linktype,
        )

    def _note_cut(self, window: Window) -> None:
        left = window.end - window.cursor
        if left:
            reason = f"the file ends within a record, {left} bytes after the last whole one"
            self._note(Damage(window.position + window.cursor, reason))

    def _note(self, damage: Damage) -> None:
        if damage not in self.damage:
            self.damage.append(damage)

    def _remember(self, point: Checkpoint) -> None:
        if not self.checkpoints or point.position > self.checkpoints[-1].position:
            self.checkpoints.append(point)


def open_capture(
    source: str | os.PathLike[str] | Readable, *, file: int = 0, block_bytes: int = BLOCK_BYTES
) -> Capture:
    """Open a capture file by path, or read one from a binary file object.

    ``file`` is its index in the capture's list of files, ``block_bytes`` what is read at a time.

    Raises:
        CaptureError: missing, empty, unreadable, a directory, or not a capture; the text names which.
    """
    return Capture(open_source(source), file=file, block_bytes=block_bytes)
