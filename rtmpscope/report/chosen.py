"""Which connections and findings of many a report shows, and the rows that belong to each connection."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from rtmpscope.findings import SEVERITIES
from rtmpscope.report.source import ReportSource

Row = dict[str, object]

#: A report shows so many connections, and so many findings of each code; the rest is in the tables.
MOST_CONNECTIONS, MOST_ALIKE = 20, 10
_RANKS: dict[object, int] = {severity: rank for rank, severity in enumerate(SEVERITIES)}
_SMALL = ("connections", "streams", "handshakes", "channels", "controls", "commands", "tracks", "findings")


class RowsByConnection:
    """The rows of the small tables, grouped once by table and connection."""

    def __init__(self, source: ReportSource) -> None:
        self.connections = list(source.tables["connections"].to_rows())
        self.findings = list(source.tables["findings"].to_rows())
        self._grouped = {name: _grouped(source.tables[name].to_rows()) for name in _SMALL}

    def of(self, connection: Row) -> dict[str, list[Row]]:
        """By table, the rows of a connection."""
        return {name: groups.get(connection["connection"], []) for name, groups in self._grouped.items()}

    def shown(self) -> list[Row]:
        """The connections to be shown, in order of number: of too many, those with the gravest findings."""
        gravest = sorted(self.connections, key=lambda row: _gravity(self.one("findings", row)))[:MOST_CONNECTIONS]
        chosen = {row["connection"] for row in gravest}
        return [row for row in self.connections if row["connection"] in chosen]

    def findings_shown(self) -> Iterator[Row]:
        """The findings to be shown: of each code the first few."""
        seen: Counter[object] = Counter()
        for row in self.findings:
            seen[row["code"]] += 1
            if seen[row["code"]] <= MOST_ALIKE:
                yield row

    def one(self, name: str, connection: Row) -> list[Row]:
        """The rows of a connection in one table."""
        return self._grouped[name].get(connection["connection"], [])


def _grouped(rows: Iterable[Row]) -> Mapping[object, list[Row]]:
    groups: defaultdict[object, list[Row]] = defaultdict(list)
    for row in rows:
        groups[row["connection"]].append(row)
    return groups


def _gravity(findings: Sequence[Row]) -> int:
    """The place of the gravest finding among the severities; beyond them without any."""
    return min((_RANKS[row["severity"]] for row in findings), default=len(_RANKS))
