"""What the bench measured, as lines and as the tables in benchmarks/README.md.

python -m benchmarks.report build/benchmarks/results.json   writes the page again
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from collections.abc import Iterator, Sequence
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from benchmarks.measure import Usage, middle
from benchmarks.targets import Check, Measured, checks

README = Path(__file__).with_name("README.md")
_BEGIN, _END = "<!-- begin: written by make bench -->", "<!-- end -->"


def usage(used: Usage) -> str:
    """What a program took."""
    return f"{used.wall:7.2f} s, {used.cpu:7.2f} s CPU, {used.peak:6.0f} MB"


def line(check: Check) -> str:
    """A promise and what became of it."""
    cpu = "" if check.cpu is None else f" ({figure(check.cpu)} in CPU time)"
    promise = f"{check.what} {check.sign} {figure(check.limit)}"
    return f"{check.workload}  {promise}: {figure(check.value)}{cpu}: {verdict(check).replace('*', '')}"


def verdict(check: Check) -> str:
    """Whether the promise is kept; where the clock and the CPU time differ, both."""
    if check.met == check.met_in_cpu_time or check.cpu is None:
        return "met" if check.met else "**missed**"
    return "met, but **missed** in CPU time" if check.met else "**missed**, but met in CPU time"


def figure(value: float) -> str:
    """Three digits that count, or all before the point."""
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"


def write(found: Sequence[Measured], readme: Path = README) -> None:
    """Put the tables between the marks of the page."""
    text = readme.read_text()
    before, after = text[: text.index(_BEGIN) + len(_BEGIN)], text[text.index(_END) :]
    readme.write_text("\n".join([before, "", *tables(found), "", after]))


def load(path: Path) -> list[Measured]:
    """What an earlier run measured."""
    return [_measured(one) for one in json.loads(path.read_text())]


def _measured(one: dict[str, Any]) -> Measured:
    return Measured(**one | {who: tuple(Usage(**run) for run in one[who]) for who in ("ours", "theirs", "w1")})


def tables(found: Sequence[Measured]) -> Iterator[str]:
    """The page's lines: the machine, the promises, the figures they come from."""
    yield machine()
    yield f"The runs had a processor for {busy(found):.0%} of their time; the less, the more CPU time tells."
    yield ""
    yield "| workload | promise | measured | in CPU time | |"
    yield "|---|---|---:|---:|---|"
    for one in found:
        yield from (_promise(check) for check in checks(one))
    yield ""
    yield "Time by the clock, (CPU time), peak memory; medians:"
    yield ""
    yield "| workload | capture | packets | messages | runs | rtmpscope | tshark | rtmpscope on W1 in turns |"
    yield "|---|---:|---:|---:|---:|---:|---:|---:|"
    for one in found:
        yield _figures(one)
    for one in found:
        if one.stages:
            yield f"\n### What {one.workload}'s time goes to\n\nUnder cProfile, which makes calls slow:\n"
            yield one.stages.strip()


def _promise(check: Check) -> str:
    limit = f"{check.what} {check.sign} {figure(check.limit)}"
    limit += f", aiming at {figure(check.goal)}" if check.goal is not None else ""
    cpu = "" if check.cpu is None else figure(check.cpu)
    return f"| {check.workload} | {limit} | {figure(check.value)} | {cpu} | {verdict(check)} |"


def _figures(one: Measured) -> str:
    cells = [f"{one.megabytes:,.1f} MB", f"{one.packets:,}", f"{one.messages:,}", f"{len(one.ours)}"]
    cells += [_used(used) for used in (one.ours, one.theirs, one.w1)]
    return f"| {one.workload} | {' | '.join(cells)} |".replace(",", " ")


def _used(runs: Sequence[Usage]) -> str:
    if not runs:
        return ""
    used = middle(runs)
    return f"{used.wall:.2f} s ({used.cpu:.2f} s) {used.peak:.0f} MB"


def busy(found: Sequence[Measured]) -> float:
    """CPU time over time by the clock of all runs: below 1 they waited, for the disk or for other programs."""
    runs = [run for one in found for run in (*one.ours, *one.theirs, *one.w1)]
    return sum(run.cpu for run in runs) / sum(run.wall for run in runs)


def machine() -> str:
    """The machine in general terms, and the versions of what ran on it."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    said = subprocess.run(["tshark", "--version"], capture_output=True, text=True, check=True).stdout
    tshark = said.split("(Git")[0].split("TShark (Wireshark)")[-1].strip().rstrip(".")
    versions = f"Python {platform.python_version()}, numpy {version('numpy')}, tshark {tshark}"
    cores = f"{os.cpu_count()} processors ({_model()})"
    loops = "compiled" if find_spec("rtmpscope.rtmp._common_messages") else "not compiled"
    return (
        f"{platform.system()} on {platform.machine()}, {cores}, {memory:.0f} GiB of memory; {versions}; "
        f"the busiest loops {loops}."
    )


def _model() -> str:
    """The processor's name, as Linux tells it."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    names = [one.partition(":")[2].strip() for one in lines if one.startswith("model name")]
    return names[0] if names else platform.processor()


if __name__ == "__main__":
    write(load(Path(sys.argv[1])))
