r"""Lecturers' notations as frozen values: which letter of a page is which tensor of the network.

A reader looks letters up and a printer looks them up the other way round; neither ever asks which notation it has.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from symbp.calculus.primitives import PRIMITIVES
from symbp.errors import unknown
from symbp.network import Network


@dataclass(frozen=True)
class Pattern:
    """How elements of a tensor are written.

    `scripts` are the subscripts (``i`` is the letter of the example, ``0`` a zero, anything else any other letter), `tensor`
    the network's name, and `letters` the tensor's own indices, ``*`` for one that is left open: a vector.
    """

    scripts: str
    tensor: str
    letters: str


@dataclass(frozen=True)
class Notation:
    r"""A lecturer's letters.

    Parameters
    ----------
    loss : letters of the loss, the one to print first
    families : letters that carry a layer number, and the network's letter: ``{"\\delta": "delta"}``
    fixed : letters without a layer number
    batched : letters that stand for a whole batch
    activations : letters of "the layer's activation"
    functions : letters of other scalar functions
    from_to : weights are (in x out), w_ij leads from i to j
    style : how a layer number is printed, with ``{}`` for it
    patterns : letters whose elements are written in ways of their own, for networks with one hidden layer
    below : letters whose subscript is a layer wherever it is a number
    sums : the loss of a batch is the sum over its examples, and ``i`` runs over them
    written_out : elements that have no letter, in full with their index for ``{0}``: with biases, and without
    spelled : letters side by side that spell a name of the subject are that name
    own : derivatives by what every example has are those of each example's own loss, whose mean is the loss
    """

    name: str
    title: str
    source: str
    loss: tuple[str, ...]
    families: Mapping[str, str] = field(default_factory=dict)
    fixed: Mapping[str, str] = field(default_factory=dict)
    batched: frozenset[str] = frozenset()
    activations: tuple[str, ...] = ("g", "f")
    functions: Mapping[str, str] = field(default_factory=dict)
    from_to: bool = False
    style: str = "({})"
    patterns: Mapping[str, tuple[Pattern, ...]] = field(default_factory=dict)
    spelled: bool = False
    below: frozenset[str] = frozenset()
    sums: bool = False
    written_out: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    own: bool = False


LOSSES = ("J", r"\calL", "L", "E", "C", r"\calJ", r"\ell", r"\calE", r"\calC")
"""The letters that losses have, the commonest first."""
_FIXED = {"x": "x", "y": "y", r"\hat{y}": "yhat", "X": "x", "Y": "y", r"\hat{Y}": "yhat"}
_ACTIVATIONS = ("g", "f", r"\varphi", r"\phi", "h")
_BATCHED = frozenset(("X", "Y", r"\hat{Y}", "Z", "A", r"\Delta"))
_FAMILIES = {"W": "W", "w": "W", "b": "b", "z": "z", "a": "a", r"\delta": "delta", "e": "e",
             "Z": "z", "A": "a", r"\Delta": "delta"}  # fmt: skip
FUNCTION_LETTERS = {p.latex: p.name for p in PRIMITIVES if p.is_letter}
"""Greek letters that are functions wherever they are nothing else."""

IITM = Notation(
    name="iitm",
    title="columns, weights to i from j",
    source="Backprop in a MLP, Inverse Methods in Heat Transfer, lecture 55",
    loss=LOSSES,
    families=_FAMILIES,
    fixed=_FIXED,
    batched=_BATCHED,
    activations=_ACTIVATIONS,
    functions=FUNCTION_LETTERS,
)

CREDIT = Notation(
    name="credit",
    title="a before the activation and z after it, weights from i to j",
    source="Back Propagation, slides, 2018",
    loss=("L", r"\calL", "J", "E"),
    families={**_FAMILIES, "z": "a", "a": "z", "Z": "a", "A": "z"},
    fixed=_FIXED,
    batched=_BATCHED,
    activations=_ACTIVATIONS,
    functions=FUNCTION_LETTERS,
    from_to=True,
)

NIELSEN = Notation(
    name="nielsen",
    title="layers as bare superscripts, cost C, sigma for every activation",
    source="Nielsen, Neural Networks and Deep Learning, 2015, chapter 2",
    loss=("C", "J", r"\calL"),
    families={"w": "W"} | {k: v for k, v in _FAMILIES.items() if k not in ("e", "w")},
    fixed=_FIXED,
    batched=_BATCHED,
    activations=(r"\sigma", *_ACTIVATIONS),
    style="{}",
)

IITKGP = Notation(
    name="iitkgp",
    title="outputs x^k, targets t, error E",
    source="Backpropagation Learning - Example III, Deep Learning, lecture 27",
    loss=("E", "J"),
    families={"W": "W", "w": "W", "b": "b", "x": "a", r"\theta": "a", r"\delta": "delta", "z": "z", "e": "e", "o": "a"},
    fixed={"t": "y", "y": "y", "X": "x", r"\hat{y}": "yhat", "o": "yhat"},
    activations=("f", "g"),
    functions={r"\sigma": "sigmoid"},
    style="{}",
    below=frozenset((r"\theta",)),
)

ESL = Notation(
    name="esl",
    title="one hidden layer: alpha, beta, z_mi, T_k, f_k, delta_ki, s_mi",
    source="Hastie, Tibshirani, Friedman, The Elements of Statistical Learning, 2009, section 11.4",
    loss=("R",),
    fixed={r"\hat{y}": "yhat"},
    activations=(),
    functions={r"\sigma": "g1", "g": "g2"},
    patterns={
        r"\alpha": (Pattern("0m", "b1", "m"), Pattern("ml", "W1", "ml"), Pattern("m", "W1", "m*")),
        r"\beta": (Pattern("0k", "b2", "k"), Pattern("km", "W2", "km"), Pattern("k", "W2", "k*")),
        "z": (Pattern("mi", "a1", "m"), Pattern("i", "a1", "*"), Pattern("m", "a1", "m"), Pattern("", "a1", "*")),
        "Z": (Pattern("m", "a1", "m"), Pattern("mi", "a1", "m"), Pattern("", "a1", "*")),
        "x": (Pattern("il", "x", "l"), Pattern("i", "x", "*"), Pattern("l", "x", "l"), Pattern("", "x", "*")),
        "X": (Pattern("l", "x", "l"), Pattern("", "x", "*")),
        "y": (Pattern("ik", "y", "k"), Pattern("k", "y", "k")),
        "Y": (Pattern("k", "y", "k"),),
        "T": (Pattern("k", "z2", "k"), Pattern("ki", "z2", "k"), Pattern("", "z2", "*")),
        "f": (Pattern("k", "yhat", "k"), Pattern("ki", "yhat", "k")),
        "s": (Pattern("mi", "delta1", "m"), Pattern("m", "delta1", "m")),
        r"\delta": (Pattern("ki", "delta2", "k"), Pattern("k", "delta2", "k")),
    },
    sums=True,
    written_out={"z1": (r"\alpha_{{0{0}}} + \alpha_{0}^T x_i", r"\alpha_{0}^T x_i")},
)

NG = replace(
    IITM,
    name="ng",
    title="layers [l], examples (i), m of them; dZ of each example's own loss, dW of their mean",
    source="Ng, Neural Networks and Deep Learning, deeplearning.ai, 2017, weeks 2 to 4",
    style="[{}]",
    own=True,
)

DEFAULT = IITM.name
"""The notation where none is named: the letters of most textbooks."""

NOTATIONS: Mapping[str, Notation] = {n.name: n for n in (IITM, CREDIT, ESL, IITKGP, NIELSEN, NG)}
"""Notations by name; the first is the default."""


def of_network(notation: Notation, net: Network) -> Notation:
    r"""The notation with letters that mean something in a network of this kind where they are not taken: p is the prediction
    where outputs are probabilities, \theta are the weights where there is one layer."""
    taken = {*notation.families, *notation.fixed, *notation.patterns, *notation.functions, *notation.loss}
    predicted = "yhat" in notation.fixed.values() and not notation.patterns and not taken & {"p", r"\hat{p}"}
    if predicted and net.layers[-1].kind in ("softmax", "sigmoid"):
        notation = replace(notation, fixed={**notation.fixed, "p": "yhat", r"\hat{p}": "yhat"})
    if net.reduction == "sum":
        notation = replace(notation, sums=True)
    alone = sum(layer.kind == "dense" for layer in net.layers) == 1
    if alone and notation.families.get("w") == "W" and r"\theta" not in taken:
        notation = replace(notation, families={**notation.families, r"\theta": "W"})
    return notation


def notation_named(name: str) -> Notation:
    """The notation called `name`; InputError where there is none."""
    if name not in NOTATIONS:
        raise unknown("convention", name, NOTATIONS)
    return NOTATIONS[name]
