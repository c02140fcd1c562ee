"""All tables of one capture, each built when it is first asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property, partial

import numpy as np
from numpy.typing import NDArray

from rtmpscope.options import Options
from rtmpscope.pipeline.build.assign import StreamAssignment, StreamEntry, stream_entries
from rtmpscope.pipeline.build.channels import channels_table
from rtmpscope.pipeline.build.connections import connection_rows
from rtmpscope.pipeline.build.context import Context, make_context
from rtmpscope.pipeline.build.events import tcp_events_table
from rtmpscope.pipeline.build.findings import findings_table
from rtmpscope.pipeline.build.messages import media_table, messages_table
from rtmpscope.pipeline.build.records import (
    HandshakeFacts,
    commands_table,
    controls_table,
    handshake_of,
    handshakes_table,
    metadata_table,
)
from rtmpscope.pipeline.build.seconds import per_second_table
from rtmpscope.pipeline.build.streams import stream_rows
from rtmpscope.pipeline.build.tracks import Track, track_rows, tracks_of
from rtmpscope.pipeline.memory import MANY_ROWS, give_back
from rtmpscope.pipeline.run import Decoded
from rtmpscope.tables import SCHEMAS, Table, without_durations, without_packets

#: So many columns of the tables with a row per message are kept while rules look at them.
_KEPT_FOR_RULES = 1
#: What these are made from takes much memory for a moment.
_FROM_ALL_ROWS = frozenset(("streams", "channels", "per_second", "findings"))
#: So many rows are looked up at a time: what that takes stays small.
_ROWS_AT_ONCE = 1 << 16


class Tables(Mapping[str, Table]):
    """The tables of one decoded capture.

    Attributes:
        context: what the tables are built from.
    """

    def __init__(self, decoded: Decoded, options: Options) -> None:
        self.context: Context = make_context(decoded, options)
        if len(self.context.order) >= MANY_ROWS:
            give_back()
        self._shown: dict[str, Table] = {}
        builders: dict[str, Callable[[], Table]] = {
            "connections": lambda: Table.from_rows(
                SCHEMAS["connections"], connection_rows(self.context, self._handshakes)
            ),
            "streams": lambda: Table.from_rows(
                SCHEMAS["streams"],
                stream_rows(self.context, self.stream_entries, self.stream_tracks, self._metadata_streams),
            ),
            "tracks": lambda: Table.from_rows(SCHEMAS["tracks"], track_rows(self.stream_tracks)),
            "channels": lambda: channels_table(self.context),
            "handshakes": lambda: handshakes_table(self.context, self._handshakes),
            "messages": lambda: messages_table(self.context),
            "controls": lambda: controls_table(self.context),
            "commands": lambda: commands_table(self.context),
            "metadata": lambda: metadata_table(self.context, self._metadata_streams),
            "media": lambda: media_table(self.context, self.media_stream),
            "per_second": lambda: per_second_table(self.context, self.media_stream, self._built["tcp_events"]),
            "tcp_events": lambda: tcp_events_table(self.context),
            "findings": lambda: findings_table(self.context, self._for_rules()),
        }

        self._has_packets = decoded.facts.has_packets
        self._built = _Built(builders, self.context)

    def _for_rules(self) -> Mapping[str, Table]:
        """All tables, with few columns of the long ones in memory at a time."""
        few = {
            "messages": lambda: messages_table(self.context, _KEPT_FOR_RULES),
            "media": lambda: media_table(self.context, self.media_stream, _KEPT_FOR_RULES),
        }
        return _Built(
            {name: few.get(name, partial(self._built.__getitem__, name)) for name in self._built}, self.context
        )

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the tables that can be asked for."""
        return tuple(self._built)

    def __getitem__(self, name: str) -> Table:
        """The table ``name``; KeyError if there is none of that name."""
        if self._has_packets:
            return self._built[name]
        if name not in self._shown:
            self._shown[name] = without_packets(self._built[name])
        return self._shown[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._built)

    def __len__(self) -> int:
        return len(self._built)

    @property
    def message_count(self) -> int:
        """How many messages the ``messages`` table has."""
        return len(self.context.order)

    @cached_property
    def stream_entries(self) -> list[StreamEntry]:
        """The streams, in the order of the ``streams`` table."""
        return stream_entries(self.context)

    @cached_property
    def assignment(self) -> StreamAssignment:
        """Looks up which stream a message belongs to."""
        return StreamAssignment(self.stream_entries, self.context.turns)

    @cached_property
    def media_stream(self) -> NDArray[np.int32]:
        """The stream of each row of the decoded media, -1 for none."""
        context, decoded = self.context, self.context.decoded
        result = np.empty(len(decoded.media["ordinal"]), np.int32)
        for begin in range(0, len(result), _ROWS_AT_ONCE):
            rows = slice(begin, begin + _ROWS_AT_ONCE)
            ordinal = decoded.media["ordinal"][rows]
            of_messages = decoded.messages["flow"][ordinal], context.stream_ids[ordinal], context.message_of[ordinal]
            result[rows] = self.assignment.of(*of_messages)
        return result

    @cached_property
    def stream_tracks(self) -> list[Track]:
        """The audio and video tracks of all streams."""
        return tracks_of(self.context, self.stream_entries, self.media_stream, self.assignment)

    @cached_property
    def _handshakes(self) -> list[HandshakeFacts]:
        """The handshake of each listed connection."""
        return [handshake_of(self.context, entry) for entry in self.context.listed]

    @cached_property
    def _metadata_streams(self) -> dict[int, int]:
        found: dict[int, int] = {}
        for origin, _ in self.context.decoded.records.metadata:
            message = self.context.message(origin)
            stream = self.assignment.of_one(origin.flow, self.context.stream_id(origin), message)
            if message >= 0 and stream is not None:
                found[message] = stream
        return found


class _Built(Mapping[str, Table]):
    """The tables as they are built, each when it is first asked for.

    Where bytes came without packets, their frames and times are places in an order and no more.
    """

    def __init__(self, builders: Mapping[str, Callable[[], Table]], context: Context) -> None:
        self._builders = builders
        self._has_packets = context.decoded.facts.has_packets
        self._rows = len(context.order)
        self._tables: dict[str, Table] = {}

    def __getitem__(self, name: str) -> Table:
        if name not in self._tables:
            table = self._builders[name]()
            if self._rows >= MANY_ROWS and name in _FROM_ALL_ROWS:
                give_back()
            self._tables[name] = table if self._has_packets else without_durations(table)
        return self._tables[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._builders)

    def __len__(self) -> int:
        return len(self._builders)
