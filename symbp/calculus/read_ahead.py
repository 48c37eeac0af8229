"""What lines read before it is defined: in a recurrence, ``h[n,t-1,l]`` stands in a line above that of ``h[n,t,j]``.

The axes of such a tensor follow from the letters on the left of its own line, and those from the lines where they are read.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from symbp.calculus.builder import Scope
from symbp.calculus.indices import Axis
from symbp.calculus.program import Tensor
from symbp.calculus.syntax import Node, place_of, reads
from symbp.errors import InputError


def read_ahead(trees: Iterable[Node], scope: Scope) -> Scope:
    """The scope of some lines, with the tensors that one of them reads and a later one, or itself, defines.

    Raises
    ------
    InputError : a tensor that is read ahead, of whose axes nothing says the length
    """
    trees = tuple(trees)
    defined = [str(tree.children[0].children[0]) for tree in trees]
    ahead = [n for k, n in enumerate(defined) if any(n in _read(tree.children[1]) for tree in trees[: k + 1])]
    ahead = [n for n in dict.fromkeys(ahead) if n not in scope.tensors]
    if not ahead:
        return scope
    lefts = {n: [str(c) for c in tree.children[0].children[1:]] for n, tree in zip(defined, trees, strict=True)}
    axes = _inferred(trees, scope)
    found = dict[str, Tensor]()
    for n in ahead:
        lost = [c for k, c in enumerate(lefts[n]) if (n, k) not in axes and c not in scope.spare]
        if lost:
            raise InputError(
                f"index {lost[0]} of {n}, which is read ahead, indexes no other tensor, so its length is not known",
                place=place_of(trees[defined.index(n)]),
                allowed="a tensor that is read at the letter alone, or its length in lengths",
            )
        found[n] = Tensor(n, tuple(axes.get((n, k)) or scope.spare[c] for k, c in enumerate(lefts[n])))
    return replace(scope, ahead=found)


def _read(tree: Node) -> set[str]:
    """The names of the tensors that are read in a tree."""
    return {str(node.children[0]) for node in tree.iter_subtrees() if node.data == "read"}


def _inferred(trees: Sequence[Node], scope: Scope) -> dict[tuple[str, int], Axis]:
    """The axis of every slot of every tensor of the lines, as far as the letters that stand there say it."""
    known = {(n, k): axis for n, t in scope.tensors.items() for k, axis in enumerate(t.axes)}
    lines = [[(str(t), k, str(c)) for t, k, c in reads(tree, None)] for tree in trees]
    count = -1
    while count < len(known):
        count = len(known)
        for line in lines:
            letters: Mapping[str, Axis] = {
                **{c: known[t, k] for t, k, c in reversed(line) if (t, k) in known}, **scope.axes
            }  # fmt: skip
            for t, k, c in line:
                if c in letters:
                    known.setdefault((t, k), letters[c])
    return known
