"""The two sides of a claim brought together: lowered in a setting, their shapes compared, ready to be decided."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from sympy import Expr

from symbp.calculus.indices import Axis, Index, fresh
from symbp.calculus.lengths import is_derived
from symbp.calculus.program import Program, ScalarFunction, Statement, Tensor, axes_in
from symbp.formula.syntax import Binary, Call, Claim, Length, Name, Node, Read, nodes
from symbp.formula.words import OWN
from symbp.network.forward import BATCH
from symbp.verification.budget import Budget
from symbp.verification.meaning.arrays import Array, ShapeClash
from symbp.verification.meaning.letters import free_letters, letters_of
from symbp.verification.meaning.lower import Lowered, Lowering, needed
from symbp.verification.meaning.lower_index import IndexLowering
from symbp.verification.meaning.needs import Condition
from symbp.verification.meaning.setting import Known, Setting, Shape
from symbp.verification.meaning.standing import lying, reads_vectors, stood
from symbp.verification.proof.points import LEFT, RIGHT, Comparison, Points


@dataclass
class EvaluationContext:
    """A setting with its random points and the user's definitions as far as they have a meaning in it."""

    setting: Setting
    points: Points
    definitions: dict[str, Lowered] = field(default_factory=dict)
    lowering: Lowering | None = None
    serial: int = 0
    defined: tuple[tuple[str, Claim], ...] = ()
    """The judge's definitions that were tried here."""
    page: bool = False
    """Whether claims here are those of a page of mathematics, whose vectors are columns and rows."""
    other: Setting | None = None
    """The setting of the other language, NumPy's or the page's, where arrays have other shapes there."""
    translated: dict[str, Lowered] = field(default_factory=dict)
    """The definitions as the other language has them."""
    named: Setting = field(init=False)

    def __post_init__(self) -> None:
        self.named = self.setting  # with the user's definitions, for index notation

    kept: dict[str, object] = field(default_factory=dict)

    def begin(self) -> None:
        """Start on another claim: what was kept of the one before, for its edits, is let go."""
        self.serial += 1
        prefix = f"claim_{self.serial}_"
        self.lowering = Lowering(self.setting, self.definitions, prefix, self.points.budget, self.page)
        self.points.forget()

    @staticmethod
    def of(
        setting: Setting,
        sizes: Mapping[Axis, int] | None = None,
        budget: Budget | None = None,
        page: bool = False,
        other: Setting | None = None,
    ) -> EvaluationContext:
        """A context without definitions; `sizes` overrides lengths, `budget` counts what claims take, and `page` and `other` are
        as the context has them."""
        return EvaluationContext(
            setting, Points(setting, dict(sizes or {}), budget or Budget()), page=page, other=other
        )

    def define(self, name: str, claim: Claim) -> Lowered:
        """Keep what a name of the user's stands for; InputError or ShapeClash where it has no meaning."""
        self.serial += 1
        tensor = f"def_{self.serial}_"
        again = claim.adds and name in self.definitions
        right: Node = Binary("+", claim.left, claim.right) if again else claim.right
        if claim.indexed:
            lowered = self._indexed_definition(claim, right)
        else:
            lowered = self._in_language(claim, tensor).lower(right)
        a = lowered.array
        made = Statement(Tensor(tensor, a.axes), a.indices, a.body)
        array = Array(a.shape, a.indices, made.left)
        lowered = replace(lowered, array=array, statements=(*lowered.statements, made))
        lowered = self._translated(name, claim, lowered)
        a = lowered.array
        order = tuple(k for k, axis in enumerate(a.shape) if axis is not None)
        known = {**self.named.known, name: Known(made.target, a.shape, order)}
        self.definitions[name], self.named = lowered, replace(self.named, known=known)
        return lowered

    def _in_language(self, claim: Claim, prefix: str) -> Lowering:
        """What lowers a definition in the language that it is written in."""
        page = claim.written is not None
        if page == self.page or self.other is None:
            return Lowering(self.setting, self.definitions, prefix, page=page)
        return Lowering(self.other, self.translated, prefix, page=page)

    def _translated(self, name: str, claim: Claim, lowered: Lowered) -> Lowered:
        """A definition as this context has it, kept as the other language has it as well."""
        page, own = claim.written is not None, lowered
        if self.other is not None:
            plain = self.other if self.page else self.setting
            turn = stood if not page else lying if reads_vectors(plain, claim) else (lambda array: array)
            there = replace(lowered, array=turn(lowered.array))
            own, self.translated[name] = (lowered, there) if page == self.page else (there, lowered)
        return replace(own, array=stood(own.array)) if self.page else own

    def _indexed_definition(self, claim: Claim, right: Node) -> Lowered:
        """``D[t] = ...``: each letter runs over the axis of the first tensor that is read with it."""
        known = right is not claim.right
        letters = free_letters(self.named, claim.left) if known else letters_of(self.named, claim.left, right)
        lowering = IndexLowering(self.named, letters)
        body, indices = lowering.expr(right), tuple(letters.values())
        array = Array(tuple(i.axis for i in indices), indices, body)
        conditions = self._conditions(lowering.conditions, right)
        functions = tuple(lowering.functions.values())
        return Lowered(array, self._behind(body), functions, BATCH in array.axes, conditions)

    def _behind(self, *bodies: Expr) -> tuple[Statement, ...]:
        """The statements of the user's definitions that some expressions depend on."""
        mine = {s.target.name: s for d in self.definitions.values() for s in d.statements}
        found = {s.target.name: s for b in bodies for s in needed(b, mine)}
        return tuple(found.values())

    def names_batch(self, claim: Claim) -> bool:
        """Whether a claim speaks of the batch: N, or a sum or mean over the examples. Asked of a batch's setting."""
        if not any(self._may_name_batch(n) for n in nodes(claim.left, claim.right)):
            return False
        lowering = Lowering(self.setting, self.definitions, page=self.page)
        for side in (claim.left, claim.right):
            try:
                lowering.array(side)
            except (ShapeClash, ValueError):
                continue
        return lowering.names_batch

    def _may_name_batch(self, node: Node) -> bool:
        """Whether a node may speak of the batch: a length, a definition, a function along an axis or one that brings in N."""
        if isinstance(node, Name):
            return node.name in self.setting.lengths or node.name in self.definitions
        return isinstance(node, Length) or (isinstance(node, Call) and (node.axis is not None or node.name == OWN))

    def compare(self, claim: Claim) -> Comparison:
        """Both sides over the same axes; InputError where a name is not known, ShapeClash where shapes do not fit."""
        return self._indexed(claim) if claim.indexed else self._arrays(claim)

    def _arrays(self, claim: Claim) -> Comparison:
        if self.lowering is None:
            self.begin()
        assert self.lowering is not None
        left, right = self.lowering.lower(claim.left), self.lowering.lower(claim.right)
        a, b = left.array, right.array
        if not fitting(a, b):
            words = self.setting.words
            raise ShapeClash(
                claim.right.span, f"the left side is {words(a.shape)} and the right side is {words(b.shape)}"
            )
        indices = tuple(fresh(axis) for axis in a.axes)
        statements = {s.target.name: s for s in (*left.statements, *right.statements)}
        functions = {f.name: f for f in (*left.functions, *right.functions)}
        bodies = a.at(indices), b.at(indices) if b.axes else b.body
        conditions = (*left.conditions, *right.conditions)
        made = _compared(indices, bodies, statements.values(), functions.values(), conditions, a.shape)
        own = Program((), made.statements)
        return replace(made, lengths=(*left.lengths, *right.lengths, *dict.fromkeys(filter(is_derived, axes_in(own)))))

    def _indexed(self, claim: Claim) -> Comparison:
        letters = free_letters(self.named, claim.left)
        lowering = IndexLowering(self.named, letters, budget=self.points.budget)
        bodies, indices = (lowering.expr(claim.left), lowering.expr(claim.right)), tuple(letters.values())
        functions = {**{f.name: f for d in self.definitions.values() for f in d.functions}, **lowering.functions}
        conditions = self._conditions(lowering.conditions, claim.left, claim.right)
        shape = tuple(i.axis for i in indices)
        return _compared(indices, bodies, self._behind(*bodies), functions.values(), conditions, shape)

    def _conditions(self, own: list[Condition], *roots: Node) -> tuple[Condition, ...]:
        """What must hold for formulas in index notation to have a value, for the definitions in them too."""
        names = {n.of.name if isinstance(n, Read) else n.name for n in nodes(*roots) if isinstance(n, (Name, Read))}
        mine = [c for name in names if name in self.definitions for c in self.definitions[name].conditions]
        return (*mine, *(replace(c, statements=self._behind(c.body)) for c in own))

    def is_definition(self, claim: Claim) -> bool:
        """Whether the left side is a name that means nothing yet, or one of the user's own that is added to."""
        left = claim.left.of if isinstance(claim.left, Read) else claim.left
        if not isinstance(left, Name):
            return False
        name = left.name
        if claim.adds and name in self.definitions:
            return True
        known = name in self.definitions or self.setting.resolve(name) is not None
        return not known and name not in self.setting.lengths and name != "pi"


def fitting(left: Array, right: Array) -> bool:
    """Whether the right side is the left side's array: the same shape but for leading axes of length 1, a vector with one
    axis for a column, a column or a row for a vector with one axis, or a plain number (0, say) for any shape."""
    a, b = _stripped(left.shape), _stripped(right.shape)
    if a == b or (not right.shape and bool(right.body.is_number)):
        return True
    return 1 in (len(left.shape), len(right.shape)) and left.axes == right.axes


def _stripped(shape: Shape) -> Shape:
    k = 0
    while k < len(shape) and shape[k] is None:
        k += 1
    return shape[k:]


def _compared(
    indices: tuple[Index, ...],
    bodies: tuple[Expr, Expr],
    statements: Iterable[Statement],
    functions: Iterable[ScalarFunction],
    conditions: tuple[Condition, ...],
    shape: Shape,
) -> Comparison:
    """Two sides at the same indices, over what they rest on, as an array of this shape."""
    axes = tuple(i.axis for i in indices)
    left, right = (
        Statement(Tensor(name, axes), indices, body) for name, body in zip((LEFT, RIGHT), bodies, strict=True)
    )
    count = itertools.count()
    order = tuple(None if axis is None else next(count) for axis in shape)
    return Comparison(left.target, right.target, (*statements, left, right), tuple(functions), order, conditions)
