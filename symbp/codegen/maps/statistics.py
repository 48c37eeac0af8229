"""Statistics leave no adjoints in a map's code: those of means, norms and other numbers for each row are put into what they
are about."""

from __future__ import annotations

from symbp.calculus.eliminate_intermediates import eliminate_intermediates
from symbp.calculus.sweep import Backward
from symbp.network.forward import ForwardMap


def without_statistics(backward: Backward, forward: ForwardMap) -> Backward:
    """The adjoints of means, norms and other numbers for each row put into what they are about, where the algebra gets simpler.

    Layer norm's three terms come out of it; adjoints of the author's other names stay, to be read.
    """
    tensors = backward.forward.tensors
    through = [
        s.target.name
        for s in backward.forward
        if s.target.name in forward.inner
        or (s.target.name not in forward.results and any({*s.target.axes} < {*tensors[r].axes} for r in s.reads))
    ]
    return eliminate_intermediates(backward, through, statement_cost=0) if through else backward
