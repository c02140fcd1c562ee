"""Running the program as people do: a process, its two outputs, its exit code."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from typing import Any

_MAIN = "from rtmpscope.cli import main; main()"


@dataclass(frozen=True)
class Ran:
    """What a run printed, and its exit code."""

    code: int
    out: str
    err: str


def started(*arguments: object, **streams: Any) -> subprocess.Popen[bytes]:
    """``rtmpscope`` on its way; ``streams`` are those of :class:`subprocess.Popen`."""
    return subprocess.Popen([sys.executable, "-c", _MAIN, *(str(one) for one in arguments)], **streams)


def run(*arguments: object, code: str = _MAIN) -> Ran:
    """Run ``rtmpscope`` with arguments."""
    command = [sys.executable, "-c", code, *(str(one) for one in arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    return Ran(done.returncode, done.stdout, done.stderr)
