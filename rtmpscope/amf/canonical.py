"""AMF values as canonical JSON: equal values give equal text, and what JSON lacks is tagged.

Whole numbers are written without a fraction, members in wire order. Tags: ``$bytes`` (base64), ``$date``
(ISO 8601, with ``$timezone`` where it is not 0), ``$xml``, ``$reference``, ``$undefined``, ``$unsupported``,
``$number`` (NaN and infinities), ``$class`` (before the members of a typed object), ``$vector``,
``$dictionary``. A member whose own name begins with ``$`` gets a second one, so no message can forge a tag.
"""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Mapping

from rtmpscope.amf.values import Date, Dictionary, Reference, TypedObject, Undefined, Unsupported, Vector, Xml

_LARGEST_WHOLE = 1 << 53
_DAY_MS = 86_400_000
#: Days from 0000-03-01 to 1970-01-01, and days in 400 years, after which the calendar repeats.
_EPOCH_DAY, _CYCLE_DAYS = 719_468, 146_097


def to_json(value: object) -> str:
    """The value as strict JSON text, not escaped beyond what JSON requires."""
    return json.dumps(to_plain(value), ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def to_plain(value: object) -> object:
    """The value as what :mod:`json` can write.

    Raises:
        TypeError: the value, or one in it, is no AMF value.
    """
    if value is None or isinstance(value, (bool, int)):
        return value
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, TypedObject):
        return {"$class": _text(value.class_name)} | _members(value)
    if isinstance(value, Mapping):
        return _members(value)
    if isinstance(value, (list, tuple)):
        return [to_plain(item) for item in value]
    return _tagged(value)


def _text(value: str) -> str:
    """Lone surrogates, which UTF-8 cannot hold, as escapes."""
    return value.encode("utf-8", "backslashreplace").decode()


def _members(value: Mapping[str, object]) -> dict[str, object]:
    return {_name(str(name)): to_plain(member) for name, member in value.items()}


def _name(name: str) -> str:
    return "$" + _text(name) if name.startswith("$") else _text(name)


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
        zone: dict[str, object] = {"$timezone": value.timezone} if value.timezone else {}
        return {"$date": _date(value.milliseconds)} | zone
    if isinstance(value, Xml):
        return {"$xml": _text(value.text)}
    if isinstance(value, Reference):
        return {"$reference": value.index}
    if isinstance(value, Vector):
        return {"$vector": _text(value.kind), "items": [to_plain(item) for item in value.items]}
    if isinstance(value, Dictionary):
        return {"$dictionary": [[to_plain(key), to_plain(item)] for key, item in value.items]}
    if isinstance(value, (Undefined, Unsupported)):
        return {f"${value.value}": True}
    raise TypeError(f"{type(value).__name__} is no AMF value")


def _date(milliseconds: float) -> object:
    """ISO 8601 in UTC for whole milliseconds of the years 0 to 9999, else the number."""
    if not math.isfinite(milliseconds) or not milliseconds.is_integer():
        return _number(milliseconds)
    days, rest = divmod(int(milliseconds), _DAY_MS)
    year, month, day = _civil(days)
    if not 0 <= year <= 9999:
        return _number(milliseconds)
    seconds, thousandths = divmod(rest, 1000)
    clock = f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.{thousandths:03}"
    return f"{year:04}-{month:02}-{day:02}T{clock}Z"


def _civil(days: int) -> tuple[int, int, int]:
    """Year, month and day of a number of days since 1970, in the proleptic Gregorian calendar.

    Years are counted from March, so that the leap day is the last of its year.
    """
    cycle, day = divmod(days + _EPOCH_DAY, _CYCLE_DAYS)
    year = (day - day // 1460 + day // 36_524 - day // 146_096) // 365
    day -= 365 * year + year // 4 - year // 100
    month = (5 * day + 2) // 153  # 0 is March
    day_of_month = day - (153 * month + 2) // 5 + 1
    year += 400 * cycle + (month >= 10)
    return year, month + 3 if month < 10 else month - 9, day_of_month
