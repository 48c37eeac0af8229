"""A mistake is a row: patterns match trees and make others, a row from outside is tried as those of the table are."""

from dataclasses import replace
from typing import get_args

import pytest

from symbp.formula.grammar import read_claim
from symbp.formula.printing import node_text
from symbp.formula.syntax import Node
from symbp.network import Network
from symbp.verification.diagnosis.diagnose import diagnose
from symbp.verification.diagnosis.patterns import everywhere, filled, matched, pattern
from symbp.verification.diagnosis.rows import Mistake, Row, edits
from symbp.verification.diagnosis.table import STAGES
from symbp.verification.judge import Judge
from symbp.verification.verdict import Cause

ROWS = {row for stage in vars(STAGES).values() for mistake in stage for row in mistake}


def _formula(text: str) -> Node:
    return read_claim(f"q = {text}").right


@pytest.mark.parametrize(
    ("written", "meant", "formula", "wanted"),
    [
        ("a @ b", "b @ a", "W2 @ delta2", "delta2 @ W2"),
        ("a @ b", "b.T @ a.T", "-W2.T @ delta2", "delta2.T @ (-W2)"),
        ("a * a", "a ** 2", "x*(y + z)", None),
        ("a * a", "a ** 2", "(y + z)*(y + z)", "(y + z)**2"),
        ("t[i,j]", "t[j,i]", "W2[k,m]", "W2[m,k]"),
        ("t[i,j]", "t[j,i]", "a1[k]", None),
        ("sum(a, more)", "mean(a, more)", "sum(x*y, axis=1)", "mean(x * y, axis=1)"),
        ("sum(a, more)", "mean(a, more)", "sum(x[i]*y[j], i, j)", "mean(x[i] * y[j], i, j)"),
        ("f(a)", "f(-a)", "np.exp(x - y)", "np.exp(y - x)"),
        ("f(a)", "f(-a)", "g'(x)", None),
        ("f'(a)", "f(a)", "g''(x)", "g(x)"),
        ("f(a)", "f(-a)", "x.sum(axis=0)", None),
        ("a - 1", "1 - a", "yhat - 1", "1 - yhat"),
        ("a - 1", "1 - a", "yhat - 2", None),
    ],
)
def test_a_pattern_matches_a_formula_and_makes_another(written, meant, formula, wanted):
    node = _formula(formula)
    bound = matched(pattern(written), node, {}, lambda letter, part: True)
    alike = type(pattern(written)) is type(pattern(meant))
    made = None if bound is None else node_text(filled(pattern(meant), bound, node if alike else None))
    assert made == wanted


def test_what_is_not_changed_stays_the_same_tree():
    node = _formula("(a + b)*c")
    assert everywhere(node, lambda part: None) is node


def test_a_letter_is_found_where_a_row_needs_it():
    setting = Judge(Network.parse("3-4:tanh-2", loss="sse")).first.setting
    mistake = (Row("a * b", "a * other", "factor", "another factor", each=lambda spot: [{"other": _formula("2")}, {}]),)
    made = [node_text(e.right) for e in edits(setting, read_claim("delta1 = e1*z1"), [mistake])]
    assert made == ["e1 * 2"]


POWER: Mistake = (Row("f(a ** b)", "f(a) ** b", "factor", "the power belongs to {f(a)}", likely=True),)


def test_a_mistake_from_outside_is_one_row():
    judge = Judge(Network.parse("3-4:tanh-2", loss="sse"))
    claim = read_claim("delta1 = e1*(1 - tanh(z1**2))")
    judge.first.begin()
    found = diagnose(judge.first, claim, mistakes=replace(STAGES, fitting=(*STAGES.fitting, POWER)))
    assert found is not None
    assert (found.cause, found.why.shown(node_text)) == ("factor", "the power belongs to tanh(z1)")
    assert node_text(found.claim.right) == "e1 * (1 - tanh(z1)**2)"
    assert claim.text[found.span.start : found.span.end] == "tanh(z1**2)"
    assert POWER not in STAGES.fitting


@pytest.mark.parametrize(
    "row",
    sorted(ROWS, key=lambda row: (row.written, row.meant, row.words)),
    ids=lambda row: f"{row.written} -> {row.meant}",
)
def test_a_row_of_the_table_is_well_formed(row):
    assert pattern(row.written) and pattern(row.meant)
    assert callable(row.cause) or row.cause in get_args(Cause)
    assert row.where in ("", "root", "inner", "again")
    assert row.words
