"""``rtmpscope demo``: the main job on the capture inside the package."""

from __future__ import annotations

from rtmpscope.cli.analyze import analyze
from rtmpscope.samples import sample


def demo() -> None:
    """Analyze the capture inside the package: ffmpeg publishes to nginx."""
    analyze([str(sample())])
