"""Timestamps that were estimated after a loss, mended by what the rest of the connection tells.

Past a hole, deltas are added to the last timestamp known, so that the time which the lost messages took is
missing. From one gap to the next this is the same for all messages of a chunk stream, and it is a whole number of
the chunk stream's usual steps. How many is told by the bytes that were lost, by the order in which audio and video
are sent, and for senders in real time by the clock of arrival.
"""

from __future__ import annotations

from rtmpscope.pipeline.estimates.steady import Steady, as_it_is
from rtmpscope.pipeline.growing import Columns

__all__ = ["mend_estimates"]


def mend_estimates(messages: Columns, media: Columns, steady: Steady = as_it_is) -> None:
    """Correct, in place, the timestamps of ``messages`` and ``media`` that are not exact.

    ``messages`` has columns ``flow``, ``offset``, ``end``, ``csid``, ``fmt``, ``type_id``, ``length``,
    ``header_bytes``, ``chunk_count``, ``frame_start``, ``time_start`` (ns), ``timestamp`` (ms) and
    ``timestamp_exact``; ``media`` has ``timestamp`` and the ``ordinal`` of its message. ``steady`` undoes what is
    known to be wrong with the packet clock.
    """
    if not messages["timestamp_exact"].all():
        from rtmpscope.pipeline.estimates.directions import mend_directions  # few captures need it

        mend_directions(messages, media, steady)
