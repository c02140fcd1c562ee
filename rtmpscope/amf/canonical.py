"""AMF values as canonical JSON: equal values give equal text, and what JSON lacks is tagged.

Whole numbers are written without a fraction. Tags: ``$bytes`` (base64), ``$date``, ``$xml``, ``$reference``,
``$undefined``, ``$unsupported``, ``$number`` (NaN and infinities), ``$class``, ``$vector``, ``$dictionary``.
"""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from rtmpscope.amf.values import UNDEFINED, UNSUPPORTED, Date, Dictionary, Reference, TypedObject, Vector, Xml

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LARGEST_WHOLE = 1 << 53


def to_json(value: object) -> str:
    """The value as JSON text."""
    return json.dumps(to_plain(value), ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def to_plain(value: object) -> object:
    """The value as what :mod:`json` can write."""
    if value is None or isinstance(value, (bool, int)):
        return value
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, TypedObject):
        return {"$class": value.class_name} | _members(value)
    if isinstance(value, Mapping):
        return _members(value)
    if isinstance(value, (list, tuple)):
        return [to_plain(item) for item in value]
    return _tagged(value)


def _members(value: Mapping[str, object]) -> dict[str, object]:
    return {str(to_plain(name)): to_plain(member) for name, member in value.items()}


def _number(value: float) -> object:
    if math.isnan(value):
        return {"$number": "NaN"}
    if math.isinf(value):
        return {"$number": "Infinity" if value > 0 else "-Infinity"}
    return int(value) if value.is_integer() and abs(value) <= _LARGEST_WHOLE else value


def _tagged(value: object) -> object:
    if isinstance(value, (bytes, bytearray)):
        return {"$bytes": base64.b64encode(value).decode()}
    if isinstance(value, Date):
        return {"$date": _date(value.milliseconds)}
    if isinstance(value, Xml):
        return {"$xml": to_plain(value.text)}
    if isinstance(value, Reference):
        return {"$reference": value.index}
    if isinstance(value, Vector):
        return {"$vector": value.kind, "items": [to_plain(item) for item in value.items]}
    if isinstance(value, Dictionary):
        return {"$dictionary": [[to_plain(key), to_plain(item)] for key, item in value.items]}
    if value is UNDEFINED:
        return {"$undefined": True}
    if value is UNSUPPORTED:
        return {"$unsupported": True}
    raise TypeError(f"{type(value).__name__} is no AMF value")


def _date(milliseconds: float) -> object:
    """ISO 8601 in UTC where the calendar reaches that far, else the number."""
    if not math.isfinite(milliseconds):
        return _number(milliseconds)
    try:
        moment = _EPOCH + timedelta(milliseconds=milliseconds)
    except OverflowError:
        return milliseconds
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
