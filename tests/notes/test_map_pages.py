"""The pages of maps that are no networks: they print in every format, compile, and say what is so."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from functools import cache

import pytest
from map_cases import FILES, MAPS, NAMES, PROBLEMS, derived, scalar
from notes_cases import unbalanced

import symbp as sb
from symbp.documents.equations import equations
from symbp.documents.judged import judged_equations
from symbp.errors import InputError
from symbp.lectures.page import OF_NETWORKS, PageOptions, composed
from symbp.network.derivation import Derivation
from symbp.notation import NOTATIONS
from symbp.notes.blocks import Boxed, Display, Page, Row, flat, formulas
from symbp.notes.formats.latex import latex_page
from symbp.notes.page import FORMATS
from symbp.verification.judge import Judge
from symbp.verification.problems.file import load


@cache
def of(name: str) -> Derivation:
    return derived(name)


@cache
def page(name: str, detail: str = "steps", convention: str = "iitm") -> Page:
    return composed(of(name), PageOptions(convention=convention, detail=detail))


def rows(made: Page) -> list[Row]:
    return [r for b in flat(made.blocks) if isinstance(b, Display) for r in b.rows]


def closed(name: str) -> dict[str, str]:
    """What the frame says, as plain text."""
    (frame,) = (b for b in page(name, "summary").blocks if isinstance(b, Boxed))
    its = [r for b in flat(frame.blocks) if isinstance(b, Display) for r in b.rows]
    return {r.left.text: r.right.text for r in its if r.left is not None}


@pytest.mark.thinned(3)
@pytest.mark.parametrize("detail", [pytest.param("summary", marks=pytest.mark.sweep), "steps"])
@pytest.mark.parametrize("name", NAMES)
def test_a_page_in_every_format(name: str, detail: str) -> None:
    made = page(name, detail)
    for f in FORMATS.values():
        for fragment in (False, True):
            assert f.printed(made, fragment)
    assert not [m.latex for m in formulas(made.blocks) if unbalanced(m.latex)]
    said = "\n".join(m.latex for m in formulas(made.blocks))
    assert not re.search(r"_f0|_\{?0\d|@|__", said)  # no name that only a program has


def test_it_is_data_too() -> None:
    for name in NAMES:
        given = json.loads(of(name).page("json"))
        assert {e["pass"] for e in given["equations"]} == {"forward", "backward"}


@pytest.mark.thinned(6)
@pytest.mark.parametrize("name", ["layer norm", "attention", "two results", "any function", "numbers", "softmax.toml"])
@pytest.mark.parametrize("convention", NOTATIONS)
def test_every_notation_prints_a_map(convention: str, name: str) -> None:
    made = page(name, "steps", convention)
    assert not [m.latex for m in formulas(made.blocks) if unbalanced(m.latex)]


FONTS = {
    "iitm": r"\frac{\partial J}{\partial Q} = \mathrm{scale} \thinspace \frac{\partial J}{\partial S} K",
    "prml": r"\frac{\partial E}{\partial \mathbf{Q}} = \mathrm{scale} \thinspace \frac{\partial E}{\partial \mathbf{S}} \mathbf{K}",
    "goodfellow": r"\nabla_{\boldsymbol{Q}} J = \mathrm{scale} \thinspace (\nabla_{\boldsymbol{S}} J) \boldsymbol{K}",
    "cs231n": r"dQ = \mathrm{scale} \thinspace dS K",
}


@pytest.mark.parametrize("convention", FONTS)
def test_a_notation_says_how_formulas_are_set(convention: str) -> None:
    assert of("attention")["dQ"].latex(convention) == FONTS[convention]


def test_letters_are_their_authors() -> None:
    latex = latex_page(page("cross-entropy"), False)
    for letter in (
        r"$W_{\mathrm{out}}$",
        r"W_{\mathrm{out}, dk}",
        r"\frac{\partial \mathrm{loss}}{\partial b_{\mathrm{out}, k}}",
    ):
        assert letter in latex
    assert r"\mathrm{norm}_{a}" in latex_page(page("cosine"), False)
    norm = latex_page(page("layer norm"), False)
    assert all(letter in norm for letter in (r"\gamma_{d} \hat{x}_{nd}", r"\epsilon", "$10^{-5}$", r"$N \times N_{d}$"))
    assert "h'" not in norm and r"g'(z_{nj})" in latex_page(page("any function"), False)


def test_no_two_names_have_one_letter() -> None:
    names = {"x": "n", "x_": "n", "xhat": "n", "x_hat": "n", "beta_hat_1": ""}
    made = scalar("odd", "J = sum(x[n]*x_[n]*xhat[n]*x_hat[n], n) + beta_hat_1", "J", names)
    text = latex_page(composed(sb.derive(made)), False)
    for letter in ("$x$", r"$\mathrm{x\_}$", r"$\hat{x}$", r"$\mathrm{x\_hat}$", r"$\hat{\beta}_{1}$"):
        assert letter in text


CLOSED = {
    "layer norm": {"dx[n,d]": "(dxhat[n,d] - xhat[n,d]*mean(dxhat[n,i]*xhat[n,i], i) - mean(dxhat[n,i], i))/s[n]"},
    "softmax": {"dz[n,k]": "p[n,k]*(dp[n,k] - sum(dp[n,i]*p[n,i], i))"},
    "attention": {"dQ": "scale * dS @ K", "dK": "scale * dS.T @ Q", "dV": "P.T @ dout"},
    "any function": {"dz": "g'(z) * dh", "dW": "x.T @ dz"},
    "numbers": {"dw": "z", "dx": "y*z", "dy": "x*z", "dz": "u"},
    "softmax.toml": {"dZ": "(P - Y) / N", "dW": "X.T @ dZ"},
}


@pytest.mark.parametrize("name", CLOSED)
def test_the_closed_form_of_every_gradient(name: str) -> None:
    found = closed(name)
    assert CLOSED[name].items() <= found.items()
    d = of(name)
    arguments = {d.backward.adjoint[t.name] for t in d.forward.declared if t.name in d.backward.adjoint}
    assert arguments <= {re.sub(r"\[.*", "", left) for left in found}


def test_a_number_does_not_keep_the_others_long() -> None:
    """The derivative by eps reads that by s, which is put into that by x all the same."""
    assert closed("layer_norm.toml")["dx[n,d]"].count("mean") == 2


def test_what_vanishes_is_said() -> None:
    reasons = [" ".join(getattr(p, "text", p) for p in r.reason) for r in rows(page("layer norm"))]
    assert any("sum(x[n,d] - mu[n], d) = 0" in r for r in reasons)


def test_the_jacobian_of_softmax_is_a_reason() -> None:
    reasons = [" ".join(getattr(p, "text", p) for p in r.reason) for r in rows(page("softmax"))]
    assert any("d(p[n,i])/d(z[n,k]) = p[n,i]*([i = k] - p[n,k])" in r for r in reasons)


def test_a_result_that_the_map_reads_has_a_part_that_is_given() -> None:
    left, right = next(
        (r.left, r.right) for r in rows(page("two results")) if r.left and r.left.text == "dh_total[n,d]"
    )
    assert left.latex == r"\frac{\partial J}{\partial h_{nd}}" and right.latex.endswith(r"+ \bar{h}_{nd}")


@pytest.mark.parametrize("name", NAMES)
def test_elements_need_lengths(name: str) -> None:
    d = of(name)
    if not any(t.axes for t in d.forward.tensors.values()):
        assert "paths" in d.page("text", detail="elements")
        return
    with pytest.raises(InputError, match=r"the lengths of the axes .* are not known"):
        d.page("text", detail="elements")


ASKED = {"numbers": {"numbers": "random"}, "exercises": {"exercises": 2}}


@pytest.mark.parametrize("option", OF_NETWORKS)
def test_what_is_for_networks_is_refused(option: str) -> None:
    with pytest.raises(InputError, match=f"has no {option}: that is for networks"):
        of("layer norm").page("text", **ASKED[option])


def test_the_code_stands_beside_the_equations() -> None:
    text = of("layer norm").page("text", code=True)
    section = text[text.index("The code\n") :]
    places = [section.index(x) for x in ("mu[n] ", "def forward(", "dx[n,d] ", "def backward(")]
    assert places == sorted(places) and "def check(" not in section
    with pytest.raises(InputError, match="there is no code to show: the function g has no definition"):
        of("any function").page("text", code=True)
    assert "There is no code to show" in of("any function").page("ipynb")


def test_a_notebook_runs() -> None:
    cells = json.loads(of("attention").page("ipynb"))["cells"]
    scope: dict[str, object] = {}
    exec("\n".join("".join(c["source"]) for c in cells if c["cell_type"] == "code"), scope)
    assert max(scope["check"]().values()) < 1e-6  # type: ignore[operator]


def test_one_equation_with_what_it_rests_on() -> None:
    for detail in ("summary", "steps"):
        text = of("attention").page("text", only=("dQ",), detail=detail)
        assert "dQ" in text and "dP" in text and "dV" not in text.split("What this rests on")[1]


@pytest.mark.thinned(3)
@pytest.mark.parametrize("detail", ["summary", "steps"])
@pytest.mark.parametrize("file", FILES)
def test_a_page_is_read_back_and_proved(file: str, detail: str) -> None:
    """The lengths of axes, N_d, are read in NumPy's way of writing and not in LaTeX: such lines are judged as they stand there."""
    problem = load(PROBLEMS / f"{file}.toml").problem
    made, judge = page(f"{file}.toml", detail), Judge.of_problem(problem)
    judged = [(e, v) for e, v in judged_equations(judge, equations(latex_page(made, False), False)) if v is not None]
    assert not [str(v) for e, v in judged if not v.ok and not _unread(e.text)]
    texts = [f"{r.left.text} = {r.right.text}" for r in rows(made) if r.left and _unread(r.right.latex)]
    judge = Judge.of_problem(problem)
    verdicts = [judge.judge(t) for t in texts if "dJ/" not in t]
    assert all(v.ok for v in verdicts), [str(v) for v in verdicts]
    assert len(judged) + len(verdicts) > 6


def _unread(latex: str) -> bool:
    """Whether the length of an axis stands in a formula, and not under a brace."""
    return "N_{" in latex and "underbrace" not in latex


@pytest.mark.skipif(not shutil.which("latexmk"), reason="latexmk is not installed")
@pytest.mark.parametrize(
    ("format", "convention"), [("latex", "iitm"), pytest.param("beamer", "goodfellow", marks=pytest.mark.sweep)]
)
def test_the_documents_compile_without_a_warning(format: str, convention: str, tmp_path) -> None:  # type: ignore[no-untyped-def]
    names = ["layer norm", "two results", "cosine"]
    for k, name in enumerate(names):
        text = FORMATS[format].printed(page(name, "steps", convention), False)
        (tmp_path / f"p{k}.tex").write_text(text, encoding="utf-8")
    command = ["latexmk", "-pdf", "-interaction=nonstopmode", "-halt-on-error", "-quiet"]
    subprocess.run([*command, *(f"p{k}.tex" for k in range(len(names)))], cwd=tmp_path, capture_output=True, check=True)
    for k, name in enumerate(names):
        log = (tmp_path / f"p{k}.log").read_text(encoding="utf-8", errors="replace")
        assert not re.findall(r"(?m)^.*(?:Overfull|Warning|Undefined).*$", log), name


def test_a_problem_is_derived_from_its_file() -> None:
    assert "dS" in sb.derive(load(PROBLEMS / "attention.toml").problem).page("text") and MAPS
