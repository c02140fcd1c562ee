"""The stages in their order: capture → TCP → chunks → messages and records.

This module alone drives them. Each stage is asked for its next batch and hands it on; nothing of a batch
is kept but the messages' columns and the records of small bodies.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import field

import numpy as np
from numpy.typing import NDArray

from rtmpscope.capture import Dissector, IcmpErrors, LaneResult, MergedCapture, PacketBatch, RawStreams
from rtmpscope.frozen import slotted
from rtmpscope.options import Options
from rtmpscope.pipeline.clock import ClockWatch
from rtmpscope.pipeline.flows import DirectionFlow, relieved
from rtmpscope.pipeline.growing import COLUMNS_KEPT, Columns, SpilledColumns
from rtmpscope.pipeline.holes import Holes
from rtmpscope.pipeline.inputs import Inputs, Source, open_inputs
from rtmpscope.pipeline.memory import give_back, keep_freed
from rtmpscope.pipeline.records import Records, read_bodies
from rtmpscope.pipeline.store import MessageStore
from rtmpscope.tcp import Assembler, ConnectionRecord, Hole, Piece
from rtmpscope.transport import Opening

_RTMP_OPENINGS = frozenset((Opening.RTMP, Opening.RTMPE))
_UNDECIDED = frozenset((Opening.UNDECIDED, Opening.HANDSHAKE, Opening.MIDSTREAM))
#: What a record of a capture file takes besides its packet, about.
_RECORD_BYTES = 16
#: More files than this are not listed in titles.
_MOST_NAMED = 3
#: As many ICMP errors are kept: connections that cannot be made repeat them.
MOST_ICMP_ERRORS = 10_000


@slotted
class CaptureFacts:
    """What is known of the capture as a whole.

    Attributes:
        inputs: the files, and the one capture that they make up; all packets below are numbered as in that.
        has_packets: whether packets were captured; False for byte streams that were saved without theirs, whose
            frames and times are places in an order and no more.
        packets, tcp_segments, tcp_connections: counts over all files.
        declined: packets that could not be dissected; ``first_declined`` is the first.
        incomplete_datagrams: IP datagrams that lack fragments.
        partly_read: frames that hold several packets, of which only the first was looked into.
        snapped_packets, snapped_bytes, payload_bytes: TCP packets stored in part, the payload this cost, and
            all payload on the wire.
        first_snapped: the first packet stored in part.
        clock: what was seen of the packet clock.
        icmp: ICMP errors about TCP segments, at most ``MOST_ICMP_ERRORS``.
        duplicate_packets: TCP packets that the capture holds twice; ``first_duplicate`` is one of them.
        first_time, last_time: ns of the first and last packet; None for an empty capture.
    """

    inputs: Inputs
    clock: ClockWatch
    has_packets: bool = True
    packets: int = 0
    tcp_segments: int = 0
    declined: int = 0
    first_declined: int | None = None
    incomplete_datagrams: int = 0
    partly_read: int = 0
    first_time: int | None = None
    last_time: int | None = None
    tcp_connections: int = 0
    snapped_packets: int = 0
    first_snapped: int | None = None
    snapped_bytes: int = 0
    payload_bytes: int = 0
    icmp: list[IcmpErrors] = field(default_factory=list)
    duplicate_packets: int = 0
    first_duplicate: int | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the files."""
        return self.inputs.names

    def packets_in(self, file: int) -> int:
        """How many packets a file holds, given by its place in ``names``."""
        capture = self.inputs.capture
        return capture.origins.count(file) if isinstance(capture, MergedCapture) else self.packets

    @property
    def title(self) -> str:
        """The files in words, all of them where they are few."""
        names = self.names
        return ", ".join(names) if len(names) <= _MOST_NAMED else f"{names[0]} and {len(names) - 1} more files"

    @property
    def arguments(self) -> str:
        """The files as the command line takes them, if they are few."""
        return " ".join(self.names) if len(self.names) <= _MOST_NAMED else "CAPTURE..."

    @property
    def duration_s(self) -> float:
        """Seconds from the first to the last packet."""
        if self.first_time is None or self.last_time is None:
            return 0.0
        return (self.last_time - self.first_time) / 1e9


@slotted
class Decoded:
    """Everything that one pass over the capture yields; tables are built from it."""

    facts: CaptureFacts
    dissector: Dissector
    connections: Sequence[ConnectionRecord]
    flows: dict[int, DirectionFlow]
    messages: Columns
    media: Columns
    first_heads: dict[tuple[int, int, int, int], tuple[int, bytes]]
    records: Records
    holes: Holes
    events: NDArray[np.int64]
    ignored: frozenset[int]

    @property
    def columns_kept(self) -> int | None:
        """How many columns of a wide table are to be kept in memory; None for all."""
        return COLUMNS_KEPT if isinstance(self.messages, SpilledColumns) else None


def decode(sources: Sequence[Source], options: Options, progress: Callable[[int], None] | None = None) -> Decoded:
    """Read the captures once and decode every RTMP connection in them.

    ``progress`` is called with the number of capture bytes read so far. Raises ``CaptureError`` for a file
    that cannot be read as a capture.
    """
    keep_freed()
    run = _Run(options, open_inputs(sources), has_packets=not any(isinstance(one, RawStreams) for one in sources))
    run.read(progress)
    return run.finish()


class _Run:
    def __init__(self, options: Options, inputs: Inputs, *, has_packets: bool) -> None:
        self._options = options
        self._facts = CaptureFacts(inputs, ClockWatch(options.limits), has_packets)
        self._dissector = Dissector(options.dissector)
        self._assembler = Assembler()
        self._flows: dict[int, DirectionFlow] = {}
        self._ignored: set[int] = set()
        self._store = MessageStore(options.row_limit)
        self._records = Records()
        self._holes = Holes()

    def read(self, progress: Callable[[int], None] | None) -> None:
        done = 0
        for batch in self._facts.inputs.capture.batches():
            lane = self._dissector.segments(batch)
            self._count(batch, lane)
            self._accept(self._assembler.feed(lane.segments))
            for flow in relieved(self._flows.values()):
                self._keep(flow)
            if progress is not None:
                done += int(batch.captured.sum()) + _RECORD_BYTES * len(batch)
                progress(done)

    def finish(self) -> Decoded:
        self._accept(self._assembler.finish())
        for flow in self._flows.values():
            flow.finish()
            self._keep(flow)
        messages, media = self._store.finish()
        self._records.forget_bodies()
        give_back()
        if not messages["timestamp_exact"].all():
            from rtmpscope.pipeline.estimates import mend_estimates

            mend_estimates(messages, media, self._facts.clock.steady)
        self._facts.incomplete_datagrams = self._dissector.incomplete_datagrams
        self._facts.tcp_connections = len(self._assembler.connections)
        self._facts.duplicate_packets = self._assembler.events.copies
        self._facts.first_duplicate = self._assembler.events.first_copy
        return Decoded(
            facts=self._facts,
            dissector=self._dissector,
            connections=self._assembler.connections,
            flows=self._flows,
            messages=messages,
            media=media,
            first_heads=self._store.first_heads,
            records=self._records,
            holes=self._holes,
            ignored=frozenset(self._ignored),
            events=self._assembler.events.columns(),
        )

    def _count(self, batch: PacketBatch, lane: LaneResult) -> None:
        facts, times = self._facts, batch.time_ns
        facts.packets += len(times)
        facts.tcp_segments += len(lane.segments)
        facts.declined += len(lane.declined)
        if len(lane.declined) and facts.first_declined is None:
            facts.first_declined = batch.first_frame + int(lane.declined[0])
        facts.partly_read += lane.counts.partly
        missing = lane.segments.payload_length - lane.segments.payload_captured
        if missing.any():
            facts.snapped_packets += int(np.count_nonzero(missing))
            if facts.first_snapped is None:
                facts.first_snapped = int(lane.segments.frame[(missing > 0).argmax()])
        if len(lane.icmp) and sum(map(len, facts.icmp)) < MOST_ICMP_ERRORS:
            facts.icmp.append(lane.icmp)
        facts.snapped_bytes += int(missing.sum())
        facts.payload_bytes += int(lane.segments.payload_length.sum())
        if len(times):
            first, last = int(times.min()), int(times.max())
            facts.first_time = first if facts.first_time is None else min(first, facts.first_time)
            facts.last_time = last if facts.last_time is None else max(last, facts.last_time)
            facts.clock.note(batch, lane.segments)

    def _accept(self, events: Iterator[Piece | Hole]) -> None:
        """Decode; what a direction completes with neighbouring events is filed together."""
        latest: DirectionFlow | None = None
        for event in events:
            if event.connection in self._ignored:
                continue
            key = 2 * event.connection + event.direction
            flow = self._flows.get(key)
            if flow is None:
                flow = self._flows[key] = self._new_flow(key)
            if isinstance(event, Hole):
                self._holes.append(event)
                flow.hole(event)
            else:
                flow.data(event)
            if flow is not latest and latest is not None:
                self._keep(latest)
            latest = flow
            if flow.decoder is None and flow.opening not in _UNDECIDED:
                self._judge(event.connection, flow)
        if latest is not None:
            self._keep(latest)

    def _new_flow(self, key: int) -> DirectionFlow:
        record = self._assembler.connections[key >> 1]
        return DirectionFlow(key, expected=self._is_expected(record.id), began=record.syn_side is not None)

    def _is_expected(self, connection: int) -> bool:
        """Whether one end's port is one that RTMP is expected on."""
        record = self._assembler.connections[connection]
        return record.port(0) in self._options.ports or record.port(1) in self._options.ports

    def _judge(self, connection: int, flow: DirectionFlow) -> None:
        """Stop following a connection that is not RTMP."""
        if flow.opening in _RTMP_OPENINGS:
            return
        peer = self._flows.get(flow.flow ^ 1)
        if peer is not None and peer.opening in (*_RTMP_OPENINGS, Opening.HANDSHAKE, Opening.MIDSTREAM):
            return
        self._ignored.add(connection)
        self._assembler.ignore(connection)

    def _keep(self, flow: DirectionFlow) -> None:
        """File what a decoder completed: messages into the store, small bodies into the records."""
        batch = flow.take()
        if batch is None:
            return
        arrivals = flow.arrivals.locate(batch.offset, batch.end)
        first = self._store.add(flow.flow, batch, arrivals)
        for heads in read_bodies(self._records, flow.flow, first, batch, arrivals.time):
            self._store.add_inner(heads)
        if flow.decoder is not None:
            flow.arrivals.forget(flow.decoder.pending_offset)
