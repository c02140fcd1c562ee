"""What is known of a direction is looked at where it is kept, and not copied for each header that is checked."""

from __future__ import annotations

from rtmpscope.rtmp import ChunkDecoder
from rtmpscope.rtmp.chunk_header import Channel
from tests.rtmp.rows import keep_all
from tests.rtmp.streams import Sent, wire


def test_chunk_streams_are_not_copied() -> None:
    decoder = ChunkDecoder()
    known = decoder._known()
    decoder.feed(wire(*[Sent(csid=csid, type_id=8, body=b"\xaf\x01") for csid in range(3, 50)]))
    assert list(known.channels) == list(range(3, 50))


def test_beginnings_are_gathered_again_only_where_there_is_a_new_one() -> None:
    decoder = ChunkDecoder(keep=keep_all)
    first, other = (wire(Sent(type_id=8, body=begin + bytes(9))) for begin in (b"\x2f\xff", b"\x22\x01"))
    decoder.feed(first * 2)
    known = decoder._known().starts
    decoder.feed(first)
    assert decoder._known().starts is known
    decoder.feed(other)
    assert decoder._known().starts == known | {0x82201}


def test_of_many_chunk_streams_the_first_tell_the_clock_of_a_new_one() -> None:
    decoder = ChunkDecoder()
    decoder._epoch = 1
    decoder._channels = {csid: Channel(timestamp=csid, type_id=8) for csid in range(100, 300)}
    assert decoder._new_channel(8).timestamp == 163
