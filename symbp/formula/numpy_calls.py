"""Calls as NumPy spells them, as the tree has them: axes by position, ``ddof``, ``np.log1p``, ``x[:, None]``, ``np.einsum``."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from inspect import Parameter, Signature
from typing import Any

from symbp.errors import InputError, Place, shown
from symbp.formula.syntax import (
    Binary,
    Call,
    Compare,
    Length,
    Name,
    Negate,
    Node,
    Number,
    Span,
    children,
    with_children,
)

Numbers = tuple["int | Numbers", ...]
"""A tuple or list of whole numbers, as options have them."""


@dataclass(frozen=True)
class Option:
    """The value of an option or of an argument that is no array: a number, numbers, a word, or a text in quotes; and the formula
    that it is where it is one."""

    value: int | Numbers | str | None
    column: int
    quoted: bool = False
    node: Node | None = None


FLOATS = ("float", "float16", "float32", "float64", "double")
"""The types that a number may be made, which changes nothing here."""
_OVER_AXES = ("sum", "mean", "prod", "max", "min", "amax", "amin")  # over several axes: one after the other
_ONE_AXIS = ("var", "std", "norm", "logsumexp", "softmax", "log_softmax")
_KEYS = "axis=0, keepdims=True"
_TWO = Number("2")

MEANINGS: Mapping[str, str] = {
    "power(x1, x2)": "x1**x2",
    "log1p(x)": "log(1 + x)",
    "expm1(x)": "exp(x) - 1",
    "reciprocal(x)": "1/x",
    "clip(a, a_min, a_max)": "minimum(maximum(a, a_min), a_max)",
    "logaddexp(x1, x2)": "log(exp(x1) + exp(x2))",
    "full_like(a, fill_value)": "fill_value*ones_like(a)",
    "average(a)": "mean(a)",
    "fabs(x)": "abs(x)",
    "expit(x)": "sigmoid(x)",
    "identity(n)": "eye(n)",
    "len(a)": "a.shape[0]",
    **{f"{name}(a)": "a" for name in ("asarray", "array", "copy", "float", "float64", "float32", "ascontiguousarray")},
}
"""Functions of NumPy's with their arguments as it calls them, and what they are in our own words."""
_MEANT = {row.partition("(")[0]: row for row in MEANINGS}
MEANT = frozenset(_MEANT) - {"identity", "average", "copy", "array"}
"""Functions of NumPy's that are written out in others; the rest have that meaning only behind ``np.`` or as methods."""


@lru_cache(maxsize=256)
def _signature(row: str) -> Signature:
    """The arguments of a row of :data:`MEANINGS`."""
    names = row.partition("(")[2].rstrip(")").split(", ")
    return Signature([Parameter(name, Parameter.POSITIONAL_OR_KEYWORD) for name in names])


def _meaning(
    row: str, given: Sequence[Node], named: dict[str, Option], read: Callable[[str], Node], span: Span
) -> Node | None:
    """What a call means by its row, arguments by position or by name; None where the arguments do not suit it."""
    arguments = {name: option.node for name, option in named.items() if option.node is not None}
    try:
        bound = _signature(row).bind(*given, **arguments).arguments
    except TypeError:
        return None
    for name in arguments:
        del named[name]

    def filled(node: Node) -> Node:
        if isinstance(node, Name) and node.name in bound:
            return bound[node.name]  # type: ignore[no-any-return]
        return replace(with_children(node, tuple(filled(c) for c in children(node))), span=Span())

    return _placed(filled(read(MEANINGS[row])), span)


def call_node(
    name: str,
    args: tuple[Node | Option, ...],
    options: Mapping[str, Option],
    primes: int,
    style: str,
    span: Span,
    read: Callable[[str], Node],
) -> Node:
    """What a call stands for; `read` reads a formula in our own words.

    Raises
    ------
    InputError : with the column, where an option is not known or has no such value
    """
    given, extra = [a for a in args if not isinstance(a, Option)], [a for a in args if isinstance(a, Option)]
    free = dict(options)
    text = ""
    numpy = style != "call"
    if name in ("einsum",):
        text, extra = _subscripts(extra, span), []
    elif name in ("transpose", "swapaxes", "reshape", "tensordot", "moveaxis", "expand_dims", "squeeze") and (
        numpy or extra
    ):
        given, text = _whole(name, given, extra, free, span)
        extra = []
    if name == "norm" and len(extra) == 1 and "ord" not in free:
        free["ord"], extra = extra[0], []
    if extra:
        raise InputError(
            "a list or text in quotes has no meaning here", place=_at(extra[0].column), allowed="axis=(0, 1)"
        )
    free.pop("dtype", None)
    axis = _axis(name, given, free, numpy)
    keepdims = _keepdims(free)
    if name in ("var", "std") and "ddof" in free and len(given) == 1:
        return _unbiased(name, given[0], axis, keepdims, free.pop("ddof"), span)
    if name == "norm":
        text = (
            "2" if _order(given, free) == 2 and axis is None else ""
        )  # of a matrix that is another norm than of a vector
        given = _norm(given, free, span)
    row = _MEANT.get(name) if (numpy or name in MEANT) and not primes and axis is None else None
    meant = _meaning(row, given, free, read, span) if row else None
    if free:
        known = _signature(row).parameters if row else {}
        key, option = next((item for item in free.items() if item[0] not in known), next(iter(free.items())))
        wrong = f"option {shown(key)} is not known here" if key not in known else f"{name} with these arguments"
        raise InputError(wrong, place=_at(option.column), allowed=row or _KEYS)
    if meant is not None:
        return meant
    if not given:
        raise InputError(f"{name} is given nothing", place=_at(span.start), allowed=f"{name}(x)")
    if name == "astype" and style == "method":
        kind = given[1].name if len(given) == 2 and isinstance(given[1], Name) else ""
        if kind not in FLOATS and not (isinstance(given[0], Compare) and kind in ("int", "bool")):
            raise InputError("astype changes the values", place=_at(span.start), allowed="astype(float)")
        return given[0]
    if isinstance(axis, tuple):
        return _nested(name, given, axis, keepdims, primes, style, span, options["axis"])
    return Call(name, tuple(given), primes, axis, keepdims, style, text, span=span)


def _axis(name: str, given: list[Node], free: dict[str, Option], numpy: bool) -> int | tuple[int, ...] | None:
    """The axis of a reduction, which NumPy also takes as the second argument; that is taken off `given`."""
    reduces = name in _OVER_AXES or name in ("var", "std")
    if reduces and numpy and len(given) == 2 and "axis" not in free and (by := whole_number(given[1])) is not None:
        del given[1]
        return by
    option = free.pop("axis", None)
    if option is None or option.value == "None":
        return None
    value = option.value
    if isinstance(value, tuple) and value and all(isinstance(v, int) for v in value):
        plain = tuple(v for v in value if isinstance(v, int))
        if len(plain) == 1:
            return plain[0]
        if name not in _OVER_AXES or len(set(plain)) < len(plain) or len({v < 0 for v in plain}) > 1:
            raise InputError(f"{name} along {value}", place=_at(option.column), allowed="axis=0, axis=1")
        return plain
    if not isinstance(value, int):
        raise InputError("axis takes a whole number", place=_at(option.column), allowed="axis=0, axis=1")
    return value


def _keepdims(free: dict[str, Option]) -> bool:
    option = free.pop("keepdims", None)
    if option is None:
        return False
    if option.value not in ("True", "False"):
        raise InputError("keepdims is True or False", place=_at(option.column), allowed=_KEYS)
    return option.value == "True"


def _nested(name: str, given: list[Node], axes: tuple[int, ...], keepdims: bool, primes: int, style: str, span: Span,
            option: Option) -> Node:  # fmt: skip
    """A reduction over several axes, as reductions over one each: from the last axis on, so that the others keep their number."""
    if len(given) != 1 or primes:
        raise InputError(f"{name} takes one array", place=_at(option.column), allowed=f"{name}(x, axis=(0, 1))")
    node = given[0]
    for axis in sorted(axes, reverse=axes[0] >= 0):
        node = Call(name, (node,), 0, axis, keepdims, style, span=span)
    return node


def _unbiased(name: str, x: Node, axis: int | tuple[int, ...] | None, keepdims: bool, ddof: Option, span: Span) -> Node:
    """The variance divided by the count less `ddof`."""
    if not isinstance(ddof.value, int) or isinstance(axis, tuple) or not 0 <= ddof.value <= 9:
        raise InputError("ddof is a small whole number", place=_at(ddof.column), allowed="ddof=0, ddof=1")
    squares = Binary("**", Binary("-", x, Call("mean", (x,), 0, axis, True)), _TWO)
    count = Binary("-", Length(x, axis), Number(str(ddof.value)))
    found: Node = Binary("/", Call("sum", (squares,), 0, axis, keepdims), count)
    return _placed(found if name == "var" else Call("sqrt", (found,)), span)


def _norm(given: list[Node], free: dict[str, Option], span: Span) -> list[Node]:
    """The arguments of a Euclidean norm; the others are refused."""
    value, order = _order(given, free), free.pop("ord", None)
    column = order.column if order is not None else span.start
    if value not in (None, 2, "fro", "None"):
        raise InputError(f"the norm of order {value}", place=_at(column), allowed="norm(x), norm(x, axis=1)")
    return given[:1]


def _order(given: list[Node], free: Mapping[str, Option]) -> object:
    """The order of a norm."""
    return free["ord"].value if "ord" in free else whole_number(given[1]) if len(given) == 2 else None


def _subscripts(extra: list[Option], span: Span) -> str:
    if len(extra) != 1 or not extra[0].quoted or not isinstance(extra[0].value, str):
        raise InputError(
            "einsum takes its subscripts first, in quotes", place=_at(span.start), allowed='einsum("ij,jk->ik", A, B)'
        )
    return extra[0].value.replace(" ", "")


def _whole(
    name: str, given: list[Node], extra: list[Option], free: dict[str, Option], span: Span
) -> tuple[list[Node], str]:
    """The arrays of a call that moves axes, and its numbers as text."""
    option = next((free.pop(k) for k in ("axes", "shape", "newshape") if k in free), None)
    if name in ("expand_dims", "squeeze") and option is None and "axis" in free and isinstance(free["axis"].value, int):
        option = free.pop("axis")
    arrays = 2 if name == "tensordot" else 1
    numbers: list[int | Numbers] = []
    for node in given[arrays:]:
        number = whole_number(node)
        if number is None:
            raise InputError(f"{name} takes whole numbers", place=_at(node.span.start))
        numbers.append(number)
    for one in ([option] if option is not None else []) + extra:
        if not isinstance(one.value, (int, tuple)):
            raise InputError(f"{name} takes whole numbers", place=_at(one.column))
        numbers.append(one.value)
    if len(numbers) == 1 and isinstance(numbers[0], tuple):
        numbers = [*numbers[0]]
    text = ";".join(",".join(map(str, n)) if isinstance(n, tuple) else str(n) for n in numbers)
    return given[:arrays], text


def whole_number(node: Node) -> int | None:
    """The whole number that a node is, or None."""
    sign, number = (-1, node.arg) if isinstance(node, Negate) else (1, node)
    return (
        sign * int(number.text)
        if isinstance(number, Number) and number.text.isdigit() and len(number.text) < 9
        else None
    )


def spread(of: Node, marks: list[str], span: Span) -> Node:
    """``x[:, None]``: the array with an axis of length 1 wherever the mark is None; the others are ``:`` and ``...``."""
    dots = marks.index("...") if "..." in marks else len(marks)
    for k, mark in enumerate(marks[:dots]):
        if mark == "None":
            of = Call("expand_dims", (of,), style="np", text=str(k), span=span)
    after = marks[dots + 1 :]
    for k in reversed(range(len(after))):
        if after[k] == "None":
            of = Call("expand_dims", (of,), style="np", text=str(k - len(after)), span=span)
    return of


def mark(tree: Any) -> str:
    """A subscript that keeps an axis or makes one: ``:``, ``...`` or ``None``; InputError where it picks elements."""
    if tree.data == "slice" and len([c for c in tree.children if c is not None]) == 1:
        return str(tree.children[0] or tree.children[1])
    if tree.data == "name" and str(tree.children[0]) == "None":
        return "None"
    if tree.data == "attribute" and str(tree.children[1]) == "newaxis" and is_library(tree.children[0]):
        return "None"
    return picked(tree) if tree.data == "slice" else ""


def picked(tree: Any) -> str:
    """Refuse a subscript that picks elements."""
    raise InputError(
        "a part of an array is not read", place=_at(int(tree.meta.start_pos or 0)), allowed="x[:, None], x[i,j]"
    )


def is_library(tree: Any) -> bool:
    """Whether something is NumPy, or a part of it or of SciPy's with functions."""
    if tree.data == "attribute":
        return str(tree.children[1]) in ("linalg", "special") and is_library(tree.children[0])
    return tree.data == "name" and str(tree.children[0]) in ("np", "numpy", "scipy", "jnp")


def _placed(node: Node, span: Span) -> Node:
    """A node that was made, where it was written."""
    return replace(node, span=span)


def _at(column: int) -> Place:
    return Place(None, None, column + 1)
