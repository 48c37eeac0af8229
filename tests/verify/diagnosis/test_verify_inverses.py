"""An inverse where a transpose is meant is that mistake; any other inverse is refused, for weights that are square may have one."""

from __future__ import annotations

import pytest

import symbp as sb
from symbp.notation import notation_named
from symbp.verification.judge import Judge


@pytest.fixture(scope="module", params=["2-2:sigmoid-2:sigmoid", "3-4:sigmoid-2:sigmoid"])
def net(request: pytest.FixtureRequest) -> sb.Network:
    return sb.Network.parse(request.param, loss="sse")


@pytest.mark.parametrize(
    ("convention", "claim", "why", "fix"),
    [
        ("iitm", r"e^{(1)} = (W^{(2)})^{-1} \delta^{(2)}", "is transposed, not inverted", r"e^{(1)} = W^{(2)\top} \delta^{(2)}"),
        ("iitm", "e1 = np.linalg.inv(W2) @ delta2", "W2 is transposed, not inverted", "e1 = W2.T @ delta2"),
        ("iitm", r"e^{(1)} = (W^{(2)T})^{-1} \delta^{(2)}", "is not inverted", r"e^{(1)} = W^{(2)T} \delta^{(2)}"),
        ("credit", r"\delta_1 = ((W_2)^{-1} \delta_2) \odot g'(a_1)", "$W_2$ is not inverted", r"\delta_1 = (W_2 \delta_2) \odot g'(a_1)"),
    ],
)  # fmt: skip
def test_where_a_transpose_is_meant(net: sb.Network, convention: str, claim: str, why: str, fix: str) -> None:
    verdict = Judge(net, notation=notation_named(convention)).judge(claim)
    assert verdict.verdict == "wrong" and verdict.cause == "transpose" and why in verdict.reason
    assert verdict.fix == fix


@pytest.mark.parametrize(
    "claim",
    [
        r"x = (W^{(1)})^{-1} (z^{(1)} - b^{(1)})",
        r"\delta^{(2)} = (W^{(2)T})^{-1} e^{(1)}",
        r"x = (W^{(1)})^{-1} W^{(1)} x",
        r"W^{(1)} = ((W^{(1)})^{-1})^{-1}",
        "x = inv(W1) @ (z1 - b1)",
        "e1 = inv(W2) @ inv(W2) @ delta2",
    ],
)
def test_what_is_true_of_weights_that_are_square_is_not_called_wrong(net: sb.Network, claim: str) -> None:
    assert Judge(net).judge(claim).verdict == "unreadable"
