"""What letters of activations mean in a claim: whose function it is, and when single numbers are meant."""

from __future__ import annotations

import re
from dataclasses import replace

from symbp.errors import InputError
from symbp.formula.latex.parse import at
from symbp.formula.latex.symbols import Sym, substituted, symbols
from symbp.formula.syntax import Call, Name, Node, Partial, Read, Span, Transpose, children, nodes, with_children
from symbp.notation import Notation
from symbp.verification.readings.names import Vocabulary


def of_elements(vocabulary: Vocabulary, left: Node, right: Node) -> tuple[Node, Node]:
    """A claim about a scalar function, ``g'(z) = a (1 - a)``: without layers or indices its letters are single numbers, and an
    argument by any name will do."""
    left, right = _of_argument(vocabulary, left, right)
    syms = [*symbols(left), *symbols(right)]
    free = all(s.layer is None and not s.subs and s.below is None and not s.gradient for s in syms)
    families = all(s.base in vocabulary.notation.families and not vocabulary.plain(s) for s in syms)
    named = isinstance(left, (Sym, Transpose))
    if named or not syms or not free or not families or any(s.base.isupper() for s in syms):
        return left, right
    sides = (substituted(x, lambda s: replace(s, subs=("i",))) for x in (left, right))  # type: ignore[arg-type,return-value]
    return next(sides), next(sides)


def _of_argument(vocabulary: Vocabulary, left: Node, right: Node) -> tuple[Node, Node]:
    r"""A claim about the slope of a function in which one letter stands, ``\sigma'(t) = \sigma(t) (1 - \sigma(t))``, with
    the letter for what comes before an activation in its place."""
    syms = {replace(s, span=Span()) for s in (*symbols(left), *symbols(right))}
    inner = left.of if isinstance(left, Partial) else left
    slope = isinstance(left, Partial) or (isinstance(left, Call) and left.primes > 0)
    n = vocabulary.notation
    if len(syms) == 1 and n.patterns and isinstance(left, Call) and next(iter(syms)).base not in n.patterns:
        return _of_unit(n, left, right, next(iter(syms)))
    if len(syms) != 1 or not slope or isinstance(inner, Sym):
        return left, right
    (only,) = syms
    letters = [letter for letter, meant in n.families.items() if meant == "z" and letter.islower()]
    if only != Sym(only.base) or only.base in n.families or not letters or len(only.base.lstrip("\\")) > 5:
        return left, right
    put = (substituted(x, lambda s: replace(s, base=letters[0])) for x in (left, right))  # type: ignore[arg-type,return-value]
    return next(put), next(put)


def _of_unit(n: Notation, left: Call, right: Node, letter: Sym) -> tuple[Node, Node]:
    """A claim about a layer's function of any one letter, for the notation's element before that activation."""
    tensor = f"z{left.name[1:]}" if re.fullmatch(r"g\d+", left.name) else ""
    found = ((base, p) for base, patterns in n.patterns.items() for p in patterns if p.tensor == tensor)
    base, pattern = next(found, ("", None))
    if pattern is None or letter != Sym(letter.base):
        return left, right
    unit = replace(letter, base=base, subs=tuple(pattern.scripts))
    put = (substituted(x, lambda s: replace(unit, span=s.span)) for x in (left, right))  # type: ignore[arg-type,return-value]
    return next(put), next(put)


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
