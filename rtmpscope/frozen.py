"""``@frozen`` and ``@slotted``: dataclasses with slots, made in a third of the time.

The standard decorator compiles up to half a dozen functions for each class, which for all classes of this package
takes longer than to analyze a small capture. Here ``__init__`` alone is compiled, the others are the same for all
classes. ``dataclasses.field``, ``fields`` and ``replace`` work as ever.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import MISSING, Field, FrozenInstanceError, dataclass, field, fields
from typing import Any, TypeVar, dataclass_transform

T = TypeVar("T")


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def frozen(cls: type[T]) -> type[T]:
    """Make a class what ``@dataclass(frozen=True, slots=True)`` makes it."""
    return _made(cls, _SHARED | _FROZEN)


@dataclass_transform(field_specifiers=(field,))
def slotted(cls: type[T]) -> type[T]:
    """Make a class what ``@dataclass(slots=True)`` makes it."""
    return _made(cls, _SHARED)


def _made(cls: type[T], functions: dict[str, Any]) -> type[T]:
    cls.__doc__ = cls.__doc__ or cls.__name__  # else dataclass() writes one, from the signature
    own = cls.__dict__.keys()
    made = dataclass(init=False, repr=False, eq=False, slots=True)(cls)
    for name, function in {**functions, "__init__": _init(made)}.items():
        if name not in own:
            setattr(made, name, function)
    return made


def _init(cls: type[Any]) -> Callable[..., None]:
    """A function with a parameter per field, which fills the slots."""
    names: dict[str, Any] = {}
    parameters, lines = [], []
    for one in (one for one in fields(cls) if one.init):
        names[f"_set_{one.name}"] = cls.__dict__[one.name].__set__
        parameters.append(one.name + _default(one, names))
        made = f"_made_{one.name}() if {one.name} is _missing else "
        value = one.name if one.default_factory is MISSING else made + one.name
        lines.append(f" _set_{one.name}(self, {value})\n")
    names["_missing"] = MISSING
    after = " self.__post_init__()\n" if hasattr(cls, "__post_init__") else ""
    exec(f"def __init__(self, {', '.join(parameters)}):\n{''.join(lines)}{after}", names)
    made_init: Callable[..., None] = names["__init__"]
    return made_init


def _default(one: Field[Any], names: dict[str, Any]) -> str:
    """What stands behind a field's name among the parameters; puts what it refers to among the names."""
    if one.default is not MISSING:
        names[f"_default_{one.name}"] = one.default
        return f"=_default_{one.name}"
    if one.default_factory is not MISSING:
        names[f"_made_{one.name}"] = one.default_factory
        return "=_missing"
    return ""


def _values(self: Any) -> tuple[Any, ...]:
    return tuple([getattr(self, name) for name in self.__dataclass_fields__])


def _repr(self: Any) -> str:
    values = zip(self.__dataclass_fields__, _values(self), strict=True)
    return f"{type(self).__qualname__}({', '.join(f'{name}={value!r}' for name, value in values)})"


def _eq(self: Any, other: object) -> bool:
    return _values(self) == _values(other) if other.__class__ is self.__class__ else NotImplemented


def _hash(self: Any) -> int:
    return hash(_values(self))


def _refuse(self: Any, name: str, value: object = None) -> None:  # noqa: ARG001  (the signature of __setattr__)
    raise FrozenInstanceError(f"cannot change field {name!r}")


def _set_state(self: Any, state: Iterable[Any]) -> None:
    for name, value in zip(self.__dataclass_fields__, state, strict=True):
        object.__setattr__(self, name, value)


_SHARED: dict[str, Any] = {"__repr__": _repr, "__eq__": _eq, "__hash__": None}
_FROZEN: dict[str, Any] = {
    "__hash__": _hash,
    "__setattr__": _refuse,
    "__delattr__": _refuse,
    "__getstate__": _values,
    "__setstate__": _set_state,
}
