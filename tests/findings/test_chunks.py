"""CHK findings fire on what they are about, and on nothing near it."""

from __future__ import annotations

import pytest

from rtmpscope.findings import Limits
from tests.findings.sessions import AUDIO, findings, found_in, video
from tests.support.rtmp_encode import Encoder, Message, basic_header
from tests.support.session import session_packets

CHUNK = {f"CHK{number:02}" for number in range(4, 12)}


def sender(chunk_size: int = 4096) -> Encoder:
    """A sender that has announced its chunk size."""
    chunks = Encoder()
    if chunk_size != 128:
        chunks.set_chunk_size(chunk_size)
    return chunks


def streamed(chunks: Encoder, frames: int = 60) -> Encoder:
    for number in range(frames):
        chunks.send(video(40 * number, 500 + number))
    return chunks


def test_a_plain_stream_has_no_chunk_findings() -> None:
    assert not CHUNK & found_in(streamed(sender())).keys()


def test_media_in_chunks_of_128_is_a_note_with_its_overhead() -> None:
    found = found_in(streamed(sender(128)))["CHK04"]
    assert found.severity == "note"
    assert "60 messages" in found.evidence


def test_few_messages_in_small_chunks_say_nothing() -> None:
    assert "CHK04" not in found_in(streamed(sender(128), frames=49))
    assert "CHK04" in found_in(streamed(sender(128), frames=49), limits=Limits(small_chunks_sample=49))


def test_a_chunk_size_announced_after_some_media_is_no_small_chunk_size() -> None:
    chunks = streamed(sender(128), frames=5)
    chunks.set_chunk_size(4096)
    assert "CHK04" not in found_in(streamed(chunks))


@pytest.mark.parametrize(
    ("size", "severity"),
    [
        *((0, "error"), (0x80000000, "error"), (1, "warning"), (127, "warning"), (10_485_761, "warning")),
        *((128, None), (60_000, None), (10_485_760, None)),
    ],
)
def test_chunk_sizes(size: int, severity: str | None) -> None:
    announced = Message(2, 0, 1, 0, size.to_bytes(4, "big"))
    chunks = Encoder()
    chunks.send(announced)
    found = found_in(chunks).get("CHK05")
    assert (None if found is None else found.severity) == severity


def test_a_message_abandoned_for_another_is_told_with_its_bytes() -> None:
    chunks = sender()
    chunks.begin(video(0, 9000))
    del chunks._open[6]
    chunks.send(video(40))
    found = found_in(chunks)["CHK06"]
    assert found.severity == "warning"
    assert "4904 bytes" in found.evidence


def test_an_aborted_message_is_abandoned() -> None:
    chunks = sender()
    chunks.begin(video(0, 9000))
    chunks.abort(6)
    chunks.send(video(40))
    assert "Abort" in found_in(chunks)["CHK06"].evidence


def test_nothing_is_abandoned_where_packets_are_missing() -> None:
    chunks = sender()
    chunks.begin(video(0, 9000))
    del chunks._open[6]
    streamed(chunks)
    packets = session_packets(bytes(chunks.out))
    assert "CHK06" in findings(packets).code.tolist()
    assert "CHK06" not in findings(packets[:20] + packets[21:]).code.tolist()


def test_an_abort_of_nothing_is_no_finding() -> None:
    chunks = streamed(sender())
    chunks.abort(6)
    assert not CHUNK & found_in(streamed(chunks)).keys()


@pytest.mark.parametrize(("csid", "stream_id"), [(3, 0), (2, 1)])
def test_a_control_message_on_the_wrong_channel(csid: int, stream_id: int) -> None:
    chunks = sender()
    chunks.send(Message(csid, 0, 3, stream_id, bytes(4)))
    found = found_in(chunks)["CHK07"]
    assert found.severity == "warning"
    assert "acknowledgement" in found.evidence


def test_other_messages_may_share_the_control_channel() -> None:
    chunks = sender()
    chunks.send(Message(2, 0, AUDIO, 1, b"\xaf\x01"))
    assert not CHUNK & found_in(chunks).keys()


def fresh_type_1(csid: int, type_id: int) -> bytes:
    """A chunk stream that begins with a type-1 header."""
    return bytes(streamed(sender()).out) + basic_header(1, csid) + bytes((0, 0, 0, 0, 0, 6, type_id)) + bytes(6)


def test_a_chunk_stream_that_begins_with_type_1() -> None:
    assert found_in(fresh_type_1(7, AUDIO))["CHK08"].severity == "note"


def test_the_user_control_of_librtmp_may_begin_with_type_1() -> None:
    data = basic_header(1, 2) + bytes((0, 0, 0, 0, 0, 6, 4)) + bytes(6) + bytes(streamed(Encoder()).out)
    assert "CHK08" not in found_in(data)


@pytest.mark.parametrize(
    ("ids", "expected"), [((63,), False), ((64,), True), (range(3, 35), True), (range(3, 34), False)]
)
def test_channel_ids_and_numbers(ids: list[int], expected: bool) -> None:
    chunks = sender()  # on chunk stream 2
    for csid in ids:
        chunks.send(Message(csid, 0, AUDIO, 1, b"\xaf\x01"))
    assert ("CHK09" in found_in(chunks)) is expected


def test_interleaved_chunks_are_a_note_with_their_share() -> None:
    chunks = sender()
    chunks.interleave([video(0, 9000), Message(4, 0, AUDIO, 1, b"\xaf\x01" + bytes(9000))], [0, 1])
    found = found_in(chunks)["CHK11"]
    assert found.severity == "note"
    assert "%" in found.evidence


def test_lost_synchronisation_is_not_blamed_on_a_sender_whose_packets_are_missing() -> None:
    chunks = streamed(sender(), frames=40)
    data = bytes(chunks.out) + b"\xff" * 400 + bytes(chunks.out)
    packets = session_packets(data)
    assert "CHK10" in findings(packets).code.tolist()
    assert "CHK10" not in findings(packets[:14] + packets[15:]).code.tolist()
