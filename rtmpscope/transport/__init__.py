"""What lies between TCP and RTMP, and how RTMP is recognised."""

from rtmpscope.transport.detect import (
    HANDSHAKE_LENGTH,
    OPENING_LENGTH,
    Opening,
    believable_first_chunk,
    opening_of,
)

__all__ = ["HANDSHAKE_LENGTH", "OPENING_LENGTH", "Opening", "believable_first_chunk", "opening_of"]
