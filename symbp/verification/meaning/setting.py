"""What the names of a claim mean: a network's tensors as arrays, for one example or for a batch, in columns or in rows."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property, singledispatch
from typing import Any, Literal, TypeAlias

from sympy import Expr, log

from symbp.calculus.contract import contract
from symbp.calculus.functions import Apply, Z, xlogy
from symbp.calculus.indices import Axis, Index, fresh
from symbp.calculus.matrix.read import Orientation
from symbp.calculus.matrix_functions import inv
from symbp.calculus.one_example import single
from symbp.calculus.places import Place, reached
from symbp.calculus.primitives import CALLS
from symbp.calculus.program import Fact, Program, ScalarFunction, Tensor, elements, name_of
from symbp.calculus.reductions import Max, Reduction
from symbp.calculus.sign_conditions import CHOOSING
from symbp.network import Network
from symbp.network.derivation import derive
from symbp.network.forward import BATCH, ForwardMap, pointed
from symbp.network.layers import catalogue_functions
from symbp.network.lengths import names_of

_FEW_LAYERS, _MOST_UNITS, _OFF = 3, 20, 0.3  # how likely one of many layers may be off

LANGUAGE = {name: ScalarFunction(name, make(Z)) for name, (make, count) in CALLS.items() if count == 1}
"""The scalar functions of the language."""
Layout = Literal["columns", "rows"]
Shape: TypeAlias = tuple[Axis | None, ...]
"""The axes of an array as it is displayed; None where the length is 1 whatever the network."""


@dataclass(frozen=True)
class Known:
    """A tensor as an array: `order` gives, for each axis of the tensor, its place in `shape`."""

    tensor: Tensor
    shape: Shape
    order: tuple[int, ...]


Bounds: TypeAlias = tuple[Fraction | None, Fraction | None]
"""Numbers between which values lie; None where there is none."""


@dataclass(frozen=True)
class Assumptions:
    """Facts about inputs: what is positive, one-hot along an axis, symmetric, or sums to a number along an axis; what lies
    between bounds, is 1 or -1, or has norm 1 along an axis."""

    positive: frozenset[str] = frozenset()
    one_hot: Mapping[str, int] = field(default_factory=dict)
    symmetric: frozenset[str] = frozenset()
    sums: tuple[Fact, ...] = ()
    bounds: Mapping[str, Bounds] = field(default_factory=dict)
    signs: frozenset[str] = frozenset()
    units: Mapping[str, int] = field(default_factory=dict)

    def __bool__(self) -> bool:
        ranges = self.bounds or self.signs or self.units
        return bool(self.positive or self.one_hot or self.symmetric or self.sums or ranges)


@dataclass(frozen=True)
class Setting:
    """A derived program with the names that a claim may use; :func:`setting_of` makes one of whatever has a forward map.

    Parameters
    ----------
    program : the forward map and the true equation of every adjoint
    known : the arrays by name, aliases included
    layers : for each activation layer's number, the pre-activation's and the activation's tensor
    functions : scalar functions by name
    sizes : the network's own length of every axis that the program has
    batch : whether the axis n is there
    orient : how the tensors are displayed as matrices, where that does not follow from the layout
    loss : what is differentiated; a claim may say dJ/dX whatever its name
    about : what a claim is proved for where it is proved in this setting, in words
    given : what is known of the values of inputs beyond the program's facts
    follows : lengths that follow from others, ``{p: "(h - u)//2 + 1"}``, by the names of axes
    whole : the inputs of whole numbers, each with the axis into which it points
    lowest : inputs that may be negative, but no less than so much, for the forward map to have a value
    """

    program: Program
    known: Mapping[str, Known]
    layers: Mapping[str, tuple[str, str]]
    functions: Mapping[str, ScalarFunction]
    sizes: Mapping[Axis, int]
    labels: Mapping[Axis, str]
    layout: Layout
    batch: bool
    ones: frozenset[Axis] = frozenset()
    about: str = ""
    orient: Orientation | None = None
    loss: str = "J"
    given: Assumptions = field(default_factory=Assumptions)
    lowest: Mapping[str, Fraction] = field(default_factory=dict)
    follows: Mapping[Axis, str] = field(default_factory=dict)
    whole: Mapping[str, Axis] = field(default_factory=dict)

    @cached_property
    def lengths(self) -> dict[str, Axis]:
        """The names of lengths: N for the batch, n0, n1, ... for the layers, N_<axis> for any axis."""
        counted = {"N": BATCH} if BATCH in self.labels or not self.batch else {}
        taken = {*self.known, *self.program.function, "pi"}
        found = {label: axis for axis, label in self.labels.items() if label not in taken}
        return {**counted, **found, **{f"N_{axis.name}": axis for axis in self.labels}}

    @cached_property
    def listed(self) -> tuple[str, ...]:
        """The names that a message about an unknown one lists."""
        own = [name for name in self.program.tensors if "__" not in name]
        return (*own, *(["N"] if "N" in self.lengths else []), *(["g"] if self.layers else []))

    @cached_property
    def counted(self) -> frozenset[Axis]:
        """The axes whose length occurs in a formula of the program, as that of a mean does."""
        names = {symbol.name for s in self.program.statements for symbol in s.body.free_symbols}
        return frozenset(axis for axis in self.labels if axis.size.name in names)

    @cached_property
    def inverts(self) -> bool:
        """Whether an inverse stands in the derivation."""
        return any(s.body.has(inv) for s in self.program.statements)

    def words(self, shape: Shape) -> str:
        """A shape as people say it, ``n1 x N``."""
        if not shape:
            return "a number"
        return " x ".join("1" if a is None else self.labels.get(a, a.name) for a in shape) + (
            " (one axis)" if len(shape) == 1 else ""
        )

    def resolve(self, name: str, gradient: bool = False) -> Known | None:
        """The array behind a name, or behind dJ/d<name>."""
        return self.known.get(f"dJ/d{name}" if gradient else name)

    def layer_function(self, number: str) -> ScalarFunction | None:
        """The scalar function of an activation layer, or None where its outputs are coupled."""
        body = self.program.definitions[self.layers[number][1]].body
        return self.program.function[body.name] if isinstance(body, Apply) else None

    @cached_property
    def own_slopes(self) -> dict[str, tuple[tuple[Index, ...], Expr]]:
        """For each coupled activation by its pre-activation, da_i/dz_i at free indices: the diagonal of its derivative."""
        found = {}
        for z, a in self.layers.values():
            s, there = self.program.definitions[a], self.known[z].tensor
            if not isinstance(s.body, Apply):
                moved = tuple(fresh(i.axis) for i in s.indices)
                slope = s.body.diff(there[moved]).xreplace(dict(zip(moved, s.indices, strict=True)))
                found[z] = s.indices, contract(slope)
        return found

    @cached_property
    def positive_targets(self) -> frozenset[str]:
        """The targets that must be positive because a logarithm is taken of them, or because they sum to one."""
        found = {name_of(e) for fact in self.program.facts for e in elements(fact.left)}
        for s in self.program.statements:
            for node in s.body.atoms(xlogy, log):
                found |= {name_of(e) for e in elements(node)}
        return frozenset(t.name for t in self.program.declared if t.role == "target" and t.name in found)

    @cached_property
    def least_units(self) -> int:
        """How many units layers have at least where the setting is tried: two, and more where many layers choose by a sign for
        each unit, so that it is seldom that all units of one are off."""
        choosing = [s.body for s in self.program.statements if not s.target.of and s.target.axes]
        signs = 0
        on = 1.0  # how likely a unit is on
        for body in choosing:
            count = len(self._signs(body))
            signs += count > 0
            on = min(on, 0.5**count)
        if signs <= _FEW_LAYERS:
            return 2
        return min(_MOST_UNITS, math.ceil(math.log(_OFF / signs) / math.log(1 - on)))

    def _signs(self, body: Expr) -> set[Expr]:
        """What a scalar function or an expression chooses by."""
        found = {body}
        if isinstance(body, Apply):
            function = self.program.function.get(body.name)
            found = {function.definition} if function is not None and function.definition is not None else set()
        return {c for e in found for c in e.atoms(*CHOOSING)}

    @cached_property
    def written(self) -> dict[Any, Any]:
        """Derived equations in the form of a left side, kept as they are asked for."""
        return {}

    @cached_property
    def slopes(self) -> dict[tuple[str, str, bool, int], tuple[tuple[Index, ...], tuple[Index, ...], Expr]]:
        """Derivatives between tensors of the forward map, kept as they are asked for."""
        return {}

    def axes(self) -> Iterator[Axis]:
        """Every axis of the program, in order of appearance; those that are summed over alone come last."""
        own = dict.fromkeys(a for t in self.program.tensors.values() for a in t.axes)
        named = (Axis(n) for a, rule in self.follows.items() for n in (a.name, *names_of(rule)))
        return iter({**own, **dict.fromkeys(named), **dict.fromkeys(self._reduced)})

    @cached_property
    def _reduced(self) -> list[Axis]:
        """The axes that are reduced over somewhere, as the letters of a window are, which no tensor has."""
        return sorted({r.axis for s in self.program.statements for r in s.body.atoms(Reduction)})

    @cached_property
    def reached(self) -> Mapping[Axis, int]:
        """How far places lie from their letters, by the axes along which the program reads them."""
        return reached(s.body for s in self.program.statements)

    @cached_property
    def windows(self) -> Mapping[Axis, int]:
        """The network's own lengths of axes in places under a maximum: at others a window may lie outside as a whole, and the
        maximum of nothing is no number."""
        places = {p for s in self.program.statements for m in s.body.atoms(Max) for p in m.atoms(Place)}
        axes = {a for p in places for a in (p.axis, *(i.axis for i in p.free_symbols if isinstance(i, Index)))}
        return {a: n for a, n in self.sizes.items() if a in axes}

    def related(self, one: Axis, other: Axis) -> bool:
        """Whether the length of one of two axes follows from that of the other, or both from one and the same, or is a number."""
        names = [{a.name, *names_of(self.follows.get(a, ""))} for a in (one, other)]
        fixed = any(a in self.follows and len(n) == 1 for a, n in zip((one, other), names, strict=True))
        return fixed or bool(names[0] & names[1])


@singledispatch
def setting_of(subject: Any, *, batch: bool, layout: Layout = "columns", ones: Iterable[Axis] = ()) -> Setting:
    """What the names of claims about `subject` mean; each kind of subject registers how."""
    raise TypeError(f"claims about {type(subject).__name__} have no meaning")


@setting_of.register
def _(net: Network, *, batch: bool, layout: Layout = "columns", ones: Iterable[Axis] = ()) -> Setting:
    return setting_of(net.forward_map, batch=batch, layout=layout, ones=ones)


@setting_of.register
def _(forward: ForwardMap, *, batch: bool, layout: Layout = "columns", ones: Iterable[Axis] = ()) -> Setting:
    """The names of a network; `ones` are axes that are taken for structurally 1, and dropped from the program."""
    batch = batch or forward.couples
    derivation = derive(forward, batch=batch)
    program, dropped = derivation.program, frozenset(ones)
    full = {t.name: t.axes for t in program.tensors.values()}
    for axis in dropped:
        program = single(program, axis)
    of_example = {t.name for t in forward.over(True).tensors.values() if BATCH in t.axes}
    names = {**derivation.names, **{t.name: t.name for t in program.declared}}
    names |= _families(forward, derivation.backward.adjoint)
    known = {}
    for name, tensor in names.items():
        t = program.tensors[tensor]
        source = t.of or t.name
        shape, order = _displayed(full[tensor], source in of_example, layout, batch)
        kept = [k for k, axis in zip(order, full[tensor], strict=True) if axis not in dropped]
        known[name] = Known(t, tuple(None if a in dropped else a for a in shape), tuple(kept))
    sizes = {a: n for a, n in forward.sizes.items() if a not in dropped}
    return Setting(
        program, known, _layers(forward), _functions(forward, program), sizes, _labels(forward, program), layout, batch, dropped,
        "for a batch" if batch else "for one example", whole=pointed(program),
    )  # fmt: skip


def _displayed(axes: tuple[Axis, ...], example: bool, layout: Layout, batch: bool) -> tuple[Shape, tuple[int, ...]]:
    """How a tensor is displayed: its shape, and for each of its axes the place there."""
    own = tuple(a for a in axes if a != BATCH)
    count = BATCH if BATCH in axes else None
    if not axes and not example:
        return (), ()
    if not example or len(own) > 1:
        if len(own) == 1:
            return ((own[0], None), (0,)) if layout == "columns" else ((None, own[0]), (1,))
        return axes, tuple(range(len(axes)))
    feature = own[0] if own else None
    shape = (feature, count) if layout == "columns" else (count, feature)
    places = {a: k for k, a in enumerate(shape) if a is not None}
    return shape, tuple(places[a] for a in axes)


def _families(forward: ForwardMap, adjoint: Mapping[str, str]) -> dict[str, str]:
    """a0 = x, z<k>, a<k> under further names, and delta<k>, e<k>, dJ/dX, dX for every one of them."""
    aliases = {**forward.aliases}
    tensors = {t.name: t.name for t in forward.over(False).tensors.values()}
    names: dict[str, str] = {**({"a0": "x"} if "x" in tensors else {}), **aliases}
    last = max((int(m[1]) for n in {**tensors, **aliases} if (m := re.fullmatch(r"[za](\d+)", n))), default=0)
    if "yhat" in tensors:
        names.setdefault(f"a{last}", "yhat")
    names = {**_parameters(forward), **names}
    for name, tensor in {**tensors, **names}.items():
        if tensor not in adjoint:
            continue
        names[f"dJ/d{name}"] = adjoint[tensor]
        if f"d{name}" not in tensors:
            names[f"d{name}"] = adjoint[tensor]
        if m := re.fullmatch(r"([za])(\d+)", name):
            names[f"{'delta' if m[1] == 'z' else 'e'}{m[2]}"] = adjoint[tensor]
    return names


def _parameters(forward: ForwardMap) -> dict[str, str]:
    """W<k> and b<k> for the parameters of a layer that has a name, ``h1_W``, by the number of its pre-activation."""
    program, found = forward.over(False), dict[str, str]()
    for name, tensor in forward.aliases.items():
        m = re.fullmatch(r"z(\d+)", name)
        for read in program.definitions[tensor].reads if m and tensor in program.definitions else ():
            letter = read.rpartition("_")[2]
            if m and program.tensors[read].role == "parameter" and f"{letter}{m[1]}" not in program.tensors:
                found[f"{letter}{m[1]}"] = read
    return found


def _layers(forward: ForwardMap) -> dict[str, tuple[str, str]]:
    """Activation layers by number."""
    found = {}
    named = {tensor: name for name, tensor in forward.aliases.items()}
    for count, (z, a) in enumerate(forward.activations.items(), 1):
        m = re.fullmatch(r"z(\d+)", z) or re.fullmatch(r"z(\d+)", named.get(z, ""))
        found[m[1] if m else str(count)] = (z, a)
    return found


def _functions(forward: ForwardMap, program: Program) -> dict[str, ScalarFunction]:
    """The scalar functions that a claim may apply and differentiate: the network's, the catalogue's, the language's."""
    return {**LANGUAGE, **catalogue_functions(), **forward.functions, **program.function}


def _labels(forward: ForwardMap, program: Program) -> dict[Axis, str]:
    """The length of an axis in words of the network: n0 inputs, n<k> units of layer k, N examples."""
    reduced = (r.axis for s in program.statements for r in s.body.atoms(Reduction))
    labels = {a: f"N_{a.name}" for a in (*(a for t in program.tensors.values() for a in t.axes), *reduced)}
    for x in forward.inputs:
        inputs = [a for a in program.tensors[x.name].axes if a != BATCH]
        if len(inputs) == 1:
            labels[inputs[0]] = "n0" if x.name == "x" else f"n_{x.name}"
    for name, tensor in {**{t: t for t in program.definitions}, **forward.aliases}.items():
        own = [a for a in program.tensors[tensor].axes if a != BATCH]
        if (m := re.fullmatch(r"z(\d+)", name)) and len(own) == 1:
            labels[own[0]] = f"n{m[1]}"
    if BATCH in labels:
        labels[BATCH] = "N"
    return labels
