"""What every report is made from."""

from __future__ import annotations

from dataclasses import dataclass

from rtmpscope.options import Options
from rtmpscope.pipeline import Replay, Tables
from rtmpscope.pipeline.run import CaptureFacts


@dataclass(frozen=True, slots=True)
class ReportSource:
    """One analyzed capture as reports see it."""

    tables: Tables
    replay: Replay
    facts: CaptureFacts
    options: Options
