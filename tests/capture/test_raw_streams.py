"""Two raw byte streams without TCP: what is in them is told, and nothing that only packets tell."""

from __future__ import annotations

import gzip
import io
import json
from collections import Counter
from pathlib import Path
from subprocess import PIPE

import pytest
from matplotlib.figure import Figure

import rtmpscope
from rtmpscope import Analysis
from rtmpscope.report.message_view import print_message
from rtmpscope.tables import SCHEMAS, tells_of_packets
from tests.cli.runs import run, started
from tests.pipeline.rows import message_rows
from tests.support.capture_write import read_pcap
from tests.support.tools import CAPTURES, shared_capture

PUBLISH = CAPTURES / "publish_h264_aac.pcap"


@pytest.fixture(scope="module")
def sent(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """What the client and the server of a real session sent, without packets."""
    folder = tmp_path_factory.mktemp("streams")
    packets = read_pcap(PUBLISH)
    client, data = packets[0].data[26:30], {True: b"", False: b""}
    for one in packets:
        header = 14 + 20 + (one.data[46] >> 4) * 4
        total = int.from_bytes(one.data[16:18], "big")
        data[one.data[26:30] == client] += one.data[header : 14 + total]
    (folder / "c2s").write_bytes(data[True])
    (folder / "s2c").write_bytes(data[False])
    return folder / "c2s", folder / "s2c"


@pytest.fixture(scope="module")
def both(sent: tuple[Path, Path]) -> Analysis:
    return rtmpscope.analyze_streams(*sent)


def test_raw_streams_of_a_flash_session() -> None:
    c2s, s2c = (shared_capture(f"{name}_stream.bin") for name in ("flash10_client", "fms3_server"))
    analysis = rtmpscope.analyze_streams(c2s, s2c)
    handshake = analysis.handshakes.iloc[0]
    assert (handshake.kind, handshake.c1_digest_valid, handshake.s1_digest_valid) == ("digest1", True, True)
    types = Counter(analysis.messages.type)
    assert (types["aggregate"], types["acknowledgement"]) == (5, 74)
    assert {"pause", "seek", "play"} <= set(analysis.commands.command)
    video = analysis.tracks.set_index("kind").loc["video"]
    assert (video.codec, video.width, video.height) == ("flv1", 320, 240)
    assert analysis.findings[analysis.findings.severity != "note"].empty
    ran = run("analyze", "--c2s", c2s, "--s2c", s2c)
    assert "digest1 (verified)" in ran.out


def test_messages_are_those_of_the_capture(sent: tuple[Path, Path], both: Analysis) -> None:
    assert message_rows(both, bodies=True) == message_rows(rtmpscope.analyze(PUBLISH), bodies=True)
    assert len(rtmpscope.analyze_streams(sent[0]).messages) > 300
    assert 0 < len(rtmpscope.analyze_streams(s2c=sent[1]).messages) < 20


def test_nothing_is_known_that_only_packets_tell(both: Analysis) -> None:
    for name in (*both.tables, "chunks"):
        table, frame = both.table(name), getattr(both, name)
        if name in ("per_second", "tcp_events"):
            assert len(table) == len(frame) == 0
            continue
        for column in SCHEMAS[name].columns:
            if tells_of_packets(name, column):
                assert table[column.name].is_null().all(), (name, column.name)
                assert frame[column.name].isna().all(), (name, column.name)
    assert both.findings.empty
    for chart in (both.plot.bitrate, both.plot.timeline, both.plot.interleaving):
        with pytest.raises(rtmpscope.RtmpscopeError, match="drawn over time"):
            chart()
    assert (both.connections.c2s_bytes > 100_000).all()
    assert both.streams.video_kbps.between(150, 300).all()  # on the media clock


def test_the_ladder_is_drawn_without_times(sent: tuple[Path, Path], both: Analysis, tmp_path: Path) -> None:
    ax = both.plot.ladder(ax=Figure().subplots())
    shown = [text.get_text() for text in ax.texts]
    assert "without their times: the client's first" in ax.get_title(loc="left")
    assert {"connect live", "client", "server"} <= {*shown}
    assert not [text for text in shown if "frame" in text or text.endswith(" s")]
    given = ("--c2s", sent[0], "--s2c", sent[1])
    assert run("plot", *given, "ladder", "-o", tmp_path / "ladder.svg").code == 0
    ran = run("plot", *given, "bitrate", "-o", tmp_path / "bitrate.svg")
    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert "drawn over time" in ran.err
    assert [path.name for path in tmp_path.iterdir()] == ["ladder.svg"]


def test_reports_show_no_figure_of_packets(sent: tuple[Path, Path], tmp_path: Path) -> None:
    ran = run("--c2s", sent[0], "--s2c", sent[1], "-o", tmp_path / "out")
    assert (ran.code, "digest0 (verified)" in ran.out) == (0, True)
    report = (tmp_path / "out" / "report.md").read_text()
    page = (tmp_path / "out" / "report.html").read_text()
    for invented in ("192.0.2.", "round trip", "TCP:", "tcp.stream", "1970", "frame 4", "lasted", " in 0.0", "None"):
        assert invented not in ran.out + report + page, invented
    assert "ended by deleteStream" in ran.out
    capture = json.loads((tmp_path / "out" / "analysis.json").read_text())["capture"]
    unknown = {"packets", "tcp_segments", "tcp_connections", "start", "end", "duration_s"}
    assert {name for name, value in capture.items() if value is None} == unknown
    assert len(rtmpscope.load(tmp_path / "out").messages) == capture["messages"]
    shown = io.StringIO()
    print_message(rtmpscope.analyze_streams(*sent).report_source, 0, shown)
    assert "connection 0, stream offset 3073" in shown.getvalue()


def test_streams_may_be_compressed_and_piped(sent: tuple[Path, Path], both: Analysis, tmp_path: Path) -> None:
    packed = tmp_path / "c2s.gz"
    packed.write_bytes(gzip.compress(sent[0].read_bytes()))
    assert message_rows(rtmpscope.analyze_streams(packed, sent[1]), bodies=True) == message_rows(both, bodies=True)
    plain = run("analyze", "--c2s", sent[0], "--json").out
    with started("analyze", "--c2s", "-", "--json", stdin=PIPE, stdout=PIPE) as program:
        out, _ = program.communicate(sent[0].read_bytes(), timeout=60)
    assert out.decode().replace("<stdin>", str(sent[0])) == plain


def test_every_command_that_needs_no_times_takes_streams(sent: tuple[Path, Path], tmp_path: Path) -> None:
    given = ("--c2s", sent[0], "--s2c", sent[1])
    columns = ("--format", "csv", "--columns", "offset,length,info", "--sort", "direction,offset")
    assert run("messages", *given, *columns).out == run("messages", PUBLISH, *columns).out
    assert "connect" in run("table", *given, "commands").out
    assert run("show", *given, "0").out.startswith("Message 0: command_amf0 c2s, connect live")
    assert "byte streams have no packets" in run("show", *given, "--frame", "3").err
    for name, arguments in (("raw.flv", given), ("plain.flv", [PUBLISH])):
        assert run("export", *arguments, "-o", tmp_path / name).code == 0
    assert (tmp_path / "raw.flv").read_bytes() == (tmp_path / "plain.flv").read_bytes()


def test_what_breaks_off_is_read_up_to_there(sent: tuple[Path, Path], tmp_path: Path) -> None:
    packed = gzip.compress(sent[0].read_bytes())
    (tmp_path / "cut.gz").write_bytes(packed[: len(packed) // 2])
    analysis = rtmpscope.analyze_streams(tmp_path / "cut.gz")
    assert 50 < len(analysis.messages) < 300
    assert analysis.findings.code.tolist() == ["CAP05"]


CLIENTS, SERVERS = "holds what the client sent: it asks for connect; ", "holds what the server sent: it answers "


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ("--c2s {s2c} --s2c {c2s}", SERVERS + "NetConnection.Connect.Success; swap them: --c2s {c2s} --s2c {s2c}"),
        ("--c2s {s2c}", SERVERS + "NetConnection.Connect.Success; give it with --s2c"),
        ("--s2c {c2s}", CLIENTS + "give it with --c2s"),
        ("--c2s {c2s} --s2c {c2s}", CLIENTS + "give it with --c2s"),
        ("--s2c {c1}", "holds what the client sent: its handshake has a client's digest; give it with --c2s"),
        ("--c2s {s1}", "holds what the server sent: its handshake has a server's digest; give it with --s2c"),
        ("--c2s {folder}/nothing", "no such file; check the name"),
        ("--c2s {empty}", "is empty"),
        ("--c2s {folder}", "is a directory"),
        ("--c2s {capture}", "is a packet capture; give it without --c2s or --s2c"),
        ("--c2s - --s2c -", "standard input can be read once only"),
        ("{capture} --c2s {c2s}", "name captures, or raw streams"),
    ],
)
def test_mistakes_are_told_with_what_to_do(arguments: str, says: str, sent: tuple[Path, Path], tmp_path: Path) -> None:
    c2s, s2c = sent
    names = {"c2s": c2s, "s2c": s2c, "folder": tmp_path, "capture": PUBLISH}
    for name, content in {"c1": c2s.read_bytes()[:3073], "s1": s2c.read_bytes()[:3073], "empty": b""}.items():
        names[name] = tmp_path / name
        names[name].write_bytes(content)
    ran = run("analyze", *(one.format(**names) for one in arguments.split()))
    assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert says.format(**names) in ran.err


def test_what_is_no_rtmp_is_told(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"hello")
    ran = run("analyze", "--c2s", tmp_path / "x")
    assert (ran.code, ran.err.count("\n")) == (3, 1)
