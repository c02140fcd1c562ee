"""What was not looked into is said: in the summary, in JSON, and where no RTMP is found."""

from __future__ import annotations

import json
from pathlib import Path

import rtmpscope
from tests.cli.runs import run
from tests.support.capture_write import Packet, pcap_bytes, read_pcap
from tests.support.tools import CAPTURES
from tests.support.tunnels import fragmented

PUBLISH = CAPTURES / "publish_h264_aac.pcap"
_MACS = bytes.fromhex("020000000002020000000001")


def encrypted(packet: Packet) -> Packet:
    """The packet inside MACsec, as if it were encrypted."""
    return Packet(packet.time_ns, _MACS + bytes.fromhex("88e5 0c000000 0001") + packet.data[12:])


def test_a_missing_fragment_is_a_hole_and_its_datagram_is_counted(tmp_path: Path) -> None:
    whole = rtmpscope.analyze(PUBLISH)
    packets = fragmented(read_pcap(PUBLISH))
    more = [place for place, one in enumerate(packets) if one.data[20] & 0x20]
    gone = more[len(more) // 2]  # a fragment that is not its datagram's last
    path = tmp_path / "fragments.pcap"
    path.write_bytes(pcap_bytes(packets[:gone] + packets[gone + 1 :]))
    analysis = rtmpscope.analyze(path)
    assert 0 < (~analysis.messages.complete).sum() < 4
    assert len(analysis.messages) >= len(whole.messages) - 2
    assert "CAP01" in analysis.findings.code.tolist()
    assert analysis.connections.missing_bytes[0] > 512
    assert "not looked into: 1 IP datagram of which fragments are missing" in run(path).out
    facts = json.loads(run("analyze", "--json", path).out)["capture"]["not_looked_into"]
    assert facts == {"packets": 0, "frames_in_part": 0, "datagrams_without_all_fragments": 1}


def test_all_fragments_leave_nothing_to_say(tmp_path: Path) -> None:
    path = tmp_path / "fragments.pcap"
    path.write_bytes(pcap_bytes(fragmented(read_pcap(PUBLISH))))
    assert "not looked into" not in run(path).out


def test_packets_in_a_wrapping_that_is_not_read_are_counted(tmp_path: Path) -> None:
    packets = read_pcap(PUBLISH)
    path = tmp_path / "macsec.pcap"
    path.write_bytes(pcap_bytes([*packets, *map(encrypted, packets[:7])]))
    said = "not looked into: 7 packets in tunnels or link layers that are not read, first frame 1459"
    assert said in run(path).out.replace("\n", " ")
    path.write_bytes(pcap_bytes(map(encrypted, packets)))
    ran = run(path)
    assert (ran.code, ran.err.count("\n")) == (3, 1)
    assert "not looked into: 1\u202f458 packets" in ran.err
