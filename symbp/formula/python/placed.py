"""Calls whose arguments are lists of arrays, widths or places, ``np.pad(x, ((0, 0), (1, 1)))``, ``np.concatenate([a, b])``: a row
each, which says how the call is read."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping

from symbp.formula.python.module import constant, described
from symbp.formula.python.scope import Scope
from symbp.formula.syntax import LISTED, PART, Call, Node

Given = tuple[Node, ...]
"""What stands before the dot of a method."""


def _arguments(scope: Scope, node: ast.Call, first: Given, names: str) -> dict[str, ast.expr]:
    """The arguments by their names; what stands before the dot has the first one."""
    known = names.split()
    found = dict(zip(known[len(first) :], node.args, strict=False))
    if len(node.args) + len(first) > len(known):
        raise scope.error(node, f"{described(node.func)} is given {len(node.args)} arguments", names.replace(" ", ", "))
    for k in node.keywords:
        if k.arg not in known or k.arg in found:
            raise scope.error(k.value, f"{described(node.func)} with {k.arg} is not read", names.replace(" ", ", "))
        found[k.arg] = k.value
    missing = [n for n in known[len(first) :][:1] if n not in found]
    if missing and not first:
        raise scope.error(node, f"{described(node.func)} is given nothing", names.replace(" ", ", "))
    return found


def _axis(scope: Scope, found: Mapping[str, ast.expr], default: int | None) -> int | None:
    if "axis" not in found or constant(found["axis"]) is None:
        return default if "axis" not in found else None
    axis = scope.whole(found["axis"])
    if isinstance(axis, tuple) and len(axis) == 1:
        axis = axis[0]
    if not isinstance(axis, int):
        raise scope.error(found["axis"], "axis takes a whole number", "axis=1")
    return axis


def _listed(scope: Scope, node: ast.expr) -> Given:
    if not isinstance(node, (ast.List, ast.Tuple)):
        raise scope.error(node, f"{described(node)} is no list of arrays", "[a, b]")
    if not node.elts:
        raise scope.error(node, "an empty list", "[a, b]")
    return tuple(scope.formula(e) for e in node.elts)


def _turns(scope: Scope, node: ast.expr) -> Given | None:
    """The arrays that the turns of a loop appended to a list, along the first axis; None where it is no such list."""
    found = scope.names.get(node.id) if isinstance(node, ast.Name) else None
    return found.args if isinstance(found, Call) and found.name == LISTED else None


def _joined(name: str, default: int | None) -> Callable[[Scope, ast.Call, Given], Node]:
    def read(scope: Scope, node: ast.Call, first: Given) -> Node:
        found = _arguments(scope, node, first, "arrays axis" if default is not None else "arrays")
        axis = _axis(scope, found, default)
        if default is not None and axis is None:
            raise scope.error(node, f"{name} of all elements in a row is not read", f"np.{name}([a, b], axis=0)")
        turns = _turns(scope, found["arrays"])
        if turns is not None and name == "stack":
            return Call("moveaxis", turns, text=f"0;{axis}", style="np", span=scope.span(node)) if axis else turns[0]
        return Call(name, _listed(scope, found["arrays"]), axis=axis, style="np", span=scope.span(node))

    return read


def _pad(scope: Scope, node: ast.Call, first: Given) -> Node:
    found = _arguments(scope, node, first, "array pad_width mode constant_values")
    for key, allowed in (("mode", "constant"), ("constant_values", 0)):
        if key in found and constant(found[key]) != allowed:
            raise scope.error(
                found[key], f"np.pad with {key}={described(found[key])} is not read", f"{key}={allowed!r}"
            )
    if "pad_width" not in found:
        raise scope.error(node, "np.pad without widths", "np.pad(x, ((0, 0), (1, 1)))")
    widths = [*_widths(scope, found["pad_width"])]
    return Call("pad", (scope.formula(found["array"]), *widths), style="np", span=scope.span(node))


def _widths(scope: Scope, node: ast.expr) -> Iterator[Node]:
    if not isinstance(node, (ast.List, ast.Tuple)):
        yield scope.formula(node)
        return
    nested = [e for e in node.elts if isinstance(e, (ast.List, ast.Tuple))]
    if nested and len(nested) < len(node.elts):
        raise scope.error(node, f"{described(node)} are no widths", "((0, 0), (1, 1))")
    for pair in nested:
        if len(pair.elts) not in (1, 2) or any(isinstance(e, (ast.List, ast.Tuple)) for e in pair.elts):
            raise scope.error(pair, f"{described(pair)} are no widths", "((0, 0), (1, 1))")
        yield from (scope.formula(e) for e in (pair.elts * 2)[:2])
    if not nested:
        if len(node.elts) > 2:
            raise scope.error(node, f"{described(node)} are no widths", "((0, 0), (1, 1))")
        yield from (scope.formula(e) for e in node.elts)


def _take(scope: Scope, node: ast.Call, first: Given) -> Node:
    found = _arguments(scope, node, first, "a indices axis")
    axis = _axis(scope, found, None)
    if axis is None or "indices" not in found:
        raise scope.error(node, "np.take without an axis picks of all elements in a row, which is not read", "axis=0")
    text = ",".join([":"] * axis + ["#"]) if axis >= 0 else ",".join(["...", "#", *[":"] * (-axis - 1)])
    of = first[0] if first else scope.formula(found["a"])
    return Call(PART, (of, scope.formula(found["indices"])), style="np", text=text, span=scope.span(node))


def _along(scope: Scope, node: ast.Call, first: Given) -> Node:
    found = _arguments(scope, node, first, "arr indices axis")
    axis = _axis(scope, found, None)
    if axis is None or "indices" not in found:
        raise scope.error(node, "np.take_along_axis without an axis is not read", "axis=1")
    args = scope.formula(found["arr"]), scope.formula(found["indices"])
    return Call("take_along_axis", args, axis=axis, style="np", span=scope.span(node))


def _windows(scope: Scope, node: ast.Call, first: Given) -> Node:
    found = _arguments(scope, node, first, "x window_shape axis")
    window = found.get("window_shape")
    if isinstance(window, (ast.Tuple, ast.List)) and len(window.elts) == 1:
        window = window.elts[0]
    if window is None or isinstance(window, (ast.Tuple, ast.List)):
        raise scope.error(node, "windows over several axes at once are not read", "sliding_window_view(x, k, axis=1)")
    args = scope.formula(found["x"]), scope.formula(window)
    return Call("sliding_window_view", args, axis=_axis(scope, found, None), style="np", span=scope.span(node))


def _differences(scope: Scope, node: ast.Call, first: Given) -> Node:
    found = _arguments(scope, node, first, "a n axis")
    times = scope.whole(found["n"]) if "n" in found else 1
    if not isinstance(times, int) or not 1 <= times <= 4:
        raise scope.error(node, "np.diff takes how often, a small number", "n=1")
    made = scope.formula(found["a"])
    for _ in range(times):
        made = Call("diff", (made,), axis=_axis(scope, found, -1), style="np", span=scope.span(node))
    return made


def _flipped(scope: Scope, node: ast.Call, first: Given) -> Node:
    found = _arguments(scope, node, first, "m axis")
    return Call("flip", (scope.formula(found["m"]),), axis=_axis(scope, found, None), style="np", span=scope.span(node))


def _triangle(name: str) -> Callable[[Scope, ast.Call, Given], Node]:
    def read(scope: Scope, node: ast.Call, first: Given) -> Node:
        found = _arguments(scope, node, first, "m k")
        k = scope.whole(found["k"]) if "k" in found else 0
        if not isinstance(k, int):
            raise scope.error(found["k"], f"np.{name} takes a whole number", "k=0")
        return Call(name, (scope.formula(found["m"]),), text=str(k) if k else "", style="np", span=scope.span(node))

    return read


def _rolled(scope: Scope, node: ast.Call, first: Given) -> Node:
    raise scope.error(
        node,
        "np.roll goes round the end, which is not read",
        "np.concatenate([x[:, -1:], x[:, :-1]], axis=1), a slice, np.pad",
    )


PLACED: Mapping[str, Callable[[Scope, ast.Call, Given], Node]] = {
    "pad": _pad,
    "concatenate": _joined("concatenate", 0),
    "stack": _joined("stack", 0),
    "hstack": _joined("hstack", None),
    "vstack": _joined("vstack", None),
    "take": _take,
    "take_along_axis": _along,
    "sliding_window_view": _windows,
    "diff": _differences,
    "flip": _flipped,
    "tril": _triangle("tril"),
    "triu": _triangle("triu"),
    "roll": _rolled,
}
"""How calls of NumPy's are read that are about places."""
