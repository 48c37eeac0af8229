"""Formulas of the lectures in their lecturers' letters, one row each: right ones are proved, mistakes on slides are explained."""

import tomllib
from pathlib import Path

import pytest

import symbp as sb
from symbp.notation import notation_named
from symbp.verification.judge import Judge

FILES = sorted((Path(__file__).parents[3] / "docs" / "gallery" / "lectures").glob("*.toml"))


def _slides():
    for path in FILES:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        for slide in table["slide"]:
            yield table, slide


_judges: dict[tuple[str, str], Judge] = {}


def _judge(convention, slide):
    """The judge of a slide's network, or of its problem."""
    about = slide.get("problem") or {k: slide[k] for k in ("arch", "loss", "bias") if k in slide}
    key = convention, str(about)
    if key not in _judges and "problem" in slide:
        _judges[key] = Judge.of_problem(sb.Problem(**about))
    elif key not in _judges:
        net = sb.Network.parse(about["arch"], loss=about["loss"], bias=about.get("bias", True))
        _judges[key] = Judge(net, notation=notation_named(convention))
    return _judges[key]


def _rows(kind):
    for table, slide in _slides():
        lecture = table["lecture"].split(".")[0]
        for row in slide.get(kind, []):
            match row:
                case str():
                    claim, causes = row, ""
                case dict():
                    claim, causes = row["formula"], row.get("cause", "")
                case _:
                    claim, causes = row
            yield pytest.param(table["convention"], slide, claim, causes, id=f"{lecture}: {slide['topic']}: {claim}")


@pytest.mark.thinned(6)
@pytest.mark.parametrize(("convention", "slide", "claim", "_"), [*_rows("right")])
def test_right_formulas_are_proved(convention, slide, claim, _):
    v = _judge(convention, slide).judge(claim)
    assert (v.verdict, v.how) == ("correct", "exact"), v


@pytest.mark.thinned(3)
@pytest.mark.parametrize(("convention", "slide", "claim", "causes"), [*_rows("slip"), *_rows("wrong")])
def test_mistakes_are_rejected_and_explained(convention, slide, claim, causes):
    judge = _judge(convention, slide)
    v = judge.judge(claim)
    assert v.verdict == "wrong", v
    assert not causes or v.cause in causes.split(), v
    if v.fix:
        assert judge.judge(v.fix).verdict == "correct", v


def test_what_is_right_instead_of_a_slip_is_proved():
    instead = [
        (t["convention"], s, slip["instead"]) for t, s in _slides() for slip in s.get("slip", []) if "instead" in slip
    ]
    assert instead and all(
        _judge(convention, slide).judge(claim).how == "exact" for convention, slide, claim in instead
    )


def test_a_factor_that_went_into_the_rate_is_said():
    judge = Judge(sb.Network.parse("3-1", loss="squared_error", bias=False), notation=notation_named("credit"))
    v = judge.judge(r"w_i := w_i - \eta (\hat y - y) x_i")
    assert v.ok and r"the factor 2 has gone into \eta" in v.note
    assert "gone into" not in judge.judge(r"w_i := w_i - 2 \eta (\hat y - y) x_i").note
