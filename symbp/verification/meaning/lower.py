"""A claim's syntax tree in index form: every node becomes an array over typed axes, a statement of its own.

The result is a piece of a Program, evaluated by the calculus' own evaluator beside the derivation that it is compared with.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial

import sympy
from sympy import Expr, Indexed

from symbp.calculus.functions import Apply, Z, apply, step
from symbp.calculus.indices import Axis, Index, fresh
from symbp.calculus.lengths import length_of
from symbp.calculus.passes import inline
from symbp.calculus.places import Within
from symbp.calculus.program import ScalarFunction, Statement, elements, name_of
from symbp.calculus.written_places import equal_places
from symbp.errors import InputError, nearest, shown, unknown
from symbp.formula.grammar import place_of
from symbp.formula.syntax import (
    Binary,
    Call,
    Compare,
    Gradient,
    Length,
    Name,
    Negate,
    Node,
    Number,
    Partial,
    Transpose,
    children,
)
from symbp.formula.words import ELEMENTWISE, MATRIX, OWN, REDUCTIONS
from symbp.network.forward import BATCH
from symbp.verification.budget import LOWERED, Budget
from symbp.verification.meaning import calls
from symbp.verification.meaning.arrays import Array, ShapeClash, Workshop, number, power, real
from symbp.verification.meaning.needs import PARTIAL, Condition, Need, Needs, asked, guarded, indices_in, of_function
from symbp.verification.meaning.partials import gradient_of, in_order, jacobian
from symbp.verification.meaning.parts import whole_sum
from symbp.verification.meaning.setting import Setting
from symbp.verification.meaning.standing import stood

_OF_TWO = {"max": "maximum", "min": "minimum"}  # of two arrays, element by element
_WEIGHTS = {"softmax": 8, "log_softmax": 8, "logsumexp": 6, "var": 6, "std": 6, "norm": 4}  # beside one of other nodes
_SPOKEN = {
    "+": "the sum",
    "-": "the difference",
    "*": "the elementwise product",
    "/": "the quotient",
    "**": "the power",
}


@dataclass(frozen=True)
class Lowered:
    """A formula in index form: the array that it is, the statements behind it, whether it speaks of the batch, and what must hold
    for it to have a value."""

    array: Array
    statements: tuple[Statement, ...]
    functions: tuple[ScalarFunction, ...]
    names_batch: bool
    conditions: tuple[Condition, ...] = ()
    lengths: tuple[Axis, ...] = ()
    """Axes that must have an element."""


@dataclass
class Lowering:
    """Lowers one formula in a setting; `definitions` are the arrays of the user's own names, `budget` counts the work, and
    `page` says that the formula is one on a page of mathematics, whose vectors are columns and rows."""

    setting: Setting
    definitions: Mapping[str, Lowered] = field(default_factory=dict)
    prefix: str = "claim"
    budget: Budget = field(default_factory=Budget)
    page: bool = False

    def __post_init__(self) -> None:
        self.memo: dict[Node, Array] = {}
        whole = frozenset(n for n, t in self.setting.program.tensors.items() if t.integer)
        self.shop = Workshop(self.setting.words, self.prefix, self.page, whole=whole, pointing=dict(self.setting.whole))
        self.functions: dict[str, ScalarFunction] = {}
        self.used: dict[str, Statement] = {}
        self.needs: dict[Node, list[tuple[Need, Array]]] = {}
        self.names_batch = False

    def lower(self, node: Node) -> Lowered:
        """The formula; InputError where a name is not known, ShapeClash where shapes do not fit."""
        array = self.array(node)
        conditions = tuple(self.conditions(node)) if self.needs or self.definitions else ()
        return Lowered(array, self.behind(array.body), tuple(self.functions.values()), self.names_batch, conditions,
                       tuple(self.shop.lengths))  # fmt: skip

    def behind(self, body: Expr) -> tuple[Statement, ...]:
        """The statements that an expression rests on, of definitions and of this formula."""
        return needed(body, {**self.used, **self.shop.statements})

    def conditions(self, node: Node) -> Iterator[Condition]:
        """What must hold for a formula that was lowered to have a value; of a branch of ``where``, where it is chosen."""
        if isinstance(node, Name) and node.name in self.definitions:
            yield from self.definitions[node.name].conditions
        for need, a in self.needs.get(node, ()):
            yield Condition(need, a.body, self.behind(a.body))
        if isinstance(node, Partial):
            return  # a derivative is claimed where there is one
        if not is_where(node):
            for below in children(node):
                yield from self.conditions(below)
            return
        chosen, yes, no = children(node)
        yield from self.conditions(chosen)
        for branch, inside in ((yes, True), (no, False)):
            for c in self.conditions(branch):
                yield self.only_where(node, chosen, inside, c)

    def only_where(self, node: Node, chosen: Node, inside: bool, c: Condition) -> Condition:
        """A condition on a branch of ``where``: where the branch is chosen."""
        indices, body = indices_in(c.body), inline(c.body, {s.target.name: s for s in c.statements})
        own = Array(tuple(i.axis for i in indices), indices, body)

        def where(i: Expr, b: Expr) -> Expr:
            return guarded(i if inside else 1 - i, b)

        try:
            made = self.shop.elementwise(node, "where", where, self.array(chosen), own)
        except ShapeClash:
            return c
        return Condition(c.need, made.body, self.behind(made.body))

    def asks(self, node: Node, name: str, *arrays: Array) -> None:
        """Keep what an operation asks of the arrays that it is applied to."""
        if name in PARTIAL:
            self.keep(node, arrays, lambda *bodies: asked(name, bodies))

    def keep(self, node: Node, arrays: tuple[Array, ...], make: Callable[..., Needs]) -> None:
        """Keep conditions on the elements of arrays that stand in the same place."""
        kept = self.needs.setdefault(node, [])
        for k, (need, body) in enumerate(make(*(a.body for a in arrays))):
            same = [a for a in arrays if a.body == body]
            made = same or [self.shop.elementwise(node, "this", lambda *b, k=k: make(*b)[k][1], *arrays)]
            kept.append((need, made[0]))

    def wants(self, node: Node, need: Need, a: Array) -> None:
        """Keep that every element of an array must meet a condition."""
        self.needs.setdefault(node, []).append((need, a))

    def array(self, node: Node) -> Array:
        """The array that a node stands for; equal nodes are one array."""
        if node not in self.memo:
            self.budget.add(_WEIGHTS.get(node.name, 2) * LOWERED if isinstance(node, Call) else LOWERED)
            made = self.made(node)
            self.memo[node] = stood(made) if self.page else made
        return self.memo[node]

    def made(self, node: Node) -> Array:
        """The array that a node stands for, lowered anew."""
        match node:
            case Number():
                return self.shop.literal(number(node.value))
            case Name():
                return self.name(node)
            case Gradient():
                return self.tensor(node, node.name, gradient=True)
            case Negate():
                return self.shop.elementwise(node, "the negative", lambda a: -a, self.array(node.arg))
            case Transpose():
                return self.shop.transpose(self.array(node.arg))
            case Compare():
                return self.compare(node)
            case Length():
                return self.length(node)
            case Binary():
                return self.binary(node)
            case Call():
                return self.call(node)
            case Partial(of=Name(), by=Name()):
                return self.jacobian(node)
            case Partial(by=Name()):
                return self.gradient(node)
        raise InputError("an element in index notation stands in a formula of whole arrays", place=place_of(node))

    def name(self, node: Name) -> Array:
        """A definition of the user's, a length, or a tensor."""
        name = node.name
        if name in self.definitions:
            mine = self.definitions[name]
            self.used |= {s.target.name: s for s in mine.statements}
            self.functions |= {f.name: f for f in mine.functions}
            self.names_batch |= mine.names_batch
            self.shop.lengths |= dict.fromkeys(mine.lengths, node.span)
            return mine.array
        if name == "pi":
            return self.shop.literal(sympy.pi)
        if name in self.setting.lengths and name not in self.setting.known:
            axis = self.setting.lengths[name]
            self.names_batch |= axis == BATCH
            there = (axis != BATCH or self.setting.batch) and axis not in self.setting.ones
            return self.shop.literal(axis.size if there else sympy.S.One)
        return self.tensor(node, name)

    def tensor(self, node: Node, name: str, gradient: bool = False) -> Array:
        """A tensor of the network's, displayed in the layout."""
        known = self.setting.resolve(name, gradient)
        if known is None:
            raise self.unknown(node, f"dJ/d{name}" if gradient else name)
        indices = tuple(fresh(a) for a in known.shape if a is not None)
        places = iter(indices)
        by_place = {k: next(places) for k, a in enumerate(known.shape) if a is not None}
        body = known.tensor[tuple(by_place[k] for k in known.order)]
        return Array(known.shape, indices, body, whole=known.tensor.integer)

    def jacobian(self, node: Partial) -> Array:
        """The derivative of a vector with respect to a vector."""
        assert isinstance(node.of, Name) and isinstance(node.by, Name)
        of, by = (self.setting.resolve(side.name) for side in (node.of, node.by))
        found = jacobian(self.setting, of, by, node.direct) if of is not None and by is not None else None
        if found is None:
            allowed = "between elements, or one vector by another"
            raise InputError("a derivative between whole arrays", place=place_of(node), allowed=allowed)
        indices, body = found
        self.functions |= {f.name: self.setting.program.function[f.name] for f in body.atoms(Apply)}
        return self.shop.made(
            tuple(i.axis for i in indices), lambda *places: body.xreplace(dict(zip(indices, places, strict=True)))
        )

    def gradient(self, node: Partial) -> Array:
        """The derivative of a formula that is a number with respect to a tensor, displayed as that."""
        assert isinstance(node.by, Name)
        value, by = self.array(node.of), self.setting.resolve(node.by.name)
        found = None
        if by is not None and not by.tensor.of and not value.axes:
            found = gradient_of(self.setting, self.behind(value.body), value.body, by.tensor.name)
        if found is None or by is None:
            allowed = "of a number, by a tensor"
            raise InputError("a derivative of a formula", place=place_of(node), allowed=allowed)
        indices, body = found
        functions = {**self.setting.program.function, **self.functions}
        self.functions |= {f.name: functions[f.name] for f in body.atoms(Apply)}

        def at(*places: Index | None) -> Expr:
            given = [i for i in places if i is not None]
            order = sorted(by.order)
            return body.xreplace({i: given[order.index(k)] for i, k in zip(indices, by.order, strict=True)})

        return self.shop.made(by.shape, at)

    def unknown(self, node: Node, name: str) -> InputError:
        """The error for a name that means nothing here."""
        names = [*self.setting.known, *self.definitions, *self.setting.lengths, "pi"]
        listed = [n for n in (*self.setting.listed, *self.definitions) if not n.startswith("R")]
        hint = nearest(name, names)
        if (name == "g" and self.setting.layers) or name in self.setting.functions:
            return InputError(f"{name} is a function", place=place_of(node), allowed=f"{name}(z1)")
        return InputError(f"unknown name {shown(name)}", place=place_of(node), allowed=", ".join(listed), nearest=hint)

    def length(self, node: Length) -> Array:
        """``a.shape[k]`` and ``a.size``."""
        a = self.array(node.arg)
        if node.axis is not None and not -len(a.shape) <= node.axis < len(a.shape):
            raise InputError(f"{self.setting.words(a.shape)} has no axis {node.axis}", place=place_of(node))
        axes = a.shape if node.axis is None else (a.shape[node.axis],)
        self.names_batch |= BATCH in axes
        return self.shop.literal(sympy.Mul(*(length_of(x) for x in axes)))

    def compare(self, node: Compare) -> Array:
        """The indicator of a comparison, element by element."""

        if node.op == "==" and self.page:
            raise InputError("only indices are compared with =", place=place_of(node), allowed="<, >, <=, >=")
        sides = self.array(node.left), self.array(node.right)
        if self.of_whole(*sides):
            return self.shop.elementwise(node, "the comparison", partial(compared, node.op), *sides)
        return self.shop.elementwise(node, "the comparison", partial(comparison, node.op), *sides)

    def binary(self, node: Binary) -> Array:
        """Two operands with a sign between them."""
        left, right = self.array(node.left), self.array(node.right)
        if self.of_whole(left, right) and node.op in ("+", "-", "*"):
            return whole_sum(self.shop, node, node.op, left, right)
        if node.op == "@":
            return self.shop.matmul(node, left, right)
        self.asks(node, node.op, left, right)
        return self.shop.elementwise(node, _SPOKEN[node.op], partial(operation, node), left, right)

    @staticmethod
    def of_whole(*arrays: Array) -> bool:
        """Whether all are arrays of whole numbers, or numbers that are whole, one of these arrays at least."""
        return any(a.whole for a in arrays) and all(
            a.whole or (not a.shape and a.body.is_integer and not a.body.has(Indexed)) for a in arrays
        )

    def call(self, node: Call) -> Array:
        """A function of arrays: a reduction, a matrix function, an activation, or one applied to every element."""
        if node.name == OWN:
            return self.binary(Binary("*", Name("N"), node.args[0], span=node.span))
        name = calls.called(self.setting, node)
        if name in REDUCTIONS and not node.primes and not (name in _OF_TWO and len(node.args) == 2):
            return self.reduction(node, name)
        if name in MATRIX and not node.primes:
            return calls.matrix(self, node, name)
        if node.axis is not None or node.keepdims:
            raise InputError(f"{node.name} takes no axis", place=place_of(node))
        if calls.is_layer(self.setting, name):
            return calls.activation(self, node)
        name = _OF_TWO.get(name, name)
        if name not in ELEMENTWISE or node.primes:
            return self.scalar(node, name)
        make, count = ELEMENTWISE[name]
        self.takes(node, count)
        arrays = [self.array(a) for a in node.args]
        self.asks(node, name, *arrays)
        if is_where(node) and any(self.partly(a) for a in node.args[1:]):
            arrays[1:] = [self.whole(a) for a in arrays[1:]]  # so that a branch need have no value elsewhere
        return self.shop.elementwise(node, name, make, *arrays)

    def reduction(self, node: Call, name: str) -> Array:
        """A sum or its like over one axis, or over all."""
        if len(node.args) != 1:
            raise InputError(f"{name} takes one array", place=place_of(node), allowed=f"{name}(x, axis=0)")
        a = self.array(node.args[0])
        if node.axis is not None and -len(a.shape) <= node.axis < len(a.shape):
            self.names_batch |= a.shape[node.axis] == BATCH
        if name == "norm" and node.text == "2" and len(a.shape) == 2 and None not in a.shape:
            allowed = "norm(A), the Frobenius norm"
            raise InputError("the spectral norm of a matrix", place=place_of(node), allowed=allowed)
        return self.shop.reduce(node, REDUCTIONS[name], a, node.axis, node.keepdims)

    def partly(self, node: Node) -> bool:
        """Whether a formula has a value under conditions only."""
        return next(self.conditions(node), None) is not None

    def whole(self, a: Array) -> Array:
        """The array with the claim's own arrays behind it written out."""
        return replace(a, body=inline(a.body, {**self.used, **self.shop.statements}))

    def takes(self, node: Call, count: int) -> None:
        """InputError unless a function is given `count` arguments."""
        if len(node.args) != count:
            one = "one argument" if count == 1 else f"{count} arguments"
            raise InputError(f"{node.name} takes {one}, got {len(node.args)}", place=place_of(node))

    def scalar(self, node: Call, name: str) -> Array:
        """A scalar function, differentiated as often as it has primes."""
        function = self.setting.functions.get(name)
        if function is None:
            known = {*self.setting.functions, *ELEMENTWISE, *REDUCTIONS, *MATRIX, "g"}
            raise unknown("function", node.name, sorted(known), place_of(node))
        self.takes(node, 1)
        return self.applied(node, function, self.array(node.args[0]))

    def applied(self, node: Call, function: ScalarFunction, a: Array) -> Array:
        """A scalar function at every element, differentiated as often as the call has primes."""
        if node.primes > 3:
            raise InputError("more than three primes", place=place_of(node))
        if not a.shape and a.body.is_number:
            value = function.at(a.body, node.primes)
            return self.shop.literal(real(value, node))
        self.functions[function.name] = function
        found = of_function(function, node.primes)
        if found:
            self.keep(node, (a,), lambda x: tuple((need, body.xreplace({Z: x})) for need, body in found))
        return self.shop.elementwise(node, function.name, lambda x: apply(function.name, x, node.primes), a)


def is_where(node: Node) -> bool:
    """Whether a node chooses one of two branches."""
    return isinstance(node, Call) and node.name == "where" and len(node.args) == 3 and not node.primes


def needed(body: Expr, statements: Mapping[str, Statement]) -> tuple[Statement, ...]:
    """Those statements, in their order, that an expression depends on."""
    return in_order((name_of(e) for e in elements(body)), statements)


def compared(op: str, a: Expr, b: Expr) -> Expr:
    """The indicator of a comparison of whole numbers."""
    within = {"<=": Within(b - a), ">=": Within(a - b), "<": Within(b - a - 1), ">": Within(a - b - 1)}
    if op in within:
        return within[op]
    return equal_places(a, b) if op == "==" else 1 - equal_places(a, b)


def comparison(op: str, a: Expr, b: Expr) -> Expr:
    """The indicator of a comparison."""
    more, less = step(a - b), step(b - a)
    return {">": more, "<": less, ">=": 1 - less, "<=": 1 - more, "==": 1 - more - less, "!=": more + less}[op]


def operation(node: Binary, a: Expr, b: Expr) -> Expr:
    """``a op b`` of two elements."""
    match node.op:
        case "+":
            return a + b
        case "-":
            return a - b
        case "*":
            return a * b
        case "/":
            if b == 0:
                raise InputError("division by zero", place=place_of(node.right))
            return a / b
    return power(a, b, node)
