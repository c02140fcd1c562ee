from __future__ import annotations

import pytest

from rtmpscope.rtmp.chunk_fields import chunk_header_fields
from rtmpscope.wire import Truncated
from tests.rtmp.streams import Sent, basic, message_fields


def named(header: bytes) -> dict[str, tuple[int, int, object]]:
    return {field.name: (field.start, field.end, field.value) for field in chunk_header_fields(header)}


def header_of(sent: Sent) -> bytes:
    extension = sent.time.to_bytes(4, "big") if sent.time >= 0xFFFFFF else b""
    return basic(sent.fmt, sent.csid) + message_fields(sent) + extension


def test_a_type_0_header_has_all_fields() -> None:
    sent = Sent(csid=4, time=1000, type_id=9, stream_id=0x01000000, body=bytes(300))
    assert named(header_of(sent)) == {
        "fmt": (0, 2, 0),
        "chunk stream id": (2, 8, 4),
        "timestamp": (8, 32, 1000),
        "message length": (32, 56, 300),
        "message type id": (56, 64, 9),
        "message stream id": (64, 96, 0x01000000),
    }


def test_an_extended_delta_stands_after_the_message_header() -> None:
    fields = named(header_of(Sent(csid=64, fmt=2, time=0x1000000)))
    assert fields["chunk stream id"] == (8, 16, 64)
    assert fields["timestamp delta"] == (16, 40, 0xFFFFFF)
    assert fields["extended timestamp"] == (40, 72, 0x1000000)


def test_a_type_3_header_is_its_basic_header_and_a_repeated_timestamp() -> None:
    assert named(basic(3, 65599)) == {
        "fmt": (0, 2, 3),
        "chunk stream id form": (2, 8, 1),
        "chunk stream id": (8, 24, 65599),
    }
    assert named(basic(3, 5) + bytes(4))["extended timestamp"] == (8, 40, 0)


@pytest.mark.parametrize("fmt", range(4))
@pytest.mark.parametrize("csid", [2, 63, 64, 319, 320, 65599])
@pytest.mark.parametrize("time", [0, 0xFFFFFE, 0xFFFFFF])
def test_the_fields_cover_every_bit_in_order(fmt: int, csid: int, time: int) -> None:
    header = header_of(Sent(csid=csid, fmt=fmt, time=time))
    fields = chunk_header_fields(header)
    edges = [0, *(field.end for field in fields)]
    assert [field.start for field in fields] == edges[:-1]
    assert edges[-1] == 8 * len(header)


@pytest.mark.parametrize("cut", range(16))
def test_a_cut_header_is_truncated(cut: int) -> None:
    with pytest.raises(Truncated):
        chunk_header_fields(header_of(Sent(time=0x1000000))[:cut])
