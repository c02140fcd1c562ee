"""Hex dumps: secrets are hidden, and what was not captured is not invented."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rtmpscope.frozen import frozen

_PER_LINE = 16


@frozen
class Marks:
    """Ranges (start, stop) of bytes that are not shown: ``hidden`` as ``**``, ``missing`` as ``--``."""

    hidden: Sequence[tuple[int, int]] = ()
    missing: Sequence[tuple[int, int]] = ()


def hex_lines(data: bytes, place: int, marks: Marks, limit: int) -> Iterator[str]:
    """Lines of 16 bytes with their place, in hex and as text.

    Args:
        data: the bytes to show.
        place: position of ``data[0]``, to which the marks and the printed places refer.
        marks: bytes that are not shown.
        limit: at most so many bytes are shown.
    """
    shown = data[:limit]
    for start in range(0, len(shown), _PER_LINE):
        line = shown[start : start + _PER_LINE]
        cells = [_cell(byte, place + start + index, marks) for index, byte in enumerate(line)]
        halves = (" ".join(hexed for hexed, _ in part) for part in (cells[:8], cells[8:]))
        text = "".join(char for _, char in cells)
        yield f"  {place + start:08x}  {'  '.join(halves):<49} {text}"
    if len(data) > limit:
        yield f"  … {len(data) - limit} more bytes"


def _cell(byte: int, place: int, marks: Marks) -> tuple[str, str]:
    if any(start <= place < stop for start, stop in marks.missing):
        return "--", "-"
    if any(start <= place < stop for start, stop in marks.hidden):
        return "**", "*"
    return f"{byte:02x}", chr(byte) if 0x20 <= byte < 0x7F else "."
