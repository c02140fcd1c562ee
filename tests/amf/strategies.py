"""Arbitrary AMF values, for property tests."""

from __future__ import annotations

from hypothesis import strategies as st

from rtmpscope.amf import (
    UNDEFINED,
    UNSUPPORTED,
    Date,
    Dictionary,
    EcmaArray,
    TypedObject,
    Vector,
    Xml,
)

_Values = st.SearchStrategy[object]
_text = st.text(st.characters(codec="utf-8"), max_size=20)
_names = st.text(st.characters(codec="utf-8"), min_size=1, max_size=8)
_milliseconds = st.integers(-(10**13), 10**13).map(float)


def amf0_values() -> _Values:
    """Any AMF0 value but references."""
    leaves = st.one_of(
        st.none(),
        st.booleans(),
        st.just(UNDEFINED),
        st.just(UNSUPPORTED),
        st.floats(),
        _text,
        _text.map(Xml),
        st.builds(Date, _milliseconds, st.integers(-720, 840)),
    )
    return st.recursive(leaves, _containers, max_leaves=12)


def amf3_values() -> _Values:
    """Any AMF3 value but references."""
    leaves = st.one_of(
        st.none(),
        st.booleans(),
        st.just(UNDEFINED),
        st.integers(-(1 << 28), (1 << 28) - 1),
        st.floats(),
        _text,
        _text.map(Xml),
        st.binary(max_size=20),
        st.builds(Date, _milliseconds),
        _vectors("int", st.integers(-(1 << 31), (1 << 31) - 1)),
        _vectors("uint", st.integers(0, (1 << 32) - 1)),
        _vectors("double", st.floats()),
    )
    return st.recursive(leaves, _amf3_containers, max_leaves=12)


def _containers(inner: _Values) -> _Values:
    members = st.dictionaries(_names, inner, max_size=4)
    return st.one_of(
        st.lists(inner, max_size=4),
        members,
        members.filter(bool).map(EcmaArray),
        st.builds(TypedObject, _names, members),
    )


def _amf3_containers(inner: _Values) -> _Values:
    items = st.lists(inner, max_size=3).map(tuple)
    pairs = st.lists(st.tuples(inner, inner), max_size=3).map(tuple)
    kinds = st.sampled_from(("*", "a.b.C"))
    return st.one_of(_containers(inner), st.builds(Vector, kinds, items), st.builds(Dictionary, pairs))


def _vectors(kind: str, items: _Values) -> _Values:
    return st.builds(Vector, st.just(kind), st.lists(items, max_size=4).map(tuple))
