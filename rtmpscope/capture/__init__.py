"""Capture files → columnar packet batches → TCP segment batches."""

from rtmpscope.capture.batch import PacketBatch, SegmentBatch
from rtmpscope.capture.dissector import Dissector
from rtmpscope.capture.errors import CaptureError, NoPacketsError
from rtmpscope.capture.icmp import IcmpErrors, reason_of
from rtmpscope.capture.lane import LaneCounts, LaneResult, segments
from rtmpscope.capture.linktypes import linktype_name
from rtmpscope.capture.merged import MergedCapture, MergedPoint
from rtmpscope.capture.raw_streams import RawStreams, open_streams
from rtmpscope.capture.reader import Capture, Checkpoint, open_capture
from rtmpscope.capture.records import Damage

__all__ = [
    "Capture",
    "CaptureError",
    "Checkpoint",
    "Damage",
    "Dissector",
    "IcmpErrors",
    "LaneCounts",
    "LaneResult",
    "MergedCapture",
    "MergedPoint",
    "NoPacketsError",
    "PacketBatch",
    "RawStreams",
    "SegmentBatch",
    "linktype_name",
    "open_capture",
    "open_streams",
    "reason_of",
    "segments",
]
