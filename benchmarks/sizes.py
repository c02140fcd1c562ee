"""Measures rtmpscope over W1 from 50 MB to 4 GB; writes benchmarks/size.csv and benchmarks/time_and_memory.png.

python -m benchmarks.sizes
"""

from __future__ import annotations

import argparse
import csv
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks import report
from benchmarks.bench import compile_bytecode, make, rtmpscope, tell
from benchmarks.measure import middle, run

SIZES = (50, 100, 200, 500, 1000, 2000, 4000)
COLUMNS = ("megabytes", "packets", "messages", "seconds", "cpu_seconds", "peak_megabytes")
_HERE = Path(__file__).parent


def measure(size: float, folder: Path, runs: int) -> tuple[float, ...]:
    """One line of the file; the capture is deleted."""
    tell(f"{size} MB: making the capture")
    workload = make("W1", folder / "size.pcap", size)
    try:
        used = middle([run(rtmpscope(workload.path)) for _ in range(runs)])
    finally:
        workload.path.unlink()
    tell(f"{size} MB: {report.usage(used)}")
    figures = (used.wall, used.cpu, used.peak)
    return round(workload.megabytes, 1), workload.packets, workload.messages, *(round(one, 3) for one in figures)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure every size, write the lines, then have another process draw them."""
    parser = argparse.ArgumentParser(description="Measure time and memory against the size of the capture.")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--dir", type=Path, default=Path("build/benchmarks"), help="where captures are made")
    parser.add_argument("--sizes", default=",".join(map(str, SIZES)), help="in MB")
    parser.add_argument("--to", type=Path, default=_HERE, help="where the results go")
    asked = parser.parse_args(arguments)
    asked.dir.mkdir(parents=True, exist_ok=True)
    compile_bytecode()
    with (asked.to / "size.csv").open("w", newline="") as file:
        lines = csv.writer(file, lineterminator="\n")
        lines.writerow(COLUMNS)
        for size in asked.sizes.split(","):
            lines.writerow(measure(float(size), asked.dir, asked.runs))
            file.flush()
    command = [sys.executable, "-m", "benchmarks.plot_sizes", str(asked.to.resolve())]
    return subprocess.run(command, check=False, cwd=_HERE.parent).returncode


if __name__ == "__main__":
    sys.exit(main())
