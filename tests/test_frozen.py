"""What ``@frozen`` makes behaves as a frozen dataclass with slots."""

from __future__ import annotations

import copy
import pickle
from dataclasses import MISSING, FrozenInstanceError, asdict, dataclass, field, fields, is_dataclass, replace
from importlib import import_module
from inspect import signature
from pkgutil import walk_packages
from pprint import pformat

import pytest

import rtmpscope
from rtmpscope.frozen import frozen


@frozen
class Point:
    x: int
    y: int = 2
    tags: list[str] = field(default_factory=list)

    def sum(self) -> int:
        return self.x + self.y


@dataclass(frozen=True, slots=True)
class Standard:
    x: int
    y: int = 2
    tags: list[str] = field(default_factory=list)


@frozen
class Checked:
    """Has something to say about its fields."""

    size: int
    half: int = field(init=False)

    def __post_init__(self) -> None:
        if self.size < 0:
            raise ValueError("negative")
        object.__setattr__(self, "half", self.size // 2)


def test_fields_are_filled_by_place_name_and_default() -> None:
    assert (Point(1).y, Point(1, 3).y, Point(y=4, x=1).y) == (2, 3, 4)
    assert Point(1).tags == [] and Point(1).tags is not Point(1).tags


@pytest.mark.parametrize("arguments", [(), (1, 2, [], 4)])
def test_arguments_that_do_not_fit_are_refused(arguments: tuple[object, ...]) -> None:
    with pytest.raises(TypeError):
        Point(*arguments)  # type: ignore[arg-type]


def fresh() -> type:
    return frozen(type("Fresh", (), {"__annotations__": {"x": "int", "y": "list"}, "y": field(default_factory=list)}))


def test_the_first_objects_and_many_more_are_made_alike() -> None:
    made = fresh()
    for number in range(30):
        one, other = made(number), made(x=number, y=[1])
        assert (one.x, one.y, other.x, other.y) == (number, [], number, [1])


@pytest.mark.parametrize(("arguments", "named"), [((), {}), ((1, [], 2), {}), ((1,), {"x": 2}), ((1,), {"z": 2})])
def test_what_does_not_fit_is_refused_from_the_first_object_on(arguments: tuple, named: dict) -> None:
    made = fresh()
    for _ in range(2):
        with pytest.raises(TypeError, match=r"__init__\(\) (missing|takes|got)"):
            made(*arguments, **named)


def test_nothing_can_be_changed_added_or_deleted() -> None:
    point = Point(1)
    for change in (lambda: setattr(point, "x", 2), lambda: setattr(point, "z", 2), lambda: delattr(point, "x")):
        with pytest.raises(FrozenInstanceError):
            change()
    assert not hasattr(point, "__dict__")


def test_equal_values_are_equal_and_hash_alike_within_one_class() -> None:
    one, other = frozen(type("A", (), {"__annotations__": {"x": "int"}})), Point
    assert one(1) == one(1) != one(2)  # type: ignore[call-arg]
    assert hash(one(1)) == hash(one(1))  # type: ignore[call-arg]
    assert one(1) != other(1)  # type: ignore[call-arg]


def test_it_is_shown_as_a_dataclass_is() -> None:
    assert repr(Point(1, tags=["a"])) == repr(Standard(1, tags=["a"])).replace("Standard", "Point")


def test_the_functions_of_dataclasses_work() -> None:
    assert [one.name for one in fields(Point)] == ["x", "y", "tags"]
    assert replace(Point(1), y=5) == Point(1, 5)
    assert Point(1, 5).sum() == 6


def test_what_it_takes_is_told_before_and_after_there_is_an_object() -> None:
    for fresh in (frozen(type("Fresh", (), {"__annotations__": {"x": "int", "y": "int"}, "y": 2})), Point):
        assert list(signature(fresh).parameters)[:2] == ["x", "y"]
        fresh(1)  # type: ignore[call-arg]
        assert list(signature(fresh).parameters)[:2] == ["x", "y"]


def test_what_is_made_anew_for_each_object_is_said_as_dataclass_says_it() -> None:
    assert str(signature(Point)) == "(x, y=2, tags=<factory>)"


def test_it_is_a_dataclass_to_who_asks() -> None:
    assert is_dataclass(Point) and asdict(Point(1)) == {"x": 1, "y": 2, "tags": []}
    assert [(one.name, one.default) for one in fields(Checked(4))] == [("size", MISSING), ("half", MISSING)]
    match Point(1, 5):
        case Point(x, y):
            assert (x, y) == (1, 5)


def test_functions_may_ask_a_class_derived_from_it() -> None:
    class Derived(frozen(type("Base", (), {"__annotations__": {"x": "int", "y": "int"}, "y": 2}))):  # type: ignore[misc]
        pass

    assert list(signature(Derived).parameters) == ["x", "y"]
    assert [one.name for one in fields(Derived)] == ["x", "y"]
    assert pformat(Derived(1), width=5) == repr(Derived(1))


def test_every_class_of_the_package_is_what_dataclass_accepts() -> None:
    for module in walk_packages(rtmpscope.__path__, "rtmpscope."):
        if not module.name.endswith("__main__"):
            for one in vars(import_module(module.name)).values():
                if isinstance(one, type) and is_dataclass(one):
                    assert len(fields(one)) >= len(signature(one).parameters)


def test_it_can_be_copied_and_pickled() -> None:
    point = Point(1, tags=["a"])
    copies = copy.copy(point), copy.deepcopy(point), pickle.loads(pickle.dumps(point))
    assert copies == (point, point, point)


def test_post_init_runs_and_fields_left_out_of_init_are_its_own() -> None:
    assert Checked(7).half == 3
    with pytest.raises(ValueError, match="negative"):
        Checked(-1)
