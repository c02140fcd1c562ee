"""Two byte streams of a Flash session, put into packets: every message equals the independent decoder's."""

from __future__ import annotations

import io

import rtmpscope
from tests.oracle.decoder import HANDSHAKE, decode
from tests.support.capture_write import pcap_bytes
from tests.support.session import Session
from tests.support.tools import shared_capture

NAMES = ["message", "offset", "csid", "type_id", "stream_id", "timestamp", "length", "chunk_count", "header_bytes"]


def test_a_flash_session_equals_the_independent_decoder() -> None:
    c2s = shared_capture("flash10_client_stream.bin").read_bytes()
    s2c = shared_capture("fms3_server_stream.bin").read_bytes()
    session = Session()
    session.open()
    session.stream(True, c2s[:1537])
    session.stream(False, s2c[:HANDSHAKE])
    session.stream(True, c2s[1537:])
    session.stream(False, s2c[HANDSHAKE:])
    analysis = rtmpscope.analyze(io.BytesIO(pcap_bytes(session.packets)))
    for direction, data in (("c2s", c2s), ("s2c", s2c)):
        own = analysis.messages[analysis.messages.direction == direction]
        rows = list(zip(*(own[name].tolist() for name in NAMES), strict=True))
        wanted = decode(data)
        assert len(wanted) > 30
        assert sorted((*row[1:], analysis.payload(row[0])) for row in rows) == sorted(
            (
                one.offset,
                one.csid,
                one.type_id,
                one.stream_id,
                one.timestamp,
                one.length,
                one.chunks,
                one.header_bytes,
                one.body,
            )
            for one in wanted
        )
