"""What the package hands out shows itself by the printer that was handed to it, and by nothing else."""

from dataclasses import dataclass

import pytest

import symbp as sb
from symbp.network.derivation import derive
from symbp.notes import equation_latex, render


@dataclass(frozen=True)
class Loud:
    def page(self, derivation, format, **options):
        return f"{format}, {len(derivation)} steps, {sorted(options)}"

    def equation(self, derivation, statement, convention):
        return f"{statement.target.name} in {convention}"


def test_a_derivation_shows_itself_as_the_pages_do() -> None:
    d = sb.derive("3-4:tanh-2:softmax")
    assert isinstance(d, sb.Derivation) and isinstance(d["delta1"], sb.Equation)
    assert d.latex(convention="credit", detail="steps") == render(d, "latex", convention="credit", detail="steps")
    assert d._repr_markdown_() == d.page("markdown") == render(d, "markdown", detail="summary")
    one = d["delta1"]
    assert one.latex("credit") == equation_latex(d, one.statement, "credit")
    assert one._repr_latex_() == rf"$\displaystyle {one.latex()}$"
    assert str(d["delta2"].matrix) == "yhat - y" and str(one.matrix) == "e1 * (1 - a1**2)"


def test_another_printer_is_asked_in_its_place() -> None:
    d = derive(sb.Network.parse("3-2:tanh-1"), printer=Loud())
    assert d.page("page", wide=True) == f"page, {len(d)} steps, ['wide']"
    assert d["dJ/dW1"].latex() == "dW1 in iitm"


def test_without_a_printer_the_mathematics_is_there_and_no_page() -> None:
    net = sb.Network.parse("3-2:tanh-1")
    d = derive(net)
    assert str(d["delta2"]) == str(sb.derive(net)["delta2"])
    assert d == sb.derive(net)
    with pytest.raises(TypeError, match="no printer"):
        d.latex()
