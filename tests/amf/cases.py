"""Values and their bytes, written out by hand from the specifications; they serve decode, encode and fuzz."""

from __future__ import annotations

from typing import NamedTuple

from rtmpscope.amf import (
    UNDEFINED,
    UNSUPPORTED,
    Date,
    Dictionary,
    EcmaArray,
    Reference,
    TypedObject,
    Vector,
    Xml,
)


class Case(NamedTuple):
    """A name, the bytes in hexadecimal and the value."""

    name: str
    hex: str
    value: object

    @property
    def data(self) -> bytes:
        return bytes.fromhex(self.hex)


#: One value each; the encoder writes them the same way.
AMF0 = (
    Case("number", "00 3ff0000000000000", 1.0),
    Case("negative number", "00 c004000000000000", -2.5),
    Case("true", "01 01", True),
    Case("false", "01 00", False),
    Case("string", "02 0004 6c697665", "live"),
    Case("empty string", "02 0000", ""),
    Case("non-ASCII string", "02 0003 e282ac", "€"),
    Case("object", "03 0001 61 00 3ff0000000000000 0001 62 05 000009", {"a": 1.0, "b": None}),
    Case("empty object", "03 000009", {}),
    Case("member with an empty name", "03 0000 05 000009", {"": None}),
    Case("null", "05", None),
    Case("undefined", "06", UNDEFINED),
    Case("ecma array", "08 00000001 0001 61 0101 000009", EcmaArray(a=True)),
    Case("strict array", "0a 00000002 05 0100", [None, False]),
    Case("empty strict array", "0a 00000000", []),
    Case("date", "0b 408f400000000000 003c", Date(1000.0, 60)),
    Case("unsupported", "0d", UNSUPPORTED),
    Case("xml document", "0f 00000004 3c612f3e", Xml("<a/>")),
    Case("typed object", "10 0001 43 0001 61 05 000009", TypedObject("C", {"a": None})),
    Case("nested", "03 0001 61 0a 00000001 03 000009 000009", {"a": [{}]}),
    Case("object that refers to itself", "03 0001 61 07 0000 000009", {"a": Reference(0)}),
)

#: AMF0 that an encoder need not write this way.
AMF0_VARIANTS = (
    Case("boolean other than 0 and 1", "01 07", True),
    Case("long string that is short", "0c 00000002 6869", "hi"),
    Case("string that is not UTF-8", "02 0002 ff41", "\\xffA"),
    Case("ecma array with count 0", "08 00000000 0001 61 05 000009", EcmaArray(a=None)),
    Case("ecma array with an absurd count", "08 ffffffff 0001 61 05 000009", EcmaArray(a=None)),
    Case("member given twice", "03 0001 61 05 0001 61 0101 000009", {"a": True}),
)

#: One AMF3 value each, with fresh tables; the encoder writes them the same way.
AMF3 = (
    Case("undefined", "00", UNDEFINED),
    Case("null", "01", None),
    Case("false", "02", False),
    Case("true", "03", True),
    Case("integer of 1 byte", "04 7f", 127),
    Case("integer of 2 bytes", "04 8100", 128),
    Case("integer of 3 bytes", "04 818000", 16384),
    Case("integer of 4 bytes", "04 80c08000", 2097152),
    Case("negative integer", "04 ffffffff", -1),
    Case("least integer", "04 c0808000", -268435456),
    Case("greatest integer", "04 bfffffff", 268435455),
    Case("double", "05 3ff8000000000000", 1.5),
    Case("string", "06 09 6c697665", "live"),
    Case("empty string", "06 01", ""),
    Case("date", "08 01 0000000000000000", Date(0.0)),
    Case("dense array", "09 05 01 01 02", [None, False]),
    Case("array with named values", "09 01 03 61 04 05 01", EcmaArray(a=5)),
    Case("repeated string", "09 05 01 06 03 61 06 00", ["a", "a"]),
    Case("anonymous dynamic object", "0a 0b 01 03 61 04 05 01", {"a": 5}),
    Case("sealed object", "0a 13 03 43 03 61 04 05", TypedObject("C", {"a": 5})),
    Case(
        "traits by reference",
        "09 05 01 0a 13 03 43 03 61 04 05 0a 01 04 06",
        [TypedObject("C", {"a": 5}), TypedObject("C", {"a": 6})],
    ),
    Case("xml", "0b 09 3c612f3e", Xml("<a/>")),
    Case("byte array", "0c 05 00ff", b"\x00\xff"),
    Case("vector of int", "0d 05 00 ffffffff 00000001", Vector("int", (-1, 1))),
    Case("vector of uint", "0e 03 00 ffffffff", Vector("uint", (4294967295,))),
    Case("vector of double", "0f 03 00 3ff8000000000000", Vector("double", (1.5,))),
    Case("vector of a class", "10 03 00 03 43 01", Vector("C", (None,))),
    Case("vector of anything", "10 03 00 01 03", Vector("*", (True,))),
    Case("dictionary", "11 03 00 04 01 03", Dictionary(((1, True),))),
)

#: AMF3 that the encoder does not write this way.
AMF3_VARIANTS = (
    Case("xml document", "07 09 3c612f3e", Xml("<a/>")),
    Case("named and dense values", "09 03 03 61 04 05 01 04 06", EcmaArray({"a": 5, "0": 6})),
    Case("array that holds itself", "09 03 01 09 00", [Reference(0)]),
    Case("date by reference", "09 05 01 08 01 0000000000000000 08 02", [Date(0.0), Reference(1)]),
    Case("sealed and dynamic members", "0a 1b 03 43 03 61 04 05 03 62 03 01", TypedObject("C", {"a": 5, "b": True})),
    Case(
        "array collection",
        "0a 07 43 666c65782e6d6573736167696e672e696f2e4172726179436f6c6c656374696f6e 09 03 01 03",
        TypedObject("flex.messaging.io.ArrayCollection", {"source": [True]}),
    ),
)
