"""Formulas in the typography of books, papers and questions on the web: read rightly and proved, or refused with the reason."""

import re
import tomllib
from pathlib import Path

import pytest

import symbp as sb
from symbp.notation import notation_named
from symbp.verification.accumulate import Memory
from symbp.verification.judge import Judge

NETWORKS = tomllib.loads((Path(__file__).parent / "latex_in_the_wild.toml").read_text(encoding="utf-8"))["network"]
_judges: dict[int, Judge] = {}


def _judge(k):
    n = NETWORKS[k]
    if k not in _judges:
        net = sb.Network.parse(n["arch"], loss=n["loss"], bias=n.get("bias", True))
        _judges[k] = Judge(net, batch=n.get("batch") or None, notation=notation_named(n["convention"]))
    _judges[k].memory = Memory()  # each formula is from another page
    return _judges[k]


@pytest.mark.thinned(6)
@pytest.mark.parametrize(("k", "claim"), [(k, claim) for k, n in enumerate(NETWORKS) for claim in n["right"]])
def test_right_formulas_are_proved(k, claim):
    v = _judge(k).judge(claim, latex=True)
    assert (v.verdict, v.how) == ("correct", "exact"), v


@pytest.mark.parametrize(("k", "row"), [(k, row) for k, n in enumerate(NETWORKS) for row in n["refused"]])
def test_what_is_not_sure_is_refused_with_its_place(k, row):
    claim, words = row
    v = _judge(k).judge(claim, latex=True)
    assert v.verdict == "unreadable" and words in v.reason, v
    assert v.column is not None or "which layers" in v.reason


_OTHER = re.compile(
    r"arrow|:=|\\to(?![a-z])|\\gets|\\Delta|boxed|brace|color|=\s*0|\\begin|\\forall|\\text|\\quad|\+\s*=|\\label|\\tag"
)
PLAIN = [(k, c) for k, n in enumerate(NETWORKS) for c in n["right"] if c.count("=") == 1 and not _OTHER.search(c)]


@pytest.mark.usefixtures("undiagnosed")
@pytest.mark.parametrize("k", [pytest.param(k, marks=pytest.mark.sweep if k % 3 else ()) for k in range(len(NETWORKS))])
def test_no_formula_is_right_times_a_number_zeroed_or_transposed(k):
    """The test of the tests: what proves the formulas above must not prove these."""
    for claim in (c for number, c in PLAIN if number == k):
        left, right = claim.split("=")
        right = right.strip(" .,;")
        wrong = [rf"{left} = -17 \left({right}\right)", f"{left} = 0"]
        if re.search(r"\\partial\s*(?:\\mathbf)?\s*\{?W(?![^{}]*_)[^_]*\}\s*$", left) and "_" not in right:
            wrong.append(rf"{left} = \left({right}\right)^T")
        for other in wrong:
            v = _judge(k).judge(other, latex=True)
            assert v.verdict != "correct", v
