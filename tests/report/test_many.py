"""Captures of many connections: those that matter are shown, the rest is counted and named."""

from __future__ import annotations

import io
from functools import cache
from pathlib import Path

import pytest

import rtmpscope
from rtmpscope.report import chosen
from rtmpscope.report.chosen import MOST_CONNECTIONS
from rtmpscope.report.terminal import print_summary
from tests.rtmp.streams import Sent, wire
from tests.support.capture_write import pcap_bytes
from tests.support.session import ACK, FIN, HANDSHAKE, Session

MANY, TROUBLED = 50, 45
LISTED = "and 30 more connections: rtmpscope table <stream> connections"


@cache
def many() -> rtmpscope.Analysis:
    """Connections one after the other; all is well but in one of the last."""
    packets = []
    for place in range(MANY):
        session = Session(client_port=50000 + place, time_ns=1_700_000_000_000_000_000 + place * 10**9)
        session.open()
        session.stream(True, HANDSHAKE[:1537])
        session.stream(False, HANDSHAKE)
        session.stream(True, HANDSHAKE[1537:])
        size = 0 if place == TROUBLED else 4096
        session.stream(True, wire(Sent(csid=2, type_id=1, stream_id=0, body=size.to_bytes(4, "big"))))
        session.send(True, b"", FIN | ACK)
        session.send(False, b"", FIN | ACK)
        packets += session.packets
    return rtmpscope.analyze(io.BytesIO(pcap_bytes(packets)))


def printed() -> str:
    text = io.StringIO()
    print_summary(many().report_source, text)
    return text.getvalue()


def test_all_connections_are_counted_and_few_are_printed() -> None:
    text = printed()
    assert f"{MANY} RTMP connections" in text
    assert f"{MANY} connections without a publish or play request" in text
    assert text.count("\nConnection ") == MOST_CONNECTIONS
    assert text.endswith(f"\n{LISTED}\n")


def test_connections_with_findings_are_among_those_printed() -> None:
    assert set(many().findings.connection.dropna()) == {TROUBLED}
    assert f"\nConnection {TROUBLED}:" in printed()


def test_of_findings_alike_few_are_printed_and_all_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chosen, "MOST_ALIKE", 0)
    text = printed()
    assert "1 error found" in text or "1 warning found" in text
    assert "and 1 more finding: rtmpscope table <stream> findings" in text
    assert "CHK" not in text


def test_reports_say_how_many_connections_they_leave_out(tmp_path: Path) -> None:
    many().report(tmp_path / "report.md")
    text = (tmp_path / "report.md").read_text(encoding="utf-8")
    assert f"{MOST_CONNECTIONS} are shown" in text
    assert "30 more connections" in text
    assert text.count("Connection ") == MOST_CONNECTIONS
