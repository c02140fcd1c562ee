"""Exit codes, and the one place where errors become them.

0 analyzed; 1 a finding reached ``--fail-on``; 2 unusable arguments or unreadable input; 3 nothing RTMP-like
in the capture; 70 a defect of this program. Standard output is data, standard error is talk.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

from rtmpscope.errors import RtmpscopeError
from rtmpscope.report.values import inert

OK = 0
FINDING = 1
UNUSABLE = 2
NO_RTMP = 3
DEFECT = 70
INTERRUPTED = 130

#: With this in the environment, a defect is told with its traceback, in which there may be secrets of the capture.
TRACEBACK = "RTMPSCOPE_TRACEBACK"


class NoRtmpError(Exception):
    """The capture holds nothing RTMP-like, nor any attempt at it; the text says what it does hold."""


class ReaderGoneError(Exception):
    """Whoever read standard output has gone; there is nothing left to do."""


def run_to_exit_code(program: Callable[[], object]) -> int:
    """Run the program; return its exit code, whatever happens in it."""
    try:
        program()
        sys.stdout.flush()
    except SystemExit as stop:
        return _code_of(stop)
    except NoRtmpError as none:
        return _say(str(none), NO_RTMP)
    except RtmpscopeError as error:
        return _say(str(error), UNUSABLE)
    except (BrokenPipeError, ReaderGoneError):
        _close_stdout()
        return OK
    except OSError as error:
        return _say(f"{error.filename or 'output'}: {(error.strerror or str(error)).lower()}", UNUSABLE)
    except KeyboardInterrupt:
        return _say("interrupted", INTERRUPTED)
    except MemoryError:
        return _say("memory is exhausted; give it more, or a smaller capture", UNUSABLE)
    except Exception as error:  # none is raised on purpose that is not handled above
        return _confess(error)
    return OK


def _code_of(stop: SystemExit) -> int:
    if stop.code is None:
        return OK
    return stop.code if isinstance(stop.code, int) else _say(str(stop.code), UNUSABLE)


def _confess(error: Exception) -> int:
    """Ask to report a defect; where it is, and not what it says, for that may hold secrets of the capture."""
    import traceback

    places = [place for place in traceback.extract_tb(error.__traceback__) if "rtmpscope" in place.filename]
    where = "".join(f" in {Path(place.filename).name}, line {place.lineno}" for place in places[-1:])
    if os.environ.get(TRACEBACK):
        traceback.print_exception(error)
    remedy = f"please report it with the traceback that {TRACEBACK}=1 in the environment adds"
    return _say(f"a defect of rtmpscope ({type(error).__name__}{where}); {remedy}", DEFECT)


def _say(text: str, code: int) -> int:
    print(f"rtmpscope: {inert(text)}", file=sys.stderr)  # noqa: T201
    return code


def _close_stdout() -> None:
    """The reader has gone; keep the interpreter from complaining about it while it shuts down."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
