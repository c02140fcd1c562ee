"""TCP: connections, and their bytes in order with the holes between them."""

from rtmpscope.tcp.assembler import Assembler
from rtmpscope.tcp.events import EVENT_NAMES, GAP
from rtmpscope.tcp.records import ConnectionRecord, Endpoint, Mark
from rtmpscope.tcp.types import Hole, Piece

__all__ = ["EVENT_NAMES", "GAP", "Assembler", "ConnectionRecord", "Endpoint", "Hole", "Mark", "Piece"]
