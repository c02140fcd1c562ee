"""AMF0 and AMF3: bytes in, Python values or fields out."""

from rtmpscope.amf.canonical import to_json, to_plain
from rtmpscope.amf.message import Decoded, decode_message, decode_values, fields
from rtmpscope.amf.shared_objects import (
    SharedObjectEvent,
    SharedObjectMessage,
    decode_shared_object,
)
from rtmpscope.amf.values import (
    UNDEFINED,
    UNSUPPORTED,
    Date,
    Dictionary,
    EcmaArray,
    Reference,
    TypedObject,
    Undefined,
    Unsupported,
    Vector,
    Xml,
)

__all__ = [
    "UNDEFINED",
    "UNSUPPORTED",
    "Date",
    "Decoded",
    "Dictionary",
    "EcmaArray",
    "Reference",
    "SharedObjectEvent",
    "SharedObjectMessage",
    "TypedObject",
    "Undefined",
    "Unsupported",
    "Vector",
    "Xml",
    "decode_message",
    "decode_shared_object",
    "decode_values",
    "fields",
    "to_json",
    "to_plain",
]
