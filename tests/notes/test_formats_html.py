"""The HTML page: no network, headings in order, formulas with words, symbols that say what they are, steps that unfold."""

from __future__ import annotations

import base64
import hashlib
import itertools
import re
from pathlib import Path

import pytest
from notes_cases import NETWORKS, derivation_of
from page_reader import CHROMIUM, opened, read

from symbp.errors import InputError
from symbp.network import Network
from symbp.network.derivation import derive
from symbp.notation import NOTATIONS
from symbp.notation.mathml import mathml
from symbp.notes import render
from symbp.notes.blocks import (
    Boxed,
    Code,
    Display,
    Folded,
    Heading,
    Items,
    Math,
    Page,
    Paragraph,
    Reference,
    Row,
    Table,
)
from symbp.notes.formats.html import formula, html_page
from symbp.notes.page import page_of

NETWORK = "3-4:tanh-2:softmax"
HOSTILE = "</script><img src=x onerror=alert(1)> $x$ \\input{y} {{ 7*7 }} {% raw %} &amp; \"'"


def page(detail: str = "steps", convention: str = "iitm", network: str = NETWORK) -> str:
    return render(derive(Network.parse(network)), "html", detail=detail, convention=convention)


@pytest.mark.parametrize(("detail", "convention"), [("steps", "iitm"), ("elements", "nielsen"), ("summary", "esl")])
def test_a_page_is_one_file_that_any_reader_can_follow(detail: str, convention: str) -> None:
    found = read(page(detail, convention, "3-4:tanh-2:linear"))
    assert found.of("html")[0]["lang"] == "en" and len(found.of("h1")) == 1
    assert all(found.of(landmark) for landmark in ("header", "nav", "main", "footer"))
    levels = [int(t[1]) for t, _ in found.elements if re.fullmatch(r"h[1-6]", t)]
    assert levels[0] == 1 and all(b <= a + 1 for a, b in itertools.pairwise(levels))
    assert found.of("math") and all(m["alttext"] for m in found.of("math"))
    assert '<code class="latex">' not in page(detail, convention, "3-4:tanh-2:linear")
    ids = [a["id"] for _, a in found.elements if "id" in a]
    assert len(ids) == len({*ids})
    links = [v for _, a in found.elements for k, v in a.items() if k in ("href", "src", "data", "action", "srcset")]
    assert all(v.startswith("#") for v in links)
    assert {v[1:] for v in links} <= {*ids}
    assert not [a for _, a in found.elements for k in a if k.startswith("on")]


def test_the_policy_lets_no_script_run_but_the_pages_own() -> None:
    found = read(page())
    policy = next(a["content"] for a in found.of("meta") if a.get("http-equiv") == "Content-Security-Policy")
    own = base64.b64encode(hashlib.sha256(found.script.encode()).digest()).decode()
    assert "default-src 'none'" in policy and f"script-src 'sha256-{own}';" in policy and len(found.of("script")) == 1


def test_symbols_say_what_they_are_and_their_shape() -> None:
    text = page()
    said = {
        re.sub(r"<[^>]*>", "", m[2]): m[1] for m in re.finditer(r'<div id="(s\d+)"><dt>.*?</dt><dd>(.*?)</dd>', text)
    }
    assert "the pre-activation of layer 1, 4×1" in said and "the weights of layer 2, 2×4" in said
    assert "the gradient: the derivative of the loss with respect to the weights of layer 1, 4×3" in said
    assert "the loss" in said and "the target, 2×1" in said
    used = set(re.findall(r'<mrow class="(s\d+)">', text))
    assert used <= {*said.values()} and said["the weights of layer 2, 2×4"] in used
    weight = said["the weights of layer 2, 2×4"]
    assert re.search(rf'<mrow class="{weight}"><msubsup><mi>w</mi>', text), "an element is of its tensor"


def test_long_chains_unfold_and_short_ones_stand_there() -> None:
    x = [Math(f"x_{{{k}}}", f"x{k}") for k in range(5)]
    long = Display((Row(x[0], x[1], ("first",)), Row(None, x[2], ("second",)), Row(None, x[3], ("third",), key="law")))
    short = Display((Row(x[4], x[0], ("at once",)), Row(None, x[1])))
    blocks = (long, short, Paragraph(("By ", Reference("law"), ".")), Folded(("A solution",), (Paragraph(("yes",)),)))
    text = html_page(Page(("T",), (), blocks), False)
    assert (
        text.count("<details") == 2 and "<summary>3 steps</summary>" in text and "<summary>A solution</summary>" in text
    )
    ends = text[text.index('class="row ends"') : text.index("<details")]
    assert 'alttext="x0"' in ends and 'alttext="= x3"' in ends and "(1)" in ends and "first" not in ends
    assert text.count('id="eq-1"') == 1 and '<a href="#eq-1">(1)</a>' in text


def test_text_from_outside_is_text_in_every_block() -> None:
    own = (HOSTILE,)
    blocks = (
        Heading(1, own), Paragraph(own), Items((own,), ordered=True), Table((own,), ((own,),)), Code(HOSTILE),
        Display((Row(Math("x", HOSTILE), Math("y", HOSTILE), own),)), Boxed(own, (Paragraph(own),)), Folded(own, (Paragraph(own),)),
    )  # fmt: skip
    for fragment in (False, True):
        text = html_page(Page(own, own, blocks, own), fragment)
        found = read(text)
        assert not found.of("img") and len(found.of("script")) == (not fragment)
        assert found.text.count("{{ 7*7 }} {% raw %} &amp;") >= 11
        assert all(m["alttext"] in (HOSTILE, f"= {HOSTILE}") for m in found.of("math"))


def test_what_is_no_formula_is_shown_as_it_is() -> None:
    assert formula(r"\nosuch<b>", "n") == '<code class="latex">\\nosuch&lt;b&gt;</code>'
    made = formula(r"\sum_{j} x_{j}", 'a"b', display=True)
    assert 'alttext="a&#34;b"' in made and "<munder>" in made and 'display="block"' not in made
    assert '<mi>ln</mi><mspace width="0.167em"></mspace>' in formula(r"y \ln x", "")
    assert '<mrow class="box">' in formula(r"\boxed{\qquad\ldots}", "...")
    assert "<mi>softmax</mi>" in formula(r"\mathrm{softmax}(z)", "")


@pytest.mark.parametrize(
    ("network", "convention", "detail"),
    [
        ("penalties", "credit", "steps"),
        *(
            pytest.param(n, c, d, marks=pytest.mark.sweep)
            for n in NETWORKS
            for c in NOTATIONS
            for d in ("summary", "steps")
        ),
    ],
)
def test_every_formula_of_a_page_is_mathml(network: str, convention: str, detail: str) -> None:
    try:
        text = html_page(page_of(derivation_of(network), convention, detail), False)
    except InputError:
        return  # a notation that has no letters for this network
    assert "<code" not in text and "\\" not in re.sub(r"(?s)<script>.*?</script>|<style>.*?</style>", "", text)


PROBE = """<script>
const symbols = () => [...document.querySelectorAll(".display mrow[tabindex]")].filter((n) => n.getClientRects().length);
const tip = () => (document.getElementById("tip").hidden ? "-" : document.getElementById("tip").textContent.trim());
const out = [];
const boxes = [...document.querySelectorAll(".display")].filter((b) => b.querySelector("mrow[tabindex]"));
out.push(boxes.length > 3 && boxes.every((b) => b.querySelectorAll("mrow[tabindex='0']").length === 1));
symbols().find((n) => n.tabIndex === 0).focus();
out.push(tip());
document.activeElement.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowRight", bubbles: true }));
out.push(tip(), document.activeElement.getAttribute("aria-describedby"));
document.activeElement.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", bubbles: true }));
out.push(tip());
const count = () => [...document.querySelectorAll("main details")].filter((d) => d.open).length;
const button = document.getElementById("unfold");
out.push(count()); button.click(); out.push(count() > 1, button.getAttribute("aria-pressed"));
document.title = JSON.stringify(out);
</script></body>"""


@pytest.mark.skipif(not CHROMIUM, reason="no Chromium is installed")
def test_a_browser_opens_the_page_without_a_request_or_an_error(tmp_path: Path) -> None:
    text = page()
    path = tmp_path / "page.html"
    path.write_text(text, encoding="utf-8")
    found = opened(path, tmp_path)
    assert found.console == [] and {*found.requests} <= {path.as_uri()}
    assert "<button" in found.dom and 'tabindex="0"' in found.dom


@pytest.mark.skipif(not CHROMIUM, reason="no Chromium is installed")
def test_the_keyboard_reaches_every_symbol_of_a_display(tmp_path: Path) -> None:
    probed = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", page()).replace("</body>", PROBE)
    path = tmp_path / "page.html"
    path.write_text(probed, encoding="utf-8")
    found = opened(path, tmp_path)
    title = read(found.dom[found.dom.index("<html") :].replace("\n", " ")).of("html")
    assert title
    said = re.search(r"<title>(.*?)</title>", found.dom)
    assert said and said[1].startswith("[true,") and said[1].endswith('"tip","-",0,true,"true"]'), said
    assert "the pre-activation of layer 1, 4×1" in said[1] and "the weights of layer 1, 4×3" in said[1]


def test_hats_are_as_narrow_as_their_letters_and_derivatives_stand_close() -> None:
    """Browsers stretch a hat until it looks like a bar, and set a partial derivative apart from its fraction's stroke."""
    made = str(mathml(r"\hat{y} = \partial J/\partial z"))
    assert '<mo stretchy="false">ˆ</mo>' in made and "^" not in made
    assert made.count("<mi>∂</mi>") == 2 and '<mo lspace="0em" rspace="0em">/</mo>' in made
    assert "^" in str(mathml(r"\widehat{ab}")) and "stretchy" not in str(mathml(r"\widehat{ab}"))
