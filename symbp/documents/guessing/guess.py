"""A problem put together from what a document defines, one for each stretch in which no name changes its meaning."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from symbp.documents.equations import Equation
from symbp.documents.guessing.layers import network_of
from symbp.documents.guessing.lines import UPSTREAM, line_of, names_in
from symbp.documents.guessing.shapes import ALONG, WEIGHTS, Shapes, Unclear, shaped
from symbp.documents.guessing.stated import Stated, functions_of, name_of, names_of, stated
from symbp.errors import InputError
from symbp.formula.latex.symbols import symbols
from symbp.formula.syntax import Binary, Negate, Sym, nodes
from symbp.network import Network
from symbp.notation import Notation
from symbp.verification.judge import Judge
from symbp.verification.meaning.setting import Layout
from symbp.verification.problems.problem import Problem

_TRIES = 12


@dataclass(frozen=True)
class Guess:
    """A problem, the equations that it is put together from, by their numbers, with the parts of their chains that count, its
    scalars, its lines in words, and the network that it is, with the page's letters."""

    problem: Problem
    defining: Mapping[int, int]
    scalars: tuple[str, ...]
    words: tuple[str, ...] = ()
    network: tuple[Network, Notation] | None = None

    @property
    def loss(self) -> str:
        """The number that is differentiated where a claim does not say which; empty where there is none."""
        return self.problem.loss

    @property
    def said(self) -> str:
        """The forward map in a line."""
        shown = {n: a for n, a in self.problem.tensors.items() if n != UPSTREAM}
        tensors = ", ".join(f"{n} ({a})" if a else n for n, a in shown.items())
        functions = ["any function " + n if f == "any" else f"{n}(z) = {f}" for n, f in self.problem.functions.items()]
        return f"{'; '.join(self.words)} with {', '.join([tensors, *functions])}"


@dataclass(frozen=True)
class Stretch:
    """Equations up to (and without) a number, and what they are about."""

    until: int
    guess: Guess


def stretches(equations: Sequence[Equation], text: str) -> list[Stretch]:
    """What a document is about, stretch by stretch; nothing where its equations define no forward map."""
    functions = functions_of(equations)
    every = _usable(stated(equations, functions))
    cuts = _cuts(every)
    found = []
    for end in (*cuts, len(equations)):
        chosen = _at(every, end)
        made = guessed(chosen, equations, text, functions)
        if made is not None:
            found.append(Stretch(end, with_slopes(made, [e.text for e in equations if not e.code])))
    return found


def layers_of(equations: Sequence[Equation], text: str) -> tuple[Network, Notation] | None:
    """The network that a document defines layer by layer, and a notation with its letters; None where it defines none."""
    every = _usable(stated(equations, functions_of(equations)))
    chosen = [d for d in _at(every, len(equations)) if not d.argument]
    return network_of(_in_order(chosen), shaped(chosen, equations, text), equations)


def _usable(every: list[Stated]) -> list[Stated]:
    """Definitions without those of names that would rest on themselves."""
    found: list[Stated] = []
    for one in every:
        if one.name in _behind(one.reads, found):
            continue  # it would rest on itself
        found.append(one)
    return found


def _behind(names: Iterable[str], defined: Sequence[Stated]) -> frozenset[str]:
    """Names, and all that they rest on by the latest definitions."""
    last = {d.name: d for d in defined}
    seen, waiting = set[str](), [*names]
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            waiting += last[name].reads if name in last else ()
    return frozenset(seen)


def _cuts(every: Sequence[Stated]) -> list[int]:
    """The numbers of the equations at which a name gets another meaning."""
    known: dict[str, Stated] = {}
    cuts = []
    for one in every:
        before = known.get(one.name)
        if before is not None and before.right != one.right and bool(before.letters) == bool(one.letters):
            cuts.append(one.at)
        if before is None or (before.right != one.right and bool(before.letters) == bool(one.letters)):
            known[one.name] = one
    return sorted({*cuts})


def _at(every: Sequence[Stated], end: int) -> list[Stated]:
    """The latest definition of every name before an equation, or the first behind it."""
    chosen: dict[str, Stated] = {}
    for one in every:
        before = chosen.get(one.name)
        if before is None or (one.at < end and bool(before.letters) == bool(one.letters)):
            chosen[one.name] = one
    return [*chosen.values()]


def guessed(
    chosen: Sequence[Stated], equations: Sequence[Equation], text: str, letters: Mapping[str, str]
) -> Guess | None:
    """A problem that says what these equations do, as far as they can be put together; None where no number comes out."""
    shapes = shaped(chosen, equations, text)
    functions: dict[str, str] = {}
    ordered = _in_order([d for d in chosen if not d.argument])
    taken = frozenset({d.name for d in chosen} | {n for d in chosen for n in d.reads})
    called = {n for d in ordered for n in names_in(d.right)}
    for one in chosen:
        if one.argument and one.name in letters:
            try:
                functions[one.name] = line_of(one, shapes, taken)
            except Unclear:
                continue
    functions |= {n: "any" for n in letters if n in called and n not in functions}
    lines: list[tuple[str, Stated]] = []
    for one in ordered:
        try:
            lines.append((line_of(one, shapes, taken), one))
        except Unclear:
            continue
    made = _problem(lines, shapes, functions, _layout(chosen))
    return None if made is None else replace(made, network=network_of(ordered, shapes, equations))


def _layout(chosen: Sequence[Stated]) -> Layout:
    """Whether examples are rows: weights stand behind what they are applied to."""
    for one in chosen:
        for n in nodes(one.right):
            if isinstance(n, Binary) and n.op in ("juxt", "@") and isinstance(n.left, Sym) and isinstance(n.right, Sym):
                left, right = (s.base.lstrip("\\") for s in (n.left, n.right))
                if right in WEIGHTS and left not in WEIGHTS:
                    return "rows"
    return "columns"


def _in_order(defined: Sequence[Stated]) -> list[Stated]:
    """Definitions, each behind those that it reads."""
    left, done = [*defined], list[Stated]()
    names = {d.name for d in defined}
    while left:
        ready = [d for d in left if not (d.reads & names - {e.name for e in done})]
        if not ready:
            break
        done.append(ready[0])
        left.remove(ready[0])
    return done


def _problem(
    lines: list[tuple[str, Stated]], shapes: Shapes, functions: Mapping[str, str], layout: Layout
) -> Guess | None:
    for _ in range(_TRIES):
        defined = {one.name for _, one in lines}
        scalars = tuple(one.name for _, one in lines if not one.letters and not shapes.axes.get(one.name))
        if not lines:
            return None
        axes: dict[int, str] = {}
        read = {
            n: None for text, one in lines for n in ((UPSTREAM, one.generic) if one.generic else names_of(one.right))
        }
        first = [*(n for n in read if n and n not in defined and n not in functions)]
        tensors = {}
        for name in first:
            own = shapes.axes.get(name, ())
            if name == UPSTREAM:
                own = next(shapes.axes.get(one.generic, ()) for _, one in lines if one.generic)
            tensors[name] = " ".join(axes.setdefault(shapes.root(a), f"n{len(axes)}") for a in own)
        final = _final(lines, [one.name for _, one in lines], scalars)
        asked: dict[str, Any] = {"loss": final} if final in scalars else {"results": (final,)}
        try:
            problem = Problem(tensors=tensors, forward=[t for t, _ in lines],
                              functions=functions, given=_facts(lines, shapes), layout=layout, **asked)  # fmt: skip
        except InputError as e:
            line = e.place.line
            if line is None or not 1 <= line <= len(lines):
                return None
            gone = lines[line - 1][1].name
            lines = [(t, one) for t, one in lines if one.name != gone and gone not in _reads(one, lines)]
            continue
        return Guess(
            problem, {one.at: one.link for _, one in lines}, scalars, tuple(_words(t, one) for t, one in lines)
        )
    return None


def _words(text: str, one: Stated) -> str:
    """A line of the map as it is shown."""
    return f"{one.name} = any loss of {one.generic}" if one.generic else text


def _reads(one: Stated, lines: Sequence[tuple[str, Stated]]) -> frozenset[str]:
    return _behind((*one.reads, one.generic), [d for _, d in lines])


def _final(lines: Sequence[tuple[str, Stated]], names: Sequence[str], scalars: Sequence[str]) -> str:
    """What the map leads to: the last number that no other line reads, or where there is no number the last array."""
    read = {n for _, one in lines for n in (*one.reads, one.generic)}
    of = scalars or names
    return next((n for n in reversed(of) if n not in read), of[-1])


def _facts(lines: Sequence[tuple[str, Stated]], shapes: Shapes) -> list[str]:
    """Targets of a softmax with cross-entropy sum to one: what is multiplied by the logarithms of shares."""
    shares = {one.name for text, one in lines if any(n in ALONG for n in names_in(one.right)) or "exp" in text}
    found = []
    for _, one in lines:
        if not isinstance(one.right, Negate):
            continue
        logs = {name_of(s) for n in nodes(one.right) for s in symbols(n) if getattr(n, "name", "") == "log"}
        if logs & shares:
            for sym in symbols(one.right):
                name = name_of(sym)
                if name not in logs and len(shapes.axes.get(name, ())) == 1 and f"sum({name}) = 1" not in found:
                    found.append(f"sum({name}) = 1")
    return found


_KINDS = ("sigmoid", "tanh", "relu", "softplus", "identity")


def with_slopes(guess: Guess, texts: Sequence[str]) -> Guess:
    """A guess in which a function of which the page says nothing but its slope, ``\\varphi'(v) = o(1 - o)``, is the first of the
    catalogue for which all that is said of its slope is right."""
    problem = guess.problem
    for name, kind in problem.functions.items():
        letter = rf"\\?{name}(?:'|\^\{{?\s*\\prime)"
        said = [t for t in texts if re.match(rf"\s*{letter}", t) and "=" in t]
        if kind != "any" or not said:
            continue
        for other in _KINDS:
            tried = replace(problem, functions={**problem.functions, name: other})
            judge = Judge.of_problem(tried)
            if all(judge.judge(t, latex=True).verdict == "correct" for t in said):
                guess, problem = replace(guess, problem=tried), tried
                break
    return guess
