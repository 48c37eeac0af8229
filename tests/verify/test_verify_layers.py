"""Claims about layers: the forms that are published of their gradients, and the usual mistakes in them."""

from __future__ import annotations

import pytest

import symbp as sb
from symbp.verification.judge import Judge

L = sb.layer
NETWORKS: dict[str, sb.Network] = {
    "layer_norm": sb.Network((3, 5), [L("layer_norm"), L("dense", 2)], "sse"),
    "batch_norm": sb.Network((3, 4), ["batch_norm", "flatten", L("dense", 2)], "sse"),
    "softmax": sb.Network(4, [L("dense", 3), "softmax", L("dense", 2)], "sse"),
    "attention": sb.Network((3, 4), [L("attention", 2)], "sse"),
    "embedding": sb.Network(4, [L("embedding", vocabulary=6, width=3)], "sse"),
    "conv2d": sb.Network((2, 5, 6), [L("conv2d", out_channels=3, kernel_size=3, padding=1), "flatten", L("dense", 2)], "sse"),
    "pooling": sb.Network(
        (1, 6, 5), [L("conv2d", out_channels=2, kernel_size=3, padding=1), "tanh", L("max_pool2d", 2), "flatten", L("dense", 3), "softmax"],
        "cross_entropy",
    ),
    "average": sb.Network((1, 4, 4), [L("conv2d", out_channels=2, kernel_size=1), L("avg_pool2d", 2), "flatten", L("dense", 3)], "sse"),
}  # fmt: skip
CLAIMS: dict[str, list[tuple[str, str]]] = {
    "layer_norm": [
        ("dx[n,t,i] = r1[n,t]*(delta1[n,t,i]*gamma1[i] - mean(delta1[n,t,j]*gamma1[j], j)"
         " - h1[n,t,i]*mean(delta1[n,t,j]*gamma1[j]*h1[n,t,j], j))", ""),
        ("dx[n,t,i] = r1[n,t]*(delta1[n,t,i]*gamma1[i] - h1[n,t,i]*mean(delta1[n,t,j]*gamma1[j]*h1[n,t,j], j))", "missing_term"),
        ("dgamma1[i] = sum(delta1[n,t,i]*h1[n,t,i], n, t)", ""),
    ],
    "batch_norm": [
        ("dx[n,c,t] = r1[c]*gamma1[c]*(delta1[n,c,t] - mean(delta1[m,c,s], m, s) - h1[n,c,t]*mean(delta1[m,c,s]*h1[m,c,s], m, s))", ""),
        ("dx[n,c,t] = r1[c]*gamma1[c]*(delta1[n,c,t] - mean(delta1[m,c,s], m, s))", "missing_term"),
        ("dx[n,c,t] = r1[c]*gamma1[c]*delta1[n,c,t]", "missing_term"),
    ],
    "softmax": [
        ("delta1[n,i] = a1[n,i]*(e1[n,i] - sum(e1[n,k]*a1[n,k], k))", ""),
        (r"\delta^{(1)}_i = a^{(1)}_i (e^{(1)}_i - \sum_k e^{(1)}_k a^{(1)}_k)", ""),
        ("delta1 = a1*(1 - a1)*e1", "missing_term"),
    ],
    "attention": [
        ("dS1 = P1*(dP1 - (dP1*P1).sum(axis=-1, keepdims=True))", ""),
        ("dS1 = P1*dP1", "missing_term"),
        ("dq1[n,t,h,e] = sum(dS1[n,h,t,s]*k1[n,s,h,e], s)", "missing_factor"),
    ],
    "embedding": [
        ("dE1[v,d] = sum(delta1[n,t,d]*(v == x[n,t]), n, t)", ""),
        ("dE1[v,d] = sum(delta1[n,v,d], n)", "shape"),
    ],
    "conv2d": [
        ("dW1[o,c,u,v] = sum(delta1[n,o,p,q]*x[n,c,p+u-1,q+v-1], n, p, q)", ""),
        ("dx[n,c,h,w] = sum(delta1[n,o,h+1-u,w+1-v]*W1[o,c,u,v], o, u, v)", ""),
        ("dx[n,c,h,w] = sum(delta1[n,o,h-1+u,w-1+v]*W1[o,c,2-u,2-v], o, u, v)", ""),
        ("dx[n,c,h,w] = sum(delta1[n,o,h-1+u,w-1+v]*W1[o,c,u,v], o, u, v)", "transpose"),
        ("dW1[o,c,u,v] = sum(delta1[n,o,p,q]*x[n,c,p-u+1,q-v+1], n, p, q)", "transpose"),
    ],
    "pooling": [("delta2 = yhat - y", ""), ("delta1[n,o,p,q] = (1 - a1[n,o,p,q])*e1[n,o,p,q]", "factor")],
    "average": [("dW2[i,m] = sum(delta2[n,i]*flatten1[n,m], n)", ""), ("db2[i] = -sum(delta2[n,i], n)", "sign")],
}  # fmt: skip
"""By network: claims, and the causes of those that are wrong."""


def test_every_network_has_a_right_claim_and_a_wrong_one() -> None:
    assert {*CLAIMS} == {*NETWORKS}
    assert all({bool(cause) for _, cause in its} == {False, True} for its in CLAIMS.values())


@pytest.mark.thinned(4)
@pytest.mark.parametrize("name", NETWORKS)
def test_published_forms_are_proved_and_mistakes_explained(name: str) -> None:
    judge = Judge(NETWORKS[name])
    for claim, cause in CLAIMS[name]:
        verdict = judge.judge(claim)
        assert (verdict.verdict, verdict.how, verdict.cause or "") == (
            "wrong" if cause else "correct",
            "exact",
            cause,
        ), claim


def test_the_kernel_that_is_not_rotated_is_named() -> None:
    wrong = sb.verify(NETWORKS["conv2d"], "dW1[o,c,u,v] = sum(delta1[n,o,p,q]*x[n,c,p-u+1,q-v+1], n, p, q)")
    assert wrong.reason == "x[n,c,p-u+1,q-v+1] should be x[n,c,p+u-1,q+v-1]: the kernel is not rotated"


LATEX = {
    r"\frac{\partial J}{\partial w^{(1)}_{oiuv}} = \sum_{j=0}^{4}\sum_{k=0}^{5} \delta^{(1)}_{okj} x_{i, k + u - 1, j + v - 1}": "",
    r"\frac{\partial J}{\partial w^{(1)}_{oiuv}} = \delta^{(1)}_{okj} x_{i, k + u - 1, j + v - 1}": "",
    r"\frac{\partial J}{\partial w^{(1)}_{oiuv}} = \sum_{j, k} \delta^{(1)}_{okj} x_{i, k - u + 1, j + v - 1}": "transpose",
    r"z^{(1)}_{opq} = \sum_{c,u,v} w^{(1)}_{ocuv} x_{c,p+u-1,q+v-1} + b^{(1)}_o": "",
    r"\frac{\partial J}{\partial \mathrm{max\_pool2d}^{(1)}_{cpq}} = \frac{\partial J}{\partial \mathrm{flatten}^{(1)}_{6c + 2p + q}}": "",
    r"\frac{\partial J}{\partial W^{(2)}} = \delta^{(2)} \mathrm{flatten}^{(1)\top}": "",
    r"\frac{\partial J}{\partial W^{(2)}} = -\delta^{(2)} \mathrm{flatten}^{(1)\top}": "sign",
}
"""Claims about the network with pooling as its page prints them."""


def test_places_and_names_of_layers_are_read_as_pages_print_them() -> None:
    judge = Judge(NETWORKS["pooling"])
    for claim, cause in LATEX.items():
        verdict = judge.judge(claim)
        assert (verdict.verdict, verdict.cause or "") == ("wrong" if cause else "correct", cause), claim


def test_parameters_of_named_layers_are_read_as_pages_print_them() -> None:
    net = sb.Network(
        3,
        [L("dense", 4, name="stem"), L("dense", 4), L("tanh", name="t"), L("add", inputs=("stem", "t")), L("dense", 2)],
    )
    judge = Judge(net)
    right = r"\frac{\partial J}{\partial W^{(\mathrm{stem})}} = \frac{\partial J}{\partial \mathrm{stem}} x^{\top}"
    assert judge.judge(right).ok and not judge.judge(right.replace("= ", "= 2 ")).ok
    assert judge.judge(
        r"\frac{\partial J}{\partial x_i} = \sum_j w^{(\mathrm{stem})}_{ji} \frac{\partial J}{\partial \mathrm{stem}_j}"
    ).ok
    assert judge.judge(r"\frac{\partial J}{\partial b^{(\mathrm{stim})}} = 1").verdict == "unreadable"
