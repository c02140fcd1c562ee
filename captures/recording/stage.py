"""Where a capture is played: programs in namespaces, what they write, and whether they did what they were to do."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from string import Template

from .network import Network

FILES = Path(__file__).with_name("files")
Process = subprocess.Popen[bytes]


class RecordingError(Exception):
    """A program did not do what it was to do; what was captured is not what it is to show."""


@dataclass(frozen=True)
class Truth:
    """A file that the receiving side wrote: ``role`` is publish or play, ``key`` the stream's name."""

    path: Path
    role: str
    key: str


@dataclass
class Stage:
    """A network, and a folder for what the programs write; ``commands`` are those that were started."""

    net: Network
    folder: Path
    stack: ExitStack
    commands: list[str] = field(default_factory=list)
    servers: list[tuple[str, Process]] = field(default_factory=list)

    def start(self, where: str, *command: str) -> Process:
        """Start a program in a namespace; it is stopped at the end whatever happens."""
        self.commands.append(" ".join(command).replace(str(self.folder), "DIR").replace(sys.executable, "python3"))
        nowhere = subprocess.DEVNULL
        process = subprocess.Popen(
            ["ip", "netns", "exec", where, *command], stdin=nowhere, stdout=nowhere, stderr=nowhere
        )
        self.stack.callback(stop, process)
        return process

    def run(self, where: str, *command: str, seconds: float = 30) -> None:
        """Run a program that is to end by itself, and well."""
        finish(self.start(where, *command), seconds)

    def serve(self, *command: str, seconds: float) -> None:
        """Start a server, which is to run to the end; wait until it is ready."""
        self.servers.append((command[0], self.start(self.net.server, *command)))
        time.sleep(seconds)

    def check_servers(self) -> None:
        """Make sure that no server ended before its time."""
        for name, process in self.servers:
            if process.poll() is not None:
                raise RecordingError(f"{name} ended with code {process.returncode} before its time")

    def nginx(self, chunk_size: int = 4096, more: str = "") -> None:
        """Start nginx with its RTMP module; ``more`` is configuration of its application."""
        (self.folder / "recorded").mkdir(mode=0o777, exist_ok=True)
        self.folder.chmod(0o755)
        (self.folder / "recorded").chmod(0o777)
        config = self.folder / "nginx.conf"
        values = {"folder": str(self.folder), "chunk_size": str(chunk_size), "more": more}
        config.write_text(Template((FILES / "nginx.conf").read_text()).substitute(values))
        self.serve("nginx", "-c", str(config), "-p", str(self.folder), seconds=0.7)

    def firewall(self, *rule: str) -> None:
        """Let the server's host apply one rule to what it receives, in place of any before."""
        self.run(self.net.server, "nft", "flush", "ruleset", seconds=5)
        self._filter(self.net.server, "input", rule)

    def router(self, *rule: str) -> None:
        """Make the client's host a router for the namespace behind it, with one rule for what it forwards."""
        self.net.add_home()
        self._filter(self.net.client, "forward", rule)

    def _filter(self, where: str, hook: str, rule: tuple[str, ...]) -> None:
        chain = f"{{ type filter hook {hook} priority 0; }}"
        table = ("inet", "t")
        for step in (("table", *table), ("chain", *table, hook, chain), ("rule", *table, hook, *rule)):
            self.run(where, "nft", "add", *step, seconds=5)

    def file(self, name: str, template: str) -> str:
        """The path of a copy, in the folder, of one of the files beside this module."""
        path = self.folder / name
        path.write_text((FILES / template).read_text())
        return str(path)

    def recorded(self, key: str) -> Path:
        """The file that the server wrote for a stream."""
        return self.folder / "recorded" / f"{key}.flv"


def stop(process: Process) -> None:
    """Stop a program as Ctrl-C does, and for good if it does not stop."""
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(4)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def finish(process: Process, seconds: float = 30, *, fails: bool = False) -> None:
    """Wait for a program that ends by itself: well, or with an error where it ``fails`` on purpose."""
    command = " ".join(list(process.args)[4:6]) if isinstance(process.args, list) else "a program"
    try:
        code = process.wait(seconds)
    except subprocess.TimeoutExpired:
        raise RecordingError(f"{command} did not end within {seconds} s") from None
    if (code != 0) != fails:
        raise RecordingError(f"{command} ended with code {code}" + (", and was to fail" if fails else ""))


def wait_at_most(process: Process, seconds: float) -> None:
    """Wait for a program, but no longer than that."""
    with suppress(subprocess.TimeoutExpired):
        process.wait(seconds)


@contextmanager
def capturing(stage: Stage, path: Path, interface: str, packets: str) -> Iterator[None]:
    """Capture on the server's side while the block runs."""
    if path.suffix == ".pcapng":
        command = ["tshark", "-q", "-i", interface, "-w", str(path)]
    else:
        command = ["tcpdump", "-i", interface, "-s", "0", "-U", "-w", str(path), packets]
    process = stage.start(stage.net.server, *command)
    time.sleep(1.5)
    try:
        yield
    finally:
        time.sleep(0.7)
        ended = process.poll()
        stop(process)
    if ended is not None or process.returncode != 0:
        raise RecordingError(f"{command[0]} ended with code {process.returncode}")
