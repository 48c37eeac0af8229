"""Formulas as people write them, each beside wrong neighbours: what proves the one must not prove the other."""

import re
import tomllib
from pathlib import Path

import pytest

import symbp as sb
from symbp.notation import notation_named
from symbp.verification.accumulate import Memory
from symbp.verification.judge import Judge

PAGES = tomllib.loads((Path(__file__).parent / "as_people_write.toml").read_text(encoding="utf-8"))["page"]
_judges: dict[str, Judge] = {}


def _judge(page):
    if page["name"] not in _judges:
        if "arch" in page:
            notation = notation_named(page["convention"])
            net = sb.Network.parse(page["arch"], loss=page["loss"])
            _judges[page["name"]] = Judge(net, notation.layout, notation=notation)
        else:
            problem = sb.Problem(page["tensors"], page["forward"], "J", given=page.get("given", []))
            _judges[page["name"]] = Judge.of_problem(problem)
    judge = _judges[page["name"]]
    judge.memory = Memory()  # each formula is from another page
    return judge


def _rows(kind):
    return [pytest.param(page, claim, id=f"{page['name']}-{claim}") for page in PAGES for claim in page.get(kind, ())]


@pytest.mark.thinned(12)
@pytest.mark.parametrize(("page", "claim"), _rows("right"))
def test_right_ones_are_proved(page, claim):
    v = _judge(page).judge(claim)
    assert v.verdict == "correct", v


@pytest.mark.thinned(12)
@pytest.mark.usefixtures("undiagnosed")
@pytest.mark.parametrize(("page", "claim"), _rows("wrong"))
def test_wrong_ones_are_wrong(page, claim):
    assert _judge(page).judge(claim).verdict == "wrong"


@pytest.mark.parametrize(("page", "claim"), _rows("refused"))
def test_what_is_not_sure_is_refused(page, claim):
    v = _judge(page).judge(claim)
    assert v.verdict == "unreadable" and v.reason, v


@pytest.mark.parametrize("page", [pytest.param(page, id=page["name"]) for page in PAGES if "lines" in page])
def test_pages_line_by_line(page):
    found = _judge(page).judge_all([(None, text) for _, text in page["lines"]])
    assert [v.verdict for v in found] == [verdict for verdict, _ in page["lines"]]


PLAIN = [(page, c) for page in PAGES for c in page.get("right", ()) if len(re.findall(r"(?<![<>=!:])=(?!=)", c)) == 1]


@pytest.mark.thinned(20)
@pytest.mark.usefixtures("undiagnosed")
@pytest.mark.parametrize(("page", "claim"), [pytest.param(p, c, id=f"{p['name']}-{c}") for p, c in PLAIN])
def test_no_right_one_is_right_times_a_number_or_zeroed(page, claim):
    left, right = re.split(r"(?<![<>=!:])=(?!=)", claim)
    if not re.search(r"axis=|keepdims=|\\(?:to|leftarrow)|:=", claim) and ":" not in left:
        times = rf"-17 \left({right}\right)" if "\\" in claim or "^" in claim or "_" in claim else f"-17*({right})"
        for other in (f"{left}= {times}", f"{left}= 0*({right})" if "*" in times else f"{left}= 0"):
            assert _judge(page).judge(other).verdict != "correct", other
