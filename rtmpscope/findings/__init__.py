"""What is wrong with a stream or a capture, how that is known, where to look, and what to do."""

from rtmpscope.findings.catalogue import CATALOGUE, Entry
from rtmpscope.findings.engine import find, finding_rows
from rtmpscope.findings.model import (
    SEVERITIES,
    CaptureNotes,
    Damage,
    Evidence,
    Finding,
    LostSync,
    Place,
    Severity,
)

__all__ = [
    "CATALOGUE",
    "SEVERITIES",
    "CaptureNotes",
    "Damage",
    "Entry",
    "Evidence",
    "Finding",
    "LostSync",
    "Place",
    "Severity",
    "find",
    "finding_rows",
]
