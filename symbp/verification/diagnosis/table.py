"""The mistakes people make, a row each, and the order in which they are tried: what people most often get wrong comes first."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from symbp.formula.syntax import Name, Number
from symbp.verification.diagnosis import candidates as c
from symbp.verification.diagnosis import products as p
from symbp.verification.diagnosis import shifts as s
from symbp.verification.diagnosis.kinds import is_slope
from symbp.verification.diagnosis.patterns import Bound
from symbp.verification.diagnosis.rows import Mistake, Row
from symbp.verification.verdict import Cause


def _of_factor(bound: Bound) -> Cause:
    """The cause where a factor stands in the wrong place."""
    factor = bound["c"]
    if is_slope(factor):
        return "activation_derivative"
    return "factor" if isinstance(factor, (Number, Name)) else "missing_factor"


def _of_reduction(bound: Bound) -> Cause:
    return "missing_sum" if bound["name"] == "sum" else "missing_mean"


# fmt: off
BRACKETS: Mistake = (
    *(Row(f"a {s} b {o} c", f"(a {s} b) {o} c", _of_factor,
          f"{{a {s} b}} should stand in brackets: {{c}} belongs to all of it", likely=True) for s in "+-" for o in "*/@"),
    *(Row(f"c {o} a {s} b", f"c {o} (a {s} b)", _of_factor,
          f"{{a {s} b}} should stand in brackets: {{c}} belongs to all of it", likely=True) for s in "+-" for o in "*@"),
)
"""A factor that multiplies, or divides, the last or the first term of a sum alone: ``yhat - y*g'(z)``."""

GROUPINGS: Mistake = (
    Row("a * b", "whole", "shape", "{inner} should stand in brackets", likely=True, each=p.grouped),
    Row("a @ b", "whole", "shape", "{inner} should stand in brackets", likely=True, each=p.ungrouped),
)
"""A factor of elements that belongs to the second operand of a matrix product, not to the product, ``(A @ b) * c``; and the
other way round."""

_SLOPE = "the activation derivative {slope} is missing"

MISSING_SLOPES: Mistake = (
    # before the row that it is multiplied by, so that it holds for a batch too
    Row("a @ b.T", "(a * slope) @ b.T", "activation_derivative", _SLOPE, likely=True, at="a", where="root", over=c.slopes),
    Row("outer(a, b)", "outer(a * slope, b)", "activation_derivative", _SLOPE, likely=True, at="a", where="root", over=c.slopes),
    Row("a", "a * slope", "activation_derivative", _SLOPE, likely=True, where="root", over=c.slopes),
    Row("a", "a * slope", "activation_derivative", _SLOPE, where="inner", each=c.only(c.takes_slope), over=c.slopes),
)
"""The activation derivative left out, of the left side's layer before others."""

MISSING_IN_CHAINS: Mistake = (
    Row("a @ b", "whole", "activation_derivative", "the activation derivative{s} {slopes} {are} missing", each=c.chains),
)
"""Activation derivatives left out of a matrix product over several layers, ``W2.T @ W3.T @ delta3 @ x.T``."""

SPARE_SLOPES: Mistake = (
    Row("a * b", "rest", "activation_derivative", "{gone} does not belong here", likely=True, at="gone", each=p.spare_slopes),
)
"""An activation derivative that does not belong there."""

_NO_SLOPE = "is not the activation derivative {slope}"

WRONG_SLOPES: Mistake = (
    Row("a * b", "whole", "activation_derivative", f"{{written}} {_NO_SLOPE}", at="gone", each=p.replaced_factors),
    Row("a * b", "rest", "activation_derivative", "{written} does not belong here", at="gone", each=p.replaced_factors),
    Row("diag(a)", "diag(slope)", "activation_derivative", f"{{a}} {_NO_SLOPE}", each=c.slopes),
)
"""One or two factors that stand where the activation derivative should: another activation's, or one written wrong."""

_SWAPPED = "the operands of {old} are swapped"

TRANSPOSES: Mistake = (
    Row("t[i,j]", "t[j,i]", "transpose", "{old} should be {new}", likely=True),
    Row("a", "other", "transpose", "{a} should be {other}", likely=True, each=c.turned_elements),
    Row("a", "a.T", "transpose", "{a} should be transposed", likely=True, each=c.only(c.is_matrix)),
    Row("inv(a)", "a.T", "transpose", "{a} is transposed, not inverted", likely=True),
    Row("inv(a)", "a", "transpose", "{a} is not inverted", likely=True),
    Row("a.T", "a", "transpose", "{old} should not be transposed", likely=True),
    Row("a @ b", "b.T @ a", "transpose", "{old} lacks transposes", likely=True, where="again", each=c.only(c.beside_matrix)),
    Row("a @ b", "b @ a.T", "transpose", "{old} lacks transposes", likely=True, where="again", each=c.only(c.beside_matrix)),
    Row("a @ b", "b @ a", "operand_order", _SWAPPED, likely=True),
    Row("(s * a) @ b", "s * (b.T @ a.T)", "transpose", "{old} is the transpose of what is meant", likely=True),
    Row("a @ b", "b.T @ a.T", "transpose", "{old} is the transpose of what is meant", likely=True),
    Row("a @ b", "b.T @ a", "operand_order", f"{_SWAPPED} and one is not transposed right"),
    Row("a @ b", "b @ a.T", "operand_order", f"{_SWAPPED} and one is not transposed right"),
    Row("(s * a) @ b", "s * (a.T @ b.T)", "transpose", "the transposes in {old} are wrong", likely=True),
    Row("a @ b", "a.T @ b.T", "transpose", "the transposes in {old} are wrong", likely=True),
    Row("outer(a, b)", "outer(b, a)", "operand_order", _SWAPPED, likely=True),
    Row("a", "whole", "transpose", "{names} should be transposed", where="root", each=c.turned_throughout),
    Row("q", "q.T", "transpose", "the right side is transposed", where="root"),
)
"""A transpose missing or too many; operands in the wrong order; in index notation, letters swapped."""

INVERSES: Mistake = (
    Row("a.T", "inv(a).T", "inverse", "{a} should be inverted, not only transposed", likely=True, each=c.only(c.is_inverted)),
    Row("a", "inv(a)", "inverse", "{a} should be inverted", likely=True, each=c.only(c.is_inverted)),
)
"""An inverse left out, where the derivation has inverses."""

_ELEMENTWISE = "* multiplies elementwise where the matrix product @ is meant"

PRODUCTS: Mistake = (
    Row("a * b", "a @ b", "hadamard_for_product", _ELEMENTWISE, likely=True),
    *(
        Row("a * b", meant, "hadamard_for_product", _ELEMENTWISE)
        for meant in ("a @ b.T", "a.T @ b", "b @ a", "b.T @ a", "b @ a.T")
    ),
)
"""The Hadamard product for the matrix product."""

HADAMARDS: Mistake = (Row("a @ b", "a * b", "hadamard_for_product", "@ should be the elementwise *", likely=True),)
"""The matrix product for the Hadamard product."""

MEANS: Mistake = (
    Row("sum(a, more)", "mean(a, more)", "missing_mean", "sum should be mean", likely=True),
    Row("mean(a, more)", "sum(a, more)", "missing_sum", "mean should be sum", likely=True),
)
"""A mean where a sum is meant, or the other way round."""

_OVER = "the sum over {letter!s} is missing"

SUMS: Mistake = (
    Row("a", "whole", "missing_sum", "the sum over the examples is missing", likely=True, where="root", each=c.over_examples),
    Row("a", "whole", _of_reduction, "the {name} of {a} over axis {axis} is missing", each=c.reductions),
    Row("a", "total", "missing_sum", "the sum of {a} is missing", each=c.reductions),
    Row("a", "sum(a, letter)", "missing_sum", _OVER, likely=True, where="root", each=c.reading_letter, over=c.loose_letters),
    Row("a", "sum(a, letter)", "missing_sum", _OVER, each=c.reading_letter, over=c.loose_letters),
    Row("a", "mean(a, letter)", "missing_mean", "the mean over {letter!s} is missing", each=c.reading_letter,
        over=c.loose_letters),
    Row("a", "sum(a, i, j)", "missing_sum", "the sums over {i!s} and {j!s} are missing", likely=True, where="root",
        each=c.two_loose_letters),
)
"""A sum left out: over an axis of arrays, or over letters that nothing binds, at the root or around the parts that have them."""

AXES: Mistake = (
    Row("a", "kept", "shape", "keepdims=True is missing", each=c.other_axes),
    Row("a", "turned", "missing_sum", "{name} runs over the wrong axis", each=c.other_axes),
    Row("a", "alone", "shape", "{name} runs over all axes, and should over axis {axis} alone", each=c.other_axes),
)
"""A sum or mean over the wrong axis, or one that loses it."""

_SPARE = "the factor {n} does not belong here"

FACTORS: Mistake = (
    *(Row(f"a {op} n", "a", "factor", _SPARE, likely=True, at="n") for op in "*@"),
    Row("a / n", "a", "factor", "the factor 1/{n} does not belong here", likely=True, at="n"),
    Row("n * a", "a", "factor", _SPARE, likely=True, at="n"),
    *(Row(f"n {op} a", "1 / a", "factor", _SPARE, likely=True, at="n") for op in "/@"),
    Row("a * n", "a / n", "factor", "{n} stands on the wrong side of the fraction"),
    Row("a / n", "a * n", "factor", "{n} stands on the wrong side of the fraction"),
    Row("a", "2 * a", "factor", "a factor 2 is missing", likely=True, where="root"),
    Row("a", "1/2 * a", "factor", "a factor 1/2 is missing", likely=True, where="root"),
    Row("a", "length * a", "factor", "a factor {length!s} is missing", likely=True, where="root", over=c.lengths),
    Row("a", "a / length", "missing_mean", "the mean is missing: 1/{length!s}", likely=True, where="root", over=c.lengths),
    Row("t", "t / length", "missing_mean", "the mean is missing at {t}: 1/{length!s}", likely=True, where="inner",
        each=c.only(c.is_of_sum), over=c.lengths),
    Row("k", "digit", "factor", "{k!s} should be {digit!s}", each=c.digits),
    Row("q", "2 * q", "factor", "a factor 2 is missing at {q}"),
)
"""A number, or the length of an axis, too many or too few."""

MOVED: Mistake = (
    Row("a * b", "whole", "factor", "{gone} belongs inside: {one} should be {other}", each=p.inside_throughout),
    Row("a * b", "whole", "factor", "{gone} belongs inside the {name}", at="gone", each=p.inside_reduction),
    Row("a", "whole", "missing_factor", "the factor {factor} is missing: {one} should be {other}", where="root",
        each=p.factors_throughout),
)
"""A factor that stands outside of what it belongs into, or is missing wherever a name stands."""

SIGNS: Mistake = (
    Row("-a", "a", "sign", "the sign is wrong", likely=True, where="root"),
    Row("a - b", "b - a", "sign", "the sign of {old} is wrong", likely=True, where="inner", each=c.only(p.is_factor)),
    Row("o", "-o", "sign", "the sign is wrong", likely=True, where="root"),
    Row("a + b", "a - b", "sign", "the sign in {old} is wrong", likely=True),
    Row("a - b", "a + b", "sign", "the sign in {old} is wrong", likely=True),
    Row("-a", "a", "sign", "the sign of {old} is wrong"),
    Row("a ** b", "a ** -b", "sign", "the sign of the exponent in {old} is wrong"),
    Row("f(a)", "f(-a)", "sign", "the sign of {a} is wrong", at="a"),
)
"""A sign at the front, of a difference, or between two terms."""

EXPONENTS: Mistake = (
    *(Row("a ** b", f"a ** {n}", "factor", "{old} should be {new}", likely=True)
      for n in ("2", "3", "(1/2)", "(-(1/2))", "(-(3/2))")),
    Row("r", "sqrt(r)", "missing_factor", "the root of {r} is missing"),
    Row("sqrt(a)", "a", "missing_factor", "the root of {a} does not belong here"),
)
"""Another exponent, or a root left out."""

SQUARES: Mistake = (
    Row("a ** b", "a", "factor", "{old} should be {a}"),
    Row("u", "u ** 2", "factor", "{u} should be squared"),
    *(Row("a / w", f"a / w ** {n}", "factor", f"{{w}} should be {{w ** {n}}}") for n in "23"),
)
"""A square left out, or one too many; another power of a divisor."""

COMPLEMENTS: Mistake = (
    Row("1 - p", "p", "missing_term", "{old} should be {p}", where="inner"),
    Row("1 - p", "p * (1 - p)", "missing_factor", "the factor {p} is missing", where="inner"),
    Row("p", "p * (1 - p)", "missing_factor", "the factor {1 - p} is missing", where="inner"),
)
"""One of the two factors of a sigmoid's slope without the other."""

DIVISORS: Mistake = (
    Row("a * s", "a / s", "factor", "{s} should divide"),
    Row("a / s", "a * s", "factor", "{s} should multiply", each=c.only(p.is_no_number)),
    Row("a * u", "a / u", "factor", "{u} should divide"),
    Row("a / u", "a * u", "factor", "{u} should multiply"),
)
"""A product where a quotient is meant, and the other way round."""

FUNCTIONS: Mistake = (
    Row("f'(a)", "f(a)", "derivative_for_function", "{old} should be {new}"),
    Row("abs(a)", "sign(a)", "derivative_for_function", "{old} should be {new}", likely=True),
    Row("f(a)", "f'(a)", "derivative_for_function", "{old} should be {new}", likely=True, each=c.only(c.is_differentiable)),
    Row("a", "g'(zk)", "derivative_for_function", "{a} should be {new}", likely=True, each=c.other_side),
    Row("a", "zk", "wrong_variable", "{a} should be {zk}", each=c.other_side),
    Row("a", "ak", "wrong_variable", "{a} should be {ak}", likely=True, each=c.other_side),
    Row("w", "value", "wrong_variable", "{w} should be {value}", each=c.applied),
)
"""g for g', g' for g, the argument's activation for the argument, and the other way round."""

LAYERS: Mistake = (
    Row("a", "other", "wrong_layer", "{a} should be {other}", likely=True, each=c.layers_beside),
    Row("a", "whole", "wrong_layer", "{one} should be {other}", where="root", each=c.layers_throughout),
)
"""The number of a layer one or two off, at one place or, for a name that occurs several times, at all of them."""

NAMES: Mistake = (
    Row("a", "other", "wrong_variable", "{a} should be {other}", each=c.other_tensors, over=c.same_shape_or_not),
    Row("a", "whole", "wrong_variable", "{one} should be {other}", where="root", each=c.names_throughout),
)
"""One tensor for another: of the same shape first, then of any other."""

ACTIVATIONS: Mistake = (
    Row("a", "whole", "wrong_variable", "{one} should be {other}", where="root", each=c.activations_throughout),
)
"""Pre-activations where activations are meant, wherever they stand, and the other way round."""

LETTERS: Mistake = (
    Row("a", "whole", "transpose", "the letters {one} and {two} are exchanged", likely=True, where="root", each=c.exchanges),
    Row("a", "other", "wrong_variable", "{a} should be {other}", each=c.other_letters),
)
"""Two letters exchanged everywhere on the right side, or one letter for another at one place."""

NUMBERS: Mistake = (
    Row("a", "whole", "transpose", "the numbers {one} and {two} are exchanged", likely=True, where="root",
        each=partial(c.exchanges, numbers=True)),
    Row("a", "other", "wrong_variable", "{a} should be {other}", likely=True, each=partial(c.other_letters, numbers=True)),
)
"""Elements by their numbers: two numbers exchanged everywhere on the right side, or one for another at one place."""

PLACES: Mistake = (
    Row("a", "other", "transpose", "{a} should be {other}: the kernel is not rotated", likely=True, each=s.turned),
    Row("a", "other", "sign", "{a} should be {other}: the shift goes the other way", likely=True, each=s.other_way),
    Row("a", "other", "sign", "{a} should be {other}", likely=True, each=s.other_conditions),
    Row("a", "other", "wrong_variable", "{a} should be {other}: the place is off", likely=True, each=s.off_by_some),
    Row("a", "other", "factor", "{a} should be {other}: the stride is another", each=s.other_strides),
    Row("a", "other", "missing_sum", "what is said twice is added once: np.add.at adds it every time", likely=True,
        each=s.added_once),
    Row("a", "other", "wrong_variable", "{had} should be {meant}: the slice is off", likely=True, each=s.other_parts),
)
"""A place that is off, a kernel that is not rotated, a condition that turns the wrong way."""

REGULARIZERS: Mistake = (
    Row("rate", "rate * part", "missing_factor", "{rate!s} stands without {part}", likely=True, over=c.regularizers),
    Row("a", "a + rate * part", "missing_term", "the term {rate * part} is missing", likely=True, where="root",
        over=c.regularizers),
)
"""The term of a regularizer left out, or its rate without the parameter."""

BIASES: Mistake = tuple(
    Row(f"{f}(t)", f"{f}(t + bias)", "missing_term", "the bias {bias} is missing", likely=True, at="t", each=c.biases)
    for f in ("f", "f'")
)
"""The bias left out of what an activation is applied to."""

SPARE: Mistake = (
    *(Row(f"a {sign} b", "a", "missing_term", "the term {b} does not belong here", at="b") for sign in "+-"),
    Row("a + b", "b", "missing_term", "the term {a} does not belong here", at="a"),
    Row("a * b", "rest", "missing_factor", "the factor {gone} does not belong here", at="gone", each=p.factors),
    *(Row(f"a {op} b", "a", "missing_factor", "the factor {b} does not belong here", at="b") for op in "@/"),
    Row("a @ b", "b", "missing_factor", "the factor {a} does not belong here", at="a"),
)
"""A term or a factor that does not belong there."""

_FACTOR, _TERM = "the factor {other} is missing", "the term {other} is missing"

LACKING: Mistake = (
    Row("k", "other", "wrong_variable", "{k} should be {other}", each=c.tensors),
    *(Row("s * a", meant, "missing_factor", _FACTOR, where="root", over=c.tensors)
      for meant in ("s * (other.T @ a)", "s * (a @ other.T)", "s * (other @ a)", "s * (a @ other)")),
    *(Row("a", meant, "missing_factor", _FACTOR, where="root", over=c.tensors)
      for meant in ("a * other", "a @ other.T", "a @ other", "other.T @ a", "other @ a")),
    *(Row("a", f"a {sign} other", "missing_term", _TERM, where="root", each=c.tensors) for sign in "+-"),
    Row("p", "p * other", "missing_factor", _FACTOR, where="inner", each=c.tensors),
    Row("p", "p / other", "missing_factor", "the factor 1/{other} is missing", where="inner", each=c.tensors),
    *(Row("v", f"v {sign} other", "missing_term", _TERM, where="inner", each=c.tensors) for sign in "+-"),
    Row("p", "1 - p", "missing_term", "{p} should be {new}", where="inner"),
    Row("a", "a / other", "missing_factor", "the factor 1/{other} is missing", where="root", each=c.tensors),
)
"""A factor or a term left out: any tensor, at the root and, for factors, beside any part."""
# fmt: on


@dataclass(frozen=True)
class Stages:
    """Which mistakes are looked for when, each stage in the order in which they are tried.

    Parameters
    ----------
    fitting : in a formula whose shapes fit
    clashing : in one whose shapes do not fit, which these can mend
    smallest : those that are small, and less likely
    later : those that are less likely than something left out of the derived equation
    lacking : those that bring another tensor in; asked last, because they find something for too much
    scalings : those that can mend a claim which is off by a constant
    between_losses : those by which losses differ
    """

    fitting: tuple[Mistake, ...]
    clashing: tuple[Mistake, ...]
    smallest: tuple[Mistake, ...]
    later: tuple[Mistake, ...]
    lacking: tuple[Mistake, ...]
    scalings: tuple[Mistake, ...]
    between_losses: tuple[Mistake, ...]


STAGES = Stages(
    fitting=(
        BRACKETS, MISSING_SLOPES, SPARE_SLOPES, TRANSPOSES, PLACES, INVERSES, AXES, MEANS, FACTORS, REGULARIZERS, SIGNS, LAYERS,
        FUNCTIONS, SUMS, PRODUCTS, HADAMARDS, LETTERS, NUMBERS, ACTIVATIONS, EXPONENTS, BIASES,
    ),
    clashing=(
        AXES, TRANSPOSES, PLACES, PRODUCTS, HADAMARDS, GROUPINGS, MEANS, SUMS, LAYERS, LETTERS, MISSING_SLOPES, SPARE_SLOPES,
        NAMES, SPARE,
    ),
    later=(NAMES, MOVED, SPARE, WRONG_SLOPES, MISSING_IN_CHAINS),
    lacking=(LACKING,),
    smallest=(SQUARES, DIVISORS, COMPLEMENTS),
    scalings=(SIGNS, MEANS, FACTORS, SUMS, BRACKETS, SQUARES, SPARE),
    between_losses=(MISSING_SLOPES, SPARE_SLOPES, SIGNS, MEANS, FACTORS),
)  # fmt: skip
