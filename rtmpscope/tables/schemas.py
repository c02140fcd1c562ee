"""All schemas by name, in the order in which people ask for them."""

from __future__ import annotations

from rtmpscope.tables import schemas_session, schemas_wire
from rtmpscope.tables.schema import Schema

_ALL = (
    schemas_session.CONNECTIONS,
    schemas_session.STREAMS,
    schemas_session.TRACKS,
    schemas_wire.CHANNELS,
    schemas_session.HANDSHAKES,
    schemas_wire.CHUNKS,
    schemas_wire.MESSAGES,
    schemas_session.CONTROLS,
    schemas_session.COMMANDS,
    schemas_session.METADATA,
    schemas_wire.MEDIA,
    schemas_wire.PER_SECOND,
    schemas_wire.TCP_EVENTS,
    schemas_wire.FINDINGS,
)

#: Name → schema of every table.
SCHEMAS: dict[str, Schema] = {schema.name: schema for schema in _ALL}
