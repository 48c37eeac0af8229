"""How a lecturer writes: one frozen value for printing and for reading, from one TOML file a lecturer."""

from __future__ import annotations

from symbp.notation.file import FUNCTION_LETTERS
from symbp.notation.notation import LOSSES, Letter, Notation, Pattern
from symbp.notation.shipped import DEFAULT, NOTATIONS, notation_named

__all__ = ["DEFAULT", "FUNCTION_LETTERS", "LOSSES", "NOTATIONS", "Letter", "Notation", "Pattern", "notation_named"]
