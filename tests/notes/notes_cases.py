"""Networks whose pages are looked at, and a rough reader of LaTeX that notices what is unbalanced."""

from __future__ import annotations

import re
from functools import cache

from own_parts import QUADRATIC

from symbp.catalogue import ACTIVATIONS, LOSSES, OPTIMIZERS, SCHEDULES
from symbp.network import Network, Optimizer, layer
from symbp.network.derivation import Derivation, derive
from symbp.network.spec import arguments, decode

FITTING = {
    "binary_cross_entropy": "sigmoid", "cross_entropy": "softmax", "nll": "log_softmax", "kl_divergence": "softmax",
    "poisson": "exp",
}  # fmt: skip
USER = (
    """
name = "own"
input = 3
layers = [{quadratic = {o = 2}}, "swish", {centred = {}}, {dense = 2, name = "a_b"}, {tanh = {}, name = "h1"}, "softmax"]
"""
    + QUADRATIC
    + """[layer.centred]
input = "x[n,d]"
output = "y[n,d]"
parameters = { gamma = "d", beta_x = "d" }
forward = [
  "mu[n] = mean(x[n,d], d)", "c[n,d] = x[n,d] - mu[n]", "r[n] = 1/sqrt(mean(c[n,d]**2, d) + 1e-5)",
  "y[n,d] = gamma[d]*c[n,d]*r[n] + beta_x[d]",
]
"""
)
LARGEST = """
input = 3
layers = [{largest = {o = 2}}, {dense = 2}, "linear"]
[layer.largest]
input = "x[n,i]"
output = "y[n,o]"
parameters = { A = "o i" }
forward = ["y[n,o] = max(A[o,i]*x[n,i], i) + prod(x[n,i], i)"]
"""


@cache
def derivation_of(network: str) -> Derivation:
    """The derivation of one of the networks below."""
    return derive(NETWORKS[network]())


def user_network() -> Network:
    return Network(**arguments(decode(USER)))


NETWORKS = {
    **{f"activation {a}": lambda a=a: Network.parse(f"3-2:{a}-1:linear") for a in ACTIVATIONS},
    **{f"activation {a}": lambda a=a: Network.parse(f"3-2:{a}-2:linear") for a in ("softmax", "log_softmax")},
    **{
        f"loss {name}": lambda name=name: Network.parse(f"3-2:{FITTING.get(name, 'tanh')}", loss=name)
        for name in LOSSES
    },
    **{f"optimizer {o}": lambda o=o: Network.parse("2-2:tanh-1", optimizer=o) for o in OPTIMIZERS},
    **{
        f"schedule {s}": lambda s=s: Network(2, [layer("dense", 1)], optimizer=Optimizer.of("sgd", {"schedule": s}))
        for s in SCHEDULES
    },
    "penalties": lambda: Network.parse("3-2:tanh-1", regularization={"l1": 0.01, "l2": 0.5}),
    "dropout": lambda: Network(
        3, [layer("dropout", 0.2), layer("dense", 2), "relu", layer("dropout"), layer("dense", 2), "softmax"]
    ),
    "user": user_network,
    "largest": lambda: Network(**arguments(decode(LARGEST))),
    "deep": lambda: Network.parse("4-" + "-".join(["3:tanh"] * 8) + "-2:softmax"),
}


def unbalanced(latex: str) -> str:
    """What is wrong with the brackets of a piece of LaTeX, or nothing."""
    opened: list[str] = []
    for token in re.findall(
        r"\\begin\{\w+\*?\}|\\end\{\w+\*?\}|\\left(?![A-Za-z])|\\right(?![A-Za-z])|\\[A-Za-z]+|\\.|[{}$]", latex, re.S
    ):
        if token in (r"\left", "{") or token.startswith(r"\begin"):
            opened.append(token.removeprefix(r"\begin"))
        elif token in (r"\right", "}") or token.startswith(r"\end{"):
            wanted = {r"\right": r"\left", "}": "{"}.get(token, token.removeprefix(r"\end"))
            if not opened or opened.pop() != wanted:
                return f"{token} closes nothing"
    if re.search(r"\^\{[^{}]*\}\^|_\{[^{}]*\}_", latex):
        return "a double script"
    return f"{opened[-1]} is left open" if opened else ""
