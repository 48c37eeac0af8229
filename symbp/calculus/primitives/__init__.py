"""The table of scalar functions: what each is called, is worth, and is differentiated to, and where it has a value."""

from __future__ import annotations

from typing import Any

from sympy import Expr

from symbp.calculus.primitives.row import EVERYWHERE, Interval, Primitive
from symbp.calculus.primitives.table import PRIMITIVES, expm1, log1p

__all__ = ["BY_HEAD", "BY_KEY", "CALLS", "EVERYWHERE", "NAMES", "PRIMITIVES", "Interval", "Primitive", "expm1", "log1p"]

BY_HEAD: dict[type[Expr], Primitive] = {p.head: p for p in PRIMITIVES if p.head is not None}
"""The row of a node, by its class."""
BY_KEY: dict[str, Primitive] = {p.key: p for p in PRIMITIVES}
"""The row of a function as number systems call it."""
NAMES: dict[type[Expr], str] = {head: p.name for head, p in BY_HEAD.items()}
"""How a node is spelled in the index language."""
CALLS: dict[str, tuple[Any, int]] = {name: (p.made, p.arguments) for p in PRIMITIVES for name in (p.name, *p.aliases)}
"""What a scalar expression may call: the name, what it makes, and how many arguments it takes."""
