"""A lecturer's file: what is read of it, and one clear message for what cannot be."""

from __future__ import annotations

import pytest
from own_notations import BOLD, BY_LAYER, FROM_ZERO, PLAIN, TO_ZERO, UNITS

import symbp as sb
from symbp.commands.list import command as list_command
from symbp.errors import InputError
from symbp.notation import NOTATIONS, notation_named
from symbp.notation.file import read
from symbp.notation.shipped import text_of_shipped
from symbp.notes import equation_latex


def latex(text: str, name: str, tmp_path, network: str = "3-4:sigmoid-2") -> str:  # type: ignore[no-untyped-def]
    path = tmp_path / "mine.toml"
    path.write_text(text, encoding="utf-8")
    d = sb.derive(network)
    return equation_latex(d, d[name].statement, str(path))


def test_the_notations_of_the_package() -> None:
    assert next(iter(NOTATIONS)) == "iitm" and {*NOTATIONS} >= {"iitm", "credit", "iitkgp", "esl", "nielsen", "ng"}
    for name, n in NOTATIONS.items():
        assert n.name == name and n.title and n.source
        assert read(text_of_shipped(name), name, name) == n
    with pytest.raises(InputError, match=r"unknown convention 'nielson'.*did you mean 'nielsen'"):
        notation_named("nielson")


@pytest.mark.parametrize(
    ("name", "delta", "gradient"),
    [
        ("iitm", r"\delta^{(2)} = \hat{y} - y", r"\frac{\partial J}{\partial W^{(2)}} = \delta^{(2)} a^{(1)\top}"),
        ("credit", r"\delta^{(2)} = \hat{y} - y", r"\frac{\partial L}{\partial W^{(2)}} = z^{(1)} \delta^{(2)\top}"),
        ("iitkgp", r"\delta^{2} = \theta_{2} - t", r"\frac{\partial E}{\partial W^{2}} = \theta_{1} (\delta^{2})^{T}"),
        ("nielsen", r"\delta^{2} = a^{2} - y", r"\frac{\partial C}{\partial w^{2}} = \delta^{2} (a^{1})^{T}"),
        ("ng", r"dz^{[2]} = a^{[2]} - y", r"dW^{[2]} = dz^{[2]} a^{[1]T}"),
        ("esl", r"\delta_{ki} = f_{k}(x_i) - y_{ik}", r"\frac{\partial R_i}{\partial \beta_{km}} = \delta_{ki} z_{mi}"),
    ],
)
def test_each_lecturer_writes_so(name: str, delta: str, gradient: str) -> None:
    d = sb.derive("3-4:sigmoid-2")
    assert (d["delta2"].latex(name), d["dJ/dW2"].latex(name)) == (delta, gradient)


def test_what_notations_differ_in(tmp_path) -> None:  # type: ignore[no-untyped-def]
    assert latex(BOLD, "z1", tmp_path) == r"\mathbf{z}_{1} = \mathbf{W}_{1} \mathbf{x} + \mathbf{b}_{1}"
    assert latex(BOLD, "delta2", tmp_path) == r"\boldsymbol{\delta}_{2} = \hat{\mathbf{y}} - \mathbf{y}"
    assert latex(FROM_ZERO, "z1", tmp_path) == "z^{[2]} = W^{[2]} x + b^{[2]}"
    assert latex(TO_ZERO, "z1", tmp_path) == "z^{(1)} = W^{(1)} x + w^{(1)}_{0}"
    assert latex(BY_LAYER, "dJ/dW2", tmp_path) == r"\frac{\partial E}{\partial W} = \delta h^{\top}"


def test_units_and_examples_have_the_letters_of_the_notation(tmp_path) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "mine.toml"
    path.write_text(UNITS, encoding="utf-8")
    one, batch = (
        sb.derive("3-4:sigmoid-2", batch=b).page("latex", convention=str(path), detail="steps") for b in (False, True)
    )
    assert r"z^{(1)}_{j} &= \sum_{i=1}^{3} w^{(1)}_{ij} x_{i} + b^{(1)}_{j}" in one
    assert r"\delta^{(2)}_{k} = \frac{\partial E}{\partial z^{(2)}_{k}}" in one
    assert r"E &= \frac{1}{P} \sum_{p=1}^{P} " in batch and r"\sum_{p} \delta^{(2)}_{kp} a^{(1)}_{jp}" in batch
    assert r"a batch of $P$ examples, numbered by $p$" in batch and r"$3 \times P$" in batch
    text = sb.derive("3-4:sigmoid-2", batch=True).page("text", convention=str(path), detail="steps")
    assert "/P" in text and "/N" not in text
    with pytest.raises(InputError, match="units of 2 layers and their input, and this network has 3 layers"):
        sb.derive("3-4:tanh-5:tanh-2").page("latex", convention=str(path))


def test_a_function_of_ones_own_has_a_letter(tmp_path) -> None:  # type: ignore[no-untyped-def]
    path, arch = tmp_path / "mine.toml", tmp_path / "net.toml"
    path.write_text(PLAIN + "[own_functions]\nwiggle = 'S'\n", encoding="utf-8")
    arch.write_text(
        'input = 3\nlayers = [{ dense = 4 }, "wiggle", { dense = 2 }]\nloss = "sse"\n[functions]\nwiggle = "z*sin(z)"\n',
        encoding="utf-8",
    )
    net = sb.Network.load(arch)
    assert r"S(z) &= z \sin(z)" in sb.derive(net).page("latex", convention=str(path))
    claim = r"\delta^{(1)} = S'(z^{(1)}) \odot W^{(2)T} \delta^{(2)}"
    assert sb.verify(net, claim, convention=str(path)).ok
    assert sb.verify("3-4:tanh-2", claim, convention=str(path)).verdict == "unreadable"


CLASH = "a reader could not tell them apart"
UNUSABLE = [
    (PLAIN.replace("bias =", "bais ="), "unknown role 'bais'", "did you mean 'bias'", 11),
    (PLAIN.replace("[letters]", "wieghts = 'from-to'\n[letters]"), "unknown key 'wieghts'", "did you mean 'weights'", 3),
    (PLAIN.replace("print =", "prnt ="), "unknown key 'prnt' in [letters.weight]", "did you mean 'print'", 10),
    (PLAIN.replace("'b'", "'a'"), "'a' is the letter of activation and of bias", CLASH, "11:9"),
    (PLAIN.replace("'b'", "'J'"), "'J' is the letter of loss and of bias", CLASH, "4:9"),
    (PLAIN + "[functions]\nsigmoid = 'a'\n", "'a' is the letter of a function and of activation", CLASH, "14:12"),
    (PLAIN.replace("weight =", "# "), "the letter of the weight is missing", "weight = '...'", "3:2"),
    (PLAIN.replace("loss =", "# "), "the letter of the loss is missing", "loss = 'J'", None),
    (BY_LAYER.replace("weight2 =", "# "), "the letter of the weight of layer 2 is missing", "weight2 = '...'", None),
    (PLAIN.replace("'b'", "'b^2'"), "'b^2' is no letter (bias)", "scripts are added", 11),
    (PLAIN.replace("[letters]", "units = { to = 'i', from = 'i' }\n[letters]"), "the units of a weight", "two small letters", "3:17"),
    (PLAIN.replace("[letters]", "layer = 'above'\n[letters]"), "layer", "above", None),
    (PLAIN.replace('"plain"', '"a and b"').replace("'b'", "'a'"), "'a' is the letter of activation and of bias", CLASH, "11:9"),
    (PLAIN.replace('"plain"', '"x"\nexample = "x"'), "'x' is the letter of an example and of input", CLASH, "3:12"),
    (PLAIN.replace('"plain"', '"i"\nexample = "i"'), "'i' is the letter of an example and of the units of a layer", CLASH, "3:12"),
    (PLAIN.replace('"plain"', '"N"\nexamples = ["n"]'), "'n' is the letter of the number of examples and of an example", CLASH, "3:14"),
    (PLAIN.replace('"plain"', '"N"\nexamples = ["b"]'), "'b' is the letter of the number of examples and of bias", CLASH, "3:14"),
    (PLAIN.replace('"plain"', '"N"\nexample = "nn"'), "'nn' is no letter of an example", "one small letter", "3:12"),
    (UNITS.replace("'i', 'j', 'k'", "'i', 'j', 'i'"), "the letters of the units of layers", "all different", "6:1"),
    (UNITS.replace("'i', 'j', 'k'", "'i', 'p', 'k'"), "'p' is the letter of an example and of the units", CLASH, "4:12"),
    (PLAIN + "[functions]\nsigmodi = 'S'\n", "unknown function 'sigmodi'", "[own_functions]; did you mean 'sigmoid'", "14:1"),
    (PLAIN + "[own_functions]\ntanh = 'S'\n", "'tanh' is in the catalogue", "[functions]", "14:1"),
    (PLAIN + "[own_functions]\n'a b' = 'S'\n", "'a b' is no name of a function", "a name that a network gives", "14:1"),
    (PLAIN + "[functions]\ntanh = 'S'\n[own_functions]\nf = 'S'\n", "'S' is the letter of tanh and of f", CLASH, "16:6"),
    ("title = ", "not valid TOML", "", None),
    (PLAIN + "[elements]\nweight1 = ['a_{ml}']\n", "'a' is the letter of elements and of activation", CLASH, None),
    (
        PLAIN + "[elements]\nbias1 = ['q_{m}']\nbias2 = ['q_{k}']\n",
        "'q_{k}' is an element of bias1 and of bias2", "scripts or letters that differ", None,
    ),
]  # fmt: skip


@pytest.mark.parametrize(("text", "message", "more", "line"), UNUSABLE, ids=[f"{m} {at}" for _, m, _, at in UNUSABLE])
def test_what_cannot_be_used(text: str, message: str, more: str, line: int | str | None) -> None:
    with pytest.raises(InputError) as e:
        read(text, "mine", "mine.toml")
    assert message in str(e.value) and more in str(e.value)
    assert str(e.value).startswith(f"mine.toml:{line}:" if line else "mine.toml")


def test_a_file_to_start_from(tmp_path, capsys) -> None:  # type: ignore[no-untyped-def]
    list_command.main(["conventions", "--toml", "credit"], standalone_mode=False)
    text = capsys.readouterr().out
    assert text == text_of_shipped("credit")
    mine = text.replace("print = 'L'", "print = 'Q'")
    assert latex(mine, "dJ/dW2", tmp_path) == r"\frac{\partial Q}{\partial W^{(2)}} = z^{(1)} \delta^{(2)\top}"
    claim = r"\frac{\partial Q}{\partial W^{(2)}} = z^{(1)} \delta^{(2)T}"
    assert sb.verify("3-4:sigmoid-2", claim, convention=str(tmp_path / "mine.toml")).ok


def test_weights_the_other_way_round_are_told_so() -> None:
    net = sb.Network.parse("3-4:sigmoid-2:sigmoid", loss="sse", bias=False)
    v = sb.verify(net, r"x^2_j = f(\sum_i W^2_{ji} x^1_i)", convention="iitkgp")
    assert v.verdict == "wrong" and "the first index of a weight is the unit that it leads to" in v.note
    assert sb.verify(net, r"x^2_j = f(\sum_i W^2_{ij} x^1_i)", convention="iitkgp").ok
