"""Where the letters of a layer run at its place in a network: found from its signature and its lines as text, before anything
is built, so that axes that meet can be made one first."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from symbp.calculus.indices import Axis
from symbp.calculus.language import parse, reads
from symbp.catalogue.kinds import LayerKind
from symbp.errors import InputError, counted
from symbp.network import settings as check
from symbp.network.axes import Axes
from symbp.network.forward import BATCH
from symbp.network.lengths import length

LETTERS = "ijklpqrs"
"""The letters of axes that a kind does not write out."""


@dataclass(frozen=True)
class Given:
    """What a layer reads at its place: how a message speaks of it, and its axes."""

    said: str
    axes: tuple[Axis, ...]


@dataclass(frozen=True)
class Layout:
    """A kind at its place: written out for its inputs, the names that it has for them, the axis of every letter, and the axes of
    its output."""

    kind: LayerKind
    own: tuple[str, ...]
    letters: Mapping[str, Axis]
    output: tuple[Axis, ...]

    def axes(self, letters: Sequence[str], axes: Axes) -> tuple[Axis, ...]:
        """The axes of some of its letters."""
        return tuple(axes.one(self.letters[c]) for c in letters)


def signature(text: str) -> list[str]:
    """A tensor with its letters, such as ``x[n,i]``, as [name, letter, ...]."""
    tree = parse(text, "expr")
    if tree.data != "read" or any(child.data != "name" for child in tree.children[1:]):
        raise InputError(f"{text!r} is no tensor with its index letters", allowed="for example x[n,i]")
    return [str(tree.children[0]), *(str(child.children[0]) for child in tree.children[1:])]


def laid_out(
    kind: LayerKind,
    given: Sequence[Given],
    sizes: Mapping[str, Axis],
    shared: Mapping[str, Given],
    settings: Mapping[str, Any],
    suffix: str,
    axes: Axes,
) -> Layout:
    """Lay a kind out over its inputs, and make the axes one that meet in it.

    Parameters
    ----------
    kind : the layer kind
    given : its inputs, in its order
    sizes : the axes of the letters that settings give a length
    shared : parameters that another layer has, in the order of the letters of this one
    settings : the values of numeric settings, which lengths may name
    suffix : what tells the axes of this layer from those of others
    axes : the axes of the network so far; those that meet are joined in it

    Raises
    ------
    InputError : the number of inputs or of their axes, lengths that differ where axes meet, a letter without a length
    """
    kind = _written_out(_joined(kind, given, axes), [len(g.axes) for g in given])
    own, letters = list[str](), dict[str, Axis]()
    said: dict[str, str] = {}
    for text, its in zip(kind.takes, given, strict=True):
        name, *indices = signature(text)
        own.append(name)
        if len(indices) != len(its.axes):
            raise InputError(
                f"{kind.name} takes {_counted(len(indices) - 1)} for each example, "
                f"and its input{f' {its.said}' if its.said else ''} has the shape {axes.shape(its.axes)}",
                allowed=text,
            )
        for c, axis in zip(indices, its.axes, strict=True):
            if not axes.join(letters.setdefault(c, axis), axis):
                raise InputError(
                    f"{kind.name} joins {' and '.join(g.said or 'its input' for g in given)}, and axis {c} has the length "
                    f"{axes.size(letters[c])} in {said[c]} and {axes.size(axis)} in {its.said}",
                    allowed="equal lengths",
                )
            said.setdefault(c, its.said)
    _set(kind, sizes, letters, said, axes)
    for p, its in shared.items():
        wanted = kind.parameters[p].split()
        if len(wanted) != len(its.axes):
            raise InputError(
                f"parameter {p} of layer {kind.name} has {_counted(len(wanted))}, and {its.said} has the shape "
                f"{axes.shape(its.axes)}"
            )
        for c, axis in zip(wanted, its.axes, strict=True):
            if not axes.join(letters.setdefault(c, axis), axis):
                lengths = ", ".join(str(axes.size(letters[c])) if c in letters else c for c in wanted)
                raise InputError(
                    f"parameter {p} of layer {kind.name} is shared with {its.said}, which has the shape "
                    f"{axes.shape(its.axes)}, and has the shape ({lengths}) here",
                    allowed="equal lengths; NAME[j,i] shares a transposed one",
                )
    for c, text in kind.lengths.items():
        there = {**settings, **{name: n for name, a in letters.items() if (n := axes.size(a)) is not None}}
        letters[c] = axes.fresh(f"{c}{suffix}", _length(kind, c, text, there))
    for short, long, words in kind.no_more:
        known_lengths = [axes.size(letters[c]) if c in letters else None for c in (short, long)]
        if None not in known_lengths and known_lengths[0] > known_lengths[1]:  # type: ignore[operator]
            raise InputError(
                f"layer {kind.name}: {words.format(*known_lengths)}", allowed=f"{known_lengths[1]} or fewer"
            )
    for one, other in kind.alike:
        there = {name: n for name, a in letters.items() if (n := axes.size(a)) is not None}
        if length(one, there) != length(other, there):
            message = f"{kind.name} makes {length(one, there)} numbers of {length(other, there)} for each example"
            raise InputError(message, allowed="as many")
    known = _inferred(kind, own, given, letters, {*sizes, *kind.lengths})
    result, *its_letters = signature(kind.output)
    if not kind.forward or _left(kind.forward[-1]) != [result, *its_letters]:
        raise InputError(f"the last forward line of layer {kind.name} does not define {kind.output}")
    if any(BATCH in g.axes for g in given) and known.get((result, 0)) != BATCH:
        raise InputError(f"layer {kind.name} does not keep the batch axis first", allowed=f"{result}[n,...]")
    lost = [c for k, c in enumerate(its_letters) if (result, k) not in known]
    if lost:
        raise InputError(
            f"index {lost[0]} of the output {kind.output} of layer {kind.name} indexes no tensor in its forward lines, so its "
            "length is not known"
        )
    return Layout(kind, tuple(own), letters, tuple(known[result, k] for k in range(len(its_letters))))


def _set(
    kind: LayerKind, sizes: Mapping[str, Axis], letters: dict[str, Axis], said: Mapping[str, str], axes: Axes
) -> None:
    """Give letters the axes that settings say, which are those of the inputs where these have them too."""
    for c, axis in sizes.items():
        if not axes.join(letters.setdefault(c, axis), axis):
            raise InputError(
                f"axis {c} of layer {kind.name} has the length {axes.size(axis)} by its setting and {axes.size(letters[c])} in "
                f"{said.get(c) or 'its input'}",
                allowed="equal lengths",
            )


def _length(kind: LayerKind, letter: str, text: str, there: Mapping[str, Any]) -> int:
    """A length that follows from others, or InputError with what it follows from where it is none."""
    settings = {c: name for name, its in kind.sizes.items() for c in its.split()}
    settings |= {c: name for name, (its, _) in kind.wholes.items() for c in its.split()}
    words = {settings.get(n, n): there[n] for n in re.findall(r"[A-Za-z]\w*", text) if n in there}
    known = f"where {', '.join(f'{n} = {value}' for n, value in words.items())}"
    try:
        value = length(text, there)
    except InputError as e:
        said = f"layer {kind.name}: {e.message} {known}"
        raise InputError(said, allowed=e.allowed, nearest=e.nearest) from None
    if value >= 1:
        return check.size(f"layer {kind.name}", f"axis {letter}", value)
    if "kernel_size" in kind.sizes:
        raise InputError(
            f"the kernel of layer {kind.name} is larger than its input with its padding: axis {letter} would have the length "
            f"{value} {known}",
            allowed="a smaller kernel_size, or more padding",
        )
    raise InputError(f"axis {letter} of layer {kind.name} would have the length {value} {known}: {text}")


def _counted(count: int) -> str:
    return f"{count} ax{'i' if count == 1 else 'e'}s"


def _left(line: str) -> list[str]:
    name, *letters = parse(line).children[0].children
    return [str(name), *map(str, letters)]


def _joined(kind: LayerKind, given: Sequence[Given], axes: Axes) -> LayerKind:
    """A kind that joins, written out for so many inputs; or InputError where a kind takes another number of them."""
    if not kind.joins:
        if len(given) != len(kind.takes):
            raise InputError(
                f"{kind.name} takes {counted(len(kind.takes), 'input')}, got {len(given)}",
                allowed=", ".join(kind.takes),
            )
        return kind
    if len(given) < 2:
        raise InputError(f"{kind.name} takes two inputs or more, got {len(given)}", allowed='inputs = ["x", "h"]')
    own = signature(kind.input.replace("...", "dots"))[0]
    names = [f"{own}{k + 1}" for k in range(len(given))]
    left, right = kind.forward[-1].split("=")
    texts = [right.replace(f"{own}[", f"{name}[") for name in names]
    inputs = [kind.input.replace(f"{own}[", f"{name}[") for name in names]
    if kind.stacks:
        place, before = signature(kind.input.replace("...", "dots")).index(kind.stacks) - 1, 0
        letters = [f"{kind.stacks}{k + 1}" for k in range(len(given))]
        inputs = [text.replace(f",{kind.stacks}", f",{c}") for text, c in zip(inputs, letters, strict=True)]
        for k, its in enumerate(given):
            texts[k] = texts[k].replace("before", str(before))
            before += axes.size(its.axes[place]) or 0 if place < len(its.axes) else 0
        kind = replace(
            kind, lengths={c: its.replace(kind.stacks, "+".join(letters)) for c, its in kind.lengths.items()}
        )
    return replace(kind, inputs=tuple(inputs), forward=(*kind.forward[:-1], f"{left}= {kind.joins.join(texts)}"))


def _written_out(kind: LayerKind, ranks: Sequence[int]) -> LayerKind:
    """The layer kind with ``...`` replaced by letters, n for the batch first."""
    open_ = next(((t, rank) for t, rank in zip(kind.takes, ranks, strict=True) if "..." in t), None)
    if open_ is None:
        return kind
    text, rank = open_
    taken = {c for line in (*kind.takes, *kind.forward) for c in line if c in LETTERS}
    batch = [] if "[n," in text else ["n"]
    dots = ",".join([*batch, *[c for c in LETTERS if c not in taken]][: max(0, rank - text.count(","))])

    def with_dots(line: str) -> str:
        return line.replace("...", dots) if dots else re.sub(r",\s*\.\.\.", "", line)

    return replace(
        kind,
        input=with_dots(kind.input),
        inputs=tuple(map(with_dots, kind.inputs)),
        output=with_dots(kind.output),
        forward=tuple(map(with_dots, kind.forward)),
        update=tuple(map(with_dots, kind.update)),
        inference=tuple(map(with_dots, kind.inference)),
        noise={name: (with_dots(axes), rate) for name, (axes, rate) in kind.noise.items()},
        lengths={c: its.replace("product(...)", dots.replace(",", "*")) for c, its in kind.lengths.items()},
        alike=tuple((a, b.replace("product(...)", dots.replace(",", "*"))) for a, b in kind.alike),
    )


def _inferred(
    kind: LayerKind, own: Sequence[str], given: Sequence[Given], axes: dict[str, Axis], declared: Collection[str]
) -> dict[tuple[str, int], Axis]:
    """The axis of every place of every tensor of the kind; the letters of its parameters are added to `axes`: given, or the one
    that a letter is read together with in a forward line. Those that are `declared` have their axis wherever they stand on the
    left."""
    places = [[(str(t), k, str(c)) for t, k, c in reads(parse(line), None)] for line in kind.forward]
    known = {(name, k): a for name, its in zip(own, given, strict=True) for k, a in enumerate(its.axes)}
    for left in map(_left, kind.forward):
        known |= {(left[0], k): axes[c] for k, c in enumerate(left[1:]) if c in declared}
    wanted = {name: letters.split() for name, letters in kind.parameters.items()}
    wanted |= {name: letters.split() for name, letters in kind.states.items()}
    wanted |= {name: its.split(",") for name, (its, _) in kind.noise.items()}
    while True:
        known |= {(p, k): axes[c] for p, letters in wanted.items() for k, c in enumerate(letters) if c in axes}
        before = len(known), len(axes)
        for line in places:
            runs = {c: known[t, k] for t, k, c in line if (t, k) in known}
            known |= {(t, k): runs[c] for t, k, c in line if c in runs and (t, k) not in known}
        for p, letters in wanted.items():
            for k, c in enumerate(letters):
                if (p, k) in known:
                    axes.setdefault(c, known[p, k])
        if (len(known), len(axes)) == before:
            break
    for p, its in kind.parameters.items():
        for c in its.split():
            if c not in axes:
                raise InputError(
                    f"axis {c} of parameter {p} of layer {kind.name} has no length", allowed=f"{c} = NUMBER"
                )
    return known
