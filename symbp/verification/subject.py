"""What a subject of claims offers beside its setting: itself with another loss, letters of its own, facts that may hold of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial, singledispatch
from typing import Any

from symbp.calculus.program import elements, name_of
from symbp.errors import InputError
from symbp.network import Network
from symbp.notation import Notation
from symbp.notation.notation import PROBABLE
from symbp.verification.meaning.setting import Assumptions, Setting
from symbp.verification.meaning.standing import Standing

_SHALLOW = 8  # layers of a network that is derived again for other losses


@dataclass(frozen=True)
class Further:
    """A fact about a tensor under which a claim may be right, in words; `make` is the setting in which it holds, to be kept under
    a key."""

    tensor: str
    words: str
    key: str
    make: Callable[[], Setting]


@dataclass(frozen=True)
class Offers:
    """What a subject offers; a forward map by itself offers nothing.

    Parameters
    ----------
    loss : the name of its loss in the catalogue, empty where it has none
    assumes : whether the facts of its program are assumed by its loss, and not said by its author
    vectors : how its vectors stand on a page
    summed : the same with the sum over the examples as the loss of a batch, None where that cannot be
    with_loss : the same with another loss, None where that cannot be, or takes long
    notation : a notation with the letters that mean something for this subject alone
    further : facts that may hold of it
    """

    loss: str = ""
    assumes: bool = False
    vectors: Standing = field(default_factory=Standing)
    summed: Callable[[], Any] = lambda: None
    with_loss: Callable[[str], Any] = lambda loss: None
    notation: Callable[[Notation], Notation] = lambda notation: notation
    further: Callable[[Setting], Iterator[Further]] = lambda setting: iter(())


@singledispatch
def offers_of(subject: Any) -> Offers:
    """What a subject offers; each kind of subject registers it."""
    return Offers()


@offers_of.register
def _(net: Network) -> Offers:
    return Offers(
        loss=net.loss_kind.name,
        assumes=True,
        summed=partial(replace, net, reduction="sum"),
        with_loss=partial(_with_loss, net),
        notation=lambda notation: of_network(notation, net),
        further=_one_hot,
    )


def _with_loss(net: Network, loss: str) -> Network | None:
    """The same network with another loss, where that is one; not for deep ones, which take long to derive."""
    if len(net.layers) > _SHALLOW:
        return None
    try:
        return replace(net, loss=loss, loss_settings={})
    except InputError:
        return None


def _one_hot(setting: Setting) -> Iterator[Further]:
    """That targets which add up to one are one-hot."""
    for f in setting.program.facts:
        (element,) = elements(f.left)
        name, axis = name_of(element), [*element.indices].index(f.left.bound)
        given = Assumptions(one_hot={name: axis})
        yield Further(name, f"{name} is one-hot", "one_hot", partial(replace, setting, given=given))


def of_network(notation: Notation, net: Network) -> Notation:
    r"""The notation with letters that mean something in a network of this kind where they are not taken: p is the prediction
    where outputs are probabilities, \theta are the weights where there is one layer. InputError where it has letters for
    another number of layers."""
    probable = net.layers[-1].kind in PROBABLE
    notation = notation.fitted(net.depth, probable)
    if notation.layers and net.depth != notation.layers:
        raise InputError(
            f"the convention {notation.name} has letters for {notation.layers} layers, and this network has {net.depth}",
            allowed=f"networks of {notation.layers} dense layers, or another convention",
        )
    taken = {*notation.families, *notation.fixed, *notation.patterns, *notation.functions, *notation.loss}
    predicted = "yhat" in notation.fixed.values() and not notation.patterns and not taken & {"p", r"\hat{p}"}
    if predicted and probable:
        notation = replace(notation, fixed={**notation.fixed, "p": "yhat", r"\hat{p}": "yhat"})
    if net.reduction == "sum":
        notation = replace(notation, sums=True)
    alone = sum(layer.kind == "dense" for layer in net.layers) == 1
    if alone and notation.families.get("w") == "W" and r"\theta" not in taken:
        notation = replace(notation, families={**notation.families, r"\theta": "W"})
    return _with_own(notation, net)


def _with_own(notation: Notation, net: Network) -> Notation:
    """The notation with the letters that layers have for what they compute, ``c`` of an LSTM, and the small ones of elements of
    weights, u of U, where they are not taken."""
    named = {m[1]: t for t in net.forward_map.program.tensors.values() if (m := re.fullmatch(r"([A-Za-z])\d+", t.name))}
    meant = {*notation.families, *notation.fixed, *notation.patterns, *notation.functions, *notation.activations}
    own = {c: c for c in named if c not in meant and c not in notation.loss}
    small = {c.lower(): c for c in own if named[c].role == "parameter" and len(named[c].axes) > 1}
    free = {c: its for c, its in small.items() if c not in {*meant, *named}}
    return replace(notation, families={**notation.families, **own, **free})
