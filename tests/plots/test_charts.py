"""Every chart draws what it is given, into the axes it is given, and says so when there is nothing."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import matplotlib as mpl
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import StepPatch

import rtmpscope
from rtmpscope import plots
from tests.cli.runs import run
from tests.support.capture_write import pcap_bytes, read_pcap
from tests.support.tools import CAPTURES

mpl.use("Agg")
PLAY = CAPTURES / "play_rtmpdump.pcap"
SINGLE = ["bitrate", "interleaving", "ladder"]


@pytest.fixture(scope="module")
def analysis() -> rtmpscope.Analysis:
    return rtmpscope.analyze(PLAY)


@pytest.fixture(scope="module")
def silent() -> rtmpscope.Analysis:
    return rtmpscope.analyze(io.BytesIO(pcap_bytes(read_pcap(PLAY)[:2])))


@pytest.mark.parametrize("name", SINGLE)
def test_single_charts_return_axes_and_draw_into_given_ones(analysis: rtmpscope.Analysis, name: str) -> None:
    figure = Figure()
    ax = figure.subplots()
    assert getattr(analysis.plot, name)(ax=ax) is ax
    own = getattr(analysis.plot, name)()
    assert isinstance(own, Axes)
    mpl.pyplot.close(own.figure)


def test_the_timeline_is_a_figure(analysis: rtmpscope.Analysis) -> None:
    assert isinstance(analysis.plot.timeline(), Figure)


@pytest.mark.parametrize("name", ["bitrate", "interleaving"])
def test_axes_have_units(analysis: rtmpscope.Analysis, name: str) -> None:
    ax = getattr(analysis.plot, name)(ax=Figure().subplots())
    assert "seconds" in ax.get_xlabel()
    if name == "bitrate":
        assert ax.get_ylabel() == "kbit/s"


@pytest.mark.parametrize("name", SINGLE)
def test_empty_data_gives_a_chart_that_says_so(silent: rtmpscope.Analysis, name: str) -> None:
    ax = getattr(silent.plot, name)(ax=Figure().subplots())
    assert "no " in ax.texts[0].get_text()


def test_the_empty_timeline_says_so(silent: rtmpscope.Analysis) -> None:
    assert "no RTMP message" in silent.plot.timeline().axes[0].texts[0].get_text()


@pytest.mark.parametrize(("gap_s", "per"), [(0, "0.5 s"), (1500, "1 s"), (86_400, "44 s")])
def test_bins_are_widened_rather_than_multiplied_when_the_clock_jumps(gap_s: int, per: str) -> None:
    packets = read_pcap(PLAY)
    late = [replace(one, time_ns=one.time_ns + gap_s * 10**9) for one in packets[len(packets) // 2 :]]
    packets[len(packets) // 2 :] = late
    ax = rtmpscope.analyze(io.BytesIO(pcap_bytes(packets))).plot.bitrate(ax=Figure().subplots())
    assert per in ax.get_title(loc="left")
    [video, *_] = [one for one in ax.patches if isinstance(one, StepPatch)]
    assert len(video.get_data().values) <= 2001


def test_lanes_are_the_channels_of_both_directions(analysis: rtmpscope.Analysis) -> None:
    ax = analysis.plot.interleaving(connection=1, ax=Figure().subplots())
    labels = [label.get_text() for label in ax.get_yticklabels()]
    assert labels == ["client → 2", "client → 3", "client → 8", *(f"← server {csid}" for csid in (2, 3, 5, 6, 7))]


def test_a_range_shows_only_its_messages(analysis: rtmpscope.Analysis) -> None:
    whole = analysis.plot.interleaving(connection=1, ax=Figure().subplots())
    part = analysis.plot.interleaving(connection=1, begin=2.0, end=2.4, ax=Figure().subplots())
    assert part.get_xlim()[1] - part.get_xlim()[0] < 1
    assert whole.get_xlim()[1] - whole.get_xlim()[0] > 2


def test_every_message_type_has_a_colour_that_the_legend_names() -> None:
    assert set(plots.style.LEGEND) <= {*plots.style.COLOURS.values(), plots.style.CONTROL}


@pytest.mark.parametrize("form", ["png", "svg", "pdf"])
@pytest.mark.parametrize("kind", ["timeline", "interleaving", "bitrate", "ladder"])
def test_the_command_writes_each_chart_in_each_format(kind: str, form: str, tmp_path: Path) -> None:
    target = tmp_path / f"chart.{form}"
    ran = run("plot", PLAY, kind, "-o", target)
    assert ran.code == 0, ran.err
    begin = {"png": b"\x89PNG", "svg": b"<?xml", "pdf": b"%PDF"}[form]
    assert target.read_bytes().startswith(begin)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["pie", "-o", "x.png"], "there is no chart"),
        (["ladder", "-o", "x.gif"], "name a file that ends in"),
        (["interleaving", "--connection", "9", "-o", "x.png"], "there is no connection 9"),
        (["interleaving", "--from", "3", "--to", "2", "-o", "x.png"], "there is no range"),
        (["bitrate", "--stream", "7", "-o", "x.png"], "there is no stream 7; they are numbered 0 to 1"),
    ],
)
def test_mistakes_are_one_line(arguments: list[str], says: str) -> None:
    ran = run("plot", PLAY, *arguments)
    assert ran.code == 2
    assert says in ran.err
    assert ran.err.count("\n") == 1


@pytest.mark.parametrize(
    ("chart", "asked", "says"),
    [
        ("bitrate", {"stream": 4}, "there is no stream 4; they are numbered 0 to 1"),
        ("bitrate", {"stream": -3}, "there is no stream -3; they are numbered 0 to 1"),
        ("timeline", {"connection": 9}, "there is no connection 9; they are numbered 0 to 1"),
        ("ladder", {"connection": 9}, "there is no connection 9; they are numbered 0 to 1"),
        ("interleaving", {"connection": -1}, "there is no connection -1; they are numbered 0 to 1"),
        ("interleaving", {"begin": 3, "end": 2}, "there is no range from 3 to 2 s"),
        ("interleaving", {"begin": float("nan")}, "there is no range from nan to inf s"),
    ],
)
def test_what_is_not_there_is_not_drawn(
    analysis: rtmpscope.Analysis, chart: str, asked: dict[str, float], says: str
) -> None:
    with pytest.raises(rtmpscope.RtmpscopeError, match=says):
        getattr(analysis.plot, chart)(**asked)


def test_a_capture_without_streams_has_no_second_one(silent: rtmpscope.Analysis) -> None:
    with pytest.raises(rtmpscope.RtmpscopeError, match="no publish or play request"):
        silent.plot.bitrate(1)
