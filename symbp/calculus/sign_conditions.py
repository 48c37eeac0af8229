"""What makes a formula choose by a sign."""

from __future__ import annotations

import sympy

from symbp.calculus.functions import absolute, floor_of, maximum, minimum, sgn, step, where
from symbp.calculus.reductions import First, Max

CHOOSING = (step, sgn, absolute, sympy.Abs, sympy.sign, maximum, minimum, where, floor_of, Max, First)
"""The functions and reductions whose value hangs on which of two numbers is larger."""
