"""Tables: frozen sets of numpy columns with a schema, choosing rows, and masking secrets."""

from rtmpscope.tables.lazy import Maker, Rows
from rtmpscope.tables.redaction import MaskedOnce, Redactor
from rtmpscope.tables.schema import Column, Kind, Schema
from rtmpscope.tables.schemas import SCHEMAS
from rtmpscope.tables.select import TableError, check_connection, check_stream, select, sort
from rtmpscope.tables.table import ColumnData, Table
from rtmpscope.tables.unknown import tells_of_packets, without_durations, without_packets
from rtmpscope.tables.where import Where, WhereError, compile_where

__all__ = [
    "SCHEMAS",
    "Column",
    "ColumnData",
    "Kind",
    "Maker",
    "MaskedOnce",
    "Redactor",
    "Rows",
    "Schema",
    "Table",
    "TableError",
    "Where",
    "WhereError",
    "check_connection",
    "check_stream",
    "compile_where",
    "select",
    "sort",
    "tells_of_packets",
    "without_durations",
    "without_packets",
]
