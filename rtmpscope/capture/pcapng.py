"""pcapng files: not yet."""

from __future__ import annotations

from rtmpscope.capture.blocks import Window
from rtmpscope.capture.records import Damage, Records


def is_pcapng(head: bytes) -> bool:
    """Whether a file that starts with ``head`` is a pcapng file."""
    return head[:4] == b"\x0a\x0d\x0d\x0a"


class PcapngParser:
    """Cuts the blocks of a pcapng file into packets."""

    header_bytes = 0

    def parse(self, window: Window) -> Damage | Records:
        raise NotImplementedError
