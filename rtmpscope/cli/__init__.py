"""The command line: one file per command; errors become exit codes in one place."""

from rtmpscope.cli.app import main

__all__ = ["main"]
