"""A planned network built: names get their layer's number, text becomes statements over the axes of the plan."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import sympy
from sympy import Expr

from symbp.calculus.contract import contract
from symbp.calculus.functions import Apply, apply
from symbp.calculus.indices import Axis, Index
from symbp.calculus.kinds import renamed
from symbp.calculus.language import Scope, parse, read_statement
from symbp.calculus.places import Place
from symbp.calculus.program import ScalarFunction, Statement, Tensor, name_of
from symbp.calculus.read_ahead import read_ahead
from symbp.calculus.recurrences import check_order
from symbp.calculus.reductions import rewrite
from symbp.errors import InputError, shown
from symbp.network.axes import Axes
from symbp.network.forward import BATCH, HIDDEN, Noise, Parameter, State
from symbp.network.layout import LETTERS, signature
from symbp.network.plan import LayerUse, Planned
from symbp.network.starts import started


@dataclass(frozen=True)
class PartialForward:
    """What has been assembled so far: the current output, the statements behind it, and the length of every axis."""

    output: Tensor
    sizes: Mapping[Axis, int]
    statements: tuple[Statement, ...] = ()
    functions: tuple[ScalarFunction, ...] = ()
    parameters: tuple[Parameter, ...] = ()
    noise: tuple[Noise, ...] = ()
    state: tuple[State, ...] = ()
    inference: tuple[Statement, ...] = ()
    outputs: tuple[str, ...] = ()

    @property
    def inner(self) -> tuple[str, ...]:
        """The names of what layers compute on the way: every statement's but the layers' outputs."""
        return tuple(s.target.name for s in self.statements if s.target.name not in self.outputs)

    def shape(self, tensor: Tensor) -> tuple[int, ...]:
        """The shape of a tensor for one example."""
        return tuple(self.sizes[a] for a in tensor.axes if a != BATCH)


def letters_for(axes: Iterable[Axis]) -> tuple[Index, ...]:
    """Free indices for the axes of a tensor: n for the batch, then i, j, k, ..."""
    rest = iter(LETTERS)
    return tuple(Index("n" if a == BATCH else next(rest), a) for a in axes)


def assembled(
    plan: Sequence[Planned],
    start: PartialForward,
    inputs: Sequence[Tensor],
    axes: Axes,
    functions: Mapping[str, ScalarFunction],
) -> PartialForward:
    """Build the layers of a plan on top of `start`.

    Parameters
    ----------
    plan : the layers in order
    start : what stands before them
    inputs : the tensors that they read as the network's inputs
    axes : the axes of the plan
    functions : the scalar functions that lines may call

    Raises
    ------
    InputError : a line that cannot be read
    """
    built, values = start, list(inputs)
    for node in plan:
        its = [values[k] for k in node.reads]
        if isinstance(node.use, LayerUse):
            built = _add_layer(built, node.use, its, axes, functions)
        else:
            built = _add_elementwise(built, node.use, its[0], node.output)
        values.append(built.output)
    return built


def _add_elementwise(built: PartialForward, function: ScalarFunction, x: Tensor, name: str) -> PartialForward:
    """Apply a scalar function to every element of a tensor; one of the name of another gets a name of its own."""
    if any(f.name == function.name and f != function for f in built.functions):
        function = replace(function, name=f"{function.name}_{len(built.functions)}")
    indices = letters_for(x.axes)
    target = Tensor(name, x.axes)
    statement = Statement(target, indices, apply(function.name, x[indices]), label=function.name)
    functions = built.functions if function in built.functions else (*built.functions, function)
    return replace(
        built,
        output=target,
        statements=(*built.statements, statement),
        functions=functions,
        outputs=(*built.outputs, target.name),
    )


def _add_layer(
    built: PartialForward,
    at: LayerUse,
    inputs: Sequence[Tensor],
    axes: Axes,
    functions: Mapping[str, ScalarFunction],
) -> PartialForward:
    """Put a layer behind what it reads."""
    kind, layout = at.layout.kind, at.layout
    scope = dict(zip(layout.own, inputs, strict=True))
    parameters = []
    for name, its in kind.parameters.items():
        its_axes = layout.axes(its.split(), axes)
        if name in at.shared:
            turned = at.shared[name].turned
            scope[name] = Tensor(f"{at.name(name)}{HIDDEN}{name}" if turned else at.name(name), its_axes, "parameter")
            continue
        scope[name] = Tensor(at.name(name), its_axes, "parameter")
        start = kind.start.get(name, "glorot" if len(its.split()) > 1 else "zeros")
        if name not in at.without:
            parameters.append(Parameter(scope[name], start, len(its.split()) > 1))
    noise = []
    for name, (its, rate) in kind.noise.items():
        scope[name] = Tensor(at.name(name), layout.axes(its.split(","), axes), "noise")
        noise.append(Noise(scope[name], sympy.Rational(at.constants[rate])))
    for name, its in kind.states.items():
        scope[name] = Tensor(at.name(name), layout.axes(its.split(), axes), "state")
    constants = {**at.constants, **{c: axes.one(layout.letters[c]).size for c in kind.lengths}}
    known = {c: axes.one(axis) for c, axis in layout.letters.items()}
    wide = {c: axis for c, axis in known.items() if c in kind.lengths}
    off = {at.name(p): sympy.Integer(kind.start.get(p) == "ones") for p in at.without}

    lines = Scope(scope, functions, constants, wide, known, axes.sizes)
    ahead = {
        name: replace(t, name=at.name(name)) for name, t in read_ahead(map(parse, kind.forward), lines).ahead.items()
    }

    def read(line: str, what: str) -> Statement:
        """The statement of one of the kind's lines."""
        again = signature(line.split("=")[0])[0] if what == "inference" else ""
        there = {name: t for name, t in scope.items() if name != again}
        try:
            s = read_statement(line, replace(lines, tensors=there, ahead=ahead), label=kind.name)
            _check_places(s)
            s = replace(s, body=started(s.body, kind, {**ahead, **there}))
        except InputError as e:
            raise e.about(f"layer {kind.name}, {what} ({shown(line, 200)})") from None
        carried = s.body.has(Place) or what == "update"
        body = _shared(_without(contract(s.body) if carried else s.body, off), at, scope)
        return replace(s, target=replace(s.target, name=at.name(s.target.name)), body=body)

    statements: list[Statement] = []
    for number, line in enumerate(kind.forward, 1):
        statements.append(read(line, f"forward line {number}"))
        scope[signature(line.split("=")[0])[0]] = statements[-1].target
    own = {t.name: name for name, t in {**ahead, **scope}.items()}  # an input may be called as one of the lines is
    try:
        check_order(
            replace(s, target=replace(s.target, name=own[s.target.name]), body=renamed(s.body, own, {}))
            for s in statements
        )
    except InputError as e:
        raise e.about(f"layer {kind.name}") from None
    after = {s.target.name: s for s in (read(line, "update") for line in kind.update)}
    state = [
        State(scope[name], int(kind.start.get(name) == "ones"), after.get(f"{scope[name].name}_next"))
        for name in kind.states
    ]
    output = scope[signature(kind.output)[0]]
    called = {a.name for s in statements for a in s.body.atoms(Apply)}
    more = tuple(f for f in functions.values() if f.name in called and f not in built.functions)
    return replace(
        built,
        output=output,
        statements=(*built.statements, *statements),
        functions=(*built.functions, *more),
        parameters=(*built.parameters, *parameters),
        noise=(*built.noise, *noise),
        state=(*built.state, *state),
        inference=(*built.inference, *(read(line, "inference") for line in kind.inference)),
        outputs=(*built.outputs, output.name),
    )


def _check_places(s: Statement) -> None:
    """Raise InputError where a line reads other examples of the batch than its own."""
    for p in s.body.atoms(Place):
        moved = p.affine is not None and any(isinstance(i, Index) and i.axis == BATCH for i in p.free_symbols)
        if moved or p.axis == BATCH:
            raise InputError(
                "reading other examples of a batch is not supported yet", allowed="n alone, on the batch axis"
            )


def _without(body: Expr, off: Mapping[str, Expr]) -> Expr:
    """The body with numbers in the place of the elements of switched-off parameters."""
    if not off:
        return body
    return rewrite(body, lambda e: off.get(name_of(e), e) if isinstance(e, sympy.Indexed) else e)


def _shared(body: Expr, at: LayerUse, scope: Mapping[str, Tensor]) -> Expr:
    """The body with the elements of shared parameters that are turned read in the order of the layer that has them."""
    own = {scope[p].name: s for p, s in at.shared.items() if s.turned}
    if not own:
        return body

    def there(e: Expr) -> Expr:
        if not isinstance(e, sympy.Indexed) or name_of(e) not in own:
            return e
        shared = own[name_of(e)]
        order = sorted(range(len(shared.places)), key=shared.places.__getitem__)
        indices = tuple(e.indices[k] for k in order)
        return Tensor(shared.name, tuple(i.axis for i in indices), "parameter")[indices]

    return rewrite(body, there)
