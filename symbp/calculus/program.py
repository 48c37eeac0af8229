"""The core structure: an immutable list of statements ``out[free] = body`` over typed indices, each name assigned once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from typing import Any, Literal

import sympy
from sympy import Expr, Indexed, IndexedBase, Symbol

from symbp.calculus.functions import Apply, Z
from symbp.calculus.indices import Axis, Bound, Index
from symbp.calculus.places import Place, inside, is_plain
from symbp.calculus.reductions import Reduction

Role = Literal["input", "target", "parameter", "constant", "noise", "state", "value", "adjoint"]


@dataclass(frozen=True)
class Tensor:
    """A named array over axes.

    `role` says what it is to the network; `of` is set on an adjoint: the name of the tensor that the loss is differentiated
    with respect to. `integer` leaves room for tensors that index others.
    """

    name: str
    axes: tuple[Axis, ...] = ()
    role: Role = "value"
    of: str | None = None
    integer: bool = False

    @cached_property
    def symbol(self) -> Symbol:
        """The SymPy symbol behind the tensor's elements."""
        return Symbol(self.name, real=True)

    def __getitem__(self, indices: tuple[Expr, ...]) -> Expr:
        """The element at `indices`, one for each axis; a tensor without axes is a plain symbol."""
        if len(indices) != len(self.axes):
            raise ValueError(f"{self.name} has {len(self.axes)} axes, got {len(indices)} indices")
        return element(self.name, indices) if indices else self.symbol


def element(name: str, indices: tuple[Expr, ...]) -> Expr:
    """The element of the tensor called `name` at one index or more."""
    return Element(_base(name), *indices)


class Element(Indexed):
    """An element of a tensor: SymPy's own, which would deduce anew for each one what is known of all the tensor's elements."""

    def __new__(cls, base: IndexedBase, *indices: Expr) -> Element:
        """Make the element of `base` at `indices`."""
        made: Element = Expr.__new__(cls, base, *indices)
        made._assumptions = _known(base)
        return made

    def _hashable_content(self) -> tuple[Any, ...]:
        return tuple(self.args)


Element.__name__ = Indexed.__name__  # by which SymPy orders terms


@lru_cache(maxsize=4096)
def _known(base: IndexedBase) -> Any:
    """What SymPy has deduced about the elements of a tensor; they share it, and what is deduced later."""
    return Indexed(base, 0)._assumptions


@lru_cache(maxsize=4096)
def _base(name: str) -> IndexedBase:
    return IndexedBase(Symbol(name, real=True))


@dataclass(frozen=True)
class ScalarFunction:
    """A named function of one real argument; `definition` is an expression in ``Z``, or None where it is uninterpreted."""

    name: str
    definition: Expr | None = None

    def at(self, arg: Expr, order: int = 0) -> Expr | None:
        """The definition, differentiated `order` times by SymPy, at `arg`; None where there is no definition."""
        if self.definition is None:
            return None
        value = _differentiated(self.definition, order) if order else self.definition
        return value if arg == Z else value.xreplace({Z: arg})


@lru_cache(maxsize=1024)
def _differentiated(definition: Expr, order: int) -> Expr:
    """A definition's derivative; every element of every layer asks for the same few."""
    return definition.diff(Z, order)


@dataclass(frozen=True)
class Fact:
    """Something known to hold of a declared tensor, `left` = `right` for all values of the free indices, and why."""

    left: Expr
    right: Expr
    why: str


@dataclass(frozen=True)
class Statement:
    """``target[indices] = body``; `label` names the map that the statement belongs to, for the page and the code."""

    target: Tensor
    indices: tuple[Index, ...]
    body: Expr
    label: str = ""

    @property
    def left(self) -> Expr:
        """The element that is defined."""
        return self.target[self.indices]

    def at(self, indices: tuple[Expr, ...]) -> Expr:
        """The body with other free indices; at a place it is 0 where that lies outside of the tensor, as its element is."""
        body = self.body.xreplace(dict(zip(self.indices, indices, strict=True)))
        places = [i for i in indices if isinstance(i, Place)]
        return sympy.Mul(*map(inside, places), body) if places else body

    @cached_property
    def reads(self) -> tuple[str, ...]:
        """The names of the tensors that the body reads, in alphabetical order."""
        return tuple(sorted({name_of(e) for e in elements(self.body)}))


@dataclass(frozen=True)
class Program:
    """Declared tensors, statements in order of evaluation, the scalar functions in use, and facts about declared tensors."""

    declared: tuple[Tensor, ...]
    statements: tuple[Statement, ...] = ()
    functions: tuple[ScalarFunction, ...] = ()
    facts: tuple[Fact, ...] = ()
    constants: Mapping[str, sympy.Rational] = field(default_factory=dict)

    @cached_property
    def tensors(self) -> dict[str, Tensor]:
        """Every tensor by name, the declared ones first."""
        return {t.name: t for t in (*self.declared, *(s.target for s in self.statements))}

    @cached_property
    def definitions(self) -> dict[str, Statement]:
        """Every statement by the name that it defines."""
        return {s.target.name: s for s in self.statements}

    @cached_property
    def function(self) -> dict[str, ScalarFunction]:
        """Every scalar function by name."""
        return {f.name: f for f in self.functions}

    def behind(self, names: Iterable[str]) -> set[str]:
        """Some names, and all that they are made of, directly or through one another."""
        found, waiting = set[str](), [*names]
        while waiting:
            name = waiting.pop()
            if name not in found:
                found.add(name)
                waiting += self.definitions[name].reads if name in self.definitions else ()
        return found

    def __iter__(self) -> Iterator[Statement]:
        return iter(self.statements)

    def with_statements(self, *statements: Statement) -> Program:
        """The program with other statements."""
        return replace(self, statements=statements)

    def extended(self, *statements: Statement) -> Program:
        """The program with more statements at its end."""
        return replace(self, statements=self.statements + statements)


@lru_cache(maxsize=65536)
def elements(expr: Expr) -> frozenset[Any]:
    """The tensor elements that an expression reads: indexed ones, and symbols that are tensors without axes."""
    indexed: set[Any] = set()
    symbols: set[Any] = set()
    no_tensors: set[Any] = {Z}
    for e in sympy.preorder_traversal(expr):
        if isinstance(e, Indexed):
            indexed.add(e)
            no_tensors.add(e.base.label)
        elif isinstance(e, Apply):
            no_tensors.add(e.args[0])
        elif isinstance(e, Symbol) and not isinstance(e, Index) and not e.is_integer:
            symbols.add(e)
    return frozenset(indexed | symbols - no_tensors)


def name_of(element: Expr) -> str:
    """The name of the tensor that an element belongs to."""
    return str(element.base.label.name if isinstance(element, Indexed) else element.name)


def indices_of(element: Expr) -> tuple[Expr, ...]:
    """The indices of an element, none for a scalar."""
    return tuple(element.indices) if isinstance(element, Indexed) else ()


def free_indices(expr: Expr) -> set[Index]:
    """The free indices of an expression."""
    return {s for s in expr.free_symbols if isinstance(s, Index)}


def check(program: Program) -> None:
    """Raise AssertionError where a program is not well formed; tests run it after every pass."""
    known = {t.name: t for t in program.declared}
    assert len(known) == len(program.declared), "a tensor is declared twice"
    for s in program.statements:
        assert s.target.name not in known, f"{s.target.name} is assigned twice"
        assert tuple(i.axis for i in s.indices) == s.target.axes, f"{s.target.name}: indices do not run over its axes"
        assert len(set(s.indices)) == len(s.indices), f"{s.target.name}: an index is repeated on the left"
        stray = free_indices(s.body) - set(s.indices)
        assert not stray, f"{s.target.name}: {stray} neither bound nor free"
        for e in elements(s.body):
            before = known if is_plain(e) else program.tensors  # at a place, it may be a step before
            assert name_of(e) in before, f"{s.target.name} reads {name_of(e)} before it is defined"
            its = before[name_of(e)].axes
            axes = tuple(a if i.is_Integer else i.axis for i, a in zip(indices_of(e), its, strict=True))
            assert axes == its, f"{s.target.name} reads {e} over {axes}"
        for r in s.body.atoms(Reduction):
            assert isinstance(r.bound, Bound)
        for a in s.body.atoms(Apply):
            assert a.name in program.function, f"{s.target.name} applies {a.name}, which is not declared"
        known[s.target.name] = s.target


class Partial(Expr):
    """``Partial(y, x)``: the derivative of one element with respect to another, not yet carried out."""

    is_commutative = True
    is_real = True
