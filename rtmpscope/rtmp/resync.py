"""Finding the next believable message header after synchronisation was lost.

What is captured after the loss is kept, with the holes in it, until a header is found or ruled out. A header is
searched for everywhere by a coarse pattern, and at the beginning of each run of bytes: a
segment begins there, where senders often begin a message. It is taken if it is believable by itself and nothing
captured contradicts it: the type-3 headers inside its message and the header after it must stand where they
should. Types 2 and 3 do not tell their length, which may have changed meanwhile: they are taken only with a length
that the header after the message confirms. Where nothing is believable, nothing is taken: precision goes before
recall.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from typing import NamedTuple

from rtmpscope.rtmp.believable import CUT_OFF, LOOK_AHEAD, Believed, Known, believed, tells_no_more
from rtmpscope.rtmp.chunk_header import Channel
from rtmpscope.rtmp.guesses import Guesses
from rtmpscope.rtmp.header_pattern import HeaderPattern
from rtmpscope.rtmp.runs import Runs
from rtmpscope.rtmp.unheard import ENOUGH, UNSURE, shape_of

#: No more is kept of what was captured since; headers are judged by what is there then.
WINDOW = 1 << 18
#: Type-3 headers of one message that are looked at.
_MOST_CHUNKS = 64
#: Chunk sizes that senders use, tried where the one known is contradicted: its change may have been missed.
_CHUNK_SIZES = (128, 256, 512, 1024, 2048, 4096, 8192, 10_000, 16_384, 32_768, 60_000, 65_536, 0xFFFFFF)
#: So many type-3 headers in their places tell the chunk size.
_ENOUGH_CHUNKS = 3
#: Chunk sizes that are tried because a byte inside a message looks like a type-3 header.
_MOST_GUESSES = 64

#: What the place after a message says: nothing, for want of bytes; that more are to come; no; yes, by a header
#: that begins to fit or by one that is complete.
_UNKNOWN, _WAIT, _NO, _MAYBE, _YES = range(5)


class Found(NamedTuple):
    """A message header to go on from.

    Attributes:
        offset, csid: its place and chunk stream.
        type_id, length: of its message.
        extended: it has an extended timestamp.
        chunk_size: in force there.
        confirmed: what follows its message agrees; otherwise nothing that was captured contradicts it.
        start: how its body begins (``Known.starts``), if that was believed for what follows alone; else 0.
    """

    offset: int
    csid: int
    type_id: int
    length: int
    extended: bool
    chunk_size: int
    confirmed: bool = True
    start: int = 0


#: A header about which more bytes will tell.
_WAITING = Found(-1, 0, 0, 0, False, 0)


class Search:
    """What was captured since synchronisation was lost at ``offset``.

    ``unheard_at`` is where a header of a chunk stream stands that has not been heard of. ``guesses`` are those of
    the direction.
    """

    def __init__(self, offset: int, reason: str, known: Known, guesses: Guesses, unheard_at: int | None = None) -> None:
        self.offset, self.reason = offset, reason
        self._unheard_at = unheard_at
        self._known = known
        self._guesses = guesses
        self._runs = Runs(offset)
        self._at = offset  # everything before has been looked at
        self._needed, self._hole_tells = 0, False  # how far bytes must come before a waiting header is judged again

    @cached_property
    def _pattern(self) -> HeaderPattern:
        return HeaderPattern(self._known)

    @property
    def looked_at(self) -> int:
        """Offset below which no header is."""
        return self._at

    def add(self, data: bytes) -> None:
        """The next bytes of the direction."""
        self._runs.add(data)

    def hole(self, length: int) -> None:
        """The next bytes were not captured."""
        self._runs.hole(length)
        if self._hole_tells:
            self._needed = 0

    def find(self, *, last: bool = False) -> Found | None:
        """The first believable header; None if there is none so far. ``last`` says that nothing more comes."""
        last = last or self._runs.size >= WINDOW
        if self._runs.end < self._needed and not last:
            return None
        while self._runs:
            place = self._next_place(last)
            if place is None:
                return None
            verdict = self._judge(place, last)
            if verdict is _WAITING:
                return None
            self._needed = 0
            if verdict is not None:
                return verdict
            self._at = place + 1
        return None

    def _wait_for(self, offset: int, *, hole_tells: bool) -> None:
        """A verdict needs what comes up to ``offset``, or a hole before it where that tells too."""
        self._needed, self._hole_tells = offset, hole_tells

    def pass_first(self) -> None:
        """Begin behind the first place, from which decoding has failed before."""
        self._at = self.offset + 1

    def chunk_size_of(self, header: Believed, *, last: bool) -> int | None:
        """The chunk size with which the message at the very beginning agrees with what follows it.

        Returns:
            0 if there is none, None if more bytes are needed to tell.
        """
        known = self._known.chunk_size
        after = self._after(self.offset, header, header.length, known, last)
        if after == _YES:
            return known
        if after == _WAIT:
            return None
        found = self._with_another_size(self.offset, header, last)
        if found is _WAITING:
            return None
        if found is not None:
            return found.chunk_size
        return 0 if after == _NO else known

    def rest(self, offset: int) -> list[bytes | int]:
        """What was added from ``offset`` on, holes as their lengths."""
        return self._runs.since(offset)

    def _next_place(self, last: bool) -> int | None:
        """The next place that may be a header; None if there is none, or more bytes are needed to tell."""
        while self._runs:
            start, run = self._runs.first
            at = max(self._at - start, 0)
            open_ended = not last and self._runs.may_grow(run)
            stop = len(run) - LOOK_AHEAD if open_ended else len(run)
            found = 0 if at == 0 else self._pattern.find(run, at)
            if 0 <= found <= stop:
                return start + found
            if open_ended:
                self._at = max(self._at, start + stop + 1)
                self._forget(max(self._at - start, 0))
                return None
            self._runs.drop_first()
            self._at = start + len(run)
        return None

    def _forget(self, count: int) -> None:
        """Drop what has been looked at of the first run; a byte of it stays, so that it begins no segment."""
        if count > WINDOW // 2:
            self._runs.shorten_first(count - 1)

    def _judge(self, place: int, last: bool) -> Found | None:
        """The header at ``place``; None if there is none, ``_WAITING`` if what follows it has still to come."""
        start, run = self._runs.first
        header = believed(run, place - start, self._known)
        if header is None:
            return self._unheard(place, last) if place == self._unheard_at else None
        if header is CUT_OFF:
            return None
        size = self._known.chunk_size
        guesses = (header.length,) if header.fmt < 2 else self._lengths(header)
        for length in guesses:
            after = self._after(place, header, length, size, last)
            if header.fmt > 1 and after == _YES and not self._splits(header, length):
                continue
            if self._is_sure(header, after):
                return Found(place, header.csid, header.type_id, length, header.extended, size, after == _YES)
            if after == _WAIT:
                return _WAITING  # or what is found would depend on how the bytes come
        return self._with_another_size(place, header, last) if header.fmt < 2 else None

    def _splits(self, header: Believed, length: int) -> bool:
        """Whether the chunk size splits a message of this length so, or leaves it whole.

        Where a length is tried that the header does not tell, the end of the message tells only the sum of payload
        and type-3 headers.
        """
        size = self._known.chunk_size
        if self._known.sized or length <= size:
            return True
        start, _ = self._runs.first
        return bool(self._runs.bytes_at(start + header.body + size, 1))

    def _is_sure(self, header: Believed, after: int) -> bool:
        if header.fmt < 2 and header.strong:
            return after in (_UNKNOWN, _MAYBE, _YES)
        return after == _YES and (header.fmt < 2 or header.strong)

    def _unheard(self, place: int, last: bool) -> Found | None:
        """The header, if it is one of a chunk stream not heard of, whose length what follows tells."""
        start, run = self._runs.first
        open_ended = not last and self._runs.may_grow(run)
        shape = shape_of(run, place - start, self._known, self._pattern.exact, open_ended=open_ended)
        if shape is None or shape is UNSURE:
            self._wait_for(place + ENOUGH, hole_tells=True)
            return _WAITING if shape else None
        csid, body = run[place - start] & 0x3F, place - start + (4 if run[place - start] >> 6 == 2 else 1)
        begins = shape.type_id << 16 | int.from_bytes(run[body : body + 2], "big")
        return Found(place, csid, shape.type_id, shape.length, False, self._known.chunk_size, start=begins)

    def _with_another_size(self, place: int, header: Believed, last: bool) -> Found | None:
        """The header, if the one after its message stands where another chunk size puts it.

        Where the message goes beyond what is there, the type-3 headers inside it tell as much.
        """
        # Usual sizes first: of a message of two chunks, the place of one type-3 header is all there is to tell.
        found = self._first_that_fits(_CHUNK_SIZES, place, header, last)
        if found is not None:
            return found
        sizes = self._sizes_inside(place, header, min(_MOST_GUESSES, self._guesses.allowed(place)))
        found = self._first_that_fits(sizes, place, header, last)
        if found is not _WAITING:
            self._guesses.spend(place, len(sizes))
        return found

    def _first_that_fits(self, sizes: Sequence[int], place: int, header: Believed, last: bool) -> Found | None:
        """The header, with the first of these chunk sizes that what follows agrees with."""
        known, captured = self._known.chunk_size, self._captured_after(header)
        start, run = self._runs.first
        marker = run[place - start] | 0xC0
        for size in sizes:
            if size == known or header.length <= min(size, known):
                continue
            if size < captured and run[header.body + size] != marker:
                continue  # as ``_after`` would find, after much else
            after = self._after(place, header, header.length, size, last)
            if after == _YES or (after in (_UNKNOWN, _MAYBE) and captured // size >= _ENOUGH_CHUNKS):
                return Found(place, header.csid, header.type_id, header.length, header.extended, size)
            if after == _WAIT:
                return _WAITING
            if size >= header.length:
                break  # with larger sizes the message is one chunk likewise
        return None

    def _captured_after(self, header: Believed) -> int:
        """Bytes of a message that were captured in one run with its header."""
        return min(len(self._runs.first[1]) - header.body, header.length)

    def _sizes_inside(self, place: int, header: Believed, most: int) -> list[int]:
        """Chunk sizes by the first places in a message where a type-3 header may stand."""
        run, at = self._runs.at(place)
        marker = bytes((run[at] | 0xC0,)) + bytes(run[at + 1 : at + header.basic])
        stop = min(header.body + header.length, len(run))
        sizes: list[int] = []
        found = run.find(marker, header.body + 1, stop)
        while found >= 0 and len(sizes) < most:
            sizes.append(found - header.body)
            found = run.find(marker, found + 1, stop)
        return sizes

    def _after(self, place: int, header: Believed, length: int, size: int, last: bool) -> int:
        """What stands after a message, if its type-3 headers are in their places."""
        end = self._end_of(place, header, length, size)
        if end is None:
            return _NO
        stands = self._stands_at(end, last)
        if stands == _MAYBE and self._known.joined:
            return self._begins_another(end, header._replace(length=length), size, last)
        return stands

    def _begins_another(self, place: int, before: Believed, size: int, last: bool) -> int:
        """Whether the type-2 or type-3 header at ``place`` is one of a chunk stream not heard of so far."""
        run, at = self._runs.at(place)
        mine = {before.csid: Channel(type_id=before.type_id, length=before.length)}
        channels, starts = ChainMap(mine, self._known.channels), self._known.starts  # type: ignore[arg-type]
        if not before.strong:  # what follows is to show whether it is one
            starts |= {before.type_id << 16 | int.from_bytes(self._runs.first[1][before.body : before.body + 2], "big")}
        known = replace(self._known, channels=channels, chunk_size=size, starts=starts)
        open_ended = not last and self._runs.may_grow(run)
        shape = shape_of(run, at, known, self._pattern.exact, open_ended=open_ended)
        self._wait_for(place + ENOUGH, hole_tells=True)
        return _MAYBE if shape is None else _WAIT if shape is UNSURE else _YES

    def _lengths(self, header: Believed) -> tuple[int, ...]:
        """Lengths that a message may have whose header does not tell: as before, or a little padding more or less."""
        seen = (length for type_id, length in self._known.shapes_of(header.csid) if type_id == header.type_id)
        sure, padded = self._known.sure_length, [0, 1, -1]
        if tells_no_more(header.type_id, self._runs.first[1][header.body : header.body + 2]):
            padded = [0]  # only MP3 is padded
        near = (length + padding for length in seen for padding in (padded if length < sure else [0]))
        return tuple(dict.fromkeys((header.length, *(length for length in near if length > 0))))

    def _end_of(self, place: int, header: Believed, length: int, size: int) -> int | None:
        """Where a message ends; None if its type-3 headers do not stand where they should."""
        start, run = self._runs.first
        at, body = place - start, start + header.body
        more = (length - 1) // size
        marker = bytes((run[at] | 0xC0,)) + bytes(run[at + 1 : at + header.basic])
        extra = header.basic + (4 if header.extended and self._known.dialect.continuing != "omitted" else 0)
        stride, looked_at = size + extra, min(more, _MOST_CHUNKS)
        for place_in, byte in enumerate(marker):  # those of the first run at once, by strided slices
            first = header.body + size + place_in
            here = run[first : first + looked_at * stride : stride]
            if here.count(byte) != len(here):
                return None
        if self._runs.may_grow(run):
            return body + length + more * extra
        behind = max(start + len(run) - body - size, 0) // stride
        for number in range(behind, looked_at):
            there = self._runs.bytes_at(body + size + number * stride, len(marker))
            if there != marker[: len(there)]:
                return None
        return body + length + more * extra

    def _stands_at(self, place: int, last: bool) -> int:
        """Whether a believable header stands at ``place``."""
        if place >= self._runs.end:
            self._wait_for(place + 1, hole_tells=False)
            return _UNKNOWN if last else _WAIT
        run, at = self._runs.at(place)
        if at >= len(run):
            return _UNKNOWN
        open_ended = not last and self._runs.may_grow(run)
        if open_ended and at + LOOK_AHEAD > len(run):
            self._wait_for(place + LOOK_AHEAD, hole_tells=True)
            return _WAIT
        header = believed(run, at, self._known)
        if header is None:
            unheard = self._known.joined and run[at] >> 6 > 1 and run[at] & 0x3F not in self._known.channels
            return _MAYBE if unheard else _NO
        if header is CUT_OFF:
            return _UNKNOWN
        return _YES if header.strong or header.fmt < 2 else _MAYBE
