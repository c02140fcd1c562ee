"""``python -m rtmpscope``: the command line."""

from rtmpscope.cli import main

main()
