"""Sources: paths, file objects, pipes; and what cannot be read, said in one line."""

from __future__ import annotations

import gzip
import io
import os
import subprocess
import threading
from pathlib import Path
from typing import Any

import pytest
from scapy.packet import Raw

from rtmpscope.capture import CaptureError, open_capture
from rtmpscope.capture.linktypes import linktype_name
from rtmpscope.errors import RtmpscopeError
from tests.capture.files import Packet, Pcapng, pcap, read
from tests.capture.packets import ethernet, ip4, tcp
from tests.cli.runs import run
from tests.support.tools import CAPTURES, require_tool

PACKETS = [Packet(ethernet(ip4() / tcp(seq=number) / Raw(bytes(500)))) for number in range(20)]
CONTENT = pcap(PACKETS)


class Pipe:
    """Bytes that come once, a few at a time."""

    def __init__(self, content: bytes, largest: int) -> None:
        self._rest = io.BytesIO(content)
        self._largest = largest

    def read(self, size: int = -1, /) -> bytes:
        return self._rest.read(min(size, self._largest) if size >= 0 else self._largest)


def test_a_path_may_be_text_or_path_object(tmp_path: Path) -> None:
    path = tmp_path / "ä capture.pcap"
    path.write_bytes(CONTENT)
    assert read(open_capture(path)) == read(open_capture(str(path))) == read(CONTENT)


@pytest.mark.parametrize("content", [CONTENT, Pcapng().file(PACKETS)])
@pytest.mark.parametrize("largest", [1, 7, 64, 1 << 20])
def test_a_pipe_is_read_again_from_what_it_spilled(content: bytes, largest: int) -> None:
    capture = open_capture(Pipe(content, largest))
    assert capture.size is None
    assert read(capture) == read(content)
    assert read(capture) == read(content)


def test_a_file_object_is_read_from_where_it_stands_and_again() -> None:
    handle = io.BytesIO(b"before" + CONTENT)
    handle.seek(6)
    capture = open_capture(handle)
    assert capture.size == len(CONTENT)
    assert read(capture) == read(capture) == read(CONTENT)


def test_a_named_pipe_is_read(tmp_path: Path) -> None:
    path = tmp_path / "fifo"
    os.mkfifo(path)
    writer = threading.Thread(target=lambda: path.write_bytes(CONTENT))
    writer.start()
    assert read(open_capture(path)) == read(CONTENT)
    writer.join()


def test_a_closed_file_object_is_refused(tmp_path: Path) -> None:
    handle = io.BytesIO(CONTENT)
    capture = open_capture(handle)
    handle.close()
    with pytest.raises(CaptureError, match="closed"):
        next(iter(capture.batches()))
    with pytest.raises(CaptureError, match="closed"):
        open_capture(handle)


def test_a_file_that_vanishes_between_readings_is_named(tmp_path: Path) -> None:
    path = tmp_path / "x.pcap"
    path.write_bytes(CONTENT)
    capture = open_capture(path)
    path.unlink()
    with pytest.raises(CaptureError, match="cannot be read"):
        next(iter(capture.batches()))


def test_text_and_other_objects_are_refused() -> None:
    with pytest.raises(CaptureError, match="binary mode"):
        open_capture(io.StringIO("text"))  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="not int"):
        open_capture(42)  # type: ignore[arg-type]


REFUSED = {
    b"": "is empty",
    b"\xd4\xc3\xb2": "no packet capture",
    CONTENT[:23]: "offset 23: ends within the pcap file header",
    b"\x0a\x0d\x0d\x0a\x1c\x00": "no packet capture",
    b"GET / HTTP/1.1\r\n": "no packet capture",
    b"\x1f\x8b\x08\x00": "compressed",
    b"\x28\xb5\x2f\xfd": "compressed",
    b"\x04\x22\x4d\x18": "compressed",
    b"BZh9": "bzip2",
    b"\xfd7zXZ\x00": "xz",
    b"PK\x03\x04": "zip",
    b"7z\xbc\xaf\x27\x1c": "7z x FILE",
    bytes(257) + b"ustar\x0000": "tar -xf FILE",
    gzip.compress(gzip.compress(CONTENT)): "compressed twice; decompress it once",
    b"0000  45 00 00 3c\n": "text2pcap",
    b'[\n  {\n    "_index": "packets"': "the capture itself",
    b"\x03" + bytes(1536): "--c2s FILE --s2c FILE",
    b"TRSNIFF data    \x1a": "editcap -F pcapng",
    b"snoop\x00\x00\x00\x00\x00\x00\x02": "snoop",
    b"GMBU": "Network Monitor",
    b"FLV\x01\x05": "FLV",
    b"\x34\xcd\xb2\xa1" + bytes(20): "Kuznetzov",
}


@pytest.mark.parametrize("content", REFUSED)
def test_what_is_no_capture_is_refused_in_one_line(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "file\n\x1b[31m.bin"
    path.write_bytes(content)
    with pytest.raises(CaptureError) as caught:
        open_capture(path)
    text = str(caught.value)
    assert REFUSED[content] in text
    assert text.isprintable()
    assert isinstance(caught.value, RtmpscopeError)


def test_a_kind_that_no_bytes_tell_is_told_by_its_name(tmp_path: Path) -> None:
    path = tmp_path / "trace.ETL"
    path.write_bytes(bytes(100))
    with pytest.raises(CaptureError, match="Windows event trace; convert it with: pktmon etl2pcap"):
        open_capture(path)


@pytest.mark.parametrize("form", ["nokiapcap", "rh6_1pcap", "modpcap", "suse6_3pcap", "snoop", "netmon1", "netmon2"])
def test_formats_that_editcap_knows_are_sent_to_it(form: str, tmp_path: Path) -> None:
    (plain := tmp_path / "plain.pcap").write_bytes((CAPTURES / "publish_h264_aac.pcap").read_bytes())
    subprocess.run([require_tool("editcap"), "-F", form, plain, tmp_path / "other"], check=True, timeout=60)
    ran = run(tmp_path / "other")
    assert (ran.code in (2, 3), ran.err.count("\n")) == (True, 1)
    assert "editcap -F pcapng IN OUT.pcapng" in ran.err


def missing(folder: Path) -> Any:
    return folder / "nowhere.pcap"


def directory(folder: Path) -> Any:
    return folder


def below_a_file(folder: Path) -> Any:
    (folder / "file").write_bytes(b"x")
    return folder / "file" / "below"


def nul_in_name(folder: Path) -> Any:
    return f"{folder}/a\0b"


def endless_name(folder: Path) -> Any:
    return folder / ("x" * 5000)


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (missing, "no such file"),
        (directory, "is a directory"),
        (below_a_file, "not a directory"),
        (nul_in_name, "null"),
        (endless_name, "too long"),
    ],
)
def test_a_path_that_cannot_be_opened_says_why(tmp_path: Path, make: Any, reason: str) -> None:
    with pytest.raises(CaptureError, match=reason) as caught:
        open_capture(make(tmp_path))
    assert str(caught.value).isprintable()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission_says_so(tmp_path: Path) -> None:
    path = tmp_path / "secret.pcap"
    path.write_bytes(CONTENT)
    path.chmod(0)
    with pytest.raises(CaptureError, match="permission denied; check who may read it"):
        open_capture(path)


def test_link_types_have_names() -> None:
    assert linktype_name(147) == "147 (USER0)"
    assert linktype_name(162) == "162 (USER15)"
    assert linktype_name(4242) == "4242"
