"""Calls as NumPy spells them, as the tree has them: axes by position, ``ddof``, ``np.log1p``, ``x[:, None]``, ``np.einsum``."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from inspect import Parameter, Signature
from typing import Any

from symbp.errors import InputError, Place, shown
from symbp.formula.syntax import (
    Call,
    Compare,
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
    parts: tuple[Node, ...] = ()


WHOLE = ("int", "bool", "int8", "int32", "int64", "bool_", "uint8")
"""The types that a condition may be made, which changes nothing either."""
FLOATS = ("float", "float16", "float32", "float64", "double")
"""The types that a number may be made, which changes nothing here."""
_OVER_AXES = ("sum", "mean", "prod", "max", "min", "amax", "amin")  # over several axes: one after the other
_SECOND = {**dict.fromkeys((*_OVER_AXES, "var", "std", "cumsum"), "axis"), "norm": "ord"}
"""The option that NumPy takes as the second argument too."""
_MOVED = {
    "tensordot": 2,
    **dict.fromkeys(("transpose", "swapaxes", "reshape", "moveaxis", "expand_dims", "squeeze"), 1),
}
"""Functions that whole numbers are said to, and of how many arrays; these are kept as text."""
_FILLED = ("ones", "zeros")
_SAME_ARRAY = ("array", "asarray", "copy", "ascontiguousarray")
_NUMBERS = ("axes", "shape", "newshape")
_KEYS = "axis=0, keepdims=True"

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
    "diagonal(a)": "diag(a)",
    "expit(x)": "sigmoid(x)",
    "identity(n)": "eye(n)",
    "len(a)": "a.shape[0]",
    "heaviside(x1, x2)": "where(x1 > 0, 1, where(x1 < 0, 0, x2))",
    "greater(x1, x2)": "x1 > x2",
    "less(x1, x2)": "x1 < x2",
    "greater_equal(x1, x2)": "x1 >= x2",
    "less_equal(x1, x2)": "x1 <= x2",
    "equal(x1, x2)": "x1 == x2",
    "not_equal(x1, x2)": "x1 != x2",
    "logical_not(x)": "x == 0",
    "solve(a, b)": "inv(a)@b",
    "var(a, axis=None, *, ddof, keepdims=False)": (
        "sum((a - mean(a, axis={axis}, keepdims=True))**2, axis={axis}, keepdims={keepdims})/({count} - {ddof})"
    ),
    "std(a, axis=None, *, ddof, keepdims=False)": "sqrt(var(a, axis={axis}, ddof={ddof}, keepdims={keepdims}))",
    **{f"{name}(a)": "a" for name in (*_SAME_ARRAY, "float", "float64", "float32")},
}
"""Functions of NumPy's with their arguments as it calls them, and what they are in our own words: an option in braces is what it
was given as, and ``{count}`` the number of entries along the axis. A function of our own has a row for what NumPy's takes beyond
ours: the row is meant where all that has no default is given."""
RESULTS: Mapping[str, tuple[str, ...]] = {"slogdet": ("sign(det(a))", "logdet(a)")}
"""Functions of NumPy's that give several results: what each of them is, of the argument."""
_MEANT = {row.partition("(")[0]: row for row in MEANINGS}
MEANT = frozenset(_MEANT) - {"identity", "average", "copy", "array"}
"""Functions of NumPy's that are written out in others; the rest have that meaning only behind ``np.`` or as methods."""


@lru_cache(maxsize=256)
def _signature(row: str) -> Signature:
    """The arguments of a row of :data:`MEANINGS`; what has a default, or stands behind the star, is an option."""
    found, starred = list[Parameter](), False
    for part in row.partition("(")[2].rstrip(")").split(", "):
        name, _, default = part.partition("=")
        if name == "*":
            starred = True
            continue
        kind = Parameter.KEYWORD_ONLY if starred else Parameter.POSITIONAL_OR_KEYWORD
        found.append(Parameter(name, kind, default=default or Parameter.empty))
    return Signature(found)


def _meaning(
    row: str,
    given: Sequence[Node],
    free: dict[str, Option],
    reduced: Mapping[str, Any],
    read: Callable[[str], Node],
    span: Span,
) -> Node | None:
    """What a call means by its row, arguments by position or by name, with the axis and the like in `reduced`; None where the
    arguments do not suit it."""
    signature, meaning = _signature(row), MEANINGS[row]
    parameters = signature.parameters
    if reduced["axis"] is not None and "axis" not in parameters:
        return None
    named = {name: option for name, option in free.items() if name in parameters and option.node is not None}
    try:
        found = signature.bind(
            *given, **{n: o.node for n, o in named.items()}, **{n: v for n, v in reduced.items() if n in parameters}
        )
    except TypeError:
        return None
    numbers = {n: _small(n, o) for n, o in named.items() if "{" + n + "}" in meaning}
    first = next(iter(parameters))
    count = f"{first}.size" if reduced["axis"] is None else f"{first}.shape[{reduced['axis']}]"
    for name in named:
        del free[name]
    bound = found.arguments

    def filled(node: Node) -> Node:
        if isinstance(node, Name) and node.name in bound:
            return bound[node.name]  # type: ignore[no-any-return]
        return replace(with_children(node, tuple(filled(c) for c in children(node))), span=Span())

    return replace(filled(read(meaning.format(**reduced, **numbers, count=count))), span=span)


def result_of(node: Call, number: int | None, read: Callable[[str], Node], place: Place) -> Node:
    """One of several results of a call, by its number."""
    results = RESULTS[node.name]
    if number is None or not -len(results) <= number < len(results):
        allowed = f"{node.name}(A)[{len(results) - 1}]"
        raise InputError(f"{node.name} gives {len(results)} results", place=place, allowed=allowed)

    def filled(part: Node) -> Node:
        made = node.args[0] if isinstance(part, Name) else with_children(part, tuple(map(filled, children(part))))
        return replace(made, span=node.span)

    return filled(read(results[number]))


def _small(name: str, option: Option) -> int:
    """The value of an option that is a small whole number."""
    if not isinstance(option.value, int) or not 0 <= option.value <= 9:
        raise InputError(f"{name} is a small whole number", place=_at(option.column), allowed=f"{name}=0, {name}=1")
    return option.value


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
    free, numpy, text = dict(options), style != "call", ""
    row = _MEANT.get(name) if (numpy or name in MEANT) and not primes else None
    known = _signature(row).parameters if row else {}
    if name == "einsum":
        text, extra = _subscripts(extra, span), []
    elif name in _MOVED and (numpy or extra):
        given, text = _whole(name, given, extra, free)
        extra = []
    elif name in _FILLED and len(extra) == 1 and extra[0].parts and not given:
        given, extra = [*extra[0].parts], []  # a shape
    elif name == "norm" and len(extra) == 1 and "ord" not in free:
        free["ord"], extra = extra[0], []
    if extra:
        raise InputError(
            "a list or text in quotes has no meaning here", place=_at(extra[0].column), allowed="axis=(0, 1)"
        )
    kind = free.pop("dtype", None)
    if name in _SAME_ARRAY:
        free.pop("copy", None)
    if kind is not None and str(kind.value).rpartition(".")[2] not in (*FLOATS, "None"):
        raise InputError("dtype changes the values", place=_at(kind.column), allowed="dtype=float")
    second = _SECOND.get(name, "axis" if [*known][1:2] == ["axis"] else "")
    if second not in free and (numpy or second == "ord") and len(given) == 2 and second:
        number = whole_number(given[1])
        if number is not None:
            free[second], given = Option(number, span.start), given[:1]
    axis, keepdims = _axis(name, free), _keepdims(free)
    if name == "norm" and _order(free) == 2 and axis is None:
        text = "2"  # of a matrix that is another norm than of a vector
    meant = _meaning(row, given, free, {"axis": axis, "keepdims": keepdims}, read, span) if row else None
    if free:
        key, option = next((item for item in free.items() if item[0] not in known), next(iter(free.items())))
        wrong = f"option {shown(key)} is not known here" if key not in known else f"{name} with these arguments"
        allowed = row if row is not None and "axis" not in known else _KEYS
        raise InputError(wrong, place=_at(option.column), allowed=allowed)
    if meant is not None:
        return meant
    if not given:
        raise InputError(f"{name} is given nothing", place=_at(span.start), allowed=f"{name}(x)")
    if name == "astype" and style == "method":
        return _same_type(given, span)
    if name in WHOLE and len(given) == 1:
        return _same_type([*given, Name(name)], span)
    if isinstance(axis, tuple):
        return _nested(name, given, axis, keepdims, primes, style, span, options["axis"])
    return Call(name, tuple(given), primes, axis, keepdims, style, text, span=span)


def _same_type(given: list[Node], span: Span) -> Node:
    """What ``astype`` is said to, where that changes no value."""
    kind = given[1].name if len(given) == 2 and isinstance(given[1], Name) else ""
    if kind not in FLOATS and not (isinstance(given[0], Compare) and kind in WHOLE):
        raise InputError("astype changes the values", place=_at(span.start), allowed="astype(float)")
    return given[0]


def _axis(name: str, free: dict[str, Option]) -> int | tuple[int, ...] | None:
    """The axis of a reduction, or the axes where it is one after the other."""
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
    if option is not None and option.value not in ("True", "False"):
        raise InputError("keepdims is True or False", place=_at(option.column), allowed=_KEYS)
    return option is not None and option.value == "True"


def _order(free: dict[str, Option]) -> object:
    """The order of a Euclidean norm; the others are refused."""
    option = free.pop("ord", None)
    if option is not None and option.value not in (None, 2, "fro", "None"):
        message = f"the norm of order {option.value}"
        raise InputError(message, place=_at(option.column), allowed="norm(x), norm(x, axis=1)")
    return option.value if option is not None else None


def _nested(name: str, given: list[Node], axes: tuple[int, ...], keepdims: bool, primes: int, style: str, span: Span,
            option: Option) -> Node:  # fmt: skip
    """A reduction over several axes, as reductions over one each: from the last axis on, so that the others keep their number."""
    if len(given) != 1 or primes:
        raise InputError(f"{name} takes one array", place=_at(option.column), allowed=f"{name}(x, axis=(0, 1))")
    node = given[0]
    for axis in sorted(axes, reverse=axes[0] >= 0):
        node = Call(name, (node,), 0, axis, keepdims, style, span=span)
    return node


def _subscripts(extra: list[Option], span: Span) -> str:
    if len(extra) != 1 or not extra[0].quoted or not isinstance(extra[0].value, str):
        raise InputError(
            "einsum takes its subscripts first, in quotes", place=_at(span.start), allowed='einsum("ij,jk->ik", A, B)'
        )
    return extra[0].value.replace(" ", "")


def _whole(name: str, given: list[Node], extra: list[Option], free: dict[str, Option]) -> tuple[list[Node], str]:
    """The arrays of a call that moves axes, and its numbers as text."""
    option = next((free.pop(k) for k in _NUMBERS if k in free), None)
    if name in ("expand_dims", "squeeze") and option is None and "axis" in free and isinstance(free["axis"].value, int):
        option = free.pop("axis")
    arrays, numbers = _MOVED[name], list[int | Numbers]()
    plain = [(whole_number(node), node.span.start) for node in given[arrays:]]
    for value, column in (*plain, *((o.value, o.column) for o in (option, *extra) if o is not None)):
        if not isinstance(value, (int, tuple)):
            raise InputError(f"{name} takes whole numbers", place=_at(column))
        numbers.append(value)
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
    after = marks[dots + 1 :]
    new = [k for k, one in enumerate(marks[:dots]) if one == "None"]
    new += [k - len(after) for k in reversed(range(len(after))) if after[k] == "None"]
    for k in new:
        of = Call("expand_dims", (of,), style="np", text=str(k), span=span)
    return of


def is_new_axis(tree: Any) -> bool:
    """Whether a subscript makes an axis: ``None``, ``np.newaxis``."""
    if tree.data == "name":
        return str(tree.children[0]) == "None"
    return tree.data == "attribute" and str(tree.children[1]) == "newaxis" and bool(is_library(tree.children[0]))


def is_library(tree: Any) -> bool:
    """Whether something is NumPy, or a part of it or of SciPy's with functions."""
    if tree.data == "attribute":
        return str(tree.children[1]) in ("linalg", "special") and is_library(tree.children[0])
    return tree.data == "name" and str(tree.children[0]) in ("np", "numpy", "scipy", "jnp", "math")


def _at(column: int) -> Place:
    return Place(None, None, column + 1)
