"""What is known of one scalar function: everything that a job other than code generation asks of it, in one row."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias

from sympy import Expr

from symbp.calculus.functions import Scalar

Rule: TypeAlias = Callable[..., Any]
"""A formula in operands (:class:`symbp.calculus.numeric.numbers.Operand`), the numbers of any number system."""


class Interval(NamedTuple):
    """The numbers between two bounds; with `ends`, the bounds too."""

    low: float = -math.inf
    high: float = math.inf
    ends: bool = False

    @property
    def bounds(self) -> tuple[float, float]:
        """The lower and the upper bound."""
        return self.low, self.high

    def excludes(self, x: Any) -> bool:
        """Whether a number lies outside; infinity is never beyond it."""
        beyond = x < self.low or x > self.high
        return bool(beyond or (not self.ends and any(x == end and math.isfinite(end) for end in self.bounds)))


EVERYWHERE = Interval()


@dataclass(frozen=True)
class Primitive:
    r"""A scalar function; :data:`symbp.calculus.primitives.PRIMITIVES` are all of them.

    Parameters
    ----------
    name : as the index language spells it, to read and to print
    made : what makes it of its arguments: the class of its nodes, or a function where it is short for an expression
    arguments : how many it takes
    aliases : further names under which it is read, those of NumPy and of mathematics among them
    latex : what LaTeX writes before the brackets; empty where pages write it in another way
    raised : whether a power of it is written at its name, ``\tanh^2(z)``
    inverse_of : the function of which it is the inverse, so that ``\sinh^{-1}`` means it
    textbook : the expression that it stands for
    spelled_out : whether pages write that expression and not the name
    domain : where the last argument must lie for it to have a value
    range : where its values lie
    rises : whether a larger argument never has a smaller value
    written : its value by values of other functions, which holds in every number system; all that a finite field knows of it
    value : its value in floats: of a library (``math``, or mpmath with many digits) and the arguments. By default the library's
        function of this name, and where it has none what is written
    chooses : whether it goes by the sign of something
    flattens : whether at large arguments digits are lost in its value, which is huge, or all but constant
    python : its arguments and its value in plain Python, where neither ``math`` nor the language itself has it
    """

    name: str
    made: Any
    arguments: int = 1
    aliases: tuple[str, ...] = ()
    latex: str = ""
    raised: bool = False
    inverse_of: str = ""
    textbook: Callable[..., Expr] | None = None
    spelled_out: bool = False
    domain: Interval = EVERYWHERE
    range: Interval = EVERYWHERE
    rises: bool = False
    written: Rule | None = None
    value: Rule | None = None
    chooses: bool = False
    flattens: bool = False
    python: tuple[str, str] | None = None

    @property
    def head(self) -> type[Expr] | None:
        """The class of its nodes; None where it is short for an expression."""
        return self.made if isinstance(self.made, type) else None

    @property
    def key(self) -> str:
        """What number systems call it: the name of its class."""
        return self.head.__name__ if self.head is not None else self.name

    @property
    def is_operator(self) -> bool:
        r"""Whether LaTeX has a command of its own for it, such as ``\tanh`` or ``\arctan``."""
        return self.latex in ("\\" + self.name, "\\arc" + self.name[1:])

    @property
    def is_letter(self) -> bool:
        r"""Whether LaTeX writes it as a Greek letter, such as ``\Phi``."""
        return re.fullmatch(r"\\[A-Za-z]+", self.latex) is not None and not self.is_operator


def scalar(name: str, textbook: Callable[..., Expr], *slopes: Callable[..., Expr]) -> type[Scalar]:
    """A class for a function that SymPy lacks.

    Parameters
    ----------
    name : the name of the class
    textbook : its value at numbers, of the arguments
    slopes : for each argument the derivative with respect to it, of the arguments
    """

    def constant(cls: type[Scalar], *args: Expr) -> Expr:
        return textbook(*args)

    def derivative(self: Scalar, argindex: int) -> Expr:
        return slopes[argindex - 1](*self.args)

    members = {"nargs": len(slopes), "constant": classmethod(constant), "derivative": derivative}
    return type(name, (Scalar,), {**members, "__module__": __name__})
