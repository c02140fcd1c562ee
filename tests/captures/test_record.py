"""The recorder: what it refuses, and what it leaves alone. What it records is looked at by every other test."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.tools import CAPTURES


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(CAPTURES / "record.py"), *(str(one) for one in arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


def test_an_unknown_name_is_refused_with_those_there_are(tmp_path: Path) -> None:
    ran = run("-o", tmp_path, "publish_nothing.pcap")
    assert ran.returncode == 2
    assert "no such capture: publish_nothing.pcap; there are publish_h264_aac.pcap, " in ran.stderr
    assert not list(tmp_path.iterdir())


def test_what_is_there_and_not_in_the_index_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "not_rtmp.pcap").write_bytes(b"mine")
    ran = run("-o", tmp_path, "not_rtmp.pcap")
    assert ran.returncode == 1
    assert "is there and not in" in ran.stderr
    assert (tmp_path / "not_rtmp.pcap").read_bytes() == b"mine"


def test_what_is_there_and_in_the_index_is_not_recorded_again(tmp_path: Path) -> None:
    for name in ("index.json", "not_rtmp.pcap"):
        shutil.copyfile(CAPTURES / name, tmp_path / name)
    ran = run("-o", tmp_path, "not_rtmp.pcap")
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", "")


def test_the_index_knows_every_capture_and_every_capture_is_there() -> None:
    listed = {one["file"] for one in json.loads((CAPTURES / "index.json").read_text())["captures"]}
    there = {path.name for path in CAPTURES.iterdir() if path.suffix in (".pcap", ".pcapng")}
    assert listed == there
    assert run().stderr == ""


def in_a_stage(code: str) -> subprocess.CompletedProcess[str]:
    """Run code that has the recorder's stage, and programs as they are started in no namespace."""
    begin = "import subprocess, sys; from recording.stage import *; "
    begin += "start = lambda *command: subprocess.Popen(['env', '-', 'X=1', 'Y=1', *command]); "
    environment = {**os.environ, "PYTHONPATH": str(CAPTURES)}
    command = [sys.executable, "-c", begin + code]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60, env=environment)


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("finish(start('/bin/true'))", ""),
        ("finish(start('/bin/false'))", "/bin/false ended with code 1"),
        ("finish(start('/bin/false'), fails=True)", ""),
        ("finish(start('/bin/true'), fails=True)", "/bin/true ended with code 0"),
        ("finish(start('/bin/sleep', '5'), 0.1)", "/bin/sleep 5 did not end within 0.1 s"),
    ],
)
def test_how_programs_end_is_looked_at(code: str, says: str) -> None:
    ran = in_a_stage(code)
    assert (ran.returncode == 0) is (not says)
    assert says in ran.stderr
