"""Time and memory against size, on a tiny scale."""

from __future__ import annotations

import csv
import subprocess
import sys
from pathlib import Path

from benchmarks.sizes import COLUMNS
from tests.support.tools import ROOT


def test_sizes_are_measured_written_and_drawn(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "benchmarks.sizes", "--sizes", "0.2,0.5", "--runs", "1"]
    command += ["--dir", str(tmp_path / "captures"), "--to", str(tmp_path)]
    subprocess.run(command, check=True, capture_output=True, cwd=ROOT)
    with (tmp_path / "size.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert tuple(rows[0]) == COLUMNS
    assert [round(float(row["megabytes"]), 1) for row in rows] == [0.2, 0.5]
    assert (tmp_path / "time_and_memory.png").read_bytes().startswith(b"\x89PNG")
    assert not list((tmp_path / "captures").iterdir())
