"""The one error of the capture layer: a source that cannot be read as a capture at all."""

from __future__ import annotations

from rtmpscope.errors import RtmpscopeError


class CaptureError(RtmpscopeError):
    """A capture that cannot be read.

    Damage inside a capture is no error: what stands before it is read, and ``Capture.damage`` names it.

    Attributes:
        path: the file's name as given.
        offset: position in the file that the reason is about, ``None`` where it is about the whole file.
        reason: what is wrong, in one clause.
        remedy: what to do about it, in one clause; empty where nothing can be advised.
    """

    def __init__(self, path: str, offset: int | None, reason: str, remedy: str = "") -> None:
        place = "" if offset is None else f"offset {offset}: "
        advice = f"; {remedy}" if remedy else ""
        super().__init__(_one_line(f"{path}: {place}{reason}{advice}"))
        self.path = path
        self.offset = offset
        self.reason = reason
        self.remedy = remedy


class NoPacketsError(CaptureError):
    """A capture file that was begun and holds no packet: empty, or cut within its header."""


def _one_line(text: str) -> str:
    """The text with control characters made visible: file names may hold anything."""
    return "".join(char if char.isprintable() else repr(char)[1:-1] for char in text)
