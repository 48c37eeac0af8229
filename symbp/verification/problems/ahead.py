"""What the lines of a problem read before it is defined, as a recurrence does: ``h[n,t-1,l]`` above the line of ``h[n,t,j]``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from symbp.calculus.builder import Scope
from symbp.calculus.indices import Axis
from symbp.calculus.program import Tensor
from symbp.calculus.read_ahead import read_ahead
from symbp.calculus.syntax import Node, parse
from symbp.errors import InputError
from symbp.verification.meaning.setting import Known


def ahead(lines: Iterable[str], known: Mapping[str, Known], lengths: Iterable[str]) -> dict[str, Known]:
    """The tensors that a line reads and a later one, or itself, defines; of lines in the index language."""
    tensors = {name: k.tensor for name, k in known.items()}
    axes = {a.name: a for t in tensors.values() for a in t.axes} | {c: Axis(c) for c in lengths}
    found = read_ahead(_trees(lines), Scope(tensors, spare=axes)).ahead
    return {name: _known(t) for name, t in found.items()}


def _trees(lines: Iterable[str]) -> Iterator[Node]:
    for line in lines:
        try:
            yield parse(line)
        except InputError:
            continue  # it is written otherwise, and judged where it is read


def _known(tensor: Tensor) -> Known:
    return Known(tensor, tensor.axes, tuple(range(len(tensor.axes))))
