"""Streams that an encoder made up: both decoders find the messages it sent, and no others."""

from __future__ import annotations

import io

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

import rtmpscope
from tests.oracle.decoder import HANDSHAKE, decode
from tests.support.capture_write import pcap_bytes
from tests.support.rtmp_encode import Encoder, Expected, Message
from tests.support.session import HANDSHAKE as HANDSHAKE_BYTES
from tests.support.session import session_packets
from tests.support.strategies import encoded

Row = tuple[int, ...]
# Whole sessions take too long to be made smaller step by step; the failing stream is printed as it was drawn.
SETTINGS = settings(deadline=None, max_examples=60, phases=(Phase.explicit, Phase.reuse, Phase.generate))


def row(message: Expected) -> Row:
    facts = (message.offset, message.csid, message.type_id, message.stream_id, message.timestamp)
    return (*facts, message.chunk_count, message.header_bytes)


def product_rows(analysis: rtmpscope.Analysis, direction: str) -> dict[int, Row]:
    """Rows of whole messages by message id."""
    names = ["message", "offset", "csid", "type_id", "stream_id", "timestamp", "chunk_count", "header_bytes"]
    messages = analysis.messages
    whole = messages[messages.complete & (messages.direction == direction)]
    return {number: tuple(values) for number, *values in zip(*(whole[name].tolist() for name in names), strict=True)}


def analyzed(c2s: Encoder, s2c: Encoder | None = None, segment: int = 1448) -> rtmpscope.Analysis:
    packets = session_packets(bytes(c2s.out), bytes(s2c.out) if s2c else b"", segment)
    return rtmpscope.analyze(io.BytesIO(pcap_bytes(packets)))


@SETTINGS
@given(encoded(offset=HANDSHAKE))
def test_the_independent_decoder_finds_what_was_sent(encoder: Encoder) -> None:
    found = decode(HANDSHAKE_BYTES + bytes(encoder.out))
    got = [((*one[:2], *one[2:5], one.chunks, one.header_bytes), one.body) for one in found]
    wanted = [((*row(one)[:4], one.timestamp % (1 << 32), *row(one)[5:]), one.body) for one in encoder.expected]
    assert got == wanted


@SETTINGS
@given(encoded(offset=HANDSHAKE), encoded(offset=HANDSHAKE), st.sampled_from((17, 536, 1448, 60_000)))
def test_the_messages_table_lists_what_was_sent(c2s: Encoder, s2c: Encoder, segment: int) -> None:
    analysis = analyzed(c2s, s2c, segment)
    for direction, encoder in (("c2s", c2s), ("s2c", s2c)):
        assert sorted(product_rows(analysis, direction).values()) == sorted(row(one) for one in encoder.expected)


@SETTINGS
@given(encoded(offset=HANDSHAKE))
def test_payload_gives_the_bodies_that_were_sent(encoder: Encoder) -> None:
    bodies = {one.offset: one.body for one in encoder.expected}
    analysis = analyzed(encoder)
    for number, values in product_rows(analysis, "c2s").items():
        assert analysis.payload(number) == bodies[values[0]]


@pytest.mark.parametrize("length", [32, 300])
def test_payload_of_a_message_that_a_type_3_header_begins_under_a_negative_delta(length: int) -> None:
    encoder = Encoder(offset=HANDSHAKE)
    for number in range(3):
        encoder.send(Message(4, 1000 - 40 * number, 9, 1, bytes((65 + number,)) * length))
    assert encoder.expected[2].fmt == 3
    assert analyzed(encoder).payload(2) == b"C" * length
