"""CHK01 to CHK03 fire on the dialects they are about, and on nothing near them."""

from __future__ import annotations

import io

import pytest

import rtmpscope
from rtmpscope.rtmp import Dialect
from tests.findings.sessions import AUDIO, findings, found_in, video
from tests.support.capture_write import pcap_bytes
from tests.support.rtmp_encode import Encoder, Message
from tests.support.session import session_packets
from tests.support.tools import CAPTURES

DIALECT = {"CHK01", "CHK02", "CHK03"}
OMITTED = Dialect(continuing="omitted", starting="omitted")
PAST = 0x1000000
HANDSHAKE = 3073


def sender(dialect: Dialect, fmt: str = "best", offset: int = HANDSHAKE) -> Encoder:
    """A sender that has announced its chunk size."""
    chunks = Encoder(fmt, offset=offset, dialect=dialect)
    chunks.set_chunk_size(4096)
    return chunks


def streamed(chunks: Encoder, start: int, frames: int = 20, size: int = 9000) -> Encoder:
    for number in range(frames):
        chunks.send(video(start + 40 * number, size + number % 3))
        chunks.send(Message(4, start + 40 * number + 7, AUDIO, 1, b"\xaf\x01" + bytes(200)))
    return chunks


CASES = [
    (Dialect(), "full", set()),
    (Dialect(), "best", set()),
    (OMITTED, "full", {"CHK01"}),
    (OMITTED, "best", set()),  # extended timestamps do not occur
    (Dialect(timestamp_bits=24), "full", {"CHK02"}),
    (Dialect(extended_delta="absolute"), "best", {"CHK03"}),
    (Dialect(continuing="omitted", extended_delta="absolute"), "best", {"CHK01", "CHK03"}),
]


@pytest.mark.parametrize(("dialect", "fmt", "codes"), CASES)
def test_a_stream_that_passes_24_bits(dialect: Dialect, fmt: str, codes: set[str]) -> None:
    chunks = streamed(sender(dialect, fmt), PAST - 400)
    analysis = rtmpscope.analyze(io.BytesIO(pcap_bytes(session_packets(bytes(chunks.out)))))
    assert DIALECT & set(analysis.findings.code) == codes
    messages = analysis.messages[analysis.messages.direction == "c2s"]
    expected = {one.offset: one for one in chunks.expected}
    assert dict(zip(messages.offset, messages.timestamp, strict=True)) == {
        one.offset: one.timestamp for one in chunks.expected
    }
    for row in messages.itertuples():
        assert analysis.payload(row.message) == expected[row.offset].body


def test_a_server_that_leaves_extended_timestamps_out() -> None:
    found = rtmpscope.analyze(CAPTURES / "extension_left_out.pcap").findings.set_index("code")
    assert DIALECT & set(found.index) == {"CHK01"}
    assert found.loc["CHK01", "direction"] == "s2c"


def test_missing_extensions_are_told_with_the_bytes_and_both_readings() -> None:
    chunks = streamed(sender(OMITTED, "full"), PAST, frames=3)
    found = findings(session_packets(bytes(chunks.out))).set_index("code").loc["CHK01"]
    assert found.severity == "warning"
    assert found.occurrences == 1
    assert found.message == 1
    place = chunks.expected[1].offset + 12 + 4 + 4096
    assert (
        f"offset {place} continues a message on chunk stream 6; 00 00 00 00 follows, read as payload" in found.evidence
    )
    assert "extended timestamp 16777216 (01 00 00 00)" in found.evidence


def test_a_cut_clock_is_told_where_it_wraps() -> None:
    found = found_in(streamed(sender(Dialect(timestamp_bits=24), "full"), PAST - 400))["CHK02"]
    assert found.severity == "warning"
    assert "timestamp of 0 without an extended one follows 16777176; it is read as 16777216" in found.evidence


@pytest.mark.parametrize("before", [3_600_000, PAST - 20_000, PAST + 1000])
def test_a_clock_that_begins_anew_elsewhere_is_not_cut(before: int) -> None:
    chunks = streamed(sender(Dialect(), "full"), before)
    assert not DIALECT & found_in(streamed(chunks, 0)).keys()


def test_a_type_3_header_after_type_0_is_told_where_the_other_channel_decides() -> None:
    chunks = sender(Dialect(after_type_0="zero"))
    for timestamp in (100_000, 100_000, 100_040):
        chunks.send(Message(4, timestamp, AUDIO, 1, b"\xaf\x01" + bytes(200)))
        chunks.send(video(timestamp + 5))
    found = found_in(chunks)["CHK03"]
    assert found.severity == "note"
    assert "read as 0 ms later: other chunk streams are near 100000 ms" in found.evidence


def test_a_type_3_header_that_repeats_a_small_timestamp_is_no_finding() -> None:
    chunks = sender(Dialect())
    for timestamp in (23, 46, 69):
        chunks.send(Message(4, timestamp, AUDIO, 1, b"\xaf\x01" + bytes(200)))
    assert chunks.expected[-1].fmt == 3
    assert not DIALECT & found_in(chunks).keys()


def test_small_steps_back_are_no_finding() -> None:
    chunks = sender(Dialect())
    for timestamp in (100_000, 100_040, 100_000, 100_080):
        chunks.send(video(timestamp))
    assert not DIALECT & found_in(chunks).keys()


@pytest.mark.parametrize("lost", [30, 60, 90, 120])
def test_a_hole_makes_no_dialect(lost: int) -> None:
    packets = session_packets(bytes(streamed(sender(Dialect(), "full"), PAST - 400).out))
    assert not DIALECT & set(findings(packets[:lost] + packets[lost + 1 :]).code)
