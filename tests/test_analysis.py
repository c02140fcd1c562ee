"""What is asked of an analysis that it does not have, is answered with what to ask instead."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import rtmpscope
from rtmpscope.pipeline.build.context import Context
from tests.support.tools import CAPTURES

PUBLISH = CAPTURES / "publish_h264_aac.pcap"


@pytest.fixture(scope="module")
def analysis() -> rtmpscope.Analysis:
    return rtmpscope.analyze(PUBLISH)


@pytest.mark.parametrize("number", ["3", 2.0, None, [1], np.arange(3)])
def test_what_is_not_the_number_of_a_message_is_refused(analysis: rtmpscope.Analysis, number: int) -> None:
    with pytest.raises(rtmpscope.RtmpscopeError, match="give a whole number"):
        analysis.payload(number)
    with pytest.raises(rtmpscope.RtmpscopeError, match="give a whole number"):
        analysis.payloads([number])
    with pytest.raises(rtmpscope.RtmpscopeError, match="give a whole number"):
        analysis.command(number)


def test_numbers_may_be_those_of_numpy_and_pandas(analysis: rtmpscope.Analysis) -> None:
    assert analysis.payload(np.int64(5)) == analysis.payload(analysis.messages.message[5]) == analysis.payload(5)


def test_commands_are_the_callers_own(analysis: rtmpscope.Analysis) -> None:
    first = int(analysis.commands.message.iloc[0])
    values = analysis.command(first).object
    assert isinstance(values, dict) and values["app"]
    values.clear()
    again = analysis.command(first).object
    assert isinstance(again, dict) and again["app"]


def test_every_command_of_the_table_is_given_by_its_message(analysis: rtmpscope.Analysis) -> None:
    names = {message: analysis.command(message).name for message in analysis.commands.message}
    assert names == dict(zip(analysis.commands.message, analysis.commands.command, strict=True))
    for other in ({*range(20)} | {-1}) - names.keys():
        with pytest.raises(rtmpscope.RtmpscopeError, match="see the commands table"):
            analysis.command(other)


def test_commands_are_looked_up_and_not_searched_for(monkeypatch: pytest.MonkeyPatch) -> None:
    analysis, asked, message = rtmpscope.analyze(PUBLISH), [], Context.message
    numbers = analysis.commands.message.tolist()
    monkeypatch.setattr(Context, "message", lambda self, origin: asked.append(origin) or message(self, origin))
    for number in numbers * 3:
        analysis.command(number)
    assert len(asked) == len(numbers)


def test_tables_do_not_go_where_a_file_is(analysis: rtmpscope.Analysis, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"mine")
    for target in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(rtmpscope.RtmpscopeError, match="there is a file of that name; name a folder"):
            analysis.to_parquet(target)
    assert (tmp_path / "file").read_bytes() == b"mine"


def test_a_single_port_may_be_named_without_a_list() -> None:
    assert rtmpscope.analyze(PUBLISH, ports=1940).options.ports == (1940,)


@pytest.mark.parametrize("ports", [None, 1935.0, 0, "1935", [70000]])
def test_what_is_no_port_is_refused(ports: object) -> None:
    with pytest.raises(rtmpscope.RtmpscopeError, match="give numbers from 1 to 65535"):
        rtmpscope.analyze(PUBLISH, ports=ports)
