"""`dataclass` as the standard library has it, but a frozen class costs little until it is used.

The standard library compiles six functions for each when its module is imported; for the hundreds
of classes here that was half of the time until a lab was ready. Here the constructor is compiled
when the first instance is made, and what compares, shows and protects instances is never compiled.
"""

import dataclasses
from collections.abc import Callable, Iterable, Iterator
from dataclasses import MISSING, Field, FrozenInstanceError, fields
from functools import partial
from operator import attrgetter
from reprlib import recursive_repr
from typing import TYPE_CHECKING, Any
from weakref import WeakSet

__all__ = ["dataclass"]

_KNOWN = {"frozen", "slots", "kw_only", "repr"}
_OURS = WeakSet[type]()


def _dataclass(cls: type | None = None, /, **options: bool) -> Any:  # noqa: ANN401 a class, or what makes one
    if cls is None:
        return partial(_dataclass, **options)
    above = [one for one in cls.__mro__[1:] if hasattr(one, "__dataclass_params__")]
    is_usual = options.get("frozen") and options.keys() <= _KNOWN
    if not is_usual or not all(one in _OURS for one in above):
        return dataclasses.dataclass(**options)(cls)
    made: Any = _with_fields(cls, options, above)
    for method in _methods(made, options):
        # Python itself writes `__hash__ = None` where a class has `__eq__`.
        if made.__dict__.get(method.__name__) is None:
            setattr(made, method.__name__, method)
    _OURS.add(made)
    return made


def _with_fields(cls: type, options: dict[str, bool], above: Iterable[Any]) -> type:
    """Return *cls* with its fields, and what else of a dataclass need not be compiled."""
    bare = {**options, "frozen": False, "init": False, "repr": False, "eq": False}
    # The library lets nothing that is not frozen stand below what is.
    for one in above:
        one.__dataclass_params__.frozen = False
    try:
        made: Any = dataclasses.dataclass(**bare)(cls)
    finally:
        for one in above:
            one.__dataclass_params__.frozen = True
    made.__dataclass_params__.frozen = True
    return made  # type: ignore[no-any-return]  # it is a class


if TYPE_CHECKING:
    from dataclasses import dataclass
else:
    dataclass = _dataclass


def _methods(cls: type, options: dict[str, bool]) -> Iterator[Callable[..., Any]]:
    """Iterate over what every frozen class has."""
    every = fields(cls)

    def __init__(self: object, *args: object, **kwargs: object) -> None:  # noqa: N807 by its name it is found
        constructor = _constructor(cls, every)
        cls.__init__ = constructor  # type: ignore[misc]  # that is the point of it
        constructor(self, *args, **kwargs)

    yield __init__
    yield from (_refuse_to_set, _refuse_to_delete)
    yield from _comparing(one.name for one in every if one.compare)
    if options.get("slots"):
        yield from _copying(tuple(one.name for one in every))
    if options.get("repr", True):
        yield _shown(one.name for one in every if one.repr)


def _refuse_to_set(_self: object, name: str, _value: object) -> None:
    raise FrozenInstanceError(f"cannot assign to field {name!r}")


def _refuse_to_delete(_self: object, name: str) -> None:
    raise FrozenInstanceError(f"cannot delete field {name!r}")


_refuse_to_set.__name__, _refuse_to_delete.__name__ = "__setattr__", "__delattr__"


def _comparing(names: Iterable[str]) -> Iterator[Callable[..., Any]]:
    wanted = tuple(names)
    values: Callable[[object], object] = attrgetter(*wanted) if wanted else lambda _self: ()

    def __eq__(self: object, other: object) -> bool:  # noqa: N807 by its name it is found
        if other.__class__ is not self.__class__:
            return NotImplemented
        return bool(values(self) == values(other))

    def __hash__(self: object) -> int:  # noqa: N807 as above
        return hash(values(self))

    yield from (__eq__, __hash__)


def _copying(names: tuple[str, ...]) -> Iterator[Callable[..., Any]]:
    """Iterate over what `pickle` and `copy` need of an instance that cannot be assigned to."""

    def __getstate__(self: object) -> list[object]:  # noqa: N807 by its name it is found
        return [getattr(self, name) for name in names]

    def __setstate__(self: object, state: list[object]) -> None:  # noqa: N807 as above
        for name, value in zip(names, state, strict=True):
            object.__setattr__(self, name, value)

    yield from (__getstate__, __setstate__)


def _shown(names: Iterable[str]) -> Callable[[object], str]:
    wanted = tuple(names)

    def __repr__(self: object) -> str:  # noqa: N807 by its name it is found
        inside = ", ".join(f"{name}={getattr(self, name)!r}" for name in wanted)
        return f"{self.__class__.__qualname__}({inside})"

    return recursive_repr()(__repr__)


def _constructor(cls: type, every: Iterable[Field[Any]]) -> Callable[..., None]:
    """Compile the constructor of *cls*."""
    given: dict[str, object] = {"_set": object.__setattr__, "_missing": MISSING}
    parameters, by_name, body = ["self"], list[str](), list[str]()
    for one in every:
        parameter, value = one.name, one.name
        if one.default is not MISSING:
            given[f"_{one.name}"] = one.default
            parameter = f"{one.name}=_{one.name}"
            value = one.name if one.init else f"_{one.name}"
        elif one.default_factory is not MISSING:
            given[f"_{one.name}"] = one.default_factory
            parameter, made = f"{one.name}=_missing", f"_{one.name}()"
            value = f"{made} if {one.name} is _missing else {one.name}" if one.init else made
        elif not one.init:
            continue  # `__post_init__` sets it.
        if one.init:
            (by_name if one.kw_only else parameters).append(parameter)
        body.append(f"_set(self, {one.name!r}, {value})")
    if hasattr(cls, "__post_init__"):
        body.append("self.__post_init__()")
    all_parameters = ", ".join([*parameters, *(["*", *by_name] if by_name else [])])
    lines = "\n    ".join(body or ["pass"])
    exec(f"def __init__({all_parameters}):\n    {lines}\n", given)  # noqa: S102 of names in our own code, as the standard library does it
    constructor: Any = given["__init__"]
    constructor.__qualname__ = f"{cls.__qualname__}.__init__"
    return constructor  # type: ignore[no-any-return]  # as it was compiled just now
