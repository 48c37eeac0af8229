"""The passes over a program before it is lowered, in one list; each keeps every output's value."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

from sympy import Add, Expr, Indexed, KroneckerDelta, Mul, exp, log

from symbp.calculus import functions as f
from symbp.calculus.functions import Apply
from symbp.calculus.places import is_plain
from symbp.calculus.program import Program, Statement, elements, indices_of, name_of
from symbp.calculus.reductions import First, rewrite
from symbp.calculus.rules import apply_rules, choose
from symbp.errors import InputError


@dataclass(frozen=True)
class Draft:
    """A program to lower: which tensors are wanted, and which are at hand (their statements are known but not emitted)."""

    program: Program
    outputs: tuple[str, ...]
    available: frozenset[str]

    @cached_property
    def obtainable(self) -> frozenset[str]:
        """What is at hand or can be computed from it."""
        found = set(self.available)
        for s in self.program:
            if found.issuperset(s.reads):
                found.add(s.target.name)
        return frozenset(found)

    def with_bodies(self, function: Callable[[Statement], Expr], *heads: type) -> Draft:
        """The same draft with every body rewritten; given `heads`, only where a node of one of these types stands."""
        new = []
        for s in self.program:
            body = s.body if heads and kinds_in(s.body).isdisjoint(heads) else function(s)
            new.append(s if body is s.body else replace(s, body=body))
        return replace(self, program=self.program.with_statements(*new))


def define_functions(draft: Draft) -> Draft:
    """Write out the named scalar functions: Apply(g, 1, z) is the derivative of g's definition at z."""
    known: dict[tuple[str, int], Expr] = {}

    def define(node: Expr) -> Expr:
        if not isinstance(node, Apply):
            return node
        key = (node.name, node.order)
        if key not in known:
            function = draft.program.function.get(node.name)
            value = function.at(f.Z, node.order) if function else None
            if value is None:
                raise InputError(f"the function {node.name} has no definition, so no code can be made for it")
            known[key] = value
        return known[key].xreplace({f.Z: node.arg})

    return draft.with_bodies(lambda s: rewrite(s.body, define), Apply)


def set_constants(draft: Draft) -> Draft:
    """Replace constants by their values."""
    values = {
        t.symbol: draft.program.constants[t.name] for t in draft.program.declared if t.name in draft.program.constants
    }
    return draft.with_bodies(lambda s: s.body.xreplace(values)) if values else draft


def resolve_aliases(draft: Draft) -> Draft:
    """Read the original where a statement only copies it, ``a[n,i] = z[n,i]``."""
    source: dict[str, str] = {}
    tensors = draft.program.tensors
    for s in draft.program:
        if isinstance(s.body, Indexed) and tuple(s.body.indices) == s.indices:
            origin = name_of(s.body)
            origin = source.get(origin, origin)
            if s.target.name not in draft.available or origin in draft.available:
                source[s.target.name] = origin

    def resolve(s: Statement) -> Expr:
        originals = {
            e: replace(tensors[name_of(e)], name=source[name_of(e)])[indices_of(e)]
            for e in elements(s.body)
            if name_of(e) in source
        }
        return s.body.xreplace(originals) if originals else s.body

    return draft.with_bodies(resolve) if source else draft


def log_through_names(draft: Draft) -> Draft:
    """Take the logarithm of a probability from its pre-activation: log(a) with a = sigmoid(z) is -softplus(-z)."""
    definitions = draft.program.definitions

    def through(node: Expr) -> Expr:
        if not isinstance(node, (log, f.xlogy)):
            return node
        inner = node.args[-1]
        named = [e for e in elements(inner) if name_of(e) in definitions]
        if len(named) != 1 or inner not in (named[0], 1 - named[0]) or not is_plain(named[0]):
            return node
        s = definitions[name_of(named[0])]
        if not draft.obtainable.issuperset(s.reads):
            return node
        written = node.func(*node.args[:-1], inner.xreplace({named[0]: s.at(indices_of(named[0]))}))
        better = apply_rules(written)
        return node if better.has(log, f.xlogy) else better

    return draft.with_bodies(lambda s: rewrite(s.body, through), log, f.xlogy)


def choose_branches(draft: Draft) -> Draft:
    """Write a sum that an indicator selects from as one choice: m*a + (1 - m)*b is where(m, a, b)."""
    return draft.with_bodies(lambda s: choose(s.body), f.step, KroneckerDelta, First)


def guard_branches(draft: Draft) -> Draft:
    """Keep a function's argument inside the branch in which its value is used: exp(z) where z <= 0 is exp(min(z, 0))."""

    def guard(node: Expr) -> Expr:
        if isinstance(node, f.where):
            c, a, b = node.args
            return f.where(c, _within(a, c, True), _within(b, c, False))
        if isinstance(node, Mul):
            for factor in node.args:
                if factor.has(f.step):
                    rest = _within(node / factor, factor, True)
                    node = rest * factor
        return node

    return draft.with_bodies(lambda s: rewrite(s.body, guard) if s.body.has(f.step) else s.body, exp, log)


def _within(branch: Expr, condition: Expr, true: bool) -> Expr:
    if isinstance(condition, Add) and condition.args[0] == 1 and len(condition.args) == 2:
        condition, true = 1 - condition, not true
    if not isinstance(condition, f.step):
        return branch
    u = condition.args[0]
    offset, term = u.as_coeff_Add()
    scale, element = term.as_coeff_Mul()
    if scale == 0 or not (isinstance(element, Indexed) or element.is_Symbol):
        return branch
    limit = -offset / scale
    inside = (f.maximum if true == (scale > 0) else f.minimum)(element, limit)

    def clamp(node: Expr) -> Expr:
        return node.xreplace({element: inside}) if isinstance(node, (exp, log)) and not node.has(inside) else node

    return rewrite(branch, clamp)


def stabilise(draft: Draft) -> Draft:
    """Apply the rewrite rules."""
    return draft.with_bodies(lambda s: apply_rules(s.body), exp, log, f.sigmoid, f.xlogy)


def remove_dead(draft: Draft) -> Draft:
    """Keep only the statements that an output needs and that are not at hand."""
    return replace(draft, program=draft.program.with_statements(*_live(draft)))


def keep_relevant(draft: Draft) -> Draft:
    """Drop the statements that are neither needed nor say something about what is: definitions of what those read."""
    kept = {s.target.name: s for s in _live(draft)}
    recent = [*kept.values()]
    for _ in range(_DEPTH):
        read = {r for s in recent for r in s.reads} - {*kept}
        recent = [draft.program.definitions[r] for r in sorted(read) if r in draft.program.definitions]
        kept |= {s.target.name: s for s in recent}
    return replace(draft, program=draft.program.with_statements(*(s for s in draft.program if s.target.name in kept)))


_DEPTH = 3  # how many definitions deep a bound or a logarithm looks


def _live(draft: Draft) -> list[Statement]:
    definitions = draft.program.definitions
    needed, pending = set[str](), [*draft.outputs]
    while pending:  # a recurrence reads what stands behind it
        name = pending.pop()
        if name in definitions and name not in needed and name not in draft.available:
            needed.add(name)
            pending += definitions[name].reads
    return [s for s in draft.program.statements if s.target.name in needed]


@lru_cache(maxsize=4096)
def kinds_in(expr: Expr) -> frozenset[type]:
    """The types of all nodes of an expression."""
    return frozenset({type(expr)}.union(*(kinds_in(a) for a in expr.args)))


PASSES: tuple[Callable[[Draft], Draft], ...] = (
    keep_relevant,
    define_functions,
    set_constants,
    resolve_aliases,
    log_through_names,
    choose_branches,
    guard_branches,
    stabilise,
)
"""What every program goes through; :func:`remove_dead` follows when the ranges of all tensors are known."""
