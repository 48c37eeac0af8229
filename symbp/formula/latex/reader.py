r"""The tree of a LaTeX equation as a claim's syntax tree, with letters not yet looked up (:class:`~.symbols.Sym`).

Juxtaposition is left open, as ``Binary("juxt", ...)`` or ``Binary("cdot", ...)``: the shapes decide between a matrix product
and scaling by a number (:mod:`symbp.verification.readings.products`).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import product
from typing import Any

from lark import Token, Tree

from symbp.errors import InputError, shown
from symbp.formula.latex.compounds import braces, compound
from symbp.formula.latex.derivatives import is_slashed, nabla, operator, slashed_derivative, slope_of
from symbp.formula.latex.equation import Equation
from symbp.formula.latex.functions import call, condition, has_argument, named, ones, subscripted_condition
from symbp.formula.latex.parse import at, parse
from symbp.formula.latex.sums import opened
from symbp.formula.latex.symbols import (
    POWER,
    inverted,
    is_inversion,
    is_positive_part,
    is_power,
    is_prime,
    is_transposition,
    layer_of,
    of_elements,
    pieces,
    subscripts,
    symbols,
)
from symbp.formula.latex.trees import Limit, Scripts, links, meta_of, scripts_of, single, span_of, start, word
from symbp.formula.syntax import (
    ELEMENT,
    Binary,
    Call,
    Compare,
    Name,
    Negate,
    Node,
    Number,
    Span,
    Sym,
    Transpose,
    transposed,
)
from symbp.notation import Notation

_COMPARISONS = {"<": "<", ">": ">", "le": "<=", "leq": "<=", "ge": ">=", "geq": ">=", "lt": "<", "gt": ">",
                "leqslant": "<=", "geqslant": ">=", "ne": "!=", "neq": "!="}  # fmt: skip


@dataclass(frozen=True)
class Sides:
    """An equation as a typed tree: its text, its sides with the sign between them, and what was found in them: the upper limits
    of sums, the letters of losses, and whether there is a sign of a sum."""

    text: str
    sign: str
    left: Node
    right: Node
    limits: tuple[Limit, ...] = ()
    losses: tuple[str, ...] = ()
    sums: bool = False


@dataclass
class Reader:
    """Reads the sides of one equation; the rules for its parts, in files of their own, know it as :class:`.trees.Reads`.

    `known_words` are the names that a word may be, beside functions, `depth` is the number of layers, and `vectors` says whether
    the input is more than a number.
    """

    notation: Notation
    known_words: frozenset[str] = frozenset()
    limits: list[Limit] = field(default_factory=list)
    sums: bool = False
    depth: int = 0
    vectors: bool = True
    losses: list[str] = field(default_factory=list)

    def sides(self, equation: Equation) -> Sides:
        """The equation as a typed tree; InputError with the column where it cannot be read."""
        left, right = self.sum(equation.left), self.sum(equation.right)
        found = tuple(self.limits), tuple(self.losses), self.sums
        return Sides(equation.text, str(equation.sign), left, right, *found)

    def element_of(self, formula: Node) -> Node:
        """The element that a formula writes out where the notation has no letter for it; else the formula."""
        n, units = self.notation, {c for s in symbols(formula) for c in s.subs if c != "0"}
        for name, forms in n.written_out.items():
            for form, unit in product(forms, units):
                written = Reader(n).sum(parse(f"x = {form.format(unit, n.example)}").children[2])
                if written == formula:
                    return Sym(name, subs=(unit,), span=formula.span)
        return formula

    def sum(self, tree: Any) -> Node:
        """A sum of products."""
        sign, first, *rest = tree.children
        node = self.product(first)
        if sign is not None and sign != "+":
            node = Negate(node, span=span_of(tree))
        for op, term in zip(rest[::2], rest[1::2], strict=True):
            node = Binary("+" if op == "+" else "-", node, self.product(term), span=span_of(tree))
        return node

    def product(self, tree: Any) -> Node:
        """Chains with Hadamard signs between them."""
        node: Node | None = None
        op, style = "*", ""
        for part in tree.children:
            if isinstance(part, Token):
                op, style = ("/", "oslash") if "oslash" in part else ("*", "")
                continue
            value = opened(self, part) if part.data == "opened" else self.chain(part.children)
            node = value if node is None else Binary(op, node, value, style, span=span_of(tree))
        assert node is not None
        return node

    def chain(self, parts: list[Any]) -> Node:
        """Factors side by side."""
        parts = self.spelled(parts) if self.notation.spelled else parts
        node: Node | None = None
        op, slashed, k = "juxt", False, 0
        while k < len(parts):
            part = parts[k]
            if isinstance(part, Token):
                op = {"SLASH": "/", "OUTER": "outer"}.get(part.type, "cdot")
                if node is None or k + 1 == len(parts):
                    raise InputError(f"{shown(str(part))} stands where it cannot", place=at(start(part)))
                k += 1
                continue
            value, used = self.factor(parts, k, node)
            span = Span(start(parts[0]), span_of(parts[k + used - 1]).end)
            if value is None:  # scripts of an empty group belong to what stands before
                node = self.scripted_node(node, scripts_of(part.children[1:]), start(part), span)
            elif node is None:
                node = value
            else:
                if slashed and op == "juxt":
                    raise InputError(r"is this below the line or beside it?", place=at(start(part)), allowed=r"\frac")
                node = self.joined(node, value, op, span)
                slashed = op == "/" and not isinstance(value, Number)
            op = "juxt"
            k += used
        if node is None:
            raise InputError("nothing stands here", place=at(0))
        return node

    def spelled(self, parts: list[Any]) -> list[Any]:
        """The links with letters and digits that stand close together and spell a name made one; the longest name counts."""
        found: list[Any] = []
        k = 0
        while k < len(parts):
            if is_slashed(self, parts, k):  # dJ/ds, of which neither half is a name
                found += parts[k : k + 4]
                k += 4
                continue
            run: list[Any] = []
            for part in parts[k:]:
                token = part.children[0] if isinstance(part, Tree) and part.data == "scripted" else None
                if not isinstance(token, Token) or token.type not in ("LETTER", "NUMBER"):
                    break
                if run and span_of(run[-1]).end != start(token):
                    break
                run.append(part)
                if len(part.children) > 1:
                    break
            while len(run) > 1 and "".join(str(p.children[0]) for p in run) not in self.known_words:
                run.pop()
            if len(run) > 1:
                name, last = "".join(str(p.children[0]) for p in run), run[-1]
                token = Token("WORD", rf"\mathrm{{{name}}}", start_pos=start(run[0]), end_pos=last.children[0].end_pos)
                merged = Tree("scripted", [token, *last.children[1:]], meta_of(token))
                merged.meta.end_pos = span_of(last).end
            found.append(merged if len(run) > 1 else parts[k])
            k += max(1, len(run))
        return found

    @staticmethod
    def joined(left: Node, right: Node, op: str, span: Span) -> Node:
        """Two factors, with the sign between them."""
        return Binary(op, left, right, span=span)

    def factor(self, parts: list[Any], k: int, before: Node | None) -> tuple[Node | None, int]:
        """The factor that begins at a link, and how many links it takes."""
        part = parts[k]
        if part.data == "call":
            return call(self, parts, k)
        each = [s for s in part.children[1:] if s.data == "sup" and of_elements(s.children[0])]
        if each:
            rest = Tree("scripted", [c for c in part.children if c not in each], part.meta)
            node, used = self.factor([*parts[:k], rest, *parts[k + 1 :]], k, before)
            for script in each:
                exponent = self.sum(script.children[0].children[1])
                node = Binary("**", node, exponent, span=span_of(part)) if node is not None else None
            return node, used
        euler = part.children[0] == "e" and "e" not in self.known_words
        powers = [s for s in part.children[1:] if not euler and self.is_over(s)]
        if powers:
            rest = Tree("scripted", [c for c in part.children if c not in powers], part.meta)
            node, used = self.factor([*parts[:k], rest, *parts[k + 1 :]], k, before)
            return (self.over(node, powers, span_of(part)) if node is not None else None), used
        atom, scripts = part.children[0], scripts_of(part.children[1:])
        span = span_of(part)
        if isinstance(atom, Tree):
            if atom.data == "braces":
                return braces(self, parts, k, scripts, before)
            found = slope_of(self, parts, k) or operator(self, parts, k)
            if found is not None:
                return found
            node = compound(self, atom, scripts, span)
            inner = node.arg if isinstance(node, Transpose) else node
            following = parts[k + 1] if k + 1 < len(parts) else None
            return node, 2 if isinstance(inner, Sym) and has_argument(self, inner.base, following) else 1
        if atom.type in ("NUMBER", "HALF"):
            return self.number(parts, k, atom, scripts, span)
        if atom.type == "ONES":
            return ones(self, parts, k, scripts, span)
        base = word(atom)
        if base == r"\nabla":
            return nabla(self, parts, k, scripts, span)
        if base in (r"\partial", "d"):
            found = slashed_derivative(self, parts, k, base)
            if found is not None:
                return found
            if base == r"\partial":
                raise InputError("a derivative that is not one of the loss", place=at(start(part)), allowed="dJ/dW")
        euler = base == "e" and len(scripts.sups) == 1 and not scripts.subs
        if euler and (self.is_exponent(scripts.sups[0]) or self.is_power_of_e(scripts.sups[0])):
            return Call("exp", (self.inner(scripts.sups[0]),), span=span), 1
        sups = [s for s in part.children[1:] if s.data == "sup" and is_inversion(s.children[0])]
        if sups and base not in (*self.notation.activations, *self.notation.functions):
            return self.inverse(parts, k, sups[0], before)
        return named(self, parts, k, atom, base, scripts, span)

    def is_over(self, script: Any) -> bool:
        """Whether a script is a power of all that it stands at, or a sign of its positive part."""
        if script.data == "sub":
            return is_positive_part(script.children[0])
        return script.data == "sup" and is_power(
            script.children[0], self.known_words if self.notation.spelled else None
        )

    def over(self, node: Node, scripts: list[Any], span: Span) -> Node:
        """A formula with such scripts."""
        for script in scripts:
            if script.data == "sub":
                node = Call("maximum", (Number("0"), node), span=span)
            else:
                node = Binary(POWER, node, self.inner(script.children[0]), span=span)
        return node

    def inverse(self, parts: list[Any], k: int, sup: Any, before: Node | None) -> tuple[Node | None, int]:
        """A letter with the script of an inverse; with two indices, ``A^{-1}_{ij}``, an element of the inverse."""
        part = parts[k]
        below = [s for s in part.children[1:] if s.data == "sub" and _two_letters(s.children[0])]
        rest = Tree("scripted", [c for c in part.children if c is not sup and c not in below], part.meta)
        node, used = self.factor([*parts[:k], rest, *parts[k + 1 :]], k, before)
        if node is None or used > 1:
            raise InputError("the inverse of a function", place=at(start(part)), allowed="A^{-1} of a matrix")
        return self.scripted_node(
            inverted(node, sup.children[0], span_of(part)), scripts_of(below), start(part), span_of(part)
        ), 1

    def number(self, parts: list[Any], k: int, atom: Token, scripts: Scripts, span: Span) -> tuple[Node, int]:
        r"""A number with its scripts, ``\frac12``, or a condition ``1[z > 0]``; and how many links it takes."""
        digits = [c for c in atom if c.isdigit()] if atom.type == "HALF" else []
        number: Node = Number(str(atom), span=span)
        if digits:
            number = Binary("/", Number(digits[0], span=span), Number(digits[1], span=span), span=span)
        if str(atom) == "1" and scripts.sups and all(is_transposition(s) for s in scripts.sups):
            return ones(self, parts, k, scripts, span)  # 1^T
        if k + 1 < len(parts) and str(atom) == "1" and (said := condition(self, parts[k + 1])) is not None:
            return said, 2
        if str(atom) == "1" and len(scripts.subs) == 1 and not scripts.sups and not scripts.primes:
            return subscripted_condition(self, scripts, span), 1
        return self.scripted_node(number, scripts, start(parts[k]), span), 1

    @staticmethod
    def is_exponent(tree: Any) -> bool:
        """Whether e to this is the exponential function and not the error of a layer."""
        items = pieces(tree)
        return not all(is_transposition(p) or layer_of(p) is not None or is_prime(p) for p in items)

    def is_power_of_e(self, tree: Any) -> bool:
        """Whether e to what may be a script is the exponential function; e^T is a page's own vector where T is no name, and
        e^{(1)} that of a layer."""
        transposed = all(is_transposition(p) for p in pieces(tree)) and "T" not in self.known_words
        in_brackets = isinstance(tree, Tree) and any(t.data == "group" for t in tree.iter_subtrees())
        labelled = in_brackets and all(layer_of(p) is not None for p in pieces(tree))
        return self.notation.spelled and "e" not in self.known_words and not transposed and not labelled

    def inner(self, tree: Any) -> Node:
        """What one argument or one pair of brackets holds."""
        if isinstance(tree, Token):
            return self.chain([Tree("scripted", [tree], meta_of(tree))])
        if tree.data in ("scripted", "call"):
            return self.chain([tree])
        if tree.data not in ("braces", "group"):
            return self.chain([Tree("scripted", [tree], tree.meta)])
        cells = self.cells(tree)
        if len(cells) != 1:
            raise InputError("a comma stands where it cannot", place=at(start(tree)))
        return cells[0]

    def cells(self, tree: Any) -> list[Node]:
        """What stands between commas in brackets."""
        if tree.children[0] is None:
            raise InputError("nothing stands here", place=at(start(tree)))
        return [self.cell(c) for c in tree.children[0].children]

    def plain_letters(self, group: Any) -> bool:
        r"""Whether brackets hold letters alone, as in ``J(\theta)`` or ``L(\hat y, y)``."""
        if group.children[0] is None or not all(_is_letter(c) for c in group.children[0].children):
            return False  # seen without reading what is in it: brackets in brackets would be read over and over
        try:
            return all(isinstance(c, Sym) for c in self.cells(group))
        except InputError:
            return False

    def cell(self, tree: Any) -> Node:
        """An expression or a comparison."""
        if len(tree.children) == 1:
            return self.sum(tree.children[0])
        left, op, right, *more = tree.children
        if more or op.type == "LEADSTO":
            raise InputError(f"{shown(str(op))} stands where it cannot", place=at(start(op)))
        if op.type == "EQUAL" and op.strip() != "=":
            raise InputError(f"{shown(str(op))} stands where it cannot", place=at(start(op)))
        sign = "==" if op.type == "EQUAL" else _COMPARISONS[op.lstrip("\\")]
        if sign == "!=":
            same = Compare("==", self.sum(left), self.sum(right), span=span_of(tree))
            return Binary("-", Number("1"), same, span=span_of(tree))
        return Compare(sign, self.sum(left), self.sum(right), span=span_of(tree))

    def scripted_node(self, node: Node | None, scripts: Scripts, column: int, span: Span) -> Node:
        """An expression with a power, or transposed."""
        assert node is not None
        if scripts.primes == 1 and self.notation.transpose == "'":
            node = transposed(node)
        elif scripts.primes:
            raise InputError("a formula with a prime", place=at(column), allowed="g'(z)")
        parts = [p for sup in scripts.sups for p in ([sup] if layer_of(sup) is not None else pieces(sup))]
        for piece in parts:
            if is_transposition(piece):
                node = transposed(node)
            elif is_inversion(piece):
                node = inverted(node, piece, span)
        for sub in scripts.subs:
            node = _element(self.notation, node, subscripts(sub), span)
        for piece in parts:
            if isinstance(piece, Tree) and piece.data == "group":
                raise InputError("a layer stands at a formula", place=at(start(piece)))
            if of_elements(piece):
                node = Binary("**", node, self.sum(piece.children[1]), span=span)
            elif not is_transposition(piece) and not is_inversion(piece):
                node = Binary(POWER, node, self.inner(piece), span=span)
        return node


def _element(notation: Notation, node: Node, letters: tuple[str, ...], span: Span) -> Node:
    """An element of a formula: of a matrix by its indices, of another to be written out where shapes are known."""
    inner: Any = node.arg if isinstance(node, Transpose) else node
    if isinstance(inner, Sym) and not inner.subs and notation.families.get(inner.base) == "W":
        turned = isinstance(node, Transpose)
        return replace(inner, subs=letters[::-1] if turned else letters, span=span)
    return Call(ELEMENT, (node, *(Name(c) for c in letters)), span=span)


def _two_letters(sub: Any) -> bool:
    """Whether a subscript has two indices that are letters."""
    try:
        letters = subscripts(sub)
    except InputError:
        return False
    return len(letters) == 2 and all(c.isalpha() for c in letters)


def _is_letter(cell: Any) -> bool:
    """Whether a cell is one letter with its scripts."""
    inner = links(cell)
    if inner is None or len(inner) != 1 or not isinstance(inner[0], Tree) or inner[0].data != "scripted":
        return False
    atom = inner[0].children[0]
    return isinstance(atom, Token) or atom.data == "accent" or (atom.data == "braces" and single(atom) is not None)
