"""``show``: one message in full."""

from __future__ import annotations

import pytest

from tests.cli.runs import run
from tests.support.tools import CAPTURES

PUBLISH = CAPTURES / "publish_h264_aac.pcap"


def test_a_command_is_shown_field_by_field_and_byte_by_byte() -> None:
    out = run("show", PUBLISH, "0").out
    assert "Message 0: command_amf0 c2s, connect live" in out
    assert "chunk stream id: 3" in out
    assert "app: live" in out
    assert "|" not in out
    assert "[03 00 00 00 00 00 8b 14 00 00 00 00]  chunk at stream offset 3073: fmt 0, csid 3" in out
    assert "[c3]  chunk at stream offset" in out
    assert "00000000  02 00 07 63 6f 6e 6e 65  63 74 00 3f f0 00 00 00  ...connect.?...." in out


def test_a_message_is_found_by_packet_and_by_offset() -> None:
    by_number = run("show", PUBLISH, "0").out
    assert run("show", PUBLISH, "--offset", "3080", "--direction", "c2s").out == by_number
    assert by_number in run("show", PUBLISH, "--frame", "21").out


def test_a_configuration_record_is_taken_apart() -> None:
    out = run("show", PUBLISH, "13").out
    assert "AVCDecoderConfigurationRecord" in out
    assert "320×240" in out


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["99999"], "there is no message 99999"),
        (["--frame", "1"], "frame 1 holds no byte"),
        (["--offset", "0"], "no message"),
        ([], "name one message"),
        (["1", "--frame", "3"], "name one message"),
        (["--offset", "5", "--direction", "up"], "neither c2s nor s2c"),
    ],
)
def test_mistakes_are_one_line(arguments: list[str], says: str) -> None:
    ran = run("show", PUBLISH, *arguments)
    assert ran.code == 2
    assert says in ran.err
    assert ran.err.count("\n") == 1
