"""Settings of layers, losses and optimizers, checked against the catalogue: known names, numbers where numbers belong."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sympy import Rational

from symbp.catalogue.kinds import Number
from symbp.errors import InputError, shown, unknown

# What a setting may be, by its name, or by its owner and its name; any other number must be finite.
_POSITIVE = {"lr", "eps", "step_size", "t_max", "scale", "delta"}
_NOT_NEGATIVE = {"l1", "l2", "weight_decay", "lr_decay", "eta_min", "gamma"}
_LARGEST = 1e300
_BELOW_ONE = {"rate", "momentum", "beta1", "beta2", "rmsprop.alpha"}


def exact(value: Number) -> Rational:
    """A setting as the rational number that its decimal text says."""
    return Rational(repr(value) if isinstance(value, float) else str(value))


def _text(value: Any) -> str:
    """A value as it may stand in a message; Python does not write very long integers out."""
    return "a very long number" if isinstance(value, int) and abs(value) > 10**100 else shown(str(value))


def number(owner: str, name: str, value: Any) -> Number:
    """`value` if it is a finite number that the setting may have, else InputError."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= _LARGEST:
        raise InputError(f"{owner}: {name} is {_text(value)}", allowed="a finite number")
    if name in _POSITIVE and value <= 0:
        raise InputError(f"{owner}: {name} is {value}", allowed="a number above 0")
    if name in _NOT_NEGATIVE and value < 0:
        raise InputError(f"{owner}: {name} is {value}", allowed="a number of 0 or more")
    if below_one(owner, name) and not 0 <= value < 1:
        raise InputError(f"{owner}: {name} is {value}", allowed="a number from 0 to below 1")
    return value


def below_one(owner: str, name: str) -> bool:
    """Whether a setting lies from 0 to below 1: what decays by 1 stands still, and what is divided by 1 less it has no value."""
    return not _BELOW_ONE.isdisjoint((name, f"{owner}.{name}"))


def size(owner: str, name: str, value: Any) -> int:
    """`value` if it can be the length of an axis, else InputError."""
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= 10**8:
        raise InputError(f"{owner}: {name} is {_text(value)}", allowed="a whole number from 1 to 100000000")
    return value


def whole(name: str, value: Any, least: int, most: int) -> int:
    """`value` if it is a whole number in an interval, else InputError."""
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise InputError(f"{name} is {_text(value)}", allowed=f"a whole number from {least} to {most}")
    return value


def several(owner: str, name: str, value: Any, count: int, least: int) -> tuple[int, ...]:
    """`value` as `count` whole numbers of at least `least`: one for all, or a list of so many; else InputError."""
    listed = [value] * count if isinstance(value, int) and not isinstance(value, bool) else value
    if isinstance(listed, list | tuple) and len(listed) == count:
        if all(isinstance(v, int) and not isinstance(v, bool) and least <= v <= 10**8 for v in listed):
            return tuple(listed)
    many = "" if count == 1 else f", or a list of {count}"
    raise InputError(f"{owner}: {name} is {_text(value)}", allowed=f"a whole number from {least} to 100000000{many}")


def switch(owner: str, name: str, value: Any) -> bool:
    """`value` if it is true or false, else InputError."""
    if not isinstance(value, bool):
        raise InputError(f"{owner}: {name} is {shown(str(value))}", allowed="true or false")
    return value


def known(owner: str, given: Mapping[str, Any], allowed: Iterable[str]) -> None:
    """Raise InputError for a setting that the owner does not have."""
    names = [*allowed]
    for name in given:
        if name not in names:
            if not names:
                raise InputError(f"{owner} has no settings, got {shown(name)}")
            raise unknown(f"setting of {owner}", name, names)


def numbers(owner: str, given: Mapping[str, Any], defaults: Mapping[str, Number]) -> dict[str, Number]:
    """The defaults, with the checked given settings in their place."""
    known(owner, given, defaults)
    return {**defaults, **{name: number(owner, name, value) for name, value in given.items()}}
