"""Expressions printed in the index language, as it is read by :mod:`symbp.calculus.language`.

What the language has no words for prints in the same spirit and is not read back: ``[i = j]`` for a Kronecker delta of letters,
``[i = first_max(e, j)]``, a derivative not carried out ``d(y)/d(x)``, and the length ``N`` of the
batch axis or ``N_d`` of axis d.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

import sympy
from sympy import Add, Expr, Indexed, KroneckerDelta, Mul, Pow, Symbol

from symbp.calculus.functions import Apply
from symbp.calculus.indices import Axis, Index
from symbp.calculus.lengths import is_derived
from symbp.calculus.letters import ALPHABET, Letters, letters_for
from symbp.calculus.matrix_functions import MatrixFunction
from symbp.calculus.places import Place, Within, inside
from symbp.calculus.primitives import NAMES
from symbp.calculus.primitives.matrices import MATRIX_BY_HEAD
from symbp.calculus.program import Partial, Statement, elements, indices_of, name_of
from symbp.calculus.reductions import First, LogSumExp, Max, Only, Prod, Reduction, Sum

REDUCTION_NAMES: dict[type[Expr], str] = {Sum: "sum", LogSumExp: "logsumexp", Max: "max", Prod: "prod"}
FUNCTION_NAMES = NAMES
_SUM, _PRODUCT, _POWER, _ATOM = range(4)  # how tightly a printed expression holds together
_ADJOINT = re.compile(r"(delta|e)\d*(_\w+)?|d([A-Z]\w*|x|b\d*|yhat|gamma\d*|beta\d*)")
_SETTING = re.compile(r"l[12]|(?!.*hat$)[a-z]{2}\w*")
BATCH = "n"
"""The name of the batch axis."""


def size_name(axis: Axis) -> str:
    """How the length of an axis is printed: ``N`` for the batch axis, else ``N_<axis>``; what it follows from, ``(N_t - 1)``."""
    if is_derived(axis):
        text = re.sub(r"[A-Za-z]\w*", lambda m: size_name(Axis(m[0])), axis.name)
        return text if text.isdigit() else f"({text})"
    return "N" if axis.name == BATCH else f"N_{axis.name}"


def is_size(symbol: Expr) -> bool:
    """Whether a symbol is the length of an axis."""
    return isinstance(symbol, Symbol) and bool(symbol.is_integer) and not isinstance(symbol, Index)


def expression_text(
    expr: Expr, taken: Iterable[str] = (), preferred: Mapping[Axis, str] | None = None, alphabet: str = ALPHABET
) -> str:
    """`expr` in the index language; `taken` are names that no bound index may use, `alphabet` those that it may."""
    return _Printer(letters_for(expr, taken, preferred, alphabet)).show(expr, _SUM)


def statement_text(s: Statement, taken: Iterable[str] = (), preferred: Mapping[Axis, str] | None = None) -> str:
    """A statement in the index language, ``target[indices] = body``."""
    left = element_text(s.left)
    return f"{left} = {expression_text(s.body, {*taken, *(i.name for i in s.indices)}, preferred)}"


def element_text(element: Expr) -> str:
    """One element of a tensor, ``W[i,j]``, or the name of a tensor without axes."""
    indices = ",".join(place_text(i) for i in indices_of(element))
    return f"{name_of(element)}[{indices}]" if indices else name_of(element)


def place_text(place: Expr) -> str:
    """What stands in a slot of a tensor: a letter, ``2*p+u-1``, or an element of an integer tensor."""
    if isinstance(place, Index):
        return str(place.name)
    where = place.where if isinstance(place, Place) else place
    return element_text(where) if isinstance(where, Indexed) else _affine_text(where)


def affine_terms(where: Expr) -> list[tuple[Expr, Expr]]:
    """The terms of whole numbers times letters in the order of printing, each as its factor and its letter, 1 for a number."""

    def order(term: tuple[Expr, Expr]) -> tuple[bool, bool, float, str]:
        factor, rest = term
        return rest == 1, bool(factor < 0), -abs(float(factor)), str(rest)

    return sorted((t.as_coeff_Mul() for t in Add.make_args(where)), key=order)


def _affine_text(where: Expr) -> str:
    """Whole numbers times letters, those that are added first: ``2*p+u-1``."""
    text = ""
    for factor, rest in affine_terms(where):
        size = abs(factor)
        shown = size_name(Axis(rest.name[2:])) if is_size(rest) else str(size) if rest == 1 else str(rest)
        shown = f"{size}*{shown}" if rest != 1 and size != 1 else shown
        text += ("-" if factor < 0 else "+" if text else "") + shown
    return text


def within_sides(expr: Within) -> tuple[Expr, Expr]:
    """The two sides of ``r <= t``, by which an indicator is 1."""
    terms = Add.make_args(expr.number)
    above = [t for t in terms if t.as_coeff_Mul()[0] > 0]
    below = [-t for t in terms if t.as_coeff_Mul()[0] < 0]
    return Add(*below), Add(*above)


def within_text(expr: Within) -> tuple[str, str]:
    """The two sides of ``r <= t`` as text."""
    below, above = within_sides(expr)
    return _affine_text(below) or "0", _affine_text(above) or "0"


def conditions(only: Only) -> list[Expr]:
    """The conditions under which a term is there; that what it reads lies in its tensor goes without saying."""
    reads = {p for e in elements(only.args[1]) for p in indices_of(e) if isinstance(p, Place)}
    known = {f for p in reads for f in Mul.make_args(inside(p))}
    return [f for f in Mul.make_args(only.args[0]) if f not in known and f != 1]


def split_product(expr: Expr) -> tuple[bool, list[Expr], list[Expr]]:
    """A product as (is it negative, the factors above the fraction bar, those below), each in the order of printing."""
    coefficient, rest = expr.as_coeff_Mul()
    negative = bool(coefficient < 0)
    coefficient = abs(coefficient)
    above = [sympy.Integer(coefficient.p)] if coefficient.is_Rational and coefficient.p != 1 else []
    below = [sympy.Integer(coefficient.q)] if coefficient.is_Rational and coefficient.q != 1 else []
    if not coefficient.is_Rational:
        above.append(coefficient)
    for factor in with_means(Mul.make_args(rest)):
        if isinstance(factor, Pow) and not isinstance(factor, sympy.exp) and factor.exp.is_Rational and factor.exp < 0:
            below.append(Pow(factor.base, -factor.exp))
        elif factor != 1:
            above.append(factor)
    for factors in (above, below):
        for k, factor in enumerate(factors):
            if isinstance(factor, Add) and all(t.as_coeff_Mul()[0] < 0 for t in factor.args):
                factors[k], negative = -factor, not negative  # SymPy writes -(a + b)*c as (-a - b)*c
    return negative, _factors(above), _factors(below)


class Mean(Expr):
    """``Mean(sum, count)``: a sum divided by the lengths of its `count` outermost axes; exists only while printing."""

    is_commutative = True
    is_real = True


def with_means(factors: Iterable[Expr]) -> list[Expr]:
    """The factors of a product with sums that are divided by the lengths of their axes written as means."""
    lengths: dict[Expr, Expr] = {}
    others: list[tuple[Expr, Expr]] = []
    for f in factors:
        power = isinstance(f, Pow) and not isinstance(f, sympy.exp) and f.exp.is_Rational
        base, exponent = (f.base, f.exp) if power else (f, sympy.S.One)
        if is_size(base):
            lengths[base] = lengths.get(base, sympy.S.Zero) + exponent
        else:
            others.append((base, exponent))
    result = []
    for base, exponent in others:
        count, body = 0, base
        while isinstance(body, Sum):
            left = lengths.get(body.axis.size, sympy.S.Zero)
            if left * exponent >= 0 or abs(left) < abs(exponent):
                break
            lengths[body.axis.size] = left + exponent
            count, body = count + 1, body.body
        result.append(Pow(Mean(base, sympy.Integer(count)) if count else base, exponent))
    return [*result, *(size**exponent for size, exponent in lengths.items() if exponent != 0)]


def ordered_terms(expr: Expr) -> list[Expr]:
    """The terms of an addition in the order of printing: positive ones, numbers, and what reads most comes first."""

    def key(term: Expr) -> tuple[bool, bool, int, tuple[str, str]]:
        return (bool(term.as_coeff_Mul()[0] < 0), not term.is_number, -_reads(term), _key(term))

    return sorted(Add.make_args(expr), key=key)


@lru_cache(maxsize=4096)
def _key(expr: Expr) -> tuple[str, str]:
    """An order for what nothing else orders: the text, first without regard to capitals. Kept, as it is asked at every level."""
    text = expression_text(expr)
    return text.casefold(), text


def _reads(expr: Expr) -> int:
    """How many elements an expression reads, counted where they stand."""
    if isinstance(expr, Indexed):
        return 2
    return sum(_reads(a) for a in expr.args if isinstance(a, Expr)) + (isinstance(expr, Symbol) and not is_size(expr))


def _factors(factors: list[Expr]) -> list[Expr]:
    """Factors in the order of printing: numbers, lengths, settings, g', errors, weights, other values, sums, additions."""
    late = any(isinstance(f, (Sum, Mean)) for f in factors)  # g'(z)*e, but sum(W*delta)*g'(z)

    def rank(f: Expr) -> tuple[int, int]:
        if f.is_number:
            return 0, 0
        if isinstance(f, Pow) and not isinstance(f, sympy.exp):
            return rank(f.base)
        if isinstance(f, Symbol):
            return (1, 0) if is_size(f) else (2, _kind(f.name))
        if isinstance(f, (KroneckerDelta, First)):
            return 3, 0
        if isinstance(f, Apply):
            return (7 if late else 4), 0
        if isinstance(f, Indexed):
            return 5, _kind(name_of(f))
        if isinstance(f, MatrixFunction) and f.rank:
            return 5, 1  # A^-1 before B, behind a derivative of the loss
        if isinstance(f, (Sum, Mean)):
            return 6, 0
        return (9 if isinstance(f, Add) else 8), 0

    return sorted(factors, key=lambda f: (rank(f), _key(f)))


def _kind(name: str) -> int:
    """The place of a name among factors: settings such as lr and l2, derivatives of the loss, weights, anything else."""
    if _ADJOINT.fullmatch(name):
        return 1
    if _SETTING.fullmatch(name):
        return 0
    return 2 if name[:1].isupper() else 3


@dataclass(frozen=True)
class _Printer:
    """Prints an expression; `letters` are in use around it."""

    letters: Letters

    def show(self, expr: Expr, level: int) -> str:
        """The text of `expr`, in parentheses where it holds together less tightly than `level`."""
        text, own = self.text(expr)
        return f"({text})" if own < level else text

    def text(self, expr: Expr) -> tuple[str, int]:
        if isinstance(expr, Add):
            return self.addition(expr), _SUM
        if isinstance(expr, Reduction):
            return self.reduction(expr, 0), _ATOM
        if isinstance(expr, MatrixFunction):
            return self.of_matrix(expr), _ATOM
        if isinstance(expr, Mean):
            return self.reduction(expr.args[0], int(expr.args[1])), _ATOM
        if isinstance(expr, sympy.exp) or expr == sympy.E:
            return f"exp({self.show(expr.args[0] if expr.args else sympy.S.One, _SUM)})", _ATOM
        if isinstance(expr, Mul) or (expr.is_Rational and (expr < 0 or expr.q != 1)):
            return self.product(expr)
        if isinstance(expr, Pow):
            return self.power(expr)
        if isinstance(expr, Apply):
            return f"{expr.name}{chr(39) * expr.order}({self.show(expr.arg, _SUM)})", _ATOM
        if isinstance(expr, KroneckerDelta):
            i, j = sorted((place_text(arg) for arg in expr.args), key=lambda t: (len(t) > 1 or t.isdigit(), t))
            of_place = expr.has(Place) or any(arg.is_Integer for arg in expr.args)
            return (f"({i} == {j})" if of_place else f"[{i} = {j}]"), _ATOM
        if isinstance(expr, Within):
            return "({} <= {})".format(*within_text(expr)), _ATOM
        if isinstance(expr, (Place, Index)):
            return place_text(expr), _SUM
        if isinstance(expr, First):
            return f"[{expr.args[1].name} = first_{self.reduction(expr.args[0], 0)}]", _ATOM
        if isinstance(expr, Partial):
            return f"d({self.show(expr.args[0], _SUM)})/d({self.show(expr.args[1], _SUM)})", _PRODUCT
        if isinstance(expr, Indexed):
            return element_text(expr), _ATOM
        if is_size(expr):
            return size_name(Axis(expr.name.removeprefix("N_"))), _ATOM
        if type(expr) in FUNCTION_NAMES:
            return f"{FUNCTION_NAMES[type(expr)]}({', '.join(self.show(a, _SUM) for a in expr.args)})", _ATOM
        return str(expr), _ATOM

    def addition(self, expr: Expr) -> str:
        text = ""
        for term in ordered_terms(expr):
            shown = self.show(term, _SUM)
            if not text:
                text = shown
            else:
                text += f" - {shown[1:]}" if shown.startswith("-") else f" + {shown}"
        return text

    def product(self, expr: Expr) -> tuple[str, int]:
        negative, above, below = split_product(expr)
        parts = [self.show(f, _PRODUCT) for f in above]
        text = "*".join(parts) or "1"
        if len(below) == 1:
            text += f"/{self.show(below[0], _POWER)}"
        elif below:
            text += f"/({'*'.join(self.show(f, _PRODUCT) for f in below)})"
        single = len(above) == 1 and not below
        own = self.text(above[0])[1] if single else _PRODUCT
        return (f"-{text}", min(own, _PRODUCT)) if negative else (text, own)

    def power(self, expr: Expr) -> tuple[str, int]:
        base, exponent = expr.args
        if exponent.is_Rational and exponent < 0:
            return self.product(expr)
        if exponent == sympy.S.Half:
            return f"sqrt({self.show(base, _SUM)})", _ATOM
        return f"{self.show(base, _ATOM)}**{self.show(exponent, _ATOM)}", _POWER

    def of_matrix(self, expr: MatrixFunction) -> str:
        """A function of a matrix; of a tensor by its name, of an expression over the letters of rows and columns."""
        (q, p), body, letters = self.letters.open_all(expr.array)
        whole = isinstance(body, Indexed) and tuple(body.indices) == (p, q)
        inside = name_of(body) if whole else f"{replace(self, letters=letters).show(body, _SUM)}, {p.name}, {q.name}"
        indices = ",".join(str(i) for i in expr.indices)
        return f"{MATRIX_BY_HEAD[type(expr)].name}({inside})" + (f"[{indices}]" if indices else "")

    def reduction(self, expr: Reduction, averaged: int) -> str:
        """A reduction, its `averaged` outermost indices read as a mean."""
        indices, body, letters = self.letters.open_all(expr)
        inner, outer = indices[: len(indices) - averaged], indices[len(indices) - averaged :]
        printer, condition = replace(self, letters=letters), ""
        if isinstance(body, Only):
            body, condition = body.args[1], printer.condition(body)
        text = printer.show(body, _SUM)
        if inner:
            text = f"{REDUCTION_NAMES[type(expr)]}({', '.join([text, *(i.name for i in inner)])}{condition})"
        return f"mean({', '.join([text, *(i.name for i in outer)])})" if outer else text

    def condition(self, only: Only) -> str:
        """The condition under which a term is there, as it stands behind an index."""
        rest = conditions(only)
        shown = [f"{a} <= {b}" for a, b in (within_text(f) for f in rest if isinstance(f, Within))]
        shown += [self.show(f, _POWER) for f in rest if not isinstance(f, Within)]
        return f" if {shown[0] if len(shown) == 1 else '*'.join(f'({c})' for c in shown)}" if shown else ""
