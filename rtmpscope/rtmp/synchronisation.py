"""The place of the next header, where it is not known: lost with a hole, or never known.

What earlier headers said is kept as it was; decoding goes on from the first header that ``Search`` believes.
"""

from __future__ import annotations

from abc import abstractmethod
from collections import ChainMap, deque
from collections.abc import Mapping
from itertools import chain, islice
from typing import NamedTuple

from rtmpscope.rtmp.batches import LOST_IN_HOLE, BodyPolicy, keep_nothing
from rtmpscope.rtmp.believable import MEDIA, Known
from rtmpscope.rtmp.chunk_header import Channel
from rtmpscope.rtmp.chunk_layer import DEFAULT_CHUNK_SIZE, ChunkLayer
from rtmpscope.rtmp.guesses import Guesses
from rtmpscope.rtmp.resync import Found, Search

#: So often decoding goes on from the same header.
_MOST_TRIES = 2
#: The clocks of so many other chunk streams tell about where that of a new one stands.
_MOST_CLOCKS = 64
#: So many bytes are searched at a time.
_SEARCHED_AT_ONCE = 1 << 16


class Rest(NamedTuple):
    """The bytes of ``data`` from ``begin`` on."""

    data: bytes
    begin: int


#: Bytes, or how many were not captured.
Part = bytes | Rest | int


class Synchronisation(ChunkLayer):
    """The state of the chunks of one direction, and what is known of it while synchronisation is lost."""

    def __init__(
        self,
        *,
        offset: int = 0,
        chunk_size: int = DEFAULT_CHUNK_SIZE,
        keep: BodyPolicy = keep_nothing,
        record_chunks: bool = False,
    ) -> None:
        super().__init__(offset=offset, chunk_size=chunk_size, keep=keep, record_chunks=record_chunks)
        self._guesses = Guesses()
        self._search: Search | None = None  # while the place of the next header is unknown
        self._loss = LOST_IN_HOLE  # why: the kind of the problem
        self._stale: dict[int, Channel] = {}  # channels not heard of since synchronisation was lost
        self._shapes: dict[int, tuple[tuple[int, int], ...]] = {}  # of the messages before that, by channel
        self._captured_from = offset  # the end of the last hole
        self._in_step_since = 0
        self._resumed_at, self._resumed_times = -1, 0  # where decoding went on after a search
        self._joined = False  # in mid-stream, so that channels may have been spoken of before

    @property
    def in_step(self) -> int:
        """Messages decoded one after the other since the place of a header was last searched for."""
        return 0 if self._search is not None else self._builder.count - self._in_step_since

    @property
    def lost(self) -> bool:
        """Whether the place of the next header is unknown."""
        return self._search is not None

    def _lose(
        self, reason: str, offset: int | None = None, *, kind: str = LOST_IN_HOLE, unheard_at: int | None = None
    ) -> None:
        """The place of the next header is unknown; without a ``reason``, it never was known."""
        self._loss = kind
        self._end_partials()
        self._seal()  # so that what is known does not depend on how the bytes came
        self._skip = 0
        self._guessed = False
        self._shapes |= self._builder.recent_shapes()
        self._stale.update(self._channels)
        self._channels.clear()
        self._search = self._new_search(self._base if offset is None else offset, reason, unheard_at)
        if self._search.offset == self._resumed_at and self._resumed_times > _MOST_TRIES:
            self._search.pass_first()

    def _new_search(self, offset: int, reason: str = "", unheard_at: int | None = None) -> Search:
        """A search for headers from ``offset`` on, with what is known now."""
        return Search(offset, reason, self._known(), self._guesses, unheard_at)

    def _known(self) -> Known:
        size = self.chunk_size
        # A change from the default may have been lost with all else that is missing.
        sized = size != DEFAULT_CHUNK_SIZE or bool(self.chunk_sizes) or self._builder.split_at == size
        channels: Mapping[int, Channel] = ChainMap(self._channels, self._stale)
        starts, shapes, sure = self._builder.starts, self._shapes, self._sure_length
        return Known(channels, size, starts, shapes, self.dialect, self._joined, sure, sized)

    def _look_through(self, data: bytes) -> None:
        """Bytes that come while the place of the next header is unknown."""
        assert self._search is not None
        self._search.add(data)
        self._base += len(data)

    def _go_through(self, parts: deque[Part], *, last: bool = False) -> None:
        """Decode what comes next; where the place of a header is unknown, go on from the next believable one."""
        while True:
            found = None if self._search is None else self._search.find(last=last and not parts)
            if found is not None:
                parts.extendleft(reversed(self._resume(found)))
            elif parts:
                self._go_on(parts)
            else:
                return

    def _go_on(self, parts: deque[Part]) -> None:
        part = parts.popleft()
        if isinstance(part, int):
            self._pass_by(part)
            return
        data, begin = part if isinstance(part, Rest) else (part, 0)
        if self._search is None:
            rest = self._decode(data, begin)
        else:  # the header is near, as a rule: what is behind it need not be kept twice
            end = begin + _SEARCHED_AT_ONCE
            self._look_through(data[begin:end])
            rest = Rest(data, end)
        if rest is not None and rest.begin < len(rest.data):
            parts.appendleft(rest)

    def _resume(self, found: Found) -> list[bytes | int]:
        """Decoding goes on at a header; return what is to be decoded from there on."""
        search = self._search
        assert search is not None
        self._search = None
        self._epoch += 1
        if found.offset > search.offset:
            self._report_loss(search)
            regained = "sync_regained" if found.confirmed else "sync_assumed"
            skipped = f"{found.offset - search.offset} bytes were skipped"
            self._builder.problem(found.offset, regained if search.reason else "joined", skipped)
            self._in_step_since = self._builder.count
        if found.chunk_size != self.chunk_size:
            self._infer_chunk_size(found.chunk_size, found.offset)
        if found.start:
            self._builder.note_start(found.start)
        channel = self._stale.pop(found.csid, None) or self._new_channel(found.type_id)
        channel.type_id, channel.length, channel.extended = found.type_id, found.length, found.extended
        self._channels[found.csid] = channel
        self._resumed_times = self._resumed_times + 1 if found.offset == self._resumed_at else 1
        self._resumed_at = found.offset
        self._base = self._captured_from = found.offset
        return search.rest(found.offset)

    def _infer_chunk_size(self, size: int, offset: int) -> None:
        reason = f"{size} bytes, by where headers stand; the change from {self.chunk_size} was missed"
        self._builder.problem(offset, "chunk_size_inferred", reason)
        self._confirmed = self._whole = 0
        self._set_chunk_size(offset, size)

    def _new_channel(self, type_id: int) -> Channel:
        """A chunk stream whose first headers may have been missed: its clock is beside those of the others."""
        if not self._epoch or type_id not in MEDIA:
            return Channel()
        some = islice(chain(self._stale.values(), self._channels.values()), _MOST_CLOCKS)
        clocks = [one.timestamp for one in some if one.type_id in MEDIA]
        return Channel(max(clocks), epoch=0) if clocks else Channel()

    def _report_loss(self, search: Search) -> None:
        if search.reason:
            self._builder.problem(search.offset, self._loss, search.reason)

    def _revived(self, fmt: int, csid: int, offset: int) -> Channel | None:
        """A channel from before synchronisation was lost, if this header may be trusted to go on with it.

        Headers were missed since: types 2 and 3 leave out the length, which may have changed. They are looked at
        together with what follows.
        """
        if csid not in self._stale:
            return None
        if fmt > 1:
            self._lose(f"after a hole, a type-{fmt} header may not go on with the length known", offset)
            return None
        channel = self._channels[csid] = self._stale.pop(csid)
        return channel

    @abstractmethod
    def _decode(self, data: bytes, begin: int = 0) -> Rest | None:
        """Decode bytes up to where synchronisation is lost, or more are needed; return what is to be searched then."""

    @abstractmethod
    def _pass_by(self, length: int) -> None:
        """The next ``length`` bytes were not captured."""
