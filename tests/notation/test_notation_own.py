"""A lecturer's own file decides how what it prints is read: rows, the letter of the rate, the number of layers."""

import pytest

import symbp as sb
from symbp.documents.jobs import Wishes, jobs_of
from symbp.documents.left_alone import LeftAlone
from symbp.errors import InputError
from symbp.notation.shipped import text_of_shipped

NET = sb.Network.parse("3-4:tanh-2:sigmoid", loss="sse")


def own(tmp_path, *changes, first=""):
    """A file made from the default notation."""
    text = text_of_shipped("iitm")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    path = tmp_path / "mine.toml"
    path.write_text(first + text, encoding="utf-8")
    return str(path)


def test_vectors_in_rows_are_read_in_rows(tmp_path):
    rows = own(tmp_path, first='vectors = "rows"\n')
    right, wrong = (
        r"\delta^{(1)} = \delta^{(2)} W^{(2)} \odot g'(z^{(1)})",
        r"\delta^{(1)} = W^{(2)\top} \delta^{(2)} \odot g'(z^{(1)})",
    )
    assert sb.verify(NET, right, convention=rows).ok and not sb.verify(NET, wrong, convention=rows).ok
    assert sb.verify(NET, wrong, convention=rows, layout="columns").ok


def test_a_page_of_an_own_notation_is_proved(tmp_path):
    mine = own(tmp_path, (r"'\eta'", r"'\mu'"), first='vectors = "rows"\n')
    page = tmp_path / "page.tex"
    page.write_text(sb.derive(NET).page("latex", convention=mine), encoding="utf-8")
    (job,) = jobs_of((str(page),), (), Wishes(lambda *_, **__: NET, "3-4:tanh-2:sigmoid", None, mine, None, None))
    verdicts = [v for v, _ in job.verdicts() if not isinstance(v, LeftAlone)]
    assert len(verdicts) > 15 and all(v.ok or v.verdict == "definition" for v in verdicts), verdicts
    assert any(r"\mu" in v.claim for v in verdicts)


@pytest.mark.parametrize("letter", [r"\mu", "s", r"\lambda"])
def test_the_letter_of_the_rate_is_read(tmp_path, letter):
    mine = own(tmp_path, (r"'\eta'", f"'{letter}'"))
    step = rf"W^{{(1)}} \leftarrow W^{{(1)}} {{sign}} {letter} \frac{{\partial J}}{{\partial W^{{(1)}}}}"
    assert sb.verify(NET, step.replace("{sign}", "-"), convention=mine).ok
    assert sb.verify(NET, step.replace("{sign}", "+"), convention=mine).cause == "sign"


def test_letters_by_layer_are_for_networks_of_as_many_layers():
    claim = r"\frac{\partial R_i}{\partial \beta_{km}} = \delta_{ki} z_{mi}"
    assert sb.verify(NET, claim, convention="esl").ok
    with pytest.raises(InputError, match="letters for 2 layers, and this network has 3"):
        sb.verify(sb.Network.parse("3-4:tanh-5:tanh-2", loss="sse"), claim, convention="esl")


@pytest.mark.parametrize("change, said", [
    ((r"'\eta'", "'W'"), "'W' is the letter of rate and of weight"), (("mask = 'r'", "mask = 'b'"), "'b' is the letter of mask and of bias"),
])  # fmt: skip
def test_letters_of_the_step_are_no_others(tmp_path, change, said):
    with pytest.raises(InputError, match=said):
        sb.verify(NET, "delta2 = e2", convention=own(tmp_path, change))


def test_a_sign_of_transposes_is_a_sign(tmp_path):
    for sign in ("", "W"):
        with pytest.raises(InputError, match="the sign of transposes"):
            sb.verify(NET, "delta2 = e2", convention=own(tmp_path, first=f"transpose = '{sign}'\n"))


def test_sigma_is_one_function_on_a_page():
    page = sb.derive(NET).page("latex", convention="esl")
    assert r"\sigma(v) &= \tanh(v)" in page and r"g(v) &= \mathrm{sigmoid}(v) = \frac{1}{1 + e^{-v}}" in page


def test_elements_have_the_letter_of_the_example_that_the_notation_says(tmp_path):
    text = text_of_shipped("esl").replace("example = 'i'", "example = 'n'").replace("R_i", "R_n")
    for old in (
        "z_{mi}",
        "z_i",
        "s_{mi}",
        "T_{ki}",
        r"\delta_{ki}",
        "x_{il}",
        "x_i",
        "y_{ik}",
        "f_k(x_i)",
        "f_{ki}(x_i)",
    ):
        assert old in text
        text = text.replace(f"'{old}'", "'" + old.replace("i", "n") + "'")
    path = tmp_path / "mine.toml"
    path.write_text(text.replace(r"\alpha_m^T x_i", r"\alpha_m^T x_n"), encoding="utf-8")
    page = sb.derive(NET).page("latex", convention=str(path))
    assert (
        r"\frac{\partial R_n}{\partial \beta_{km}} &= \delta_{kn} z_{mn}" in page
        and "$n$ is the number of the example" in page
    )
    claim = r"\frac{\partial R_n}{\partial \beta_{km}} = \delta_{kn} z_{mn}"
    assert sb.verify(NET, claim, convention=str(path)).ok
    summed = r"\frac{\partial R}{\partial \beta_{km}} = \sum_n \delta_{kn} z_{mn}"
    assert sb.verify(
        sb.Network.parse("3-4:tanh-2:sigmoid", loss="sse", reduction="sum"), summed, convention=str(path)
    ).ok
