"""The activations: one entry each, its forward map. Derivatives, pages, code and tests follow from it."""

from __future__ import annotations

from collections.abc import Mapping

from symbp.catalogue.kinds import Activation

_ENTRIES = (
    Activation("identity", "z", source="Widrow and Hoff 1960"),
    Activation("linear", "z", alias_of="identity"),
    Activation("sigmoid", "sigmoid(z)", symbol=r"\sigma", source="Verhulst 1845"),
    Activation("tanh", "tanh(z)", symbol=r"\tanh", source="LeCun, Bottou, Orr, Mueller 1998, section 4.4"),
    Activation("relu", "max(0, z)", source="Nair and Hinton 2010"),
    Activation("leaky_relu", "max(0, z) + alpha*min(z, 0)", {"alpha": 0.01}, source="Maas, Hannun and Ng 2013"),
    Activation(
        "elu", "max(0, z) + alpha*(exp(min(z, 0)) - 1)", {"alpha": 1}, source="Clevert, Unterthiner, Hochreiter 2016"
    ),
    Activation(
        "selu",
        "scale*(max(0, z) + alpha*(exp(min(z, 0)) - 1))",
        {"alpha": "1.6732632423543772848170429916717", "scale": "1.0507009873554804934193349852946"},
        source="Klambauer, Unterthiner, Mayr, Hochreiter 2017",
    ),
    Activation("softplus", "softplus(z)", source="Dugas et al. 2001"),
    Activation("silu", "z*sigmoid(z)", source="Elfwing, Uchibe, Doya 2018"),
    Activation("gelu", "z*normal_cdf(z)", source="Hendrycks and Gimpel 2016, eq. 1"),
    Activation(
        "gelu_tanh", "z*(1 + tanh(sqrt(2/pi)*(z + 0.044715*z**3)))/2", source="Hendrycks and Gimpel 2016, section 2"
    ),
    Activation("mish", "z*tanh(softplus(z))", source="Misra 2020"),
    Activation("softsign", "z/(1 + abs(z))", source="Bergstra et al. 2009"),
    Activation("hard_tanh", "max(-1, min(1, z))", source="Collobert 2004"),
    Activation("hard_sigmoid", "max(0, min(1, z/6 + 1/2))", source="Courbariaux, Bengio, David 2015"),
    Activation("relu6", "max(0, min(6, z))", source="Krizhevsky 2010"),
    Activation("exp", "exp(z)", symbol=r"\exp", source="Nelder and Wedderburn 1972, the inverse of the log link"),
    Activation("step", "step(z)", source="McCulloch and Pitts 1943; step(0) = 0"),
    Activation("sign", "sign(z)", source="Rosenblatt 1958; sign(0) = 0"),
)

ACTIVATIONS: Mapping[str, Activation] = {entry.name: entry for entry in _ENTRIES}
"""Scalar activations by name; softmax and log_softmax couple the outputs and are layers (see layers.py)."""
