"""Tables written earlier, read back: everything but what needs the capture itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from rtmpscope.errors import RtmpscopeError
from rtmpscope.tables import SCHEMAS, Table


class StoredTables(Mapping[str, Table]):
    """The tables of a folder of Parquet files, each read when it is first asked for."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._names = tuple(name for name in SCHEMAS if (folder / f"{name}.parquet").is_file())
        self._read: dict[str, Table] = {}
        if not self._names:
            raise RtmpscopeError(f"{folder}: holds no tables; give the folder that to_parquet wrote")

    def __getitem__(self, name: str) -> Table:
        if name not in self._names:
            raise KeyError(name)
        if name not in self._read:
            self._read[name] = _read_table(self._folder / f"{name}.parquet", name)
        return self._read[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


def _read_table(path: Path, name: str) -> Table:
    import pyarrow as pa
    import pyarrow.parquet as pq

    from rtmpscope.tables.to_arrow import table_of

    try:
        return table_of(pq.read_table(path), SCHEMAS[name])
    except (OSError, pa.ArrowException, KeyError, ValueError) as error:
        raise RtmpscopeError(f"{path}: is not a table that to_parquet wrote: {error}") from error
