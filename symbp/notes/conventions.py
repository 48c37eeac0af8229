"""Lecturers' notations, each one frozen value; printers read them and never ask which one they have."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from symbp.calculus.matrix.read import Layout
from symbp.errors import unknown


@dataclass(frozen=True)
class Convention:
    r"""A notation.

    Parameters
    ----------
    symbols : the LaTeX letter for a name of the network without its layer number: ``{"z": "a"}`` writes z1 as a^{(1)}
    adjoints : the letter for an adjoint's name without its number (``delta``, ``e``); where there is none, the derivative is
        written out, ``\partial L/\partial z^{(1)}``
    activation : the letter for the activation where a network has only one; empty: always its own name
    letters : free index letters exchanged, so that sums run over the letter that the lecturer uses
    weights_from_to : weights are displayed (in x out): w_ij leads from unit i to unit j
    arrow : how the direction of a weight is said
    input_name, output_name : further names of x and yhat, with ``{L}`` for the number of layers; empty where there are none
    """

    name: str
    title: str
    source: str
    loss: str
    symbols: Mapping[str, str] = field(default_factory=dict)
    adjoints: Mapping[str, str] = field(default_factory=dict)
    activation: str = ""
    letters: Mapping[str, str] = field(default_factory=dict)
    weights_from_to: bool = False
    arrow: str = ""
    layout: Layout = "columns"
    transpose: str = r"\top"
    log: str = r"\ln"
    rate: str = r"\eta"
    input_name: str = ""
    output_name: str = ""


_IITM = Convention(
    name="iitm",
    title="columns, weights to i from j",
    source="Backprop in a MLP, Inverse Methods in Heat Transfer, lecture 55",
    loss="J",
    symbols={"dropout": r"\tilde{a}", "mask": "r"},
    adjoints={"delta": r"\delta", "e": "e"},
    activation="g",
    arrow="to unit i from unit j",
    input_name="a^{(0)}",
    output_name="a^{({L})}",
)

_CREDIT = Convention(
    name="credit",
    title="a before the activation and z after it, weights from i to j",
    source="Back Propagation, slides, 2018",
    loss="L",
    symbols={"z": "a", "a": "z", "dropout": r"\tilde{z}", "mask": "r"},
    adjoints={"delta": r"\delta"},
    letters={"i": "j", "j": "i"},
    weights_from_to=True,
    arrow=r"from unit i to unit j (i \leadsto j)",
)

CONVENTIONS: Mapping[str, Convention] = {c.name: c for c in (_IITM, _CREDIT)}
"""Conventions by name; the first is the default."""

DEFAULT = next(iter(CONVENTIONS))


def convention_named(name: str) -> Convention:
    """The convention called `name`; InputError where there is none."""
    if name not in CONVENTIONS:
        raise unknown("convention", name, CONVENTIONS)
    return CONVENTIONS[name]
