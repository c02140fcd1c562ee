"""Standard input and output as pipes and terminals."""

from __future__ import annotations

import os
import pty
import signal
from pathlib import Path
from subprocess import PIPE

import pytest

from tests.cli.runs import started
from tests.support.tools import CAPTURES

PUBLISH = CAPTURES / "publish_h264_aac.pcap"


def test_the_first_interrupt_is_for_the_program_that_captures(tmp_path: Path) -> None:
    with started("analyze", "-", stdin=PIPE, stdout=PIPE, stderr=PIPE) as program:
        assert program.stdin is not None
        program.stdin.write(PUBLISH.read_bytes())  # more than a pipe holds: it returns when the program reads
        program.send_signal(signal.SIGINT)
        out, err = program.communicate(timeout=60)
    assert (program.returncode, err) == (0, b"")
    assert b"152 video and 261 audio messages" in out


def test_standard_input_is_named_once() -> None:
    with started("analyze", "-", "-", stdin=PIPE, stderr=PIPE) as program:
        _, err = program.communicate(PUBLISH.read_bytes(), timeout=60)
    assert program.returncode == 2
    assert err == b"rtmpscope: -: standard input can be read once only; name it once\n"


def test_a_terminal_as_input_is_answered_with_what_to_do() -> None:
    outer, terminal = pty.openpty()
    with started("analyze", "-", stdin=terminal, stdout=PIPE, stderr=PIPE) as program:
        out, err = program.communicate(timeout=60)
    for end in (outer, terminal):
        os.close(end)
    assert (program.returncode, out) == (2, b"")
    assert b"standard input is a terminal; pipe a capture into it" in err


@pytest.mark.parametrize("command", ["analyze", "analyze --json", "messages --format jsonl", "table chunks", "show 1"])
def test_that_nobody_reads_on_is_no_failure(command: str) -> None:
    name, *rest = command.split()
    with started(name, PUBLISH, *rest, stdout=PIPE, stderr=PIPE) as program:
        assert program.stdout is not None
        assert program.stderr is not None
        program.stdout.close()
        assert (program.stderr.read(), program.wait(60)) == (b"", 0)
