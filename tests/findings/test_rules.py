"""Findings fire on what they are about, and on nothing near it."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from pathlib import Path

import pytest

import rtmpscope
from tests.support.capture_write import Packet, pcap_bytes, read_pcap
from tests.support.rewrite import duplicated, parse
from tests.support.tools import CAPTURES, all_captures

TROUBLED = {
    *("publish_refused_same_name.pcap", "publisher_dies.pcap", "not_rtmp.pcap"),
    *("idle_publisher_dropped.pcap", "cannot_connect.pcap", "path_mtu_black_hole.pcap"),
    *("extension_left_out.pcap", "lossy_router.pcap"),
}
CLEAN = [one for one in all_captures() if one.id not in TROUBLED]  # type: ignore[attr-defined]
PUBLISH = CAPTURES / "publish_h264_aac.pcap"


def codes(packets: list[Packet], **options: object) -> dict[str, str]:
    """Code → severity of what is found in a capture of these packets."""
    findings = rtmpscope.analyze(io.BytesIO(pcap_bytes(packets)), **options).findings
    return dict(zip(findings.code, findings.severity, strict=True))


@pytest.mark.parametrize("path", CLEAN)
def test_clean_captures_give_no_warning_or_error(path: Path) -> None:
    findings = rtmpscope.analyze(path).findings
    assert findings[findings.severity != "note"].empty, findings.title.tolist()


def test_a_lossy_network_is_told_in_both_directions_and_not_taken_for_a_doubled_capture() -> None:
    findings = rtmpscope.analyze(CAPTURES / "lossy_router.pcap").findings
    told = sorted(zip(findings.code, findings.direction, strict=True))
    assert told == [("TCP01", "c2s"), ("TCP01", "s2c")]


def test_a_refused_publisher_is_told_with_code_and_holder() -> None:
    analysis = rtmpscope.analyze(CAPTURES / "publish_refused_same_name.pcap")
    findings = analysis.findings.set_index("code")
    assert set(findings.index) == {"SES01", "SES03"}
    assert (findings.severity == "error").all()
    assert "Already publishing" in findings.loc["SES01", "evidence"]
    assert "stream 0 of connection 0" in findings.loc["SES03", "evidence"]
    assert analysis.messages.loc[findings.loc["SES01", "message"], "frame"] == findings.loc["SES01", "frame"]


def test_a_publisher_that_dies_is_a_warning() -> None:
    findings = rtmpscope.analyze(CAPTURES / "publisher_dies.pcap").findings
    assert findings.code.tolist() == ["TCP05"]
    assert findings.severity.tolist() == ["warning"]
    assert "vanished" in findings.title[0]


def test_a_publish_that_the_capture_cuts_off_is_no_finding() -> None:
    packets = [one for one in read_pcap(CAPTURES / "publisher_dies.pcap") if not parse(one).rest[1] & 5]
    assert codes(packets) == {}


def test_packets_missing_from_the_capture() -> None:
    packets = read_pcap(PUBLISH)
    lost = next(place for place in range(400, 500) if len(packets[place].data) > 200)
    found = codes(packets[:lost] + packets[lost + 1 :])
    assert found["CAP01"] == "warning"


def test_a_capture_that_begins_in_the_middle() -> None:
    assert codes(read_pcap(PUBLISH)[300:]) == {"CAP02": "note"}


def test_one_direction_only() -> None:
    packets = [one for one in read_pcap(PUBLISH) if parse(one).flow[8:10] == parse(read_pcap(PUBLISH)[0]).flow[8:10]]
    found = codes(packets)
    assert found == {"CAP03": "note"}


def test_snapped_packets() -> None:
    data = bytearray(b"")
    packets = read_pcap(PUBLISH)
    import struct

    data += pcap_bytes([])
    for one in packets:
        kept = one.data[:200]
        seconds, fraction = divmod(one.time_ns, 10**9)
        data += struct.pack("<IIII", seconds, fraction // 1000, len(kept), len(one.data)) + kept
    findings = rtmpscope.analyze(io.BytesIO(bytes(data))).findings
    assert "CAP04" in findings.code.tolist()


def test_a_file_cut_in_mid_record() -> None:
    findings = rtmpscope.analyze(io.BytesIO(PUBLISH.read_bytes()[:150_003])).findings
    assert dict(zip(findings.code, findings.severity, strict=True))["CAP05"] == "warning"


def test_a_clock_that_steps_back() -> None:
    packets = read_pcap(PUBLISH)
    moved = [Packet(one.time_ns - 5 * 10**9, one.data) for one in packets[700:]]
    found = rtmpscope.analyze(io.BytesIO(pcap_bytes(packets[:700] + moved))).findings.set_index("code").loc["CAP06"]
    assert found.severity == "note"
    assert found.frame == 701
    assert "frame 701: -4.9" in found.evidence


def jumped(seconds: int) -> list[Packet]:
    """A capture whose clock jumps ahead before frame 701."""
    packets = read_pcap(PUBLISH)
    return packets[:700] + [Packet(one.time_ns + seconds * 10**9, one.data) for one in packets[700:]]


def test_a_clock_that_jumps_ahead_is_told_by_the_hosts_clocks() -> None:
    found = rtmpscope.analyze(io.BytesIO(pcap_bytes(jumped(60)))).findings.set_index("code").loc["CAP06"]
    assert "jumps ahead" in found.title
    assert "frame 701: +60.0" in found.evidence


def test_no_silence_is_seen_in_a_jump_of_the_clock() -> None:
    assert codes(jumped(60)) == {"CAP06": "note"}


def test_one_host_whose_clock_stood_still_is_no_jump() -> None:
    packets = jumped(60)
    client = parse(packets[0]).flow[8:10]
    for place in range(700, len(packets)):
        segment = parse(packets[place])
        at = segment.rest.find(b"\x08\x0a") + 2
        if segment.flow[8:10] != client and at > 1:
            ticks = (int.from_bytes(segment.rest[at : at + 4], "big") + 60_000).to_bytes(4, "big")
            segment = replace(segment, rest=segment.rest[:at] + ticks + segment.rest[at + 4 :])
            packets[place] = segment.packet()
    assert codes(packets) == {"TCP04": "warning"}


def test_findings_name_the_file_of_a_rotated_set(tmp_path: Path) -> None:
    packets = read_pcap(PUBLISH)
    lost = next(place for place in range(500, 600) if len(packets[place].data) > 200)
    for name, part in (("a.pcap", packets[:400]), ("b.pcap", packets[400:lost] + packets[lost + 1 :])):
        (tmp_path / name).write_bytes(pcap_bytes(part))
    analysis = rtmpscope.analyze(str(tmp_path / "*.pcap"))
    found = analysis.findings.set_index("code").loc["CAP01"]
    gap = analysis.tcp_events[analysis.tcp_events.event == "gap"].iloc[0]
    assert Path(found.file).name == Path(gap.file).name == "b.pcap"
    assert found.frame == gap.frame
    assert 0 <= gap.frame - (lost - 400 + 1) < 3  # an acknowledgement may stand between


def test_missing_packets_tell_what_it_took_to_go_on_behind_them() -> None:
    packets = read_pcap(PUBLISH)
    lost = {place for place in range(300, 1000, 7) if len(packets[place].data) > 1000}
    kept = [one for place, one in enumerate(packets) if place not in lost]
    whole, found = rtmpscope.analyze(PUBLISH), rtmpscope.analyze(io.BytesIO(pcap_bytes(kept)))
    evidence = found.findings.set_index("code").loc["CAP01"].evidence
    searches = re.search(
        r"searched for (\d+) times?, over (\d+) bytes, (\d+) of them before c2s offset (\d+)", evidence
    )
    assert searches is not None
    times, skipped, most, offset = map(int, searches.groups())
    assert 0 < times <= len(lost)
    assert most <= skipped <= 1448 * times
    assert offset in set(whole.messages.offset) & set(found.messages.offset)
    assert "each one found is confirmed by what follows" in evidence


def test_duplicate_packets_are_no_retransmissions() -> None:
    segments = duplicated([parse(one) for one in read_pcap(PUBLISH)])
    analysis = rtmpscope.analyze(io.BytesIO(pcap_bytes([one.packet() for one in segments])))
    assert "CAP07" in analysis.findings.code.tolist()
