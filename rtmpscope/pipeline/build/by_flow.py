"""The messages of one direction among all."""

from __future__ import annotations

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from rtmpscope.pipeline.growing import Columns

Ints = NDArray[np.int64]


class RowsByFlow:
    """Ordinals of messages by direction; they are sorted when the first is asked for."""

    def __init__(self, messages: Columns) -> None:
        self._messages = messages

    @cached_property
    def _order(self) -> tuple[Ints, Ints]:
        flow = self._messages["flow"]
        order = np.argsort(flow, kind="stable")
        return order, flow[order]

    def of(self, flow: int) -> Ints:
        """Ordinals of the messages of a direction, in order of completion."""
        order, flows = self._order
        first, stop = np.searchsorted(flows, [flow, flow + 1])
        return order[first:stop]
