from __future__ import annotations

import copy
import pickle

import pytest

from rtmpscope.amf import UNDEFINED, UNSUPPORTED, TypedObject


@pytest.mark.parametrize("value", [UNDEFINED, UNSUPPORTED])
def test_singletons_stay_single(value: object) -> None:
    assert copy.deepcopy(value) is value
    assert pickle.loads(pickle.dumps(value)) is value


def test_typed_objects_differ_by_class() -> None:
    assert TypedObject("A", {"x": 1}) == TypedObject("A", {"x": 1})
    assert TypedObject("A", {"x": 1}) != TypedObject("B", {"x": 1})
    assert TypedObject("A", {"x": 1}) != {"x": 1}


def test_typed_objects_can_be_pickled() -> None:
    value = TypedObject("A", {"x": [TypedObject("B")]})
    assert pickle.loads(pickle.dumps(value)) == value
