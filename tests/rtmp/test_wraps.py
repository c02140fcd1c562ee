"""Timestamps that wrap at 32 bits, pass 24 bits, or are cut there, with a segment missing anywhere around it."""

from __future__ import annotations

import random

import pytest

from rtmpscope.rtmp import Dialect
from tests.rtmp.rows import fast
from tests.rtmp.test_lossy_streams import AAC, AVC, frame
from tests.support.rtmp_encode import Encoder, Message

SEGMENT, FRAME_MS = 1448, 40
WRAP_24, WRAP_32 = 1 << 24, 1 << 32
SENDERS = {
    "32 bits": (WRAP_32, Dialect()),
    "24 bits": (WRAP_24, Dialect()),
    "cut to 24 bits": (WRAP_24, Dialect(timestamp_bits=24)),
    "extended delta absolute": (WRAP_24, Dialect(extended_delta="absolute")),
    "extension left out": (WRAP_24, Dialect(continuing="omitted", starting="omitted")),
}


def passing(wrap: int, dialect: Dialect, fmt: str, audio_csid: int) -> Encoder:
    """Two seconds of audio and video, with the wrap in their middle."""
    chance = random.Random(7)
    encoder = Encoder(fmt, dialect=dialect)
    encoder.set_chunk_size(4096)
    for timestamp in range(wrap - 1000, wrap + 1000, FRAME_MS):
        encoder.send(Message(6, timestamp, 9, 1, frame(AVC, chance.choice((300, 2500, 7000)), chance)))
        encoder.send(Message(audio_csid, timestamp + 13, 8, 1, frame(AAC, chance.randint(90, 300), chance)))
    return encoder


@pytest.mark.parametrize("audio_csid", [4, 6])
@pytest.mark.parametrize("fmt", ["best", "full"])
@pytest.mark.parametrize("sender", SENDERS)
def test_a_segment_lost_around_a_wrap_puts_no_timestamp_on_the_wrong_side(
    sender: str, fmt: str, audio_csid: int
) -> None:
    wrap, dialect = SENDERS[sender]
    encoder = passing(wrap, dialect, fmt, audio_csid)
    data, truth = bytes(encoder.out), {one.offset: one.timestamp for one in encoder.expected}
    for lost in range(2 * SEGMENT, len(data) - 2 * SEGMENT, 2 * SEGMENT):
        size = SEGMENT if lost % (4 * SEGMENT) else 3 * SEGMENT
        found = fast(data[:lost], size, data[lost + size :])
        rows = zip(found.offset.tolist(), found.timestamp.tolist(), found.timestamp_exact.tolist(), strict=True)
        for offset, timestamp, is_exact in rows:
            near = 0 if is_exact else 2 * FRAME_MS * (1 + size // SEGMENT)
            assert abs(timestamp - truth[offset]) <= near, (lost, offset)
        assert len(found) >= 0.8 * len(truth)


@pytest.mark.parametrize("sender", SENDERS)
def test_without_loss_all_timestamps_go_on_rising(sender: str) -> None:
    encoder = passing(*SENDERS[sender], "best", 4)
    found = fast(bytes(encoder.out))
    assert found.timestamp_exact.all()
    assert found.timestamp.tolist() == [one.timestamp for one in encoder.expected]
