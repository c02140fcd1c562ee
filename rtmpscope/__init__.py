"""rtmpscope: an offline, Wireshark-style analyzer for RTMP.

    >>> import rtmpscope
    >>> a = rtmpscope.analyze("capture.pcap")
    >>> a.messages.groupby("type").size()

See :func:`analyze` for what it reads and :class:`Analysis` for what it knows.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rtmpscope import metrics
    from rtmpscope.analysis import Analysis, analyze, analyze_streams, load
    from rtmpscope.errors import RtmpscopeError
    from rtmpscope.options import Options
    from rtmpscope.samples import sample

__version__ = "0.1.0"
__all__ = [
    "Analysis",
    "Options",
    "RtmpscopeError",
    "__version__",
    "analyze",
    "analyze_streams",
    "load",
    "metrics",
    "sample",
]

# Where each name is at home: numpy is imported with the first that is asked for, so that the command line can
# say before how it is to be run.
_HOMES = {
    "Analysis": "analysis",
    "Options": "options",
    "RtmpscopeError": "errors",
    "analyze": "analysis",
    "analyze_streams": "analysis",
    "load": "analysis",
    "sample": "samples",
}


def __getattr__(name: str) -> object:
    if name == "metrics":
        return import_module("rtmpscope.metrics")
    if name not in _HOMES:
        raise AttributeError(f"module 'rtmpscope' has no attribute {name!r}")
    return getattr(import_module(f"rtmpscope.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
