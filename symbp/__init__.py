"""symbp derives backpropagation from a network's forward map: as a page, as code, as a verdict on a formula.

>>> import symbp as sb
>>> net = sb.Network.parse("64-32:tanh-10:softmax", loss="cross_entropy")
>>> d = sb.derive(net)
>>> print(d["delta2"])
delta2[i] = yhat[i] - y[i]
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from symbp.version import __version__

if TYPE_CHECKING:
    from symbp.codegen.training.calling import train
    from symbp.codegen.training.running import Trained
    from symbp.codegen.training.using import Predictions, evaluate, predict
    from symbp.errors import InputError
    from symbp.gradcheck import GradientReport, check_gradient
    from symbp.network import Layer, LossTerm, Network, Optimizer, layer
    from symbp.network.derivation import Derivation, Equation
    from symbp.shown import derive, generate, verify
    from symbp.verification.problems.problem import Problem
    from symbp.verification.verdict import Verdict

_WHERE = {
    "Derivation": "symbp.network.derivation", "Equation": "symbp.network.derivation", "derive": "symbp.shown",
    "InputError": "symbp.errors", "Layer": "symbp.network", "LossTerm": "symbp.network", "Network": "symbp.network",
    "Optimizer": "symbp.network", "layer": "symbp.network", "generate": "symbp.shown",
    "Verdict": "symbp.verification.verdict", "verify": "symbp.shown",
    "Predictions": "symbp.codegen.training.using", "Trained": "symbp.codegen.training.running",
    "evaluate": "symbp.codegen.training.using", "predict": "symbp.codegen.training.using",
    "train": "symbp.codegen.training.calling",
    "Problem": "symbp.verification.problems.problem", "GradientReport": "symbp.gradcheck", "check_gradient": "symbp.gradcheck",
}  # fmt: skip

__all__ = [
    "Derivation", "Equation", "GradientReport", "InputError", "Layer", "LossTerm", "Network", "Optimizer", "Predictions",
    "Problem", "Trained", "Verdict", "__version__", "check_gradient", "derive", "evaluate", "generate", "layer", "predict",
    "train", "verify",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    """Names are imported when they are asked for: SymPy takes most of a second."""
    if name not in _WHERE:
        raise AttributeError(f"module 'symbp' has no attribute {name!r}")
    return getattr(import_module(_WHERE[name]), name)


def __dir__() -> list[str]:
    return __all__
