"""One SymPy body in index form -> one tree of array operations."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from sympy import Expr, Symbol

from symbp.calculus import functions as f
from symbp.calculus.indices import Axis, Index
from symbp.calculus.primitives import NAMES
from symbp.calculus.program import Statement
from symbp.codegen.forms import FORMS
from symbp.codegen.nodes import (
    Node,
    aligned,
    coefficient_parts,
    elementwise,
    negated,
    number,
    permuted,
    tensor_read,
    unsigned,
)
from symbp.codegen.ranges import Ranges
from symbp.errors import InputError


class Arrays:
    """Lowers the body of one statement; equal subexpressions become the same node.

    `rules` say how each kind of SymPy node becomes array operations; they are handed over, as they lower what is inside by
    these arrays in turn.
    """

    def __init__(
        self,
        rules: Mapping[type, Callable[[Arrays, Expr], Node]],
        ranges: Ranges,
        sizes: Mapping[Axis, int],
        shapes: Mapping[Axis, str],
        like: str,
        plain: frozenset[str] = frozenset(),
        steps: Mapping[str, int] = MappingProxyType({}),
    ) -> None:
        self.rules = rules
        self.ranges, self.sizes, self.shapes, self.like, self.plain = ranges, sizes, shapes, like, plain
        self.steps = steps  # by the name of a tensor that lies in memory with steps first, which of its axes those are
        self._memo: dict[Expr, Node] = {}
        self._order: dict[Index, int] = {}
        self.sliding: set[Index] = (
            set()
        )  # letters that slide windows over an axis, along which entries lie side by side

    def statement(self, s: Statement) -> Node:
        """The value of a statement, with the axes of its target in order; missing axes are broadcast."""
        for index in s.indices:
            self.place(index)
        node = self.lower(s.body)
        if node.kind == "py" and self.plain and not s.indices:
            return node  # a number made of numbers, such as a learning rate
        node = self.real(node)
        node = permuted(node, tuple(i for i in s.indices if i in node.axes))
        if node.axes == s.indices:
            return node
        shape = tuple(self.length(i.axis) for i in s.indices)
        return Node("broadcast", (aligned(node, s.indices), *shape), axes=s.indices)

    def place(self, index: Index) -> int:
        """The rank of an index: axes come in the order of the left side, then in the order of binding."""
        return self._order.setdefault(index, len(self._order))

    def length(self, axis: Axis) -> Node:
        """The length of an axis: a number where it is known, else read off a tensor's shape."""
        if axis in self.sizes:
            return number(self.sizes[axis])
        return Node("size", data=(self.shapes[axis],), kind="py")

    def nominal(self, index: Index) -> int:
        """A length to plan with."""
        return self.sizes.get(index.axis, 64)

    def joined(self, *nodes: Node) -> tuple[Index, ...]:
        """The axes of an elementwise result: those of the argument that has them all, else in order of rank."""
        every = {i for n in nodes for i in n.axes}
        for n in nodes:
            if set(n.axes) == every:
                return n.axes
        return tuple(sorted(every, key=self.place))

    def real(self, node: Node) -> Node:
        """`node` with the dtype of the data."""
        if node.kind == "real":
            return node
        return Node("cast", (node,), (tensor_read(node) or self.like,), node.axes)

    def lower(self, e: Expr) -> Node:
        """The array expression of `e`; its axes are the free indices of `e`, in some order."""
        if e not in self._memo:
            self._memo[e] = self._lower(e)
        return self._memo[e]

    def _lower(self, e: Expr) -> Node:
        if e.is_number and not e.atoms(f.Scalar):
            return number(int(e) if e.is_Integer else float(e.evalf(20)))
        if isinstance(e, Symbol) and not isinstance(e, Index):
            if e.is_integer and e.is_positive:
                return self.length(next(a for a in (*self.sizes, *self.shapes) if a.size == e))
            return Node("read", data=(e.name,), kind="py" if e.name in self.plain else "real")
        rule = self.rules.get(type(e))
        if rule is not None:
            return rule(self, e)
        if type(e) in FORMS:
            return self.call(type(e), *(self.lower(a) for a in e.args))
        name = NAMES.get(type(e), type(e).__name__)
        raise InputError(f"the function {name} has no form in NumPy, so no code can be made for it")

    def call(self, kind: type, *args: Node) -> Node:
        """A scalar function applied to every element."""
        form = FORMS[kind]
        if all(a.kind == "py" for a in args):
            if form.plain:
                return Node("call", args, (form.plain,), (), "py")
            args = (self.real(args[0]), *args[1:])
        if kind is f.xlogy:
            args = (self.real(args[0]), self.real(args[1]))
        args = tuple(self.real(a) if a.kind == "bool" else a for a in args)
        return elementwise("call", args, self.joined(*args), (form.array,))

    def positive(self, e: Expr, power: int = 1) -> Node:
        """`e` as a divisor or the argument of a logarithm: what is positive but may round to 0 is kept above 0."""
        low, high = self.ranges.of(e)
        if low < 0 and high == 0:
            return negated(self.positive(-e, power))
        node = self.lower(e)
        if low != 0 or node.kind == "py":
            return node
        extra = (number(power),) if power > 1 else ()
        return Node("call", (self.real(node), *extra), ("positive",), node.axes)

    def add(self, terms: list[Node], negative: list[Node]) -> Node:
        """The sum of `terms` less the sum of `negative`."""
        every = [*terms, *negative]
        if not any(n.kind == "real" for n in every) and any(n.kind == "bool" for n in every):
            if not terms[1:] and not negative[1:] and terms and negative and terms[0] == number(1):
                return Node("not", (negative[0],), axes=negative[0].axes, kind="bool")
            terms, negative = [self.real(n) for n in terms], [self.real(n) for n in negative]
        if any(not unsigned(n)[0] for n in terms):
            negative = [*negative, *(unsigned(n)[1] for n in terms if unsigned(n)[0])]
            terms = [n for n in terms if not unsigned(n)[0]]
        rank = {"real": 0, "py": 1, "bool": 2}
        terms, negative = (sorted(some, key=lambda n: (rank[n.kind], -len(n.axes))) for some in (terms, negative))
        if terms and terms[0].kind == "bool":
            terms[0] = self.real(terms[0])
        if not terms:
            total, negative = (
                negated(self.real(negative[0]) if negative[0].kind == "bool" else negative[0]),
                negative[1:],
            )
        else:
            total, terms = terms[0], terms[1:]
        for sign, some in (("add", terms), ("sub", negative)):
            for node in some:
                if node.kind == "bool" and total.kind == "py":
                    node = self.real(node)
                total = elementwise(sign, (total, node), self.joined(total, node))
        return total

    def product(self, nodes: list[Node]) -> Node:
        """The product; small factors first, so that the fewest large arrays are made."""
        if not nodes:
            return number(1)
        nodes = [n for n in nodes if n != number(1)] or nodes[:1]
        if any(n.kind == "bool" for n in nodes) and not any(n.kind == "real" for n in nodes):
            if all(n.kind == "bool" for n in nodes):
                return self._chain("and", nodes)
            first = next(n for n in nodes if n.kind == "bool")
            nodes = [n for n in nodes if n is not first] + [self.real(first)]
        rank = {"py": 0, "real": 1, "bool": 2}
        return self._chain("mul", sorted(nodes, key=lambda n: (rank[n.kind], len(n.axes))))

    def _chain(self, op: str, nodes: list[Node]) -> Node:
        total = nodes[0]
        for node in nodes[1:]:
            total = elementwise(op, (total, node), self.joined(total, node))
        return total

    def scaled(self, coefficient: Expr, node: Node) -> Node:
        """A node times a number."""
        top, bottom = coefficient_parts(abs(coefficient))
        result = self.quotient([n for n in [*top, node] if n != number(1)], bottom)
        if coefficient.is_negative:
            return negated(self.real(result) if result.kind == "bool" else result)
        return result

    def quotient(self, top: list[Node], bottom: list[Node]) -> Node:
        """The product of `top` divided by that of `bottom`; Python numbers are gathered into one."""
        plain = [n for n in bottom if n.kind == "py"]
        arrays = [n for n in bottom if n.kind != "py"]
        above = [n for n in top if n.kind == "py"]
        if plain and above and len(above) < len(top):
            ratio = elementwise("div", (self.product(above), self.product(plain)), ())
            top, plain = [n for n in top if n.kind != "py"] + [ratio], []
        result = self.product(top)
        if plain and arrays and {i for n in arrays for i in n.axes} < {*result.axes}:
            plain, arrays = [], [*plain, *arrays]  # one division of the large array
        for divisor in ([self.product(plain)] if plain else []) + ([self.product(arrays)] if arrays else []):
            if result.kind == "bool":
                result = self.real(result)
            if divisor.kind == "bool":
                divisor = self.real(divisor)
            result = elementwise("div", (result, divisor), self.joined(result, divisor))
        return result
