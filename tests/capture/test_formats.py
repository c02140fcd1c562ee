"""Compressed, piped, rotated and raw: the same session gives the same rows."""

from __future__ import annotations

import gzip
import io
import json
import subprocess
import sys
from pathlib import Path

import lz4.frame
import pytest
import zstandard

import rtmpscope
from tests.cli.runs import run
from tests.pipeline.rows import message_rows
from tests.support.capture_write import pcap_bytes, pcapng_bytes, read_pcap
from tests.support.tools import CAPTURES

PLAY = CAPTURES / "play_rtmpdump.pcap"
PACKERS = {
    "gz": gzip.compress,
    "zst": lambda data: zstandard.ZstdCompressor().compress(data),
    "lz4": lz4.frame.compress,
    "two members": lambda data: gzip.compress(data[:5000]) + gzip.compress(data[5000:]),
    "two frames": lambda data: b"".join(zstandard.ZstdCompressor().compress(part) for part in (data[:999], data[999:])),
}


@pytest.fixture(scope="module")
def plain() -> list[tuple[object, ...]]:
    return message_rows(rtmpscope.analyze(PLAY), bodies=True)


@pytest.mark.parametrize("packer", PACKERS)
@pytest.mark.parametrize("opened", [False, True], ids=["path", "file object"])
def test_compressed(packer: str, opened: bool, plain: list[tuple[object, ...]], tmp_path: Path) -> None:
    path = tmp_path / "capture"
    path.write_bytes(PACKERS[packer](PLAY.read_bytes()))
    source = io.BytesIO(path.read_bytes()) if opened else path
    assert message_rows(rtmpscope.analyze(source), bodies=True) == plain


@pytest.mark.parametrize("packer", ["gz", "zst", "lz4"])
def test_compressed_data_that_is_cut_is_read_up_to_the_cut(packer: str, tmp_path: Path) -> None:
    path = tmp_path / "cut"
    packed = PACKERS[packer](PLAY.read_bytes())
    path.write_bytes(packed[: len(packed) // 2])
    analysis = rtmpscope.analyze(path)
    assert 10 < len(analysis.messages) < 576
    assert "CAP05" in analysis.findings.code.tolist()


def test_standard_input(plain: list[tuple[object, ...]]) -> None:
    code = "import rtmpscope; from tests.pipeline.rows import message_rows; "
    code += "print(len(message_rows(rtmpscope.analyze('-'), bodies=True)))"
    done = subprocess.run(
        [sys.executable, "-c", code], input=PLAY.read_bytes(), capture_output=True, check=True, cwd=CAPTURES.parent
    )
    assert int(done.stdout) == len(plain)


def rotated(folder: Path, count: int = 10) -> list[Path]:
    """The packets in files of their own order, named so that names do not tell it."""
    packets = read_pcap(PLAY)
    size = len(packets) // count + 1
    paths = []
    for number, start in enumerate(range(0, len(packets), size)):
        path = folder / f"part{(number * 7) % 10}.pcap"
        write = pcapng_bytes if number % 2 else pcap_bytes
        path.write_bytes(write(packets[start : start + size]))
        paths.append(path)
    return paths


def test_a_rotated_set_is_one_capture_in_order_of_time(plain: list[tuple[object, ...]], tmp_path: Path) -> None:
    paths = rotated(tmp_path)
    for given in (paths, sorted(paths), [str(tmp_path / "part*.pcap")]):
        analysis = rtmpscope.analyze(*given)
        assert message_rows(analysis, bodies=True) == plain
        assert len(analysis.connections) == 2
        assert analysis.messages.file.nunique() > 5


def test_the_command_line_takes_sets_and_pipes(tmp_path: Path) -> None:
    rotated(tmp_path)
    assert "127 video and 218 audio messages" in run("analyze", tmp_path / "part*.pcap").out


@pytest.mark.parametrize(
    ("head", "says"),
    [(b"snoop\0\0\0", "editcap"), (b"GMBU", "editcap"), (b"\x34\xcd\xb2\xa1", "editcap"), (b"BZh9", "bunzip2")],
)
def test_other_formats_are_refused_with_the_way_to_convert(head: bytes, says: str, tmp_path: Path) -> None:
    path = tmp_path / "other"
    path.write_bytes(head + bytes(100))
    with pytest.raises(rtmpscope.RtmpscopeError, match=says):
        rtmpscope.analyze(path)


def test_the_sample_and_the_demo() -> None:
    assert rtmpscope.sample("ffmpeg").is_file()
    with pytest.raises(rtmpscope.RtmpscopeError, match="there are ffmpeg, obs"):
        rtmpscope.sample("nonsense")
    assert "FFmpeg" in run("demo").out


def test_a_time_that_only_some_files_have_keeps_the_given_order(tmp_path: Path) -> None:
    empty = tmp_path / "empty.pcap"
    empty.write_bytes(pcap_bytes([]))
    analysis = rtmpscope.analyze(PLAY, empty)
    assert len(analysis.messages) == 576


@pytest.mark.parametrize("content", [b"", pcap_bytes([])[:10], pcap_bytes([]), gzip.compress(pcap_bytes([]), mtime=0)])
def test_a_file_without_packets_in_a_set_is_named_and_no_more(content: bytes, tmp_path: Path) -> None:
    paths = rotated(tmp_path)
    empty = tmp_path / "part11.pcap"
    empty.write_bytes(content)
    for given in ([*paths, empty], [empty, *paths]):
        ran = run(*given)
        assert ran.code == 0
        assert f"no packets in {empty}" in ran.out.replace("\n", " ")
        assert "127 video and 218 audio messages" in ran.out
    document = json.loads(run("analyze", "--json", *paths, empty).out)
    assert document["capture"]["files_without_packets"] == [str(empty)]


def test_a_set_of_nothing_says_so(tmp_path: Path) -> None:
    names = [tmp_path / name for name in ("a.pcap", "b.pcap")]
    names[0].write_bytes(b"")
    names[1].write_bytes(b"")
    assert (run(*names).code, run(*names).err.count("\n")) == (2, 1)
    names[1].write_bytes(pcap_bytes([]))
    ran = run(*names)
    assert (ran.code, ran.err.count("\n")) == (3, 1)
    assert "no packets in" in ran.err
