"""The pieces of code that a derivation needs: forward map, objective, loss, gradients, update, learning rate; each lowered."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sympy import Expr, Indexed, Integer

from symbp.calculus.functions import xlogy
from symbp.calculus.program import Program, Statement, name_of
from symbp.calculus.reductions import Reduction, Sum, rewrite
from symbp.codegen.block import Block
from symbp.codegen.labels import at_labels, placed
from symbp.codegen.lower import lower, trees
from symbp.network import Optimizer
from symbp.network.derivation import Derivation, schedule_program


@dataclass(frozen=True)
class Parts:
    """The code of a network: its forward map, its objective, the loss from predictions alone, its gradients.

    ``inputs_gradient`` continues ``backward`` to the gradient of the input, which training does not need; ``cache`` names
    what the forward map keeps for the others. Where targets are standardised, ``targets`` does it, and ``units`` takes the
    prediction back; both are None elsewhere. ``inference`` is the forward map outside training, None where that is the same.
    ``places`` are the targets whose labels need no one-hot rows.
    """

    forward: Block
    objective: Block
    loss: Block
    backward: Block
    inputs_gradient: Block
    cache: tuple[str, ...]
    targets: Block | None = None
    units: Block | None = None
    inference: Block | None = None
    places: tuple[str, ...] = ()

    @property
    def blocks(self) -> tuple[Block, ...]:
        """All of them."""
        more = [b for b in (self.targets, self.units, self.inference) if b is not None]
        return self.forward, self.objective, self.loss, self.backward, self.inputs_gradient, *more


def parts(d: Derivation, labels: Collection[str] = ()) -> Parts:
    """Lower the five pieces of a derivation for a batch; `labels` are the targets that may be integer labels as places."""
    program, sizes = d.program, d.map.sizes
    given = {t.name for t in program.declared}
    examples, targets = ({t.name for t in some} for some in (d.map.inputs, d.map.targets))
    computed = {n for n in _from_input(d) if program.tensors[n].axes}
    gradients = [d.backward.adjoint[p.tensor.name] for p in d.map.parameters]
    compared = {*d.map.compared, *targets, *(examples if not d.map.plain else ())}
    at_targets = {
        "objective": trees(d.forward, ["J"], given | computed, sizes=sizes),
        "loss": trees(_data_loss(d), ["J"], compared, sizes=sizes),
        "backward": trees(program, gradients, given | computed, sizes=sizes),
    }
    more = given | computed | {*at_targets["backward"].names}
    wanted = [d.backward.adjoint[t.name] for t in d.map.inputs if not t.integer]
    at_targets["inputs_gradient"] = trees(program, wanted, more, sizes=sizes)
    looked_at = {
        n for some in at_targets.values() for n in some.read_in_loops
    }  # step by step, where no label is a place
    apart = [n for n in labels if n not in looked_at]
    places = placed([root for some in at_targets.values() for root in some.values], apart)
    blocks = {
        n: some.changed(at_labels(root, places) for root in some.values).block() for n, some in at_targets.items()
    }
    parameters = {p.tensor.name for p in d.map.parameters} | {s.tensor.name for s in d.map.state}
    units = d.map.units
    read = {n for name, b in blocks.items() if name != "loss" for n in b.inputs}
    reads = read - parameters - targets - {*blocks["backward"].names}
    cache = tuple(n for n in program.tensors if n in reads or n in examples)
    wanted = [n for n in cache if n in computed] + [n for n in d.map.compared if n == "yhat" or n not in cache]
    return Parts(
        forward=lower(d.forward, wanted, given - targets, sizes=sizes),
        **blocks,
        cache=cache,
        targets=lower(d.forward, ["v"], given, sizes=sizes) if units else None,
        inference=lower(d.map.inferring, d.map.compared, given - targets, sizes=sizes) if d.map.inference else None,
        units=lower(units, ["y_hat"], sizes=sizes) if units else None,
        places=tuple(n for n in labels if n in places),
    )


def terms_at_labels(d: Derivation) -> bool:
    """Whether in the loss of a prediction only the terms at the labels are not 0: prediction and one-hot target stand in sums
    over the classes alone, entry by entry, and a term is 0 where the target is."""
    axes, j = d.forward.tensors["yhat"].axes, _data_loss(d).definitions["J"].body

    def mine(e: Expr) -> bool:
        return isinstance(e, Indexed) and name_of(e) in ("yhat", "y")

    def without_target(e: Expr) -> Expr:
        target = mine(e) and name_of(e) == "y"
        return Integer(0) if target or (isinstance(e, xlogy) and e.args[0] == 0) else e

    def allowed(e: Expr) -> bool:
        if isinstance(e, Sum) and e.axis == axes[-1]:
            index, body = e.opened()
            places = {x.indices for x in body.atoms(Indexed) if mine(x)}
            rest = rewrite(body, without_target)
            return len(places) == 1 and next(iter(places))[-1] == index and rest == 0
        inside = (e.opened()[1],) if isinstance(e, Reduction) else e.args
        return not mine(e) and all(map(allowed, inside))

    return len(axes) == 2 and axes[-1].size not in j.free_symbols and allowed(j)


def _from_input(d: Derivation) -> set[str]:
    """What depends on the inputs: all statements do but the regularisation terms."""
    inputs = {t.name for t in d.map.inputs}
    found, count = {*inputs}, -1
    while count < len(found):  # in a recurrence a statement may read what stands behind it
        count = len(found)
        found.update(s.target.name for s in d.forward if not found.isdisjoint(s.reads))
    return found - inputs


def _data_loss(d: Derivation) -> Program:
    """The program with the terms of the objective dropped that do not depend on the input.

    The loss of predictions alone compares them with the targets as they are, not standardised.
    """
    program = d.forward
    j = program.definitions["J"]
    dependent = _from_input(d)
    apart = [program.tensors[r] for r in j.reads if r in program.definitions and r not in dependent]
    terms = {t.symbol: 0 for t in apart if not t.axes}
    body = j.body.xreplace(terms)
    if d.map.units:
        y = program.tensors["y"]
        body = rewrite(body, lambda e: y[e.indices] if isinstance(e, Indexed) and name_of(e) == "v" else e)
    new = Statement(j.target, j.indices, body, j.label)
    return program.with_statements(*(new if s is j else s for s in program.statements))


def lower_schedule(optimizer: Optimizer) -> Block:
    """The learning rate of an epoch, in Python numbers."""
    program = schedule_program(optimizer)
    return lower(program, ["lr_t"], plain=[t.name for t in program.declared])
