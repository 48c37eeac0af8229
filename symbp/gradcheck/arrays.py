"""Reading what the caller passes: arrays by position or by name, a scalar function of them, their gradients."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from symbp.errors import InputError, nearest

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class Objective:
    """A scalar function of named arrays and the point at which it is differentiated."""

    f: Callable[..., Any]
    names: tuple[str, ...]
    arrays: tuple[Array, ...]
    positional: int

    def call(self, function: Callable[..., Any], arrays: Sequence[Array]) -> Any:
        """A function of the arrays, called the way the caller passed them, on copies."""
        copies = [array.copy() for array in arrays]
        named = dict(zip(self.names[self.positional :], copies[self.positional :], strict=True))
        return function(*copies[: self.positional], **named)

    def careful(self, function: Callable[..., Any], what: str) -> Any:
        """The function at the point; raises when it changes an array in place."""
        copies = [array.copy() for array in self.arrays]
        named = dict(zip(self.names[self.positional :], copies[self.positional :], strict=True))
        result = function(*copies[: self.positional], **named)
        for name, before, after in zip(self.names, self.arrays, copies, strict=True):
            if not np.array_equal(before, after):
                raise InputError(f"{what} changes the array {name} in place: it must work on a copy")
        return result

    def at(self, arrays: Sequence[Array]) -> float:
        """f at other arrays; NaN where it has no value there."""
        with np.errstate(all="ignore"):
            try:
                value = scalar(self.call(self.f, arrays))
            except (ArithmeticError, ValueError):
                return float("nan")
        return float(value)


def objective(f: Callable[..., Any], arrays: Sequence[Any], named: Mapping[str, Any]) -> Objective:
    """The function with its arrays read and named."""
    if not callable(f):
        raise InputError("f is not a function: check_gradient(f, grad, *arrays)")
    names = [*_parameters(f, len(arrays)), *named]
    if not names:
        raise InputError("no arrays: check_gradient(f, grad, *arrays) needs the arrays at which to check")
    if double := {name for name in names if names.count(name) > 1}:
        raise InputError(f"the array {min(double)} is passed by position and by name")
    read = tuple(_array(name, value) for name, value in zip(names, [*arrays, *named.values()], strict=True))
    return Objective(f, tuple(names), read, len(arrays))


def _parameters(f: Callable[..., Any], count: int) -> list[str]:
    """The names that f gives to its first arguments."""
    try:
        parameters = [*inspect.signature(f).parameters.values()]
    except (TypeError, ValueError):
        parameters = []
    plain = [p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    return [plain[k] if k < len(plain) else f"arrays[{k}]" for k in range(count)]


def _array(name: str, value: Any) -> Array:
    array = _numbers(f"the array {name}", value)
    if array.dtype.kind in "iub":
        raise InputError(
            f"the array {name} has dtype {array.dtype}, and a derivative needs real numbers: pass {name}.astype(float), or "
            "leave it out of the arrays when f is not differentiated by it (f = lambda W: loss(W, labels))"
        )
    if array.size == 0:
        raise InputError(f"the array {name} has no entries: its shape is {array.shape}")
    return array


def _numbers(what: str, value: Any) -> Array:
    """A copy of the numbers as an array of reals, or an error that says what is wrong with them."""
    try:
        array = np.array(value)
    except (TypeError, ValueError) as error:
        raise InputError(f"{what} is not an array of numbers: {error}") from None
    if array.dtype.kind not in "fiub":
        raise InputError(f"{what} has dtype {array.dtype}", allowed="real floating-point numbers")
    if array.dtype.kind == "f" and not np.isfinite(array).all():
        index = tuple(int(k) for k in np.argwhere(~np.isfinite(array))[0])
        raise InputError(f"{what} is not finite: {array[index]} at index {index}")
    return array


def scalar(value: Any) -> np.floating[Any]:
    """f's value as one real number, in the precision in which f returned it."""
    if isinstance(value, (tuple, list, dict)) or value is None:
        raise InputError(f"f must return one number and returns a {type(value).__name__}")
    result = np.asarray(value)
    if result.shape != ():
        raise InputError(
            f"f must return one number and returns an array of shape {result.shape}: sum it or take its mean"
        )
    if result.dtype.kind not in "fiu":
        raise InputError(f"f must return one real number and returns {result.dtype}")
    kind = result.dtype.type if result.dtype.kind == "f" else np.float64
    number: np.floating[Any] = kind(result[()])
    return number


def gradients(grad: Any, given: Objective) -> tuple[Array, ...]:
    """The gradient of each array in float64, from a function or from values: one array, a sequence or a dict by name."""
    if not callable(grad):
        return _matched(grad, given)
    first = _matched(given.careful(grad, "grad"), given)
    again = _matched(given.careful(grad, "grad"), given)
    for name, one, two in zip(given.names, first, again, strict=True):
        if not np.allclose(one, two, rtol=1e-6, atol=0):
            raise InputError(
                f"grad gives different values for {name} when called twice: fix the seed of its random numbers"
            )
    return first


def _matched(result: Any, given: Objective) -> tuple[Array, ...]:
    """What grad returned, put in the order of the arrays; the same shapes."""
    count = len(given.names)
    if isinstance(result, Mapping):
        values = [_looked_up(result, name, position) for position, name in enumerate(given.names)]
    elif count == 1 and not (isinstance(result, (tuple, list)) and _holds_one(result, given.arrays[0])):
        values = [result]
    elif isinstance(result, (tuple, list)):
        values = [*result]
    else:
        raise InputError(f"grad gives one {type(result).__name__} for the {count} arrays {', '.join(given.names)}")
    if len(values) != count:
        missing = f": none for {', '.join(given.names[len(values) :])}" if len(values) < count else ""
        raise InputError(f"grad gives {len(values)} arrays for the {count} arrays {', '.join(given.names)}{missing}")
    return tuple(_fitting(n, a, v) for n, a, v in zip(given.names, given.arrays, values, strict=True))


def _holds_one(result: Sequence[Any], array: Array) -> bool:
    """Whether a sequence is meant as the gradients of one array, and not itself as the gradient."""
    fits = len(result) == 1 and np.shape(result[0]) == array.shape
    return fits and (array.shape == () or isinstance(result[0], np.ndarray))


def _looked_up(result: Mapping[Any, Any], name: str, position: int) -> Any:
    for key in (name, f"d{name}", position):
        if key in result:
            return result[key]
    known = [str(key) for key in result]
    raise InputError(f"grad gives nothing for the array {name}", allowed=", ".join(known), nearest=nearest(name, known))


def _fitting(name: str, array: Array, value: Any) -> Array:
    if value is None:
        raise InputError(f"grad gives None for the array {name}")
    gradient = _numbers(f"the gradient of {name}", value)
    if gradient.shape != array.shape:
        turned = ": that is the transpose's shape" if gradient.shape == array.shape[::-1] else ""
        raise InputError(
            f"the gradient of {name} has shape {gradient.shape}, and {name} has shape {array.shape}{turned}"
        )
    return gradient.astype(np.float64)
