"""Capture files → columnar packet batches → TCP segment batches."""

from rtmpscope.capture.batch import PacketBatch, SegmentBatch
from rtmpscope.capture.errors import CaptureError
from rtmpscope.capture.reader import Capture, Checkpoint, open_capture
from rtmpscope.capture.records import Damage
from rtmpscope.capture.segments import LaneResult, segments

__all__ = [
    "Capture",
    "CaptureError",
    "Checkpoint",
    "Damage",
    "LaneResult",
    "PacketBatch",
    "SegmentBatch",
    "open_capture",
    "segments",
]
