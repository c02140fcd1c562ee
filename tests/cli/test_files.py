"""Output files: what is read is never written over."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from rtmpscope.cli.files import spare_inputs, written_whole
from rtmpscope.errors import RtmpscopeError
from tests.cli.runs import run
from tests.support.tools import CAPTURES

PLAY = CAPTURES / "play_rtmpdump.pcap"


@pytest.mark.parametrize("force", [[], ["--force"]], ids=["unforced", "forced"])
@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        (["messages", "{}", "-o", "{}"], "a.pcap"),
        (["table", "{}", "media", "-o", "{}"], "a.pcap"),
        (["export", "{}", "-o", "{}"], "a.pcap"),
        (["plot", "{}", "ladder", "-o", "{}"], "a.png"),
        (["messages", "--c2s", "{}", "-o", "{}"], "a.bin"),
    ],
)
def test_an_input_is_never_written_over(arguments: list[str], name: str, force: list[str], tmp_path: Path) -> None:
    target = tmp_path / name
    shutil.copyfile(PLAY, target)
    ran = run(*(one.format(target) for one in arguments), *force)
    assert ran.code == 2
    assert "which is read" in ran.err
    assert ran.err.count("\n") == 1
    assert target.read_bytes() == PLAY.read_bytes()


@pytest.mark.parametrize("place", ["analysis.json", "tables/a.pcap"])
def test_a_folder_is_not_replaced_with_an_input_in_it(place: str, tmp_path: Path) -> None:
    target = tmp_path / place
    target.parent.mkdir(exist_ok=True)
    shutil.copyfile(PLAY, target)
    ran = run("analyze", target, "-o", tmp_path, "--force")
    assert ran.code == 2
    assert "which is read" in ran.err
    assert target.read_bytes() == PLAY.read_bytes()


def test_a_report_may_stand_beside_the_capture(tmp_path: Path) -> None:
    target = tmp_path / "a.pcap"
    shutil.copyfile(PLAY, target)
    assert run("table", target, "streams", "-o", tmp_path / "a.csv", "--format", "csv").code == 0
    assert {path.name for path in tmp_path.iterdir()} == {"a.pcap", "a.csv"}


def test_an_input_is_known_by_any_name(tmp_path: Path) -> None:
    target, link = tmp_path / "a.pcap", tmp_path / "b.pcap"
    target.write_bytes(b"")
    link.symlink_to(target)
    for name in (str(link), str(tmp_path / "." / "a.pcap"), str(tmp_path / "*.pcap")):
        with pytest.raises(RtmpscopeError, match="which is read"):
            spare_inputs(target, ["missing.pcap", None, name])


def test_a_file_redirected_to_standard_input_is_an_input(tmp_path: Path) -> None:
    target = tmp_path / "a.pcap"
    shutil.copyfile(PLAY, target)
    command = [sys.executable, "-m", "rtmpscope", "messages", "-", "-o", str(target), "--force"]
    with target.open("rb") as file:
        done = subprocess.run(command, stdin=file, capture_output=True, check=False, timeout=120)
    assert done.returncode == 2
    assert target.read_bytes() == PLAY.read_bytes()


def test_only_files_are_replaced(tmp_path: Path) -> None:
    folder, pipe = tmp_path / "folder", tmp_path / "pipe"
    folder.mkdir()
    os.mkfifo(pipe)
    for target in (folder, pipe):
        with pytest.raises(RtmpscopeError, match="name a file"), written_whole(target, force=True):
            raise AssertionError("nothing is to be written")
    assert pipe.is_fifo()
