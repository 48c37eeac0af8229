"""A NumPy function of somebody's as a forward map: ``FILE.py:NAME``, its lines as they stand in the file."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import groupby

from sympy import Rational

from symbp.calculus.indices import Axis
from symbp.calculus.program import Program
from symbp.errors import InputError, Place
from symbp.formula.printing import node_text
from symbp.formula.python.function import Function, read_function
from symbp.formula.python.module import Constant, read_module
from symbp.formula.python.values import Assigned, Loop
from symbp.formula.syntax import Binary, Call, Claim, Name, Node, Span, places
from symbp.network.forward import ForwardMap, Source, pointed
from symbp.verification.meaning.setting import Known
from symbp.verification.meaning.standing import Standing
from symbp.verification.problems.forward import declared, with_line
from symbp.verification.problems.problem import Problem, read_axes
from symbp.verification.problems.steps import with_steps, without_zeros

_MOST_LINES = 400


@dataclass(frozen=True)
class FunctionProblem(Problem):
    """The forward map that a function of NumPy's is: judged, printed and generated as a problem of one's own.

    Its results are differentiated against their upstreams (``d<name>``; that of a result without a name is ``dy``), and where it
    gives one number, that number is differentiated.
    """

    function: Function = field(kw_only=True)

    def __hash__(self) -> int:
        return id(self)

    def _mapped(self, program: Program) -> ForwardMap:
        """The forward map of the function's lines, with its defaults."""
        source = Source(f"the function {self.function.name}", name=self.function.name, text=self.where)
        made = self._map(program, (*self._results,), source)
        defaults = {a.name: Rational(a.default) for a in self.function.arguments if a.default is not None}
        roles = {t.name: replace(t, role="constant") for t in program.declared if t.name in defaults}
        declared = tuple(roles.get(t.name, t) for t in made.program.declared)
        return replace(made, program=replace(made.program, declared=declared), defaults=defaults)

    @property
    def where(self) -> str:
        """The file and the function's name, as a command takes them."""
        return f"{self.function.module.path}:{self.function.name}"

    @property
    def _said(self) -> str:
        return f"the function {self.function.name}"

    @cached_property
    def _results(self) -> tuple[str, ...]:
        return self._read[2]

    @cached_property
    def _forward(self) -> tuple[Program, dict[str, Known], Standing, set[Axis]]:
        program, known, _, needed = self._read
        return program, known, Standing(), needed

    @cached_property
    def _read(self) -> tuple[Program, dict[str, Known], tuple[str, ...], set[Axis]]:
        """The program, its tensors as arrays, the names of the results, and the axes that must have an element."""
        f, needed = self.function, set[Axis]()
        known = {a.name: declared(a.name, read_axes(a.name, a.axes or "")[0], integer=a.integer) for a in f.arguments}
        program = Program(tuple(k.tensor for k in known.values()), (), (), self._facts.sums)
        results: list[str] = []
        lines = guards_apart(f.body, {*known, *(b.name for b in f.body)})
        for loop, group in groupby(lines, key=lambda a: a.loop):
            if loop is not None:
                program, known = self._with_loop(program, known, loop, [*group], needed)
                continue
            for a in group:
                program, known = self._with(program, known, a, needed)
        named = [
            r.name in program.definitions and r.name not in [o.name for o in f.returned[:k]]
            for k, r in enumerate(f.returned)
        ]
        for k, r in enumerate(f.returned):
            if named[k]:
                results.append(r.name)
                continue
            name = _free("y" if sum(named) == len(named) - 1 else f"y{k + 1}", known)
            changed = self._with(program, known, Assigned(name, name, r.node, r.span), needed)
            if len(f.returned) == 1 and not changed[1][name].shape:
                name = _free("J", known)
                changed = self._with(program, known, Assigned(name, name, r.node, r.span), needed)
            program, known = changed
            results.append(name)
        self._check_pointing(program)
        if any(a.loop is not None for a in f.body):
            program, known = without_zeros(program, known, results)
        return program, known, tuple(results), needed

    def _check_pointing(self, program: Program) -> None:
        """InputError where an argument of whole numbers says no place, so that it cannot be told what they are below."""
        for a in self.function.arguments:
            if a.integer and a.name not in pointed(program):
                message = f"the argument {a.name} holds whole numbers that point into no axis"
                raise InputError(message, place=self.function.module.place(a.span.start), allowed=f"E[{a.name}]")

    def _with(
        self, program: Program, known: Mapping[str, Known], a: Assigned, needed: set[Axis]
    ) -> tuple[Program, dict[str, Known]]:
        """The program with one assignment more; the axes that it needs are added to `needed`."""
        claim = Claim(Name(a.name, span=a.span), a.node, "")
        try:
            made = with_line(self._named(program, known), claim)
        except InputError as e:
            raise self._placed(e, a.span) from None
        if a.changed and (why := self._not_in_place(program, known, a, made.known)):
            raise self._placed(InputError(why, allowed=f"{a.written} = ..., a new array"), a.span)
        needed |= {*made.lengths}
        return made.program, {**known, a.name: made.known}

    def _with_loop(
        self, program: Program, known: dict[str, Known], loop: Loop, group: Sequence[Assigned], needed: set[Axis]
    ) -> tuple[Program, dict[str, Known]]:
        """The program with all the steps of a loop more."""

        def line(program: Program, known: Mapping[str, Known], a: Assigned) -> tuple[Program, dict[str, Known]]:
            return self._with(program, known, a, needed)

        try:
            made = with_steps(self._named, line, program, known, loop, group)
        except InputError as e:
            raise (e if e.place.file is not None else self._placed(e, loop.span)) from None
        needed -= {a for a in needed if loop.step in a.name}  # of these it is known where the steps are
        return made

    def _not_in_place(self, program: Program, known: Mapping[str, Known], a: Assigned, made: Known) -> str:
        """Why NumPy would not change an array so, in a sentence; empty where it would."""
        old = known[a.changed].shape
        if old != made.shape:
            return f"{a.written} is changed in place, and its shape would change"
        if not old and a.alike > 1:
            return f"{a.written} is a number, which does not change under its other names"
        for node, wanted, why in (
            (a.chosen, old, "the comparison that chooses its elements has another shape"),
            (a.put, (), "its elements are given more than one number"),
        ):
            if node is None:
                continue
            claim = Claim(Name("picked", span=a.span), node, "")
            if with_line(self._named(program, known), claim).known.shape != wanted:
                return f"{a.written} is changed in place, and {why}"
        return ""

    def _placed(self, e: InputError, span: Span) -> InputError:
        """The error at its line and column of the file."""
        offset = span.start if e.place.column is None else e.place.column - 1
        at = self.function.module.place(offset)
        return InputError(e.message, place=at, allowed=e.allowed, nearest=e.nearest)


def guards_apart(body: tuple[Assigned, ...], taken: set[str]) -> list[Assigned]:
    """The assignments with ``x.max(...)`` in ``x - x.max(...)`` under a name of its own: what it is taken for is the numbers'
    sake, and a gradient need not go through it."""
    found: list[Assigned] = []
    for a in body:
        node = a.node
        for inner, put in places(node):
            if isinstance(inner, Binary) and inner.op == "-" and is_maximum_of(inner.right, inner.left):
                name = _free(f"{inner.left.name if isinstance(inner.left, Name) else 'x'}_max", taken)
                taken.add(name)
                found.append(Assigned(name, name, inner.right, inner.right.span, loop=a.loop))
                node = put(replace(inner, right=Name(name, span=inner.right.span)))
                break
        found.append(replace(a, node=node))
    return found


def is_maximum_of(node: Node, of: Node) -> bool:
    """Whether a formula is the largest element of another, along an axis or of all."""
    return isinstance(node, Call) and node.name in ("max", "amax") and node.args == (of,) and isinstance(of, Name)


def _free(name: str, taken: Container[str]) -> str:
    made, k = name, 1
    while made in taken:
        k += 1
        made = f"{name}_{k}"
    return made


def function_problem(text: str, path: str, name: str, given: Mapping[str, Constant] | None = None) -> FunctionProblem:
    """The forward map of a function in a file's text, which is read and never run.

    Parameters
    ----------
    text, path : the file, and how messages call it
    name : the function
    given : values of its options, ``{"reduction": "sum"}``

    Raises
    ------
    InputError : for what cannot be read: file, line, column, what was read, what is allowed
    """
    return problem_of(read_function(read_module(text, path), name, given))


def problem_of(f: Function) -> FunctionProblem:
    """The forward map of a function that has been read; InputError where its arguments do not say their axes."""
    path = f.module.path
    if not f.arguments:
        raise InputError(f"{f.name} has no arguments", place=Place(path), allowed=f'def {f.name}(x: "n d"): ...')
    for a in f.arguments:
        at = f.module.place(a.span.start)
        if a.axes is None:
            raise InputError(f"the argument {a.name} says nothing of its axes", place=at,
                             allowed=f'{a.name}: Float[Array, "n d"], or {a.name}: "n d"; "" for a number')  # fmt: skip
    if len(f.body) > _MOST_LINES:
        raise InputError(f"{f.name} has {len(f.body)} assignments", place=Place(path), allowed=f"at most {_MOST_LINES}")
    tensors = {a.name: a.axes or "" for a in f.arguments}
    lines = tuple(f"{a.name} = {node_text(a.node)}" for a in f.body)
    try:
        return FunctionProblem(tensors, lines or ("y",), given=f.facts, results=("",), function=f)
    except InputError as e:
        raise e.at(Place(path)) from None
