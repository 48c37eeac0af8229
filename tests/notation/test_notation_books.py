"""What the four textbooks' notations, and the whole of ESL's and of a lecture's, ask for: as the books write it, printed and read."""

from __future__ import annotations

import pytest

import symbp as sb
from symbp.errors import InputError
from symbp.notation.file import read
from symbp.notes.described import in_words
from symbp.notes.page import page_of

NET = sb.Network.parse("3-2:sigmoid-4:sigmoid", loss="sse")
SOFTMAX = sb.Network.parse("3-2:tanh-4:softmax", loss="cross_entropy")


def page(net: sb.Network, convention: str, detail: str = "summary") -> str:
    return sb.derive(net).page("markdown", convention=convention, detail=detail)


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ("prml", [
            r"a^{(1)}_{j} &= \sum_{i=1}^{3} w^{(1)}_{ji} x_{i} + w^{(1)}_{j0} = \sum_{i=0}^{3} w^{(1)}_{ji} x_{i}",
            r"z^{(1)}_{j} &= h(a^{(1)}_{j})",
            r"\frac{\partial E_n}{\partial \mathbf{W}^{(2)}} &= \boldsymbol{\delta}^{(2)} \mathbf{z}^{(1)\mathrm{T}}",
        ]),
        ("goodfellow", [
            r"\boldsymbol{h}^{(1)} &= f(\boldsymbol{a}^{(1)})",
            r"\nabla_{\boldsymbol{W}^{(1)}} J &= (\nabla_{\boldsymbol{a}^{(1)}} J) \boldsymbol{x}^{\top}",
            r"\frac{\partial J}{\partial W^{(2)}_{i, j}} &=",
        ]),
        ("cs231n", [
            r"\mathrm{scores} &= \mathrm{hidden} \thinspace W_{2} + b_{2}",
            r"dW_{2} &= \mathrm{hidden}^{T} \thinspace d\mathrm{scores}",
            r"d\mathrm{hidden} &= d\mathrm{scores} \thinspace W_{2}^{T}",
        ]),
        ("ufldl", [
            r"z^{(2)} &= W^{(1)} x + b^{(1)}",
            r"\delta^{(2)} &= f'(z^{(2)}) \bullet (\nabla_{a^{(2)}} J(W,b;x,y))",
            r"\nabla_{W^{(2)}} J(W,b;x,y) &= \delta^{(3)} a^{(2)T}",
        ]),
    ],
)  # fmt: skip
def test_a_book_writes_so(name: str, lines: list[str]) -> None:
    text = page(NET, name, "steps") + page(NET, name)
    assert not [line for line in lines if line not in text]


@pytest.mark.parametrize(
    ("name", "right", "wrong"),
    [
        ("prml", r"\delta_j^{(1)} = h'(a_j^{(1)}) \sum_k w_{kj}^{(2)} \delta_k^{(2)}",
         r"\delta_j^{(1)} = h'(a_j^{(1)}) \sum_k w_{jk}^{(2)} \delta_k^{(2)}"),
        ("goodfellow", r"\nabla_{\boldsymbol{h}^{(1)}} J = \boldsymbol{W}^{(2)\top} \nabla_{\boldsymbol{a}^{(2)}} J",
         r"\nabla_{\boldsymbol{h}^{(1)}} J = \boldsymbol{W}^{(2)} \nabla_{\boldsymbol{a}^{(2)}} J"),
        ("cs231n", r"dW_1 = x^T dz_1", r"dW_1 = dz_1^T x"),
        ("ufldl", r"\nabla_{W^{(1)}} J(W,b;x,y) = \delta^{(2)} (a^{(1)})^T",
         r"\nabla_{W^{(1)}} J(W,b;x,y) = \delta^{(1)} (a^{(1)})^T"),
        ("ufldl", r"\delta^{(l)} = ((W^{(l)})^T \delta^{(l+1)}) \bullet f'(z^{(l)})",
         r"\delta^{(l)} = ((W^{(l+1)})^T \delta^{(l+1)}) \bullet f'(z^{(l)})"),
        ("ufldl", r"\delta^{(3)} = -(y - h_{W,b}(x)) \bullet f'(z^{(3)})", r"\delta^{(3)} = (y - h_{W,b}(x)) \bullet f'(z^{(3)})"),
        ("iitkgp", r"z^1_j = \sum_{i=0}^{3} W^1_{ij} x_i", r"z^1_j = \sum_{i=0}^{3} W^1_{ji} x_i"),
        ("esl", r"\beta_{km}^{(r+1)} = \beta_{km}^{(r)} - \gamma_r \sum_{i=1}^{N} \frac{\partial R_i}{\partial \beta_{km}^{(r)}}",
         r"\beta_{km}^{(r+1)} = \beta_{km}^{(r)} + \gamma_r \sum_{i=1}^{N} \frac{\partial R_i}{\partial \beta_{km}^{(r)}}"),
    ],
)  # fmt: skip
def test_what_a_book_writes_is_read(name: str, right: str, wrong: str) -> None:
    verdict = sb.verify(NET, right, convention=name)
    assert verdict.ok, verdict
    assert not sb.verify(NET, wrong, convention=name).ok


def test_scores_are_those_of_the_last_layer_and_probabilities_where_they_are() -> None:
    deep = sb.Network.parse("3-4:relu-5:relu-2", loss="sse")
    text = page(deep, "cs231n")
    assert r"\mathrm{scores} &= h_{2} W_{3} + b_{3}" in text and r"\mathrm{out} &= \mathrm{scores}" in text
    assert "hidden" not in text.split("## Forward")[1]
    assert r"d\mathrm{scores} &= \mathrm{probs} - y" in page(SOFTMAX, "cs231n")
    assert sb.verify(SOFTMAX, r"d\mathrm{scores} = \mathrm{probs} - y", convention="cs231n").ok
    assert not sb.verify(SOFTMAX, r"d\mathrm{scores} = \mathrm{probs} + y", convention="cs231n").ok


def test_letters_of_single_layers_give_way_where_the_notation_says_so() -> None:
    deep = sb.derive(sb.Network.parse("3-4:tanh-5:tanh-2", loss="sse"))
    assert r"a^{(1)}_{j} &= \sum_{i=1}^{3} w^{(1)}_{ji} x_{i}" in deep.page(
        "markdown", convention="prml", detail="steps"
    )
    with pytest.raises(InputError, match="has letters for 2 layers"):
        deep.page("markdown", convention="esl")


def test_coupled_outputs_go_through_the_sum_over_the_jacobian_in_esl() -> None:
    text = page(sb.Network.parse("3-2:tanh-4:softmax", loss="squared_error"), "esl", "steps")
    assert r"f_{k}(x_i) &= g_{k}(T) = \frac{e^{T_{k}}}{\sum_{j=1}^{4} e^{T_{j}}}" in text
    assert r"\sum_{j} \frac{\partial R_i}{\partial f_{j}(x_i)} \frac{\partial f_{j}(x_i)}{\partial T_{k}}" in text
    right = r"\delta_{ki} = \sum_l \frac{\partial R_i}{\partial f_l(x_i)} \frac{\partial f_l(x_i)}{\partial T_k}"
    assert sb.verify(SOFTMAX, right, convention="esl").ok
    alone = r"\delta_{ki} = \frac{\partial R_i}{\partial f_k(x_i)} \frac{\partial f_k(x_i)}{\partial T_k}"
    assert not sb.verify(SOFTMAX, alone, convention="esl").ok


def test_the_conventions_stand_first_with_shapes() -> None:
    for name, row in (
        (
            "iitm",
            r"| $\delta^{(k)} = \partial J/\partial z^{(k)}$ | error at the pre-activations of layer $k$ | $n_{k} \times 1$ |",
        ),
        ("credit", r"| $W^{(k)}$ | weights of layer $k$ | $n_{k-1} \times n_{k}$ |"),
        ("ufldl", r"| $W^{(l)}$ | weights of layer $l$ | $s_{l+1} \times s_{l}$ |"),
        ("ufldl", r"| $h_{W,b}(x) = a^{(3)}$ | prediction | $4 \times 1$ |"),
        (
            "iitkgp",
            r"| $\theta_{k}$ | activations of layer $k$, that of unit $j$ is $x^{k} _ {j}$ | $n_{k} \times 1$ |",
        ),
        ("esl", r"| $\alpha_{ml}$ | weights of layer 1 | $2 \times 3$ |"),
    ):
        text = page(NET, name)
        assert row in text and text.index("## Notation") < text.index("## Architecture")
        assert "loss, half the sum of squared errors" in text and "(sse)" not in text and "3-2:sigmoid" not in text


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("2-2:sigmoid-2:sigmoid", "a network with 2 inputs, a hidden layer of 2 sigmoid units and 2 sigmoid outputs"),
        ("3-1", "a network with 3 inputs and 1 linear output"),
        ("4-3-2:leaky_relu-2:softmax", "a network with 4 inputs, hidden layers of 3 linear and 2 leaky relu units and 2 softmax outputs"),
        ("4-3:tanh-3:tanh-3:tanh-2", "a network with 4 inputs, 3 hidden layers of 3 tanh units each and 2 linear outputs"),
    ],
)  # fmt: skip
def test_a_network_in_words(text: str, words: str) -> None:
    assert in_words(sb.Network.parse(text).forward_map) == words


def test_a_notation_like_another_says_what_differs() -> None:
    mine = read("like = \"iitm\"\ntitle = 'alpha'\n[letters]\nrate = '\\alpha'\n", "mine", "mine.toml")
    assert mine.letter("rate") == r"\alpha" and mine.letter("delta") == r"\delta" and mine.ends
    with pytest.raises(InputError, match=r"mine.toml:1:.*unknown convention 'iitn'.*did you mean 'iitm'"):
        read('like = "iitn"\n', "mine", "mine.toml")


def test_unit_letters_hold_after_a_layer_of_ones_own(tmp_path) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "net.toml"
    path.write_text(
        'input = 3\nlayers = [{ squares = { o = 2 } }, { dense = 4 }]\nloss = "sse"\n[layer.squares]\ninput = "x[n,i]"\n'
        'output = "y[n,o]"\nparameters = { A = "o i" }\nforward = ["y[n,o] = sum(A[o,i]*x[n,i]**2, i)"]\n',
        encoding="utf-8",
    )
    text = sb.derive(sb.Network.load(path)).page("markdown", detail="steps")
    assert r"\frac{\partial J}{\partial w^{(2)}_{ij}} &=" in text and "_{o}" not in text and "_{io}" not in text


def test_claims_about_numbered_elements_keep_their_lengths_beside_the_facts() -> None:
    claim = r"\delta^{(2)}_4 = \hat y_4 (y_1 + y_2 + y_3 + y_4) - y_4"
    assert sb.verify(SOFTMAX, claim).ok


def test_id_is_said_where_its_derivative_stands() -> None:
    steps = page_of(sb.derive("3-2:tanh-4"), "iitm", "steps")
    from symbp.notes.formats.markdown import markdown_page

    text = markdown_page(steps, True)
    assert (r"\mathrm{id}'(" in text) == (r"\mathrm{id}(z) = z$ is the identity" in text)
