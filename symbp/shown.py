"""The faces: what the package hands out shows itself, by a printer that is handed to it here; the rooms below know of none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from symbp.calculus.program import Statement
from symbp.network import Network, derivation
from symbp.network.derivation import Derivation


@dataclass(frozen=True)
class Pages:
    """The printer of :mod:`symbp.notes`, which is imported when something is printed."""

    def page(self, derivation: Derivation, format: str, **options: Any) -> str:
        """A derivation as a page; options and errors as in :func:`symbp.notes.render`."""
        from symbp.notes import render

        return render(derivation, format, **options)

    def equation(self, derivation: Derivation, statement: Statement, convention: str) -> str:
        """One equation of a derivation as LaTeX without a math environment."""
        from symbp.notes import equation_latex

        return equation_latex(derivation, statement, convention)


def derive(net: Network | str, *, batch: bool = False) -> Derivation:
    """Derive every gradient of a network from its forward map.

    Parameters
    ----------
    net : a network, or its short string
    batch : derive for a batch of examples (axis n) instead of for one example, as a lecture does
    """
    given = Network.parse(net) if isinstance(net, str) else net
    return derivation.derive(given, batch=batch, printer=Pages())
