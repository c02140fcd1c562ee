"""Measures what damage costs, over all captures and beside tshark, and writes docs/robustness.md.

It runs tshark some hundred times: minutes. ``make robustness`` runs it; ``--quick`` leaves tshark out and prints.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import reduce
from operator import add
from pathlib import Path

from tests.robustness.kinds import KINDS, Form, Kind, measure
from tests.robustness.recording import recording, recordings
from tests.robustness.score import Score
from tests.support.tools import shared_folder

TARGET = Path(__file__).with_name("robustness.md")
Scores = dict[str, dict[str, Score]]

INTRODUCTION = """# Damaged captures

What is decoded of captures that miss packets, miss the ends of packets, or begin in mid-stream. Made by
`make robustness` from damaged copies of every RTMP capture in [`captures/`](../captures/README.md)
and of {shared}.

**How it is counted.** The whole capture is the truth; its analysis equals that of an independent decoder in
`tests/oracle`. A message is known by its offset in the stream, its type and its length.

- *captured*: messages all of whose bytes, chunk headers included, are in the damaged copies; three copies per capture
  for missing segments, ten for cuts, five for swapped segments. Of cut captures those count that begin 64 KiB or
  more after the cut. Of snapped captures those count whose chunk headers are all there, and are split into those
  that come *after a listed* message and those *elsewhere*.
- *decoded*: the share of those that is listed, and as complete if it was wholly captured.
- *invented*: listed messages, complete or not, that are not in the whole capture, or are listed twice.
- *exact, wrong*: messages with `timestamp_exact` whose timestamp differs from that in the whole capture.
- *estimates*: of the messages listed without `timestamp_exact`, those whose timestamp is at most the median interval
  between messages of their channel away from the truth. For cuts, where nothing tells the time, *one constant*:
  those whose timestamp is away from the truth by what most of their channel are away.
- *tshark*: the share of the captured messages that {version} shows, and in brackets how many messages it shows that
  are not there. It names no offsets, so types and lengths are compared: per direction, the longest common
  subsequence of what it shows and what was captured. It is told to accept messages of any size
  (`rtmpt.max_packet_size`); each file is read with and without `tcp.reassemble_out_of_order`, and the better run
  counts. Whatever it prints as a message counts, also where it prints no header fields.

**Bold** figures miss what this project wants to reach: 99 % with single segments missing, 97 % with bursts, 97 % after
cuts, 98 % and 80 % of snapped captures, nothing invented, no exact timestamp wrong, nine in ten estimates right.
"""


def measured(path: Path) -> tuple[str, dict[str, Score]]:
    """All scores of one capture."""
    whole = recording(path)
    return path.name, {kind.title: measure(whole, kind, with_tshark="--quick" not in sys.argv) for kind in KINDS}


def page(scores: Scores, version: str, shared: str) -> Iterator[str]:
    """The page, line by line."""
    yield INTRODUCTION.format(version=version, shared=shared)
    yield "## All captures"
    yield ""
    yield "| damage | captured | decoded | invented | exact, wrong | estimates | tshark |"
    yield "|---|--:|--:|--:|--:|--:|--:|"
    for kind in KINDS:
        yield _row(kind.title, _loss(kind, _sum(scores, kind)))
    for kind in KINDS:
        yield ""
        yield from table(scores, kind)


def table(scores: Scores, kind: Kind) -> Iterator[str]:
    """One kind of damage."""
    heads, cells = _FORMS[kind.form]
    yield f"## {kind.title}"
    yield ""
    yield _row("capture", heads)
    yield "|---|" + "--:|" * len(heads)
    for name, own in scores.items():
        yield _row(f"`{name}`", cells(kind, own[kind.title]))
    yield _row("all", cells(kind, _sum(scores, kind)))


def _sum(scores: Scores, kind: Kind) -> Score:
    return reduce(add, (own[kind.title] for own in scores.values()))


def _row(first: str, cells: list[str]) -> str:
    return f"| {first} | " + " | ".join(cells) + " |"


def _loss(kind: Kind, one: Score) -> list[str]:
    return [
        str(one.wanted),
        _share(one.decoded, one.wanted, kind.target),
        *_common(one),
        _times(kind, one),
        _tshark(one),
    ]


def _snapped(kind: Kind, one: Score) -> list[str]:
    rest, rest_decoded = one.wanted - one.after, one.decoded - one.after_decoded
    after = [str(one.after), _share(one.after_decoded, one.after, kind.target)]
    elsewhere = [str(rest), _share(rest_decoded, rest, kind.elsewhere)]
    return [*after, *elsewhere, *_common(one), _times(kind, one), _tshark(one)]


def _common(one: Score) -> list[str]:
    return [_none(one.invented), _none(one.exact_wrong)]


def _times(kind: Kind, one: Score) -> str:
    if kind.form is Form.CUT:
        return _share(one.constant, one.estimated, 0.0)
    return _share(one.close, one.estimated, 0.9)


def _share(part: int, whole: int, target: float) -> str:
    """A share in percent, never rounded up to all of it; bold where it is below what is to be reached."""
    if not whole:
        return "–"
    text = f"{int(1000 * part / whole) / 10:.1f} %" if part < whole else "100 %"
    return text if part >= target * whole else f"**{text}**"


def _none(count: int) -> str:
    return f"**{count}**" if count else "0"


def _tshark(one: Score) -> str:
    if "--quick" in sys.argv:
        return "–"
    return f"{_share(one.tshark, one.wanted, 0.0)} ({one.tshark_invented})"


_USUAL = ["captured", "decoded", "invented", "exact, wrong", "estimates", "tshark"]
_FORMS = {
    Form.LOSS: (_USUAL, _loss),
    Form.CUT: ([*_USUAL[:4], "one constant", "tshark"], _loss),
    Form.SNAPPED: (["after a listed", "decoded", "elsewhere", "decoded", *_USUAL[2:]], _snapped),
}


def main() -> int:
    """Measure and write."""
    paths = [one.path for one in recordings()]
    with ProcessPoolExecutor(2) as pool:
        scores = dict(pool.map(measured, paths))
    said = subprocess.run(["tshark", "--version"], capture_output=True, text=True, check=True).stdout
    shared = "one of OBS 27 that is not part of this project" if shared_folder() else "no others"
    text = "\n".join(page(scores, " ".join(said.split()[:3]).replace("TShark (Wireshark)", "tshark"), shared)) + "\n"
    if "--quick" in sys.argv:
        sys.stdout.write(text)
    else:
        TARGET.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
