"""Runs rtmpscope and tshark in turns over the workloads, and holds what they take to what is promised.

python -m benchmarks.bench                       every workload, three runs, and writes benchmarks/README.md
python -m benchmarks.bench --workloads W1,W4     these; prints only
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from benchmarks import report
from benchmarks.measure import Usage, run
from benchmarks.targets import TARGETS, Measured, checks

#: Workloads that take less than a second are run this many times as often.
_MORE_RUNS = {"W4": 5}


@dataclass(frozen=True)
class Options:
    """Where the bench works, how often it runs what, and how large workloads are (None: as promised)."""

    folder: Path
    runs: int = 3
    megabytes: float | None = None


@dataclass(frozen=True)
class Workload:
    """A capture and what it holds."""

    name: str
    path: Path
    megabytes: float
    packets: int
    messages: int


@dataclass
class Shelf:
    """The workloads that are there; W1 stays, for others are held beside it."""

    options: Options
    made: dict[str, Workload] = field(default_factory=dict)

    def get(self, name: str) -> Workload:
        """A workload, made if it is not there."""
        if name not in self.made:
            tell(f"{name}: making the capture")
            path = self.options.folder / f"{name}.pcap"
            self.made[name] = make(name, path, _megabytes(name, self.options))
        return self.made[name]

    def drop(self, name: str) -> None:
        """Delete a workload's capture."""
        if name in self.made:
            self.made.pop(name).path.unlink()


def _megabytes(name: str, options: Options) -> float | None:
    """On a small scale W6 stays larger than W1."""
    return options.megabytes * 2 if options.megabytes and name == "W6" else options.megabytes


def tell(text: str) -> None:
    """Progress."""
    print(text, file=sys.stderr, flush=True)


def make(name: str, path: Path, megabytes: float | None) -> Workload:
    """Have another process write a workload."""
    command = [sys.executable, "-m", "benchmarks.workloads", name, str(path.resolve())]
    command += ["--mb", str(megabytes)] if megabytes else []
    said = subprocess.run(command, check=True, capture_output=True, text=True, cwd=Path(__file__).parents[1])
    facts = json.loads(said.stdout)
    return Workload(name, path, facts["bytes"] / 1e6, facts["packets"], facts["messages"])


def compile_bytecode() -> None:
    """Have the package's bytecode there, as any installation has it; what runs first would take the time else."""
    package = Path(__file__).parents[1] / "rtmpscope"
    subprocess.run([sys.executable, "-m", "compileall", "-q", str(package)], check=True)


def rtmpscope(path: Path) -> list[str]:
    """The command of rtmpscope that is measured: that of this Python, else the first on the path."""
    beside = Path(sys.executable).with_name("rtmpscope")
    return [str(beside) if beside.exists() else "rtmpscope", "analyze", "--json", str(path)]


def tshark(path: Path) -> list[str]:
    """The command of tshark that is measured."""
    fields = ["-e", "frame.number", "-e", "rtmpt.header.typeid"]
    return ["tshark", "-r", str(path), "-Y", "rtmpt", "-T", "fields", *fields]


Commands = dict[str, Sequence[str]]


def in_turns(commands: Commands, runs: int, heard: Callable[[str, Usage], None]) -> dict[str, tuple[Usage, ...]]:
    """Run each program, then each again."""
    taken: dict[str, list[Usage]] = {name: [] for name in commands}
    for _ in range(runs):
        for name, command in commands.items():
            taken[name].append(run(command))
            heard(name, taken[name][-1])
    return {name: tuple(usages) for name, usages in taken.items()}


def measure(name: str, shelf: Shelf) -> Measured:
    """Measure a workload beside what it is held against."""
    target, options = TARGETS[name], shelf.options
    w1 = shelf.get("W1") if target.needs_w1 else None
    workload = shelf.get(name)
    commands: Commands = {"ours": rtmpscope(workload.path)}
    if w1:
        commands["w1"] = rtmpscope(w1.path)
    if target.needs_tshark:
        commands["theirs"] = tshark(workload.path)
    runs = options.runs * (1 if options.megabytes else _MORE_RUNS.get(name, 1))
    words = {"ours": f"{name}: rtmpscope", "theirs": f"{name}: tshark", "w1": f"{name}: rtmpscope on W1"}
    found = in_turns(commands, runs, lambda who, used: tell(f"{words[who]:26} {report.usage(used)}"))
    return Measured(
        name,
        workload.megabytes,
        workload.packets,
        workload.messages,
        found["ours"],
        found.get("theirs", ()),
        found.get("w1", ()),
        w1_megabytes=w1.megabytes if w1 else 0,
        w1_messages=w1.messages if w1 else 0,
    )


def stages(path: Path, folder: Path) -> str:
    """A table of where rtmpscope's time goes, made by another process."""
    table = folder / "stages.md"
    command = [sys.executable, "-m", "benchmarks.stages", str(path.resolve()), str(table.resolve())]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=Path(__file__).parents[1])
    text = table.read_text()
    table.unlink()
    return text


def explained(one: Measured, shelf: Shelf) -> Measured:
    """The same with a table of stages, if a promise about time is broken at full size."""
    late = any(check.cpu is not None and not (check.met and check.met_in_cpu_time) for check in checks(one))
    if not late or shelf.options.megabytes:
        return one
    tell(f"{one.workload}: profiling")
    return replace(one, stages=stages(shelf.get(one.workload).path, shelf.options.folder))


def bench(names: Sequence[str], options: Options) -> list[Measured]:
    """Measure workloads, printing what each shows as soon as it is known; captures are deleted."""
    shelf, found = Shelf(options), []
    options.folder.mkdir(parents=True, exist_ok=True)
    try:
        for name in names:
            found.append(explained(measure(name, shelf), shelf))
            for check in checks(found[-1]):
                print(report.line(check), flush=True)
            if name != "W1":
                shelf.drop(name)
    finally:
        for name in list(shelf.made):
            shelf.drop(name)
    return found


def _names(text: str) -> list[str]:
    names = text.split(",")
    if unknown := sorted(set(names) - set(TARGETS)):
        raise argparse.ArgumentTypeError(f"no such workload: {', '.join(unknown)}")
    return names


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the bench; whole and at full size it writes the table. The status is 1 if a promise is broken."""
    parser = argparse.ArgumentParser(description="Measure rtmpscope beside tshark.")
    parser.add_argument("--workloads", type=_names, default=list(TARGETS), help="W1,W2,…; all by default")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--dir", type=Path, default=Path("build/benchmarks"), help="where captures are made")
    parser.add_argument("--mb", type=float, default=None, help="another size, to try the bench itself")
    asked = parser.parse_args(arguments)
    if any(TARGETS[name].needs_tshark for name in asked.workloads) and not shutil.which("tshark"):
        parser.error("tshark is not installed; W5, W6 and W7 do without")
    compile_bytecode()
    found = bench(asked.workloads, Options(asked.dir, asked.runs, asked.mb))
    (asked.dir / "results.json").write_text(json.dumps([asdict(one) for one in found], indent=1))
    if set(asked.workloads) == set(TARGETS) and asked.mb is None:
        report.write(found)
    return int(not all(check.met for one in found for check in checks(one)))


if __name__ == "__main__":
    sys.exit(main())
