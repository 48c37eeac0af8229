"""A network of layers as a diagram, before it is drawn: what its boxes are, what joins them, which of them repeat."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from symbp.network.forward import ForwardMap
from symbp.network.layers import Layer
from symbp.network.wiring import reads_of

_ALL_DRAWN = 14
"""Of so many layers all are drawn; of more, those that repeat stand once."""


@dataclass(frozen=True)
class Node:
    """A box: its text, the shape of what leaves it, and the numbers of the boxes that it reads; an input, or a target of a loss,
    has no border."""

    text: str
    shape: tuple[int, ...] = ()
    reads: tuple[int, ...] = ()
    bare: bool = False


@dataclass(frozen=True)
class Diagram:
    """Boxes, what is read standing before what reads it; `repeated` are the first and the last box of a part that stands in the
    network several times, and how often."""

    nodes: tuple[Node, ...]
    repeated: tuple[int, int, int] | None = None


def diagram_of(forward: ForwardMap) -> Diagram | None:
    """The diagram of a network; None for a map that has no layers."""
    if not forward.layers or forward.training is None:
        return None
    inputs, count = [t.name for t in forward.inputs], len(forward.inputs)
    reads = reads_of(forward.layers, inputs)
    outputs = _outputs(forward)
    shapes = {name: forward.shape(forward.program.tensors[name]) for name in (*inputs, *outputs)}
    nodes = [Node(name, shapes[name], bare=True) for name in inputs]
    for k, (layer, its) in enumerate(zip(forward.layers, reads, strict=True)):
        shape = shapes[outputs[k]] if k < len(outputs) else ()
        nodes.append(Node(_text(layer), shape, its))
    places = {name: min(count + k, len(nodes) - 1) for k, name in enumerate(outputs)} | {
        n: k for k, n in enumerate(inputs)
    }
    short, repeated, moved = _once(nodes, count)
    for term in forward.training.objective.compared:
        if term.of in places:
            at = {name: moved[k] for name, k in places.items()}
            if term.target not in at:
                short.append(Node(term.target, bare=True))
            other = at.get(term.target, len(short) - 1)
            short.append(Node(_words(term.loss.name), reads=(at[term.of], other)))
    return Diagram(tuple(short), repeated)


def _outputs(forward: ForwardMap) -> list[str]:
    """The outputs of the layers, in their order; none where something else stands before them."""
    made = [s.target.name for s in forward.program if s.target.axes and s.target.name not in forward.inner]
    more = len(made) - len(forward.layers)
    return made if more in (0, 1) else []


def _words(name: str) -> str:
    return name.replace("_", " ")


def _text(layer: Layer) -> str:
    """A layer in words: its kind, the number that it is mostly told apart by, and what else it was given that is not off."""
    parts = [_words(layer.kind)]
    for k, (name, value) in enumerate(layer.settings.items()):
        if value is True:
            parts.append(f"{',' if k else ''} {_words(name)}")
        elif value is not False:
            said = " × ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
            parts.append(f" {said}" if k == 0 else f", {_words(name)} {said}")
    shared = "".join(f", {p} of {other.split('_')[0]}" for p, other in layer.share.items())
    return "".join(parts) + shared


def _once(nodes: Sequence[Node], first: int) -> tuple[list[Node], tuple[int, int, int] | None, Mapping[int, int]]:
    """The boxes with a part that repeats standing once, the part, and where each box stands now; `first` is the first layer."""
    same = {k: k for k in range(len(nodes))}
    found = _repetition(nodes, first) if len(nodes) - first > _ALL_DRAWN else None
    if found is None:
        return [*nodes], None, same
    start, period, times = found
    end = start + period * times

    def now(k: int) -> int:
        if k < start:
            return k
        return start + (k - start) % period if k < end else k - period * (times - 1)

    kept = [k for k in same if not start + period <= k < end]
    short = [replace(nodes[k], reads=tuple(map(now, nodes[k].reads))) for k in kept]
    return short, (start, start + period - 1, times), {k: now(k) for k in same}


def _repetition(nodes: Sequence[Node], first: int) -> tuple[int, int, int] | None:
    """The part that repeats most: where it begins, how long it is, and how often it stands there one after the other.

    Nothing behind it reads what is inside of it but its end, and nothing in it what is before it but the box in front.
    """
    kinds = [(n.text, n.shape, tuple(k - r for r in n.reads)) for k, n in enumerate(nodes)]
    best: tuple[int, int, int] | None = None
    for start in range(first, len(nodes)):
        for period in range(2, (len(nodes) - start) // 2 + 1):
            times = 1
            while kinds[start + times * period : start + (times + 1) * period] == kinds[start : start + period]:
                times += 1
            if (
                times > 1
                and (best is None or times * period > best[1] * best[2])
                and _apart(nodes, start, period, times)
            ):
                best = start, period, times
    return best


def _apart(nodes: Sequence[Node], start: int, period: int, times: int) -> bool:
    """Whether a part is joined to the rest by its ends alone."""
    end = start + period * times
    within = all(r >= start - 1 for k in range(start, start + period) for r in nodes[k].reads)
    return within and not any(start <= r < end - 1 for n in nodes[end:] for r in n.reads)
