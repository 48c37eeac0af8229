"""The plan of a network: its layers with names, settings, and the axis of every letter, before a statement is built.

Equal lengths are different axes until something makes them one: a join of two layers' outputs, or a parameter that two layers
share. That is decided here, on letters, so that the forward map is built once, over axes that stand for all that are one.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sympy import Expr

from symbp.calculus.indices import Axis
from symbp.calculus.program import ScalarFunction
from symbp.catalogue.kinds import Activation, LayerKind, Number
from symbp.errors import InputError, shown, unknown
from symbp.network import settings as check
from symbp.network.axes import Axes
from symbp.network.layers import Layer, with_constants
from symbp.network.layout import Given, Layout, laid_out, signature
from symbp.network.naming import Namer
from symbp.network.wiring import KEY, Wired, place


@dataclass(frozen=True)
class Shared:
    """A parameter that another layer has: its name, and for each axis of this layer's own one the place in it."""

    name: str
    places: tuple[int, ...]

    @property
    def turned(self) -> bool:
        """Whether its axes stand in another order here."""
        return self.places != tuple(range(len(self.places)))


@dataclass(frozen=True)
class LayerUse:
    """How a layer kind is used at one place of a network.

    `names` gives the network's names for the layer's own ones, and any other gets `suffix`; `constants` are the values of
    numeric settings, `without` the parameters that are switched off, `shared` those that another layer has.
    """

    layout: Layout
    suffix: str
    names: Mapping[str, str]
    constants: Mapping[str, Expr] = field(default_factory=dict)
    without: tuple[str, ...] = ()
    shared: Mapping[str, Shared] = field(default_factory=dict)

    def name(self, own: str) -> str:
        """The network's name for one of the layer's own."""
        return self.names.get(own, f"{own}{self.suffix}")


@dataclass(frozen=True)
class Planned:
    """A layer of the plan: the places that it reads, its output's name, and its use, or the function that it applies."""

    reads: tuple[int, ...]
    output: str
    use: LayerUse | ScalarFunction


@dataclass
class _Planner:
    """What has been planned so far: the axes, the name and the axes of every value, and of every parameter."""

    axes: Axes
    names: Namer
    constants: Mapping[str, Number]
    functions: Collection[str]
    values: list[tuple[str, tuple[Axis, ...]]]
    parameters: dict[str, tuple[Axis, ...]] = field(default_factory=dict)

    def planned(self, number: int, w: Wired) -> Planned:
        """The next layer of the plan."""
        output: str
        if isinstance(w.kind, LayerKind):
            use = self._use(number, w, w.kind)
            output, its = use.name(signature(w.kind.output.replace("...", "dots"))[0]), use.layout.output
            made: LayerUse | ScalarFunction = use
        else:
            if len(w.reads) != 1:
                raise InputError(f"{w.layer.kind} takes 1 input, got {len(w.reads)}")
            source, its = self.values[w.reads[0]]
            made, output = _function(w.kind, w.layer), self.names.activation(w.layer.name, source)
        self.values.append((output, its))
        return Planned(w.reads, output, made)

    def _use(self, number: int, w: Wired, kind: LayerKind) -> LayerUse:
        layer, label = w.layer, f"layer {w.layer.kind}"
        values = {(kind.main if name == "" else name): value for name, value in layer.settings.items()}
        kind = _varied(label, _as_long(label, kind, values), values)
        its_letters = {c for letters in kind.parameters.values() for c in letters.split()} if not kind.sizes else set()
        sizes = {**{c: c for c in sorted(its_letters)}, **kind.sizes}
        check.known(
            label,
            values,
            dict.fromkeys([*sizes, *kind.settings, *kind.wholes, *kind.optional, *kind.choices, *kind.variants]),
        )
        kind = _chosen(kind, {name: values.get(name, usual) for name, usual in kind.choices.items()}, self.functions)
        shared = {p: self._shared(number, layer, kind, p) for p in layer.share}
        inherited = {c for p in shared for c in kind.parameters[p].split()}
        for name, letters in kind.sizes.items():
            if name not in values and not inherited.issuperset(letters.split()):
                raise InputError(f"{label} needs {name}", allowed=f"{name} = NUMBER")
        off = [flag for flag in kind.optional if not check.switch(label, flag, values.get(flag, True))]
        source = self.values[w.reads[0]][0] if len(w.reads) == 1 else ""
        names = self.names.layer(kind, layer.name, source, {p: s.name for p, s in shared.items()})
        suffix = self.names.suffix
        lengths = dict[str, int]()
        for name in [name for name in sizes if name in values]:
            its = sizes[name].split()
            lengths |= zip(its, check.several(label, name, values[name], len(its), 1), strict=True)
        wholes = _wholes(label, kind, values)
        said = {p: Given(s.name, self._axes_of(s)) for p, s in shared.items()}
        layout = laid_out(
            kind,
            [Given(name, its) for name, its in (self.values[k] for k in w.reads)],
            {c: self.axes.fresh(f"{c}{suffix}", size) for c, size in lengths.items()},
            said,
            {
                **{n: int(check.exact(v)) for n, v in self.constants.items() if check.exact(v).is_Integer},
                **{n: values.get(n, v) for n, v in kind.settings.items()},
                **wholes,
            },
            suffix,
            self.axes,
        )
        for p, letters in kind.parameters.items():
            if p not in shared:
                self.parameters[names[p]] = tuple(layout.letters[c] for c in letters.split())
        return LayerUse(
            layout,
            suffix,
            names,
            constants={
                **{name: check.exact(value) for name, value in self.constants.items()},
                **{n: check.exact(check.number(label, n, values[n]) if n in values else d) for n, d in kind.settings.items()},
                **{n: check.exact(v) for n, v in wholes.items()},
            },
            without=tuple(p for flag in off for p in kind.optional[flag].split()),
            shared=shared,
        )  # fmt: skip

    def _axes_of(self, shared: Shared) -> tuple[Axis, ...]:
        its = self.parameters[shared.name]
        return tuple(its[k] for k in shared.places)

    def _shared(self, number: int, layer: Layer, kind: LayerKind, own: str) -> Shared:
        """The parameter that stands for one of a layer's own: ``W1``, or ``W1[j,i]`` with the layer's letters in its order."""
        where = place(number, layer)
        if own not in kind.parameters:
            raise unknown(f"parameter of layer {layer.kind}", own, kind.parameters)
        text, letters = layer.share[own], kind.parameters[own].split()
        found = re.fullmatch(r"\s*(\w+)\s*(?:\[([\w\s,]*)\])?\s*", text)
        if not found:
            raise InputError(
                f"{where} shares {own} with {shown(text)}", allowed=f"NAME, or NAME[{','.join(reversed(letters))}]", key=KEY
            )  # fmt: skip
        name = found[1]
        if name not in self.parameters:
            raise unknown(f"parameter that {where} shares:", name, self.parameters)
        if found[2] is None:
            return Shared(name, tuple(range(len(self.parameters[name]))))
        order = [c.strip() for c in found[2].split(",")]
        if sorted(order) != sorted(letters) or len(order) != len(self.parameters[name]):
            raise InputError(
                f"{where} shares {own} with {shown(text)}", allowed=f"the letters {', '.join(letters)}, each once", key=KEY
            )  # fmt: skip
        return Shared(name, tuple(order.index(c) for c in letters))


def planned(
    layers: Sequence[Wired],
    inputs: Sequence[tuple[str, tuple[Axis, ...]]],
    axes: Axes,
    names: Namer,
    constants: Mapping[str, Number],
    functions: Collection[str],
) -> tuple[list[Planned], dict[str, tuple[Axis, ...]]]:
    """The plan of a network, its layers in order, and the axes of every input and output by name.

    `axes` then has all axes, those joined that are one.

    Parameters
    ----------
    layers : the layers with what they read
    inputs : the name and the axes of every input
    axes : the axes of the inputs
    names : what hands out names
    constants : the network's own numeric constants
    functions : the names of activations and of the user's own functions, which settings may choose

    Raises
    ------
    InputError : a setting, a size or a number of inputs that does not fit, lengths that differ where axes meet
    """
    planner = _Planner(axes, names, constants, functions, list(inputs))
    plan = []
    for number, w in enumerate(layers, 1):
        try:
            plan.append(planner.planned(number, w))
        except InputError as e:
            said = place(number, w.layer)
            joins = isinstance(w.kind, LayerKind) and w.kind.joins
            if said in e.message or not (w.layer.inputs or w.layer.share or joins):
                raise
            raise e.about(said, key=KEY) from None
    return plan, dict(planner.values)


def _as_long(label: str, kind: LayerKind, values: Mapping[str, Any]) -> LayerKind:
    """The kind with a letter for each number of a list that says its shape."""
    for name, letters in kind.sizes.items():
        if f"{name}..." not in kind.output:
            continue
        given, every = values.get(name), letters.split()
        if not isinstance(given, list | tuple) or not 1 <= len(given) <= len(every):
            raise InputError(f"{label}: {name} is {shown(str(given))}", allowed=f"a list of 1 to {len(every)} lengths")
        mine = every[: len(given)]
        kind = replace(
            kind,
            output=kind.output.replace(f"{name}...", ",".join(mine)),
            forward=tuple(line.replace(f"{name}...", ",".join(mine)) for line in kind.forward),
            sizes={**kind.sizes, name: " ".join(mine)},
            alike=tuple((a.replace(f"product({name}...)", "*".join(mine)), b) for a, b in kind.alike),
        )
    return kind


def _varied(label: str, kind: LayerKind, values: Mapping[str, Any]) -> LayerKind:
    """The kind with the lines of the variants that are asked for, and without the sizes of those that are not."""
    for name, variant in kind.variants.items():
        is_size = name in kind.sizes
        if not (name in values if is_size else check.switch(label, name, values.get(name, False))):
            kind = replace(kind, sizes={n: its for n, its in kind.sizes.items() if n != name})
            continue
        if variant.output:
            kind = replace(kind, output=variant.output, forward=())
        lines = {_defined(line): line for line in variant.forward}
        there = [_defined(line) for line in kind.forward]
        first = next((k for k, its in enumerate(there) if its in lines), len(there))
        old = [lines.get(its, line) for its, line in zip(there, kind.forward, strict=True)]
        kind = replace(
            kind,
            forward=(*old[:first], *(line for its, line in lines.items() if its not in there), *old[first:]),
            parameters={**kind.parameters, **variant.parameters},
            lengths={**kind.lengths, **variant.lengths},
            optional={**kind.optional, **variant.optional},
        )
    return kind


def _defined(line: str) -> str:
    """The name that a line defines."""
    return line.split("[")[0].strip()


def _wholes(label: str, kind: LayerKind, values: Mapping[str, Any]) -> dict[str, int]:
    """The whole numbers that settings give, by the names that stand for them."""
    found = dict[str, int]()
    for name, (names, usual) in kind.wholes.items():
        default = values.get(usual) if not usual.isdigit() else int(usual)
        least = int(name in ("stride", "dilation"))
        its = names.split()
        found |= zip(its, check.several(label, name, values.get(name, default), len(its), least), strict=True)
    return found


def _chosen(kind: LayerKind, choices: Mapping[str, Any], known: Collection[str]) -> LayerKind:
    """The kind with calls of the chosen functions in its lines, in the place of the settings' names."""
    forward = kind.forward
    for setting, name in choices.items():
        if name not in known:
            raise unknown(f"{setting} of layer {kind.name}", str(name), known)
        forward = tuple(re.sub(rf"\b{setting}\(", f"{name}(", line) for line in forward)
    return replace(kind, forward=forward)


def _function(kind: object, given: Layer) -> ScalarFunction:
    """The scalar function of an activation with its settings, or of the user's own."""
    if isinstance(kind, ScalarFunction):
        check.known(f"function {given.kind}", given.settings, ())
        return kind
    assert isinstance(kind, Activation)
    values = {(next(iter(kind.settings), "") if n == "" else n): v for n, v in given.settings.items()}
    return with_constants(kind, check.numbers(f"layer {given.kind}", values, kind.settings) if values else {})
