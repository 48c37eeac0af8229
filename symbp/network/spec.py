"""Architectures as text: the short string, TOML and JSON; read and checked into the arguments that a network takes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from symbp.calculus.language import REDUCTIONS, read_scalar_function, valid_name
from symbp.calculus.primitives import CALLS
from symbp.catalogue import ACTIVATIONS, LAYERS, LOSSES
from symbp.catalogue.kinds import LayerKind
from symbp.errors import InputError, Place, shown, unknown
from symbp.files import structure
from symbp.network import settings as check
from symbp.network.blocks import Block, expanded
from symbp.network.layers import MOST_LAYERS, Layer, LossTerm, Optimizer, named
from symbp.network.starts import check_starts

Arguments = dict[str, Any]
"""What :class:`symbp.network.Network` takes, by name."""
_EXAMPLE = "for example 64-32:tanh-10:softmax, or a .toml or .json file"


class UserLayer(msgspec.Struct, forbid_unknown_fields=True):
    """A ``[layer.NAME]`` table."""

    output: str
    forward: list[str]
    input: str = ""
    inputs: list[str] = []
    parameters: dict[str, str] = {}
    start: dict[str, str] = {}
    lengths: dict[str, str] = {}


class UserInput(msgspec.Struct, forbid_unknown_fields=True):
    """One of the inputs of a network that has several."""

    shape: int | list[int]


class Spec(msgspec.Struct, forbid_unknown_fields=True):
    """An architecture file."""

    layers: list[str | dict[str, Any]]
    input: int | list[int] | None = None
    inputs: dict[str, UserInput] = {}
    losses: list[str | dict[str, Any]] = []
    block: dict[str, Block] = {}
    name: str = ""
    loss: str | dict[str, Any] = ""
    optimizer: str | dict[str, Any] = ""
    regularization: dict[str, float] = {}
    reduction: str = "mean"
    standardize: str = ""
    functions: dict[str, str] = {}
    constants: dict[str, float] = {}
    layer: dict[str, UserLayer] = {}


def parse(text: str, *, bias: bool = True, **options: Any) -> Arguments:
    """The arguments of a short string ``n0-n1:act1-n2:act2``; no ``:act`` means linear, ``bias=False`` drops the biases.

    Raises
    ------
    InputError : with the column of what cannot be read
    """
    if not text.strip():
        raise InputError("the architecture is empty", allowed=_EXAMPLE)
    if " --" in text:
        place = Place(None, None, text.index(" --") + 2)
        allowed = "the architecture alone, options beside it (--loss sse; loss='sse' in Python)"
        raise InputError(f"an option stands in the architecture {shown(text)}", place=place, allowed=allowed)
    parts = text.strip().split("-")
    if len(parts) > MOST_LAYERS:
        raise InputError(f"{len(parts)} layers", allowed=f"at most {MOST_LAYERS}, activations counted")
    if len(parts) < 2:
        raise InputError(f"{shown(text)} is not an architecture", allowed=_EXAMPLE)
    known = [*ACTIVATIONS, *(k.name for k in LAYERS.values() if k.activation)]
    sizes: list[int] = []
    layers: list[Layer] = []
    column = 1
    for k, part in enumerate(parts):
        place = Place(None, None, column)
        count, colon, activation = part.partition(":")
        if not re.fullmatch(r"[0-9]{1,9}", count) or int(count) < 1:
            raise InputError(
                f"{shown(count)} in {shown(text)} is no layer size", place=place, allowed="a whole number from 1"
            )
        sizes.append(int(count))
        if k == 0 and colon:
            raise InputError(f"the input in {shown(text)} has an activation", place=place, allowed=f"{count}-...")
        if colon and activation not in known:
            raise unknown("activation", activation, known, Place(None, None, column + len(count) + 1))
        if k:
            layers += [
                Layer("dense", {"units": int(count), **({} if bias else {"bias": False})}),
                Layer(activation or "identity"),
            ]
        column += len(part) + 1
    written = text.strip() + ("" if bias else " --no-bias")
    return {"input": sizes[0], "layers": layers, "text": written, **_resolved(options)}


def _resolved(options: Mapping[str, Any]) -> dict[str, Any]:
    """Options of the command line as Network takes them: a loss or an optimizer may be a table with one key, l1 and l2 are
    weights of the regularization, and `default_optimizer` is for where nobody names one."""
    result = dict(options)
    weights = {name: result.pop(name) for name in ("l1", "l2") if name in result}
    if weights:
        result["regularization"] = {**result.get("regularization", {}), **weights}
    if "loss" in result:
        result["loss"], result["loss_settings"] = named(result["loss"], "loss", LOSSES)
    default = result.pop("default_optimizer", "sgd")
    if not isinstance(result.get("optimizer"), Optimizer):
        result["optimizer"] = Optimizer.of(*named(result.get("optimizer") or default, "optimizer"))
    return result


def decode(text: str, *, json_text: bool = False) -> Spec:
    """The checked contents of an architecture file."""
    return structure(text, Spec, json_text=json_text)


def arguments(spec: Spec, *, text: str = "", **options: Any) -> Arguments:
    """The arguments that a checked architecture file stands for; `options` (loss, optimizer, ...) replace what it says."""
    constants = {valid_name(n, "constant"): check.number("constants", n, v) for n, v in spec.constants.items()}
    exact = {name: check.exact(value) for name, value in constants.items()}
    functions = {}
    for name, body in spec.functions.items():
        _new(name, "function")
        try:
            functions[name] = read_scalar_function(name, body, exact)
        except InputError as e:
            raise e.about(f"function {shown(name)}", key=("functions", name)) from None
    kinds = {_new(name, "layer"): _kind(name, its) for name, its in spec.layer.items()}
    values: dict[str, Any] = {
        "loss": spec.loss, "optimizer": spec.optimizer, "regularization": spec.regularization,
        "reduction": spec.reduction, "standardize": spec.standardize, "name": valid_name(spec.name, "name") if spec.name else "",
        "functions": functions, "kinds": kinds, "constants": constants, "text": text,
    }  # fmt: skip
    bias = options.pop("bias", True)
    if (spec.input is None) == (not spec.inputs):
        said = "no key input" if spec.input is None else "the keys input and inputs"
        allowed = "input = SHAPE, or inputs = { NAME = { shape = SHAPE }, ... }"
        raise InputError(f"the file has {said}", allowed=allowed, place=Place(None, 1))
    shapes = {name: its.shape for name, its in spec.inputs.items()}
    layers = expanded(spec.layers, spec.block, bias=bias, source=next(iter(shapes), "x"))
    losses = [_term(item) for item in spec.losses]
    return {
        "input": shapes or spec.input,
        "layers": layers,
        **({"losses": losses} if losses else {}),
        **_resolved({**values, **options}),
    }


def _term(item: str | Mapping[str, Any]) -> LossTerm:
    """A term of the objective: the name of a loss, or a table with one key that names it and the keys of, target and weight."""
    if isinstance(item, str):
        return LossTerm(item)
    for key in ("of", "target"):
        if not isinstance(item.get(key, ""), str):
            raise InputError(f"{key} of a loss is {shown(str(item[key]))}", allowed="a name", key=("losses",))
    kind, settings = named(
        {k: v for k, v in item.items() if k not in ("of", "target", "weight")}, "one of the losses", LOSSES
    )
    weight = check.number("losses", "weight", item.get("weight", 1))
    return LossTerm(kind, item.get("of", ""), item.get("target", ""), weight, settings)


def _new(name: str, what: str) -> str:
    """A valid name that neither the catalogue nor the language uses already."""
    if name in ACTIVATIONS or name in LAYERS:
        raise InputError(f"{what} {name} is in the catalogue already", allowed="another name")
    if name in CALLS or name in REDUCTIONS:
        raise InputError(f"{what} {name} is a word of the language", allowed="another name")
    return valid_name(name, f"{what} name")


def _kind(name: str, its: UserLayer) -> LayerKind:
    for p, letters in its.parameters.items():
        valid_name(p, "parameter name")
        for letter in letters.split():
            valid_name(letter, f"axis letter of parameter {p} of layer {name}:")
            if letter == "n":
                raise InputError(f"parameter {p} of layer {name} has the batch axis n", allowed="axes of one example")
    if bool(its.input) == bool(its.inputs):
        said = "both input and inputs" if its.input else "no input"
        raise InputError(
            f"layer {name} has {said}",
            allowed='input = "x[n,i]", or inputs = ["a[n,i]", "b[n,i]"]',
            key=("layer", name),
        )
    kind = LayerKind(
        name,
        its.input,
        its.output,
        tuple(its.forward),
        its.parameters,
        start=its.start,
        inputs=tuple(its.inputs),
        lengths={valid_name(c, f"letter of lengths of layer {name}:"): text for c, text in its.lengths.items()},
    )
    try:
        check_starts(kind)
    except InputError as e:
        raise e.about(f"layer {name}", key=("layer", name, "start")) from None
    return kind
