"""TCP segments as columns, straight from a list: what the capture layer would hand over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from rtmpscope.capture import SegmentBatch

FIN, SYN, RST, ACK = 1, 2, 4, 16


@dataclass(frozen=True)
class Seg:
    """One segment; ``a`` is whether endpoint A sends it, ``cut`` how many payload bytes were not stored."""

    a: bool
    seq: int
    payload: bytes = b""
    ack: int = 0
    flags: int = ACK
    cut: int = 0
    port: int = 50000
    time_ns: int | None = None


def batch_of(segments: Sequence[Seg], first_frame: int = 1) -> SegmentBatch:
    """The segments as a batch; packets are a millisecond apart unless they say otherwise."""
    count = len(segments)
    stored = [one.payload[: len(one.payload) - one.cut] for one in segments]
    lengths = np.array([len(one) for one in stored], np.int64)
    start = np.cumsum(lengths) - lengths
    frame = np.arange(first_frame, first_frame + count, dtype=np.int64)
    times = [frame[i] * 1_000_000 if one.time_ns is None else one.time_ns for i, one in enumerate(segments)]
    a = np.array([one.a for one in segments], np.bool_)
    client, server = np.uint64(0xFFFF0A000001), np.uint64(0xFFFF0A000002)
    ports = np.array([one.port for one in segments], np.uint16)
    return SegmentBatch(
        buffer=np.frombuffer(b"".join(stored) or b"\0", np.uint8).copy(),
        frame=frame,
        time_ns=np.array(times, np.int64),
        src_hi=np.zeros(count, np.uint64),
        src_lo=np.where(a, client, server),
        dst_hi=np.zeros(count, np.uint64),
        dst_lo=np.where(a, server, client),
        src_port=np.where(a, ports, 1935).astype(np.uint16),
        dst_port=np.where(a, 1935, ports).astype(np.uint16),
        seq=np.array([one.seq % (1 << 32) for one in segments], np.uint32),
        ack=np.array([one.ack % (1 << 32) for one in segments], np.uint32),
        flags=np.array([one.flags for one in segments], np.uint8),
        window=np.full(count, 65535, np.uint16),
        window_scale=np.full(count, -1, np.int8),
        payload_start=start,
        payload_captured=lengths,
        payload_length=np.array([len(one.payload) for one in segments], np.int64),
    )
