"""One capture file as packet batches, readable again from any of them."""

from __future__ import annotations

import copy
import os
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import replace
from itertools import chain

from rtmpscope.capture.batch import PacketBatch
from rtmpscope.capture.blocks import BLOCK_BYTES, Readable, Window
from rtmpscope.capture.errors import CaptureError
from rtmpscope.capture.formats import Parser, parser_for
from rtmpscope.capture.linktypes import NO_LINKTYPE, is_readable, linktype_name
from rtmpscope.capture.records import Damage, Records
from rtmpscope.capture.source import Source, open_source
from rtmpscope.frozen import frozen


@frozen
class Checkpoint:
    """A place in a capture where reading can begin again: where a batch began.

    Attributes:
        first_frame: number of the next packet.
        position: file offset of the next record.
        block_bytes: how much to read at a time, so that the first batch from here holds at least the
            packets that it held at first.
        parser: the format's parser as it stood there.
    """

    first_frame: int
    position: int
    block_bytes: int
    parser: Parser


class Capture:
    """One capture file, or one open binary stream.

    Attributes:
        name: the file's name as given.
        size: number of bytes, ``None`` where only reading tells.
        file: its index in the capture's list of files.
        checkpoints: one per batch, in file order; filled by the first reading.
        damage: where the file breaks its format; filled while reading. What stands before is read.
    """

    def __init__(self, source: Source, *, file: int = 0, block_bytes: int = BLOCK_BYTES) -> None:
        self.name = source.name
        self.size = source.size
        self.file = file
        self.checkpoints: list[Checkpoint] = []
        self.damage: list[Damage] = []
        self._source = source
        parser = parser_for(source.head, source.name)
        block_bytes = min(block_bytes, source.size) if source.size else block_bytes
        self._begin = Checkpoint(1, parser.header_bytes, block_bytes, parser)
        self._begun: Iterator[PacketBatch] | None = None

    def limit_blocks(self, block_bytes: int) -> None:
        """Read at most so much at a time from the beginning on, where less had not been asked for."""
        self._begin = replace(self._begin, block_bytes=min(block_bytes, self._begin.block_bytes))

    def first_time(self) -> int | None:
        """Time of the first packet in ns; None without any. The next reading from the beginning goes on from there."""
        batches = self.batches()
        first = next(batches, None)
        self._begun = batches if first is None else chain([first], batches)
        return None if first is None else int(first.time_ns[0])

    def checkpoint_of(self, first_frame: int) -> Checkpoint:
        """Where the batch with this first packet began."""
        return self.checkpoints[bisect_left(self.checkpoints, first_frame, key=lambda point: point.first_frame)]

    def batches(self, start: Checkpoint | None = None) -> Iterator[PacketBatch]:
        """The packets, block by block, from ``start`` (one of ``checkpoints``) or the first on.

        All batches of one iterator share one buffer: a batch is valid until the next is asked for. Of a
        binary file object only one iterator can be under way at a time.

        Raises:
            CaptureError: reading fails; a pipe is read a second time; or the whole file has been read and no
                packet is of a link type that can be looked into.
        """
        if start is None and self._begun is not None:
            begun, self._begun = self._begun, None
            yield from begun
            return
        begin = start or self._begin
        seen: set[int] = set()
        try:
            with self._source.open_at(begin.position) as handle:
                for batch in self._read(handle, begin):
                    seen.update(batch.linktypes())
                    yield batch
        except OSError as error:
            raise CaptureError(self.name, None, f"cannot be read: {error.strerror or error}") from error
        if start is None and seen and not any(map(is_readable, seen)):
            raise _unknown_linktype(self.name, min(seen))

    def batches_from(self, block: int) -> Iterator[PacketBatch]:
        """The packets from one of ``checkpoints`` on, given by its place among them."""
        return self.batches(self.checkpoints[block])

    def _read(self, handle: Readable, begin: Checkpoint) -> Iterator[PacketBatch]:
        parser = copy.copy(begin.parser)
        window = Window(handle, begin.position, begin.block_bytes)
        frame = begin.first_frame
        while window.advance():
            point = Checkpoint(frame, window.position, window.size, copy.copy(parser))
            found, damage = _parse_all(parser, window)
            count = len(found.start)
            if count:
                self._remember(point)
                yield self._batch(found, window, frame)
                frame += count
            if damage is not None:
                self._note(damage)
                return
        if self._source.trouble is not None:
            self._note(Damage(window.position + window.end, self._source.trouble))
        else:
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
        if not self.checkpoints or point.first_frame > self.checkpoints[-1].first_frame:
            self.checkpoints.append(point)


def _parse_all(parser: Parser, window: Window) -> tuple[Records, Damage | None]:
    """The packets of a window and the damage behind them; a parser stops at each section of a file."""
    parts: list[Records] = []
    before = -1
    while window.cursor != before:
        before = window.cursor
        found = parser.parse(window)
        if isinstance(found, Damage):
            return Records.joined(parts), found
        if len(found.start):
            parts.append(found)
    return Records.joined(parts), None


def open_capture(
    source: str | os.PathLike[str] | Readable, *, file: int = 0, block_bytes: int = BLOCK_BYTES
) -> Capture:
    """Open a capture file by path, or read one from a binary file object.

    ``file`` is its index in the capture's list of files, ``block_bytes`` what is read at a time.

    Raises:
        CaptureError: missing, empty, unreadable, a directory, or not a capture; the text names which.
    """
    return Capture(open_source(source), file=file, block_bytes=block_bytes)


def _unknown_linktype(name: str, linktype: int) -> CaptureError:
    if linktype == NO_LINKTYPE:
        return CaptureError(name, None, "its packets name interfaces that it does not describe", "record it again")
    reason = f"link type {linktype_name(linktype)} is not supported"
    return CaptureError(name, None, reason, "record on an Ethernet or IP interface")
