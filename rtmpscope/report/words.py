"""Numbers in words: durations, rates and sizes as people read them."""

from __future__ import annotations

import re

_LIBOBS = re.compile(r"libobs version ([\w.+-]+)")
_LAVF = re.compile(r"^Lavf[\d.]+$")
_LAYOUTS = {1: "mono", 2: "stereo"}


def seconds(value: float | None) -> str:
    """A duration: ``0.24 s``, ``75.3 s``, ``1 h 02 min``."""
    if value is None:
        return "?"
    if value >= 3600:
        hours, rest = divmod(value, 3600)
        return f"{int(hours)} h {int(rest / 60):02d} min"
    return f"{value:.2f} s" if value < 10 else f"{value:.1f} s"


def milliseconds(value: float | None) -> str:
    """A short duration: ``0.03 ms``, ``12.4 ms``, ``230 ms``."""
    if value is None:
        return "?"
    digits = 0 if abs(value) >= 100 else 1 if abs(value) >= 1 else 2
    return f"{value:.{digits}f} ms"


def kbps(value: float | None) -> str:
    """A bitrate in kbit/s."""
    return "?" if value is None else f"{value:,.0f} kbit/s".replace(",", "\u202f")


def count(value: int) -> str:
    """A whole number with thin spaces between groups of thousands."""
    return f"{value:,}".replace(",", "\u202f")


def plural(number: int, noun: str) -> str:
    """``1 stream``, ``2 streams``."""
    return f"{count(number)} {noun}" if number == 1 else f"{count(number)} {noun}s"


def frame_rate(value: float | None) -> str:
    """Frames per second, whole numbers without decimals."""
    if value is None:
        return ""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return f"{text} fps"


def channel_layout(channels: int | None) -> str:
    """``mono``, ``stereo``, ``6 channels``."""
    return "" if channels is None else _LAYOUTS.get(channels, f"{channels} channels")


def sample_rate(value: int | None) -> str:
    """A sample rate in kHz: ``48 kHz``, ``44.1 kHz``."""
    return "" if value is None else f"{value / 1000:g} kHz"


def software(encoder: str | None, flash_ver: str | None) -> str | None:
    """The sending program as people call it, from onMetaData's encoder or else the connect's flashVer."""
    if encoder:
        libobs = _LIBOBS.search(encoder)
        if libobs:
            return f"OBS {libobs[1]}"
        return f"FFmpeg ({encoder})" if _LAVF.match(encoder) else encoder
    return flash_ver


def is_missing(connection: dict[str, object], direction: str) -> bool:
    """Whether nothing of a direction is in the capture; of a byte stream given as such, whether it is empty."""
    packets = connection[f"{direction}_packets"]
    return not (connection[f"{direction}_bytes"] if packets is None else packets)


def is_joined(connection: dict[str, object]) -> bool:
    """Whether a row of ``connections`` is of one that was already running when the capture began, as CAP02 tells."""
    begun = connection["direction_basis"] == "syn" or connection["handshake"] != "absent"
    return not begun and connection["transport_confidence"] == "content"


def channel_cells(row: dict[str, object]) -> tuple[str, ...]:
    """A row of the ``channels`` table: csid, sender, messages, chunks, bytes, chunk overhead, types."""
    size, headers = _whole(row["bytes"]), _whole(row["header_bytes"])
    share = 100 * headers / (size + headers) if size + headers else 0.0
    sender = "client" if row["direction"] == "c2s" else "server"
    counts = (count(_whole(row[name])) for name in ("messages", "chunk_count", "bytes"))
    return (str(row["csid"]), sender, *counts, f"{share:.2f} %", str(row["types"]))


def _whole(value: object) -> int:
    return value if isinstance(value, int) else 0
