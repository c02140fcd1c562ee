"""A real server that leaves extended timestamps out: what it plays is what was published to it."""

from __future__ import annotations

import hashlib

import pytest

import rtmpscope
from tests.support.tools import CAPTURES

pytestmark = pytest.mark.oracle

RELAYED = CAPTURES / "extension_left_out.pcap"


def media(analysis: rtmpscope.Analysis, direction: str) -> list[tuple[int, str, str]]:
    """Timestamp, type and body of the audio and video messages."""
    messages = analysis.messages[analysis.messages.complete & (analysis.messages.direction == direction)]
    rows = messages[messages.type.isin(["audio", "video"])]
    return [
        (row.timestamp, row.type, hashlib.sha256(analysis.payload(row.message)).hexdigest())
        for row in rows.itertuples()
    ]


def test_each_message_played_is_one_that_was_published() -> None:
    analysis = rtmpscope.analyze(RELAYED)
    published, played = media(analysis, "c2s"), media(analysis, "s2c")
    assert analysis.messages.complete.all()
    assert len(played) > 100
    assert set(played) < set(published)


def test_the_publisher_repeats_what_the_server_leaves_out() -> None:
    chunks = rtmpscope.analyze(RELAYED).chunks
    continuing = chunks[(chunks.fmt == 3) & chunks.csid.isin([4, 6, 7])]
    assert set(continuing[continuing.direction == "c2s"].header_bytes) == {1, 5}
    assert set(continuing[continuing.direction == "s2c"].header_bytes) == {1}
