"""An expression of Python's as the tree of a formula: what ``ast`` gives, in the words of :mod:`symbp.formula.syntax`.

Places are offsets in the whole file, so that a message about any part of a formula can say its line and its column.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, get_args

from symbp.errors import Place, shown, unknown
from symbp.formula.grammar import read_formula
from symbp.formula.numpy_calls import FLOATS, RESULTS, Option, call_node, result_of, spread
from symbp.formula.python.conditions import truth
from symbp.formula.python.memory import is_mask
from symbp.formula.python.module import LIBRARIES, constant, described
from symbp.formula.python.placed import PLACED
from symbp.formula.python.scope import ALLOWED, Scope
from symbp.formula.syntax import (
    LISTED,
    PART,
    Binary,
    Call,
    Compare,
    Length,
    Name,
    Negate,
    Node,
    Number,
    Span,
    Transpose,
)

_OPERATORS: Mapping[type[ast.operator], str] = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.MatMult: "@", ast.Pow: "**",
}  # fmt: skip
_COMPARISONS: Mapping[type[ast.cmpop], str] = {ast.Gt: ">", ast.Lt: "<", ast.GtE: ">=", ast.LtE: "<=",
                                                 ast.Eq: "==", ast.NotEq: "!="}  # fmt: skip
_BUILTINS = {"abs": "abs", "sum": "sum", "max": "max", "min": "min", "pow": "power", "float": "float", "len": "len"}


def _name(scope: Scope, node: ast.Name) -> Node:
    if node.id in scope.names:
        found = scope.names[node.id]
        if isinstance(found, Call) and found.name == LISTED:
            raise scope.error(node, f"{node.id} is a list of arrays", f"np.stack({node.id}, axis=1)")
        return replace(found, span=scope.span(node))
    if node.id in scope.constants:
        return _number(scope, node, scope.constants[node.id])
    if node.id in scope.module.imported and scope.module.imported[node.id] in ("pi", "inf"):
        return Name(scope.module.imported[node.id], span=scope.span(node))
    raise unknown("name", node.id, [*scope.names, *scope.constants], scope.module.place(scope.span(node).start))


def _number(scope: Scope, node: ast.expr, value: object) -> Node:
    if isinstance(value, (int, float)) and not isinstance(value, bool) and value == value and abs(value) < 1e300:
        text = repr(abs(value))
        made = Number(text, span=scope.span(node))
        return Negate(made, span=scope.span(node)) if value < 0 else made
    raise scope.error(node, f"{shown(str(value))} is no number that a formula can have", "a number")


def _literal(scope: Scope, node: ast.Constant) -> Node:
    return _number(scope, node, node.value)


def _unary(scope: Scope, node: ast.UnaryOp) -> Node:
    arg = scope.formula(node.operand)
    if isinstance(node.op, ast.UAdd):
        return arg
    mask = is_mask(scope, node.operand, arg)
    if isinstance(node.op, ast.USub) and not mask:
        return Negate(arg, span=scope.span(node))
    if isinstance(node.op, ast.Invert) and mask:  # ~(z > 0)
        return Binary("-", Number("1"), arg, span=scope.span(node))
    raise scope.error(node, f"{described(node)} is not read", "~ in front of a comparison, - in front of numbers")


def _binary(scope: Scope, node: ast.BinOp) -> Node:
    left, right, span = scope.formula(node.left), scope.formula(node.right), scope.span(node)
    masks = is_mask(scope, node.left, left) and is_mask(scope, node.right, right)
    if masks and isinstance(node.op, (ast.Add, ast.Sub, ast.MatMult)):
        raise scope.error(
            node, f"{described(node)} is of truth values, not of numbers", "a & b, a | b, a.astype(float) + b"
        )
    if type(node.op) in _OPERATORS:
        return Binary(_OPERATORS[type(node.op)], left, right, span=span)
    if masks:
        if isinstance(node.op, ast.BitAnd):
            return Binary("*", left, right, span=span)
        if isinstance(node.op, ast.BitOr):
            return Call("maximum", (left, right), style="np", span=span)
    raise scope.error(node, f"{described(node)} is not read", "+ - * / @ **, & and | between comparisons")


def _compare(scope: Scope, node: ast.Compare) -> Node:
    if len(node.ops) == 1 and type(node.ops[0]) in _COMPARISONS:
        left, right = scope.formula(node.left), scope.formula(node.comparators[0])
        return Compare(_COMPARISONS[type(node.ops[0])], left, right, span=scope.span(node))
    raise scope.error(node, f"{described(node)} is not read", "one comparison, <, >, <=, >=, ==, !=")


def _attribute(scope: Scope, node: ast.Attribute) -> Node:
    span = scope.span(node)
    if library := scope.library(node.value):
        if node.attr in ("pi", "e") and library in LIBRARIES:
            return Name("pi", span=span) if node.attr == "pi" else Call("exp", (Number("1"),), style="np", span=span)
        raise scope.error(node, f"{described(node)} is not read", "np.pi, or a function with its arguments")
    if node.attr == "T":
        return Transpose(scope.formula(node.value), span=span)
    if node.attr == "size":
        return Length(scope.formula(node.value), span=span)
    raise scope.error(node, f".{node.attr} is not read", ".T, .size, .shape[0], or a method such as .sum(axis=1)")


def _subscript(scope: Scope, node: ast.Subscript) -> Node:
    span = scope.span(node)
    key = constant(node.slice)
    if isinstance(node.value, ast.Name) and node.value.id not in scope.names and key not in ((), None, ...):
        found = scope.part(node.value.id, str(key), node)
        if isinstance(found, get_args(Node)):
            return replace(found, span=span)  # type: ignore[no-any-return]
        raise scope.error(node, f"{described(node)} is no array", "an array by its name or its key")
    if isinstance(node.value, ast.Attribute) and node.value.attr == "shape":
        axis = scope.whole(node.slice)
        if not isinstance(axis, int):
            raise scope.error(node, ".shape takes one number", ".shape[0]")
        return Length(scope.formula(node.value.value), axis, span=span)
    if (isinstance(node.value, ast.Attribute) and node.value.attr == "T") or not isinstance(node.value, ast.Constant):
        of = scope.formula(node.value)
        if isinstance(of, Call) and of.name in RESULTS:
            number = scope.whole(node.slice)
            return result_of(
                of, number if isinstance(number, int) else None, read_formula, Place(None, None, span.start + 1)
            )
        text, given = subscript_of(scope, node, node.slice)
        marks = text.split(",")
        if not given and not {*marks} - {":", "None", "..."}:
            return spread(of, marks, span)
        return Call(PART, (of, *given), style="np", text=text, span=span)
    raise scope.error(node, f"{described(node)} is not read", ALLOWED)


def subscript_of(scope: Scope, whole: ast.AST, key: ast.expr) -> tuple[str, tuple[Node, ...]]:
    """The text of a subscript, with ``#`` for each formula in it, and these formulas.

    Raises
    ------
    InputError : for what picks elements by truth values, and for what is no number, no slice and no array
    """
    texts, found = list[str](), list[Node]()
    for part in key.elts if isinstance(key, ast.Tuple) else [key]:
        if isinstance(part, ast.Slice):
            bounds = [part.lower, part.upper, *([part.step] if part.step is not None else [])]
            texts.append(":".join("#" if b is not None else "" for b in bounds))
            found += [scope.formula(b) for b in bounds if b is not None]
        elif isinstance(part, ast.Constant) and (part.value is None or part.value is ...):
            texts.append("None" if part.value is None else "...")
        elif isinstance(part, ast.Attribute) and part.attr == "newaxis" and scope.library(part.value):
            texts.append("None")
        else:
            made = scope.formula(part) if not isinstance(part, (ast.List, ast.Set)) else None
            if made is None or is_mask(scope, part, made):
                message = f"{described(whole)} picks elements by {'truth values' if made is not None else 'a list'}"
                raise scope.error(part, message, "np.where(mask, x, 0), x[:, 1:], x[:, 0], E[idx]")
            texts.append("#")
            found.append(made)
    if texts.count("...") > 1:
        raise scope.error(key, "a subscript has one ... at most", "x[..., 0]")
    return ",".join(texts), tuple(found)


def _called(scope: Scope, node: ast.Call) -> Node:
    span = scope.span(node)
    name, style, first = _function(scope, node)
    _check_call(scope, node, name, style)
    if isinstance(node.func, ast.Name) and node.func.id in scope.module.functions and not style:
        return scope.called(node, scope.module.functions[node.func.id])
    if name in PLACED and (style == "np" or name == "take"):
        return PLACED[name](scope, node, first)
    if name in ("ones", "zeros") and node.args and isinstance(node.args[0], (ast.Tuple, ast.List)):
        return _filled(name, [scope.formula(e) for e in node.args[0].elts], span)
    if (
        name in ("ones", "zeros")
        and node.args
        and isinstance(node.args[0], ast.Attribute)
        and node.args[0].attr == "shape"
    ):
        return Call(f"{name}_like", (scope.formula(node.args[0].value),), style="np", span=span)
    if name == "full" and len(node.args) > 1 and isinstance(node.args[0], (ast.Tuple, ast.List)):
        ones = _filled("ones", [scope.formula(e) for e in node.args[0].elts], span)
        return Binary("*", ones, scope.formula(node.args[1]), span=span)
    given: list[Node | Option] = [*first]
    for arg in node.args:
        if isinstance(arg, ast.Starred):
            raise scope.error(arg, "* in a call is not read", f"{name}(x)")
        plain = (
            isinstance(arg, (ast.Tuple, ast.List)) or constant(arg) is None or isinstance(constant(arg), (str, bool))
        )
        word = _is_word(scope, arg)
        made = scope.option(arg) if plain or word else scope.formula(arg)
        given.append(made.node if word and isinstance(made, Option) and made.node is not None else made)
    options = {}
    for keyword in node.keywords:
        if keyword.arg is None:
            raise scope.error(keyword.value, "** in a call is not read", f"{name}(x, axis=0)")
        options[keyword.arg] = scope.option(keyword.value)
    if name == "where" and given and isinstance(node.args[0] if node.args else None, ast.expr):
        condition = given[0]
        if isinstance(condition, get_args(Node)) and not is_mask(scope, node.args[0], condition):
            size = Call("abs", (condition,), style="np", span=condition.span)  # any number but 0 is true
            given[0] = Compare(">", size, Number("0"), span=condition.span)
    if (
        isinstance(node.func, ast.Name)
        and node.func.id == "sum"
        and name == "sum"
        and "sum" not in scope.module.imported
    ):
        options["axis"] = Option(0, span.start)  # Python's own adds what it goes over, the first axis
    if name == "array" and options.get("copy", Option(None, 0)).value == "True":
        del options["copy"]
    return call_node(name, tuple(given), options, 0, style or "np", span, read_formula)


_NOT_OF_MASKS = (
    "dot",
    "matmul",
    "einsum",
    "inner",
    "outer",
    "tensordot",
    "vdot",
    "kron",
    "add",
    "subtract",
    "negative",
)
"""What does something else with truth values than with numbers."""
_OTHERS = {"softmax": "scipy.special", "log_softmax": "scipy.special", "gelu": "jax.nn"}
"""Functions that mean something else in a library than here, unless an option says what is meant."""


def _check_call(scope: Scope, node: ast.Call, name: str, style: str) -> None:
    """Refuse what NumPy would compute in another way than is read here.

    Truth values add up to truth values; scipy.special's softmax is over all of an array where no axis says otherwise; jax.nn's
    gelu is an approximation where nothing says otherwise; Python's own sum begins with its second argument.
    """
    arrays = [func.value] if isinstance(func := node.func, ast.Attribute) and style == "method" else []
    arrays += [a for a in node.args if not isinstance(a, (ast.Constant, ast.Starred, ast.Tuple, ast.List))]
    if name in _NOT_OF_MASKS and style and arrays and all(is_mask(scope, a) for a in arrays):
        raise scope.error(node, f"{described(node)} is of truth values, not of numbers", "a.astype(float)")
    options = {k.arg for k in node.keywords}
    if name == "full_like" and arrays and is_mask(scope, arrays[0]):
        raise scope.error(node, f"{described(node)} is of truth values", "ones_like, zeros_like")
    library = (
        scope.library(func.value)
        if isinstance(func, ast.Attribute)
        else scope.module.origins.get(getattr(func, "id", ""))
    )
    said = "axis" in options or "approximate" in options or len(node.args) > 1
    if style == "np" and name in _OTHERS and library == _OTHERS[name] and not said:
        allowed = "axis=-1" if name != "gelu" else "approximate=False"
        raise scope.error(node, f"{described(node)} is something else than here: {library}.{name}", allowed)
    if (
        isinstance(func, ast.Name)
        and name in ("sum", "max", "min")
        and style == "np"
        and func.id not in scope.module.imported
    ):
        if options or (name == "sum" and len(node.args) > 1):
            raise scope.error(node, f"{described(node)} is Python's own {name}", f"np.{name}(x, axis=0)")


def _filled(name: str, lengths: Sequence[Node], span: Span) -> Node:
    """``np.ones((N, D))``: a product of such arrays of one axis each, in its place."""
    made: Node = Number("1" if name == "ones" else "0", span=span)
    for k, length in enumerate(lengths):
        one = spread(
            Call(name, (length,), style="np", span=length.span), [":", *["None"] * (len(lengths) - 1 - k)], span
        )
        made = replace(one, span=span) if k == 0 else Binary("*", made, one, span=span)
    return made


def _is_word(scope: Scope, node: ast.expr) -> bool:
    """Whether an argument is the name of a type, as that of ``astype`` is."""
    if isinstance(node, ast.Name):
        return node.id in ("float", "int", "bool") and node.id not in scope.names
    if isinstance(node, ast.Attribute) and node.attr == "dtype":
        return True
    return isinstance(node, ast.Attribute) and bool(scope.library(node.value)) and node.attr in FLOATS


def _function(scope: Scope, node: ast.Call) -> tuple[str, str, tuple[Node, ...]]:
    """The name of what is called, how, and what stands before its dot; style "" is a function of the file's own."""
    func = node.func
    if isinstance(func, ast.Attribute) and func.attr == "type" and getattr(func.value, "attr", "") == "dtype":
        return "float", "np", ()  # x.dtype.type(2)
    if isinstance(func, ast.Attribute):
        library = scope.library(func.value)
        if library:
            if library not in LIBRARIES:
                raise scope.error(
                    func, f"{described(func)} is not read", "functions of numpy, scipy.special, jax.numpy"
                )
            return func.attr, "np", ()
        return func.attr, "method", (scope.formula(func.value),)
    if isinstance(func, ast.Name):
        if func.id in scope.module.functions:
            return func.id, "", ()
        if func.id in scope.module.imported:
            return scope.module.imported[func.id], "np", ()
        if func.id in _BUILTINS and func.id not in scope.names and func.id not in scope.module.bound:
            return _BUILTINS[func.id], "np", ()
        known = [*scope.module.functions, *scope.module.imported, *_BUILTINS]
        raise unknown("function", func.id, known, scope.module.place(scope.span(func).start))
    raise scope.error(func, f"{described(func)} is not read", "a function by its name")


def _chosen(scope: Scope, node: ast.IfExp) -> Node:
    known = truth(scope, node.test)
    if known is None:
        raise scope.error(node, "a condition on data is not read", "np.where(condition, a, b)")
    return scope.formula(node.body if known else node.orelse)


READERS: Mapping[type[ast.expr], Callable[[Scope, Any], Node]] = {
    ast.Name: _name, ast.Constant: _literal, ast.UnaryOp: _unary, ast.BinOp: _binary, ast.Compare: _compare,
    ast.Attribute: _attribute, ast.Subscript: _subscript, ast.Call: _called, ast.IfExp: _chosen,
}  # fmt: skip
"""How each kind of expression is read."""
