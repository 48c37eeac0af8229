"""A derived formula as a person writes it: lengths by the names that people have for them, long fractions as decimals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction

from symbp.calculus.indices import Axis
from symbp.formula.syntax import (
    Binary,
    Call,
    Claim,
    Gradient,
    Length,
    Name,
    Negate,
    Node,
    Number,
    Read,
    factors_of,
    nodes,
)
from symbp.verification.diagnosis.patterns import everywhere, lettered
from symbp.verification.meaning.setting import Setting

_LARGE = 1000  # a numerator or denominator that nobody would write
_PLACES = 15


def presented(setting: Setting, claim: Claim, node: Node) -> Node:
    """A formula with no names in it that are ours alone."""
    plain = everywhere(everywhere(node, lambda n: _length(setting, claim, n)), _decimal)
    return _with_letters_of(setting, claim, plain) if claim.indexed else plain


def letters_of(claim: Claim) -> frozenset[tuple[Node, tuple[str, ...]]]:
    """The elements that an indexed claim reads, with their letters."""
    read = nodes(claim.left, claim.right) if claim.indexed else ()
    return frozenset((n.of, n.letters) for n in read if isinstance(n, Read))


def _with_letters_of(setting: Setting, claim: Claim, node: Node) -> Node:
    """A formula whose sums run over the letters over which those of a claim run, where there are such."""
    theirs, ours = _bound(setting, claim.right), _bound(setting, node)
    letters: dict[str, str] = {}
    for letter, axis in ours.items():
        free = (c for c, a in theirs.items() if a == axis and c not in letters.values() and c not in ours)
        new = next(free, None)
        if new is not None:
            letters[letter] = new
    return lettered(everywhere(node, lambda n: _over(letters, n)), letters) if letters else node


def _bound(setting: Setting, node: Node) -> dict[str, Axis]:
    """The letters that sums run over, with the axes that they run along."""
    sums = [n for n in nodes(node) if isinstance(n, Call)]
    over = {a.name for n in sums for a in n.args[1:] if isinstance(a, Name) and setting.resolve(a.name) is None}
    found: dict[str, Axis] = {}
    for n in nodes(node):
        known = setting.resolve(n.of.name, isinstance(n.of, Gradient)) if isinstance(n, Read) else None
        for letter, axis in zip(n.letters, known.tensor.axes, strict=False) if known and isinstance(n, Read) else ():
            if letter in over:
                found.setdefault(letter, axis)
    return found


def _over(letters: Mapping[str, str], node: Node) -> Node | None:
    """A sum over other letters; what it sums is changed too."""
    if not isinstance(node, Call) or not any(isinstance(a, Name) and a.name in letters for a in node.args[1:]):
        return None
    over = tuple(replace(a, name=letters.get(a.name, a.name)) if isinstance(a, Name) else a for a in node.args[1:])
    return replace(node, args=(everywhere(node.args[0], lambda n: _over(letters, n)), *over))


def length_of(setting: Setting, claim: Claim, name: str) -> Node:
    """The length ``N_d`` of an axis by a name of its own, ``d``, or that of an array along it, ``x.shape[1]``."""
    axis = setting.lengths[name]
    label = setting.labels.get(axis, axis.name)
    letters = {c for _, of in letters_of(claim) for c in of}
    if claim.coded is None and setting.lengths.get(label) == axis and label not in letters:
        return Name(label)
    if not claim.indexed and claim.written is None:
        for tensor in setting.program.declared:
            known = setting.known.get(tensor.name)
            if known is not None and known.shape.count(axis) == 1:
                return Length(Name(tensor.name), known.shape.index(axis))
    return Name(name)


def _length(setting: Setting, claim: Claim, node: Node) -> Node | None:
    own = isinstance(node, Name) and node.name.startswith("N_") and node.name in setting.lengths
    return length_of(setting, claim, node.name) if own and isinstance(node, Name) else None


def _decimal(node: Node) -> Node | None:
    """A product whose numbers are a long fraction with one decimal in their place, first; None for any other."""
    if not isinstance(node, Binary) or node.op not in "*/":
        return None
    above, below = _fraction(node)
    value = Fraction(1)
    for n in above:
        value *= n.value if isinstance(n, Number) else 1
    for n in below:
        value /= n.value if isinstance(n, Number) else 1
    written = max(abs(value.numerator), value.denominator)
    if written < _LARGE or not value or 10**_PLACES % value.denominator:
        return None
    number: Node = Number(_digits(value))
    for part in (n for n in above if not isinstance(n, Number)):
        number = Binary("*", number, everywhere(part, _decimal))
    for part in (n for n in below if not isinstance(n, Number)):
        number = Binary("/", number, everywhere(part, _decimal))
    return number


def _fraction(node: Node) -> tuple[list[Node], list[Node]]:
    """The factors above and below the bar."""
    if isinstance(node, Binary) and node.op in ("*", "/"):
        (a, b), (c, d) = _fraction(node.left), _fraction(node.right)
        return ([*a, *c], [*b, *d]) if node.op == "*" else ([*a, *d], [*b, *c])
    return [*factors_of(node)], []


def number_of(value: Fraction) -> Node:
    """A number as one writes it: whole, a small fraction, or a decimal."""
    if value < 0:
        return Negate(number_of(-value))
    if value.denominator == 1:
        return Number(str(value.numerator))
    if max(value.numerator, value.denominator) < _LARGE or 10**_PLACES % value.denominator:
        return Binary("/", Number(str(value.numerator)), Number(str(value.denominator)))
    return Number(_digits(value))


def _digits(value: Fraction) -> str:
    """A fraction whose decimals end, as a decimal number."""
    places = next(k for k in range(_PLACES + 1) if not (value * 10**k).denominator - 1)
    whole = abs(int(value * 10**places))
    text = str(whole).rjust(places + 1, "0")
    return f"{text[:-places]}.{text[-places:]}" if places else text
