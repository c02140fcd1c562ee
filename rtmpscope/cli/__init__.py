"""The command line: one file per command; errors become exit codes in one place."""

from rtmpscope.cli.program import main

__all__ = ["main"]
