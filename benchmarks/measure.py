"""Time and peak memory of one program.

Whatever imports this has to stay small: Linux counts the memory that a child shares with its parent until it becomes
another program. So no numpy here or in ``bench.py``, and workloads are made by another process.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median


class Failed(Exception):
    """A measured program did not succeed."""


@dataclass(frozen=True)
class Usage:
    """Seconds by the clock, seconds of CPU time (user and system), and peak resident memory in 10⁶ bytes."""

    wall: float
    cpu: float
    peak: float


def run(command: Sequence[str]) -> Usage:
    """Run a program to its end, its output thrown away.

    Raises:
        Failed: it exited with another status than 0; the message holds what it said.
    """
    with tempfile.NamedTemporaryFile() as said:
        actions = [
            (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0),
            (os.POSIX_SPAWN_OPEN, 2, said.name, os.O_WRONLY, 0),
        ]
        begin = time.perf_counter()
        pid = os.posix_spawnp(command[0], list(command), os.environ, file_actions=actions)
        _, status, used = os.wait4(pid, 0)
        wall = time.perf_counter() - begin
        if os.waitstatus_to_exitcode(status):
            words = Path(said.name).read_text(errors="replace").strip()
            raise Failed(f"{' '.join(command)}: exit status {os.waitstatus_to_exitcode(status)}: {words}")
    unit = 1 if sys.platform == "darwin" else 1024
    return Usage(wall, used.ru_utime + used.ru_stime, used.ru_maxrss * unit / 1e6)


def middle(usages: Sequence[Usage]) -> Usage:
    """The median of each figure."""
    return Usage(*(median(values) for values in zip(*((u.wall, u.cpu, u.peak) for u in usages), strict=True)))
