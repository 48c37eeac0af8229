r"""No text makes the LaTeX reader crash or hang: it is read, or refused with a message."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import symbp as sb
from symbp.notation import NOTATIONS
from symbp.verification.judge import Judge

NET = sb.Network.parse("3-4:sigmoid-2:sigmoid", loss="sse")
JUDGES = {name: Judge(NET, notation=n) for name, n in NOTATIONS.items()}
PIECES = [
    r"\delta", "^{(1)}", "^{(2)}", "W", "^T", r"^{\top}", "_i", "_{ij}", "_{1}", "x", "y", r"\hat y", "z", "a", "e", "e^{-z}", "=",
    "+", "-", r"\odot", r"\cdot", "(", ")", "[", "]", "{", "}", r"\frac", r"\partial", "J", r"\nabla", r"\sum_k", r"\sum_{k=1}^{K}",
    "g'", r"\sigma'", r"\tanh", r"\ln", r"\max", r"\mathbf{1}", r"\left(", r"\right)", "'", "^", "_", ",", "&", r"\\", r"\|", "|", "0",
    "2", "0.5", r"\mathrm{diag}", r"\operatorname{softmax}", "^l", "^{l+1}", "^L", r"\alpha", r"\beta_{km}", "/", "<", r"\le", r"\quad",
    r"\text{for } i", "∂", "δ", "\x00", "é", r"\foo", "1[z > 0]", "i", "k", "1", r"\sqrt", r"\leadsto", "N", "d", "{}", r"^\prime", "f",
    ":=", r"\leftarrow", r"\mathrel{+}=", "-=", r"\eta", r"\Delta", r"\otimes", r"\langle", r"\rangle", r"\begin{cases}", r"\end{cases}",
    "&", r"\\", r"\text{otherwise}", r"\left.", r"\right|", "_{z = z_1}", r"\frac{d\sigma}{dz}", r"\dot", "1_{z > 0}", r"\delta_{ij}",
    "{}^t", r"\frac{\partial}{\partial W}", r"\frac{\partial z}{\partial a}", r"\stackrel{(a)}{=}", r"\forall i", "_{k'}", r"\log", "L_i",
    "^{(i)}", "^{(1)(i)}", "^{(i)T}", r"\sum_{i=1}^m", r"\frac{1}{m}", r"\sum_x", "^{x,l}", ")_i", ")_{ij}", "]_{ij}", r"\frac{d}{dz}",
    r"h_\theta(", r"\theta", r"\phi'", "_n", r"\sum_n", r"{a \over b}", "₁", "²", "ᵀ", "ŷ", "⊙", r"\boxed{", r"\underbrace{", "}_{e}",
    r"\pdv{J}{W}", "^{(2)^T}", "_{[1]}", "_{1,ij}", r"\Rightarrow", r"\forall l:", r"\quad l = L-1, \dots, 1", r"\mathbf w_j", "J^{(i)}",
    r"\frac{\partial}{\partial z_i} \frac{1}{2} \|y - \hat y\|^2", "p",
]  # fmt: skip
LONG = [
    "(" * 100 + "x" + ")" * 100, "{" * 200 + "x" + "}" * 200, "x" * 100_000, r"\frac" * 5000, "x^" * 500, r"-" * 3000 + "x",
    r"\delta^{(1)} = " + " + ".join(["e^{(1)}"] * 300), r"\delta^{(1)} = " + r" \odot ".join(["e^{(1)}"] * 300),
    r"\delta^{(1)} = " + "2" * 3000, r"\delta^{(1)} = 9^{9^{9^{9}}} e^{(1)}", r"\delta^{(1)} = e^{e^{e^{e^{e^{z^{(1)}}}}}}",
    r"\delta^{(1)} = " + r"\sqrt{" * 40 + "2" + "}" * 40, r"\delta_i = " + "w_{ij}" * 15, r"\delta^{(1)}_i = " + r"\sum_k" * 50 + "x_k",
    r"\delta = " + "".join(f"W z_{{{c}}} a_{{{c}}}" for c in "abcdefgh"), r"\delta^{(1)}_{99999999999999999999} = 1",
    r"\delta^{(99999999999999)} = 1", "\x00" * 5000, "\\" * 5000, "{}" * 2000 + "= x", r"\hat" * 2000, "'" * 4000, "=" * 4000,
    *(r"\delta^{(1)} = " + f"{c}(" * 50 + "x" + ")" * 50 for c in ("h", "z", "f", r"\hat y", "J", r"\frac{d}{dz}")),
    r"\delta^{(1)} = " + r"{a \over " * 60 + "x" + "}" * 60, r"\delta^{(1)}_i = " + "(" * 50 + "W" + ")_i" * 50,
    r"\delta^{(1)}_i = (" + r"W^{(2)T} W^{(2)} " * 20 + r"W^{(2)T}\delta^{(2)})_i", r"\boxed{" * 300 + "x" + "}" * 300, "ᵀ" * 4000, "ŷ" * 4000,
]  # fmt: skip


SLOW = [r"\delta_i = " + "w_{ij}" * 60]  # the diagnosis tries edits of every factor, which takes half a minute


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(sorted(JUDGES)),
    st.lists(st.sampled_from(PIECES), max_size=14),
    st.lists(st.sampled_from(PIECES), max_size=14),
)
def test_pieces_in_any_order(name, left, right):
    v = JUDGES[name].judge(" ".join(left) + " = " + " ".join(right), latex=True)
    assert v.verdict != "unreadable" or v.reason


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=60))
def test_any_text(text):
    v = JUDGES["iitm"].judge(rf"\delta^{{(1)}} = {text}", latex=True)
    assert v.verdict != "unreadable" or v.reason


@pytest.mark.thinned(3)
@pytest.mark.parametrize(
    "text",
    [
        *(pytest.param(text, id=f"{k}") for k, text in enumerate(LONG)),
        *(pytest.param(text, id=f"slow{k}", marks=pytest.mark.sweep) for k, text in enumerate(SLOW)),
    ],
)
def test_long_and_deep_formulas_are_answered(text):
    v = JUDGES["iitm"].judge(text, latex=True)
    assert v.verdict in ("unreadable", "wrong", "undecided", "definition", "correct")
