"""Small captures inside the package, to try things with."""

from __future__ import annotations

from pathlib import Path

from rtmpscope.errors import RtmpscopeError

_FOLDER = Path(__file__).parent


def sample(name: str = "ffmpeg") -> Path:
    """The path of a small capture inside the package: a real publish, recorded for the purpose.

    Raises:
        RtmpscopeError: there is no sample of that name.
    """
    path = _FOLDER / f"{name}.pcap"
    if not path.is_file():
        known = ", ".join(sorted(one.stem for one in _FOLDER.glob("*.pcap")))
        raise RtmpscopeError(f"there is no sample {name!r}; there are {known}")
    return path
