"""The messages of a real session, sent again by a sender with one fault: its finding and no other."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from functools import cache

import pytest

import rtmpscope
from rtmpscope.rtmp import Dialect
from tests.findings.sessions import findings
from tests.support.capture_write import Packet, pcap_bytes, read_pcap
from tests.support.rtmp_encode import Encoder, Message, basic_header
from tests.support.session import HANDSHAKE, session_packets
from tests.support.tools import CAPTURES

AUDIO, VIDEO, USER_CONTROL = 8, 9, 4
PAST = 0x1000000
PATH = CAPTURES / "publish_h264_aac.pcap"


@cache
def recorded(direction: str) -> tuple[Message, ...]:
    """What one side of a real publish sent, but for its Set Chunk Size."""
    analysis = rtmpscope.analyze(PATH, show_secrets=True)
    names = ("message", "csid", "timestamp", "type_id", "stream_id")
    own = analysis.messages[(analysis.messages.direction == direction) & (analysis.messages.type_id != 1)]
    rows = zip(*(own[name].tolist() for name in names), strict=True)
    return tuple(Message(*facts, analysis.payload(number)) for number, *facts in rows)


def sender(dialect: Dialect | None = None, fmt: str = "best") -> Encoder:
    encoder = Encoder(fmt, offset=len(HANDSHAKE), dialect=dialect or Dialect())
    encoder.set_chunk_size(4096)
    return encoder


def sent(messages: tuple[Message, ...], encoder: Encoder | None = None) -> bytes:
    encoder = encoder or sender()
    for one in messages:
        encoder.send(one)
    return bytes(encoder.out)


def past_24_bits(messages: tuple[Message, ...]) -> tuple[Message, ...]:
    return tuple(replace(one, timestamp=one.timestamp + PAST - 2000) for one in messages)


def chunk_size(size: int) -> Callable[[tuple[Message, ...]], bytes]:
    announced = Message(2, 0, 1, 0, size.to_bytes(4, "big"))
    return lambda messages: sent((*messages, announced))


def cut_clock(messages: tuple[Message, ...]) -> bytes:
    return sent(past_24_bits(messages), sender(Dialect(timestamp_bits=24), "full"))


def absolute_deltas(messages: tuple[Message, ...]) -> bytes:
    return sent(past_24_bits(messages), sender(Dialect(extended_delta="absolute")))


def left_out_extension(messages: tuple[Message, ...]) -> bytes:
    return sent(past_24_bits(messages), sender(Dialect(continuing="omitted", starting="omitted"), "full"))


def chunks_of_128(messages: tuple[Message, ...]) -> bytes:
    return sent(messages, Encoder(offset=len(HANDSHAKE)))


def abandoned(messages: tuple[Message, ...]) -> bytes:
    encoder = sender()
    large = next(place for place, one in enumerate(messages) if len(one.body) > 4096)
    sent(messages[:large], encoder)
    encoder.begin(messages[large])
    encoder.abort(messages[large].csid)
    return sent(messages[large + 1 :], encoder)


def control_among_commands(messages: tuple[Message, ...]) -> bytes:
    return sent((*messages, Message(3, 0, USER_CONTROL, 0, b"\0\3\0\0\0\1\0\0\0\1")))


def compressed_at_once(messages: tuple[Message, ...]) -> bytes:
    last = next(one for one in reversed(messages) if one.type_id == AUDIO)
    fields = bytes(3) + len(last.body).to_bytes(3, "big") + bytes((AUDIO,))
    return sent(messages) + basic_header(1, 7) + fields + last.body


def high_channel(messages: tuple[Message, ...]) -> bytes:
    return sent(tuple(replace(one, csid=104 if one.type_id == AUDIO else one.csid) for one in messages))


def noise_between(messages: tuple[Message, ...]) -> bytes:
    encoder = sender()
    sent(messages[:100], encoder)
    encoder.out += b"\xff" * 400
    return sent(messages[100:], encoder)


def interleaved(messages: tuple[Message, ...]) -> bytes:
    encoder = sender()
    large = next(place for place, one in enumerate(messages) if len(one.body) > 4096)
    other = replace(messages[large], csid=5, type_id=18, body=bytes(8192))
    sent(messages[:large], encoder)
    encoder.interleave([messages[large], other], [0])
    return sent(messages[large + 1 :], encoder)


FAULTS = {
    "CHK01": left_out_extension,
    "CHK02": cut_clock,
    "CHK03": absolute_deltas,
    "CHK04": chunks_of_128,
    "CHK05": chunk_size(100),
    "CHK06": abandoned,
    "CHK07": control_among_commands,
    "CHK08": compressed_at_once,
    "CHK09": high_channel,
    "CHK10": noise_between,
    "CHK11": interleaved,
}


def found_of(client: bytes) -> set[str]:
    return set(findings(session_packets(client, sent(recorded("s2c")))).code)


@pytest.mark.parametrize("code", FAULTS)
def test_a_fault_of_the_sender_is_found_and_nothing_else(code: str) -> None:
    assert found_of(FAULTS[code](recorded("c2s"))) == {code}


@pytest.mark.parametrize("change", [lambda messages: messages, past_24_bits])
def test_a_sender_without_fault_is_found_to_have_none(
    change: Callable[[tuple[Message, ...]], tuple[Message, ...]],
) -> None:
    assert found_of(sent(change(recorded("c2s")))) == set()


@pytest.mark.parametrize(("delay_ms", "codes"), [(100, set()), (250, {"TCP06"})])
def test_a_long_way_to_the_server_is_found(delay_ms: int, codes: set[str]) -> None:
    """The server's first answer, and all that comes after it, comes later."""
    packets = read_pcap(PATH)
    later = [Packet(one.time_ns + delay_ms * 1_000_000, one.data) for one in packets[1:]]
    assert set(rtmpscope.analyze(io.BytesIO(pcap_bytes([packets[0], *later]))).findings.code) == codes
