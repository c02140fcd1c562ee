"""An exported stream equals, packet by packet, what another program stored of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import NamedTuple

import av
import pytest
from typer.testing import CliRunner

from rtmpscope.cli.app import app
from tests.support.capture_write import pcap_bytes, read_pcap
from tests.support.tools import CAPTURES

TRUTHS = [
    pytest.param(entry["file"], truth, id=f"{entry['file']}-{truth['role']}")
    for entry in json.loads((CAPTURES / "index.json").read_text())["captures"]
    for truth in entry["truth"]
]


class Seen(NamedTuple):
    """One packet as PyAV reads it."""

    kind: str
    pts: int
    dts: int
    data: bytes


def packets_in(path: Path) -> list[Seen]:
    with av.open(str(path)) as container:
        return [
            Seen(packet.stream.type, packet.pts, packet.dts, bytes(packet))
            for packet in container.demux()
            if packet.dts is not None and packet.size
        ]


@pytest.mark.parametrize(("name", "truth"), TRUTHS)
def test_exported_stream_equals_what_the_receiver_stored(name: str, truth: dict[str, str], tmp_path: Path) -> None:
    stream = {"publish": 0, "play": 1}[truth["role"]]
    out = tmp_path / "exported.flv"
    arguments = ["export", str(CAPTURES / name), "--stream", str(stream), "-o", str(out)]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, result.output
    exported, stored = packets_in(out), packets_in(CAPTURES / truth["file"])
    assert len(stored) > 20
    for kind in ("video", "audio"):
        assert [one for one in exported if one.kind == kind] == [one for one in stored if one.kind == kind]


def test_what_no_player_decodes_for_want_of_a_sequence_header_is_said(tmp_path: Path) -> None:
    packets = read_pcap(CAPTURES / "publish_obs.pcap")
    capture = tmp_path / "late.pcap"
    capture.write_bytes(pcap_bytes(packets[len(packets) // 3 :]))
    said = [
        CliRunner().invoke(app, ["export", str(path), "-o", str(tmp_path / f"{number}.flv")]).output
        for number, path in enumerate((capture, CAPTURES / "publish_obs.pcap"))
    ]
    assert ["no sequence header of aac and h264 in the capture" in one for one in said] == [True, False]
