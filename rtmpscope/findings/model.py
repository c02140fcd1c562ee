"""What a finding is, and what rules look at."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Mapping
from dataclasses import field
from typing import Literal, TypeVar, cast

from rtmpscope.findings.joined import Joined
from rtmpscope.findings.limits import Limits
from rtmpscope.frozen import frozen
from rtmpscope.tables import Table

Severity = Literal["error", "warning", "note"]

#: Severities from the gravest to the least.
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "note")


@frozen
class Place:
    """Where a finding stands; what is unknown or does not apply is None.

    ``time`` is in ns, ``direction`` ``c2s`` or ``s2c``. ``file`` names the file of ``frame``; where it is left out,
    the message or else the connection tells it, of which ``frame`` is the first packet.
    """

    connection: int | None = None
    direction: str | None = None
    stream: int | None = None
    time: int | None = None
    frame: int | None = None
    message: int | None = None
    file: str | None = None


@frozen
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


@frozen
class Damage:
    """A place where a capture file is cut or damaged."""

    file: str
    offset: int
    reason: str


@frozen
class LostSync:
    """Bytes of a direction that are not chunks; ``offset`` is the stream offset where that began."""

    place: Place
    offset: int
    skipped: int
    reason: str


@frozen
class Resumed:
    """Where decoding went on after the place of the next chunk header had been searched for.

    Attributes:
        offset: stream offset of the header found.
        skipped: bytes between where it was searched from and there.
        confirmed: what follows its message agrees with it; otherwise nothing that was captured contradicts it.
    """

    connection: int
    direction: str
    offset: int
    skipped: int
    confirmed: bool


@frozen
class ChunkProblem:
    """Something malformed in the chunks of a direction that decoding stepped over.

    Attributes:
        place: the message that begins there, or the next one.
        kind: what it is, by the decoder's name.
        offset: stream offset of the chunk header that showed it.
        reason: what was wrong, in words.
    """

    place: Place
    kind: str
    offset: int
    reason: str


@frozen
class Unread:
    """What was said in a direction between two times in ns is not known: its bytes were missing, or did not read."""

    connection: int
    direction: str
    begin: int
    end: int


@frozen
class Missing:
    """Bytes of a direction that the capture does not hold.

    Attributes:
        offset, length: where in the direction's stream, in bytes.
        time: of the packet after them, in ns.
    """

    connection: int
    direction: str
    offset: int
    length: int
    time: int


@frozen
class Sender:
    """How one direction of a connection fared in TCP.

    Attributes:
        packets: segments with payload, without copies that the capture made.
        base: sequence number of stream offset 0; None where no byte was seen.
        acked: stream offset up to which the receiver acknowledged; None where it never did. ``acked_time`` is
            when that last moved on, ``heard_time`` when the receiver last sent anything, in ns.
        round_trips: samples of the time from data to acknowledgement, ``rtt_median_ms`` and ``rtt_high_ms`` (95th
            percentile) among them.
    """

    packets: int = 0
    base: int | None = None
    acked: int | None = None
    acked_time: int | None = None
    heard_time: int | None = None
    round_trips: int = 0
    rtt_median_ms: float | None = None
    rtt_high_ms: float | None = None


@frozen
class PacketName:
    """A packet: the name of its file, and its number there."""

    file: str
    frame: int


@frozen
class Rejection:
    """An ICMP error about a connection: ``mtu`` is the largest packet that would pass, 0 where it is not said."""

    time: int
    packet: PacketName
    reason: str
    mtu: int


@frozen
class TcpFacts:
    """What is known of a connection's TCP besides its tables.

    Attributes:
        syns: SYN segments of the client; ``answered`` is whether a SYN-ACK came.
        c2s, s2c: its two directions.
        rejections: ICMP errors about it, in order of time.
        clocks_apart_s: by how much the answer to its SYN is before it, which happens where two clocks timed them.
    """

    syns: int = 0
    answered: bool = False
    c2s: Sender = field(default_factory=Sender)
    s2c: Sender = field(default_factory=Sender)
    rejections: tuple[Rejection, ...] = ()
    clocks_apart_s: float = 0.0

    def sender(self, direction: str) -> Sender:
        """The direction ``c2s`` or ``s2c``."""
        return self.c2s if direction == "c2s" else self.s2c


@frozen
class ClockStep:
    """The packet clock changed before a packet, by ``seconds``: negative for a step back.

    ``time`` is the packet's in ns; ``hosts_s`` is, for a jump ahead, the most that went by for the hosts.
    """

    packet: PacketName
    time: int
    seconds: float
    hosts_s: float = 0.0


@frozen
class CaptureNotes:
    """Facts about the capture that are no table.

    Attributes:
        damage: damaged places of its files.
        files: names of its files.
        snapped_packets, tcp_packets: how many TCP packets were captured in part, and how many there are;
            ``first_snapped`` is the first.
        snapped_bytes, payload_bytes: how much payload the snapping cost, of how much on the wire.
        clock_steps_back, clock_jumps: how often the clock stepped back, and jumped ahead; ``clock_changes`` are
            the first few, ``largest_step_s`` is the largest step back.
        duplicate_packets: packets that repeat another one within a moment; ``first_duplicate``.
        lost_sync: where directions lost synchronisation though no bytes were missing.
        resumed: where decoding went on after that, and after holes, in order.
        problems: what else was malformed in the chunk layer, in the order of decoding.
        missing: holes in the directions' streams.
        joined: directions that were joined in mid-stream.
        unread: what of the directions could not be read.
        tcp: facts about each connection, by its number.
        end: time of the last packet of the capture in ns.
    """

    damage: tuple[Damage, ...] = ()
    files: tuple[str, ...] = ()
    snapped_packets: int = 0
    first_snapped: PacketName | None = None
    tcp_packets: int = 0
    snapped_bytes: int = 0
    payload_bytes: int = 0
    clock_steps_back: int = 0
    clock_jumps: int = 0
    largest_step_s: float = 0.0
    clock_changes: tuple[ClockStep, ...] = ()
    duplicate_packets: int = 0
    first_duplicate: PacketName | None = None
    lost_sync: tuple[LostSync, ...] = ()
    resumed: tuple[Resumed, ...] = ()
    problems: tuple[ChunkProblem, ...] = ()
    missing: tuple[Missing, ...] = ()
    joined: tuple[Joined, ...] = ()
    unread: tuple[Unread, ...] = ()
    tcp: tuple[TcpFacts, ...] = ()
    end: int = 0


Row = Mapping[str, object]
Answer = TypeVar("Answer")


@frozen
class Evidence:
    """Everything that rules may look at."""

    tables: Mapping[str, Table]
    capture: CaptureNotes = field(default_factory=CaptureNotes)
    limits: Limits = field(default_factory=Limits)
    _rows: dict[str, list[Row]] = field(default_factory=dict)
    _by: dict[tuple[str, str], dict[object, Row]] = field(default_factory=dict)
    _missing: dict[tuple[int, str], list[int]] = field(default_factory=dict)
    _unread: dict[tuple[int, str], list[Unread]] = field(default_factory=dict)
    _of: dict[tuple[str, str], dict[object, list[Row]]] = field(default_factory=dict)
    _known: dict[Callable[[Evidence], object], object] = field(default_factory=dict)

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

    def rows_of(self, name: str, column: str, value: object) -> list[Row]:
        """The rows of a small table that have a value in a column."""
        if (name, column) not in self._of:
            grouped: dict[object, list[Row]] = {}
            for row in self.rows(name):
                grouped.setdefault(row[column], []).append(row)
            self._of[name, column] = grouped
        return self._of[name, column].get(value, [])

    def once(self, question: Callable[[Evidence], Answer]) -> Answer:
        """The answer to a question that several rules ask, worked out once."""
        if question not in self._known:
            self._known[question] = question(self)
        return cast("Answer", self._known[question])

    def tcp(self, connection: int) -> TcpFacts:
        """What is known of a connection's TCP."""
        return self.capture.tcp[connection] if connection < len(self.capture.tcp) else TcpFacts()

    def name(self, packet: PacketName) -> str:
        """A packet in words: its number, and its file where there are several."""
        return f"frame {packet.frame}" + (f" of {packet.file}" if len(self.capture.files) > 1 else "")

    def is_whole(self, connection: int, direction: str, start: int = 0, end: int = 1 << 63) -> bool:
        """Whether a direction lacks no byte between two times in ns: what was not seen there was not sent."""
        if any(one.begin < end and start < one.end for one in self._unread_of(connection, direction)):
            return False
        times = self._missing_times().get((connection, direction), [])
        place = bisect_left(times, start)
        return place == len(times) or times[place] > end

    def _unread_of(self, connection: int, direction: str) -> list[Unread]:
        if not self._unread:
            for one in self.capture.unread:
                self._unread.setdefault((one.connection, one.direction), []).append(one)
        return self._unread.get((connection, direction), [])

    def _missing_times(self) -> dict[tuple[int, str], list[int]]:
        """Times of the packets after holes, ascending, by connection and direction."""
        if not self._missing and self.capture.missing:
            for one in sorted(self.capture.missing, key=lambda one: one.time):
                self._missing.setdefault((one.connection, one.direction), []).append(one.time)
        return self._missing
