"""The ``rtmpscope`` program.

Reading a command line in full takes longer than a small capture. The one form of it that other programs run,
``analyze --json CAPTURE...`` and nothing else, is recognised here; both ways do the same.
"""

from __future__ import annotations

import gc
import io
import os
import sys
from collections.abc import Sequence


def main() -> None:
    """Run the program and leave with its exit code; what the terminal's encoding lacks is escaped."""
    # No matrix is multiplied here; starting threads for that takes longer than importing the rest of numpy.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    # A large page is zeroed whole when it is first touched. The columns of a capture are made, looked through once and
    # thrown away, which takes less time than that.
    os.environ.setdefault("NUMPY_MADVISE_HUGEPAGE", "0")
    # What is kept of a capture is kept to the end: looking through it for garbage now and then is enough.
    gc.set_threshold(100_000, 20, 20)
    from rtmpscope.cli.exits import run_to_exit_code

    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    code = run_to_exit_code(_run)
    gc.freeze()  # else the interpreter looks through everything once more before it ends
    sys.exit(code)


def _run() -> None:
    captures = _for_json(sys.argv[1:])
    if captures:
        _print_json(captures)
    else:
        from rtmpscope.cli.app import app

        app()


def _for_json(arguments: Sequence[str]) -> list[str]:
    """The captures of ``analyze --json CAPTURE...``; none where anything else is asked."""
    if arguments[:1] != ["analyze"] or arguments.count("--json") != 1:
        return []
    captures = [one for one in arguments[1:] if one != "--json"]
    return [] if any(one.startswith("-") and one != "-" for one in captures) else captures


def _print_json(captures: Sequence[str]) -> None:
    from rtmpscope.cli.analyzing import analyzed
    from rtmpscope.options import Options
    from rtmpscope.report.json_report import write_json

    write_json(analyzed(captures, Options(), quiet=False).report_source, sys.stdout)
