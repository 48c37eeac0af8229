"""Equations, elements and reasons of a derivation printed for a page, in one notation."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import sympy
from sympy import Add, Expr, Indexed, Integer, KroneckerDelta, Mul, Symbol

from symbp.calculus.functions import Apply, Z
from symbp.calculus.indices import Index
from symbp.calculus.matrix.nodes import Matrix
from symbp.calculus.passes import inline
from symbp.calculus.program import Statement, Tensor, indices_of, name_of
from symbp.calculus.recurrences import Recurrence, recurrences
from symbp.calculus.reductions import First, Sum, rewrite
from symbp.calculus.text import expression_text
from symbp.calculus.trace import Step
from symbp.network.derivation import Derivation
from symbp.notation import Notation
from symbp.notation.notation import plain
from symbp.notes.blocks import Inline, Math, chained
from symbp.notes.latex import index_latex
from symbp.notes.lettering import literal
from symbp.notes.matrices import matrix_math
from symbp.notes.own_letters import symbols_of
from symbp.notes.reading import shapes, symbols_reading
from symbp.notes.symbols import Symbols

VALUE = Symbol("a", real=True)
"""What :func:`.derivative_of` calls the value g(z)."""


@dataclass(frozen=True)
class Writer:
    """Prints what a page says of one derivation."""

    derivation: Derivation
    notation: Notation
    generic: Mapping[int, str] = field(default_factory=dict)

    @cached_property
    def symbols(self) -> Symbols:
        """The LaTeX of names."""
        return symbols_of(self.derivation, self.notation, self.generic)

    @cached_property
    def recurrences(self) -> tuple[Recurrence, ...]:
        """What is computed step by step, of the forward pass and of the derivatives."""
        return recurrences(self.derivation.program)

    @cached_property
    def trivial(self) -> dict[str, Statement]:
        """Adjoints that are numbers, such as that of a penalty that is added to the loss: a page writes the number."""
        its = self.derivation.backward.statements
        return {s.target.name: s for s in its if s.body.is_number and s.body != 0 and not s.target.axes}

    def put_in(self, expr: Expr) -> Expr:
        """The expression as a page writes it: trivial adjoints by their values, the slope of the identity as 1, 2*(a - b) with
        the number in front."""
        expr = inline(expr, self.trivial) if self.trivial else expr
        return rewrite(expr, lambda e: _cancelled(_content_out(_slope_of_identity(self.symbols.spelled(e)))))

    def relettered(self, indices: tuple[Index, ...], expr: Expr) -> tuple[tuple[Index, ...], Expr]:
        """Free indices under the letters of the notation; the number 1 in a chain of single units."""
        new = self.symbols.freed(indices)
        if self.symbols.single:
            new = tuple(Integer(0) if isinstance(i, Index) and self.symbols.one(i.axis) else i for i in new)
        return new, expr.xreplace({a: b for a, b in zip(indices, new, strict=True) if a != b})

    def statement(self, s: Statement, *, limits: bool = False) -> tuple[Math, Math]:
        """Both sides of a statement in index form."""
        indices, body = self.relettered(s.indices, self.put_in(s.body))
        right = self.index(body, indices, limits=limits)
        coupled, from_zero = self.symbols.coupled(s, indices), self._from_zero(s, body, indices) if limits else ""
        if coupled:
            right = chained([Math(coupled, f"{s.label}(z)"), right])
        if from_zero:
            right = Math(f"{right.latex} = {from_zero}", right.text)
        return self.index(s.target[indices]), right

    def _from_zero(self, s: Statement, body: Expr, indices: tuple[Index, ...]) -> str:
        """A dense layer as one sum, which begins with the unit 0 that is always 1, where biases are the weights from it."""
        sums = [t for t in Add.make_args(body) if isinstance(t, Sum)]
        biased = any(self.symbols.number(name)[0] == "b" for name in s.reads)
        if not self.notation.bias_in_weights or not biased or len(sums) != 1 or len(Add.make_args(body)) != 2:
            return ""
        return self.index(sums[0], indices, limits=True).latex.replace("=1}", "=0}", 1)

    def index(self, expr: Expr, indices: Iterable[Index] = (), **options: bool) -> Math:
        """An expression in index form; `options` as in :func:`.latex.index_latex`."""
        taken = [str(i) for i in indices if not isinstance(i, Integer)]
        first = self.symbols.first
        expr = rewrite(expr, lambda e: _content_out(_numbered(self._of_one(e), first)))
        shown = self._shown(expr, options.get("spelled", False))
        text = expression_text(shown, taken, self.symbols.preferred, self.symbols.alphabet)
        return Math(index_latex(expr, self.symbols, taken, **options), self._lengths(text))

    def _of_one(self, e: Expr) -> Expr:
        """A sum over one unit as its only term."""
        if not isinstance(e, Sum) or not self.symbols.one(e.axis):
            return e
        index, body = e.opened()
        if body.has(KroneckerDelta, First):  # which know units by their letters
            return e
        return rewrite(body.xreplace({index: Integer(0)}), lambda e: _numbered(e, self.symbols.first))

    def matrix(self, m: Matrix) -> Math:
        """A matrix expression."""
        shown = matrix_math(m, self.symbols, self.text_name)
        return Math(shown.latex, self._lengths(shown.text))

    def _lengths(self, text: str) -> str:
        """Text with the lengths of the layers' axes as n0, n1, ..., those of layers that stand for several as n<k>, and that of
        the batch by its letter."""
        if self.derivation.batch:
            text = re.sub(r"\bN\b", plain(self.symbols.count), text)
        return re.sub(r"\bN_(in|i(\d+))\b", lambda found: self._length(int(found[2] or 0)), text)

    def _length(self, layer: int) -> str:
        return f"n<{self.symbols.layer(layer)}>" if layer in self.generic else f"n{layer}"

    def reading(self, s: Statement) -> Matrix | None:
        """The matrix reading of a statement in the notation's layout; what is computed step by step has none."""
        if any(s.target.name in r.slots for r in self.recurrences):
            return None
        return symbols_reading(self.symbols, Statement(s.target, s.indices, self.put_in(s.body), s.label))

    def shape(self, m: Matrix) -> Math:
        """The shapes of the factors of a matrix expression."""
        sign = self.notation.hadamard
        latex, text = (shapes(m, length, sign) for length in (self.symbols.length, self.symbols.text_length))
        return Math(latex, text.replace(r"\times", "x").replace(sign, "*").replace(r"\oslash", "/"))

    def whole(self, name: str) -> Math:
        """A tensor."""
        return Math(self.symbols.whole(name), self.text_name(name))

    def text_name(self, name: str) -> str:
        """The name of a tensor as plain text in the notation."""
        return self.symbols.text_name(name)

    @property
    def text_loss(self) -> str:
        """The loss as plain text."""
        return self.symbols.text_loss

    @property
    def rate(self) -> str:
        """The LaTeX of the learning rate."""
        return self.notation.letter("rate") if self.notation.has("rate") else r"\eta"

    def _shown(self, expr: Expr, spelled: bool) -> Expr:
        """The expression as its plain text names it: other names, indices in the order of display, numbers from 1."""

        def change(e: Expr) -> Expr:
            if isinstance(e, Apply) and e.name == "identity" and not e.order:
                return e.arg
            if not isinstance(e, Indexed) and not (
                isinstance(e, Symbol) and name_of(e) in self.symbols.tensors and not e.is_integer
            ):
                return e
            name = name_of(e)
            if not self.symbols.lettered(name):
                s = self.derivation.forward.definitions[name]
                return rewrite(s.body.xreplace(dict(zip(s.indices, indices_of(e), strict=True))), change)
            indices = self.symbols.displayed(name, indices_of(e))
            numbered = tuple(
                Symbol(str(int(i.name))) if isinstance(i, Symbol) and i.name.isdigit() else i for i in indices
            )
            new = self.text_name(name)
            if spelled and (of := self.symbols.derivative_by(name)):
                new = f"d{self.text_loss}/d{self.text_name(of)}"
            if self.symbols.single and numbered and all(isinstance(i, Symbol) and i.name.isdigit() for i in numbered):
                return Symbol(new, real=True)
            return Indexed(sympy.IndexedBase(Symbol(new, real=True)), *numbered) if indices else Symbol(new, real=True)

        return rewrite(expr, change)

    @property
    def names_value(self) -> bool:
        """Whether the notation has a letter for the value of a scalar function, whose square is not another layer's."""
        return self.notation.has("a") and not self.notation.bare

    def scalar(self, expr: Expr, function: Math | None = None) -> Math:
        """An expression in the argument z of a scalar function and its value a; where that has no letter, it is `function` at its
        argument."""
        z = self.symbols.argument
        a = Math(self.notation.letter("a"), plain(self.notation.letter("a")))
        if function is not None and not self.names_value:
            a = Math(f"{function.latex}({z})", f"{function.text}({z})")
        texts = {Z: Symbol(plain(z), real=True), VALUE: Symbol(a.text, real=True)}
        return Math(
            index_latex(expr.xreplace({Z: literal(z), VALUE: literal(a.latex)}), self.symbols),
            expression_text(expr.xreplace(texts)),
        )

    def prose(self, text: str, step: Step) -> Inline:
        """The reason of a step, its names of tensors and functions as formulas."""
        known = {n for n in self.symbols.tensors if re.search(r"[0-9_]", n)} | {*step.uses, step.target.name}
        known |= {step.target.of or "", "x", "yhat", self.derivation.backward.loss}
        known &= {n for n in self.symbols.tensors if n != "a"}
        functions = self.derivation.program.function
        result: list[str | Math] = []
        for piece in re.split(r"(\b[A-Za-z]\w*\b'?)", text):
            word = piece.rstrip("'")
            if word in known:
                result += [self.whole(word), piece[len(word) :]]
            elif word in functions and (piece != word or word != "step"):
                result += [Math(self.symbols.function(word) + piece[len(word) :], piece)]
            else:
                result.append(piece)
        return tuple(p for p in result if p != "")

    def dimensions(self, t: Tensor) -> Math:
        """The shape of a tensor as it is displayed."""
        return Math(*self.symbols.dimensions(t))


def _numbered(e: Expr, first: int) -> Expr:
    """An element with numbers for indices, counted from 0, as one with numerals for letters, counted from `first`; the numerals
    have zeros in front, so that their order is that of the numbers."""
    if isinstance(e, Indexed) and any(isinstance(i, Integer) for i in e.indices):
        return Indexed(e.base, *(Symbol(f"{int(i) + first:04d}") if isinstance(i, Integer) else i for i in e.indices))
    return e


def _slope_of_identity(e: Expr) -> Expr:
    """1 for the derivative of the identity, which has no letter."""
    return sympy.S.One if isinstance(e, Apply) and e.name == "identity" and e.order == 1 else e


def _cancelled(e: Expr) -> Expr:
    """``sum(2*f, i)/2`` as ``sum(f, i)``."""
    if not isinstance(e, Mul):
        return e
    front, rest = e.as_coeff_Mul()
    if front == 1 or not isinstance(rest, Sum):
        return e
    index, body = rest.opened()
    inner, others = body.as_coeff_Mul()
    if isinstance(body, Sum) or front * inner != 1:
        return e
    return Sum.over(others, index)


def _content_out(e: Expr) -> Expr:
    """``2*a - 2*b`` as 2 times a bracket; SymPy multiplies it out by itself."""
    if isinstance(e, Add):
        content, rest = e.primitive()
        if content != 1 and isinstance(rest, Add) and content.is_Integer:
            return Mul(content, rest, evaluate=False)
    return e
