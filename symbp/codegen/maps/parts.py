"""The two pieces of code of a map: its results, and from what those keep the gradients of its arguments."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, replace

from symbp.calculus.indices import Axis
from symbp.calculus.program import Tensor
from symbp.codegen.block import Block
from symbp.codegen.lower import Shared, trees
from symbp.codegen.maps.divisors import without_divisors
from symbp.codegen.maps.statistics import without_statistics
from symbp.codegen.passes import Draft, resolve_aliases
from symbp.codegen.sharing import common, repeated, with_exponentials
from symbp.network.derivation import Derivation, derive
from symbp.network.forward import ForwardMap, pointed


@dataclass(frozen=True)
class Kept:
    """An expression that the way back needs too: as it is computed, and its axes."""

    text: str
    axes: tuple[Axis, ...]


@dataclass(frozen=True)
class MapParts:
    """The code of a map, and what is given to it and asked of it, each in the order of its author.

    ``cache`` names the tensors that the way forward keeps for the way back, ``shared`` what else it keeps, by its variable.
    """

    derivation: Derivation
    arguments: tuple[Tensor, ...]
    upstreams: tuple[Tensor, ...]
    results: tuple[Tensor, ...]
    gradients: tuple[tuple[str, str], ...]
    forward: Block
    backward: Block
    cache: tuple[str, ...]
    shared: Mapping[str, Kept]

    def ones(self, t: Tensor) -> tuple[int, ...]:
        """The places of axes of length 1 in the array of an argument, a result or its upstream; tensors do not have them."""
        return self.derivation.map.ones.get(t.of or t.name, ())

    def shape(self, t: Tensor) -> tuple[str, ...]:
        """The names of the axes of its array; those of length 1 are called 1."""
        names = [a.name for a in t.axes]
        for place in self.ones(t):
            names.insert(place, "1")
        return tuple(names)

    def view(self, t: Tensor, new: str) -> str:
        """The view of an array without the axes of length 1 (`new` is 0), or with them (None)."""
        places, rank = self.ones(t), len(t.axes) + len(self.ones(t))
        return f"[{', '.join(new if k in places else ':' for k in range(rank))}]" if places else ""

    @property
    def whole(self) -> Mapping[str, Axis]:
        """The arguments of whole numbers, each with the axis into which it points."""
        return pointed(self.derivation.map.program)

    @property
    def scalar(self) -> bool:
        """Whether the one result is the number that is differentiated."""
        return not self.upstreams


def map_parts(forward: ForwardMap) -> MapParts:
    """Derive and lower a map.

    Raises
    ------
    InputError : where a function has no definition or no form in NumPy
    """
    d = derive(forward, batch=True)
    d = replace(d, backward=without_divisors(without_statistics(d.backward, forward)))
    sizes, follows, plain = forward.sizes, forward.follows, forward.defaults
    declared = frozenset(t.name for t in d.program.declared)
    program = resolve_aliases(Draft(d.program, (), declared)).program  # dO = G: equations speak of G, as the code does
    results = tuple(program.tensors[r] for r in forward.results or (forward.loss,))
    upstreams = tuple(program.tensors[forward.upstream[r.name]] for r in results if forward.upstream)
    outside = {t.name for t in upstreams}
    arguments = tuple(t for t in forward.program.declared if t.name not in outside)
    gradients = tuple(
        (t.name, d.backward.adjoint[t.name]) for t in arguments if t.name in d.backward.adjoint and t.name not in plain
    )
    given, computed = {t.name for t in arguments}, {s.target.name for s in d.forward} - {forward.loss}
    computed |= {r.name for r in results}
    back = trees(
        program, [g for _, g in gradients], given | computed | outside, sizes=sizes, follows=follows, plain=plain
    )
    first = trees(d.forward, [r.name for r in results], given, sizes=sizes, follows=follows, plain=plain)
    names = back.writer.names
    back = back.changed(with_exponentials(back.values, first.values, names))
    kept = common(first.values, back.values, names)
    free = (f"c{k}" for k in itertools.count(1) if f"c{k}" not in names.values())
    shared = Shared({text: next(free) for text in kept}, kept)
    backward = back.block(shared, repeated(back.values, names, shared.names), given=True)
    cache = tuple(n for n in backward.inputs if n not in outside)
    there = trees(
        d.forward,
        dict.fromkeys([*(r.name for r in results), *(n for n in cache if n in computed)]),
        given,
        sizes=sizes,
        follows=follows,
        plain=plain,
    )
    there = there.changed(with_exponentials(there.values, first.values, names))
    mine = Shared({text: v for text, v in shared.names.items() if text in backward.shared}, kept)
    forward_block = there.block(mine, repeated(there.values, names, mine.names))
    extra = {v: Kept(text, tuple(i.axis for i in kept[text].axes)) for text, v in mine.names.items()}
    return MapParts(d, arguments, upstreams, results, gradients, forward_block, backward, cache, extra)
