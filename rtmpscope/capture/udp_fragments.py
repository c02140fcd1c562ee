"""Fragments of UDP datagrams that can hold no TCP: their first fragment, which has the ports, names no tunnel.

Media over UDP often comes in fragments; to put them together only to find no TCP in them would cost much.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from rtmpscope.capture.batch import Ints
from rtmpscope.capture.link import Bools
from rtmpscope.frozen import frozen


@frozen
class UdpFragments:
    """Fragments of one batch, one row each.

    Attributes:
        key: columns of addresses and identification, equal for the fragments of one datagram.
        shows_ports: it is the first of its datagram, and captured far enough to show the ports.
        names_tunnel: one of the ports is a tunnel's.
    """

    key: tuple[NDArray[Any], ...]
    shows_ports: Bools
    names_tunnel: Bools

    @property
    def of_no_tunnel(self) -> Bools:
        """Whether every first fragment of a row's datagram is here, and none is a tunnel's."""
        keys = np.stack([one.astype(np.uint64) for one in self.key])
        order = np.lexsort(keys)
        keys = keys[:, order]
        changes = (keys[:, 1:] != keys[:, :-1]).any(axis=0)
        datagram = np.empty(len(order), np.int64)
        datagram[order] = np.concatenate([[0], np.cumsum(changes)])[: len(order)]
        plain = _any_in(datagram, self.shows_ports & ~self.names_tunnel)
        return (plain & ~_any_in(datagram, self.names_tunnel))[datagram]


def _any_in(group: Ints, chosen: Bools) -> Bools:
    """For each group, whether one of its rows is chosen."""
    size = int(group.max()) + 1 if len(group) else 0
    return np.bincount(group[chosen], minlength=size) > 0
