"""Sessions made for findings: chunks in, findings out."""

from __future__ import annotations

import io

import pandas as pd

import rtmpscope
from rtmpscope.findings import CATALOGUE
from tests.support.capture_write import Packet, pcap_bytes
from tests.support.rtmp_encode import Encoder, Message
from tests.support.session import session_packets

AUDIO, VIDEO = 8, 9
KEYFRAME = b"\x17\x01\0\0\0"


def video(timestamp: int, size: int = 500, csid: int = 6) -> Message:
    """A video message that is no configuration record."""
    return Message(csid, timestamp, VIDEO, 1, KEYFRAME + bytes(size - len(KEYFRAME)))


def findings(packets: list[Packet], **options: object) -> pd.DataFrame:
    """What is found in a capture of these packets."""
    found = rtmpscope.analyze(io.BytesIO(pcap_bytes(packets)), **options).findings
    for code, severity in zip(found.code, found.severity, strict=True):
        assert severity in CATALOGUE[code].severities
    return found


def found_in(chunks: Encoder | bytes, **options: object) -> dict[str, pd.Series]:
    """Code → finding, of what a client sends after the handshake."""
    data = bytes(chunks.out) if isinstance(chunks, Encoder) else chunks
    return {row.code: row for _, row in findings(session_packets(data), **options).iterrows()}
