"""No stream key or token stands in any default output, in any of the forms in which it could be read back."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.cli.runs import run
from tests.report.sessions import publish_session
from tests.support.capture_write import pcap_bytes
from tests.support.tools import CAPTURES

KEY, TOKEN, PASSWORD = "sk_live/Zx81+Quux", "tok3n-S3cret-77", "pa55-W0rd-x"
SECRETS = [KEY, TOKEN, PASSWORD]
OWN = ["demo-key", "old-key", "busy-key", "doomed-key", "six-key"]


def forms(secret: str) -> Iterator[str]:
    """Plain, percent-encoded, hex (dense and as dumps print it) and base64 at each of its three alignments."""
    plain = secret.encode()
    yield from (secret, quote(secret, safe=""), plain.hex(), plain.hex(" "))
    for shift in range(3):
        coded = base64.b64encode(bytes(shift) + plain).decode()
        part = coded[4 if shift else 0 : len(coded) - 4]
        if len(part) > 6:  # shorter ones are found in any picture
            yield part


def assert_clean(text: str, secrets: list[str], where: object) -> None:
    for secret in secrets:
        for form in forms(secret):
            assert form not in text, f"{secret!r} in {where} as {form!r}"


@pytest.fixture(scope="module")
def capture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    connect = {
        "app": f"live?auth={TOKEN}",
        "tcUrl": f"rtmp://joe:{PASSWORD}@ingest.example/live?auth={TOKEN}",
        "flashVer": "test",
    }
    metadata = {"encoder": f"enc for {KEY}", "title": f"see rtmp://x/y/{quote(KEY, safe='')}"}
    path = tmp_path_factory.mktemp("secrets") / "capture.pcap"
    path.write_bytes(pcap_bytes(publish_session(f"{KEY}?token={TOKEN}", connect, metadata)))
    return path


@pytest.mark.parametrize(
    "arguments",
    [
        ["analyze"],
        ["analyze", "--json"],
        ["messages"],
        ["messages", "--format", "jsonl"],
        *(
            ["table", name, "--format", "csv"]
            for name in ("connections", "streams", "commands", "metadata", "findings")
        ),
        ["show", "1"],
        ["show", "3"],
        ["show", "4"],
    ],
    ids=" ".join,
)
def test_terminal_output(capture: Path, arguments: list[str]) -> None:
    ran = run(arguments[0], capture, *arguments[1:])
    assert ran.code == 0, ran.err
    assert_clean(ran.out + ran.err, SECRETS, arguments)


def test_every_file_of_the_output_folder(capture: Path, tmp_path: Path) -> None:
    assert run("analyze", capture, "-o", tmp_path / "out").code == 0
    files = [path for path in (tmp_path / "out").rglob("*") if path.is_file()]
    assert len(files) > 15
    for path in files:
        assert_clean(path.read_bytes().decode("latin-1"), SECRETS, path.name)


@pytest.mark.parametrize("name", ["publish_h264_aac.pcap", "publish_refused_same_name.pcap", "play_rtmpdump.pcap"])
def test_real_captures(name: str, tmp_path: Path) -> None:
    out = run("analyze", CAPTURES / name, "-o", tmp_path / "out").out
    assert_clean(out, OWN, name)
    for path in (tmp_path / "out").rglob("*"):
        if path.is_file():
            assert_clean(path.read_bytes().decode("latin-1"), OWN, path.name)


def test_secrets_are_shown_when_asked_for(capture: Path) -> None:
    out = run("analyze", capture, "--show-secrets").out
    assert KEY in out
    assert TOKEN in out
