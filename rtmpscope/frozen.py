"""``@frozen`` and ``@slotted``: dataclasses with slots, made in a small part of the time.

The standard decorator compiles half a dozen functions for each class and describes each field, which for all classes
of this package takes longer than to analyze a small capture. Here ``__init__`` alone is compiled, and not before there
are more than a few objects; the other functions are the same for all classes. ``dataclasses.field``, ``fields``,
``replace`` and the others work as ever: what they want to know is made by ``dataclass`` when they ask. Fields are not
inherited.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING, Field, FrozenInstanceError, dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar, dataclass_transform

if TYPE_CHECKING:
    from inspect import Signature

#: From so many objects of a class on, to compile a function for them takes less time.
_FEW_OBJECTS = 12

T = TypeVar("T")
Defaults = Mapping[str, Any]


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def frozen(cls: type[T]) -> type[T]:
    """Make a class what ``@dataclass(frozen=True, slots=True)`` makes it."""
    made: type[T] = _made(cls, _SHARED | _FROZEN)
    return made


@dataclass_transform(field_specifiers=(field,))
def slotted(cls: type[T]) -> type[T]:
    """Make a class what ``@dataclass(slots=True)`` makes it."""
    made: type[T] = _made(cls, _SHARED)
    return made


def _made(cls: Any, functions: dict[str, Any]) -> Any:
    """The class anew: slots cannot be added to one that is there."""
    own = {name: value for name, value in cls.__dict__.items() if name not in ("__dict__", "__weakref__")}
    names = tuple(own.get("__annotations__", ()))
    defaults = {name: own.pop(name) for name in names if name in own}
    parameters = tuple(name for name in names if _has_parameter(defaults.get(name)))
    told = {"__slots__": names, "__match_args__": parameters}
    made = type(cls)(cls.__name__, cls.__bases__, {**functions, **own, **told})
    made.__qualname__ = cls.__qualname__
    for name in _DESCRIBED:
        setattr(made, name, _Described(name, made, defaults))
    made.__signature__ = _InitSignature(made, defaults)
    if "__init__" not in own:
        made.__init__ = _init_of(made, defaults)
    return made


#: What the functions of ``dataclasses`` ask a class for.
_DESCRIBED = ("__dataclass_fields__", "__dataclass_params__")


class _Described:
    """One of these, made by ``dataclass`` when it is asked for."""

    def __init__(self, name: str, cls: type[Any], defaults: Defaults) -> None:
        self._name = name
        self._cls = cls
        self._defaults = defaults

    def __get__(self, instance: object, owner: type[Any]) -> object:
        same = {name: getattr(self._cls, name, {}) for name in ("__annotations__", "__module__")}
        # With a text of its own, else dataclass() writes one from the signature.
        standard = type(self._cls.__name__, (), {**same, **self._defaults, "__doc__": self._cls.__name__})
        dataclass(init=False, repr=False, eq=False)(standard)
        for name in _DESCRIBED:
            setattr(self._cls, name, getattr(standard, name))
        return getattr(standard, self._name)


class _Factory:
    """What stands in a signature for a value that is made anew for each object."""

    def __repr__(self) -> str:
        return "<factory>"


_FACTORY = _Factory()


class _InitSignature:
    """``__signature__``: what ``__init__`` takes, said before it is compiled too."""

    def __init__(self, cls: type[Any], defaults: Defaults) -> None:
        self._cls = cls
        self._defaults = defaults

    def __get__(self, instance: object, owner: type[Any]) -> Signature:
        from inspect import signature

        whole = signature(_compiled_init(self._cls, self._defaults))
        return whole.replace(parameters=list(whole.parameters.values())[1:])


def _init_of(cls: Any, defaults: Defaults) -> Callable[..., None]:
    """``__init__``, which puts a compiled one in its place when there are to be more than a few objects."""
    objects = 0

    def first(self: Any, *arguments: Any, **named: Any) -> None:
        nonlocal objects
        objects += 1
        if objects > _FEW_OBJECTS or not _fill(self, defaults, arguments, named):
            compiled = _compiled_init(cls, defaults)
            cls.__init__ = compiled
            compiled(self, *arguments, **named)

    return first


def _fill(self: Any, defaults: Defaults, arguments: tuple[Any, ...], named: dict[str, Any]) -> bool:
    """Fill the slots; False where the arguments do not fit, which a compiled function says better."""
    names = self.__match_args__
    values = dict(zip(names, arguments, strict=False))
    if len(values) < len(arguments) or values.keys() & named.keys():
        return False
    values |= named
    for name in names:
        if name not in values:
            values[name] = _default_of(defaults.get(name, MISSING))
    if len(values) > len(names) or any(value is MISSING for value in values.values()):
        return False
    for name in names:
        object.__setattr__(self, name, values[name])
    if hasattr(self, "__post_init__"):
        self.__post_init__()
    return True


def _default_of(default: Any) -> Any:
    if not isinstance(default, Field):
        return default
    return default.default if default.default_factory is MISSING else default.default_factory()


def _has_parameter(default: object) -> bool:
    return default.init if isinstance(default, Field) else True


def _compiled_init(cls: Any, defaults: Defaults) -> Callable[..., None]:
    """A function with a parameter per field, which fills the slots."""
    names: dict[str, Any] = {"_factory": _FACTORY}
    parameters, lines = [], []
    for name in cls.__match_args__:
        names[f"_set_{name}"] = cls.__dict__[name].__set__
        default = defaults.get(name, MISSING)
        value, made = (default.default, default.default_factory) if isinstance(default, Field) else (default, MISSING)
        filled = name
        if made is not MISSING:
            names[f"_made_{name}"], value = made, MISSING
            parameters.append(f"{name}=_factory")
            filled = f"_made_{name}() if {name} is _factory else {name}"
        elif value is not MISSING:
            names[f"_default_{name}"] = value
            parameters.append(f"{name}=_default_{name}")
        else:
            parameters.append(name)
        lines.append(f" _set_{name}(self, {filled})\n")
    after = " self.__post_init__()\n" if hasattr(cls, "__post_init__") else ""
    exec(f"def __init__(self, {', '.join(parameters)}):\n{''.join(lines)}{after} return", names)
    made_init: Callable[..., None] = names["__init__"]
    return made_init


def _values(self: Any) -> tuple[Any, ...]:
    return tuple([getattr(self, name) for name in self.__slots__])


def _repr(self: Any) -> str:
    values = zip(self.__slots__, _values(self), strict=True)
    return f"{type(self).__qualname__}({', '.join(f'{name}={value!r}' for name, value in values)})"


def _eq(self: Any, other: object) -> bool:
    return _values(self) == _values(other) if other.__class__ is self.__class__ else NotImplemented


def _hash(self: Any) -> int:
    return hash(_values(self))


def _refuse(self: Any, name: str, value: object = None) -> None:  # noqa: ARG001  (the signature of __setattr__)
    raise FrozenInstanceError(f"cannot change field {name!r}")


def _set_state(self: Any, state: Iterable[Any]) -> None:
    for name, value in zip(self.__slots__, state, strict=True):
        object.__setattr__(self, name, value)


_SHARED: dict[str, Any] = {"__repr__": _repr, "__eq__": _eq, "__hash__": None}
_FROZEN: dict[str, Any] = {
    "__hash__": _hash,
    "__setattr__": _refuse,
    "__delattr__": _refuse,
    "__getstate__": _values,
    "__setstate__": _set_state,
}
