r"""Index expressions as LaTeX: ``\sum_{j} w^{(2)}_{ji} \delta^{(2)}_j``; names come from :mod:`.symbols`, numbers from SymPy."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import sympy
from sympy import Add, Expr, Indexed, KroneckerDelta, Mul, Pow, Symbol

from symbp.calculus import functions as f
from symbp.calculus.indices import Axis, Index
from symbp.calculus.letters import Letters, letters_for
from symbp.calculus.matrix_functions import MatrixFunction
from symbp.calculus.places import Place, Within
from symbp.calculus.primitives import BY_HEAD
from symbp.calculus.primitives.matrices import MATRIX_BY_HEAD
from symbp.calculus.program import Partial, indices_of, name_of
from symbp.calculus.reductions import First, LogSumExp, Max, Only, Prod, Reduction, Sum
from symbp.calculus.text import Mean, conditions, is_size, ordered_terms, split_product, within_sides
from symbp.notes.brackets import TALL, is_decimal, number_latex, wrapped
from symbp.notes.lettering import letter, literal, spaced
from symbp.notes.symbols import Symbols

SUM, PRODUCT, POWER, ATOM = range(4)  # how tightly a printed expression holds together


def index_latex(expr: Expr, symbols: Symbols, taken: Sequence[str] = (), **options: bool) -> str:
    r"""An expression in index form as LaTeX without dollar signs.

    Parameters
    ----------
    taken : letters that no bound index may use
    options : ``limits`` writes sums with both limits, ``spelled`` writes adjoints as derivatives
    """
    letters = letters_for(expr, taken, symbols.preferred, symbols.alphabet)
    return spaced(_Printer(symbols, letters, **options).show(expr, SUM))


@dataclass(frozen=True)
class _Printer:
    symbols: Symbols
    letters: Letters
    limits: bool = False
    spelled: bool = False

    def show(self, expr: Expr, level: int) -> str:
        """The LaTeX of `expr`, in parentheses where it holds together less tightly than `level`."""
        text, own = self.text(expr)
        return wrapped(text) if own < level else text

    def text(self, expr: Expr) -> tuple[str, int]:
        if isinstance(expr, Add):
            return self.addition(expr)
        if isinstance(expr, Reduction):
            return self.reduction(expr)
        if isinstance(expr, Mean):
            return self.mean(expr)
        if isinstance(expr, sympy.exp):
            return self.exponential(expr.args[0])
        if isinstance(expr, Mul):
            return self.product(expr)
        if expr.is_number:
            return number_latex(expr), ATOM if expr.is_Integer and expr >= 0 else SUM if expr < 0 else PRODUCT
        if isinstance(expr, Pow):
            return self.power(expr)
        if isinstance(expr, f.Apply):
            return self.applied(expr)
        if isinstance(expr, KroneckerDelta):
            i, j = self.symbols.displayed("", sorted(expr.args, key=lambda a: (isinstance(a, Place), str(a))))
            return self.indicator(f"{self.symbols.place(i)} = {self.symbols.place(j)}"), ATOM
        if isinstance(expr, Within):
            return self.indicator(self.compared(expr)), ATOM
        if isinstance(expr, Place):
            return self.symbols.place(expr), SUM
        if isinstance(expr, First):
            most = expr.args[0]
            index, body, letters = self.letters.open(most)
            inner, where = replace(self, letters=letters), self.where(body)
            body = body.args[1] if isinstance(body, Only) else body
            return self.indicator(rf"{expr.args[1]} = \arg\max_{{{index}{where}}} {inner.show(body, PRODUCT)}"), ATOM
        if isinstance(expr, Partial):
            return self.partial(*expr.args), PRODUCT
        if isinstance(expr, (Indexed, Symbol)):
            return self.symbol(expr), ATOM
        if isinstance(expr, MatrixFunction):
            return self.of_matrix(expr)
        return self.function(expr)

    def of_matrix(self, expr: MatrixFunction) -> tuple[str, int]:
        r"""A function of a matrix, ``(A^{-1})_{ij}``; a matrix without a letter is written by its elements."""
        row, ((q, p), body, letters) = MATRIX_BY_HEAD[type(expr)], self.letters.open_all(expr.array)
        if isinstance(body, Indexed) and tuple(body.indices) == (p, q):
            inside = self.symbols.whole(name_of(body))
        elif isinstance(body, Indexed) and tuple(body.indices) == (q, p):
            inside = rf"{self.symbols.whole(name_of(body))}^{{{self.symbols.notation.transpose}}}"
        else:
            entry = replace(self, letters=letters).show(body, SUM)
            inside = rf"\left[{entry}\right]_{{{letter(p.name)}{letter(q.name)}}}"
        if not row.power:
            return row.written(inside, inside), ATOM
        raised = f"{wrapped(inside) if '^' in inside else inside}^{{{row.power}}}"
        return f"{wrapped(raised)}_{{{''.join(self.show(i, SUM) for i in expr.indices)}}}", ATOM

    def symbol(self, expr: Expr) -> str:
        if is_size(expr):
            return self.symbols.size(Axis(expr.name.removeprefix("N_")))
        if isinstance(expr, Index):
            return letter(expr.name)
        if expr == f.Z:
            return self.symbols.argument
        name = name_of(expr)
        of = self.symbols.derivative_by(name) if self.spelled else ""
        if of and self.symbols.lettered(of):
            return self.symbols.partial(self.symbols.element(of, indices_of(expr)))
        return self.symbols.element(name, indices_of(expr))

    def partial(self, above: Expr, below: Expr) -> str:
        if not self.symbols.lettered(name_of(above)):
            return rf"\frac{{\partial}}{{\partial {self.show(below, ATOM)}}} {wrapped(self.show(above, SUM))}"
        over = self.show(below, ATOM)
        over = over if self.symbols.lettered(name_of(below)) or "+" not in over else f"({over})"
        return rf"\frac{{\partial {self.show(above, ATOM)}}}{{\partial {over}}}"

    @staticmethod
    def indicator(condition: str) -> str:
        return rf"\mathbf{{1}}[{condition}]"

    def addition(self, expr: Expr) -> tuple[str, int]:
        steps = [t for t in expr.args if isinstance(-t, f.step)]
        if len(expr.args) == 2 and sympy.S.One in expr.args and steps:
            return self.indicator(self.condition((-steps[0]).args[0], r"\le")), ATOM
        text = ""
        terms = ordered_terms(expr)
        for term in sorted(terms, key=lambda t: isinstance(t, Symbol) and bool(re.fullmatch(r"R\d+", t.name))):
            shown = self.show(term, SUM)
            if not text:
                text = shown
            else:
                text += f" - {shown[1:].lstrip()}" if shown.startswith("-") else f" + {shown}"
        return text, SUM

    def condition(self, arg: Expr, sign: str) -> str:
        """``arg > 0`` (or another sign) with the negative terms on the other side."""
        terms = Add.make_args(arg)
        right = [-t for t in terms if t.as_coeff_Mul()[0] < 0]
        left = [t for t in terms if t.as_coeff_Mul()[0] >= 0]
        sides = [self.show(Add(*side), SUM) for side in (left, right)]
        return f"{sides[0]} {sign} {sides[1]}"

    def product(self, expr: Expr) -> tuple[str, int]:
        coefficient, rest = expr.as_coeff_Mul()
        if is_decimal(coefficient):
            factors = [] if rest == 1 else [literal(number_latex(abs(coefficient))), rest]
            text = " ".join(self.show(x, PRODUCT) for x in factors)
            return (f"-{text}", SUM) if coefficient < 0 else (text, PRODUCT)
        negative, above, below = split_product(expr)
        above = sorted(above, key=self.rank)
        sign = "-" if negative else ""
        if below:
            if all(b.is_number for b in below) or any(
                isinstance(a, (Sum, Mean, Partial)) or self.long(a) for a in above
            ):
                front = [a for a in above if a.is_number or (isinstance(a, Symbol) and "frac" not in self.symbol(a))]
                rest = [a for a in above if a not in front]
                text = rf"\frac{{{self.juxtaposed(front) or 1}}}{{{self.juxtaposed(below)}}}"
                return sign + " ".join(x for x in (text, self.juxtaposed(rest)) if x), SUM if negative else PRODUCT
            over = self.show(above[0], SUM) if len(above) == 1 else self.juxtaposed(above)
            under = self.show(below[0], SUM) if len(below) == 1 else self.juxtaposed(below)
            return rf"{sign}\frac{{{over or 1}}}{{{under}}}", SUM if negative else PRODUCT
        own = self.text(above[0])[1] if len(above) == 1 else PRODUCT
        return (sign + self.juxtaposed(above), SUM) if negative else (self.juxtaposed(above), own)

    def long(self, factor: Expr) -> bool:
        if isinstance(factor, (Symbol, Indexed)) and r"\frac" in self.symbol(factor):
            return True
        if not isinstance(factor, Add):
            return False
        if factor.has(Reduction, f.where) or len(factor.args) > 3:
            return True
        return r"\frac" in self.show(factor, SUM)  # a fraction above a fraction is small print

    def juxtaposed(self, factors: Sequence[Expr]) -> str:
        """Factors side by side; only the last may be an open sum or end in a logarithm."""
        shown = []
        for k, factor in enumerate(factors):
            last = k == len(factors) - 1
            text = self.show(factor, PRODUCT)
            open_ended = isinstance(factor, (Sum, Mean, Prod, sympy.log, LogSumExp)) or self.is_xlogy(factor)
            shown.append(wrapped(text) if open_ended and not last else text)
        for k in range(1, len(shown)):
            if shown[k - 1][-1].isdigit() and (shown[k][0].isdigit() or shown[k].startswith(r"\mathbf{1}")):
                shown[k] = rf"\cdot {shown[k]}"
            elif _is_fraction(shown[k - 1]) and shown[k].startswith(r"\frac"):
                shown[k] = rf"\, {shown[k]}"  # else they touch
        return " ".join(shown)

    @staticmethod
    def is_xlogy(expr: Expr) -> bool:
        return isinstance(expr, f.xlogy)

    def rank(self, factor: Expr) -> tuple[int, str]:
        """The order of factors: numbers, settings, indicators, g', weights, errors, values, functions, sums."""
        base = factor.base if isinstance(factor, Pow) and not isinstance(factor, sympy.exp) else factor
        if base.is_number:
            return 0, ""
        if isinstance(base, Symbol):
            return (1 if is_size(base) else 2), ("~" if r"\frac" in base.name else "") + base.name
        if isinstance(base, (KroneckerDelta, First, f.step)) or (
            isinstance(base, Add) and self.addition(base)[1] == ATOM
        ):
            return 3, str(base)
        if isinstance(base, f.Apply) or isinstance(base, f.sgn):
            return 4, str(base)
        if isinstance(base, Indexed):
            tensor = self.symbols.tensors.get(name_of(base))
            role = tensor.role if tensor else "value"
            return {"parameter": 5, "adjoint": 6}.get(role, 7), str(base)
        if isinstance(base, Partial):
            return 8, str(base)
        if isinstance(base, MatrixFunction) and base.rank:
            return 6, "~"
        return (12 if isinstance(base, (Sum, Mean)) else 10 if isinstance(base, Add) else 9), str(base)

    def power(self, expr: Expr) -> tuple[str, int]:
        base, exponent = expr.args
        if exponent.is_Rational and exponent < 0:
            return self.product(expr)
        if exponent == sympy.S.Half:
            return rf"\sqrt{{{self.show(base, SUM)}}}", ATOM
        row = BY_HEAD.get(type(base))
        if row is not None and row.raised:
            return f"{row.latex}^{{{self.show(exponent, SUM)}}}{wrapped(self.show(base.args[0], SUM))}", ATOM
        return f"{self.raised(base)}^{{{self.show(exponent, SUM)}}}", POWER

    def raised(self, base: Expr) -> str:
        """A base that a superscript can follow."""
        text = self.show(base, ATOM)
        scripted = "^" in text and not text.endswith(")") and not text.endswith("|")
        layered = base == f.Z or (isinstance(base, (Indexed, Symbol)) and name_of(base) in self.symbols.tensors)
        word = text.startswith(r"\mathrm")  # a reader takes a number behind the name of a layer for a layer too
        if (self.symbols.notation.bare or word) and layered and not isinstance(base, Index):
            return text if text.endswith(")") else wrapped(text)  # else the power would be a layer
        return wrapped(text) if scripted or text.startswith(r"\frac") else text

    def exponential(self, arg: Expr) -> tuple[str, int]:
        totals = [t for t in Add.make_args(arg) if isinstance(-t, LogSumExp)]
        if len(totals) == 1:
            over, under = sympy.exp(arg - totals[0]), -totals[0]
            index, body, letters = self.letters.open(under)
            inner, where = replace(self, letters=letters), self.where(body)
            body = body.args[1] if isinstance(body, Only) else body
            total = rf"\sum{self.under((index,), where)} {inner.show(sympy.exp(body), PRODUCT)}"
            return rf"\frac{{{self.show(over, SUM)}}}{{{total}}}", PRODUCT
        text = self.show(arg, SUM)
        if any(t in text for t in TALL) or len(text) > 60 or self.symbols.means("e"):
            return rf"\exp{wrapped(text)}", ATOM
        return f"e^{{{text}}}", POWER

    def applied(self, expr: f.Apply) -> tuple[str, int]:
        if expr.name == "identity" and expr.order == 0:
            return self.text(expr.arg)
        name = self.symbols.function(expr.name, expr.order, expr.arg)
        return name + wrapped(self.show(expr.arg, SUM)), ATOM

    def function(self, expr: Expr) -> tuple[str, int]:
        args = expr.args
        if isinstance(expr, f.step):
            return self.indicator(self.condition(args[0], ">")), ATOM
        if isinstance(expr, f.absolute):
            return rf"\left|{self.show(args[0], SUM)}\right|", ATOM
        if isinstance(expr, f.floor_of):
            return rf"\left\lfloor {self.show(args[0], SUM)} \right\rfloor", ATOM
        if isinstance(expr, f.where):
            yes, no, condition = (self.show(a, SUM) for a in (args[1], args[2], args[0]))
            condition = (
                condition.removeprefix(r"\mathbf{1}[").removesuffix("]") if condition.endswith("]") else condition
            )
            return rf"\begin{{cases}} {yes} & \text{{if }} {condition} \\ {no} & \text{{otherwise}} \end{{cases}}", ATOM
        if isinstance(expr, (f.xlogy, sympy.log)):
            front = [self.show(args[0], PRODUCT)] if isinstance(expr, f.xlogy) else []
            arg = self.show(args[-1], SUM)
            simple = isinstance(args[-1], (Indexed, Symbol)) and not arg.startswith(r"\frac")
            return " ".join([*front, self.symbols.notation.log + (f" {arg}" if simple else wrapped(arg))]), PRODUCT
        row = BY_HEAD.get(type(expr))
        if row is not None and row.spelled_out and row.textbook is not None:
            return self.text(row.textbook(*args))
        if row is None or not row.latex:
            return str(sympy.latex(expr)), ATOM
        return row.latex + wrapped(", ".join(self.show(a, SUM) for a in args)), ATOM

    def reduction(self, expr: Reduction) -> tuple[str, int]:
        indices, body, letters = self.letters.open_all(expr)
        indices, body = self.symbols.in_order(indices, body)
        inner, where = replace(self, letters=letters), self.where(body)
        body = body.args[1] if isinstance(body, Only) else body
        if isinstance(expr, LogSumExp):
            below = self.under(indices, where)
            return rf"{self.symbols.notation.log} \sum{below} {inner.show(sympy.exp(body), PRODUCT)}", PRODUCT
        sign = {Sum: r"\sum", Prod: r"\prod", Max: r"\max"}[type(expr)]
        if self.limits and not isinstance(expr, Max):
            heads = "".join(sign + self.under((i,)) for i in indices)
        else:
            heads = sign + self.under(indices, where)
        return f"{heads} {inner.show(body, PRODUCT)}", PRODUCT

    def mean(self, expr: Mean) -> tuple[str, int]:
        """A sum with its divisor in front."""
        total, sizes = expr.args[0], []
        body = total
        for _ in range(int(expr.args[1])):
            sizes.append(body.axis.size)
            body = body.body
        return rf"\frac{{1}}{{{self.juxtaposed(sizes)}}} {self.show(total, PRODUCT)}", PRODUCT

    def compared(self, expr: Within) -> str:
        """``r \\le t``, or ``r < t`` where that is shorter."""
        below, above = within_sides(expr)
        less = (above.is_Add and -1 in above.args) or (below.is_Add and 1 in below.args)
        if less:  # r + 1 <= t
            below, above = (below - 1, above) if below.is_Add and 1 in below.args else (below, above + 1)
        return (
            rf"{self.symbols.whole_number(below)} {'<' if less else chr(92) + 'le'} {self.symbols.whole_number(above)}"
        )

    def where(self, body: Expr) -> str:
        """The condition under which a term is there, behind the index of a sum or a maximum."""
        rest = conditions(body) if isinstance(body, Only) else []
        return "".join(rf",\, {self.compared(f) if isinstance(f, Within) else self.show(f, ATOM)}" for f in rest)

    def under(self, indices: Sequence[Index], where: str = "") -> str:
        """The scripts of a sum."""
        if self.limits and len(indices) == 1 and not where:
            return f"_{{{letter(indices[0].name)}={self.symbols.first}}}^{{{self.symbols.last(indices[0].axis)}}}"
        return f"_{{{', '.join(letter(i.name) for i in indices)}{where}}}"


def _is_fraction(text: str) -> bool:
    return text.lstrip("\\, ").startswith("frac") and text.endswith("}")
