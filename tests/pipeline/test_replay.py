"""From a message back to its bytes: whatever was interleaved, reordered or spread over blocks."""

from __future__ import annotations

import io
from collections.abc import Callable
from functools import cache, partial
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import rtmpscope
from rtmpscope.pipeline import inputs
from rtmpscope.pipeline.blocks import BlockReader, StreamRange
from tests.oracle.decoder import decode
from tests.rtmp.streams import Encoder, Sent, body, wire
from tests.support.capture_write import Packet, pcap_bytes, read_pcap
from tests.support.session import ACK, FIN, HANDSHAKE, Session, session_packets
from tests.support.tools import CAPTURES

AUDIO, VIDEO, SET_CHUNK_SIZE = 8, 9, 1


def analyzed(chunks: bytes, size: int = 1448) -> rtmpscope.Analysis:
    return rtmpscope.analyze(io.BytesIO(pcap_bytes(session_packets(chunks, size=size))))


@cache
def interleaved() -> bytes:
    """Messages of three channels, chunk by chunk in turn, with a change of the chunk size in between."""
    encoder = Encoder(128)
    encoder.message(Sent(csid=3, type_id=20, stream_id=0, body=b"\x02\x00\x07connect\x00" + bytes(8)))
    for turn in range(4):
        messages = [
            Sent(csid=4, fmt=0 if turn == 0 else 1, time=turn * 20, type_id=AUDIO, body=body(300, turn)),
            Sent(csid=70, fmt=0 if turn == 0 else 2, time=40, type_id=VIDEO, body=body(900, turn + 9)),
            Sent(csid=400, fmt=0, time=0x1000000 + turn, type_id=VIDEO, body=body(500, turn + 50)),
        ]
        encoder.interleave(messages)
        if turn == 1:
            size = Sent(csid=2, type_id=SET_CHUNK_SIZE, stream_id=0, body=(200).to_bytes(4, "big"))
            encoder.message(size)
            encoder.chunk_size = 200
    return bytes(encoder.out)


def test_bodies_of_interleaved_messages_are_read_back() -> None:
    analysis = analyzed(interleaved())
    wanted = {one.offset: one.body for one in decode(bytes(3073) + interleaved())}
    got = {row.offset: analysis.payload(row.message) for row in analysis.messages.itertuples()}
    assert got == wanted
    assert len(got) == 14


def test_interleaved_chunks_are_counted_and_listed() -> None:
    analysis = analyzed(interleaved())
    channels = analysis.channels.set_index("csid")
    assert channels.loc[4, "interleaved_chunks"] > 0
    assert channels.loc[2, "interleaved_chunks"] == 0
    chunks = analysis.chunks
    assert chunks.groupby("csid").interleaved.sum().to_dict() == channels.interleaved_chunks.to_dict()
    assert chunks.groupby("message").size().tolist() == analysis.messages.chunk_count.tolist()


def test_chunks_tile_the_stream_and_carry_the_bodies() -> None:
    analysis = analyzed(interleaved())
    chunks = analysis.chunks.sort_values("offset")
    ends = chunks.offset + chunks.header_bytes + chunks.payload_bytes
    assert chunks.offset.iloc[0] == 3073
    assert chunks.offset.tolist()[1:] == ends.tolist()[:-1]
    assert chunks.groupby("message").payload_bytes.sum().tolist() == analysis.messages.length.tolist()


@settings(deadline=None, max_examples=25)
@given(size=st.integers(1, 1448), block=st.integers(200, 5000))
def test_any_segment_and_block_size_gives_the_same_rows_and_bodies(size: int, block: int) -> None:
    packets = pcap_bytes(session_packets(interleaved(), size=max(size, 40)))
    original = inputs.open_capture
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(inputs, "open_capture", lambda source, file=0: original(source, file=file, block_bytes=block))
        analysis = rtmpscope.analyze(io.BytesIO(packets))
        wanted = {one.offset: one.body for one in decode(bytes(3073) + interleaved())}
        assert {row.offset: analysis.payload(row.message) for row in analysis.messages.itertuples()} == wanted


def test_frames_are_those_of_the_first_and_last_byte() -> None:
    chunks = Encoder(4096)
    chunks.message(Sent(csid=3, type_id=20, stream_id=0, body=b"\x02\x00\x07connect\x00" + bytes(8)))
    small = Encoder(128)
    small.message(Sent(csid=3, type_id=20, stream_id=0, body=body(100)))
    analysis = analyzed(bytes(small.out), size=50)
    row = analysis.messages.iloc[0]
    # SYN, SYN-ACK, ACK, C0C1 in 2 packets, S0S1S2 in 3, C2 in 2; then 112 bytes in packets of 50.
    assert (row.frame_start, row.frame) == (11, 13)
    assert row.time > row.time_start


def test_messages_that_overlap_in_a_chain_are_read_together(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each message begins before the one before has ended: none can be read without all."""
    encoder = Encoder(128)
    sent = [Sent(csid=4 + place % 2, time=place, type_id=AUDIO, body=body(300, place)) for place in range(40)]
    queues = [encoder.chunks(one) for one in sent]
    encoder.out += b"".join(queues[0][:2])
    for queue, following in pairwise([*queues, [b"", b""]]):
        encoder.out += following[0] + queue[2] + following[1]
    analysis = analyzed(bytes(encoder.out))
    read: list[StreamRange] = []
    original = BlockReader.read
    monkeypatch.setattr(BlockReader, "read", lambda self, wanted: read.append(wanted) or original(self, wanted))
    assert [one for _, one in analysis.payloads(range(40))] == [one.body for one in sent]
    assert [(one.start, one.stop) for one in read] == [(3073, 3073 + len(encoder.out))]


def joined_late() -> tuple[rtmpscope.Analysis, int]:
    """The metadata's type-2 header is the first one captured of its chunk stream."""
    return reanalyzed(read_pcap(CAPTURES / "publish_gstreamer.pcap")[33:333]), 3


def length_told_in_a_hole() -> tuple[rtmpscope.Analysis, int]:
    """An audio message under a type-3 header; the one before, which told its length, was cut off."""
    packets = read_pcap(CAPTURES / "extension_left_out.pcap")[:460]
    return reanalyzed([Packet(one.time_ns, one.data[:200], len(one.data[200:])) for one in packets]), 39


def reanalyzed(packets: list[Packet]) -> rtmpscope.Analysis:
    return rtmpscope.analyze(io.BytesIO(pcap_bytes(packets)))


@pytest.mark.parametrize(
    ("damaged", "source", "length"),
    [
        (joined_late, "publish_gstreamer.pcap", 355),
        (length_told_in_a_hole, "extension_left_out.pcap", 158),
    ],
)
def test_a_message_whose_length_no_captured_header_told_is_read_back(
    damaged: Callable[[], tuple[rtmpscope.Analysis, int]], source: str, length: int
) -> None:
    analysis, message = damaged()
    row = analysis.messages.iloc[message]
    assert (row.length, row.complete) == (length, True)
    whole = rtmpscope.analyze(CAPTURES / source)
    same = whole.messages[whole.messages.time_start == row.time_start]
    bodies = [body for _, body in whole.payloads(same.message.tolist())]
    assert analysis.payload(message) in bodies


def changed_after_reading() -> tuple[rtmpscope.Analysis, int]:
    """A published stream, of which the length in one audio message's header is another when it is read again."""
    capture = io.BytesIO((CAPTURES / "publish_h264_aac.pcap").read_bytes())
    analysis = rtmpscope.analyze(capture)
    rows = analysis.messages
    message = int(rows[(rows.type == "audio") & (rows.header_bytes == 8)].message.iloc[1])
    header = bytes((0x44, 0, 0, 23, 0, 0, int(rows.length[message]), AUDIO))
    assert capture.getvalue().count(header) == 1
    capture.seek(capture.getvalue().index(header) + 6)
    capture.write(b"\x20")
    return analysis, message


def test_messages_that_read_otherwise_are_left_out_and_told() -> None:
    analysis, changed = changed_after_reading()
    around = range(changed - 2, changed + 3)
    unreadable: list[int] = []
    assert [message for message, _ in analysis.payloads(around, unreadable)] == [
        message for message in around if message != changed
    ]
    assert unreadable == [changed]
    assert analysis.export_flv(0, io.BytesIO()).unreadable == 1


def frames_of(analysis: rtmpscope.Analysis) -> dict[int, list[int]]:
    """What :meth:`messages_in_frame` is to say: by packet, the messages in one packet each."""
    return {row.frame: [row.message] for row in analysis.messages.itertuples()}


def told(analysis: rtmpscope.Analysis) -> dict[int, list[int]]:
    frames = range(1, analysis.facts.packets + 1)
    found = {frame: analysis.messages_in_frame(frame) for frame in frames}
    return {frame: messages for frame, messages in found.items() if messages}


def test_packets_beyond_four_gibibytes_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Most of the stream is missing from the capture."""
    session = opened()
    chunk = wire(Sent(type_id=AUDIO, body=b"\xaf\x01" + body(100)))
    for turn in range(2400):
        session.send(True, chunk)
        if turn % 50 == 49:
            session.send(False, b"")
        if turn % 400 == 399:
            session.seq[True] += 900_000_000
    monkeypatch.setattr(inputs, "open_capture", partial(inputs.open_capture, block_bytes=20_000))
    analysis = reanalyzed(session.packets)
    assert analysis.messages.offset.max() > 1 << 32
    asked = analysis.messages.frame.tolist()[::47]
    assert [analysis.messages_in_frame(frame) for frame in asked] == [[one] for one in range(0, 2400, 47)]


def test_packets_of_other_protocols_hold_no_message() -> None:
    assert told(rtmpscope.analyze(CAPTURES / "not_rtmp.pcap")) == {}


def test_packets_of_reused_ports_are_told_apart() -> None:
    sessions = [opened(seq=1000), opened(seq=1228, time_ns=1_700_000_001_000_000_000)]
    bodies = [b"\xaf\x01" + body(100, turn) for turn in range(10)]
    for place, session in enumerate(sessions):
        for one in bodies[5 * place :][:5]:
            session.send(True, wire(Sent(type_id=AUDIO, body=one)))
        session.send(True, b"", FIN | ACK)
        session.send(False, b"", FIN | ACK)
    analysis = reanalyzed([packet for session in sessions for packet in session.packets])
    assert analysis.messages.connection.tolist() == [0] * 5 + [1] * 5
    assert told(analysis) == frames_of(analysis)
    assert [one for _, one in analysis.payloads(range(10))] == bodies


def opened(seq: int = 1000, time_ns: int = 1_700_000_000_000_000_000) -> Session:
    """A connection with its handshakes behind it."""
    session = Session(seq={True: seq, False: seq}, time_ns=time_ns)
    session.open()
    session.stream(True, HANDSHAKE[:1537])
    session.stream(False, HANDSHAKE)
    session.stream(True, HANDSHAKE[1537:])
    return session


def test_unknown_messages_are_refused() -> None:
    analysis = analyzed(interleaved())
    with pytest.raises(rtmpscope.RtmpscopeError, match="there is no message 99"):
        analysis.payload(99)
    with pytest.raises(rtmpscope.RtmpscopeError, match="is not a decoded AMF command"):
        analysis.command(5)
    assert analysis.command(0).name == "connect"
