"""Every message of every capture equals that of a decoder which shares no code with the package."""

from __future__ import annotations

import hashlib
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

import rtmpscope
from tests.oracle import tshark_rtmp
from tests.oracle.decoder import HANDSHAKE, Wire, decode
from tests.oracle.tcp_split import split
from tests.support.tools import all_captures, require_tool, shared_capture

pytestmark = pytest.mark.oracle

#: One holds no RTMP; in the other a server departs from the specification, and the oracle cannot.
LEFT_OUT = ("not_rtmp.pcap", "extension_left_out.pcap")
WITH_RTMP = [one for one in all_captures() if one.id not in LEFT_OUT]  # type: ignore[attr-defined]
Row = tuple[int, int, int, int, int, int, str]


@cache
def analyzed(path: Path) -> rtmpscope.Analysis:
    return rtmpscope.analyze(path)


@cache
def expected(path: Path) -> dict[tuple[int, int], list[Wire]]:
    """The oracle's messages by TCP stream and sender's port, for streams that begin like RTMP."""
    found = {}
    for stream, sides in split(path).items():
        for (_, port), side in sides.items():
            data = side.data() if side.segments else b""
            if data[:1] == b"\x03" and len(data) > HANDSHAKE:
                found[stream, port] = decode(data)
    return found


@pytest.mark.parametrize("path", WITH_RTMP)
def test_messages_equal_those_of_the_independent_decoder(path: Path) -> None:
    require_tool("tshark")
    analysis = analyzed(path)
    got: dict[tuple[int, int], list[Row]] = {}
    ends = analysis.connections.set_index("connection")
    for row in analysis.messages.itertuples():
        connection = ends.loc[row.connection]
        port = connection.client_port if row.direction == "c2s" else connection.server_port
        body = hashlib.sha256(analysis.payload(row.message)).hexdigest()
        values = (row.offset, row.type_id, row.timestamp, row.csid, row.stream_id, row.length, body)
        got.setdefault((connection.tcp_stream, port), []).append(values)
    wanted = {side: [_row(message) for message in messages] for side, messages in expected(path).items()}
    assert {side: sorted(rows) for side, rows in got.items()} == {side: sorted(rows) for side, rows in wanted.items()}
    assert analysis.messages.complete.all()


@pytest.mark.parametrize("path", WITH_RTMP)
def test_chunk_counts_and_header_bytes_equal_those_of_the_independent_decoder(path: Path) -> None:
    require_tool("tshark")
    messages = analyzed(path).messages
    got = Counter(zip(messages.offset, messages.chunk_count, messages.header_bytes, strict=True))
    wanted = Counter((one.offset, one.chunks, one.header_bytes) for side in expected(path).values() for one in side)
    assert got == wanted


@pytest.mark.parametrize("path", WITH_RTMP)
def test_tshark_agrees_where_it_prints_fields(path: Path) -> None:
    require_tool("tshark")
    analysis = analyzed(path)
    for (stream, port), seen in tshark_rtmp.messages_by_side(path).items():
        connection = analysis.connections.set_index("tcp_stream").loc[stream]
        direction = "c2s" if port == connection.client_port else "s2c"
        messages = analysis.messages
        own = messages[(messages.connection == connection.connection) & (messages.direction == direction)]
        mine = Counter(zip(own.type_id, own.length, own.csid % 64, strict=True))
        theirs = Counter((one.type_id, one.length, one.csid % 64) for one in seen)
        assert not theirs - mine, f"tshark sees messages in stream {stream} from port {port} that are not there"
        assert sum(theirs.values()) >= 0.3 * sum(mine.values())


def test_obs_session_is_told_as_it_was() -> None:
    analysis = analyzed(shared_capture("obs27_to_nginx.pcap"))
    stream = analysis.streams.iloc[0]
    assert len(analysis.streams) == 1
    assert (stream["role"], stream.outcome, stream.ended_by) == ("publish", "accepted", "deleteStream")
    assert "27" in stream.encoder
    assert (stream.video_codec, stream.width, stream.height) == ("h264", 1280, 720)
    assert (stream.audio_codec, stream.sample_rate, stream.channels) == ("aac", 48000, 2)
    assert dict(analysis.messages.type.value_counts())["video"] == 126
    assert dict(analysis.messages.type.value_counts())["audio"] == 197
    assert analysis.tracks.set_index("kind").loc["video", "profile"] == "Constrained Baseline"


def _row(message: Wire) -> Row:
    body = hashlib.sha256(message.body).hexdigest()
    return (
        message.offset,
        message.type_id,
        message.timestamp,
        message.csid,
        message.stream_id,
        message.length,
        body,
    )
