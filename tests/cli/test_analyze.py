"""The main job, as a person at a terminal meets it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.runs import run
from tests.support.capture_write import pcap_bytes, read_pcap
from tests.support.tools import CAPTURES

PUBLISH = CAPTURES / "publish_h264_aac.pcap"


def test_summary_tells_who_asked_what_and_how_it_ended() -> None:
    ran = run("analyze", PUBLISH)
    assert ran.code == 0
    assert ran.err == ""
    verdict = next(line for line in ran.out.splitlines() if "publishes" in line)  # a long path wraps the line before
    assert verdict.startswith("FFmpeg (Lavf59.27.100) publishes key#1: accepted, 152 video and 261 audio messages")
    for words in (
        "10.77.0.1:46768 → 10.77.0.2:1935",
        "handshake digest0 (verified)",
        "connect live",
        "_result NetConnection.Connect.Success",
        "publish key#1 live",
        "onStatus NetStream.Publish.Start",
        "h264 High 1.3 320×240 25 fps",
        "aac LC 44.1 kHz stereo",
        "(declared 215 kbit/s)",
        "keyframe every 2.00 s",
        "chunk size set to: server 4096",
        "ended by deleteStream",
        "ended by the client's FIN (frame",
    ):
        assert words in ran.out, words


def test_a_capture_alone_means_analyze() -> None:
    assert run(PUBLISH).out == run("analyze", PUBLISH).out


def test_json_has_every_small_table_and_nothing_else() -> None:
    document = json.loads(run("analyze", PUBLISH, "--json").out)
    small = {
        "connections",
        "streams",
        "tracks",
        "channels",
        "handshakes",
        "controls",
        "commands",
        "metadata",
        "findings",
    }
    assert set(document) == {"schema_version", "capture", *small}
    assert document["streams"][0]["video_codec"] == "h264"
    assert document["capture"]["packets"] == 1458


def test_a_refused_publisher_is_an_error_with_its_place() -> None:
    out = run(CAPTURES / "publish_refused_same_name.pcap").out
    assert "error SES01: publish refused: NetStream.Publish.BadName" in out
    assert "error SES03: stream name key#1 is already in use" in out
    assert "rtmpscope show" in out


@pytest.mark.parametrize(
    ("name", "severity", "code"),
    [
        ("publish_refused_same_name.pcap", "error", 1),
        ("publisher_dies.pcap", "error", 0),
        ("publisher_dies.pcap", "warning", 1),
        ("publish_h264_aac.pcap", "warning", 0),
    ],
)
def test_fail_on_sets_the_exit_code(name: str, severity: str, code: int) -> None:
    assert run(CAPTURES / name, "--fail-on", severity, "--quiet").code == code


def test_no_rtmp_exits_3_with_one_clear_line() -> None:
    ran = run(CAPTURES / "not_rtmp.pcap")
    assert (ran.code, ran.out) == (3, "")
    assert ran.err.count("\n") == 1
    assert "no RTMP in it" in ran.err


def test_a_variant_of_pcap_that_cannot_be_told_by_its_header_names_the_place_and_a_way_out(tmp_path: Path) -> None:
    path = tmp_path / "variant.pcap"
    plain = pcap_bytes(read_pcap(PUBLISH)[:5])
    path.write_bytes(plain[:40] + bytes(8) + plain[40:])
    ran = run(path)
    assert (ran.code, ran.err.count("\n")) == (3, 1)
    assert "offset " in ran.err
    assert "editcap" in ran.err


def test_an_expected_port_is_listed_even_if_nothing_rtmp_was_said() -> None:
    assert run(CAPTURES / "not_rtmp.pcap", "--ports", "8000").code == 0


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (None, "no such file"),
        (b"", "is empty"),
        (b"hello, this is no capture at all", "is no packet capture of a known kind"),
        (b"\x1f\x8b" + bytes(40), "compressed"),
        (b"\xd4\xc3\xb2\xa1\2\0", "ends within the pcap file header"),
        (pcap_bytes(read_pcap(PUBLISH)[:3], linktype=147), "147"),
    ],
)
def test_what_is_no_capture_exits_2_with_one_clear_line(content: bytes | None, says: str, tmp_path: Path) -> None:
    path = tmp_path / "given"
    if content is not None:
        path.write_bytes(content)
    ran = run("analyze", path)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.count("\n") == 1
    assert says in ran.err
    assert str(path) in ran.err


def test_a_folder_exits_2() -> None:
    assert run("analyze", CAPTURES).code == 2


def test_a_cut_capture_is_analyzed_up_to_the_cut(tmp_path: Path) -> None:
    path = tmp_path / "cut.pcap"
    path.write_bytes(PUBLISH.read_bytes()[:200_000])
    ran = run(path)
    assert ran.code == 0
    assert "warning CAP05" in ran.out


def test_bad_arguments_exit_2() -> None:
    assert run("analyze").code == 2
    assert run("analyze", PUBLISH, "--ports", "many").code == 2
    assert run("analyze", PUBLISH, "--fail-on", "doom").code == 2


def test_no_secret_is_printed_unless_asked_for() -> None:
    for arguments in (["analyze"], ["analyze", "--json"], ["messages"], ["show", "--frame", "34"]):
        ran = run(arguments[0], PUBLISH, *arguments[1:])
        assert ran.code == 0, ran.err
        assert "demo-key" not in ran.out
        assert b"demo-key".hex(" ") not in ran.out
    assert "demo-key" in run("analyze", PUBLISH, "--show-secrets").out


def test_light_commands_import_nothing_heavy() -> None:
    code = (
        "import atexit, sys; from rtmpscope.cli import main; "
        "heavy = ('pandas', 'matplotlib', 'scapy', 'pyarrow') + ('typer',) * ('--json' in sys.argv); "
        "atexit.register(lambda: print([m for m in heavy if m in sys.modules], file=sys.stderr)); main()"
    )
    for extra in ([], ["--json"]):
        assert run("analyze", PUBLISH, *extra, code=code).err.strip() == "[]"


@pytest.mark.parametrize("captures", [[PUBLISH], [PUBLISH, PUBLISH], ["missing.pcap"], [__file__]])
def test_the_short_way_to_json_says_what_the_long_one_does(captures: list[object]) -> None:
    short = run("analyze", "--json", *captures)
    assert short == run("analyze", *captures, "--json")
    assert short == run("analyze", "--json", "--ports", "1935,1936", *captures)


def test_version_and_help() -> None:
    assert run("--version").out.startswith("rtmpscope ")
    assert "Examples:" in run("--help").out


def test_the_program_starts_before_numpy_does() -> None:
    code = "import sys; from rtmpscope.cli import main; assert 'numpy' not in sys.modules; main()"
    assert run("analyze", "--json", PUBLISH, code=code).code == 0


def test_messages_beyond_the_row_limit_are_the_same_from_disk() -> None:
    for command in (["analyze", PUBLISH, "--json"], ["messages", PUBLISH, "--where", "length > 5000"]):
        whole, spilled = run(*command), run(*command, "--row-limit", "100")
        assert (spilled.code, spilled.out) == (0, whole.out)
        assert whole.out
