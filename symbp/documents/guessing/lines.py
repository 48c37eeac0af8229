"""What a page defines as lines of a forward map in index notation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from symbp.documents.guessing.shapes import ALONG, Axes, Shapes, Unclear, indexed
from symbp.documents.guessing.stated import Stated, name_of
from symbp.formula.syntax import Binary, Call, Compare, Name, Negate, Node, Number, Sym, Transpose, children

_LETTERS = "ijkluvpqrs"
_SIGNS = {"+": "+", "-": "-", "*": "*", "/": "/", "juxt": "*", "cdot": "*", "@": "*"}
UPSTREAM = "upstream"
"""The derivative of a loss of which nothing is said, a name that no page has."""


@dataclass
class Writer:
    """Writes formulas over arrays whose axes are known, with letters that are no names."""

    shapes: Shapes
    taken: frozenset[str]
    argument: str = ""
    made: int = 0
    whole: Axes = ()

    def fresh(self) -> str:
        """A letter that is not in use."""
        pool = [c for c in _LETTERS if c not in self.taken]
        self.made += 1
        if self.made > len(pool):
            raise Unclear
        return pool[self.made - 1]

    def text(self, node: Node, at: tuple[str, ...]) -> str:
        """A formula of whole arrays at letters for its axes."""
        match node:
            case Number():
                return f"({node.value})" if node.value.denominator > 1 else node.text
            case Sym() | Name():
                name = name_of(node) if isinstance(node, Sym) else node.name
                if name == self.argument:
                    return "z"
                return f"{name}[{','.join(at)}]" if at else name
            case Negate():
                return f"(-{self.text(node.arg, at)})"
            case Transpose():
                return self.text(node.arg, at[::-1] if len(at) > 1 else at)
            case Compare():
                return f"({self.text(node.left, ())} {node.op} {self.text(node.right, ())})"
            case Call() if node.name == "sum" and len(node.args) == 1:
                letters = tuple(self.fresh() for _ in self.axes(node.args[0]))
                body = self.text(node.args[0], letters)
                return f"sum({body}, {', '.join(letters)})" if letters else body
            case Call() if node.name in ALONG and len(node.args) == 1:
                return self.along(node, at)
            case Call() if not node.primes:
                args = ", ".join(self.part(a, at) for a in node.args)
                return f"{node.name}({args})"
            case Binary() if node.op in ("juxt", "cdot", "@"):
                return self.product(node, at)
            case Binary() if node.op in ("^", "**"):
                return f"({self.text(node.left, at)})**({self.text(node.right, ())})"
            case Binary() if node.op in _SIGNS:
                return f"({self.part(node.left, at)} {_SIGNS[node.op]} {self.part(node.right, at)})"
        raise Unclear

    def axes(self, node: Node) -> Axes:
        """The axes of a formula; Unclear where they are not known."""
        if isinstance(node, Sym) and name_of(node) == self.argument:
            return ()
        found = self.shapes.of(node)
        if found is None:
            if isinstance(node, Sym):
                return self.shapes.give(name_of(node), 0)
            raise Unclear
        return found

    def part(self, node: Node, at: tuple[str, ...]) -> str:
        """An operand at letters of the whole: a number has none, a row or a column one of two."""
        own = self.axes(node)
        if len(own) == len(at):
            return self.text(node, at)
        if not own:
            return self.text(node, ())
        if len(own) == 1 and len(at) == 2:
            k = next(
                (k for k in (1, 0) if self.whole and self.shapes.root(self.whole[k]) == self.shapes.root(own[0])), None
            )
            if k is not None:
                return self.text(node, (at[k],))
        raise Unclear

    def along(self, node: Call, at: tuple[str, ...]) -> str:
        """A softmax along the last letter."""
        if not at or len(at) != len(self.axes(node.args[0])) or len(at) > 1:
            raise Unclear
        other = self.fresh()
        total = f"sum(exp({self.text(node.args[0], (*at[:-1], other))}), {other})"
        inner = self.text(node.args[0], at)
        return f"(exp({inner})/{total})" if node.name == "softmax" else f"({inner} - log({total}))"

    def product(self, node: Binary, at: tuple[str, ...]) -> str:
        """A product of matrices and vectors, or with a number."""
        left, right = self.axes(node.left), self.axes(node.right)
        if not left or not right:
            return f"({self.text(node.left, at if left else ())} * {self.text(node.right, at if right else ())})"
        if len(left) == len(right) == 1 and isinstance(node.right, Transpose) and not isinstance(node.left, Transpose):
            return f"({self.text(node.left, at[:1])} * {self.text(node.right, at[1:])})"
        k = self.fresh()
        kept = len(left) - 1
        return f"sum({self.text(node.left, (*at[:kept], k))} * {self.text(node.right, (k, *at[kept:]))}, {k})"

    def array(self, node: Node) -> str:
        """A formula of whole arrays as NumPy has it; Unclear where vectors would have to stand, or a column is added to all."""
        match node:
            case Number():
                return self.text(node, ())
            case Sym() | Name():
                return name_of(node) if isinstance(node, Sym) else node.name
            case Negate():
                return f"-{self.array(node.arg)}" if isinstance(node.arg, (Sym, Call)) else f"-({self.array(node.arg)})"
            case Transpose() if isinstance(node.arg, Sym):
                return f"{self.array(node.arg)}.T" if len(self.axes(node.arg)) > 1 else self.array(node.arg)
            case Call() if not node.primes and (node.name != "sum" or len(node.args) == 1):
                return f"{node.name}({', '.join(map(self.array, node.args))})"
            case Binary() if node.op in ("juxt", "cdot", "@"):
                left, right = self.axes(node.left), self.axes(node.right)
                outer = len(left) == len(right) == 1 and isinstance(node.right, Transpose)
                if outer and not isinstance(node.left, Transpose):
                    raise Unclear
                sign = "@" if left and right else "*"
                return f"{self.factor(node.left)}{sign}{self.factor(node.right)}"
            case Binary() if node.op in ("^", "**"):
                return f"{self.factor(node.left)}**{self.factor(node.right)}"
            case Binary() if node.op in ("*", "/"):
                self.broadcast(node)
                return f"{self.factor(node.left)}{node.op}{self.factor(node.right)}"
            case Binary() if node.op in ("+", "-"):
                self.broadcast(node)
                behind = self.array(node.right) if node.op == "+" else self.factor(node.right)
                return f"{self.array(node.left)} {node.op} {behind}"
        raise Unclear

    def factor(self, node: Node) -> str:
        """A factor, in brackets where it is no name."""
        text = self.array(node)
        return (
            text
            if isinstance(node, (Sym, Name, Call, Transpose)) or (isinstance(node, Number) and text.isdigit())
            else f"({text})"
        )

    def broadcast(self, node: Binary) -> None:
        """Unclear where a vector is added to a matrix along its first axis."""
        long, short = sorted((self.axes(node.left), self.axes(node.right)), key=len, reverse=True)
        if len(long) == 2 and len(short) == 1 and self.shapes.root(long[1]) != self.shapes.root(short[0]):
            raise Unclear

    def elements(self, node: Node) -> str:
        """A formula between elements, with its own letters."""
        match node:
            case Sym() if any(not c.isdigit() for c in node.subs):
                return f"{name_of(node)}[{','.join(node.subs)}]"
            case Call() if node.name == "sum" and len(node.args) > 1:
                letters = [n.name for n in node.args[1:] if isinstance(n, Name)]
                if len(letters) != len(node.args) - 1:
                    raise Unclear
                return f"sum({self.elements(node.args[0])}, {', '.join(letters)})"
            case Negate():
                return f"(-{self.elements(node.arg)})"
            case Call() if not node.primes and node.name not in ("sum", *ALONG):
                return f"{node.name}({', '.join(map(self.elements, node.args))})"
            case Compare():
                return f"({self.elements(node.left)} {node.op} {self.elements(node.right)})"
            case Binary() if node.op in ("^", "**"):
                return f"({self.elements(node.left)})**({self.elements(node.right)})"
            case Binary() if node.op in _SIGNS:
                return f"({self.elements(node.left)} {_SIGNS[node.op]} {self.elements(node.right)})"
            case Number() | Sym() | Name():
                return self.text(node, ())
        raise Unclear


def line_of(one: Stated, shapes: Shapes, taken: frozenset[str]) -> str:
    """One line of a forward map; Unclear where it cannot be told what it says."""
    writer = Writer(shapes, taken, one.argument)
    if one.argument:
        return writer.text(one.right, ())
    if one.generic:
        own = shapes.axes.get(one.generic, ())
        letters = tuple(writer.fresh() for _ in own)
        inside = f"[{','.join(letters)}]" if letters else ""
        body = f"{UPSTREAM}{inside}*{one.generic}{inside}"
        return f"{one.name} = " + (f"sum({body}, {', '.join(letters)})" if letters else body)
    if indexed(one):
        head = f"{one.name}[{','.join(one.letters)}]" if one.letters else one.name
        return f"{head} = {writer.elements(one.right)}"
    try:
        return f"{one.name} = {writer.array(one.right)}"
    except Unclear:
        writer = Writer(shapes, taken, one.argument)
    own = writer.axes(one.right)
    letters = tuple(writer.fresh() for _ in own)
    writer.whole = own
    head = f"{one.name}[{','.join(letters)}]" if letters else one.name
    return f"{head} = {writer.part(one.right, letters)}"


def names_in(node: Node) -> Iterator[str]:
    """The names of functions that a formula calls."""
    if isinstance(node, Call):
        yield node.name
    for child in children(node):
        yield from names_in(child)
