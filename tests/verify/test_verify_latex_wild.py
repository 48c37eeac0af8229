"""Formulas in the typography of books, papers and questions on the web: read rightly and proved, or refused with the reason."""

import tomllib
from pathlib import Path

import pytest

import symbp as sb
from symbp.verify.judge import Judge
from symbp.verify.latex.notations import notation_named

NETWORKS = tomllib.loads((Path(__file__).parent / "latex_in_the_wild.toml").read_text(encoding="utf-8"))["network"]
_judges: dict[int, Judge] = {}


def _judge(k):
    n = NETWORKS[k]
    if k not in _judges:
        net = sb.Network.parse(n["arch"], loss=n["loss"], bias=n.get("bias", True))
        _judges[k] = Judge(net, batch=n.get("batch") or None, notation=notation_named(n["convention"]))
    _judges[k].parts.own = None  # each formula is from another page
    return _judges[k]


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
