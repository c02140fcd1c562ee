"""Draws benchmarks/size.csv: time and peak memory against the size of the capture, over straight lines."""

from __future__ import annotations

import csv
import sys
from pathlib import Path

import matplotlib as mpl
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def read(path: Path) -> dict[str, Floats]:
    """The columns of the file."""
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    return {name: np.array([float(row[name]) for row in rows]) for name in rows[0]}


def draw(columns: dict[str, Floats], path: Path) -> None:
    """Time left, memory right."""
    mpl.use("agg")
    from matplotlib import pyplot as plt

    figure, (time, memory) = plt.subplots(1, 2, figsize=(10, 4), layout="constrained")
    size = columns["megabytes"] / 1000
    slope, start = _line(size, columns["cpu_seconds"])
    time.plot(size, columns["seconds"], "o", label="by the clock")
    time.plot(size, columns["cpu_seconds"], "s", label="CPU time")
    time.plot(size, start + slope * size, "--", color="0.5", label=f"{start:.2f} s + {slope:.2f} s per GB of CPU time")
    time.set(ylabel="s, whole process", title="Time")
    slope, start = _line(columns["messages"], columns["peak_megabytes"])
    memory.plot(size, columns["peak_megabytes"], "o", label="measured")
    words = f"{start:.0f} MB + {slope * 1e6:.0f} bytes per message"
    memory.plot(size, start + slope * columns["messages"], "--", color="0.5", label=words)
    memory.set(ylabel="MB, largest resident set", title="Peak memory")
    for axes in (time, memory):
        axes.set(xlabel="size of the capture, GB", xlim=(0, None), ylim=(0, 1.35 * axes.get_ylim()[1]))
        axes.grid(alpha=0.3)
        axes.legend(loc="upper left")
    figure.suptitle("rtmpscope analyze --json over W1")
    figure.savefig(path, dpi=120, metadata={"Software": None})
    plt.close(figure)


def _line(x: Floats, y: Floats) -> tuple[float, float]:
    """Slope and start of the straight line nearest to the points."""
    if len(x) < 2:
        return 0.0, float(y.mean())
    slope, start = np.polyfit(x, y, 1)
    return float(slope), float(start)


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    draw(read(folder / "size.csv"), folder / "time_and_memory.png")
