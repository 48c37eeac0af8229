"""The index language, read by a grammar against a table of declared names; text never reaches anything that runs code."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sympy import Expr

from symbp.calculus.builder import REDUCTIONS, Builder, Scope
from symbp.calculus.functions import Z
from symbp.calculus.indices import Axis, Index
from symbp.calculus.program import Program, Role, ScalarFunction, Statement, Tensor
from symbp.calculus.read_ahead import read_ahead
from symbp.calculus.recurrences import check_order
from symbp.calculus.syntax import parse, place_of, reads, valid_name
from symbp.errors import InputError, Place, shown

__all__ = [
    "REDUCTIONS", "Scope", "parse", "read_expression", "read_program", "read_scalar_function", "read_statement",
    "read_statements", "reads", "valid_name",
]  # fmt: skip


def read_expression(text: str, scope: Scope, letters: Mapping[str, Index] | None = None) -> Expr:
    """An expression in the index language, with `letters` as its free indices."""
    return Builder(scope, letters or {}).build(parse(text, "expr"))


def read_statement(text: str, scope: Scope, *, role: Role = "value", label: str = "") -> Statement:
    """A statement ``name[free] = expression``; the axes of the name on the left follow from the right side."""
    tree = parse(text)
    left, right = tree.children
    name, *letters = left.children
    if str(name) in scope.tensors:
        raise InputError(f"{name} is assigned twice", place=place_of(name))
    valid_name(str(name), "tensor name", place_of(name))
    if len({str(t) for t in letters}) < len(letters):
        raise InputError(f"an index is repeated on the left of {shown(text)}", place=place_of(name))
    builder = Builder(scope, {}).bind(letters, right)
    indices = tuple(builder.letters[str(t)] for t in letters)
    return Statement(Tensor(str(name), tuple(i.axis for i in indices), role), indices, builder.build(right), label)


def read_statements(lines: Iterable[str], scope: Scope) -> tuple[Statement, ...]:
    """Statements that may read what earlier ones define, and at steps before what later ones define."""
    lines = [*lines]
    scope, made = read_ahead(map(parse, lines), scope), list[Statement]()
    for line in lines:
        made.append(read_statement(line, scope))
        scope = scope.with_tensor(made[-1].target)
    check_order(made)
    return tuple(made)


def read_scalar_function(name: str, text: str, constants: Mapping[str, Expr] | None = None) -> ScalarFunction:
    """A user's scalar function of the one argument z, such as ``z/(1 + exp(-beta*z))``."""
    scope = Scope({"z": Tensor("z")}, {}, constants or {})
    return ScalarFunction(
        valid_name(name, "function name"), read_expression(text, scope).xreplace({Tensor("z").symbol: Z})
    )


def read_program(
    lines: Iterable[str] | str,
    declared: Iterable[Tensor] = (),
    functions: Iterable[ScalarFunction] = (),
    constants: Mapping[str, Expr] | None = None,
    /,
    **axes: str,
) -> Program:
    """Read statements, one a line; tensors are declared by Tensor objects or as ``x="n d"``, the names of their axes."""
    tensors = [*declared, *(Tensor(n, tuple(Axis(a) for a in names.split()), "input") for n, names in axes.items())]
    program = Program(tuple(tensors), (), tuple(functions))
    for number, line in enumerate(lines.splitlines() if isinstance(lines, str) else lines, 1):
        if not line.split("#")[0].strip():
            continue
        scope = Scope(program.tensors, program.function, constants or {})
        try:
            program = program.extended(read_statement(line.split("#")[0], scope))
        except InputError as e:
            raise type(e)(
                e.message, place=Place(None, number, e.place.column), allowed=e.allowed, nearest=e.nearest
            ) from None
    return program
