"""How much guessing the bytes searched have earned: hostile ones would have a place in every few of them judged at
length."""

from __future__ import annotations

#: Guesses that may be saved up, so that the headers of an honest sender are judged in full, and bytes per guess.
_MOST, _BYTES_PER_GUESS = 1024, 32


class Guesses:
    """An allowance of guesses, which grows with the bytes of a direction that were searched.

    It is drawn on only where a place has been judged for good: thus it does not depend on how the bytes come.
    """

    def __init__(self) -> None:
        self._left, self._place = float(_MOST), 0

    def allowed(self, place: int) -> int:
        """How many guesses may be made at stream offset ``place``."""
        searched = max(place - self._place, 0)
        return int(min(self._left + searched / _BYTES_PER_GUESS, _MOST))

    def spend(self, place: int, count: int) -> None:
        """So many were made there."""
        self._left = max(self.allowed(place) - count, 0)
        self._place = max(self._place, place)
