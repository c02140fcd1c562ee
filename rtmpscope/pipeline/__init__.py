"""The only place that knows all stages: capture → TCP → RTMP → tables, and the way back to the bytes."""

from rtmpscope.pipeline.replay import Replay
from rtmpscope.pipeline.run import Decoded, decode
from rtmpscope.pipeline.tables import Tables

__all__ = ["Decoded", "Replay", "Tables", "decode"]
