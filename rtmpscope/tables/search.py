"""Finding any of many secrets in a text, in a time that does not grow with their number.

A capture may hold thousands of stream names. One regular expression of all of them would try each at every
character and would have to be compiled anew for each one found on the way. Here secrets are looked up by
the characters they begin with.
"""

from __future__ import annotations

import re

#: So many first characters lead to the forms that begin with them; shorter forms are tried everywhere.
_START = 4
_MASK_NUMBER = re.compile(r"#\d")


class SecretIndex:
    """Forms of secrets and the masks that stand for them."""

    def __init__(self) -> None:
        self._masks: dict[str, str] = {}
        self._whole: set[str] = set()
        self._lengths: dict[str, list[int]] = {}
        self._short_lengths: list[int] = []

    def add(self, form: str, mask: str, *, whole: bool) -> None:
        """Let ``mask`` stand for ``form``; a ``whole`` form counts only where it is a word of its own."""
        if not form or form in self._masks:
            return
        self._masks[form] = mask
        if whole:
            self._whole.add(form)
        lengths = self._short_lengths if len(form) < _START else self._lengths.setdefault(form[:_START], [])
        if len(form) not in lengths:
            lengths.append(len(form))
            lengths.sort(reverse=True)  # the longest goes first

    def masked(self, text: str) -> str:
        """The text with each secret in it replaced by its mask."""
        if not self._masks:
            return text
        parts: list[str] = []
        done = place = 0
        while place < len(text):
            length = self._length_at(text, place)
            if length:
                parts += (text[done:place], self._masks[text[place : place + length]])
                done = place + length
            place += length or 1
        return "".join((*parts, text[done:])) if parts else text

    def _length_at(self, text: str, place: int) -> int:
        """Length of the longest secret that begins at ``place``; 0 if none does."""
        for lengths in (self._lengths.get(text[place : place + _START], ()), self._short_lengths):
            for length in lengths:
                form = text[place : place + length]
                if form in self._masks and (form not in self._whole or _is_word(text, place, place + length)):
                    return length
        return 0


def _is_word(text: str, start: int, stop: int) -> bool:
    """Whether no letter or digit adjoins, and it is no part of a mask such as ``key#1`` already."""
    before, after = text[start - 1 : start], text[stop : stop + 1]
    return not (_in_word(before) or before == "#" or _in_word(after) or _MASK_NUMBER.match(text, stop))


def _in_word(char: str) -> bool:
    return char.isalnum() or char == "_"
