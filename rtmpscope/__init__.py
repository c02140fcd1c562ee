"""rtmpscope: an offline, Wireshark-style analyzer for RTMP.

    >>> import rtmpscope
    >>> a = rtmpscope.analyze("capture.pcap")
    >>> a.messages.groupby("type").size()

See :func:`analyze` for what it reads and :class:`Analysis` for what it knows.
"""

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
