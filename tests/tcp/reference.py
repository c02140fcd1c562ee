"""Reassembly byte by byte: slow, and too plain to be wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from rtmpscope.tcp import Hole, Piece
from tests.tcp.segments import Seg


@dataclass
class Expected:
    """What one direction must give.

    Attributes:
        data: offset → byte, of every byte that a packet brought.
        frame: offset → the packet that brought it first.
        snapped: offsets that some packet had on the wire and did not keep, and no other brought.
        end: offset after the last byte known of.
    """

    data: dict[int, int] = field(default_factory=dict)
    frame: dict[int, int] = field(default_factory=dict)
    snapped: set[int] = field(default_factory=set)
    end: int = 0


def expected_of(segments: Sequence[Seg], isn: int, first_frame: int) -> Expected:
    """The first copy of each byte wins; ``isn`` is the sequence number of offset 0."""
    expected = Expected()
    for frame, segment in enumerate(segments, first_frame):
        start = (segment.seq - isn) % (1 << 32)
        stored = len(segment.payload) - segment.cut
        for place, byte in enumerate(segment.payload):
            if place >= stored:
                expected.snapped.add(start + place)
            elif start + place not in expected.data:
                expected.data[start + place] = byte
                expected.frame[start + place] = frame
        expected.end = max(expected.end, start + len(segment.payload))
    expected.snapped -= expected.data.keys()
    return expected


@dataclass
class Given:
    """What an assembler gave for one direction, byte by byte; ``holes`` is offset → reason."""

    data: dict[int, int] = field(default_factory=dict)
    frame: dict[int, int] = field(default_factory=dict)
    holes: dict[int, str] = field(default_factory=dict)
    end: int = 0


def given_by(events: Sequence[Piece | Hole]) -> Given:
    """Spread the events out; checks that each begins where the one before ended, and none is empty."""
    given = Given()
    for event in events:
        assert event.offset == given.end
        if isinstance(event, Hole):
            given.holes.update(dict.fromkeys(range(event.offset, event.offset + event.length), event.reason))
            given.end += event.length
        else:
            given.data.update(enumerate(event.data, event.offset))
            given.end += len(event.data)
            _trace(event, given)
        assert given.end > event.offset
    return given


def _trace(piece: Piece, given: Given) -> None:
    starts = piece.seg_offset.tolist()
    assert starts[0] == piece.offset
    assert starts == sorted(set(starts))
    for start, stop, frame in zip(starts, [*starts[1:], given.end], piece.seg_frame.tolist(), strict=True):
        given.frame.update(dict.fromkeys(range(start, stop), frame))
