"""The output folder is whole or not there, and nothing in it is overwritten unasked."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pandas as pd
import pytest

import rtmpscope
from rtmpscope.report import folder as folder_module
from rtmpscope.tables import SCHEMAS
from tests.cli.runs import run
from tests.support.tools import CAPTURES

PLAY = CAPTURES / "play_rtmpdump.pcap"


def test_everything_is_there(tmp_path: Path) -> None:
    out = tmp_path / "a" / "b"
    assert run("analyze", PLAY, "-o", out).code == 0
    assert sorted(path.name for path in out.iterdir()) == [
        "analysis.json",
        "charts",
        "report.html",
        "report.md",
        "tables",
    ]
    assert {path.stem for path in (out / "tables").iterdir()} == set(SCHEMAS) - {"chunks"}
    names = {"timeline", "bitrate_0", "bitrate_1", "interleaving", "ladder"}
    assert {path.name for path in (out / "charts").iterdir()} == {
        f"{one}.{form}" for one in names for form in ("png", "svg")
    }


def test_nothing_is_overwritten_unasked(tmp_path: Path) -> None:
    (tmp_path / "report.md").write_text("mine")
    (tmp_path / "other.txt").write_text("mine too")
    ran = run("analyze", PLAY, "-o", tmp_path)
    assert ran.code == 2
    assert "--force" in ran.err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["other.txt", "report.md"]
    assert run("analyze", PLAY, "-o", tmp_path, "--force").code == 0
    assert (tmp_path / "report.md").read_text() != "mine"
    assert (tmp_path / "other.txt").read_text() == "mine too"


@pytest.mark.parametrize("failing", ["render_html", "write_json", "draw_pictures", "write_tables"])
@pytest.mark.parametrize(
    "error", [OSError(28, "No space left on device"), KeyboardInterrupt()], ids=["full", "stopped"]
)
def test_a_failure_leaves_nothing_behind(
    failing: str, error: BaseException, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    analysis = rtmpscope.analyze(PLAY)

    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(folder_module, failing, fail)
    with pytest.raises(type(error)):
        analysis.write_folder(tmp_path / "new" / "out")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.geteuid() != 0, reason="mounting a small file system needs root")
def test_a_disk_that_is_too_small_gives_one_line_and_leaves_nothing(tmp_path: Path) -> None:
    small = tmp_path / "small"
    small.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(small)], check=False)
    if mounted.returncode:
        pytest.skip("this machine does not let root mount a tmpfs")
    try:
        ran = run("analyze", PLAY, "-o", small)
        assert ran.code == 2
        assert ran.err.count("\n") == 1
        assert f"{small}: no space left" in ran.err
        assert list(small.iterdir()) == []
    finally:
        subprocess.run(["umount", str(small)], check=True)


def test_tables_come_back_equal(tmp_path: Path) -> None:
    analysis = rtmpscope.analyze(PLAY)
    analysis.to_parquet(tmp_path)
    loaded = rtmpscope.load(tmp_path)
    for name in SCHEMAS:
        if name != "chunks":
            pd.testing.assert_frame_equal(getattr(loaded, name), getattr(analysis, name), check_categorical=False)


def test_the_output_folder_can_be_loaded(tmp_path: Path) -> None:
    assert run("analyze", PLAY, "-o", tmp_path / "out", "--quiet").code == 0
    assert len(rtmpscope.load(tmp_path / "out").messages) == 576


def test_a_folder_without_tables_is_refused(tmp_path: Path) -> None:
    with pytest.raises(rtmpscope.RtmpscopeError, match="holds no tables"):
        rtmpscope.load(tmp_path)


@pytest.mark.parametrize("ending", ["html", "md"])
def test_single_reports(ending: str, tmp_path: Path) -> None:
    path = tmp_path / f"report.{ending}"
    rtmpscope.analyze(PLAY).report(path)
    assert "publish key" in path.read_text(encoding="utf-8").replace("\\", "")
    with pytest.raises(rtmpscope.RtmpscopeError, match="ends in"):
        rtmpscope.analyze(PLAY).report(tmp_path / "report.docx")
