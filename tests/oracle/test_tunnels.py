"""tshark finds in tunnels and fragments the segments that we find, in the same packets."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from rtmpscope.capture import Dissector, open_capture
from tests.support.capture_write import Packet, pcap_bytes, read_pcap
from tests.support.tools import CAPTURES, require_tool
from tests.support.tunnels import TUNNELS, fragmented, wrapped

pytestmark = pytest.mark.oracle
Segment = tuple[int, int, str]


def _ours(path: Path) -> list[Segment]:
    dissector, found = Dissector(), []
    for batch in open_capture(str(path)).batches():
        segments = dissector.segments(batch).segments
        for frame, seq, start, size in zip(
            segments.frame.tolist(),
            segments.seq.tolist(),
            segments.payload_start.tolist(),
            segments.payload_captured.tolist(),
            strict=True,
        ):
            found.append((frame, seq, segments.buffer[start : start + size].tobytes().hex()))
    return found


def _theirs(path: Path) -> list[Segment]:
    fields = ("frame.number", "tcp.seq_raw", "tcp.payload")
    command = [require_tool("tshark"), "-r", str(path), "--disable-protocol", "rtmpt", "-Y", "tcp", "-T", "fields"]
    for name in fields:
        command += ["-e", name]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    rows = [line.split("\t") for line in said.splitlines()]
    return [(int(frame), int(seq), payload.replace(":", "")) for frame, seq, payload in rows]


def _packets() -> list[Packet]:
    return read_pcap(CAPTURES / "publish_h264_aac.pcap")[:200]


CASES = {name: (lambda name=name: wrapped(_packets(), name)) for name in TUNNELS}
CASES["fragments"] = lambda: fragmented(_packets())
CASES["a tunnel in fragments"] = lambda: fragmented(wrapped(_packets(), "GTP-U"))


@pytest.mark.parametrize("name", CASES)
def test_the_segments_are_those_that_tshark_finds(name: str, tmp_path: Path) -> None:
    path = tmp_path / "capture.pcap"
    path.write_bytes(pcap_bytes(CASES[name]()))
    ours = _ours(path)
    assert len(ours) == 200
    assert ours == _theirs(path)
