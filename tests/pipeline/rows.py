"""Message rows that may be compared between two analyses of the same session."""

from __future__ import annotations

import hashlib

import rtmpscope

Row = tuple[object, ...]


def message_rows(analysis: rtmpscope.Analysis, *, bodies: bool = False) -> list[Row]:
    """Everything about each message but ids, frames and times, by connection, direction and offset."""
    names = ["connection", "direction", "offset", "type_id", "timestamp", "csid", "stream_id", "length"]
    names += ["chunk_count", "header_bytes", "complete", "info"]
    frame = analysis.messages
    rows = list(zip(*(frame[name].tolist() for name in names), strict=True))
    if bodies:
        hashes = [hashlib.sha256(analysis.payload(number)).hexdigest() for number in frame.message]
        rows = [(*row, digest) for row, digest in zip(rows, hashes, strict=True)]
    return sorted(rows)
