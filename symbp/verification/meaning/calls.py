"""Calls that are no scalar functions: a layer's activation by the name g, functions of whole arrays, softmax."""

from __future__ import annotations

from typing import Protocol

import sympy
from sympy import Expr

from symbp.calculus.program import ScalarFunction
from symbp.calculus.reductions import LogSumExp
from symbp.errors import InputError
from symbp.formula.grammar import place_of
from symbp.formula.syntax import Call, Name, Node
from symbp.verification.meaning import axis_ops
from symbp.verification.meaning.arrays import Array, ShapeClash, Workshop, is_length
from symbp.verification.meaning.setting import Setting


class Lowers(Protocol):
    """The lowering of a formula, as far as calls need it."""

    @property
    def setting(self) -> Setting:
        """What names mean."""

    @property
    def page(self) -> bool:
        """Whether the formula is one on a page of mathematics, whose vectors are columns and rows."""

    shop: Workshop

    def array(self, node: Node) -> Array:
        """The array that a node stands for."""

    def tensor(self, node: Node, name: str) -> Array:
        """A tensor of the network's, displayed in the layout."""

    def takes(self, node: Call, count: int) -> None:
        """InputError unless a function is given `count` arguments."""

    def applied(self, node: Call, function: ScalarFunction, a: Array) -> Array:
        """A scalar function at every element, differentiated as often as the call has primes."""


def activation(low: Lowers, node: Call) -> Array:
    """``g(z1)`` is what layer 1 does to z1, and ``g2`` layer 2's function at any argument."""
    if len(node.args) > 1 and node.name[1:] in low.setting.layers:
        return whole_layer(low, node)
    low.takes(node, 1)
    arg, number_of = node.args[0], node.name[1:]
    if not number_of:
        number_of = layer_of(low.setting, node, arg)
    function = low.setting.layer_function(number_of)
    if function is not None:
        return low.applied(node, function, low.array(arg))
    z, a = low.setting.layers[number_of]
    known = low.setting.resolve(arg.name) if isinstance(arg, Name) else None
    if known is None or known.tensor.name != z or node.primes > 1:
        name = low.setting.program.definitions[a].label
        message = f"{name} couples its outputs, so it has no value of one number"
        raise InputError(message, place=place_of(node), allowed=f"g({z}), g'({z})")
    return low.tensor(node, a) if node.primes == 0 else own_slope(low, z)


def whole_layer(low: Lowers, node: Call) -> Array:
    """``f^1(X, W^1)``: what layer 1 makes of its input and its weights, and of no others; its biases may be left out."""
    setting = low.setting
    z, a = setting.layers[node.name[1:]]
    tensors = setting.program.tensors
    reads = sorted(setting.program.definitions[z].reads, key=lambda name: tensors[name].role == "parameter")
    wanted = [name for name in reads if tensors[name].role != "parameter" or len(tensors[name].axes) > 1]
    known = [setting.resolve(arg.name) if isinstance(arg, Name) else None for arg in node.args]
    given = [k.tensor.name for k in known if k is not None]
    if node.primes or given not in (wanted, reads) or len(given) < len(known):
        allowed = f"{node.name}({', '.join(wanted)}), or {node.name}({z})"
        raise InputError("a layer is a function of its own input and weights", place=place_of(node), allowed=allowed)
    return low.tensor(node, a)


def own_slope(low: Lowers, z: str) -> Array:
    """da_i/dz_i of a coupled activation."""
    indices, slope = low.setting.own_slopes[z]
    here = low.setting.known[z]
    places = dict(zip(here.order, indices, strict=True))

    def body(*given: object) -> Expr:
        return slope.xreplace({places[k]: i for k, i in enumerate(given) if i is not None})

    return low.shop.made(here.shape, body)


def layer_of(setting: Setting, node: Call, arg: Node) -> str:
    """The number of the layer whose pre-activation the argument is; the only kind of activation, else."""
    if isinstance(arg, Name) and (known := setting.resolve(arg.name)):
        for number_of, names in setting.layers.items():
            if known.tensor.name in names:
                return number_of
    kinds = {setting.layer_function(k): k for k in setting.layers}
    if len(kinds) != 1:
        which = ", ".join(f"g{k}" for k in setting.layers)
        allowed = f"{which}, or {node.name} of z1, z2, ..."
        raise InputError(f"{node.name} of this: which layer's activation?", place=place_of(node), allowed=allowed)
    return next(iter(kinds.values()))


def matrix(low: Lowers, node: Call, name: str) -> Array:
    """A function of whole arrays."""
    shop = low.shop
    if name in axis_ops.NAMES or (name == "transpose" and node.text):
        if not node.args or (
            name not in ("einsum", "tensordot") and len(node.args) != (2 if name in ("inner", "vdot") else 1)
        ):
            raise InputError(f"{name} of {len(node.args)} arrays", place=place_of(node))
        arrays = [low.array(a) for a in node.args]
        if low.page and name in ("inner", "vdot") and all(len(a.axes) == 1 for a in arrays):
            return axis_ops.inner_of_vectors(shop, node, *arrays)
        return axis_ops.moved(shop, node, arrays)
    low.takes(node, 2 if name in ("outer", "dot", "matmul") else 1)
    given = [low.array(a) for a in node.args]
    if low.page and name == "dot" and all(len(a.axes) == 1 for a in given):
        return axis_ops.inner_of_vectors(shop, node, *given)
    match name:
        case "outer":
            return shop.outer(node, *given)
        case "dot" | "matmul":
            if name == "dot" and not (given[0].shape and given[1].shape):
                return shop.elementwise(node, "the product", lambda a, b: a * b, *given)
            return axis_ops.product_of_last(shop, node, given) if name == "dot" else shop.matmul(node, *given)
        case "diag":
            return shop.diag(node, given[0])
        case "trace":
            return shop.trace(node, given[0])
        case "transpose":
            return shop.transpose(given[0])
        case "inv":
            raise no_inverse(low, node, given[0])
        case "softmax" | "log_softmax":
            return softmax(low, node, name, given[0])
    axis = is_length(given[0].body)
    if axis is None and given[0].body != 1:
        raise InputError(f"{name} takes a length", place=place_of(node), allowed=f"{name}(N), {name}(n1)")
    if name == "eye":
        return shop.diag(node, shop.made((axis, None), lambda *_: sympy.S.One))
    shape = (
        (axis,) if node.style == "np" else (axis, None)
    )  # NumPy's have one axis, those of matrix algebra are columns
    return shop.made(shape, lambda *_: sympy.S.One if name == "ones" else sympy.S.Zero)


def no_inverse(low: Lowers, node: Call, a: Array) -> Exception:
    """What is wrong with an inverse: a matrix that is not square has none, and of others it is not worked out."""
    if len(a.axes) == 2 and a.axes[0] != a.axes[1]:
        return ShapeClash(node.span, f"{low.setting.words(a.shape)} has no inverse unless it is square")
    return InputError("the inverse of a matrix is not worked out", place=place_of(node), allowed="W^T")


def softmax(low: Lowers, node: Call, name: str, z: Array) -> Array:
    """Softmax along an axis: by default the one of the features."""
    axis = node.axis if node.axis is not None else 0 if low.setting.layout == "columns" else -1
    if low.page and low.setting.orient is not None and len(z.axes) == 1:
        axis = z.shape.index(z.axes[0])  # a vector has one axis to act along, however it stands
    if node.axis is None and z.axes and z.shape[axis] is None and not low.setting.ones:
        raise InputError(f"{name} of {low.setting.words(z.shape)} along an axis of length 1", place=place_of(node),
                         allowed=f"{name}(x, axis=0), {name}(x, axis=1)")  # fmt: skip
    total = low.shop.reduce(node, LogSumExp.over, z, axis, True)
    make = sympy.exp if name == "softmax" else lambda d: d
    return low.shop.elementwise(node, name, lambda a, b: make(a - b), z, total)
