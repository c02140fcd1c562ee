"""``show``: one message in full."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.cli.runs import run
from tests.support.capture_write import pcap_bytes, read_pcap
from tests.support.tools import CAPTURES

PUBLISH = CAPTURES / "publish_h264_aac.pcap"


def in_two(folder: Path) -> list[Path]:
    """What the client sent, and what the server sent, each in a file of its own."""
    packets = read_pcap(PUBLISH)
    client = packets[0].data[26:30]
    paths = [folder / "c2s.pcap", folder / "s2c.pcap"]
    for path, sent in zip(paths, (True, False), strict=True):
        path.write_bytes(pcap_bytes(one for one in packets if (one.data[26:30] == client) is sent))
    return paths


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
        (["--frame", "0"], "there is no frame 0 in "),
        (["--frame", "99999999"], f"; its packets are numbered 1 to {len(read_pcap(PUBLISH))}"),
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


def test_of_several_captures_the_one_that_frames_count_in_is_named(tmp_path: Path) -> None:
    parts = in_two(tmp_path)
    by_number = run("show", *parts, "0").out
    assert "frames 11–12 of " in by_number
    assert run("show", *parts, "--frame", "11", "--file", parts[0]).out.startswith(by_number)
    assert run("show", *parts, "--frame", "11", "--file", "c2s.pcap").out.startswith(by_number)
    unnamed = run("show", *parts, "--frame", "9")
    assert (unnamed.code, unnamed.err.count("\n")) == (2, 1)
    assert "name it with --file" in unnamed.err
    assert "none of the captures" in run("show", *parts, "--frame", "11", "--file", "x").err
    assert "frame 1 of " in run("show", *parts, "--frame", "1", "--file", "c2s.pcap").err


def test_every_command_takes_several_captures(tmp_path: Path) -> None:
    parts = in_two(tmp_path)
    rows = run("messages", PUBLISH, "--format", "csv", "--columns", "offset,length,info").out
    assert run("messages", *parts, "--format", "csv", "--columns", "offset,length,info").out == rows
    own = [len(read_pcap(part)) for part in parts]
    for part, count in zip(parts, own, strict=True):
        assert f"numbered 1 to {count}\n" in run("show", *parts, "--frame", count + 1, "--file", part).err
        assert "numbered" not in run("show", *parts, "--frame", count, "--file", part).err
    assert "file,frame" in run("messages", *parts, "--format", "csv").out.splitlines()[0]
    assert "file" not in run("messages", PUBLISH, "--format", "csv").out.splitlines()[0]
    assert (
        run("table", *parts, "commands", "--format", "csv").out
        == run("table", PUBLISH, "commands", "--format", "csv").out
    )
    for name, captures in (("one.flv", [PUBLISH]), ("two.flv", parts)):
        assert run("export", *captures, "-o", tmp_path / name).code == 0
    assert (tmp_path / "one.flv").read_bytes() == (tmp_path / "two.flv").read_bytes()
    assert run("plot", *parts, "ladder", "-o", tmp_path / "ladder.svg").code == 0


def test_reports_name_the_file_of_a_packet_where_there_are_several(tmp_path: Path) -> None:
    out = run(*in_two(tmp_path)).out
    assert "chunk size set to: server 4096 (frame 12 of s2c.pcap), client 4096 (frame 16 of c2s.pcap)" in out
    assert re.search(r"ended by the client's FIN \(frame \d+ of c2s\.pcap\)", out)
    assert re.search(r" s2c\.pcap +4  ← server +handshake S0 S1 S2", out)
