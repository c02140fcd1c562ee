"""Hex dumps with the bytes of secrets hidden."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

_PER_LINE = 16


def hex_lines(data: bytes, place: int, hidden: Sequence[tuple[int, int]], limit: int) -> Iterator[str]:
    """Lines of 16 bytes with their place, in hex and as text.

    Args:
        data: the bytes to show.
        place: position of ``data[0]``, to which ``hidden`` and the printed places refer.
        hidden: (start, stop) of the bytes that are shown as ``**`` and ``*``.
        limit: at most so many bytes are shown.
    """
    shown = data[:limit]
    for start in range(0, len(shown), _PER_LINE):
        line = shown[start : start + _PER_LINE]
        cells = [_cell(byte, place + start + index, hidden) for index, byte in enumerate(line)]
        halves = (" ".join(hexed for hexed, _ in part) for part in (cells[:8], cells[8:]))
        text = "".join(char for _, char in cells)
        yield f"  {place + start:08x}  {'  '.join(halves):<49} {text}"
    if len(data) > limit:
        yield f"  … {len(data) - limit} more bytes"


def _cell(byte: int, place: int, hidden: Sequence[tuple[int, int]]) -> tuple[str, str]:
    if any(start <= place < stop for start, stop in hidden):
        return "**", "*"
    return f"{byte:02x}", chr(byte) if 0x20 <= byte < 0x7F else "."
