"""Formulas judged about a network or a problem: what ``sb.verify`` does, and with whose hands verdicts show themselves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import singledispatch
from pathlib import PurePath
from typing import Any, TypeAlias

from symbp.errors import InputError, nearest
from symbp.notation import NOTATIONS, notation_named
from symbp.verification.judge import Judge
from symbp.verification.meaning.setting import Layout
from symbp.verification.problems.file import is_problem, load
from symbp.verification.problems.given import read_given
from symbp.verification.problems.problem import Problem
from symbp.verification.verdict import Printer, Verdict, Verdicts


def verify(
    net: Any,
    claim: str | Sequence[str] | None = None,
    *,
    layout: Layout | None = None,
    batch: bool | None = None,
    convention: str = "iitm",
    printer: Printer | None = None,
) -> Verdict | Verdicts:
    """The verdict on a claim, or those on several in order, as ``sb.verify`` describes them; the `printer` shows them."""
    _check(claim, layout, batch, convention)
    judge, own = _judge(net, layout, batch, convention)
    if isinstance(claim, str):
        return replace(judge.judge(claim), printer=printer)
    if claim is None and not own:
        raise InputError("nothing to verify: there is no claim", allowed='verify(net, "delta2 = yhat - y")')
    found = judge.judge_all(own if claim is None else [(None, one) for one in claim])
    return Verdicts(replace(v, printer=printer) for v in found)


def _check(claim: Any, layout: Any, batch: Any, convention: Any) -> None:
    """InputError for an argument that is of no use."""
    if layout not in (None, "columns", "rows"):
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


_Judged: TypeAlias = tuple[Judge, Sequence[tuple[int | None, str]]]


@singledispatch
def _judge(net: Any, layout: Layout | None, batch: bool | None, convention: str) -> _Judged:
    """The judge of claims about a network or a problem, and the problem's own claims with their lines."""
    if callable(net):
        return _judge(read_given(net), layout, batch, convention)
    notation = notation_named(convention)
    return Judge(net, layout or notation.layout, batch, notation), []


@_judge.register
def _(net: Problem, *_said: object) -> _Judged:
    return Judge.of_problem(net), [(None, one) for one in net.claims]


@_judge.register
def _(net: str, layout: Layout | None, batch: bool | None, convention: str) -> _Judged:
    if is_problem(net):
        file = load(net)
        return Judge.of_problem(file.problem), file.claims
    return _judge(read_given(net), layout, batch, convention)


@_judge.register
def _(net: PurePath, layout: Layout | None, batch: bool | None, convention: str) -> _Judged:
    return _judge(str(net), layout, batch, convention)
