"""Records the captures in this folder: real senders, servers and players, in network namespaces of their own.

Needs root, and nginx with its RTMP module, ffmpeg, rtmpdump, tcpdump and tshark (Debian: nginx-light,
libnginx-mod-rtmp, ffmpeg, rtmpdump, tcpdump, tshark, iproute2, ethtool). Everything it starts, it stops.

Some captures need more: gstreamer1.0-tools with its plugins (base, good, bad, ugly), PyAV and numpy, obs-studio with
xvfb, xauth and dbus, and node with node-media-server 2.7.4 from npm in the folder that NODE_PATH names. What is not
there leaves its capture out.

    python captures/record.py                     record all that is missing
    python captures/record.py --force NAME...     record some anew

Exit codes: 0 all that was asked for is there; 1 something went wrong, or is there and not in the index; 2 unusable
arguments, or programs are missing.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from recording.entries import ENTRIES, Entry
from recording.network import network
from recording.stage import RecordingError, Stage, Truth, capturing

HERE = Path(__file__).parent
TOOLS = ("nginx", "ffmpeg", "rtmpdump", "tcpdump", "tshark", "ip", "ethtool")
#: Nothing recorded may be larger.
LARGEST = 1_000_000


def record(entry: Entry, folder: Path) -> dict[str, object]:
    """Record one capture into ``folder``; return its entry of the index.

    Raises:
        RecordingError: a program did not do what it was to do, or the capture is too large.
    """
    with tempfile.TemporaryDirectory(prefix="rtmpscope-") as temporary, network() as net, ExitStack() as stack:
        work = Path(temporary)
        path = work / entry.file
        stage = Stage(net, work, stack)
        with capturing(stage, path, entry.interface, entry.packets):
            truths = entry.record(stage)
            stage.check_servers()
        stack.close()
        size = path.stat().st_size
        if size > LARGEST:
            raise RecordingError(f"{size} bytes, more than {LARGEST}; make it shorter")
        kept = [keep_truth(entry, truth, folder) for truth in truths]
        shutil.copyfile(path, folder / entry.file)
        print(f"{entry.file}: {size} bytes")
        return {"file": entry.file, "shows": entry.shows, "commands": stage.commands, "truth": kept}


def keep_truth(entry: Entry, truth: Truth, folder: Path) -> dict[str, str]:
    """Keep what the receiving side wrote beside the captures."""
    if not truth.path.exists() or not truth.path.stat().st_size:
        raise RecordingError(f"the receiving side wrote nothing of {truth.key} ({truth.role})")
    name = f"{Path(entry.file).stem}.{truth.role}.flv"
    (folder / "truth").mkdir(exist_ok=True)
    data = truth.path.read_bytes()
    (folder / "truth" / name).write_bytes(data)
    return {"file": f"truth/{name}", "role": truth.role, "key": truth.key, "sha256": hashlib.sha256(data).hexdigest()}


def versions() -> dict[str, str]:
    """What recorded the captures."""
    asked = {"ffmpeg": ["ffmpeg", "-version"], "nginx": ["nginx", "-v"], "rtmpdump": ["rtmpdump", "--help"]}
    asked |= {"gstreamer": ["gst-launch-1.0", "--version"], "obs": ["obs", "--version"], "node": ["node", "--version"]}
    asked["pyav"] = [sys.executable, "-c", "import av; print('PyAV', av.__version__)"]
    found = {}
    for name, command in asked.items():
        if shutil.which(command[0]) is None:
            continue
        said = subprocess.run(command, capture_output=True, text=True, check=False)
        lines = [line for line in (said.stdout + said.stderr).splitlines() if line.strip()]
        found[name] = lines[0].split(" Copyright")[0].strip()
    return found


class Index:
    """The file that tells how each capture was recorded."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "index.json"
        known = json.loads(self._path.read_text()) if self._path.exists() else {"captures": []}
        self._entries = {one["file"]: one for one in known["captures"]}

    def __contains__(self, file: str) -> bool:
        return file in self._entries

    def add(self, entry: dict[str, object]) -> None:
        """Put in a capture, in the order of ``ENTRIES``."""
        self._entries[entry["file"]] = entry
        captures = [self._entries[one.file] for one in ENTRIES if one.file in self._entries]
        self._path.write_text(json.dumps({"software": versions(), "captures": captures}, indent=1) + "\n")


def wanted(names: list[str], folder: Path, *, force: bool) -> tuple[list[Entry], list[str]]:
    """What is to be recorded, and what is there although the index does not know it, which is left alone."""
    index = Index(folder)
    asked = [entry for entry in ENTRIES if not names or entry.file in names]
    there = [entry for entry in asked if (folder / entry.file).exists()]
    unknown = [] if force else [entry.file for entry in there if entry.file not in index]
    return [entry for entry in asked if force or entry not in there], unknown


def _there(tool: str) -> bool:
    """Whether a program is installed, or a module in the folder that NODE_PATH names."""
    modules = os.environ.get("NODE_PATH")
    return shutil.which(tool) is not None or (modules is not None and (Path(modules) / tool).is_dir())


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Record the captures in this folder.")
    parser.add_argument("names", nargs="*", help="files to record; all by default")
    parser.add_argument("--force", action="store_true", help="record anew what is there")
    parser.add_argument("-o", dest="folder", type=Path, default=HERE, help="folder to write to")
    arguments = parser.parse_args()
    known = [entry.file for entry in ENTRIES]
    unknown = [name for name in arguments.names if name not in known]
    if unknown:
        parser.error(f"no such capture: {', '.join(unknown)}; there are {', '.join(known)}")
    return arguments


def main() -> int:
    """Record what is asked for."""
    arguments = _arguments()
    folder: Path = arguments.folder
    entries, unknown = wanted(arguments.names, folder, force=arguments.force)
    for name in unknown:
        print(f"{name}: is there and not in {folder / 'index.json'}; --force records it anew", file=sys.stderr)
    failed = len(unknown)
    missing = [tool for tool in TOOLS if shutil.which(tool) is None]
    if entries and (missing or os.geteuid() != 0):
        print(f"needs root and {', '.join(missing or TOOLS)}", file=sys.stderr)
        return 2
    index = Index(folder)
    for entry in entries:
        lacking = [tool for tool in entry.needs if not _there(tool)]
        if lacking:
            print(f"{entry.file}: left out, needs {', '.join(lacking)}", file=sys.stderr)
            failed += entry.file in arguments.names
            continue
        try:
            index.add(record(entry, folder))
        except (RecordingError, subprocess.CalledProcessError) as error:
            failed += 1
            print(f"{entry.file}: not recorded: {error}", file=sys.stderr)
    return min(failed, 1)


if __name__ == "__main__":
    sys.exit(main())
