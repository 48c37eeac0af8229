"""Scalar functions that SymPy lacks, or whose textbook form is not the stable one; each has the one line of its derivative.

What is not differentiable at a point takes the usual value there: ``step(0) = 0``, ``sgn(0) = 0``, and `maximum` and
`minimum` route to the first of equals.
"""

from __future__ import annotations

from typing import Any

import sympy
from sympy import Expr, Function, Symbol, exp, log, sqrt
from sympy.core.function import ArgumentIndexError


class Argument(Symbol):
    """The argument in the definition of a scalar function: never equal to a scalar tensor, not even to one called z."""

    __slots__ = ()


Z = Argument("z", real=True)


class Scalar(Function):
    """A real function of real arguments, applied to every element; `constant` is its value at numbers, where it is exact."""

    is_real = True

    @classmethod
    def eval(cls, *args: Any) -> Expr | None:
        """SymPy's hook: numbers in, a number out."""
        return cls.constant(*args) if all(a.is_number and a.is_real for a in args) else None

    @classmethod
    def constant(cls, *args: Any) -> Expr | None:
        """The value at numbers, or None where it stays as it is written."""
        return None

    def derivative(self, argindex: int) -> Expr:
        """The derivative with respect to the argument number `argindex`, counted from 1."""
        raise NotImplementedError

    def fdiff(self, argindex: int = 1) -> Expr:
        """SymPy's name for :meth:`derivative`."""
        if not 1 <= argindex <= len(self.args):
            raise ArgumentIndexError(self, argindex)
        return self.derivative(argindex)


class sigmoid(Scalar):
    """``1/(1 + exp(-z))``, the logistic function."""

    nargs = 1

    def derivative(self, argindex: int) -> Expr:  # noqa: D102
        return self * (1 - self)


class softplus(Scalar):
    """``log(1 + exp(z))``."""

    nargs = 1

    def derivative(self, argindex: int) -> Expr:  # noqa: D102
        return sigmoid(self.args[0])


class normal_cdf(Scalar):
    """The distribution function of the standard normal, ``(1 + erf(z/sqrt(2)))/2``."""

    nargs = 1

    def derivative(self, argindex: int) -> Expr:  # noqa: D102
        return exp(-(self.args[0] ** 2) / 2) / sqrt(2 * sympy.pi)


class step(Scalar):
    """1 where the argument is positive, else 0; its derivative is 0 wherever there is one."""

    nargs = 1

    @classmethod
    def constant(cls, *args: Any) -> Expr | None:  # noqa: D102
        return sympy.Integer(int(bool(args[0] > 0)))

    def derivative(self, argindex: int) -> Expr:  # noqa: D102
        return sympy.S.Zero


class sgn(Scalar):
    """-1, 0 or 1: the sign of the argument; its derivative is 0 wherever there is one."""

    nargs = 1

    @classmethod
    def constant(cls, *args: Any) -> Expr | None:  # noqa: D102
        return sympy.sign(args[0])

    def derivative(self, argindex: int) -> Expr:  # noqa: D102
        return sympy.S.Zero


class absolute(Scalar):
    """The absolute value; ``sgn(0) = 0`` is its derivative at 0."""

    nargs = 1

    @classmethod
    def constant(cls, *args: Any) -> Expr | None:  # noqa: D102
        return abs(args[0])

    def derivative(self, argindex: int) -> Expr:  # noqa: D102
        return sgn(self.args[0])


class floor_of(Scalar):
    """The largest integer that is not above the argument; used by learning-rate schedules."""

    nargs = 1

    @classmethod
    def constant(cls, *args: Any) -> Expr | None:  # noqa: D102
        return sympy.floor(args[0])

    def derivative(self, argindex: int) -> Expr:  # noqa: D102
        return sympy.S.Zero


class maximum(Scalar):
    """The larger of two arguments; the derivative goes to the first of equals."""

    nargs = 2

    @classmethod
    def constant(cls, *args: Any) -> Expr | None:  # noqa: D102
        return sympy.Max(*args)

    def derivative(self, argindex: int) -> Expr:  # noqa: D102
        a, b = self.args
        return 1 - step(b - a) if argindex == 1 else step(b - a)


class minimum(Scalar):
    """The smaller of two arguments; the derivative goes to the first of equals."""

    nargs = 2

    @classmethod
    def constant(cls, *args: Any) -> Expr | None:  # noqa: D102
        return sympy.Min(*args)

    def derivative(self, argindex: int) -> Expr:  # noqa: D102
        a, b = self.args
        return 1 - step(a - b) if argindex == 1 else step(a - b)


class where(Scalar):
    """``where(c, a, b)``: `a` where the indicator `c` is 1, `b` where it is 0."""

    nargs = 3

    @classmethod
    def eval(cls, *args: Any) -> Expr | None:
        """A condition that is a number has been decided."""
        return args[1] if args[0] == 1 else args[2] if args[0] == 0 else None

    def derivative(self, argindex: int) -> Expr:  # noqa: D102
        indicator = self.args[0]
        return (sympy.S.Zero, indicator, 1 - indicator)[argindex - 1]


class xlogy(Scalar):
    """``x*log(y)``, which is 0 where x is 0."""

    nargs = 2

    def derivative(self, argindex: int) -> Expr:  # noqa: D102
        x, y = self.args
        return log(y) if argindex == 1 else x / y


class Apply(Expr):
    """``Apply(name, order, arg)``: the named scalar function, differentiated `order` times, at `arg`.

    The name stands for a definition in the Program (an activation, a user's own function) or for no definition at all (an
    uninterpreted function). It lets a page say g'(z) before it says what g' is.
    """

    is_commutative = True
    is_real = True

    @property
    def name(self) -> str:
        """The function's name."""
        return str(self.args[0].name)

    @property
    def order(self) -> int:
        """How often it is differentiated."""
        return int(self.args[1])

    @property
    def arg(self) -> Expr:
        """Where it is evaluated."""
        return self.args[2]

    def _eval_derivative(self, x: Expr) -> Expr:
        return Apply(self.args[0], self.args[1] + 1, self.arg) * self.arg.diff(x)


def apply(name: str, arg: Expr, order: int = 0) -> Expr:
    """The function called `name`, differentiated `order` times, at `arg`."""
    return Apply(Symbol(name), sympy.Integer(order), arg)
