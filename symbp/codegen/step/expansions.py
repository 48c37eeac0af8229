"""The helper functions of a module as single operations, so that their parts are shared and each writes where it is told to.

Each is the same formula as in templates/numpy/helpers; what has no row here is called as it stands.
"""

from __future__ import annotations

from collections.abc import Callable

from symbp.codegen.cody import END, FAR, MIDDLE, NEAR
from symbp.codegen.step.linear import Builder, Op


def limit(b: Builder, what: str) -> int:
    """A bound that depends on the dtype: ``most``, below which exp is finite, or ``least`` for a divisor."""
    return b.emit(Op("limit", (), (what,), (), "py"))


def chosen(b: Builder, mask: int, yes: int, no: int) -> int:
    """``where(mask, yes, no)``."""
    return b.ufunc("where", mask, yes, no, kind="real")


def positive(b: Builder, u: int, power: int = 1) -> int:
    """A positive quantity kept above 0."""
    return b.ufunc("maximum", u, limit(b, f"least{power}"))


def safe_exp(b: Builder, u: int) -> int:
    """exp, or the largest finite number."""
    return b.ufunc("exp", b.ufunc("minimum", u, limit(b, "most")))


def sigmoid(b: Builder, u: int) -> int:
    """exp(u)/(1 + exp(u)), with u held below where exp overflows: there the value is 1 already."""
    e = b.ufunc("exp", b.ufunc("minimum", u, limit(b, "steep")))
    return b.ufunc("divide", e, b.ufunc("add", e, b.number(1)))


def softplus(b: Builder, u: int) -> int:
    """max(u, 0) + log(1 + exp(-|u|))."""
    e = b.ufunc("exp", b.ufunc("negative", b.ufunc("absolute", u)))
    return b.ufunc("add", b.ufunc("log1p", e), b.ufunc("maximum", u, b.number(0)))


def xlogy(b: Builder, u: int, v: int) -> int:
    """u*log(v), 0 where u is 0."""
    if b[v].name == "maximum" and b[b[v].args[1]].name == "limit":  # log(v) is finite, and 0 times it is 0
        return b.ufunc("multiply", u, b.ufunc("log", v))
    zero = b.ufunc("equal", u, b.number(0), kind="bool")
    return b.ufunc("multiply", u, b.ufunc("log", chosen(b, zero, b.number(1), v)))


def _shifted(b: Builder, u: int, axis: int) -> tuple[int, int]:
    """u less its largest element along an axis, and that element."""
    top = b.reduced("max", u, (axis,))
    return b.ufunc("subtract", u, b.kept(top, axis)), top


def softmax(b: Builder, u: int, axis: int) -> int:
    """exp(u)/sum(exp(u)), the largest element taken out."""
    e = b.ufunc("exp", _shifted(b, u, axis)[0])
    return b.ufunc("divide", e, b.kept(b.reduced("sum", e, (axis,)), axis))


def masked_softmax(b: Builder, u: int, axis: int) -> int:
    """exp(u)/sum(exp(u)) where u may be minus infinity; in a row of nothing else the sum is kept from 0."""
    top = b.ufunc("maximum", b.reduced("max", u, (axis,)), b.number(-1e30))
    e = b.ufunc("exp", b.ufunc("subtract", u, b.kept(top, axis)))
    total = b.ufunc("maximum", b.reduced("sum", e, (axis,)), b.number(1e-30))
    return b.ufunc("divide", e, b.kept(total, axis))


def log_softmax(b: Builder, u: int, axis: int) -> int:
    """u - log(sum(exp(u))), the largest element taken out."""
    s, _ = _shifted(b, u, axis)
    total = b.reduced("sum", b.ufunc("exp", s), (axis,))
    return b.ufunc("subtract", s, b.kept(b.ufunc("log", total), axis))


def logsumexp(b: Builder, u: int, axis: int) -> int:
    """log(sum(exp(u))), the largest element taken out."""
    s, top = _shifted(b, u, axis)
    return b.ufunc("add", b.ufunc("log", b.reduced("sum", b.ufunc("exp", s), (axis,))), top)


def _polynomial(b: Builder, u: int, coefficients: tuple[float, ...]) -> int:
    first, second, *rest = coefficients
    value = b.ufunc("add", b.ufunc("multiply", u, b.number(first)), b.number(second))
    for c in rest:
        value = b.ufunc("add", b.ufunc("multiply", value, u), b.number(c))
    return value


def _ratio(b: Builder, u: int, coefficients: tuple[tuple[float, ...], tuple[float, ...]]) -> int:
    return b.ufunc("divide", *(_polynomial(b, u, side) for side in coefficients))


def _held(b: Builder, u: int, low: float, high: float) -> int:
    return b.ufunc("maximum", b.ufunc("minimum", u, b.number(high)), b.number(low))


def erf_near(b: Builder, u: int) -> int:
    """erf for |u| <= 0.46875, held beyond."""
    v = _held(b, u, -0.46875, 0.46875)
    return b.ufunc("multiply", v, _ratio(b, b.ufunc("square", v), NEAR))


def erfc(b: Builder, u: int) -> int:
    """The complementary error function, in the three ranges of Cody."""
    y = b.ufunc("minimum", b.ufunc("absolute", u), b.number(40))
    middle = _ratio(b, _held(b, y, 0.46875, 4), MIDDLE)
    v = b.ufunc("maximum", y, b.number(4))
    s = b.ufunc("reciprocal", b.ufunc("square", v))
    rest = b.ufunc("multiply", s, _ratio(b, s, FAR))
    far = b.ufunc("divide", b.ufunc("subtract", b.number(END), rest), v)
    rounded = b.ufunc("divide", b.ufunc("floor", b.ufunc("multiply", y, b.number(16))), b.number(16))
    coarse = b.ufunc("exp", b.ufunc("negative", b.ufunc("square", rounded)))
    fine = b.ufunc("exp", b.ufunc("multiply", b.ufunc("subtract", rounded, y), b.ufunc("add", rounded, y)))
    beyond = chosen(b, b.ufunc("greater", y, b.number(4), kind="bool"), far, middle)
    tail = b.ufunc("multiply", b.ufunc("multiply", coarse, fine), beyond)
    near = b.ufunc("subtract", b.number(1), erf_near(b, y))
    value = chosen(b, b.ufunc("greater", y, b.number(0.46875), kind="bool"), tail, near)
    return chosen(b, b.ufunc("less", u, b.number(0), kind="bool"), b.ufunc("subtract", b.number(2), value), value)


def erf(b: Builder, u: int) -> int:
    """The error function; near 0 by itself."""
    wide = b.ufunc("greater", b.ufunc("absolute", u), b.number(0.46875), kind="bool")
    return chosen(b, wide, b.ufunc("subtract", b.number(1), erfc(b, u)), erf_near(b, u))


def normal_cdf(b: Builder, u: int) -> int:
    """The distribution function of the standard normal."""
    return b.ufunc("multiply", erfc(b, b.ufunc("multiply", u, b.number(-0.7071067811865476))), b.number(0.5))


ELEMENTWISE: dict[str, Callable[..., int]] = {
    "positive": positive,
    "safe_exp": safe_exp,
    "sigmoid": sigmoid,
    "softplus": softplus,
    "xlogy": xlogy,
    "erf_near": erf_near,
    "erfc": erfc,
    "erf": erf,
    "normal_cdf": normal_cdf,
}
ALONG: dict[str, Callable[[Builder, int, int], int]] = {
    "softmax": softmax,
    "masked_softmax": masked_softmax,
    "log_softmax": log_softmax,
    "logsumexp": logsumexp,
}
