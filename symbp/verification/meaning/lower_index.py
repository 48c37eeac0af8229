"""A claim in index notation in index form: letters become typed indices, sums bind them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from sympy import Dummy, Expr, Indexed, Integer, KroneckerDelta, Mul, Symbol

from symbp.calculus.builder import left_out
from symbp.calculus.contract import contract
from symbp.calculus.functions import Apply, Z, apply
from symbp.calculus.indices import Axis, Index
from symbp.calculus.passes import inline
from symbp.calculus.places import Place
from symbp.calculus.primitives import CALLS
from symbp.calculus.primitives.matrices import MATRIX_CALLS
from symbp.calculus.program import ScalarFunction, Statement, Tensor, elements, free_indices, indices_of, name_of
from symbp.calculus.syntax import parse
from symbp.calculus.written_places import Places
from symbp.errors import InputError, unknown
from symbp.formula.grammar import place_of
from symbp.formula.printing import node_text
from symbp.formula.slots import is_place, names_in_places
from symbp.formula.syntax import (
    ELEMENT,
    Binary,
    Call,
    Compare,
    Gradient,
    Name,
    Negate,
    Node,
    Number,
    Partial,
    Read,
    nodes,
)
from symbp.formula.words import ELEMENTWISE, OWN, REDUCTIONS
from symbp.verification.budget import LOWERED, Budget
from symbp.verification.meaning.arrays import ShapeClash, number, real
from symbp.verification.meaning.calls import called, is_layer, layer_of
from symbp.verification.meaning.letters import axis_of, known_of
from symbp.verification.meaning.lower import Lowering, comparison, is_where, operation
from symbp.verification.meaning.needs import Condition, Needs, asked, gate_of, of_function
from symbp.verification.meaning.partials import depends, gradient_of, slope, steps_back
from symbp.verification.meaning.setting import Setting

_MOST_NESTED = 4


@dataclass
class IndexLowering:
    """Lowers one expression in index notation; `letters` are the indices in scope, `budget` counts the work, and `conditions` are
    what must hold for it to have a value."""

    setting: Setting
    letters: Mapping[str, Index]
    functions: dict[str, ScalarFunction] = field(default_factory=dict)
    nested: int = 0
    budget: Budget = field(default_factory=Budget)
    conditions: list[Condition] = field(default_factory=list)

    def expr(self, node: Node) -> Expr:
        """The expression that a node stands for."""
        self.budget.add(LOWERED)
        match node:
            case Number():
                return number(node.value)
            case Name() | Gradient():
                return self.name(node)
            case Read():
                return self.read(node)
            case Negate():
                return -self.expr(node.arg)
            case Compare() if self.of_places(node):
                return self.compared(node)
            case Compare() if node.op in ("==", "!="):
                return self.same(node)
            case Compare():
                return comparison(node.op, self.expr(node.left), self.expr(node.right))
            case Binary() if node.op not in ("@", "if"):
                return self.binary(node)
            case Call():
                return self.call(node)
            case Partial():
                return self.partial(node)
        raise InputError("index notation has elements and sums, no whole arrays", place=place_of(node))

    def binary(self, node: Binary) -> Expr:
        """Two operands with a sign between them; where an indicator is 0, what is multiplied with it need have no value."""
        start = len(self.conditions)
        left = self.expr(node.left)
        middle = len(self.conditions)
        right = self.expr(node.right)
        if node.op == "*" and len(self.conditions) > start:
            self.only_where(start, middle, gate_of(right))
            self.only_where(middle, len(self.conditions), gate_of(left))
        self.keep(asked(node.op, (left, right)))
        return real(operation(node, left, right), node)

    def keep(self, found: Needs) -> None:
        """Keep what an operation asks of its arguments."""
        self.conditions.extend(Condition(need, body) for need, body in found)

    def only_where(self, start: int, end: int, indicator: Expr) -> None:
        """Ask what some conditions do where an indicator is 1 alone."""
        if indicator != 1:
            self.conditions[start:end] = [c.only_where(indicator) for c in self.conditions[start:end]]

    def branches(self, node: Call) -> list[Expr]:
        """The arguments of ``where``; of a branch something is asked where it is chosen."""
        chosen = self.expr(node.args[0])
        found = [chosen]
        for branch, indicator in zip(node.args[1:], (chosen, 1 - chosen), strict=True):
            start = len(self.conditions)
            found.append(self.expr(branch))
            self.only_where(start, len(self.conditions), indicator)
        return found

    def name(self, node: Name | Gradient) -> Expr:
        """A scalar of the network's, the derivative by one, or a length."""
        if isinstance(node, Name) and node.name in self.letters:
            raise InputError(f"index {node.name} stands where a value is needed", place=place_of(node))
        known = self.setting.resolve(node.name, isinstance(node, Gradient))
        if known is not None and known.tensor.axes:
            letters = ",".join("ijkl"[: len(known.tensor.axes)])
            raise InputError(f"{node.name} has axes", place=place_of(node), allowed=f"{node.name}[{letters}]")
        if known is not None:
            return known.tensor[()]
        return Lowering(self.setting).array(node).body

    def read(self, node: Read) -> Expr:
        """An element of a tensor; ShapeClash where a letter runs over two axes."""
        known = known_of(self.setting, node)
        axes = known.tensor.axes
        if len(node.letters) != len(axes):
            plural = "index" if len(axes) == 1 else "indices"
            raise InputError(
                f"{node.of.name} takes {len(axes)} {plural}, got {len(node.letters)}", place=place_of(node)
            )
        indices: list[Expr] = []
        for letter, axis in zip(node.letters, axes, strict=True):
            if letter.isdigit():
                indices.append(self.number(node, letter, axis))
                continue
            if is_place(letter):
                indices.append(self.place(node, letter, known.tensor, len(indices)))
                continue
            if letter not in self.letters:
                raise ShapeClash(node.span, f"index {letter} is neither on the left nor summed over")
            index = self.letters[letter]
            if index.axis != axis and self.setting.related(index.axis, axis):
                indices.append(Place(index, axis))
                continue
            if index.axis != axis:
                words = self.setting.labels
                raise ShapeClash(
                    node.span,
                    f"index {letter} runs to {words[index.axis]} elsewhere and to {words[axis]} in {node.of.name}",
                )
            indices.append(index)
        if known.tensor.integer:
            raise InputError(f"{node.of.name} holds whole numbers, and stands where a value is needed",
                             place=place_of(node), allowed=f"a place, E[{node.of.name}[{','.join(node.letters)}]]")  # fmt: skip
        return known.tensor[tuple(indices)]

    @property
    def places(self) -> Places:
        """What reads whole numbers made of the letters in scope."""
        whole = {name: known.tensor for name, known in self.setting.known.items() if known.tensor.integer}
        return Places(whole, {}, self.letters)

    def place(self, node: Read, slot: str, tensor: Tensor, k: int) -> Expr:
        """The place along axis number `k` of a tensor that a slot says; ShapeClash where a letter in it is not in scope."""
        places = self.places
        for name in names_in_places(replace(node, letters=(slot,))):
            if name not in self.letters and name not in places.tensors and name != "ravel":
                raise ShapeClash(node.span, f"index {name} is neither on the left nor summed over")
        try:
            found = places.of(parse(slot, "expr"), tensor, k)
        except InputError as e:
            raise InputError(e.message, place=place_of(node), allowed=e.allowed, nearest=e.nearest) from None
        self.inside(node, found)
        if isinstance(found, Place) and found.gather is not None:
            into = self.setting.whole.get(name_of(found.gather), found.axis)
            if into != found.axis:
                words = self.setting.labels
                message = (
                    f"{name_of(found.gather)} points into {words.get(into, into.name)}, not into {words[found.axis]}"
                )
                raise ShapeClash(node.span, message)
        return found

    def inside(self, node: Node, whole: Expr) -> None:
        """ShapeClash where a tensor of whole numbers is read at anything but letters over its own axes: outside of it there is
        nothing that could say a place."""
        for element in whole.atoms(Indexed):
            axes = self.setting.program.tensors[name_of(element)].axes
            for index, axis in zip(element.indices, axes, strict=True):
                if not isinstance(index, Index) or index.axis != axis:
                    raise ShapeClash(node.span, f"{name_of(element)} is read where it may have no element")

    def of_places(self, node: Compare) -> bool:
        """Whether whole numbers made of letters are compared, and more than two letters for equality."""
        if not all(isinstance(n, (Name, Number, Binary, Negate, Read)) for n in nodes(node.left, node.right)):
            return False
        plain = all(isinstance(side, Name) for side in (node.left, node.right))
        if plain and node.op == "==" and not self._related(node):
            return False
        return self.places.are_places(*(parse(node_text(side), "expr") for side in (node.left, node.right)))

    def _related(self, node: Compare) -> bool:
        sides = [self.letters.get(side.name) for side in (node.left, node.right) if isinstance(side, Name)]
        axes = [i.axis for i in sides if i is not None]
        return len(axes) == 2 and axes[0] != axes[1] and self.setting.related(*axes)

    def compared(self, node: Compare) -> Expr:
        """1 where a comparison of whole numbers holds, else 0."""
        left, right = (parse(node_text(side), "expr") for side in (node.left, node.right))
        try:
            found = self.places.compared(left, node.op, right)
        except InputError as e:
            raise InputError(e.message, place=place_of(node), allowed=e.allowed, nearest=e.nearest) from None
        self.inside(node, found)
        return found

    def partial(self, node: Partial) -> Expr:
        """The derivative of one element, or of a formula, with respect to an element."""
        if not isinstance(node.of, (Read, Name)):
            return self.derivative(node)
        sides = []
        for side in (node.of, node.by):
            if not isinstance(side, (Read, Name)):
                raise InputError("a derivative is one of an element", place=place_of(side))
            value = self.expr(side)
            if not isinstance(value, (Indexed, Symbol)):
                raise InputError("a derivative is one of an element", place=place_of(side))
            sides.append(value)
        (of, by), program = sides, self.setting.program
        for value, side in zip(sides, (node.of, node.by), strict=True):
            if name_of(value) not in program.tensors or program.tensors[name_of(value)].of:
                raise InputError("a derivative is one of the forward map", place=place_of(side))
        if name_of(of) not in program.definitions or not depends(program, name_of(of), name_of(by)):
            raise InputError(f"{name_of(of)} does not depend on {name_of(by)}", place=place_of(node))
        back = steps_back(program, of, by)
        above, below, value = slope(self.setting, name_of(of), name_of(by), node.direct, back)
        self.functions.update({f.name: program.function[f.name] for f in value.atoms(Apply)})
        places = zip((*above, *below), (*indices_of(of), *indices_of(by)), strict=True)
        return value.xreplace(dict(places)) if back is None else contract(value.xreplace(dict(places)))

    def derivative(self, node: Partial) -> Expr:
        """The derivative of a formula with respect to an element: of the one that stands in it, where nothing else depends on it,
        or by the chain rule over everything in between."""
        start = len(self.conditions)
        value, by = self.expr(node.of), self.expr(node.by)
        del self.conditions[start:]  # a derivative is claimed where there is one
        if not isinstance(by, (Indexed, Symbol)):
            raise InputError("a derivative with respect to what?", place=place_of(node.by), allowed="an element")
        program = self.setting.program
        for other in {e for e in elements(value) if e != by}:
            if name_of(other) == name_of(by) or depends(program, name_of(other), name_of(by)):
                return self.over_all(node, value, by)
        free = Dummy(real=True)
        return contract(value.xreplace({by: free}).diff(free).xreplace({free: by}))

    def over_all(self, node: Partial, value: Expr, by: Expr) -> Expr:
        """The derivative of a formula, several of whose elements depend on the one by which it is."""
        names, free = {name_of(e) for e in elements(value)}, tuple(sorted(free_indices(value), key=str))
        found = None
        if names <= self.setting.program.tensors.keys():
            found = gradient_of(self.setting, (), value, name_of(by), free)
        if found is None:
            message = f"a formula of which more than the one element depends on {name_of(by)}"
            raise InputError(message, place=place_of(node.of), allowed="a formula of the forward map's names")
        below, body = found
        functions = {**self.setting.program.function, **self.functions}
        self.functions.update({f.name: functions[f.name] for f in body.atoms(Apply)})
        return body.xreplace(dict(zip(below, indices_of(by), strict=True)))

    def same(self, node: Compare) -> Expr:
        """1 where two indices are equal, else 0."""
        for side in (node.left, node.right):
            if not isinstance(side, Name) or side.name not in self.letters:
                raise InputError("only indices are compared with =", place=place_of(side), allowed="1[i = k]")
        left, right = (self.letters[side.name] for side in (node.left, node.right) if isinstance(side, Name))
        if left.axis != right.axis:
            raise ShapeClash(node.span, f"{left.name} and {right.name} run over different axes")
        return KroneckerDelta(left, right)

    def number(self, node: Read, digits: str, axis: Axis) -> Expr:
        """A unit by its number, counted from 1."""
        size = self.setting.sizes.get(axis)
        if len(digits) > 4 or int(digits) < 1 or (size is not None and int(digits) > size):
            allowed = f"1 to {size}" if size is not None else "numbers from 1"
            raise InputError(f"{node.of.name} has no element {digits}", place=place_of(node), allowed=allowed)
        return Integer(int(digits) - 1)

    def call(self, node: Call) -> Expr:
        """A sum over letters, an activation, or a scalar function."""
        if node.name == OWN:
            return self.name(Name("N")) * self.expr(node.args[0])
        if node.name == ELEMENT:
            return self.element(node)
        if node.name in MATRIX_CALLS and not node.primes:
            return self.whole(node, node, ())
        name = called(self.setting, node)
        if name in REDUCTIONS and not node.primes and self.reduces(node):
            return self.reduce(node, name)
        args = self.branches(node) if is_where(node) else [self.expr(a) for a in node.args]
        if is_layer(self.setting, name):
            return self.activation(node, name[1:], args)
        for table in (ELEMENTWISE, CALLS) if not node.primes else ():
            if name in table and len(args) == table[name][1]:
                self.keep(asked(name, args))
                return real(table[name][0](*args), node)
        if name not in self.setting.functions or len(args) != 1:
            raise unknown("function", node.name, sorted({*self.setting.functions, *REDUCTIONS, "g"}), place_of(node))
        return self.applied(self.setting.functions[name], args[0], node.primes)

    def element(self, node: Call) -> Expr:
        """An element of a function of a matrix."""
        formula, *letters = node.args
        names = [a.name for a in letters if isinstance(a, Name)]
        loose = next((c for c in names if c not in self.letters), None)
        if loose is not None:
            raise ShapeClash(node.span, f"index {loose} is neither on the left nor summed over")
        return self.whole(node, formula, tuple(self.letters[c] for c in names))

    def whole(self, node: Call, formula: Node, indices: tuple[Index, ...]) -> Expr:
        """The element at some indices of a formula of whole arrays, with all that it is made of in it."""
        lowering = Lowering(self.setting, budget=self.budget)
        found = lowering.lower(formula)
        array = found.array
        if len(indices) != len(array.axes):
            message = f"this formula takes {len(array.axes) or 'no'} indices, got {len(indices)}"
            raise InputError(message, place=place_of(node))
        for index, axis in zip(indices, array.axes, strict=True):
            if index.axis != axis:
                words = self.setting.labels
                raise ShapeClash(
                    node.span, f"index {index.name} runs to {words[index.axis]} elsewhere and to {words[axis]} here"
                )
        self.functions.update({f.name: f for f in found.functions})
        made: dict[str, Statement] = {}
        for s in lowering.shop.statements.values():
            made[s.target.name] = replace(s, body=inline(s.body, made))
        self.conditions.extend(Condition(c.need, inline(c.body, made)) for c in found.conditions)
        return inline(array.at(indices), made)

    def applied(self, function: ScalarFunction, arg: Expr, primes: int) -> Expr:
        """A scalar function, differentiated `primes` times."""
        self.functions[function.name] = function
        self.keep(tuple((need, body.xreplace({Z: arg})) for need, body in of_function(function, primes)))
        return apply(function.name, arg, primes)

    def activation(self, node: Call, layer: str, args: list[Expr]) -> Expr:
        """``g(z1[i])``: what layer 1 does there."""
        arg = node.args[0]
        plain: Node = arg.of if isinstance(arg, Read) and isinstance(arg.of, Name) else arg
        layer = layer or layer_of(self.setting, node, plain)
        function = self.setting.layer_function(layer)
        if function is not None and len(args) == 1:
            return self.applied(function, args[0], node.primes)
        z, a = self.setting.layers[layer]
        if not isinstance(arg, Read) or known_of(self.setting, arg).tensor.name != z or node.primes > 1:
            raise InputError(
                "this activation couples its outputs", place=place_of(node), allowed=f"g({z}[i]), g'({z}[i])"
            )
        s = self.setting.program.definitions[a]
        indices = tuple(self.letters[c] for c in arg.letters)
        if node.primes == 0:
            return s.target[indices]
        there, slope = self.setting.own_slopes[z]
        return slope.xreplace(dict(zip(there, indices, strict=True)))

    def reduces(self, node: Call) -> bool:
        """Whether the later arguments are letters: they index something there, or are no tensor's name."""
        inside = {c for part in nodes(node.args[0]) if isinstance(part, Read) for c in part.letters}
        return len(node.args) > 1 and all(
            (isinstance(a, Name) and (a.name in inside or self.setting.resolve(a.name) is None))
            or (isinstance(a, Binary) and a.op == "if" and isinstance(a.left, Name))
            for a in node.args[1:]
        )

    def reduce(self, node: Call, name: str) -> Expr:
        """A reduction over letters."""
        if self.nested >= _MOST_NESTED:
            raise InputError("the sums are nested too deeply", place=place_of(node), allowed=f"{_MOST_NESTED} levels")
        letters, conditions = {}, list[Node]()
        for a in node.args[1:]:
            if isinstance(a, Binary):
                conditions.append(a.right)
                a = a.left
            assert isinstance(a, Name)
            if a.name in self.letters or a.name in letters:
                raise InputError(f"index {a.name} is bound already", place=place_of(a))
            letters[a.name] = Index(a.name, axis_of(self.setting, a, node.args[0]))
        inside = replace(self, letters={**self.letters, **letters}, nested=self.nested + len(letters))
        body, there = inside.expr(node.args[0]), Mul(*map(inside.expr, conditions))
        if name in ("max", "logsumexp"):
            return REDUCTIONS[name](left_out(there, body, letters.values()), *letters.values())
        if conditions and name != "sum":
            message = f"{name} takes no condition on its index"
            raise InputError(message, place=place_of(node), allowed="sum, max, logsumexp")
        return REDUCTIONS[name](there * body, *letters.values())
