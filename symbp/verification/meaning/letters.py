"""The letters of claims in index notation: along which axis each runs."""

from __future__ import annotations

from dataclasses import replace

from symbp.calculus.indices import Axis, Index
from symbp.errors import InputError, shown
from symbp.formula.grammar import place_of
from symbp.formula.slots import is_place, names_in_places, reads_in
from symbp.formula.syntax import ELEMENT, Call, Gradient, Name, Node, Read, nodes
from symbp.network.forward import BATCH
from symbp.verification.meaning.lower import Lowering
from symbp.verification.meaning.setting import Known, Setting


def known_of(setting: Setting, node: Read) -> Known:
    """The tensor that is read."""
    known = setting.resolve(node.of.name, isinstance(node.of, Gradient))
    if known is None:
        raise Lowering(setting).unknown(node.of, f"{'dJ/d' if isinstance(node.of, Gradient) else ''}{node.of.name}")
    return known


def axis_of(setting: Setting, letter: Name, body: Node) -> Axis:
    """The axis that a summed letter runs over: that of the first tensor which is read with it, unless the axis of that name has
    a length that follows from others; the axis of its name where none is read with it, and else that of a place made of it."""
    own = Axis(letter.name)
    for part in reads_in(body):
        if letter.name in part.letters:
            axes = known_of(setting, part).tensor.axes
            k = part.letters.index(letter.name)
            if k < len(axes):
                return own if own in setting.follows else axes[k]
    for element in nodes(body):
        if isinstance(element, Call) and element.name == ELEMENT and letter in element.args[1:]:
            axes = Lowering(setting).array(element.args[0]).axes
            k = element.args[1:].index(letter)
            if k < len(axes):
                return axes[k]
    if own in setting.axes():
        return own
    for read in nodes(body):  # all that is left: a place made of this letter alone, W[o,c,2-u]
        if isinstance(read, Read):
            for k, slot in enumerate(read.letters):
                axes = known_of(setting, read).tensor.axes
                if k < len(axes) and {*names_in_places(replace(read, letters=(slot,)))} == {letter.name}:
                    return axes[k]
    raise InputError(f"index {shown(letter.name)} indexes nothing here", place=place_of(letter))


def letters_of(setting: Setting, left: Node, right: Node) -> dict[str, Index]:
    """The letters of a left side that the right side defines: each runs over the axis of the first tensor that it reads."""
    letters = left.letters if isinstance(left, Read) else ()
    if any(map(is_place, letters)):
        raise InputError("the left side is read at a place", place=place_of(left), allowed="letters")
    if len(set(letters)) < len(letters):
        raise InputError("an index is repeated on the left side", place=place_of(left))
    return {c: Index(c, axis_of(setting, Name(c, span=left.span), right)) for c in letters}


def suits_batch(setting: Setting, *roots: Node) -> bool:
    """Whether some tensor is read with as many letters as it has in a batch; `setting` is a batch's."""
    for part in nodes(*roots):
        if isinstance(part, Read):
            axes = known_of(setting, part).tensor.axes
            if BATCH in axes and len(part.letters) == len(axes):
                return True
        if isinstance(part, Name) and part.name == "N":
            return True
    return False


def free_letters(setting: Setting, left: Node) -> dict[str, Index]:
    """The letters on the left side as typed indices; numbers are no letters."""
    if not isinstance(left, Read):
        bound = {a.name for n in nodes(left) if isinstance(n, Call) for a in n.args[1:] if isinstance(a, Name)}
        reads = [n for n in nodes(left) if isinstance(n, Read)]
        inner = {c: i for n in reads for c, i in free_letters(setting, n).items()}
        return {c: i for c, i in inner.items() if c not in bound}
    axes = known_of(setting, left).tensor.axes
    letters = [c for c in left.letters if not c.isdigit()]
    if any(map(is_place, letters)):
        raise InputError("the left side is read at a place", place=place_of(left), allowed="letters")
    if len(axes) != len(left.letters) or len(set(letters)) < len(letters):
        raise InputError(
            f"{left.of.name} takes {len(axes)} different {'index' if len(axes) == 1 else 'indices'}",
            place=place_of(left),
        )
    return {c: Index(c, a) for c, a in zip(left.letters, axes, strict=True) if not c.isdigit()}
