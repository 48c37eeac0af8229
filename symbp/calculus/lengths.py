"""Lengths that follow from others, as an axis says them by its name: one called ``t - 1`` is by one shorter than t.

Of one length there is one name, so that two slices that are equally long lie along one axis; ``(t + 1)//2`` rounds down.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from functools import lru_cache
from keyword import iskeyword

import sympy
from sympy import Add, Expr, Integer, Symbol

from symbp.calculus.indices import Axis

_PREFIX = "N_"


def is_derived(axis: Axis) -> bool:
    """Whether an axis is called by its length."""
    return not axis.name.isidentifier()


def first_letter(axis: Axis) -> str:
    """The first letter of an axis; i for one that is called by its length, which is none of those that it follows from."""
    return "i" if is_derived(axis) else axis.name[0]


def length_of(axis: Axis | None) -> Expr:
    """The length of an axis in terms of those that follow from no others; None is an axis of length 1."""
    return sympy.S.One if axis is None else _read(axis.name)


def axis_of(length: Expr) -> Axis | None:
    """The axis of a length: None for 1, that of its name for the length of one.

    Raises
    ------
    ValueError : what is no length: a number below 1, a quotient
    """
    whole = expanded(length)
    if whole == 1:
        return None
    factors = [t.as_coeff_Mul() for t in Add.make_args(whole)]
    if not all(f.is_Integer and (r == 1 or _is_size(r)) for f, r in factors) or (whole.is_Integer and whole < 1):
        raise ValueError(f"{whole} is no length")
    words = {s.name.removeprefix(_PREFIX) for s in whole.free_symbols}
    if not isinstance(whole, Symbol) and any(map(iskeyword, words)):
        raise ValueError(f"a length that follows from an axis with the name of a keyword, {', '.join(sorted(words))}")
    return Axis(whole.name.removeprefix(_PREFIX) if isinstance(whole, Symbol) else _text(whole))


def expanded(length: Expr) -> Expr:
    """A length with those of axes that are called by theirs written out."""
    derived = {s: _read(s.name[2:]) for s in length.free_symbols if _is_size(s) and is_derived(Axis(s.name[2:]))}
    return sympy.expand(length.xreplace(derived) if derived else length)


def divided(length: Expr, by: int) -> Expr:
    """``length//by``, rounded down."""
    parts, out = dict[Expr, int](), sympy.S.Zero
    for term in Add.make_args(expanded(length)):
        factor, rest = term.as_coeff_Mul()
        times, left = divmod(int(factor), by)
        out += times * rest
        if left:
            parts[rest] = left
    if not {*parts} - {sympy.S.One}:
        return out
    inner = _text(Add(*(n * rest for rest, n in parts.items())))
    return out + Axis(f"{inner if inner.isidentifier() else f'({inner})'}//{by}").size


def at_least(length: Expr, number: int) -> bool:
    """Whether a length, written out, is known to be no less than a number where every axis has an element."""
    total = sympy.S.Zero
    for term in Add.make_args(length):
        factor, rest = term.as_coeff_Mul()
        if factor < 0 and rest != 1:
            if not isinstance(rest, Symbol):
                return False
            name = rest.name.removeprefix(_PREFIX)
            node = None if name.isidentifier() else ast.parse(name, mode="eval").body
            if not isinstance(node, ast.BinOp) or not isinstance(node.right, ast.Constant):
                return False
            total += factor * _of(node.left) / node.right.value - term  # a quotient is at most what is divided by what
    rest_of = sympy.expand(length + total)
    terms = [t.as_coeff_Mul() for t in Add.make_args(rest_of)]
    return all(f >= 0 for f, r in terms if r != 1) and sum(f for f, _ in terms) >= number


class Lengths(dict[str, int]):
    """Lengths by the names of axes; those that are called by theirs follow from the others."""

    def __missing__(self, name: str) -> int:
        value = _value(ast.parse(name, mode="eval").body, self) if _is_rule(name) else None
        if value is None:
            raise KeyError(name)
        return value

    def __contains__(self, name: object) -> bool:
        if dict.__contains__(self, name):
            return True
        return isinstance(name, str) and _is_rule(name) and all(dict.__contains__(self, n) for n in names_in(name))


@lru_cache(maxsize=1024)
def names_in(name: str) -> tuple[str, ...]:
    """The axes from which a length follows, by the name that says it."""
    return tuple(dict.fromkeys(n.id for n in ast.walk(ast.parse(name, mode="eval")) if isinstance(n, ast.Name)))


@lru_cache(maxsize=1024)
def _is_rule(name: str) -> bool:
    """Whether a name is that of a length, and of no axis that has one of its own."""
    try:
        return not name.isidentifier() and bool(ast.parse(name, mode="eval"))
    except SyntaxError:
        return False


def _is_size(s: Expr) -> bool:
    return isinstance(s, Symbol) and s.name.startswith(_PREFIX)


@lru_cache(maxsize=1024)
def _read(name: str) -> Expr:
    return Axis(name).size if name.isidentifier() else sympy.expand(_of(ast.parse(name, mode="eval").body))


def _of(node: ast.expr) -> Expr:
    match node:
        case ast.Constant(value=int(n)):
            return Integer(n)
        case ast.Name(id=name):
            return Axis(name).size
        case ast.UnaryOp(op=ast.USub(), operand=inner):
            return -_of(inner)
        case ast.BinOp(left=a, op=ast.Add(), right=b):
            return _of(a) + _of(b)
        case ast.BinOp(left=a, op=ast.Sub(), right=b):
            return _of(a) - _of(b)
        case ast.BinOp(left=a, op=ast.Mult(), right=b):
            return _of(a) * _of(b)
        case ast.BinOp(op=ast.FloorDiv()):
            return Axis(ast.unparse(node)).size  # as :func:`divided` has written it
    raise ValueError(f"{ast.unparse(node)} is no length")


def _value(node: ast.expr, lengths: Mapping[str, int]) -> int | None:
    """The number that a length is, None where one that it follows from is not known."""
    if isinstance(node, ast.Name):
        return lengths.get(node.id)
    if isinstance(node, ast.Constant):
        return int(node.value) if isinstance(node.value, int) else None
    if isinstance(node, ast.UnaryOp):
        inner = _value(node.operand, lengths)
        return None if inner is None else -inner
    if not isinstance(node, ast.BinOp):
        return None
    a, b = _value(node.left, lengths), _value(node.right, lengths)
    if a is None or b is None:
        return None
    match node.op:
        case ast.Add():
            return a + b
        case ast.Sub():
            return a - b
        case ast.Mult():
            return a * b
    return a // b


def _text(length: Expr) -> str:
    """The one way in which a length is written: ``2*k + t - 1``."""
    return "".join(_terms(length))


def _terms(length: Expr) -> Iterator[str]:
    def order(term: tuple[Expr, Expr]) -> tuple[bool, bool, str]:
        return term[1] == 1, bool(term[0] < 0), str(term[1])

    for k, (factor, rest) in enumerate(sorted((t.as_coeff_Mul() for t in Add.make_args(length)), key=order)):
        name = rest.name[2:] if isinstance(rest, Symbol) else ""
        size = abs(factor)
        shown = (
            str(size) if not name else name if size == 1 else f"{size}*{name if name.isidentifier() else f'({name})'}"
        )
        yield ("-" if factor < 0 else "") + shown if k == 0 else (" - " if factor < 0 else " + ") + shown
