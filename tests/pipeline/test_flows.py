"""One direction, piece by piece: arrivals are kept as long as a message may need them, and no longer."""

from __future__ import annotations

import numpy as np
import pytest

from rtmpscope.pipeline.flows import DirectionFlow
from rtmpscope.pipeline.holes import Holes
from rtmpscope.rtmp import MessageBatch
from rtmpscope.tcp import Hole, Piece
from rtmpscope.transport import Opening
from tests.rtmp.streams import Sent, wire
from tests.support.handshake import CLIENT_KEY, SERVER_KEY, filler, first

OPENING = b"\x03" + bytes(8 + 1528 + 1536)
AUDIO = wire(Sent(type_id=8, body=b"\xaf\x01" + bytes(80)))
#: Of a message that never ends.
VIDEO = wire(Sent(csid=6, body=b"\x27" + bytes(600_000)))


class Sender:
    """Each piece in a packet of its own, numbered from 1."""

    def __init__(self) -> None:
        self.flow = DirectionFlow(0, expected=True)
        self.offset = self.frame = 0

    def send(self, data: bytes) -> MessageBatch | None:
        self.frame += 1
        at, frame = (np.array([value], np.int64) for value in (self.offset, self.frame))
        piece = Piece(0, 0, self.offset, data, at, frame, frame * 1000)
        self.offset += len(data)
        self.flow.data(piece)
        return self.flow.take()

    def lose(self, length: int) -> MessageBatch | None:
        hole = Hole(0, 0, self.offset, length, "lost", True, self.frame, 0)
        self.offset += length
        self.flow.hole(hole)
        return self.flow.take()


def begun() -> Sender:
    sender = Sender()
    for data in (OPENING, AUDIO):
        sender.send(data)
    sender.flow.decode()
    sender.flow.take()
    return sender


def test_messages_in_many_small_packets_arrive_in_those() -> None:
    sender = begun()
    batch = None
    while batch is None:
        batch = sender.send(AUDIO)
    assert len(batch) > 256
    frames = sender.flow.arrivals.locate(batch.offset, batch.end).frame
    assert frames.tolist() == list(range(3, 3 + len(batch)))


def test_arrivals_are_forgotten_between_holes_after_which_no_message_is_found() -> None:
    sender = begun()
    for _ in range(3000):
        sender.send(bytes(10))
        sender.lose(5)
    sender.flow.arrivals.forget(0)
    assert len(sender.flow.arrivals.locate(*[np.array([0])] * 2).frame) == 1
    assert kept(sender) <= 1024


def test_pieces_are_put_together_while_a_message_lasts() -> None:
    sender = begun()
    for place in range(0, 5000 * 20, 20):
        sender.send(VIDEO[place : place + 20])
    assert kept(sender) < 5002
    assert len(sender.flow.arrivals._pending) + len(sender.flow.arrivals._blocks) < 300


def test_messages_on_trial_keep_their_arrivals() -> None:
    sender = Sender()
    sender.flow = DirectionFlow(0, began=False)
    sender.send(AUDIO)  # one message is not enough to tell
    sender.send(AUDIO[:-1])
    for _ in range(600):
        sender.lose(1)
        sender.send(bytes(20))
    batch = None
    while batch is None:
        batch = sender.send(AUDIO)
    found = sender.flow.arrivals.locate(batch.offset, batch.end)
    assert (batch.offset[0], found.frame_start[0]) == (0, 1)


def test_holes_come_out_as_they_went_in() -> None:
    given = [Hole(0, 1, 10, 5, "lost", False, 7, 8), Hole(3, 0, 1 << 40, 9, "snapped", True, 70, 1 << 60)]
    holes = Holes()
    for hole in given:
        holes.append(hole)
    assert (len(holes), list(holes), list(holes)) == (2, given, given)


def kept(sender: Sender) -> int:
    """Segments kept."""
    arrivals = sender.flow.arrivals
    return len(arrivals._offset) + sum(len(one) for one, _, _ in (*arrivals._blocks, *arrivals._pending))


@pytest.mark.parametrize(
    ("opening", "is_rtmp"),
    [
        (b"\x03" + first(CLIENT_KEY, 0, 1)[0] + filler(2), True),
        (b"\x03" + first(SERVER_KEY, 1, 1)[0] + filler(2), True),
        (b"\x03" + filler(1) + filler(2), False),
    ],
    ids=["client's digest", "server's digest", "no digest"],
)
def test_a_digest_proves_a_handshake_whose_first_chunk_header_was_lost(opening: bytes, is_rtmp: bool) -> None:
    sender = Sender()
    sender.flow = DirectionFlow(0)
    sender.send(opening)
    sender.lose(12)
    for _ in range(20):
        sender.send(AUDIO)
    sender.flow.finish()
    batch = sender.flow.take()
    assert (sender.flow.opening is Opening.RTMP) == is_rtmp
    assert (0 if batch is None else len(batch)) == (20 if is_rtmp else 0)
