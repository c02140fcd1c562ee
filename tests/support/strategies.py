"""Hypothesis strategies: chunk streams that dwell on the boundaries of the specification."""

from __future__ import annotations

import random

from hypothesis import strategies as st

from tests.support.rtmp_encode import Encoder, Message

CSIDS = (3, 4, 63, 64, 65, 319, 320, 321, 65599)
STARTS = (0, 1, 0xFFFFFE, 0xFFFFFF, 0x1000000, 0x7FFFFFFF, 0xFFFFFFFE, 0xFFFFFFFF)
STEPS = (0, 1, 23, 40, 40, 40, -1, -40, 0xFFFFFE, 0xFFFFFF, 0x1000000, -0xFFFFFF)
CHUNK_SIZES = (1, 31, 127, 128, 129, 4096, 65535, 65536, 100_000, 0x7FFFFFFF)
MEDIA_TYPES = (8, 9)
MOST_CHUNKS = 400
_MARKED_FF = 63
ACTIONS = ("begin",) * 5 + ("go on",) * 5 + ("chunk size", "abort")


@st.composite
def encoded(draw: st.DrawFn, offset: int = 0) -> Encoder:
    """A valid stream of some dozen messages: interleaved, aborted, with chunk sizes changing in mid-message.

    Every message that was not aborted is finished at the end.
    """
    encoder = Encoder(fmt=draw(st.sampled_from(("best", "best", "best", "full"))), offset=offset)
    csids = draw(st.lists(st.sampled_from(CSIDS), min_size=1, max_size=4, unique=True))
    for action in draw(st.lists(st.sampled_from(ACTIONS), min_size=16, max_size=48)):
        free = [csid for csid in csids if csid not in encoder.unfinished]
        if encoder.chunk_size == 1 and _MARKED_FF in free:
            free.remove(_MARKED_FF)  # its type-3 headers read like extended timestamps of 0xFF bytes
        if action == "begin" and free:
            encoder.begin(
                draw(messages(encoder, draw(st.sampled_from(free)))), draw(st.sampled_from((None, 0, 1, 2, 3)))
            )
        elif action == "chunk size":
            encoder.set_chunk_size(draw(st.sampled_from(CHUNK_SIZES[1:] if encoder.unfinished else CHUNK_SIZES)))
        elif encoder.unfinished:
            csid = draw(st.sampled_from(encoder.unfinished))
            if action == "abort":
                encoder.abort(csid)
            else:
                encoder.go_on(csid)
    encoder.interleave([], draw(st.lists(st.integers(0, 7), min_size=1, max_size=8)))
    return encoder


@st.composite
def messages(draw: st.DrawFn, encoder: Encoder, csid: int) -> Message:
    """The next message of a chunk stream; often so like the one before that a short header can say it."""
    last = encoder.last(csid)
    alike = draw(st.sampled_from(("nothing", "stream", "length", "length", "all", "all"))) if last else "nothing"
    type_id, stream_id = draw(st.sampled_from(MEDIA_TYPES)), draw(st.sampled_from((1, 7)))
    length = draw(lengths(encoder.chunk_size))
    if last is None:
        timestamp = draw(st.sampled_from(STARTS))
    else:
        timestamp = max(0, last.timestamp + draw(st.sampled_from(STEPS)))
        if alike != "nothing":
            stream_id = last.stream_id
        if alike in ("length", "all") and len(last.body) <= encoder.chunk_size * MOST_CHUNKS:
            length, type_id = len(last.body), last.type_id
        if alike == "all":
            repeated = encoder.repeated_timestamp(csid)
            timestamp = timestamp if repeated is None else repeated
        if encoder.is_ambiguous(csid, timestamp):
            timestamp = last.timestamp + 40
    body = random.Random(draw(st.integers(0, 255))).randbytes(length)
    return Message(csid, timestamp, type_id, stream_id, body)


def lengths(chunk_size: int) -> st.SearchStrategy[int]:
    """Body lengths about multiples of the chunk size, and of any order up to 100 000; bounded in chunks."""
    most = min(100_000, chunk_size * MOST_CHUNKS)
    near = {count * chunk_size + more for count in (1, 2, 3) for more in (-1, 0, 1)}
    usual = {0, 1, 2, 31, 32, 33, 40, 1000, 32_768, 32_769, 100_000}
    return st.sampled_from(sorted(length for length in near | usual if length <= most))
