"""The network that a page's definitions are, layer by layer, for what it says of the mean over examples."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from symbp.documents.equations import Equation
from symbp.documents.guessing.lines import line_of
from symbp.documents.guessing.shapes import Shapes, Unclear
from symbp.documents.guessing.stated import Stated, name_of
from symbp.errors import InputError
from symbp.formula.latex.symbols import symbols
from symbp.formula.syntax import Binary, Call, Node, Sym, Transpose
from symbp.network import Network
from symbp.notation import DEFAULT, Notation, notation_named
from symbp.verification.judge import Judge
from symbp.verification.problems.problem import Problem

LOSSES: Mapping[str, str] = {
    "sse": "({p} - {t})**2/2",
    "squared_error": "({p} - {t})**2",
    "binary_cross_entropy": "-({t}*log({p}) + (1 - {t})*log(1 - {p}))",
    "cross_entropy": "-{t}*log({p})",
}
_ACTIVATIONS = frozenset(("sigmoid", "tanh", "relu", "softmax", "softplus", "leaky_relu", "gelu", "silu"))
_SIZES = (5, 4, 3, 6, 2, 7)


MEAN = re.compile(r"\s*(\\?[A-Za-z]+)(?:\([^()=]*\))?\s*=[^=]*\\sum")
"""A loss that a page says is a sum over the examples, or their mean."""


class NoLayers(Exception):
    """The definitions are no layers one after the other."""


@dataclass
class _Layers:
    """What was found, from the last layer to the first: weights, biases, pre-activations, activations and their kinds."""

    kinds: list[str] = field(default_factory=list)
    letters: list[dict[str, Sym]] = field(default_factory=list)
    rows: bool = False


def network_of(
    chosen: Sequence[Stated], shapes: Shapes, equations: Sequence[Equation]
) -> tuple[Network, Notation] | None:
    """The network, and the notation of the page's letters for it; None where the definitions are none."""
    last = {d.name: d for d in chosen if not d.letters and not d.argument}
    for one in reversed(last.values()):
        reads = {name_of(s): s for s in symbols(one.right)}
        made = [n for n in reads if n in last and n != one.name]
        given = [n for n in reads if n not in last]
        if shapes.axes.get(one.name) != () or len(made) != 1 or len(given) != 1:
            continue
        loss = _loss(one, made[0], given[0], shapes)
        if not loss:
            continue
        try:
            found, entry = _walked(reads[made[0]], last)
        except NoLayers:
            continue
        return _assembled(found, entry, loss, reads[made[0]], reads[given[0]], shapes)
    return _by_its_mean(last, shapes, equations)


def _by_its_mean(
    last: Mapping[str, Stated], shapes: Shapes, equations: Sequence[Equation]
) -> tuple[Network, Notation] | None:
    """The network where a page says the mean over the examples alone: of the losses of the catalogue the one that it is."""
    means = [e.text for e in equations if not e.code and MEAN.match(e.text)]
    read = {n for d in last.values() for n in d.reads}
    for name in (n for n in last if n not in read) if means else ():
        for target in ("y", "t"):
            try:
                found, entry = _walked(Sym(_letter(name)), last)
            except NoLayers:
                break
            for loss in LOSSES:
                made = _assembled(found, entry, loss, Sym(_letter(name)), Sym(target), shapes)
                if made is None:
                    continue
                judge = Judge(made[0], made[1].layout, None, made[1])
                if any(judge.judge(text, latex=True).verdict == "correct" for text in means):
                    return made
    return None


def _letter(name: str) -> str:
    """The letter of a name."""
    return rf"\hat{{{name.removesuffix('hat')}}}" if name.endswith("hat") else name


def _loss(one: Stated, prediction: str, target: str, shapes: Shapes) -> str:
    """The loss of the catalogue that a line is; empty where it is none."""
    count = len(shapes.axes.get(prediction, ()))
    if count > 1 or len(shapes.axes.get(target, ())) != count:
        return ""
    axes = "k" if count else ""
    try:
        line = line_of(one, shapes, frozenset((one.name, prediction, target)))
        judge = Judge.of_problem(Problem({prediction: axes, target: axes}, [line], one.name))
    except (InputError, Unclear):
        return ""
    for name, text in LOSSES.items():
        body = text.format(p=prediction, t=target)
        claim = f"{one.name} = sum({body})" if count else f"{one.name} = {body}"
        if judge.judge(claim).verdict == "correct":
            return name
    return ""


def _walked(prediction: Sym, last: Mapping[str, Stated]) -> tuple[_Layers, Sym]:
    """The layers from the prediction back to the input, and the input."""
    found, at = _Layers(), prediction
    while name_of(at) in last:
        node: Node = last[name_of(at)].right
        own: dict[str, Sym] = {"a": at}
        kind = "linear"
        if isinstance(node, Call) and node.name in _ACTIVATIONS and len(node.args) == 1 and not node.primes:
            kind, node = node.name, node.args[0]
            if isinstance(node, Sym):
                own["z"] = node
                if name_of(node) not in last:
                    raise NoLayers
                node = last[name_of(node)].right
        else:
            own["z"] = at
        weights, behind, bias = _affine(node, found)
        own["W"] = weights
        if bias is not None:
            own["b"] = bias
        found.kinds.append(kind)
        found.letters.append(own)
        if len(found.kinds) >= len(_SIZES):
            raise NoLayers
        at = behind
    if not found.kinds:
        raise NoLayers
    return found, at


def _affine(node: Node, found: _Layers) -> tuple[Sym, Sym, Sym | None]:
    """The weights, what they are applied to, and the bias."""
    bias: Sym | None = None
    if isinstance(node, Binary) and node.op == "+" and isinstance(node.right, Sym):
        bias, node = node.right, node.left
    if not (isinstance(node, Binary) and node.op in ("juxt", "cdot", "@")):
        raise NoLayers
    left, right = node.left, node.right
    inner = left.arg if isinstance(left, Transpose) else left
    if not isinstance(inner, Sym) or not isinstance(right, Sym):
        raise NoLayers
    return inner, right, bias


def _assembled(
    found: _Layers, entry: Sym, loss: str, prediction: Sym, target: Sym, shapes: Shapes
) -> tuple[Network, Notation] | None:
    kinds, letters = found.kinds[::-1], found.letters[::-1]
    biases = [("b" in own) for own in letters]
    if len({*biases}) > 1:
        return None
    sizes = [1 if not shapes.axes.get(name_of(entry)) else _SIZES[0]]
    for k, own in enumerate(letters, 1):
        sizes.append(1 if not shapes.axes.get(name_of(own["z"])) else _SIZES[k])
    layers = [f"{n}:{kind}" if kind != "linear" else f"{n}" for n, kind in zip(sizes[1:], kinds, strict=True)]
    try:
        net = Network.parse("-".join([str(sizes[0]), *layers]), loss=loss, bias=biases[0])
    except (InputError, TypeError):
        return None
    fixed: dict[str, str] = {}
    notation = notation_named(DEFAULT)
    families = dict(notation.families)
    for k, own in enumerate(letters, 1):
        for role, sym in own.items():
            if k == len(letters) and role == "a":
                continue
            if sym.layer is None and not sym.subs:
                fixed[sym.base] = f"{role}{k}"
            else:
                families[sym.base] = role
    fixed |= {prediction.base: "yhat", target.base: "y", entry.base: "x"}
    others = {letter: name for letter, name in notation.fixed.items() if name not in fixed.values()}
    taken = {*fixed, *families}
    activations = tuple(c for c in notation.activations if c not in taken)
    return net, replace(notation, fixed={**others, **fixed}, families=families, activations=activations)
