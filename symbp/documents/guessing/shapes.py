"""How many axes the letters of a page have, and which of them are the same: from how the letters are put together."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from symbp.documents.equations import Equation
from symbp.documents.guessing.stated import Stated, name_of
from symbp.errors import InputError
from symbp.formula.latex.symbols import symbols
from symbp.formula.syntax import Binary, Call, Compare, Name, Negate, Node, Number, Sym, Transpose

Axes = tuple[int, ...]
_BOLD = re.compile(r"\\(?:mathbf|boldsymbol|bm|vec|bold|pmb)\s*(?:\{\s*(\\?[A-Za-z]+)\s*\}|([a-z]))")
_IN_SPACE = re.compile(
    r"(\\?[A-Za-z]+(?:_\{?\w\}?|\^\{?[\[(]\d[\])]\}?)?)\s*\\in\s*\\(?:mathbb|mathbf)\s*\{?\s*R\s*\}?\s*\^\s*(\{[^{}]*\}|\w)"
)
_TIMES = re.compile(r"\\times|×")
ALONG = ("softmax", "log_softmax")
WEIGHTS = ("W", "U", "V", "Theta", "w")
"""What stands before a batch whose examples are columns, and behind one whose examples are rows."""


class Unclear(Exception):
    """Shapes that do not fit together, or of which too little is said."""


@dataclass
class Shapes:
    """The axes of every name, as far as they are known: numbers, of which some are found to be the same."""

    same: dict[int, int] = field(default_factory=dict)
    axes: dict[str, Axes] = field(default_factory=dict)

    def new(self) -> int:
        """An axis that is like no other yet."""
        k = len(self.same)
        self.same[k] = k
        return k

    def root(self, axis: int) -> int:
        """The number that stands for an axis and all that are the same."""
        while self.same[axis] != axis:
            axis = self.same[axis]
        return axis

    def unite(self, a: Axes, b: Axes) -> None:
        """Two arrays have the same axes; Unclear where they have not as many."""
        if len(a) != len(b):
            raise Unclear
        for one, two in zip(a, b, strict=True):
            self.same[self.root(one)] = self.root(two)

    def give(self, name: str, count: int) -> Axes:
        """A name's axes; Unclear where it has another number of them."""
        if name not in self.axes:
            self.axes[name] = tuple(self.new() for _ in range(count))
        if len(self.axes[name]) != count:
            raise Unclear
        return self.axes[name]

    def of(self, node: Node, expected: int | None = None) -> Axes | None:
        """The axes of a formula of whole arrays, None where a letter is not known; `expected` is how many a letter alone has."""
        match node:
            case Number() | Compare():
                return ()
            case Sym() | Name():
                name = name_of(node) if isinstance(node, Sym) else node.name
                if name not in self.axes and expected is not None:
                    return self.give(name, expected)
                return self.axes.get(name)
            case Negate():
                return self.of(node.arg, expected)
            case Transpose():
                found = self.of(node.arg, self._turned(node.arg))
                return None if found is None else found[::-1]
            case Call() if node.name == "sum" and len(node.args) == 1:
                self.of(node.args[0])
                return ()
            case Call() if node.name in ALONG and len(node.args) == 1:
                return self.of(node.args[0], 1)
            case Call() if node.args and not node.primes:
                return self._alike(node.args, expected)
            case Binary() if node.op in ("juxt", "cdot", "@"):
                return self._product(node, expected)
            case Binary() if node.op in ("^", "**"):
                return self.of(node.left, expected)
            case Binary():
                return self._alike((node.left, node.right), expected, node.op == "-")
        raise Unclear

    def _turned(self, node: Node) -> int | None:
        """How many axes a letter has that is transposed: a small one has one."""
        if isinstance(node, Sym):
            return 2 if _capital(node) else 1
        return None

    def _alike(self, args: Sequence[Node], expected: int | None, apart: bool = False) -> Axes | None:
        alone = [self.of(a) if isinstance(a, Sym) else None for a in args]
        count = max((len(a) for a in alone if a is not None), default=None) if apart else None
        found = [self.of(a, count) if own is None else own for a, own in zip(args, alone, strict=True)]
        known = [f for f in found if f is not None]
        most = max(known, key=len, default=None)
        if most is None:
            found = [self.of(a, expected) for a in args] if expected is not None else found
            known = [f for f in found if f is not None]
            most = max(known, key=len, default=None)
        if most is None:
            return None
        for k, (arg, own) in enumerate(zip(args, found, strict=True)):
            if own is None and len(most) > 0:
                count = len(most) if len(most) < 2 or _is_capital(arg) else 1
                found[k] = own = self.of(arg, count)
            if own is not None and len(own) == len(most):
                self.unite(own, most)
            elif own is not None and len(own) == 1 and len(most) == 2 and not apart:
                over = next((a for a in most if self.root(a) == self.root(own[0])), None)
                columns = any(_begins_with_weights(a) for a in args)
                self.unite(own, (most[0] if columns else most[1],) if over is None else (over,))
            elif own is not None and own:
                raise Unclear
        return most if len(known) == len(args) or len(most) > 0 else None

    def _product(self, node: Binary, expected: int | None) -> Axes | None:
        left, right = self.of(node.left), self.of(node.right)
        if left is None and isinstance(node.left, Sym) and _capital(node.left):
            left = self.of(node.left, 2)
        if right is None and isinstance(node.right, Sym) and _capital(node.right):
            right = self.of(node.right, 1 if expected == 1 and left is not None and len(left) == 2 else 2)
        if right is None and left is not None and len(left) == 2:
            right = self.of(node.right, 1)
        if left is None and right is not None and len(right) == 2:
            left = self.of(node.left, 1)
        turned = isinstance(node.left, Transpose)
        if turned and left is not None and len(left) == 1 and right is None:
            right = self.of(node.right, 1)
        if left is None or right is None:
            return None
        if not left or not right:
            return left or right
        if len(left) == len(right) == 1:
            if isinstance(node.right, Transpose) and not turned:
                return left + right
            if turned or node.op == "cdot":
                self.unite(left, right)
                return ()
            raise Unclear
        self.unite(left[-1:], right[:1])
        return left[:-1] + right[1:]


def _capital(sym: Sym) -> bool:
    return sym.base.lstrip("\\")[:1].isupper()


def _is_capital(node: Node) -> bool:
    return isinstance(node, Sym) and _capital(node)


def _begins_with_weights(node: Node) -> bool:
    while isinstance(node, (Binary, Transpose)):
        node = node.left if isinstance(node, Binary) else node.arg
    return isinstance(node, Sym) and node.base.lstrip("\\") in WEIGHTS


def elements(shapes: Shapes, one: Stated) -> None:
    """Give the letters of an equation between elements their axes; Unclear where one lacks an index."""
    by_letter: dict[str, int] = {}
    for sym in (*symbols(one.right), None):
        subs = one.letters if sym is None else sym.subs
        name = one.name if sym is None else name_of(sym)
        letters = tuple(c for c in subs if not c.isdigit())
        if letters and any(c.isdigit() for c in subs):
            raise Unclear
        own = shapes.give(name, len(letters)) if letters or name in shapes.axes or sym is None else ()
        if len(own) != len(letters):
            raise Unclear
        for axis, letter in zip(own, letters, strict=True):
            shapes.unite((axis,), (by_letter.setdefault(letter, axis),))


def indexed(one: Stated) -> bool:
    """Whether an equation is one between elements."""
    return bool(one.letters) or any(not c.isdigit() for s in symbols(one.right) for c in s.subs)


def in_bold(equations: Iterable[Equation]) -> frozenset[str]:
    """The letters that a document sets in bold."""
    return frozenset((m[1] or m[2]).lstrip("\\") for e in equations for m in _BOLD.finditer(e.text))


def shaped(defined: Sequence[Stated], equations: Sequence[Equation], text: str) -> Shapes:
    """The axes of all names that a page defines and reads.

    Letters have as many axes as they have indices, one where they are bold and small or are transposed and small, two where
    they are capitals that are multiplied; what is left has none.
    """
    bold, shapes = in_bold(equations), Shapes()
    for m in _IN_SPACE.finditer(text):
        name = re.sub(r"[\\{}_^\[\]()]", "", m[1])
        _quietly(shapes, name, 2 if _TIMES.search(m[2]) else 1)
    for one in defined:
        if one.generic:
            _quietly(shapes, one.name, 0)
        elif indexed(one):
            try:
                elements(shapes, one)
            except Unclear:
                continue
    read = {name_of(s): s for one in defined for s in symbols(one.right)}
    for name, sym in read.items():
        if sym.base.lstrip("\\") in bold and not _capital(sym):
            _quietly(shapes, name, 1)
    whole = [d for d in defined if not indexed(d) and not d.argument and not d.generic]
    names = {d.name for d in defined}
    while True:
        while _round(whole, shapes):
            pass
        stuck = next((d for d in whole if d.name not in shapes.axes), None)
        left = [n for d in whole for n in sorted(d.reads) if n not in shapes.axes and n not in names]
        own = [n for n in left if stuck is not None and n in stuck.reads]
        if not left:
            return shapes
        shapes.give((own or left)[0], 0)  # of what nothing says that it has axes


def _round(whole: Sequence[Stated], shapes: Shapes) -> bool:
    """Go through the definitions once; whether anything was learnt."""
    before = len(shapes.axes)
    for one in whole:
        try:
            found = shapes.of(one.right, len(shapes.axes[one.name]) if one.name in shapes.axes else None)
            if found is not None and one.name not in shapes.axes:
                shapes.axes[one.name] = found
            elif found is not None:
                shapes.unite(found, shapes.axes[one.name])
        except (Unclear, InputError):
            continue
    return len(shapes.axes) > before


def _quietly(shapes: Shapes, name: str, count: int) -> None:
    try:
        shapes.give(name, count)
    except Unclear:
        return
