"""Read scalar statements, and break every compound expression into elementary gates with fresh names in between."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from lark import Token, Tree

from symbp.calculus.language import REDUCTIONS, parse, valid_name
from symbp.calculus.primitives import CALLS
from symbp.calculus.syntax import place_of
from symbp.errors import InputError, Place, shown, unknown
from symbp.graph.gate import Gate, Operand

MOST_NODES = 100
_CONSTANTS = ("pi",)
_TAKEN = frozenset({*CALLS, *REDUCTIONS, *_CONSTANTS, "print"})  # a function's, or used by generated code
_LONGEST = 20_000
_OPERATORS = {"add": "+", "subtract": "-", "multiply": "*", "divide": "/", "raise_to": "**"}
_LEAVES = ("number", "name", "left", "start")


@dataclass(frozen=True)
class Piece:
    """One statement of the text: its tree, and where it starts."""

    tree: Tree[Token]
    line: int
    column: int

    @property
    def name(self) -> Token:
        """The name on the left."""
        token: Token = self.tree.children[0].children[0]  # type: ignore[union-attr, assignment]
        return token

    @property
    def right(self) -> Tree[Token]:
        """The expression on the right."""
        return self.tree.children[1]  # type: ignore[return-value]

    def moved(self, error: InputError) -> InputError:
        """An error inside this piece, with its place counted in the whole text."""
        return _moved(error, self.line, self.column)


def read_gates(text: str) -> tuple[tuple[str, ...], tuple[Gate, ...]]:
    """The inputs, in order of appearance, and the gates, in order of evaluation.

    Parameters
    ----------
    text : scalar statements ``name = expression`` in the index language, separated by ``;`` or newlines

    Raises
    ------
    InputError : where the text is empty or unreadable, assigns a name twice, has tensors in it, or makes too many nodes
    """
    pieces = [*_pieces(text)]
    if not pieces:
        raise InputError("there is nothing to draw", allowed='statements such as "v = x*y; f = v + z"')
    total = sum(len([t for t in p.tree.iter_subtrees() if t.data not in _LEAVES]) + 1 for p in pieces)
    if total > 2 * MOST_NODES:  # before anything walks the trees: a long sum is a deep tree
        raise _too_many(total)
    used: dict[str, None] = {}
    assigned: set[str] = set()
    inputs: dict[str, None] = {}
    for p in pieces:
        try:
            _scalars_only(p)
            for token in _names(p.right):
                name = _usable(token)
                used[name] = None
                if name not in assigned:
                    inputs[name] = None
            name = _usable(p.name)
            if name in assigned:
                raise InputError(f"{name} is assigned twice", place=place_of(p.name))
            if name in inputs:
                raise InputError(f"{name} is read before it is assigned", place=place_of(p.name))
        except InputError as e:
            raise p.moved(e) from None
        assigned.add(name)
        used[name] = None
    names = (f"t{k}" for k in itertools.count(1))
    breaker = _Breaker(name for name in names if name not in used)
    for p in pieces:
        breaker.state(p)
    if len(breaker.gates) + len(inputs) > MOST_NODES:
        raise _too_many(len(breaker.gates) + len(inputs))
    if not inputs:
        raise InputError("the statements read no input", allowed="a name on a right side that is assigned nowhere")
    return tuple(inputs), tuple(breaker.gates)


def _too_many(count: int) -> InputError:
    return InputError(f"the graph would have {count} nodes", allowed=f"at most {MOST_NODES}")


def _pieces(text: str) -> Iterator[Piece]:
    if len(text) > _LONGEST:
        raise InputError(f"the text has {len(text)} characters", allowed=f"at most {_LONGEST}")
    for number, line in enumerate(text.splitlines(), 1):
        for part in re.finditer(r"[^;]+", line.split("#")[0]):
            if part[0].strip():
                try:
                    yield Piece(parse(part[0]), number, part.start() + 1)
                except InputError as e:
                    raise _moved(e, number, part.start() + 1) from None


def _moved(error: InputError, line: int, column: int) -> InputError:
    column += (error.place.column or 1) - 1
    return InputError(error.message, place=Place(None, line, column), allowed=error.allowed, nearest=error.nearest)


def _scalars_only(p: Piece) -> None:
    """InputError where a piece has an index in it."""
    for tree in p.tree.iter_subtrees():
        head = tree.children[0] if tree.children else None
        if tree.data == "read" or (tree.data == "left" and len(tree.children) > 1):
            raise InputError(f"graph takes scalars, and {head} is read with indices", place=place_of(tree))
        if tree.data == "call" and str(head) in REDUCTIONS and str(head) not in CALLS:
            raise InputError(f"graph takes scalars, and {head} reduces over an index", place=place_of(tree))


def _names(tree: Tree[Token]) -> Iterator[Token]:
    """The nodes that an expression reads, from left to right."""
    if tree.data == "name" and str(tree.children[0]) not in _CONSTANTS:
        yield tree.children[0]  # type: ignore[misc]
    for child in tree.children:
        if isinstance(child, Tree):
            yield from _names(child)


def _usable(token: Token) -> str:
    name = valid_name(str(token), place=place_of(token))
    if name in _TAKEN:
        raise InputError(f"{shown(name)} cannot name a node: it means something already", place=place_of(token))
    return name


@dataclass
class _Breaker:
    """Breaks statements into gates, which are collected in order of evaluation."""

    fresh: Iterator[str]
    gates: list[Gate] = field(default_factory=list)

    def state(self, p: Piece) -> None:
        """Add the gates of one statement."""
        try:
            op, children = _operation(p.right)
            self.gates.append(Gate(str(p.name), op, tuple(self.operand(c) for c in children)))
        except InputError as e:
            raise p.moved(e) from None

    def operand(self, tree: Tree[Token]) -> Operand:
        """The operand that an expression is, after the gates that compute it."""
        if tree.data == "name" and str(tree.children[0]) not in _CONSTANTS:
            return Operand(str(tree.children[0]))
        if next(_names(tree), None) is None:
            return Operand(_written(tree), False, tree.data not in ("number", "name", "call"))
        op, children = _operation(tree)
        if op == "copy":
            return self.operand(children[0])
        operands = tuple(self.operand(c) for c in children)
        self.gates.append(Gate(next(self.fresh), op, operands, fresh=True))
        return Operand(self.gates[-1].name)


def _operation(tree: Tree[Token]) -> tuple[str, list[Tree[Token]]]:
    """The gate at the root of an expression, and the expressions that it reads."""
    kids = tree.children
    if next(_names(tree), None) is None:
        return "constant", [tree]
    if tree.data == "call":
        name = str(kids[0])
        if any(isinstance(k, Token) for k in kids[1:]):
            raise InputError(f"{name} is not a function to differentiate here", place=place_of(tree))
        if name not in CALLS:
            raise unknown("function", name, sorted(CALLS), place_of(tree))
        count = CALLS[name][1]
        if len(kids) - 1 != count:
            arguments = f"{count} argument{'s' * (count > 1)}"
            raise InputError(f"{name} takes {arguments}, got {len(kids) - 1}", place=place_of(tree))
        return name, [*kids[1:]]  # type: ignore[list-item]
    trees = [k for k in kids if isinstance(k, Tree)]
    if tree.data == "compare":
        return str(kids[1]), trees
    if tree.data == "name" or (tree.data not in _OPERATORS and tree.data != "negate"):
        return "copy", [tree] if tree.data == "name" else trees
    if len(trees) == 1 and tree.data != "negate":
        return "copy", trees
    return _OPERATORS.get(tree.data, "negate"), trees


def _written(tree: Tree[Token]) -> str:
    """A constant expression as text."""
    kids = tree.children
    if tree.data == "number":
        return str(int(str(kids[0]))) if str(kids[0]).isdigit() else str(kids[0])  # 007 is no number in Python
    if tree.data == "name":
        return str(kids[0])
    if tree.data == "call":
        return f"{kids[0]}({', '.join(_written(k) for k in kids[1:] if isinstance(k, Tree))})"
    parts = [f"({_written(k)})" if k.data not in _LEAVES else _written(k) for k in kids if isinstance(k, Tree)]
    if tree.data == "compare":
        return f"{parts[0]} {kids[1]} {parts[1]}"
    if tree.data == "negate":
        return f"-{parts[0]}"
    return parts[0] if len(parts) == 1 else _OPERATORS[tree.data].join(parts)
