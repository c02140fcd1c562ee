"""The door to the TCP segments of a packet batch: which packets take which lane.

Plain packets are read in one pass, where that is compiled. Of the others the fast lane takes whatever it can judge,
Scapy the rest. Scapy is imported when the first packet needs it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from rtmpscope.capture import lane
from rtmpscope.capture.batch import PacketBatch
from rtmpscope.capture.fragments import Place
from rtmpscope.capture.ip import Transport
from rtmpscope.capture.lane import LaneResult, Layers
from rtmpscope.capture.plain import plain_of

if TYPE_CHECKING:
    from rtmpscope.capture.scapy_lane import ScapyLane


class Dissector:
    """Takes packet batches apart, in their order, from the first batch or from any later one.

    Attributes:
        mode: ``fast``, or ``scapy`` to send every packet that way.
        spanning: of IP datagrams whose fragments came in several batches: (file, frame) of the packet that
            completed each, and of the first. Who reads a batch again begins where these begin.
    """

    def __init__(self, mode: str = "fast") -> None:
        self.mode = mode
        self.spanning: dict[Place, Place] = {}
        self._scapy: ScapyLane | None = None

    @property
    def incomplete_datagrams(self) -> int:
        """How many IP datagrams lack fragments, as far as has been read."""
        return self._scapy.incomplete_datagrams if self._scapy is not None else 0

    def segments(self, batch: PacketBatch) -> LaneResult:
        """The TCP segments of a batch, in frame order; ``declined`` are the rows that neither lane can judge."""
        plain = plain_of(batch) if self.mode == "fast" else None
        found = lane.layers(batch, None if plain is None else plain.others)
        if self.mode == "scapy":
            nothing = found.transport.take(np.empty(0, np.int64))
            found = replace(
                found, transport=nothing, declined=np.arange(len(batch)), too_deep=nothing.row, cut=0, malformed=0
            )
        return lane.result(*self._through_scapy(batch, found) if len(found.declined) else (batch, found), plain)

    def _through_scapy(self, batch: PacketBatch, found: Layers) -> tuple[PacketBatch, Layers]:
        """Have Scapy look at what was declined."""
        if self._scapy is None:
            from rtmpscope.capture.scapy_lane import ScapyLane

            self._scapy = ScapyLane()
        dissected = self._scapy.dissect(batch, found.declined.tolist())
        self.spanning.update(dissected.spanning)
        return dissected.batch, replace(
            found,
            transport=Transport.joined(found.transport, dissected.transport),
            declined=np.array(dissected.unknown, np.int64),
            malformed=found.malformed + dissected.malformed,
        )
