"""Joining a direction in its middle: whether what comes is RTMP at all.

The capture began after the connection. A decoder looks for headers; what it decodes is held back until enough
messages have followed one another without a break. Random bytes do not get that far: each header that is
believed agrees in some forty bits.
"""

from __future__ import annotations

from enum import Enum

from rtmpscope.rtmp import ChunkDecoder

#: Messages in unbroken order that are believed to be RTMP, on any port and on an expected one.
_ENOUGH, _ENOUGH_EXPECTED = 4, 2
#: Bytes without that after which a direction is taken for something else.
_MOST_BYTES, _MOST_BYTES_EXPECTED = 1 << 19, 1 << 24


class Verdict(Enum):
    """Whether a direction is RTMP: not known yet, yes, no."""

    OPEN = "open"
    CONFIRMED = "confirmed"
    REFUTED = "refuted"


class Joining:
    """A decoder on trial.

    Args:
        decoder: a fresh one; nothing has been taken from it until the verdict is ``CONFIRMED``.
        expected: whether RTMP is expected on the connection's port.
    """

    def __init__(self, decoder: ChunkDecoder, expected: bool) -> None:
        self.decoder = decoder
        self._enough = _ENOUGH_EXPECTED if expected else _ENOUGH
        self._left = _MOST_BYTES_EXPECTED if expected else _MOST_BYTES
        decoder.join()

    def feed(self, data: bytes) -> Verdict:
        """Take the next bytes of the direction."""
        self.decoder.feed(data)
        self._left -= len(data)
        return self._verdict()

    def hole(self, length: int) -> Verdict:
        """The next bytes were not captured."""
        self.decoder.hole(length)
        return self._verdict()

    def finish(self) -> Verdict:
        """The direction ends."""
        self.decoder.finish()
        return Verdict.CONFIRMED if self.decoder.in_step >= self._enough else Verdict.REFUTED

    def _verdict(self) -> Verdict:
        if self.decoder.in_step >= self._enough:
            return Verdict.CONFIRMED
        return Verdict.OPEN if self._left > 0 else Verdict.REFUTED
