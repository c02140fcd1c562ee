"""The dialect of one direction while it is being found out.

Every header whose meaning depends on the dialect is read here. What a header tells is remembered for the
direction; the first place where a sender departs from the specification, or where a guess had to be made, is
reported.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import islice
from typing import NamedTuple

from rtmpscope.rtmp.chunk_header import Channel, ChunkHeader, signed32, unwrapped
from rtmpscope.rtmp.dialect import UNDECIDED
from rtmpscope.rtmp.extension import TypeThree, read_extension
from rtmpscope.rtmp.message_types import AGGREGATE, AUDIO, VIDEO
from rtmpscope.rtmp.timestamps import RANGE_24, after_type_0, cut_to_24_bits, extended_delta

#: A type-0 timestamp so far before the channel's last may be one that was cut to 24 bits.
FAR_BACK_MS = RANGE_24 // 2

_MEDIA = (AUDIO, VIDEO, AGGREGATE)
_MOST_CLOCKS = 64


class HeaderPlace(NamedTuple):
    """Stream offsets of a header and of its message; ``guessed`` where a hole swallowed the one before it."""

    offset: int
    message: int
    guessed: bool


class Readings:
    """Reads what is ambiguous in the headers of one direction.

    Args:
        report: called with stream offset, kind and reason of what is to be reported.
    """

    def __init__(self, report: Callable[[int, str, str], None]) -> None:
        self.dialect = UNDECIDED
        self._report = report
        self._reported: set[tuple[str, str]] = set()

    def extension(self, header: TypeThree, place: HeaderPlace) -> int | None:
        """Bytes of extended timestamp in a type-3 header: 4, 0, or None to wait for more."""
        starts = place.offset == place.message
        found = self.dialect.starting if starts else self.dialect.continuing
        read = read_extension(header, found)
        if read is None:
            return None
        if place.guessed:
            return 4 if read == "repeated" else 0
        if found is None:
            self.dialect = replace(self.dialect, starting=read) if starts else replace(self.dialect, continuing=read)
        if read == "omitted" and found != "omitted":
            does = "begins" if starts else "continues"
            there = header.data[header.at : header.at + 4].hex(" ")
            value = header.values[0]
            reason = (
                f"the type-3 header at offset {place.offset} {does} a message on chunk stream {header.csid}; "
                f"{there} follows, read as payload, where the extended timestamp {value} "
                f"({value.to_bytes(4, 'big').hex(' ')}) should be repeated"
            )
            self._note(place.message, "extension_omitted", does, reason)
        return 4 if read == "repeated" else 0

    def begin(self, header: ChunkHeader, channels: Mapping[int, Channel], epoch: int, offset: int) -> Channel:
        """A header begins a message: its timestamp and its other fields become the channel's."""
        channel = channels[header.csid]
        before = channel.timestamp
        channel.timestamp = self._timestamp(header, channel, channels, epoch, offset)
        if header.fmt == 0:
            channel.epoch = epoch
        if header.fmt < 3:
            channel.absolute = header.fmt == 0
            channel.step = channel.timestamp - before
        channel.time, channel.extended = header.time, header.extended
        channel.length, channel.type_id, channel.stream_id = header.length, header.type_id, header.stream_id
        return channel

    def _timestamp(
        self, header: ChunkHeader, channel: Channel, channels: Mapping[int, Channel], epoch: int, offset: int
    ) -> int:
        previous, time = channel.timestamp, header.time
        if header.fmt == 0:
            known = channel.epoch >= 0
            far_back = known and previous - time > FAR_BACK_MS
            if not header.extended and (far_back or self.dialect.timestamp_bits == 24):
                return self._cut(time, channel, _clocks(channel, channels, epoch), offset)
            return unwrapped(previous, time) if known else time
        if header.fmt < 3:
            if header.extended:
                return self._extended_delta(header, previous, _clocks(channel, channels, epoch), offset)
            return previous + time
        if channel.absolute:
            return previous + self._after_type_0(header, previous, _clocks(channel, channels, epoch), offset)
        return previous + (channel.step if header.extended else time)

    def _cut(self, time: int, channel: Channel, clocks: list[int], offset: int) -> int:
        """Read a type-0 timestamp that may have been cut to 24 bits."""
        previous = channel.timestamp
        known = channel.epoch >= 0
        plain = unwrapped(previous, time) if known else time
        if self.dialect.timestamp_bits == 24:
            risen = cut_to_24_bits(time, [previous, *clocks] if known else clocks)
            return plain if risen is None else risen
        risen = cut_to_24_bits(time, [previous])
        if risen is None or not previous < RANGE_24 <= risen:
            return plain
        self.dialect = replace(self.dialect, timestamp_bits=24)
        reason = f"a type-0 timestamp of {time} without an extended one follows {previous}; it is read as {risen}"
        self._note(offset, "timestamp_cut", "", reason)
        return risen

    def _extended_delta(self, header: ChunkHeader, previous: int, clocks: list[int], offset: int) -> int:
        read = extended_delta(previous, header.time, clocks, self.dialect.extended_delta)
        if read.told and read.told != self.dialect.extended_delta:
            self.dialect = replace(self.dialect, extended_delta=read.told)
        if read.why:
            taken = "a delta" if read.timestamp == previous + signed32(header.time) else "an absolute timestamp"
            what = f"the extended timestamp {header.time} of a type-{header.fmt} header is read as {taken}"
            self._note(offset, "ambiguous_timestamp", taken, f"{what}: {read.why}")
        return read.timestamp

    def _after_type_0(self, header: ChunkHeader, previous: int, clocks: list[int], offset: int) -> int:
        read = after_type_0(previous, header.time, clocks, self.dialect.after_type_0)
        if read.told and read.told != self.dialect.after_type_0:
            self.dialect = replace(self.dialect, after_type_0=read.told)
        if read.why:
            what = f"a type-3 header begins a message after a type-0 header with timestamp {header.time}"
            reason = f"{what} and is read as {read.step} ms later: {read.why}"
            self._note(offset, "ambiguous_timestamp", "zero" if read.step == 0 else "timestamp", reason)
        return read.step

    def _note(self, offset: int, kind: str, reading: str, reason: str) -> None:
        if (kind, reading) not in self._reported:
            self._reported.add((kind, reading))
            self._report(offset, kind, reason)


def _clocks(own: Channel, channels: Mapping[int, Channel], epoch: int) -> list[int]:
    """The exact timestamps that other chunk streams of audio and video stand at."""
    some = islice(channels.values(), _MOST_CLOCKS)
    return [one.timestamp for one in some if one is not own and one.epoch == epoch and one.type_id in _MEDIA]
