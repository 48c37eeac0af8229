"""Layers joined into a Program: letters become axes, names get their layer's number, text becomes statements."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

import sympy
from sympy import Expr

from symbp.calculus.functions import Apply, apply
from symbp.calculus.indices import Axis, Index
from symbp.calculus.language import Scope, parse, read_statement, reads
from symbp.calculus.program import ScalarFunction, Statement, Tensor, name_of
from symbp.calculus.reductions import rewrite
from symbp.catalogue.kinds import LayerKind
from symbp.errors import InputError, shown
from symbp.network.forward import BATCH, Noise, Parameter

_LETTERS = "ijklpqrs"


@dataclass(frozen=True)
class PartialForward:
    """What has been assembled so far: the current output, the statements behind it, and the length of every axis."""

    output: Tensor
    sizes: Mapping[Axis, int]
    statements: tuple[Statement, ...] = ()
    functions: tuple[ScalarFunction, ...] = ()
    parameters: tuple[Parameter, ...] = ()
    noise: tuple[Noise, ...] = ()
    outputs: tuple[str, ...] = ()

    @property
    def inner(self) -> tuple[str, ...]:
        """The names of what layers compute on the way: every statement's but the layers' outputs."""
        return tuple(s.target.name for s in self.statements if s.target.name not in self.outputs)

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the output for one example."""
        return tuple(self.sizes[a] for a in self.output.axes if a != BATCH)


@dataclass(frozen=True)
class LayerUse:
    """How a layer kind is used at one place of a network.

    `names` gives the network's names for the layer's own ones, and any other gets `suffix`; `sizes` are lengths of axis
    letters, `constants` the values of numeric settings, `without` the parameters that are switched off.
    """

    kind: LayerKind
    suffix: str
    names: Mapping[str, str]
    sizes: Mapping[str, int] = field(default_factory=dict)
    constants: Mapping[str, Expr] = field(default_factory=dict)
    without: tuple[str, ...] = ()
    functions: Mapping[str, ScalarFunction] = field(default_factory=dict)

    def name(self, own: str) -> str:
        """The network's name for one of the layer's own."""
        return self.names.get(own, f"{own}{self.suffix}")


def letters_for(axes: Iterable[Axis]) -> tuple[Index, ...]:
    """Free indices for the axes of a tensor: n for the batch, then i, j, k, ..."""
    rest = iter(_LETTERS)
    return tuple(Index("n" if a == BATCH else next(rest), a) for a in axes)


def add_elementwise(stack: PartialForward, function: ScalarFunction, name: str) -> PartialForward:
    """Apply a scalar function to every element of the output."""
    indices = letters_for(stack.output.axes)
    target = Tensor(name, stack.output.axes)
    statement = Statement(target, indices, apply(function.name, stack.output[indices]), label=function.name)
    functions = stack.functions if function in stack.functions else (*stack.functions, function)
    return replace(
        stack,
        output=target,
        statements=(*stack.statements, statement),
        functions=functions,
        outputs=(*stack.outputs, target.name),
    )


def add_layer(stack: PartialForward, at: LayerUse) -> PartialForward:
    """Put a layer on top of the stack.

    Raises
    ------
    InputError : where the input has another number of axes than the layer takes, a size is missing, or a line is wrong
    """
    kind = _written_out(at.kind, len(stack.output.axes))
    own, *letters = _signature(kind.input)
    if len(letters) != len(stack.output.axes):
        wants = len(letters) - 1
        raise InputError(
            f"{kind.name} takes {wants} ax{'i' if wants == 1 else 'e'}s for each example, "
            f"and its input has the shape {stack.shape}",
            allowed=kind.input,
        )
    axes = dict(zip(letters, stack.output.axes, strict=True))
    sizes = dict(stack.sizes)
    for letter, size in at.sizes.items():
        axes[letter] = Axis(f"{letter}{at.suffix}")
        sizes[axes[letter]] = size
    axes = _inferred(kind, own, stack.output, axes)
    scope = {own: stack.output}
    parameters = []
    for name, its in kind.parameters.items():
        scope[name] = Tensor(at.name(name), tuple(axes[c] for c in its.split()), "parameter")
        start = kind.start.get(name, "glorot" if len(its.split()) > 1 else "zeros")
        if name not in at.without:
            parameters.append(Parameter(scope[name], start, len(its.split()) > 1))
    noise = []
    for name, (its, rate) in kind.noise.items():
        scope[name] = Tensor(at.name(name), tuple(axes[c] for c in its.split(",")), "noise")
        noise.append(Noise(scope[name], sympy.Rational(at.constants[rate])))
    result, *its_letters = _signature(kind.output)
    statements: list[Statement] = []
    for number, line in enumerate(kind.forward, 1):
        try:
            s = read_statement(line, Scope(scope, at.functions, at.constants), label=kind.name)
        except InputError as e:
            raise e.about(f"layer {kind.name}, forward line {number} ({shown(line, 200)})") from None
        body = _without(s.body, [at.name(p) for p in at.without])
        target = replace(s.target, name=at.name(s.target.name))
        statements.append(replace(s, target=target, body=body))
        scope[s.target.name] = target
    if not statements or _signature(kind.forward[-1].split("=")[0]) != [result, *its_letters]:
        raise InputError(f"the last forward line of layer {kind.name} does not define {kind.output}")
    if BATCH in stack.output.axes and scope[result].axes[:1] != (BATCH,):
        raise InputError(f"layer {kind.name} does not keep the batch axis first", allowed=f"{result}[n,...]")
    called = {a.name for s in statements for a in s.body.atoms(Apply)}
    functions = tuple(f for f in at.functions.values() if f.name in called and f not in stack.functions)
    return replace(
        stack,
        output=scope[result],
        sizes=sizes,
        statements=(*stack.statements, *statements),
        functions=(*stack.functions, *functions),
        parameters=(*stack.parameters, *parameters),
        noise=(*stack.noise, *noise),
        outputs=(*stack.outputs, scope[result].name),
    )


def _written_out(kind: LayerKind, rank: int) -> LayerKind:
    """The layer kind with ``...`` replaced by letters, n for the batch first."""
    if "..." not in kind.input:
        return kind
    written = kind.input.count(",")
    taken = {c for line in (kind.input, *kind.forward) for c in line if c in _LETTERS}
    dots = ",".join(["n", *[c for c in _LETTERS if c not in taken]][: rank - written])
    return replace(
        kind,
        input=kind.input.replace("...", dots),
        output=kind.output.replace("...", dots),
        forward=tuple(line.replace("...", dots) for line in kind.forward),
        noise={name: (axes.replace("...", dots), rate) for name, (axes, rate) in kind.noise.items()},
    )


def _signature(text: str) -> list[str]:
    """A tensor with its letters, such as ``x[n,i]``, as [name, letter, ...]."""
    tree = parse(text, "expr")
    if tree.data != "read" or any(child.data != "name" for child in tree.children[1:]):
        raise InputError(f"{text!r} is no tensor with its index letters", allowed="for example x[n,i]")
    return [str(tree.children[0]), *(str(child.children[0]) for child in tree.children[1:])]


def _inferred(kind: LayerKind, own: str, x: Tensor, axes: dict[str, Axis]) -> dict[str, Axis]:
    """The axis of every letter of the parameters: given, or the one that it is read together with in a forward line."""
    places = [[(str(t), k, str(c)) for t, k, c in reads(parse(line), None)] for line in kind.forward]
    known: dict[tuple[str, int], Axis] = {(own, k): a for k, a in enumerate(x.axes)}
    wanted = {name: letters.split() for name, letters in kind.parameters.items()}
    while True:
        known |= {(p, k): axes[c] for p, letters in wanted.items() for k, c in enumerate(letters) if c in axes}
        before = len(known), len(axes)
        for line in places:
            runs = {c: known[t, k] for t, k, c in line if (t, k) in known}
            known |= {(t, k): runs[c] for t, k, c in line if c in runs and (t, k) not in known}
        for p, letters in wanted.items():
            axes = {**{c: known[p, k] for k, c in enumerate(letters) if (p, k) in known}, **axes}
        if (len(known), len(axes)) == before:
            break
    for p, letters in wanted.items():
        for c in letters:
            if c not in axes:
                raise InputError(
                    f"axis {c} of parameter {p} of layer {kind.name} has no length", allowed=f"{c} = NUMBER"
                )
    return axes


def _without(body: Expr, names: Iterable[str]) -> Expr:
    """The body with the elements of switched-off parameters set to zero."""
    off = set(names)
    if not off:
        return body
    return rewrite(body, lambda e: sympy.S.Zero if isinstance(e, sympy.Indexed) and name_of(e) in off else e)
