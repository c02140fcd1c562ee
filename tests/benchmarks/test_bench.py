"""The bench runs to its end on a tiny scale and says what it found; no figure of it is judged."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import pytest

from benchmarks import bench, report
from benchmarks.measure import Failed, Usage, middle, run
from benchmarks.stages import Stage, lines
from benchmarks.targets import TARGETS, Measured, checks, quotient
from tests.support.tools import ROOT, own_captures, require_tool

_TENTH = Usage(0.1, 0.1, 10)


def _bench(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "benchmarks.bench", "--dir", str(folder), "--mb", "0.5", "--runs", "1"]
    return subprocess.run([*command, *arguments], capture_output=True, text=True, check=False, cwd=ROOT)


def test_every_workload_is_measured_and_every_promise_told(tmp_path: Path) -> None:
    require_tool("tshark")
    before = report.README.read_text()
    said = _bench(tmp_path)
    assert said.returncode in (0, 1), said.stderr
    assert {line.split()[0] for line in said.stdout.splitlines()} == set(TARGETS)
    found = json.loads((tmp_path / "results.json").read_text())
    assert {one["workload"]: bool(one["theirs"]) for one in found} == {
        name: target.needs_tshark for name, target in TARGETS.items()
    }
    assert [path.name for path in tmp_path.iterdir()] == ["results.json"], "captures are deleted"
    assert report.README.read_text() == before, "only a whole run writes the page"


def test_an_earlier_run_can_be_read_back(tmp_path: Path) -> None:
    assert _bench(tmp_path, "--workloads", "W7").returncode in (0, 1)
    path = tmp_path / "results.json"
    (one,) = report.load(path)
    assert isinstance(one.ours[0], Usage) and isinstance(one.w1[0], Usage) and one.theirs == ()
    assert path.read_text() == json.dumps([asdict(one)], indent=1)


def test_the_stages_of_an_analysis_are_told(tmp_path: Path) -> None:
    path = tmp_path / "W4.pcap"
    bench.make("W4", path, 0.5)
    assert "| `imports` |" in bench.stages(path, tmp_path)


def test_stages_are_imports_and_functions_of_rtmpscope() -> None:
    path = own_captures()[0]
    code = f"from benchmarks.stages import profiled; from pathlib import Path; print(profiled(Path({str(path)!r})))"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    for name in ("imports", "analysis: analyze", "pipeline/run: decode"):
        assert f"name={name!r}" in said.stdout


def test_small_stages_are_left_out() -> None:
    told = list(lines(10.0, [Stage(9.0, 1, "pipeline/run: decode"), Stage(0.1, 7, "rtmp/chunks: feed")]))
    assert told[2:] == ["| 9.00 | 90% | 1 | `pipeline/run: decode` |"]


def test_unknown_workloads_are_refused(tmp_path: Path) -> None:
    said = _bench(tmp_path, "--workloads", "W1,W9")
    assert said.returncode == 2
    assert "no such workload: W9" in said.stderr


def test_a_missing_tshark_is_told_before_anything_is_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SystemExit):
        bench.main(["--workloads", "W1,W7", "--dir", str(tmp_path / "made")])
    assert "tshark is not installed" in capsys.readouterr().err
    assert not (tmp_path / "made").exists()


def test_peak_memory_is_that_of_the_program_not_of_the_bench() -> None:
    code = "from benchmarks import bench, measure; print(measure.run(['true']).peak)"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert float(said.stdout) < 40, "the bench is small, as numpy is not"
    assert run([sys.executable, "-c", "held = b'x' * 100_000_000"]).peak > 100


def test_a_program_that_fails_is_told_with_what_it_said() -> None:
    with pytest.raises(Failed, match="exit status 3: so it was"):
        run([sys.executable, "-c", "import sys; sys.stderr.write('so it was'); sys.exit(3)"])


def test_medians_are_of_each_figure() -> None:
    assert middle([Usage(1, 30, 200), Usage(2, 10, 300), Usage(3, 20, 100)]) == Usage(2, 20, 200)


def test_runs_are_divided_by_their_neighbours() -> None:
    """So that what slows the machine for a while slows both."""
    ours = [Usage(1, 1, 9), Usage(4, 1, 9), Usage(1, 1, 9)]
    theirs = [Usage(10, 12, 9), Usage(44, 12, 9), Usage(30, 12, 9)]
    assert quotient(theirs, ours) == (11, 12)


def test_promises_are_judged_by_the_clock_and_told_beside_cpu_time() -> None:
    one = Measured("W1", 500, 9, 9, ours=(Usage(1, 2, 299),), theirs=(Usage(11, 26, 1000),))
    faster, memory = checks(one)
    assert (faster.value, faster.cpu, faster.met) == (11, 13, False)
    assert (memory.value, memory.met) == (299, True)
    assert report.line(faster) == "W1  times faster than tshark ≥ 12: 11 (13 in CPU time): missed, but met in CPU time"
    assert report.line(memory) == "W1  peak memory, MB ≤ 300: 299: met"


def test_the_page_tells_how_much_the_runs_waited() -> None:
    one = Measured("W4", 1.5, 9, 9, ours=(Usage(2, 1, 9), Usage(2, 1, 9)), theirs=(Usage(4, 2, 9), Usage(2, 1, 9)))
    assert report.busy([one]) == 0.5


def test_w6_is_held_to_a_line_and_to_bytes_per_message() -> None:
    w1 = (Usage(1, 1, 100),)
    ours = (Usage(8.4, 9, 250),)
    six = Measured("W6", 4000, 9, 900_000, ours=ours, w1=w1, w1_megabytes=500, w1_messages=100_000)
    linear, each = checks(six)
    assert (round(linear.value, 3), linear.met) == (1.05, True)
    assert (each.value, each.met) == (187.5, True)


def test_the_page_keeps_what_stands_around_its_tables(tmp_path: Path) -> None:
    require_tool("tshark")
    page = tmp_path / "README.md"
    page.write_text("before\n<!-- begin: written by make bench -->\nold\n<!-- end -->\nafter\n")
    report.write([Measured("W4", 1.5, 1444, 839, ours=(_TENTH,) * 3, theirs=(_TENTH,) * 3)], page)
    text = page.read_text()
    assert text.startswith("before\n") and text.endswith("<!-- end -->\nafter\n") and "old" not in text
    assert "| W4 | of tshark's time ≤ 2.5 | 1 | 1 | met |" in text
    assert "| W4 | 1.5 MB | 1 444 | 839 | 3 | 0.10 s (0.10 s) 10 MB | 0.10 s (0.10 s) 10 MB |  |" in text
