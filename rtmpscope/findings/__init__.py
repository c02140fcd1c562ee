"""What is wrong with a stream or a capture, how that is known, where to look, and what to do."""

from rtmpscope.findings.catalogue import CATALOGUE, Entry
from rtmpscope.findings.engine import find, finding_rows, needs_packets
from rtmpscope.findings.joined import Joined
from rtmpscope.findings.limits import Limits
from rtmpscope.findings.model import (
    SEVERITIES,
    CaptureNotes,
    ChunkProblem,
    ClockStep,
    Damage,
    Evidence,
    Finding,
    LostSync,
    Missing,
    PacketName,
    Place,
    Rejection,
    Resumed,
    Sender,
    Severity,
    TcpFacts,
    Unread,
)

__all__ = [
    "CATALOGUE",
    "SEVERITIES",
    "CaptureNotes",
    "ChunkProblem",
    "ClockStep",
    "Damage",
    "Entry",
    "Evidence",
    "Finding",
    "Joined",
    "Limits",
    "LostSync",
    "Missing",
    "PacketName",
    "Place",
    "Rejection",
    "Resumed",
    "Sender",
    "Severity",
    "TcpFacts",
    "Unread",
    "find",
    "finding_rows",
    "needs_packets",
]
