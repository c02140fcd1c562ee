"""Texts from a capture, made inert: they act on no terminal, spreadsheet or file system."""

from __future__ import annotations

import unicodedata

from rtmpscope.tables.times import time_text

__all__ = ["csv_cell", "display_width", "file_stem", "inert", "shorten", "time_text"]

#: Control, format (bidirectional overrides, zero width), surrogate, private, unassigned, line separators.
_ACTIVE = frozenset(("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"))
_LONGEST_STEM = 80
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def inert(text: str) -> str:
    """The text with every character that does something replaced by its escape, such as ``\\x1b``."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_escaped(char) if unicodedata.category(char) in _ACTIVE else char for char in text)


def shorten(text: str, width: int) -> str:
    """At most ``width`` characters, the last one an ellipsis where something was cut."""
    return text if len(text) <= width else text[: width - 1] + "…"


def csv_cell(text: str) -> str:
    """The text for a CSV cell: inert, and no spreadsheet takes it for a formula."""
    safe = inert(text)
    return f"'{safe}" if safe.startswith(_FORMULA) else safe


def file_stem(text: str) -> str:
    """The text as part of a file name: letters, digits, ``-`` and ``_``, at most 80 bytes of them."""
    kept = "".join(char if char.isalnum() or char in "-_" else "_" for char in text[:_LONGEST_STEM])
    stem = kept.encode("utf-8")[:_LONGEST_STEM].decode("utf-8", "ignore")
    return f"_{stem[1:]}" if stem.startswith("-") else stem or "_"  # a leading - would be an option


def display_width(text: str) -> int:
    """Columns that an inert text takes on a terminal: wide characters two, combining marks none."""
    if text.isascii():
        return len(text)
    return sum(_columns(char) for char in text)


def _columns(char: str) -> int:
    if unicodedata.category(char) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def _escaped(char: str) -> str:
    code = ord(char)
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
