"""Gradients written by hand, checked against the functions they belong to; needs NumPy alone."""

from symbp.gradcheck.check import check_gradient
from symbp.gradcheck.report import GradientEntry, GradientReport

__all__ = ["GradientEntry", "GradientReport", "check_gradient"]
