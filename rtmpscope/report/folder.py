"""The output folder: reports, JSON, charts and tables, whole or not at all.

Everything is written into a folder beside the final one and renamed into place at the end, so an
interruption or a full disk leaves nothing half-written under the final name.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from rtmpscope.errors import RtmpscopeError
from rtmpscope.report.document import document_of
from rtmpscope.report.json_report import write_json
from rtmpscope.report.pictures import draw_pictures
from rtmpscope.report.render import render_html, render_markdown
from rtmpscope.report.source import ReportSource
from rtmpscope.tables import Table

#: What an output folder holds.
CONTENTS = ("report.html", "report.md", "analysis.json", "charts", "tables")


def write_folder(source: ReportSource, folder: Path, *, force: bool = False) -> None:
    """Write everything about an analysis into ``folder``.

    Raises:
        RtmpscopeError: the folder holds something already and ``force`` is not given, or is no folder.
        OSError: the disk is full or may not be written to; nothing is left behind then.
    """
    _refuse_to_overwrite(folder, force)
    created = [parent for parent in (folder, *folder.parents) if not parent.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    part = Path(tempfile.mkdtemp(prefix=".rtmpscope-", dir=folder))
    try:
        _fill(source, part)
        _move_into_place(part, folder)
    except BaseException as error:
        shutil.rmtree(part, ignore_errors=True)
        for parent in created:
            _remove_if_empty(parent)
        if isinstance(error, OSError) and error.filename is None:
            raise OSError(error.errno, error.strerror, str(folder)) from error  # a full disk names no file
        raise
    part.rmdir()


def write_report(source: ReportSource, path: Path) -> None:
    """Write one report file, HTML or Markdown by its ending, whole or not at all.

    Raises:
        RtmpscopeError: the name has another ending.
    """
    renderers = {".html": render_html, ".md": render_markdown}
    render = renderers.get(path.suffix.lower())
    if render is None:
        raise RtmpscopeError(f"{path}: name a file that ends in {' or '.join(renderers)}")
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_text(render(document_of(source, draw_pictures(source))), encoding="utf-8")
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def write_tables(tables: Mapping[str, Table], folder: Path) -> None:
    """Write every table as ``NAME.parquet`` into ``folder``, which must exist."""
    for name, table in tables.items():
        with (folder / f"{name}.parquet").open("wb") as file:
            table.write_parquet(file)


def _refuse_to_overwrite(folder: Path, force: bool) -> None:
    if folder.exists() and not folder.is_dir():
        raise RtmpscopeError(f"{folder}: is not a folder; name another one")
    there = [name for name in CONTENTS if (folder / name).exists()] if folder.exists() else []
    if there and not force:
        raise RtmpscopeError(f"{folder / there[0]}: is there already; --force overwrites it")


def _fill(source: ReportSource, part: Path) -> None:
    pictures = draw_pictures(source)
    document = document_of(source, pictures)
    (part / "report.html").write_text(render_html(document), encoding="utf-8")
    (part / "report.md").write_text(render_markdown(document), encoding="utf-8")
    with (part / "analysis.json").open("w", encoding="utf-8") as file:
        write_json(source, file)
    charts, tables = part / "charts", part / "tables"
    charts.mkdir()
    tables.mkdir()
    for picture in pictures:
        (charts / f"{picture.name}.png").write_bytes(picture.png)
        (charts / f"{picture.name}.svg").write_bytes(picture.svg)
    write_tables(source.tables, tables)


def _move_into_place(part: Path, folder: Path) -> None:
    for name in CONTENTS:
        target = folder / name
        if target.is_dir():
            shutil.rmtree(target)
        (part / name).replace(target)


def _remove_if_empty(folder: Path) -> None:
    try:
        folder.rmdir()
    except OSError:
        return
