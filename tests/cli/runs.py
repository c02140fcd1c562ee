"""Running the program as people do: a process, its two outputs, its exit code."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Ran:
    """What a run printed, and its exit code."""

    code: int
    out: str
    err: str


def started(*arguments: object, **streams: Any) -> subprocess.Popen[bytes]:
    """``rtmpscope`` on its way; ``streams`` are those of :class:`subprocess.Popen`."""
    return subprocess.Popen([sys.executable, "-m", "rtmpscope", *(str(one) for one in arguments)], **streams)


def run(*arguments: object, code: str = "") -> Ran:
    """Run ``rtmpscope`` with arguments, or ``code`` in its place."""
    program = ["-c", code] if code else ["-m", "rtmpscope"]
    command = [sys.executable, *program, *(str(one) for one in arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    return Ran(done.returncode, done.stdout, done.stderr)
