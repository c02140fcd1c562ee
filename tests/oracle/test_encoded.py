"""Streams that an encoder made up: both decoders find the messages it sent, and no others."""

from __future__ import annotations

import io

from hypothesis import given, settings
from hypothesis import strategies as st

import rtmpscope
from tests.oracle.decoder import HANDSHAKE, decode
from tests.support.capture_write import pcap_bytes
from tests.support.rtmp_encode import Encoder, Expected
from tests.support.session import HANDSHAKE as HANDSHAKE_BYTES
from tests.support.session import session_packets
from tests.support.strategies import encoded

Row = tuple[object, ...]


def row(message: Expected) -> Row:
    facts = (message.offset, message.csid, message.type_id, message.stream_id, message.timestamp)
    return (*facts, message.chunk_count, message.header_bytes, message.body)


def product_rows(analysis: rtmpscope.Analysis, direction: str) -> list[Row]:
    names = ["message", "offset", "csid", "type_id", "stream_id", "timestamp", "chunk_count", "header_bytes"]
    messages = analysis.messages
    whole = messages[messages.complete & (messages.direction == direction)]
    rows = zip(*(whole[name].tolist() for name in names), strict=True)
    return [(*values, analysis.payload(number)) for number, *values in rows]


@settings(deadline=None, max_examples=60)
@given(encoded(offset=HANDSHAKE))
def test_the_independent_decoder_finds_what_was_sent(encoder: Encoder) -> None:
    found = decode(HANDSHAKE_BYTES + bytes(encoder.out))
    got = [(*one[:2], *one[2:5], one.chunks, one.header_bytes, one.body) for one in found]
    wanted = [(*row(one)[:4], one.timestamp % (1 << 32), *row(one)[5:]) for one in encoder.expected]
    assert got == wanted


@settings(deadline=None, max_examples=60)
@given(encoded(offset=HANDSHAKE), encoded(offset=HANDSHAKE), st.sampled_from((17, 536, 1448, 60_000)))
def test_the_messages_table_lists_what_was_sent(c2s: Encoder, s2c: Encoder, segment: int) -> None:
    capture = io.BytesIO(pcap_bytes(session_packets(bytes(c2s.out), bytes(s2c.out), segment)))
    analysis = rtmpscope.analyze(capture)
    for direction, encoder in (("c2s", c2s), ("s2c", s2c)):
        assert sorted(product_rows(analysis, direction)) == sorted(row(one) for one in encoder.expected)
