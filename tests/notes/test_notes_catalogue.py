"""Every entry of the catalogue prints: in every convention, at every detail, in every format."""

from __future__ import annotations

import json
import re

import pytest
from notes_cases import NETWORKS, derivation_of, unbalanced

from symbp.errors import InputError
from symbp.notes import render
from symbp.notes.formats.latex import latex_page
from symbp.notes.formats.markdown import markdown_page
from symbp.notes.formats.text import text_page
from symbp.notes.page import page_of

ELEMENTWISE = [
    *(n for n in NETWORKS if n.startswith("loss") or " " not in n),
    *(f"activation {a}" for a in ("relu", "selu", "gelu_tanh", "softplus", "sign", "softmax", "log_softmax")),
]
OPENING = "Vectors are columns; a derivative has the shape of its variable;"


def check(network: str, convention: str, detail: str) -> None:
    derivation = derivation_of(network)
    if network == "deep" and detail == "elements":
        with pytest.raises(InputError, match="too many to write out"):
            page_of(derivation, convention, detail)
        return
    page = page_of(derivation, convention, detail)
    latex, markdown, text = (p(page, False) for p in (latex_page, markdown_page, text_page))
    assert not unbalanced(latex)
    assert OPENING in latex and OPENING in text
    for odd in ("Sum(", "Apply(", "Indexed", "None", "_f0", "Partial", "xlogy", r"\0", "\0", "normal_cdf"):
        assert odd not in latex
    for formula in re.findall(r"\$\$\n(.*?)\n\$\$", markdown, re.S) + re.findall(r"(?<!\$)\$([^$\n]+)\$", markdown):
        assert not unbalanced(formula)
        assert not re.search(r"\\operatorname|\\[,!;]|<", formula)
    assert markdown.count("$$") % 2 == 0
    assert "\\frac" not in text and "_f0" not in text
    assert text.isascii()


@pytest.mark.thinned(6)
@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize(("convention", "detail"), [("credit", "summary"), ("iitm", "steps")])
def test_every_entry(network: str, convention: str, detail: str) -> None:
    check(network, convention, detail)


@pytest.mark.thinned(6)
@pytest.mark.parametrize("network", ELEMENTWISE)
def test_every_entry_element_by_element(network: str) -> None:
    check(network, "credit" if len(network) % 2 else "iitm", "elements")


@pytest.mark.parametrize("network", ["user", "penalties", "activation step", "dropout"])
def test_json(network: str) -> None:
    derivation = derivation_of(network)
    data = json.loads(render(derivation, "json", convention="credit"))
    assert {t["name"] for t in data["equations"]} == set(derivation.program.definitions)
    assert data["stopped"] == [*derivation.stopped]
    for equation in data["equations"]:
        assert equation["pass"] == ("forward" if equation["name"] in derivation.forward.definitions else "backward")
        assert not equation["steps"] or equation["steps"][0]["rule"] in ("chain rule", "stopped", "differentiate")
        assert not unbalanced(equation["latex"])
        assert len(equation["shape"]) >= 2 or not derivation.program.tensors[equation["name"]].axes
