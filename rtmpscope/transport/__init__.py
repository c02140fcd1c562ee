"""What lies between TCP and RTMP, and how RTMP is recognised."""

from rtmpscope.transport.detect import Opening, opening_of

__all__ = ["Opening", "opening_of"]
