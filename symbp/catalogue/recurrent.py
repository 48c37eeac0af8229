"""The layers that go step by step: their state is read as it was a step before. One entry each, as torch has them.

An example is a sequence, its steps first. The weights of several gates lie one behind the other in one array, so that gate
number 2 is read at ``2*H+j``, H being how many units there are. Biases of torch's that are added are one here.
"""

from __future__ import annotations

import re
from dataclasses import replace

from symbp.catalogue.kinds import LayerKind, Variant

_LINEAR = "sum(W[{0},k]*x[n,t,k], k) + sum(U[{0},l]*h[n,t-1,l], l) + b[{0}]"


def _both_ways(kind: LayerKind) -> LayerKind:
    """The kind with a setting for a second one that goes from the last step to the first, and the two side by side."""
    names = "|".join([*kind.parameters, *(line.split("[")[0] for line in kind.forward)])
    there = [re.sub(r"\bh(?=\[)", "h_forward", line) for line in kind.forward]
    back = [re.sub(rf"\b({names})(?=\[)", r"\1_backward", line).replace("[n,t-1,", "[n,t+1,") for line in kind.forward]
    both = Variant(
        forward=(*there, *back, "h[n,t,d] = h_forward[n,t,d] + h_backward[n,t,d-H]"),
        parameters={f"{p}_backward": its for p, its in kind.parameters.items()},
        lengths={"d": "2*j"},
        optional={
            flag: " ".join([its, *(f"{p}_backward" for p in its.split())]) for flag, its in kind.optional.items()
        },
        output="h[n,t,d]",
    )
    return replace(kind, variants={"bidirectional": both})


RECURRENT = tuple(
    map(
        _both_ways,
        (
            LayerKind(
                "rnn",
                input="x[n,t,k]",
                output="h[n,t,j]",
                forward=(f"z[n,t,j] = {_LINEAR.format('j')}", "h[n,t,j] = nonlinearity(z[n,t,j])"),
                parameters={"W": "j k", "U": "j l", "b": "j"},
                sizes={"hidden_size": "j"},
                wholes={"hidden_size": ("H", "1")},
                optional={"bias": "b"},
                choices={"nonlinearity": "tanh"},
                source="Elman 1990; Goodfellow, Bengio and Courville 2016, eq. 10.8 and 10.9",
            ),
            LayerKind(
                "lstm",
                input="x[n,t,k]",
                output="h[n,t,j]",
                forward=(
                    f"z[n,t,g] = {_LINEAR.format('g')}",
                    "i[n,t,j] = sigmoid(z[n,t,0*H+j])",
                    "f[n,t,j] = sigmoid(z[n,t,1*H+j])",
                    "g[n,t,j] = tanh(z[n,t,2*H+j])",
                    "o[n,t,j] = sigmoid(z[n,t,3*H+j])",
                    "c[n,t,j] = f[n,t,j]*c[n,t-1,j] + i[n,t,j]*g[n,t,j]",
                    "h[n,t,j] = o[n,t,j]*tanh(c[n,t,j])",
                ),
                parameters={"W": "g k", "U": "g l", "b": "g"},
                sizes={"hidden_size": "j"},
                wholes={"hidden_size": ("H", "1")},
                optional={"bias": "b"},
                lengths={"g": "4*j"},
                source="Hochreiter and Schmidhuber 1997; with the forget gate of Gers et al. 2000, the gates in torch's order",
            ),
            LayerKind(
                "gru",
                input="x[n,t,k]",
                output="h[n,t,j]",
                forward=(
                    "a[n,t,g] = sum(W[g,k]*x[n,t,k], k) + b[g]",
                    "e[n,t,g] = sum(U[g,l]*h[n,t-1,l], l) + c[g]",
                    "r[n,t,j] = sigmoid(a[n,t,0*H+j] + e[n,t,0*H+j])",
                    "z[n,t,j] = sigmoid(a[n,t,1*H+j] + e[n,t,1*H+j])",
                    "q[n,t,j] = tanh(a[n,t,2*H+j] + r[n,t,j]*e[n,t,2*H+j])",
                    "h[n,t,j] = (1 - z[n,t,j])*q[n,t,j] + z[n,t,j]*h[n,t-1,j]",
                ),
                parameters={"W": "g k", "U": "g l", "b": "g", "c": "g"},
                sizes={"hidden_size": "j"},
                wholes={"hidden_size": ("H", "1")},
                optional={"bias": "b c"},
                lengths={"g": "3*j"},
                source="Cho et al. 2014; with the reset gate behind the product as in torch",
            ),
        ),
    )
)
