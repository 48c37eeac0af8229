"""The graph: gates, the reverse sweep over all of them, and on every edge the local gradient of its gate."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cached_property

from sympy import Expr

from symbp.calculus.language import Scope, read_statement
from symbp.calculus.program import Program, Statement, Tensor
from symbp.calculus.sweep import Backward, reverse
from symbp.errors import InputError, shown
from symbp.graph.gate import COMPARISONS, Gate
from symbp.graph.read import read_gates


@dataclass(frozen=True)
class Edge:
    """`source` is operand number `slot` of the gate `target`; `local` is d(target)/d(source) along this edge."""

    source: str
    target: str
    slot: int
    local: Expr


@dataclass(frozen=True)
class Graph:
    """A computational graph of scalars.

    `backward` holds the forward program, one statement a gate, and behind it the adjoint of every node but the output.
    """

    inputs: tuple[str, ...]
    gates: tuple[Gate, ...]
    edges: tuple[Edge, ...]
    backward: Backward

    @property
    def output(self) -> str:
        """The node that is differentiated: the name on the left of the last statement."""
        return self.gates[-1].name

    @property
    def nodes(self) -> tuple[str, ...]:
        """Every node: the inputs in order of appearance, then the gates in order of evaluation."""
        return (*self.inputs, *(g.name for g in self.gates))

    @cached_property
    def gate(self) -> dict[str, Gate]:
        """Every gate by the name of its node."""
        return {g.name: g for g in self.gates}

    @cached_property
    def reach(self) -> frozenset[str]:
        """The nodes from which a path leads to the output."""
        found = {self.output}
        for g in reversed(self.gates):
            if g.name in found:
                found.update(g.sources)
        return frozenset(found)

    @cached_property
    def backward_order(self) -> tuple[str, ...]:
        """The nodes in the order in which their gradients are known: gates from the output back, then the inputs."""
        return (*(g.name for g in reversed(self.gates)), *self.inputs)

    def paths(self, node: str) -> tuple[Edge, ...]:
        """The edges that leave `node` towards the output: along each comes one contribution to its gradient."""
        return tuple(e for e in self.edges if e.source == node and e.target in self.reach)

    def into(self, node: str) -> tuple[Edge, ...]:
        """The edges that `node` reads, by operand."""
        return tuple(e for e in self.edges if e.target == node)

    @cached_property
    def forks(self) -> frozenset[str]:
        """The nodes whose gradient adds several paths."""
        count = Counter(e.source for e in self.edges if e.target in self.reach)
        return frozenset(n for n, k in count.items() if k > 1)


def read_graph(text: str) -> Graph:
    """The graph of scalar statements such as ``v = x*y; u = w + v; f = u*z``.

    Names that are read and never assigned are the inputs; the last name assigned is the output. Every operation of a
    compound expression becomes a gate of its own.

    Raises
    ------
    InputError : where the text is unreadable or is no program of scalars
    """
    inputs, gates = read_gates(text)
    output = gates[-1].name
    program = Program(tuple(Tensor(name, (), "input") for name in inputs))
    for gate in gates:
        program = program.extended(_statement(f"{gate.name} = {gate.expression}", program.tensors, gate.expression))
    nodes = [*inputs, *(g.name for g in gates if g.name != output)]
    backward = reverse(program, loss=output, wrt=nodes, name=lambda t: f"d{output}_d{t.name}")
    edges = tuple(edge for gate in gates for edge in _edges(gate))
    return Graph(inputs, gates, edges, backward)


def _statement(line: str, tensors: dict[str, Tensor], written: str) -> Statement:
    try:
        return read_statement(line, Scope(tensors))
    except InputError as e:  # the place that it knows is one in a line that we made
        raise InputError(f"{e.message}, in {shown(written)}", allowed=e.allowed, nearest=e.nearest) from None


def _edges(gate: Gate) -> tuple[Edge, ...]:
    """The edges into a gate; their local gradients are the reverse sweep over this one gate with distinct operands."""
    slots = {k: f"in{k}" for k, o in enumerate(gate.operands) if o.is_node}
    texts = [slots.get(k, o.text) for k, o in enumerate(gate.operands)]
    inputs = tuple(Tensor(name, (), "input") for name in slots.values())
    alone = Program(inputs)
    alone = alone.extended(_statement(f"out = {gate.over(texts)}", alone.tensors, gate.expression))
    backward = reverse(alone, loss="out", wrt=[*slots.values()], name=lambda t: f"by_{t.name}")
    names = {Tensor(s).symbol: Tensor(gate.operands[k].text).symbol for k, s in slots.items()}
    names[Tensor("out").symbol] = Tensor(gate.name).symbol
    return tuple(
        Edge(gate.operands[k].text, gate.name, k, backward.of(s).body.xreplace(names)) for k, s in slots.items()
    )


def rule(graph: Graph, gate: Gate) -> str:
    """What a gate does to the gradient that arrives, in words; read off its local gradients.

    Source of the gates' names: A. Karpathy et al., CS231n, "Backpropagation, Intuitions" (add, multiply and max gate).
    """
    edges = graph.into(gate.name)
    if not edges:
        return "constant"
    locals_ = [e.local for e in edges]
    name = {"*": "product", "+": "sum", "-": "difference", "/": "quotient", "**": "power"}.get(gate.op, gate.op)
    name = "comparison" if gate.op in COMPARISONS else name
    if all(d == 0 for d in locals_):
        return f"{name}: stops the gradient"
    if gate.op in ("max", "min"):
        return f"{name}: routes to the {'larger' if gate.op == 'max' else 'smaller'}"
    if all(d == 1 for d in locals_):
        return f"{name}: copies" if gate.op != "copy" else "copies"
    if all(d in (1, -1) for d in locals_):
        return f"{name}: copies, with the sign"
    if len(edges) == 2 and locals_ == [Tensor(e.source).symbol for e in reversed(edges)]:
        return f"{name}: swaps the factors"
    if all(d.is_number for d in locals_):
        return f"{name}: scales by {', '.join(str(d) for d in locals_)}"
    return f"{name}: times its derivative"
