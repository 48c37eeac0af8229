"""The numbers of a worked example: drawn, or read from a file, and held against the shapes of the network."""

from __future__ import annotations

import math
import random
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from symbp.calculus.program import Tensor
from symbp.catalogue.kinds import REAL, TargetKind
from symbp.errors import InputError, Place, counted, nearest, printable, shown, unknown
from symbp.files import decoded, located, text_of
from symbp.network.derivation import Derivation, of_one_example

Array: TypeAlias = npt.NDArray[np.float64]

ALLOWED = "random, random:SEED, or a .toml or .npz file"
_ASKED = ("input", "target", "parameter")
_OPTIONAL = ("noise", "state")
_LARGEST = 2**24  # bytes of an archive: what is larger is no example on a page
_MOST = 2_000_000
_MOST_EXAMPLES = 32
_TENTHS = tuple(k / 10 for k in range(-9, 10) if k)
"""What is drawn: numbers with which a reader can follow by pencil; tenths of them in tensors of many entries."""
_MANY = 100


@dataclass(frozen=True)
class Given:
    """The numbers that a worked example starts from.

    Parameters
    ----------
    arrays : one for every tensor that is not computed, each in the shape of one example
    said : where they come from, in words
    examples : all the examples (x, y) of which the worked one is the first; empty where there is one
    """

    arrays: Mapping[str, Array]
    said: str
    examples: tuple[tuple[Array, Array], ...] = field(default=())


def read_given(text: str, derivation: Derivation) -> Given:
    """The numbers that ``--numbers`` asks for: ``random``, ``random:SEED``, or a TOML or .npz file.

    A file names parameters, x and y as the network does (``symbp list`` and the generated module have the same names); x and y
    may be several examples, one after the other, of which the first is worked out.

    Raises
    ------
    InputError : for what is no such text, a file that cannot be read, a name that is missing or unknown, a shape that does not
        fit, and what is no finite number or no target of the loss
    """
    of_one_example(derivation, "numbers are worked out for one example")
    count = sum(map(math.prod, taken(derivation).values()))
    if count > _MOST:
        raise InputError(
            f"the network takes {count:,} numbers, too many to carry through a page", allowed=f"at most {_MOST:,}"
        )
    drawn = re.fullmatch(r"random(?::(?P<seed>.*))?", text)
    if drawn:
        seed = drawn["seed"] or "0"
        if drawn["seed"] == "" or not re.fullmatch(r"[0-9]{1,18}", seed):
            raise InputError(f"{shown(drawn['seed'])} is no seed", allowed="a whole number from 0, as in random:7")
        return Given(_drawn(derivation, random.Random(int(seed))), f"drawn with the seed {int(seed)}")
    readers = {".toml": _from_toml, ".npz": _from_npz}
    reader = readers.get(Path(text).suffix.lower())
    if reader is None:
        near = nearest(text.partition(":")[0], ["random"])
        raise InputError(f"{shown(text)} stands for no numbers", allowed=ALLOWED, nearest=near)
    return reader(Path(text), derivation)


def taken(derivation: Derivation) -> dict[str, tuple[int, ...]]:
    """The tensors that take a number, with their shapes; those that need not be given last."""
    declared = [t for role in (*_ASKED, *_OPTIONAL) for t in derivation.forward.declared if t.role == role]
    return {t.name: _shape(derivation, t) for t in declared}


def _shape(derivation: Derivation, tensor: Tensor) -> tuple[int, ...]:
    return tuple(derivation.map.sizes[a] for a in tensor.axes)


def _from_toml(path: Path, derivation: Derivation) -> Given:
    text = text_of(path)
    with located(text, str(path)):
        return _checked({n: _numbers(n, v) for n, v in decoded(text).items()}, derivation, path)


def _from_npz(path: Path, derivation: Derivation) -> Given:
    with _placed(path):
        if not path.exists():
            raise InputError("no such file")
        from symbp.codegen.training.data.archive import read_arrays  # the generator is not loaded for a page of a .toml

        return _checked({n: _numbers(n, v.tolist()) for n, v in read_arrays(path, _LARGEST).items()}, derivation, path)


@contextmanager
def _placed(path: Path) -> Iterator[None]:
    try:
        yield
    except InputError as e:
        raise e.at(Place(str(path))) from None


def _numbers(name: str, value: Any) -> Array:
    """A number or nested lists of numbers as an array."""
    for entry in _entries(value):
        if isinstance(entry, bool) or not isinstance(entry, int | float):
            raise InputError(f"{name} holds {shown(str(entry))}", allowed="numbers", key=(name,))
        if not abs(entry) < math.inf:
            raise InputError(f"{name} holds {entry}", allowed="finite numbers", key=(name,))
    try:
        return np.array(value, dtype=np.float64)
    except ValueError:
        raise InputError(f"{name} has rows of different lengths", allowed="rows of one length", key=(name,)) from None
    except OverflowError:
        raise InputError(f"{name} holds a number that is too large", allowed="finite numbers", key=(name,)) from None


def _entries(value: Any) -> Iterator[Any]:
    if isinstance(value, list):
        for v in value:
            yield from _entries(v)
    else:
        yield value


def _checked(found: Mapping[str, Array], derivation: Derivation, path: Path) -> Given:
    shapes = taken(derivation)
    for name in found:
        if name not in shapes:
            e = unknown("name", name, shapes)
            raise InputError(e.message, allowed=e.allowed, nearest=e.nearest, key=(name,))
    needed = [t.name for t in derivation.forward.declared if t.role in _ASKED]
    for name in needed:
        if name not in found:
            every = ", ".join(f"{n} {_by(shapes[n])}" for n in needed)
            raise InputError(f"no numbers for {name} {_by(shapes[name])}", allowed=f"one array for each of {every}")
    examples = _examples(found, shapes)
    arrays = {
        n: _fitted(n, found[n], shapes[n]) if n in found else _usual(derivation, n, shapes[n])
        for n in shapes
        if not (examples and n in ("x", "y"))
    }
    if examples:
        arrays |= dict(zip(("x", "y"), examples[0], strict=True))
    for _, y in examples or ((arrays.get("x"), arrays.get("y")),):
        if y is not None:
            _check_target(y, _targets(derivation))
    return Given(arrays, f"those of {printable(path.name)}", examples if len(examples) > 1 else ())


def _examples(found: Mapping[str, Array], shapes: Mapping[str, tuple[int, ...]]) -> tuple[tuple[Array, Array], ...]:
    """The examples of a file that holds several, one after the other; none where x is one example."""
    if not {"x", "y"} <= set(shapes):
        return ()
    x, y = found["x"], found["y"]
    if x.ndim != len(shapes["x"]) + 1 or x.shape == (1, *shapes["x"]):
        return ()
    if not 1 <= len(x) <= _MOST_EXAMPLES:
        raise InputError(f"x holds {len(x)} examples", allowed=f"1 to {_MOST_EXAMPLES}", key=("x",))
    if y.ndim == 0 or len(y) != len(x):
        count = len(y) if y.ndim else 1
        raise InputError(f"x holds {counted(len(x), 'example')} and y {count}", allowed="equal numbers", key=("y",))
    of_each = " for each example"
    return tuple(
        (_fitted("x", a, shapes["x"], of_each), _fitted("y", b, shapes["y"], of_each))
        for a, b in zip(x, y, strict=True)
    )


def _fitted(name: str, array: Array, shape: tuple[int, ...], more: str = "") -> Array:
    """The array in the shape of its tensor; axes of length 1 may be left out."""
    if [n for n in array.shape if n != 1] != [n for n in shape if n != 1]:
        what = f"the shape {_by(array.shape)}" if array.shape else "one number"
        raise InputError(f"{name} has {what}{more}", allowed=_by(shape), key=(name,))
    return array.reshape(shape)


def _by(shape: tuple[int, ...]) -> str:
    return f"({' x '.join(map(str, shape)) or 'a number'})"


def _usual(derivation: Derivation, name: str, shape: tuple[int, ...]) -> Array:
    """What a tensor is that nobody gave: nothing is dropped, and a state is what it is at first."""
    start = {s.tensor.name: s.start for s in derivation.map.state}
    return np.full(shape, float(start.get(name, 1)))


def _targets(derivation: Derivation) -> TargetKind:
    training = derivation.map.training
    return training.objective.loss.targets if training else REAL


def _check_target(y: Array, kind: TargetKind) -> None:
    """InputError for what the loss has no targets of: the derived gradients may rest on what is known of them."""
    values = [float(v) for v in y.ravel()]
    wrong = [v for v in values if not kind.low <= v <= kind.high or (kind.values and v not in kind.values)]
    wrong += [v for v in values if kind.whole and v != int(v)]
    if wrong:
        raise InputError(f"y holds {wrong[0]:g}", allowed=kind.says, key=("y",))
    if kind.simplex and abs(sum(values) - 1) > 1e-9:
        raise InputError(f"y sums to {sum(values):g}", allowed=kind.says, key=("y",))


def _drawn(derivation: Derivation, chance: random.Random) -> dict[str, Array]:
    arrays = {}
    for name, shape in taken(derivation).items():
        role = derivation.forward.tensors[name].role
        if role in _OPTIONAL:
            arrays[name] = _usual(derivation, name, shape)
        elif role == "target":
            arrays[name] = _drawn_target(_targets(derivation), shape, chance)
        else:
            count = math.prod(shape)
            numbers = [chance.choice(_TENTHS) / (1 if count <= _MANY else 10) for _ in range(count)]
            arrays[name] = np.array(numbers).reshape(shape)
    return arrays


def _drawn_target(kind: TargetKind, shape: tuple[int, ...], chance: random.Random) -> Array:
    """Targets as the loss takes them: one-hot, one of two values, counts, or any numbers."""
    count = math.prod(shape)
    if kind.simplex:
        hot = chance.randrange(count)
        return np.array([float(k == hot) for k in range(count)]).reshape(shape)
    choices: tuple[float, ...] = _TENTHS
    if kind.values or kind.whole or kind.high < math.inf:
        choices = kind.values or ((0, 1, 2, 3) if kind.whole else (0, 1))
    return np.array([float(chance.choice(choices)) for _ in range(count)]).reshape(shape)
