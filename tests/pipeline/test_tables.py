"""Tables of real captures have the columns and types of their schemas, filled or empty."""

from __future__ import annotations

import io

import pandas as pd
import pytest

import rtmpscope
from rtmpscope.tables import SCHEMAS
from tests.support.capture_write import pcap_bytes, read_pcap
from tests.support.tools import CAPTURES
from tests.tables.test_table import assert_types

FILLED = CAPTURES / "publish_refused_same_name.pcap"


@pytest.fixture(scope="module")
def filled() -> rtmpscope.Analysis:
    return rtmpscope.analyze(FILLED)


@pytest.fixture(scope="module")
def empty() -> rtmpscope.Analysis:
    """A lone SYN to an expected port: a connection, and nothing in it."""
    return rtmpscope.analyze(io.BytesIO(pcap_bytes(read_pcap(FILLED)[:1])))


@pytest.mark.parametrize("name", SCHEMAS)
def test_tables_of_a_session_have_rows_and_the_stated_types(filled: rtmpscope.Analysis, name: str) -> None:
    frame = getattr(filled, name)
    assert isinstance(frame, pd.DataFrame)
    assert len(frame) > 0
    assert_types(frame, SCHEMAS[name])


@pytest.mark.parametrize("name", SCHEMAS)
def test_tables_without_rows_have_the_stated_types(empty: rtmpscope.Analysis, name: str) -> None:
    frame = getattr(empty, name)
    assert len(frame) == (1 if name in ("connections", "handshakes") else 0)
    assert_types(frame, SCHEMAS[name])
