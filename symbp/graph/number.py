"""Numbers as a lecturer writes them: exact where they are exact, else six significant digits."""

from __future__ import annotations

import re
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Any

import mpmath

from symbp.errors import InputError, shown

_NUMBER = re.compile(r"[-+]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][-+]?[0-9]{1,3})?(/[0-9]+)?")
_LONGEST, _LARGEST = 40, 300  # characters; decimal exponent
DIGITS = 6


def read_number(text: str, what: str) -> Fraction:
    """The number that a text stands for, exactly as written: ``5``, ``-0.25``, ``1e-3`` or ``1/3``.

    Raises
    ------
    InputError : where it is no number, or one out of range; `what` names it in the message
    """
    if not _NUMBER.fullmatch(text) or len(text) > _LONGEST:
        message = f"the value of {what} is {shown(text)}, which is not a number"
        raise InputError(message, allowed="such as 5, -0.25, 1e-3, 1/3")
    top, _, below = text.partition("/")
    exponent = re.search(r"[eE]([-+]?[0-9]+)$", top)
    if exponent and abs(int(exponent[1])) > _LARGEST:
        raise InputError(f"the value of {what} is out of range: {shown(text)}", allowed=f"up to 1e{_LARGEST}")
    if below and int(below) == 0:
        raise InputError(f"the value of {what} divides by zero: {shown(text)}")
    return Fraction(top) / int(below or 1)


def is_decimal(text: str) -> bool:
    """Whether a number was written as a decimal: such numbers are answered in decimals."""
    return bool(re.search(r"[0-9]*\.[0-9]*|[0-9][eE]", text))


def number_text(value: Any, decimals: bool = False, digits: int = DIGITS) -> str:
    """A number as text.

    Parameters
    ----------
    value : a Fraction, which is exact, or a number of mpmath
    decimals : write an exact number as a decimal rather than as a fraction
    digits : how many significant digits a rounded number has
    """
    if not isinstance(value, Fraction):
        return _rounded(value, digits)
    exact = str(value)
    if value.denominator == 1:
        return exact if len(exact) <= 15 else _rounded(value, digits)
    if not decimals:
        return exact if len(exact) <= 11 else _rounded(value, digits)
    with localcontext() as context:
        context.prec = 15
        quotient = Decimal(value.numerator) / Decimal(value.denominator)
        if Fraction(quotient) == value and len(plain := f"{quotient.normalize():f}") <= 12:
            return plain
    return _rounded(value, digits)


def _rounded(value: Any, digits: int) -> str:
    with mpmath.workdps(30):
        x = mpmath.mpf(value.numerator) / value.denominator if isinstance(value, Fraction) else mpmath.mpf(value)
        text = str(mpmath.nstr(x, digits, strip_zeros=True, min_fixed=-5, max_fixed=7))
    mantissa, mark, exponent = text.partition("e")
    mantissa = mantissa.removesuffix(".0")
    return f"{mantissa}{mark}{exponent.lstrip('+')}"
