"""What a finding is, and what rules look at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from rtmpscope.tables import Table

Severity = Literal["error", "warning", "note"]

#: Severities from the gravest to the least.
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "note")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a finding stands; what is unknown or does not apply is None.

    ``time`` is in ns, ``direction`` ``c2s`` or ``s2c``.
    """

    connection: int | None = None
    direction: str | None = None
    stream: int | None = None
    time: int | None = None
    frame: int | None = None
    message: int | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """One problem found.

    Attributes:
        code: stable code of the catalogue, such as ``SES01``.
        severity: how bad it is here.
        title: what is wrong, in one clause with the numbers that matter.
        place: the first place where it was seen.
        evidence: what was measured, in words.
        occurrences: how often it was seen; repetitions are one finding.
        advice: what to do about it; that of the catalogue where empty.
    """

    code: str
    severity: Severity
    title: str
    place: Place
    evidence: str
    occurrences: int = 1
    advice: str = ""


@dataclass(frozen=True, slots=True)
class Damage:
    """A place where a capture file is cut or damaged."""

    file: str
    offset: int
    reason: str


@dataclass(frozen=True, slots=True)
class LostSync:
    """Bytes of a direction that are not chunks; ``offset`` is the stream offset where that began."""

    place: Place
    offset: int
    skipped: int
    reason: str


@dataclass(frozen=True, slots=True)
class CaptureNotes:
    """Facts about the capture that are no table.

    Attributes:
        damage: damaged places of its files.
        snapped_packets, tcp_packets: how many TCP packets were captured in part, and how many there are.
        snapped_bytes, payload_bytes: how much payload the snapping cost, of how much on the wire.
        clock_steps_back: packets whose time is before that of the packet before; ``first_step_frame`` and
            ``largest_step_s`` say where and how far.
        duplicate_packets: packets that repeat another one within a millisecond; ``first_duplicate_frame``.
        lost_sync: where directions lost synchronisation.
    """

    damage: tuple[Damage, ...] = ()
    snapped_packets: int = 0
    tcp_packets: int = 0
    snapped_bytes: int = 0
    payload_bytes: int = 0
    clock_steps_back: int = 0
    first_step_frame: int | None = None
    largest_step_s: float = 0.0
    duplicate_packets: int = 0
    first_duplicate_frame: int | None = None
    lost_sync: tuple[LostSync, ...] = ()


Row = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything that rules may look at."""

    tables: Mapping[str, Table]
    capture: CaptureNotes = field(default_factory=CaptureNotes)
    _rows: dict[str, list[Row]] = field(default_factory=dict)
    _by: dict[tuple[str, str], dict[object, Row]] = field(default_factory=dict)

    def rows(self, name: str) -> list[Row]:
        """The rows of a small table."""
        if name not in self._rows:
            self._rows[name] = list(self.tables[name].to_rows())
        return self._rows[name]

    def by(self, name: str, column: str) -> Mapping[object, Row]:
        """The rows of a small table by the values of a column; of equal ones the first."""
        if (name, column) not in self._by:
            self._by[name, column] = {row[column]: row for row in reversed(self.rows(name))}
        return self._by[name, column]
