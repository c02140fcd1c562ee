"""Classic pcap files: header, and the walk over the records of a block.

A file is a 24-byte header and records of 16 bytes plus packet (draft-ietf-opsawg-pcap). Where a record
begins is known only from the length of the one before it: that is a walk (walk.py). Everything else is gathered
for all packets of the block at once.
"""

from __future__ import annotations

import struct
from typing import Any

import numpy as np

from rtmpscope.capture.batch import Ints, Octets
from rtmpscope.capture.blocks import MAX_RECORD, Window
from rtmpscope.capture.gather import headers_at
from rtmpscope.capture.records import Damage, Records
from rtmpscope.capture.stepping import RecordShape
from rtmpscope.capture.walk import walk
from rtmpscope.frozen import frozen

FILE_HEADER = 24
RECORD_HEADER = 16
#: What the usual tools take for the largest packet, whatever the file header says.
USUAL_LARGEST = 262_144

# magic → (byte order, nanoseconds per unit of the second time word)
_MAGICS = {
    b"\xd4\xc3\xb2\xa1": ("<", 1000),
    b"\xa1\xb2\xc3\xd4": (">", 1000),
    b"\x4d\x3c\xb2\xa1": ("<", 1),
    b"\xa1\xb2\x3c\x4d": (">", 1),
}


@frozen
class PcapFormat:
    """What the file header says.

    Attributes:
        order: ``<`` or ``>``, as in :mod:`struct`.
        tick_ns: nanoseconds per unit of the fractional time word.
        linktype: link type of every packet.
        largest: greatest captured length that is believed.
    """

    order: str
    tick_ns: int
    linktype: int
    largest: int


def is_pcap(head: bytes) -> bool:
    """Whether a file that starts with ``head`` is a classic pcap file."""
    return head[:4] in _MAGICS


def parse_header(head: bytes) -> PcapFormat:
    """Read the 24-byte file header; ``head`` must hold all of it and start with a known magic."""
    order, tick_ns = _MAGICS[head[:4]]
    snaplen, network = struct.unpack_from(order + "II", head, 16)
    largest = max(USUAL_LARGEST, snaplen if snaplen <= MAX_RECORD else 0)
    return PcapFormat(order, tick_ns, network & 0xFFFF, largest)


class PcapParser:
    """Cuts the blocks of a pcap file into records."""

    def __init__(self, head: bytes) -> None:
        self.form = parse_header(head)
        self.header_bytes = FILE_HEADER

    def parse(self, window: Window) -> Damage | Records:
        """The whole records of the window from its cursor on, which moves behind them.

        A damaged record is returned as such when it is the next one.
        """
        starts, after = walk(window.data, window.cursor, window.end, _shape(self.form.order))
        if not len(starts):
            return self._next_is_absurd(window) or Records.none()
        records = self._records(window.array, starts)
        absurd = np.flatnonzero(records.captured > self.form.largest)
        if len(absurd):
            count = int(absurd[0])
            after = int(starts[count])
            records = records.take(slice(count))
        window.cursor = after
        return records if len(records.start) else self._next_is_absurd(window) or records

    def _next_is_absurd(self, window: Window) -> Damage | None:
        if window.end - window.cursor < RECORD_HEADER:
            return None
        (length,) = struct.unpack_from(self.form.order + "I", window.data, window.cursor + 8)
        if length <= self.form.largest:
            return None
        reason = f"record claims {length} captured bytes, more than the {self.form.largest} that are believed"
        return Damage(window.position + window.cursor, reason)

    def _records(self, array: Octets, starts: Ints) -> Records:
        header = headers_at(array, starts, _record_layout(self.form.order))
        captured = header["captured"].astype(np.int64)
        time_ns = header["seconds"].astype(np.int64)
        time_ns *= 1_000_000_000
        time_ns += header["fraction"].astype(np.int64) * self.form.tick_ns
        linktype = np.full(len(starts), self.form.linktype, np.uint16)
        return Records(starts + RECORD_HEADER, captured, np.maximum(header["wire"], captured), time_ns, linktype)


def _record_layout(order: str) -> np.dtype[Any]:
    word = order + "u4"
    return np.dtype([("seconds", word), ("fraction", word), ("captured", word), ("wire", word)])


def _shape(order: str) -> RecordShape:
    """Neighbouring records share the high half of the seconds, for hours."""
    return RecordShape(order, RECORD_HEADER, length_at=8, alike=2 if order == "<" else 0)
