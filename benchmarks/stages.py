"""Where the time of ``rtmpscope analyze --json FILE`` goes: cProfile's cumulative seconds, stage by stage.

python -m benchmarks.stages FILE TABLE
"""

from __future__ import annotations

import cProfile
import pstats
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

#: Functions below this share of the whole are left out, and all after so many lines.
_LEAST_SHARE, _MOST_LINES = 0.03, 24


class Stage(NamedTuple):
    """A function with all that it calls."""

    seconds: float
    calls: int
    name: str


def profiled(path: Path) -> tuple[float, list[Stage]]:
    """Run the analysis; the seconds it takes under the profiler, imports included, and its functions."""
    profile = cProfile.Profile()
    sys.argv = ["rtmpscope", "analyze", "--json", str(path)]
    try:
        profile.runcall(_analyze)
    except SystemExit as ended:
        if ended.code:
            raise
    stats = pstats.Stats(profile)
    profile_of: dict[tuple[str, int, str], tuple[int, int, float, float]] = vars(stats)["stats"]
    found = [Stage(row[3], row[1], name) for key, row in profile_of.items() if (name := _name(*key))]
    return vars(stats)["total_tt"], sorted(found, reverse=True)


def _analyze() -> None:
    from rtmpscope.cli import main

    main()


def _name(file: str, _line: int, function: str) -> str:
    """What a function of rtmpscope is called here, and imports as one; others are no stage."""
    if function == "_find_and_load":
        return "imports"
    _, package, inside = file.rpartition("/rtmpscope/")
    if not package or function.startswith("<"):
        return ""
    return f"{inside.removesuffix('.py')}: {function}"


def lines(total: float, stages: list[Stage]) -> Iterator[str]:
    """The stages as a table, without the small ones and the command line."""
    yield "| seconds | share | calls | function, with all that it calls |"
    yield "|---:|---:|---:|---|"
    shown = [one for one in stages if one.seconds >= _LEAST_SHARE * total and "cli/" not in one.name]
    for one in shown[:_MOST_LINES]:
        yield f"| {one.seconds:.2f} | {one.seconds / total:.0%} | {one.calls} | `{one.name}` |"


if __name__ == "__main__":
    Path(sys.argv[2]).write_text("\n".join(lines(*profiled(Path(sys.argv[1])))) + "\n")
