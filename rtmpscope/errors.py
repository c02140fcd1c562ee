"""The base of every documented error."""

from __future__ import annotations


class RtmpscopeError(Exception):
    """Base of every error that rtmpscope raises on purpose.

    Its text is one line that names what was at fault, where, and what to do about it.
    """
