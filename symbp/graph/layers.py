"""Layers of a directed graph: longest paths, barycentre ordering, and rows that keep their distance.

Source: K. Sugiyama, S. Tagawa, M. Toda, "Methods for visual understanding of hierarchical system structures", 1981.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise

Links = Mapping[str, Sequence[str]]
_ROUNDS = 12


def layer_of(nodes: Sequence[str], edges: Sequence[tuple[str, str]]) -> dict[str, int]:
    """The layer of every node: beyond its latest source; what reads nothing stands just before its first reader.

    `nodes` are in an order in which sources come first. Parallel edges span three layers, so that each has a way of its own.
    """
    span = {edge: 3 if count > 1 else 1 for edge, count in Counter(edges).items()}
    layer: dict[str, int] = {}
    for n in nodes:
        layer[n] = max((layer[a] + length for (a, b), length in span.items() if b == n), default=0)
    read = {b for _, b in edges}
    for n in nodes:
        readers = [layer[b] - length for (a, b), length in span.items() if a == n]
        if n not in read and readers:
            layer[n] = min(readers)
    return layer


def ordered(layers: Sequence[Sequence[str]], left: Links, right: Links) -> list[list[str]]:
    """The layers with their nodes ordered so that few edges cross; edges join neighbouring layers only."""
    best = [list(layer) for layer in layers]
    current = [list(layer) for layer in layers]
    fewest = crossings(best, right)
    for k in range(_ROUNDS):
        forward = k % 2 == 0
        for i in range(1, len(current)) if forward else range(len(current) - 2, -1, -1):
            place = {n: float(p) for p, n in enumerate(current[i - 1 if forward else i + 1])}
            own = {n: float(p) for p, n in enumerate(current[i])}
            neighbours = left if forward else right
            current[i].sort(key=lambda n, at=place, own=own, to=neighbours: _mean([at[m] for m in to[n]], own[n]))  # type: ignore[misc]
        count = crossings(current, right)
        if count < fewest:
            best, fewest = [list(layer) for layer in current], count
    return best


def crossings(layers: Sequence[Sequence[str]], right: Links) -> int:
    """How many pairs of edges cross between neighbouring layers."""
    total = 0
    for a, b in pairwise(layers):
        place = {n: p for p, n in enumerate(b)}
        ends = [sorted(place[m] for m in right[n]) for n in a]
        for i, upper in enumerate(ends):
            total += sum(p > q for lower in ends[i + 1 :] for p in upper for q in lower)
    return total


def rows(
    layers: Sequence[Sequence[str]], left: Links, right: Links, distance: Callable[[str, str], float]
) -> dict[str, float]:
    """The height of every node: near the mean of its neighbours, and `distance` from the next node of its layer.

    Heights grow downwards and start at 0.
    """
    y: dict[str, float] = {}
    for layer in layers:
        y.update(spaced(layer, {n: float(p) for p, n in enumerate(layer)}, distance))
    both = {n: [*left[n], *right[n]] for layer in layers for n in layer}
    for links in [left, right, both] * _ROUNDS + [both, left]:
        for layer in layers:
            y.update(spaced(layer, {n: _mean([y[m] for m in links[n]], y[n]) for n in layer}, distance))
    top = min(y.values())
    return {n: h - top for n, h in y.items()}


def spaced(layer: Sequence[str], wish: Mapping[str, float], distance: Callable[[str, str], float]) -> dict[str, float]:
    """The heights nearest to the wishes (least squares) at which neighbours keep their distance, in the given order."""
    offset, offsets = 0.0, []
    for k, n in enumerate(layer):
        offset += distance(layer[k - 1], n) if k else 0.0
        offsets.append(offset)
    blocks: list[tuple[float, int]] = []  # mean and length: wishes out of order are pooled
    for n, o in zip(layer, offsets, strict=True):
        mean, count = wish[n] - o, 1
        while blocks and blocks[-1][0] > mean:
            before, size = blocks.pop()
            mean, count = (before * size + mean * count) / (size + count), size + count
        blocks.append((mean, count))
    means = [mean for mean, count in blocks for _ in range(count)]
    return {n: m + o for n, m, o in zip(layer, means, offsets, strict=True)}


def _mean(values: Sequence[float], default: float) -> float:
    return sum(values) / len(values) if values else default
