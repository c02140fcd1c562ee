"""Every table has the columns that are promised, and every column says what it means."""

from __future__ import annotations

import pytest

from docs.make_tables import TARGET, lines
from rtmpscope.tables import SCHEMAS

PROMISED = {
    "connections": "connection transport transport_confidence client client_port server server_port direction_basis "
    "capture_point tcp_stream start end duration_s ended_by rtt_ms handshake app tc_url flash_ver c2s_bytes s2c_bytes "
    "missing_bytes retransmitted_bytes",
    "streams": "stream connection stream_id stream_name role outcome start end duration_s video_codec width height fps "
    "video_kbps audio_codec sample_rate channels audio_kbps keyframe_interval_s",
    "tracks": "stream connection kind track codec profile level width height fps sample_rate channels kbps frames "
    "keyframe_interval_s first_dts last_dts",
    "channels": "connection direction csid messages chunk_count bytes header_bytes interleaved_chunks types",
    "handshakes": "connection version_c2s version_s2c kind c1_digest_valid s1_digest_valid c2_digest_valid "
    "s2_digest_valid c2_echo s2_echo duration_ms",
    "chunks": "message connection direction frame time csid fmt header_bytes payload_bytes offset interleaved",
    "messages": "message connection direction file time time_start time_ready frame frame_start csid stream_id type_id "
    "type timestamp timestamp_exact length chunk_count header_bytes offset offset_exact complete missing_bytes info",
    "controls": "message connection direction time kind value detail",
    "commands": "message connection direction time command transaction_id object arguments reply_to latency_ms code "
    "level description",
    "metadata": "message connection direction stream time event properties",
    "media": "message connection direction stream kind codec track frame_type packet_type keyframe dts cts pts bytes "
    "time",
    "per_second": "connection direction stream kind track time bytes frames lag_ms limited_by",
    "tcp_events": "connection direction frame time event seq length",
    "findings": "finding code severity title connection direction stream time frame message occurrences evidence "
    "advice",
}


@pytest.mark.parametrize("name", PROMISED)
def test_promised_columns_come_first_and_in_order(name: str) -> None:
    promised = PROMISED[name].split()
    assert list(SCHEMAS[name].names[: len(promised)]) == promised


def test_no_table_is_missing() -> None:
    assert set(SCHEMAS) == set(PROMISED)


@pytest.mark.parametrize("name", SCHEMAS)
def test_every_column_has_a_meaning_and_durations_have_units(name: str) -> None:
    for column in SCHEMAS[name].columns:
        assert column.meaning
        assert column.unit == {"_s": "s", "ms": "ms"}.get(column.name[-2:], column.unit) or column.name.endswith(
            "bytes"
        )


def test_the_page_about_tables_is_up_to_date() -> None:
    assert TARGET.read_text(encoding="utf-8") == "\n".join(lines()) + "\n", "run: make docs"
