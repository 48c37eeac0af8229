"""What the names of a hand-written backward function mean: gradients, upstreams, caches, and what the forward function has."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from symbp.errors import InputError, shown
from symbp.formula.python.module import Module
from symbp.formula.python.signature import Argument
from symbp.formula.python.values import Group, Value
from symbp.formula.syntax import Name
from symbp.verification.problems.function import FunctionProblem

_GRADIENTS = (
    "d{}",
    "d_{}",
    "grad_{}",
    "{}_grad",
    "g_{}",
    "dL_d{}",
    "dJ_d{}",
    "dloss_d{}",
    "delta_{}",
    "grad{}",
    "{}_bar",
)
"""What people call the gradient of a name."""
_UPSTREAMS = ("dout", "dy", "grad_output", "grad_out", "grad", "upstream", "g", "G", "dL", "delta", "gradient")
"""What people call the gradient that comes from behind, where they do not name it after a result."""
TARGETS = ("y", "Y", "t", "T", "target", "targets", "label", "labels", "onehot", "one_hot", "y_true", "y_onehot", "Y_onehot",
            "p", "q")  # fmt: skip
"""What people call targets, whose rows add up to one where they are one-hot."""
_CACHES = re.compile(r"cache|ctx|saved|tape|memory|stash|intermediates?", re.IGNORECASE)


def gradient_of(written: str, names: Mapping[str, str]) -> str | None:
    """What a name is the gradient of, by what people call gradients: one of `names`, as it is called here; None where of none."""
    for pattern in _GRADIENTS:
        before, after = pattern.split("{}")
        if written.startswith(before) and written.endswith(after) and len(written) > len(before) + len(after):
            of = written[len(before) : len(written) - len(after)]
            if of in names:
                return names[of]
    return None


class Matching:
    """What names of a backward function mean in the forward function."""

    def __init__(self, forward: FunctionProblem) -> None:
        self.forward = forward
        self.names = {a.name: a.name for a in forward.function.body}
        self.names |= {a.written: a.name for a in forward.function.body if a.depth == 0}
        self.names |= {a.written: a.name for a in forward.function.arguments}
        self.names |= {n: n for n in forward.forward_map.results}
        self.upstreams = [*forward.forward_map.upstream.values()]
        self.axes = {word for a in forward.function.arguments for word in (a.axes or "").split()}

    def gradient(self, written: str) -> str | None:
        """The gradient that a name stands for, as the judge calls it; None where it is the author's own."""
        of = gradient_of(written, self.names)
        return f"d{of}" if of is not None and f"d{of}" in self.forward.setting.known else None

    def meaning(self, written: str) -> str | None:
        """What a name stands for, a gradient or a tensor of the forward function; None where it is the author's own."""
        if written in self.names and not written.startswith("d"):
            return self.names[written]  # g_pos, where the forward function has one
        return self.gradient(written) or self.names.get(written)

    def taken(self, name: str) -> bool:
        """Whether a name of the author's own would mean something to the judge: a tensor, an axis, nearly a derivative."""
        return bool(self.meaning(name)) or name in self.axes or re.match(r"d[A-Za-z]|delta", name) is not None

    def known(self, module: Module, arguments: Sequence[Argument]) -> dict[str, Value]:
        """What the arguments of the backward function stand for: caches, upstreams, tensors of the forward function by name.

        Raises
        ------
        InputError : for an argument that is none of them
        """
        found: dict[str, Value] = {}
        caches, upstreams = dict(self.forward.function.caches), [*self.upstreams]
        for a in arguments:
            gradient = self.gradient(a.written)
            if gradient in upstreams:
                found[a.written] = Name(gradient)
                upstreams.remove(gradient)
            elif a.written in caches:
                found[a.written] = caches.pop(a.written)
            elif a.written in self.names:
                found[a.written] = Name(self.names[a.written])
        for a in (a for a in arguments if a.written not in found):
            if a.written in _UPSTREAMS and upstreams:
                found[a.written] = Name(upstreams.pop(0))
            elif _CACHES.search(a.written):
                found[a.written] = caches.pop(next(iter(caches))) if caches else self._by_name()
            elif a.default is None and upstreams and a.axes is None and len(upstreams) == 1:
                found[a.written] = Name(upstreams.pop(0))
            else:
                raise InputError(
                    f"what the argument {shown(a.written)} is cannot be told",
                    place=module.place(a.span.start),
                    allowed=", ".join([*self.upstreams, *self.names, "cache"]),
                )
        return found

    def _by_name(self) -> Group:
        """Everything that the forward function has, by its name: a cache of which only names are known."""
        known = {**self.names, **{n: n for n in self.upstreams}}
        return Group({written: Name(name) for written, name in known.items()}, open=True)
