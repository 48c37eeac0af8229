"""One reading of a LaTeX claim: its letters looked up, its products decided, and what had to be said to read it."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Protocol

from symbp.errors import InputError
from symbp.formula.latex.parse import at
from symbp.formula.latex.reader import Sides
from symbp.formula.latex.symbols import as_of_numbers, substituted, symbols
from symbp.formula.syntax import (
    Call,
    Claim,
    Compare,
    Gradient,
    Name,
    Node,
    Partial,
    Read,
    Span,
    Sym,
    Transpose,
    children,
    nodes,
    with_children,
)
from symbp.network.forward import BATCH
from symbp.notation import Notation
from symbp.verification.meaning.arrays import ShapeClash
from symbp.verification.proof.compare import EvaluationContext
from symbp.verification.readings.elements import chained, indices_of, written_out
from symbp.verification.readings.indices import Context
from symbp.verification.readings.layers import check_limits, consistent
from symbp.verification.readings.names import Lookup, Vocabulary
from symbp.verification.readings.products import elementwise, letters_of, loose
from symbp.verification.readings.scripts import Habits
from symbp.verification.readings.shapes import by_shapes, counts_examples
from symbp.verification.readings.updates import Step
from symbp.verification.readings.written import Written


def of_elements(vocabulary: Vocabulary, left: Node, right: Node) -> tuple[Node, Node]:
    """A claim about a scalar function, ``g'(z) = a (1 - a)``: without layers or indices its letters are single numbers, and an
    argument by any name will do."""
    argument = _of_argument(
        vocabulary.notation, left, {replace(s, span=Span()) for s in (*symbols(left), *symbols(right))}
    )
    if argument is not None:
        left, right = (substituted(x, lambda s: replace(argument, span=s.span)) for x in (left, right))
    syms = [*symbols(left), *symbols(right)]
    free = all(s.layer is None and not s.subs and s.below is None and not s.gradient for s in syms)
    families = all(s.base in vocabulary.notation.families and not vocabulary.plain(s) for s in syms)
    named = isinstance(left, (Sym, Transpose))
    if named or not syms or not free or not families or any(s.base.isupper() for s in syms):
        return left, right
    left, right = (substituted(x, lambda s: replace(s, subs=("i",))) for x in (left, right))
    return left, right


def _of_argument(n: Notation, left: Node, letters: set[Sym]) -> Sym | None:
    r"""The letter for what comes before an activation, where a claim about the slope of a function has one letter and no more,
    ``\sigma'(t) = \sigma(t) (1 - \sigma(t))``; where elements are written in ways of their own, the function is a layer's."""
    only = next(iter(letters), Sym(""))
    if len(letters) != 1 or only != Sym(only.base):
        return None
    if n.patterns and isinstance(left, Call) and only.base not in n.patterns:
        tensor = f"z{left.name[1:]}" if re.fullmatch(r"g\d+", left.name) else ""
        found = ((base, p) for base, patterns in n.patterns.items() for p in patterns if p.tensor == tensor)
        return next((Sym(base, subs=tuple(p.scripts)) for base, p in found), None)
    inner = left.of if isinstance(left, Partial) else left
    slope = isinstance(left, Partial) or (isinstance(left, Call) and left.primes > 0)
    small = [letter for letter, meant in n.families.items() if meant == "z" and letter.islower()]
    free = only.base not in n.families and len(only.base.lstrip("\\")) <= 5
    return Sym(small[0]) if slope and not isinstance(inner, Sym) and small and free else None


def no_other_sigma(vocabulary: Vocabulary, left: Node, right: Node) -> None:
    """Refuses sigma where it may be meant for an activation that is not the sigmoid: its derivative, or a layer's output."""
    setting = vocabulary.setting
    own = [f.name for k in setting.layers if (f := setting.layer_function(k)) is not None]
    if "sigmoid" in own or not any(name != "identity" for name in own):
        return
    output = isinstance(left, Name) and re.fullmatch(r"a\d+|yhat", left.name) is not None
    for node in nodes(right):
        if isinstance(node, Call) and node.name == "sigmoid" and (node.primes or (output and node is right)):
            raise InputError(
                f"sigma is the sigmoid, and this network has {' and '.join(dict.fromkeys(own))}",
                place=at(node.span.start),
                allowed="g for a layer's activation, or the convention nielsen",
            )


def own_activation(left: Node, right: Node) -> Node:
    """In ``a^l = g(w^l a^{l-1} + b^l)`` the function is that of layer l, whatever its argument."""
    inner = left.of if isinstance(left, Read) else left
    found = re.fullmatch(r"a(\d+)", inner.name) if isinstance(inner, Name) else None
    if found and isinstance(right, Call) and right.name == "g" and not right.primes:
        argument = right.args[0].of if isinstance(right.args[0], Read) else right.args[0]
        if not isinstance(argument, Name):
            return replace(right, name=f"g{found[1]}")
    return right


def whole_layers(notation: Notation, node: Node) -> Node:
    """The weights that a whole layer is a function of, ``f^1(X, W^1)``, the way round that the network has them."""
    if not notation.from_to:
        return node
    new = with_children(node, tuple(whole_layers(notation, c) for c in children(node)))
    if not isinstance(new, Call) or len(new.args) < 2 or not re.fullmatch(r"g\d+", new.name):
        return new
    return replace(new, args=tuple(_turned(arg) for arg in new.args))


def _turned(arg: Node) -> Node:
    """Weights the other way round; what is none as it is."""
    turned = isinstance(arg, Transpose)
    inner = arg.arg if isinstance(arg, Transpose) else arg
    if not isinstance(inner, Name) or not re.fullmatch(r"W\d+", inner.name):
        return arg
    return inner if turned else Transpose(inner, span=inner.span)


class ContextFor(Protocol):
    """The context for a batch or for one example, and the one in which layers of one unit have no axis."""

    def __call__(self, batch: bool, narrow: bool = False) -> EvaluationContext:
        """The context."""
        ...


@dataclass(frozen=True)
class Reading:
    """One claim that an equation makes: about which layers it is, and what had to be said to read it."""

    claim: Claim
    layers: str = ""
    note: str = ""
    universal: bool = True
    step: Step | None = None


@dataclass(frozen=True)
class Asked:
    """An equation as it is meant, its letters still to be looked up in a vocabulary and a context.

    `adds` says that it is a part of a sum, `step` how an update was written, `example` is the letter that counts examples, `own`
    says that their derivatives are those of each one's own loss, and `count` is the letter for how many there are.
    """

    sides: Sides
    vocabulary: Vocabulary
    context: Context
    context_for: ContextFor
    adds: bool = False
    step: Step | None = None
    example: str = ""
    own: bool = False
    count: str = "N"

    @property
    def left(self) -> Node:
        """The left side."""
        return self.sides.left

    @property
    def right(self) -> Node:
        """The right side."""
        return self.sides.right

    @cached_property
    def letters(self) -> tuple[Sym, ...]:
        """The letters of both sides, in order."""
        return (*symbols(self.left), *symbols(self.right))


def fits(asked: Asked, claim: Claim) -> bool:
    """Whether the shapes of a claim fit together, or would with layers of one unit as numbers."""
    if claim.indexed:
        return consistent(asked.vocabulary, getattr(claim.written, "example", ""), claim.left, claim.right)
    batch = claim.written is not None and claim.written.batch
    for narrow in (False, True):
        try:
            asked.context_for(batch, narrow).compare(claim)
        except ShapeClash:
            continue
        except InputError:
            return False
        return True
    return False


def reading(asked: Asked, lookup: Lookup) -> Reading:
    """One reading of a claim; where a layer has one unit, its weights are a row or, if that does not fit, a column."""
    found = _read(asked, lookup)
    if found.claim.indexed or not any(asked.vocabulary.single(s, lookup.layer(s)) for s in asked.letters):
        return found
    if fits(asked, found.claim):
        return found
    turned = _read(asked, replace(lookup, columns=True))
    if not fits(asked, turned.claim):
        return found
    written = turned.claim.written
    assert isinstance(written, Written)
    return replace(turned, claim=replace(turned.claim, written=replace(written, columns=True)))


def _read(asked: Asked, lookup: Lookup) -> Reading:
    """One reading of a claim."""
    vocabulary, context = asked.vocabulary, asked.context
    written = _written(asked, lookup)
    where, taken = asked.context_for(written.batch), indices_of(asked.left, asked.right)
    sides = written_out(asked.left, lookup, where, taken), written_out(asked.right, lookup, where, taken)
    check_limits(asked.sides.limits, lookup, sides)
    no_other_sigma(vocabulary, *sides)
    left, right = (whole_layers(vocabulary.notation, side) for side in sides)
    claim = Claim(left, own_activation(left, right), asked.sides.text, written, asked.adds)
    chain = chained(vocabulary.setting, claim)
    if chain is not None:
        chain = replace(chain, left=as_of_numbers(chain.left), right=as_of_numbers(chain.right))
        claim, note = replace(chain, written=replace(written, indexed=True, batch=False)), ""
    elif context.indexed:
        claim, note = _of_elements(asked, claim)
    else:
        if not written.batch and counts_examples(asked.context_for(False), *sides):
            written = replace(written, batch=True)
            claim = replace(claim, written=written)
        claim, note = by_shapes(asked.context_for(written.batch), claim, vocabulary.dropped)
        partials = [n for n in nodes(claim.left, claim.right) if isinstance(n, Partial)]
        turned = replace(claim, right=Transpose(claim.right))
        if partials and not fits(asked, claim) and fits(asked, turned):
            message = (
                "a derivative between vectors has a row for each element of the one above; so the shapes do not fit"
            )
            raise InputError(message, place=at(partials[0].span.start), allowed="derivatives between elements")
    letters = [f"{k} = {v}" for k, v in lookup.values.items() if k != "L"]
    if vocabulary.depth > 1:
        letters += [f"layer {v} at ${_shown(k)}$" for k, v in lookup.implied.items()]
    return Reading(claim, ", ".join(letters), note, not lookup.implied, asked.step)


def _of_elements(asked: Asked, claim: Claim) -> tuple[Claim, str]:
    """A claim about elements, and which indices are summed without a sign."""
    claim, summed = elementwise(asked.vocabulary.setting, claim, asked.sides.sums, asked.example)
    _labels(claim)
    _kronecker(asked.vocabulary, claim)
    for node in nodes(claim.left, claim.right):
        if isinstance(node, Read) and "*" in node.letters:
            raise InputError("a vector stands where a number is needed", place=at(node.span.start))
    words = " and ".join(summed)
    several = "indices" if len(summed) > 1 else "index"
    return claim, f"the repeated {several} {words} {'are' if len(summed) > 1 else 'is'} summed" if summed else ""


def _shown(key: tuple[str, tuple[str, ...], bool]) -> str:
    base, letters, _ = key
    return base + (f"_{{{''.join(letters)}}}" if letters else "")


def _written(asked: Asked, lookup: Lookup) -> Written:
    """How a claim is written."""
    n, syms, context, text = asked.vocabulary.notation, asked.letters, asked.context, asked.sides.text
    losses = [*asked.sides.losses, *(s.base for s in syms if s.base in n.loss)]
    bare = [s.bare for s in syms if s.layer is not None and s.base in n.families]
    bracket = "[{}]" if re.search(r"\^\s*\{?\s*\[", text) else "({})"
    letters = [(k, v) for k, v in lookup.values.items() if k != "L"]
    batch = any(s.base in n.batched for s in syms) or any(s.base == "N" for s in syms) or context.examples
    return Written(
        notation=n,
        setting=asked.vocabulary.setting,
        style="{}" if bare and all(bare) else bracket if bare else n.style,
        below=any(context.is_layer(s) for s in syms),
        loss=losses[0] if losses else n.loss[0],
        variable=letters[0] if letters else None,
        batch=batch and (context.examples or not context.indexed),
        indexed=context.indexed,
        step=asked.step,
        example=asked.example,
        own=asked.own,
        count=asked.count,
        example_last=context.example_last,
        habits=Habits.of(text),
    )


def _labels(claim: Claim) -> None:
    r"""InputError for an index of a number that nothing sums over, as the class in ``J = -\ln \hat y_c``."""
    if letters_of(claim.left):
        return
    for letter in sorted(loose(claim.right)):
        place = next(n.span.start for n in nodes(claim.right) if isinstance(n, Read) and letter in n.letters)
        message = f"the left side is a number, and nothing sums over {letter}: which element is meant?"
        raise InputError(message, place=at(place), allowed=r"\sum_k y_k \ln \hat y_k")


def _kronecker(vocabulary: Vocabulary, claim: Claim) -> None:
    r"""InputError where the letters of a \\delta_{ij} run over different things, so that it may not be Kronecker's."""
    axes: dict[str, set[object]] = {}
    every = [*nodes(claim.left, claim.right)]
    parts = [p for n in every for p in ((n.of, n.by) if isinstance(n, Partial) else (n,))]
    for n in parts:
        if isinstance(n, Read) and "*" not in n.letters:
            known = vocabulary.known(n.of.name, isinstance(n.of, Gradient))
            own = known.tensor.axes if known is not None else ()
            over = (
                (BATCH, *own) if len(n.letters) == len(own) + 1 else own
            )  # of each example, whose letter stands first
            for letter, axis in zip(n.letters, over, strict=False):
                axes.setdefault(letter, set()).add(axis)
    for n in every:
        if isinstance(n, Compare) and n.op == "==" and isinstance(n.left, Name) and isinstance(n.right, Name):
            both = axes.get(n.left.name, set()) | axes.get(n.right.name, set())
            if len(both) > 1:
                message = f"{n.left.name} and {n.right.name} run over different things: of which layer is this?"
                raise InputError(message, place=at(n.span.start), allowed=r"\delta^{(1)}_i")
