"""The faces: what the package hands out shows itself, by a printer that is handed to it here; the rooms below know of none."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, TypeAlias, overload

from symbp.calculus.program import Statement
from symbp.network import derivation
from symbp.network.derivation import Derivation

if TYPE_CHECKING:
    from symbp.network.forward import HasForwardMap
    from symbp.verification.meaning.setting import Layout
    from symbp.verification.verdict import Verdict, Verdicts

Given: TypeAlias = "HasForwardMap | Callable[..., Any] | str | PurePath"
"""What stands where a network may."""


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


def derive(net: Given, *, batch: bool = False) -> Derivation:
    """Derive every gradient of a forward map.

    Parameters
    ----------
    net : a network, or its short string; a :class:`Problem`, or the path of its .toml file; a NumPy function, or
        ``"FILE.py:NAME"``: its source is read, and it is not called
    batch : derive for a batch of examples (axis n) instead of for one example, as a lecture does

    Raises
    ------
    InputError : for what cannot be read, with its place
    """
    from symbp.verification.problems.given import read_given

    return derivation.derive(read_given(net), batch=batch, printer=Pages())


def generate(net: Given, dtype: str = "float32", command: str | None = None) -> str:
    """The source of a standalone module: of a network one that trains it, of any other forward map its value and gradient.

    Parameters
    ----------
    net : as in :func:`derive`
    dtype : what parameters are made of by default, ``float32`` or ``float64``; any floating type can be asked for
    command : the command that makes the module again, for its header

    Raises
    ------
    InputError : for what cannot be read, with its place
    ValueError : for another dtype, or where a layer has no array form
    """
    from symbp.codegen import generate as generated
    from symbp.verification.problems.given import read_given

    return generated(read_given(net), dtype, command)


@overload
def verify(  # type: ignore[overload-overlap]
    net: Given,
    claim: str,
    *,
    layout: Layout | None = None,
    batch: bool | None = None,
    convention: str = "iitm",
) -> Verdict: ...


@overload
def verify(
    net: Given,
    claim: Sequence[str] | None = None,
    *,
    layout: Layout | None = None,
    batch: bool | None = None,
    convention: str = "iitm",
) -> Verdicts: ...


def verify(
    net: Given,
    claim: str | Sequence[str] | None = None,
    *,
    layout: Layout | None = None,
    batch: bool | None = None,
    convention: str = "iitm",
) -> Verdict | Verdicts:
    """Judge a formula, or several in order, about a network.

    Parameters
    ----------
    net : the network, or its short string; a :class:`Problem` with a forward map of one's own, or the path of its .toml file; a
        NumPy function, or ``"FILE.py:NAME"``
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
