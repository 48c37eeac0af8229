"""Calls that are no scalar functions: a layer's activation by the name g, and functions of whole arrays, NumPy's, on shapes made
of axes; a table says what each of them takes and makes."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping
from functools import partial
from typing import NoReturn

import sympy
from sympy import Expr, Mul

from symbp.calculus.indices import Axis, Index, fresh
from symbp.calculus.lengths import axis_of
from symbp.calculus.matrix_functions import MatrixFunction, det
from symbp.calculus.places import Within
from symbp.calculus.primitives.matrices import MATRIX_FUNCTIONS, MatrixPrimitive
from symbp.calculus.reductions import LogSumExp, Sum
from symbp.errors import InputError, shown
from symbp.formula.grammar import place_of
from symbp.formula.numpy_calls import RESULTS
from symbp.formula.syntax import ADDED, ADDED_AT, PART, PUT, Call, Name, Node
from symbp.formula.words import SAME
from symbp.verification.meaning.arrays import Array, ShapeClash, Workshop
from symbp.verification.meaning.lowers import Lowers
from symbp.verification.meaning.parts import number_of, part
from symbp.verification.meaning.placed import PLACED
from symbp.verification.meaning.puts import put
from symbp.verification.meaning.setting import Setting, Shape

_MOST_OPERANDS, _MOST_LETTERS = 6, 8


def called(setting: Setting, node: Call) -> str:
    """The name of a function, the one used here where it has several; ``f`` is ``g`` where it is no function of its own."""
    name = SAME.get(node.name, node.name)
    return "g" if setting.layers and name == "f" and name not in setting.functions else name


def is_layer(setting: Setting, name: str) -> bool:
    """Whether a name is that of a layer's activation: ``g``, or ``g2``."""
    return bool(setting.layers) and name[:1] == "g" and (name == "g" or name[1:] in setting.layers)


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
    count, make = FUNCTIONS[name]
    if name not in _ALONG_AXES and not (name == "transpose" and node.text):
        low.takes(node, count)
    elif not node.args or (count and len(node.args) != count):
        raise InputError(f"{name} of {len(node.args)} arrays", place=place_of(node))
    return make(low, node, *(low.array(a) for a in node.args))


def _dot(low: Lowers, node: Call, a: Array, b: Array) -> Array:
    """``np.dot``: over the last axis of the first, and the last but one of the second; of vectors, the only one."""
    if low.page and len(a.axes) == len(b.axes) == 1:
        return _of_vectors(low, node, a, b)
    if not (a.shape and b.shape) or (len(b.shape) > 1 and max(len(a.shape), len(b.shape)) > 2):
        return _over(low, node, a, b, "-1;-2")
    return low.shop.matmul(node, a, b)


def _inner(low: Lowers, node: Call, a: Array, b: Array) -> Array:
    if low.page and len(a.axes) == len(b.axes) == 1:
        return _of_vectors(low, node, a, b)
    return _over(low, node, a, b, "-1;-1")


def _vdot(low: Lowers, node: Call, a: Array, b: Array) -> Array:
    """The sum of the products of elements that stand in the same place of two arrays of one shape."""
    if low.page and len(a.axes) == len(b.axes) == 1:
        return _of_vectors(low, node, a, b)
    if a.shape != b.shape:
        shapes = " and ".join(low.shop.words(x.shape) for x in (a, b))
        raise ShapeClash(node.span, f"vdot of {shapes}: of arrays of different shapes it pairs elements by memory")
    product = low.shop.elementwise(node, "the product", lambda x, y: x * y, a, b)
    return low.shop.reduce(node, Sum.over, product, None, False)


def _of_vectors(low: Lowers, node: Call, a: Array, b: Array) -> Array:
    """The inner product of two vectors, however they stand."""
    if a.axes != b.axes:
        shapes = " and ".join(low.shop.words(x.shape) for x in (a, b))
        raise ShapeClash(node.span, f"{node.name} of {shapes}: vectors of different lengths")
    k = fresh(a.axes[0])
    return low.shop.made((), lambda: Sum.over(a.at([k]) * b.at([k]), k))


def _over(low: Lowers, node: Call, a: Array, b: Array, axes: str) -> Array:
    """The product of two arrays over an axis of each; the others stand side by side. A number scales."""
    if not (a.shape and b.shape):
        return low.shop.elementwise(node, "the product", lambda x, y: x * y, a, b)
    return _tensordot(low, Call(node.name, node.args, text=axes, span=node.span), a, b)


def _expanded(low: Lowers, node: Call, a: Array) -> Array:
    (k,), rank = _numbers(node, 1), len(a.shape) + 1
    if not -rank <= k < rank:
        raise ShapeClash(node.span, f"a new axis {k} of {low.shop.words(a.shape)}: there is no such place")
    return _reshaped(low.shop, a, (*a.shape[: k % rank], None, *a.shape[k % rank :]))


def _new_shape(low: Lowers, node: Call, a: Array) -> Array:
    """``x.reshape(-1, 1)`` and its like, which move one axis to another place."""
    wanted = _numbers(node) if node.text else (-1,)
    if (
        len(a.axes) > 1
        or any(n not in (1, -1) for n in wanted)
        or wanted.count(-1) > 1
        or (a.axes and -1 not in wanted)
    ):
        message = f"{node.name} of {low.shop.words(a.shape)}: only a vector is reshaped, to a row or a column"
        raise InputError(message, place=place_of(node), allowed="x.reshape(-1, 1), x[:, None]")
    return _reshaped(low.shop, a, tuple(a.axes[0] if n == -1 and a.axes else None for n in wanted))


def _reshaped(shop: Workshop, a: Array, shape: Shape) -> Array:
    """The same elements, with places of length 1 elsewhere."""
    return shop.moved(a, shape, lambda *places: a.at([p for p in places if p is not None]))


def _permuted(low: Lowers, node: Call, a: Array) -> Array:
    """The array with its axes in another order."""
    if node.name == "transpose" and not node.text:
        return low.shop.transpose(a)
    rank, given = len(a.shape), _numbers(node, None if node.name == "transpose" else 2)
    words = low.shop.words(a.shape)
    if any(not -rank <= k < rank for k in given):
        raise ShapeClash(node.span, f"axes {node.text} of {words}: there is no such axis")
    at, order = [k % rank for k in given], [*range(rank)]
    if node.name == "swapaxes":
        order[at[0]], order[at[1]] = at[1], at[0]
    elif node.name == "moveaxis":
        order.insert(at[1], order.pop(at[0]))
    else:
        order = at
    if sorted(order) != [*range(rank)]:
        raise ShapeClash(node.span, f"axes {node.text} of {words}: each axis once")

    def body(*places: Index | None) -> Expr:
        return a.at_places([places[order.index(k)] for k in range(rank)])

    return low.shop.moved(a, tuple(a.shape[k] for k in order), body)


def _numbers(node: Call, count: int | None = None) -> tuple[int, ...]:
    if not re.fullmatch(r"-?\d+(;-?\d+)*", node.text) or (count is not None and node.text.count(";") != count - 1):
        raise InputError(
            f"{node.name} with these numbers", place=place_of(node), allowed="whole numbers, one for each axis"
        )
    return tuple(int(n) for n in node.text.split(";"))


def _einsum(low: Lowers, node: Call, *arrays: Array) -> Array:
    """The sum of products over the letters that the result does not have; each letter runs over one axis."""
    found = re.fullmatch(r"([A-Za-z]*(?:,[A-Za-z]*)*)(?:->([A-Za-z]*))?", node.text)
    if found is None:
        raise InputError(f"the subscripts {shown(node.text)}", place=place_of(node), allowed='letters, "ij,jk->ik"')
    inputs = found[1].split(",")
    count = Counter(found[1].replace(",", ""))
    result = found[2] if found[2] is not None else "".join(sorted(c for c, n in count.items() if n == 1))
    if len(inputs) != len(arrays) or len(arrays) > _MOST_OPERANDS or len(count) > _MOST_LETTERS:
        message = f"{shown(node.text)} is for {len(inputs)} arrays, got {len(arrays)}"
        raise InputError(
            message, place=place_of(node), allowed=f"up to {_MOST_OPERANDS} arrays and {_MOST_LETTERS} letters"
        )
    if len(set(result)) < len(result) or set(result) - count.keys():
        raise InputError(
            f"the result {shown(result)} of {shown(node.text)}",
            place=place_of(node),
            allowed="letters of the arrays, each once",
        )
    axes: dict[str, Axis | None] = {}
    for letters, a in zip(inputs, arrays, strict=True):
        if len(letters) != len(a.shape):
            raise ShapeClash(node.span, f"{letters} indexes {low.shop.words(a.shape)}")
        for c, axis in zip(letters, a.shape, strict=True):
            if axes.get(c) not in (None, axis) and axis is not None:
                raise ShapeClash(
                    node.span, f"{c} runs over two axes of {shown(node.text)}, {low.shop.words((axes[c], axis))}"
                )
            axes[c] = axis or axes.get(c)

    def body(*places: Index | None) -> Expr:
        at = dict(zip(result, places, strict=True))
        bound = {c: fresh(axis) for c, axis in axes.items() if c not in result and axis is not None}
        whole = {**at, **bound}
        product = Mul(
            *(a.at_places([whole.get(c) for c in letters]) for letters, a in zip(inputs, arrays, strict=True))
        )
        return Sum.over(product, *bound.values()) if bound else product

    return low.shop.made(tuple(axes[c] for c in result), body)


def _tensordot(low: Lowers, node: Call, *arrays: Array) -> Array:
    """``tensordot(a, b, axes)`` as an einsum."""
    if len(arrays) != 2:
        raise InputError("tensordot takes two arrays", place=place_of(node), allowed="tensordot(a, b, axes=1)")
    ranks = [len(a.shape) for a in arrays]
    parts = [[int(n) for n in part.split(",")] for part in (node.text or "2").split(";")]
    if len(parts) == 1 and len(parts[0]) == 1:
        n = parts[0][0]
        pairs = [[ranks[0] - n + k for k in range(n)], [*range(n)]] if 0 <= n <= min(ranks) else []
    else:
        pairs = parts
    if len(pairs) != 2 or len(pairs[0]) != len(pairs[1]) or any(
        not -rank <= k < rank for rank, ks in zip(ranks, pairs, strict=True) for k in ks
    ):  # fmt: skip
        raise ShapeClash(
            node.span, f"tensordot of {' and '.join(low.shop.words(a.shape) for a in arrays)} over axes {node.text}"
        )
    letters = [[*"abcdefgh"[: ranks[0]]], [*"ijklmnop"[: ranks[1]]]]
    for j, k in zip(*pairs, strict=True):
        letters[1][k] = letters[0][j]
    shared = {letters[0][j] for j in pairs[0]}
    result = "".join(c for c in (*letters[0], *letters[1]) if c not in shared)
    text = f"{''.join(letters[0])},{''.join(letters[1])}->{result}"
    return _einsum(low, Call("einsum", node.args, text=text, span=node.span), *arrays)


def _of_matrix(row: MatrixPrimitive, low: Lowers, node: Call, a: Array) -> Array:
    """A function of a square matrix, or of each of a stack along leading axes."""
    if len(a.shape) < 2 or a.shape[-1] != a.shape[-2]:
        raise ShapeClash(node.span, f"{row.name} of {low.setting.words(a.shape)}, which is not square")
    lead, size, axis = a.shape[:-2], len(a.shape) - 2, a.shape[-1]
    if axis is None:
        raise InputError(f"{row.name} of one number", place=place_of(node), allowed=f"{row.name} of a matrix")

    def made(kind: type[MatrixFunction], *places: Index | None) -> Expr:
        p, q = fresh(axis), fresh(axis)
        indices = [i for i in places[size:] if i is not None]
        return kind.over(a.at_places([*places[:size], p, q]), p, q, *indices)

    if row.invertible:
        low.wants(node, "not zero", low.shop.made(lead, partial(made, det)))
    return low.shop.made((*lead, *a.shape[-2:][: row.made.rank]), partial(made, row.made))


def _several(low: Lowers, node: Call, a: Array) -> NoReturn:
    """What gives several results, one of which is asked for by its number."""
    raise InputError(
        f"{node.name} gives {len(RESULTS[node.name])} results", place=place_of(node), allowed=f"{node.name}(A)[1]"
    )


def _cumulative(low: Lowers, node: Call, a: Array) -> Array:
    """``np.cumsum``: at each place the sum of the elements up to it."""
    rank = len(a.shape)
    place = node.axis if node.axis is not None else 0
    if (node.axis is None and rank > 1) or not -rank <= place < rank:
        raise InputError(
            f"{node.name} of {low.shop.words(a.shape)} along which axis?", place=place_of(node), allowed="axis=0"
        )
    axis = a.shape[place]
    if axis is None:
        return a
    k = fresh(axis)

    def body(*places: Index | None) -> Expr:
        here = places[place]
        assert here is not None
        before = [k if p is here else p for p in places]
        return Sum.over(Within(here - k) * a.at_places(before), k)

    return low.shop.made(a.shape, body)


def _softmax(low: Lowers, node: Call, z: Array) -> Array:
    """Softmax along an axis: by default the one of the features."""
    name, axis = node.name, node.axis if node.axis is not None else 0 if low.setting.layout == "columns" else -1
    if low.page and low.setting.orient is not None and len(z.axes) == 1:
        axis = z.shape.index(z.axes[0])  # a vector has one axis to act along, however it stands
    if node.axis is None and z.axes and z.shape[axis] is None and not low.setting.ones:
        raise InputError(f"{name} of {low.setting.words(z.shape)} along an axis of length 1", place=place_of(node),
                         allowed=f"{name}(x, axis=0), {name}(x, axis=1)")  # fmt: skip
    total = low.shop.reduce(node, LogSumExp.over, z, axis, True)
    make = sympy.exp if name == "softmax" else lambda d: d
    return low.shop.elementwise(node, name, lambda a, b: make(a - b), z, total)


def _filled(low: Lowers, node: Call, *given: Array) -> Array:
    """``ones(n)``, ``zeros(n)`` and ``eye(n)`` of a length, or ``ones((n, m))`` of a shape; NumPy's of one length have one axis,
    those of matrix algebra are columns."""
    try:
        shape = tuple(axis_of(number_of(low, arg)) for arg in node.args)
        (axis, *_) = shape
    except (ValueError, InputError):
        raise InputError(
            f"{node.name} takes a length", place=place_of(node), allowed=f"{node.name}(N), {node.name}(n1)"
        ) from None
    value = sympy.S.Zero if node.name == "zeros" else sympy.S.One
    if len(given) > 1:
        return low.shop.made(shape, lambda *_: value)
    if node.name == "eye":
        return low.shop.diag(node, low.shop.made((axis, None), lambda *_: value))
    return low.shop.made((axis,) if node.style == "np" else (axis, None), lambda *_: value)


_ALONG_AXES: Mapping[str, tuple[int, Callable[..., Array]]] = {
    "expand_dims": (1, _expanded),
    "squeeze": (1, lambda low, node, a: _reshaped(low.shop, a, tuple(axis for axis in a.shape if axis is not None))),
    **dict.fromkeys(("reshape", "ravel", "flatten"), (1, _new_shape)),
    **dict.fromkeys(("swapaxes", "moveaxis"), (1, _permuted)),
    "cumsum": (1, _cumulative),
    **{name: (0, make) for name, make in PLACED.items()},
    PART: (0, lambda low, node, *_: part(low, node)),
    **dict.fromkeys((PUT, ADDED, ADDED_AT), (0, lambda low, node, *_: put(low, node))),
    "einsum": (0, _einsum),
    "tensordot": (0, _tensordot),
    "inner": (2, _inner),
    "vdot": (2, _vdot),
    **dict.fromkeys(("ones", "zeros"), (0, _filled)),
}
FUNCTIONS: Mapping[str, tuple[int, Callable[..., Array]]] = {
    "outer": (2, lambda low, node, a, b: low.shop.outer(node, a, b)),
    "dot": (2, _dot),
    "matmul": (2, lambda low, node, a, b: low.shop.matmul(node, a, b)),
    "diag": (1, lambda low, node, a: low.shop.diag(node, a)),
    "trace": (1, lambda low, node, a: low.shop.trace(node, a)),
    "transpose": (1, _permuted),
    **{row.name: (1, partial(_of_matrix, row)) for row in MATRIX_FUNCTIONS},
    **{name: (1, _several) for name in RESULTS},
    **dict.fromkeys(("softmax", "log_softmax"), (1, _softmax)),
    "eye": (1, _filled),
    **_ALONG_AXES,
}
"""Functions of whole arrays (:data:`symbp.formula.words.MATRIX`): of how many, where that is one number, and what they make."""
