"""Outside tools and captures that tests need; what is missing skips visibly, and fails in CI."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CAPTURES = ROOT / "captures"
SHARED_VARIABLE = "RTMPSCOPE_SHARED_CAPTURES"


def require_tool(name: str) -> str:
    """The path of a program; without it the test is skipped, or fails in CI."""
    path = shutil.which(name)
    if path is None:
        if os.environ.get("CI"):
            pytest.fail(f"{name} is not installed, and CI skips nothing")
        pytest.skip(f"{name} is not installed")
    return path


def own_captures() -> list[Path]:
    """The captures of this project."""
    return sorted(path for path in CAPTURES.iterdir() if path.suffix in (".pcap", ".pcapng"))


def shared_folder() -> Path | None:
    """The folder of further captures, if the environment names one."""
    name = os.environ.get(SHARED_VARIABLE)
    if not name:
        return None
    folder = Path(name)
    if not folder.is_dir():
        raise pytest.UsageError(f"{SHARED_VARIABLE} names {folder}, which is no folder")
    return folder


def shared_capture(name: str) -> Path:
    """A further capture; the test is skipped in a clone without them."""
    folder = shared_folder()
    if folder is None:
        pytest.skip(f"{name}: {SHARED_VARIABLE} is not set")
    return folder / name


def all_captures() -> list[object]:
    """Every capture as a test parameter; the shared ones as a visible skip where they are not there."""
    parameters: list[object] = [pytest.param(path, id=path.name) for path in own_captures()]
    folder = shared_folder()
    if folder is None:
        skip = pytest.mark.skip(reason=f"{SHARED_VARIABLE} is not set")
        return [*parameters, pytest.param(None, id="shared captures", marks=skip)]
    shared = sorted(path for path in folder.iterdir() if path.suffix in (".pcap", ".pcapng"))
    return [*parameters, *(pytest.param(path, id=path.name) for path in shared)]
