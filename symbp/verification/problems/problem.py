"""A problem of the user's own: tensors, a forward map in any language that claims are read in, a loss, and claims about it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from typing import Literal, get_args

from sympy import Integer

from symbp.calculus.indices import Axis
from symbp.calculus.language import read_scalar_function, valid_name
from symbp.calculus.lengths import is_derived
from symbp.calculus.named_parts import with_named_parts
from symbp.calculus.passes import run
from symbp.calculus.places import reached
from symbp.calculus.primitives import CALLS
from symbp.calculus.program import Program, ScalarFunction, Statement, Tensor, axes_in
from symbp.calculus.recurrences import check_order
from symbp.calculus.sweep import free_indices_for, reverse
from symbp.catalogue import ACTIVATIONS
from symbp.errors import InputError, Place, shown, unknown
from symbp.formula.numpy_calls import MEANT
from symbp.formula.words import ELEMENTWISE, MATRIX, REDUCTIONS, SAME
from symbp.network.forward import HIDDEN, ForwardMap, Source, pointed
from symbp.network.layers import catalogue_functions
from symbp.network.lengths import in_order, length, names_of
from symbp.network.upstream import Against, against_upstream
from symbp.notation import Notation
from symbp.verification.meaning.setting import LANGUAGE, Assumptions, Known, Layout, Setting, setting_of
from symbp.verification.meaning.standing import Standing, orientation
from symbp.verification.problems.ahead import ahead
from symbp.verification.problems.forward import cost, cost_of_parts, declared, extended, put_together
from symbp.verification.problems.inputs import domain_of, read_assumptions
from symbp.verification.problems.latex import own_notation
from symbp.verification.proof.draws import facts_hold, lengths_of
from symbp.verification.subject import Further, Offers, offers_of

ONE = Axis("one")
"""The axis of length 1."""
_MOST_TENSORS, _MOST_AXES, _MOST_LINES, _MOST_OPERATIONS = 60, 4, 40, 20
_MANY_AXES = 6  # which are shorter where claims are tried
_LARGEST_COST = 500_000  # steps of the evaluator at one point


@dataclass(frozen=True)
class Problem:
    """A forward map of the user's own, and a loss, about which claims can be judged: ``sb.verify(problem, claim)``.

    Parameters
    ----------
    tensors : the axes of every input by name, ``{"Q": "t d", "scale": ""}``; the same axis name means the same length, and an
        axis called ``one`` has length 1; ``"n t -> v"`` holds whole numbers, which point into the axis v
    forward : equations in order, each name assigned once, ``"P = softmax(scale*Q@K.T)"`` or
        ``"S[i,j] = sum(Q[i,k]*K[j,k], k)"``
    loss : the scalar that is differentiated, a name that the forward map defines; empty where there are results instead
    functions : scalar functions by name: ``"any"`` (uninterpreted), one of the catalogue's, or an expression in z
    claims : equations to judge, as a file has them
    given : what is known of the inputs' values: ``"sum(Y, axis=1) = 1"``, ``"one_hot(Y)"``, ``"s > 0"``, ``"A = A.T"``
    layout : with ``"columns"``, softmax acts along the first axis instead of the last one
    transposes : with ``"dropped"``, claims in LaTeX may leave the transposes of vectors out; with ``"primes"``, ``X'`` is one
    lengths : lengths that follow from others by the names of axes, ``{"p": "(h + 2 - u)//2 + 1", "u": "3"}``; a letter of that
        name runs over that axis
    results : names that the forward map defines, each differentiated against an upstream ``d<name>``, which is given

    Raises
    ------
    InputError : where something cannot be used; the place is the line of the forward map, counted from 1
    """

    tensors: Mapping[str, str]
    forward: Sequence[str]
    loss: str = ""
    functions: Mapping[str, str] = field(default_factory=dict)
    claims: Sequence[str] = ()
    layout: Layout = "rows"
    given: Sequence[str] = ()
    transposes: Literal["written", "dropped", "primes"] = "written"
    results: Sequence[str] = ()
    lengths: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in ("forward", "claims", "given"):
            object.__setattr__(self, name, _lines(name, getattr(self, name)))
        for name in ("tensors", "functions", "lengths"):
            if not isinstance(getattr(self, name), Mapping):
                raise InputError(f"{name} is {shown(str(getattr(self, name)))}", allowed='a table, {"x": "n d"}')
        if not isinstance(self.loss, str):
            raise InputError(f"loss is {shown(str(self.loss))}", allowed="a name of the forward map's")
        if self.layout not in get_args(Layout):
            raise InputError(f"layout is {shown(str(self.layout))}", allowed="columns, rows")
        if self.transposes not in ("written", "dropped", "primes"):
            raise InputError(f"transposes is {shown(str(self.transposes))}", allowed="written, dropped, primes")
        _ = self.setting

    def __hash__(self) -> int:
        return id(self)

    @cached_property
    def notation(self) -> Notation:
        """The letters of a claim in LaTeX: the problem's own names."""
        setting = self.setting
        own = own_notation(self.forward_map.loss, setting.known, self.functions, setting.lengths, self.layout)
        return replace(own, transpose="'") if self.transposes == "primes" else own

    @cached_property
    def setting(self) -> Setting:
        """The forward map with the true equation of every adjoint, and what the names of a claim mean."""
        known = dict(self._forward[1])
        forward = self._mapped(self._forward[0])  # a verdict speaks of nothing but the author's own names
        program = forward.program
        _check_cost(program)
        domain = domain_of(program, self._facts.positive)
        inputs = tuple(
            t if t.of else replace(t, role="constant" if t.name in domain.positive else "input")
            for t in program.declared
        )
        whole = _with_adjoints(replace(forward, program=replace(program, declared=inputs)))
        _check_cost(whole, parts=True)
        adjoints: dict[str, list[Tensor]] = {}
        for t in whole.tensors.values():
            adjoints.setdefault(t.of or "", []).append(t)
        for name, own in [*known.items()]:
            for t in adjoints.get(
                name, ()
            ):  # of a result that others read, the upstream is d<name>, and all of it dJ/d<name>
                known.setdefault(f"d{name}", Known(t, own.shape, own.order))
                known[t.name] = known[f"dJ/d{name}"] = Known(t, own.shape, own.order)
        setting = replace(self._named(whole, known), lowest=domain.lowest)
        lengths_of(setting, 0)  # an error where none fit together
        if self.given and not facts_hold(setting):
            raise InputError("the facts in given cannot hold together", allowed="facts that some values meet")
        return setting

    @property
    def vectors(self) -> Standing:
        """How vectors stand on a page about this problem: as columns; what is added to every row of a matrix may be a row."""
        return self._forward[2]

    @cached_property
    def forward_map(self) -> ForwardMap:
        """What of the lines is differentiated, as one program, in which the parts of long equations have names."""
        return self._mapped(with_named_parts(self._forward[0]))

    def _mapped(self, program: Program) -> ForwardMap:
        """The forward map of the lines as a program."""
        visible = [n for n in program.definitions if HIDDEN not in n]
        for what, names in (("result", self.results), ("loss", () if self.results else (self.loss,))):
            for name in names:
                if name not in visible:
                    raise unknown(what, name, visible)
        return self._map(program, (*self.results,) or (self.loss,), Source(self._said, text="\n".join(self.forward)))

    @property
    def _said(self) -> str:
        """How messages speak of the problem."""
        if self.results:
            return f"a problem with the result{'s' * (len(self.results) > 1)} {' and '.join(self.results)}"
        return f"a problem with the loss {self.loss}"

    def _map(self, program: Program, results: tuple[str, ...], source: Source) -> ForwardMap:
        """The forward map of a program: of the number that it gives, or of its results against their upstreams."""
        of_number = not self.results or (len(results) == 1 and not program.tensors[results[0]].axes)
        if not self.results and program.tensors[self.loss].axes:
            axes = ", ".join(a.name for a in program.tensors[self.loss].axes)
            raise InputError(f"the loss {self.loss} is no number: its axes are {axes}", allowed="a sum or a mean of it")
        against = Against(program, results[0], {}) if of_number else against_upstream(program, results)
        return ForwardMap(
            against.program,
            against.loss,
            source,
            results=results,
            upstream=against.upstream,
            inner=tuple(name for name in program.definitions if name not in results),
            ones={
                name: tuple(k for k, a in enumerate(known.shape) if a is None)
                for name, known in self._forward[1].items()
                if None in known.shape and (name in results or name not in program.definitions)
            },
            functions={name: program.function[name] for name in self.functions},
            sizes={a: length(rule, {}) for a, rule in self._follows(program).items() if not names_of(rule)},
            follows={a: rule for a, rule in self._follows(program).items() if names_of(rule)},
        )

    @cached_property
    def _forward(self) -> tuple[Program, dict[str, Known], Standing, set[Axis]]:
        """The forward map, its tensors as arrays, how vectors stand, and the axes that must have an element."""
        if len(self.tensors) > _MOST_TENSORS or len(self.forward) > _MOST_LINES:
            raise InputError(f"{len(self.tensors)} tensors and {len(self.forward)} lines",
                             allowed=f"at most {_MOST_TENSORS} tensors and {_MOST_LINES} lines")  # fmt: skip
        if not self.tensors:
            raise InputError("no tensors are given", allowed='for example  x = "n d"')
        if not self.forward:
            raise InputError("the forward map is empty", allowed='for example  forward = ["J = sum(x**2)"]')
        taken: set[str] = set()
        functions = {name: self._function(name, text, taken) for name, text in self.functions.items()}
        known = {}
        for name, axes in self.tensors.items():
            _new(name, "tensor", taken)
            known[name] = declared(name, *read_axes(name, axes))
        self._check_lengths({a.name for k in known.values() for a in k.tensor.axes})
        facts = self._facts.sums
        program, needed = (
            Program(tuple(k.tensor for k in known.values()), (), tuple(functions.values()), facts),
            set[Axis](),
        )
        stands, groups = Standing(), list[frozenset[str]]()
        later = ahead(self.forward, known, self.lengths)
        for number, line in enumerate(self.forward, 1):
            try:
                waiting = {n: k for n, k in later.items() if n not in known}
                forward = extended(self._named(program, {**waiting, **known}), line, stands, {*waiting})
                if forward.name in waiting and forward.known != waiting[forward.name]:
                    raise InputError(f"{forward.name} has other axes than where it is read before")
                _new(forward.name, "name", taken)
            except InputError as e:
                raise e.at(Place(None, number)) from None
            if len(forward.program.statements) > len(program.statements) + _MOST_OPERATIONS:
                raise InputError("the line is too long", place=Place(None, number), allowed="the same in more lines")
            program, known[forward.name], stands = forward.program, forward.known, forward.stands
            groups = put_together(groups, iter(forward.alike))
            needed |= {*forward.lengths}
        check_order(program.statements)
        along = next((g for g in groups if "" in g), frozenset[str]()) if self.layout == "rows" else frozenset[str]()
        return program, known, replace(stands, either=along - {""} - stands.rows - stands.columns), needed

    @cached_property
    def _facts(self) -> Assumptions:
        """What is given of the inputs."""
        return self.assumptions(self.given)

    def assumptions(self, lines: Iterable[str]) -> Assumptions:
        """What some lines say of the inputs; InputError where they say nothing that is known."""
        known = {name: declared(name, *read_axes(name, axes)) for name, axes in self.tensors.items()}
        places = {
            name: tuple(k.order.index(p) if p in k.order else None for p in range(len(k.shape)))
            for name, k in known.items()
        }
        return read_assumptions(lines, {name: k.tensor for name, k in known.items()}, places)

    def _function(self, name: str, text: str, taken: set[str]) -> ScalarFunction:
        _new(name, "function", taken)
        if not isinstance(text, str):
            raise InputError(f"function {shown(name)} is {shown(str(text))}", allowed=_FUNCTIONS)
        known = {"any": ScalarFunction(name), **catalogue_functions(), **LANGUAGE}.get(text.strip())
        if known is not None:
            return ScalarFunction(name, known.definition)
        try:
            return read_scalar_function(name, text)
        except InputError as e:
            word = text.strip()
            if re.fullmatch(r"\w+", word) and word != "z":
                raise unknown("function", word, ["any", *ACTIVATIONS]) from None
            raise e.about(f"function {shown(name)}") from None

    def _named(self, program: Program, known: Mapping[str, Known]) -> Setting:
        named = (Axis(n) for name, rule in self.lengths.items() for n in (name, *names_of(rule)))
        axes = dict.fromkeys((*(a for t in program.tensors.values() for a in t.axes), *named))
        labels = {a: a.name for a in axes}
        functions = {**LANGUAGE, **catalogue_functions(), **program.function}
        return Setting(
            program, dict(known), {}, functions, {}, labels, self.layout, batch=True, orient=orientation(known, _as_stored),
            loss=self.loss or "J", given=self._facts, follows=self._follows(program),
            whole=pointed(program) | {n: into for n, axes in self.tensors.items() if (into := read_axes(n, axes)[1])},
        )  # fmt: skip

    def _follows(self, program: Program) -> dict[Axis, str]:
        """The lengths that follow from others; an axis whose name is a formula has that length."""
        found = {Axis(name): rule for name, rule in self.lengths.items()}
        made = [a for a in axes_in(program) if is_derived(a)]
        needed = (
            self.__dict__["_forward"][3] if "_forward" in self.__dict__ else ()
        )  # none are known while lines are read
        return {**found, **{a: a.name for a in (*made, *needed)}}

    def _check_lengths(self, axes: set[str]) -> None:
        """InputError where a length follows from what is no length, or is none itself."""
        for name, rule in self.lengths.items():
            valid_name(name, "axis in lengths,")
            if not isinstance(rule, str):
                raise InputError(f"the length {shown(name)} is {shown(str(rule))}", allowed='a text, "(h - u)//2 + 1"')
            for one in names_of(rule):
                if one not in axes and one not in self.lengths:
                    raise unknown(f"axis in the length of {name},", one, [*axes, *self.lengths])
            try:
                length(rule, dict.fromkeys(names_of(rule), 60))
            except InputError as e:
                raise e.about(f"the length of {name}") from None
        in_order(self.lengths)


@offers_of.register
def _(problem: Problem) -> Offers:
    return Offers(vectors=problem.vectors, further=partial(_further, problem))


def _further(problem: Problem, setting: Setting) -> Iterator[Further]:
    """Facts that may hold of the inputs, where nothing is given of them."""
    if not problem.given:
        yield from _symmetric(problem, setting)
        yield from _in_rows(problem, setting)


def _symmetric(problem: Problem, setting: Setting) -> Iterator[Further]:
    """That an input is a symmetric matrix, as a covariance is, where matrices are inverted."""
    for t in setting.program.declared if setting.inverts else ():
        if len(t.axes) == 2 and t.axes[0] == t.axes[1] and t.role == "input":
            line = f"{t.name} = {t.name}.T"
            yield Further(t.name, line, line, partial(_given, problem, line))


def _in_rows(problem: Problem, setting: Setting) -> Iterator[Further]:
    """That rows of an input add up to one, where nothing is given of the inputs."""
    for t in setting.program.declared:
        if len(t.axes) > 0 and t.role == "input" and not t.integer:
            line = f"sum({t.name}, axis={len(t.axes) - 1}) = 1"
            yield Further(t.name, line, t.name, partial(_given, problem, line))


def _given(problem: Problem, line: str) -> Setting:
    """The setting of a problem where a fact holds too; what was derived without it is true under it."""
    setting, facts = problem.setting, problem.assumptions([line])
    program = replace(setting.program, facts=(*setting.program.facts, *facts.sums))
    found = replace(setting, program=program, given=facts)
    if not facts_hold(found):
        raise InputError("the fact cannot hold", allowed="facts that some values meet")
    return found


FUNCTION_NAMES = frozenset({"pi", "np", "numpy", *REDUCTIONS, *MATRIX, *ELEMENTWISE, *SAME, *CALLS, *MEANT})
"""Functions that mean the same whatever the problem."""
_FUNCTIONS = 'any, a name of the catalogue\'s such as "tanh", or an expression in z'


@setting_of.register
def _(problem: Problem, *, batch: bool, layout: Layout = "columns", ones: Iterable[Axis] = ()) -> Setting:
    return problem.setting


def _check_cost(program: Program, parts: bool = False) -> None:
    axes = {a for t in program.tensors.values() for a in t.axes}
    placed = reached(s.body for s in program)
    size = 5 if not placed else 3 if len(axes) < _MANY_AXES else 2
    steps = min(cost(program, size), cost_of_parts(program, size)) if parts else cost(program, size)
    if steps > _LARGEST_COST:
        raise InputError("the forward map is too large to be evaluated", allowed="fewer axes at once, in more lines")


def _as_stored(tensor: Tensor) -> tuple[int | None, int | None]:
    """The axes of a tensor that no claim names: its own, in order; a vector of one axis is a column."""
    count = len(tensor.axes)
    return 0 if count else None, 1 if count > 1 else None


def _with_adjoints(forward: ForwardMap) -> Program:
    """The program with the equation of every adjoint: zero off the way to the loss, one at the loss."""
    program, loss = forward.program, forward.loss
    numbers = [n for n, s in program.definitions.items() if not s.reads and n != loss]  # what no input is behind
    backward = run(reverse(program, loss, [*(t.name for t in program.declared if not t.integer), *numbers]))
    found = backward.adjoint
    others = [t for t in program.tensors.values() if t.name not in found and HIDDEN not in t.name and not t.integer]
    extra = []
    for t in others:
        indices = free_indices_for(t, program, ())
        extra.append(Statement(Tensor(f"d{t.name}", t.axes, "adjoint", of=t.name), indices, Integer(t.name == loss)))
    return backward.program.extended(*extra)


def _new(name: str, what: str, taken: set[str]) -> None:
    """Keep a name that nothing else has, not even as a derivative; InputError where something does."""
    valid_name(name, f"{what} name")
    if name in (FUNCTION_NAMES if what == "function" else ("pi", "np", "numpy")) or name.startswith("N_"):
        raise InputError(f"{what} {shown(name)} has a meaning already", allowed="another name")
    for other in (name, f"d{name}", name[1:] if name[:1] == "d" else name):
        if other in taken:
            why = (
                "is there already"
                if other == name
                else f"cannot be told from the derivative of {min(name, other, key=len)}"
            )
            raise InputError(f"{what} {shown(name)} {why}", allowed="another name")
    taken.add(name)


def _lines(name: str, given: object) -> tuple[str, ...]:
    """Equations as a list, or as one text with a line for each."""
    lines = [line for line in given.splitlines() if line.strip()] if isinstance(given, str) else given
    if not isinstance(lines, Sequence) or not all(isinstance(line, str) for line in lines):
        raise InputError(f"{name} is {shown(str(given))}", allowed='a list of equations, ["J = sum(x**2)"]')
    return tuple(lines)


def read_axes(name: str, text: str) -> tuple[tuple[Axis | None, ...], Axis | None]:
    """The axes of a tensor as a problem gives them, ``"t d"``, and of whole numbers the axis into which they point.

    Raises
    ------
    InputError : where they are none
    """
    if not isinstance(text, str):
        raise InputError(f"tensor {shown(name)} is {shown(str(text))}", allowed='the names of its axes, "t d", or ""')
    own, arrow, into = text.partition("->")
    axes = own.split()
    if arrow:
        valid_name(into.strip(), f"axis that {name} points into,")
    for axis in axes:
        if not re.fullmatch(r"[1-9]\d{0,5}", axis):
            valid_name(axis, f"axis of {name},")
    if len(axes) > _MOST_AXES:
        raise InputError(f"tensor {shown(name)} has {len(axes)} axes", allowed=f"at most {_MOST_AXES}")
    return tuple(None if Axis(a) == ONE or a == "1" else Axis(a) for a in axes), Axis(into.strip()) if arrow else None
