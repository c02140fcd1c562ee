"""What every report is made from."""

from __future__ import annotations

from rtmpscope.frozen import frozen
from rtmpscope.options import Options
from rtmpscope.pipeline import Replay, Tables
from rtmpscope.pipeline.run import CaptureFacts


@frozen
class ReportSource:
    """One analyzed capture as reports see it."""

    tables: Tables
    replay: Replay
    facts: CaptureFacts
    options: Options
