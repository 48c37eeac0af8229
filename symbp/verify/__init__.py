"""Verdicts on formulas: read, given a meaning in a network, decided exactly where that is possible, explained where wrong.

The stages, in order: a reader makes a syntax tree (:mod:`.language`, :mod:`.latex`), whose names and operations are given a
meaning over typed axes (:mod:`.meaning`, :mod:`.problems`), both sides are compared at random points (:mod:`.proof`), and
edits of the tree explain what is wrong (:mod:`.diagnosis`). :mod:`.judge` goes through them for one claim after the other,
:mod:`.jobs` for the files of a command, and :mod:`.marking` writes marked copies of pages.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import PurePath
from types import ModuleType
from typing import TYPE_CHECKING, Any, overload

from symbp.errors import InputError, nearest
from symbp.notation import NOTATIONS
from symbp.verify.verdict import Counterexample, Verdict, Verdicts

if TYPE_CHECKING:
    from symbp.network import Network
    from symbp.verify.judge import Judge
    from symbp.verify.meaning.setting import Layout
    from symbp.verify.problems.problem import Problem

__all__ = ["Counterexample", "Problem", "Verdict", "Verdicts", "verify"]


@overload
def verify(  # type: ignore[overload-overlap]
    net: Network | Problem | str | PurePath,
    claim: str,
    *,
    layout: Layout = "columns",
    batch: bool | None = None,
    convention: str = "iitm",
) -> Verdict: ...


@overload
def verify(
    net: Network | Problem | str | PurePath,
    claim: Sequence[str] | None = None,
    *,
    layout: Layout = "columns",
    batch: bool | None = None,
    convention: str = "iitm",
) -> Verdicts: ...


def verify(
    net: Network | Problem | str | PurePath,
    claim: str | Sequence[str] | None = None,
    *,
    layout: Layout = "columns",
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
    layout : ``columns``, an example is (features x 1) and a batch (features x N), or ``rows``
    batch : decide for a batch (True) or for one example (False); by default a claim is about one example unless it speaks of
        the batch: an index n, N, a sum or mean over the examples
    convention : whose letters formulas in LaTeX use: iitm, credit, esl, iitkgp, nielsen, ng, or a .toml file

    Returns
    -------
    A :class:`Verdict`, or :class:`Verdicts`, a list of them; a claim that cannot be read is one with the verdict
    ``unreadable``, and no error.
    """
    _check(claim, layout, batch, convention)
    judge, own = _judge(net, layout, batch, convention)
    if isinstance(claim, str):
        return judge.judge(claim)
    if claim is None and not own:
        raise InputError("nothing to verify: there is no claim", allowed='verify(net, "delta2 = yhat - y")')
    return Verdicts(judge.judge_all(own if claim is None else [(None, one) for one in claim]))


def _check(claim: Any, layout: Any, batch: Any, convention: Any) -> None:
    """InputError for an argument that is of no use."""
    if layout not in ("columns", "rows"):
        like = nearest(str(layout), ("columns", "rows"))
        raise InputError(f"layout is {layout!r}", allowed="columns, rows", nearest=like)
    if batch is not None and not isinstance(batch, bool):
        raise InputError(f"batch is {batch!r}", allowed="True, False, None")
    if not isinstance(convention, str):
        raise InputError(f"convention is {convention!r}", allowed=", ".join(NOTATIONS))
    lines = [claim] if isinstance(claim, str) or claim is None else claim
    if not isinstance(lines, Sequence) or any(not isinstance(one, str) for one in lines if one is not None):
        raise InputError(f"claim is {claim!r:.60}", allowed="a text, or a list of texts")
    if claim is not None and any(one is None for one in lines):
        raise InputError("a claim is None", allowed="a text")


def _judge(
    net: Network | Problem | str | PurePath, layout: Layout, batch: bool | None, convention: str
) -> tuple[Judge, Sequence[tuple[int | None, str]]]:
    """The judge of claims about a network or a problem, and the problem's own claims with their lines."""
    from symbp.network import Network
    from symbp.notation import notation_named
    from symbp.verify.judge import Judge
    from symbp.verify.problems.file import is_problem, load
    from symbp.verify.problems.problem import Problem

    if isinstance(net, PurePath):
        net = str(net)
    if isinstance(net, str) and is_problem(net):
        file = load(net)
        return Judge.of_problem(file.problem), file.claims
    if isinstance(net, Problem):
        return Judge.of_problem(net), [(None, one) for one in net.claims]
    return Judge(Network.read(net) if isinstance(net, str) else net, layout, batch, notation_named(convention)), []


class _Callable(ModuleType):
    """This package, callable: ``symbp.verify`` names both the package and the function, and importing one must not hide the
    other."""

    def __call__(self, *args: Any, **options: Any) -> Any:
        return verify(*args, **options)


sys.modules[__name__].__class__ = _Callable
