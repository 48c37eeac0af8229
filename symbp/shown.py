"""The faces: what the package hands out shows itself, by a printer that is handed to it here; the rooms below know of none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, overload

from symbp.calculus.program import Statement
from symbp.network import Network, derivation
from symbp.network.derivation import Derivation

if TYPE_CHECKING:
    from symbp.verification.meaning.setting import Layout
    from symbp.verification.problems.problem import Problem
    from symbp.verification.verdict import Verdict, Verdicts


@dataclass(frozen=True)
class Pages:
    """The printer of :mod:`symbp.lectures`, which is imported when something is printed."""

    def page(self, derivation: Derivation, format: str, **options: Any) -> str:
        """A derivation as a page; options as in :class:`symbp.lectures.page.PageOptions`, errors as in its `printed`."""
        from symbp.lectures.page import PageOptions, printed

        return printed(derivation, format, PageOptions(**options))

    def equation(self, derivation: Derivation, statement: Statement, convention: str) -> str:
        """One equation of a derivation as LaTeX without a math environment."""
        from symbp.notes import equation_latex

        return equation_latex(derivation, statement, convention)


@dataclass(frozen=True)
class Marked:
    """The printer of :mod:`symbp.documents.marking`, which is imported when something is printed."""

    def html(self, verdicts: Sequence[Verdict]) -> str:
        """Verdicts as a notebook shows them."""
        from symbp.documents.marking.html import notebook_html

        return notebook_html(verdicts)


def derive(net: Network | str, *, batch: bool = False) -> Derivation:
    """Derive every gradient of a network from its forward map.

    Parameters
    ----------
    net : a network, or its short string
    batch : derive for a batch of examples (axis n) instead of for one example, as a lecture does
    """
    given = Network.parse(net) if isinstance(net, str) else net
    return derivation.derive(given, batch=batch, printer=Pages())


@overload
def verify(  # type: ignore[overload-overlap]
    net: Network | Problem | str | PurePath,
    claim: str,
    *,
    layout: Layout | None = None,
    batch: bool | None = None,
    convention: str = "iitm",
) -> Verdict: ...


@overload
def verify(
    net: Network | Problem | str | PurePath,
    claim: Sequence[str] | None = None,
    *,
    layout: Layout | None = None,
    batch: bool | None = None,
    convention: str = "iitm",
) -> Verdicts: ...


def verify(
    net: Network | Problem | str | PurePath,
    claim: str | Sequence[str] | None = None,
    *,
    layout: Layout | None = None,
    batch: bool | None = None,
    convention: str = "iitm",
) -> Verdict | Verdicts:
    """Judge a formula, or several in order, about a network.

    Parameters
    ----------
    net : the network, or its short string; or a :class:`Problem` with a forward map of one's own, or the path of its .toml file
    claim : an equation as NumPy-like text, ``delta1 = (W2.T @ delta2) * g'(z1)``, or in index notation,
        ``delta1[i] = sum(delta2[k]*W2[k,i], k)*g'(z1[i])``. A name that means nothing yet is a definition, which later claims
        may use. Or in LaTeX, ``\\delta^{(1)} = (W^{(2)})^T \\delta^{(2)} \\odot g'(z^{(1)})``: the text says which.
        ``+=`` adds to what was claimed before, and the total is judged. For a problem, None stands for its own claims.
    layout : ``columns``, an example is (features x 1) and a batch (features x N), or ``rows``; by default
        what the convention says
    batch : decide for a batch (True) or for one example (False); by default a claim is about one example unless it speaks of
        the batch: an index n, N, a sum or mean over the examples
    convention : whose letters formulas in LaTeX use: iitm, credit, esl, iitkgp, nielsen, ng, or a .toml file

    Returns
    -------
    A :class:`Verdict`, or :class:`Verdicts`, a list of them; a claim that cannot be read is one with the verdict
    ``unreadable``, and no error.
    """
    from symbp.verification import verify as verification

    return verification.verify(net, claim, layout=layout, batch=batch, convention=convention, printer=Marked())
