"""What a function does beside its assignments: names that an expression gives, arrays that a call changes, decorators."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from symbp.formula.python.asserts import called
from symbp.formula.python.module import Module, described

_DECORATORS = ("vectorize", "vmap", "pmap", "grad", "value_and_grad", "jacobian", "jacfwd", "jacrev", "hessian", "property",
               "apply_along_axis", "frompyfunc")  # fmt: skip
"""Decorators that make another function of one: one of each element, its gradient."""
_CHANGE = ("sort", "fill", "partition", "put", "place", "putmask", "copyto", "fill_diagonal", "resize", "itemset", "shuffle",
           "at", "setfield", "update", "pop", "popitem", "clear", "append", "extend", "insert", "remove", "setdefault",
           "exec")  # fmt: skip
"""Calls that change what they are given."""

_SAYS = ("print", "warn", "debug", "info", "warning", "seterr")
"""Calls that say something and change nothing that is computed."""


def check_statements(module: Module, definition: ast.FunctionDef) -> None:
    """Refuse what would change a name or an array where only messages and checks are: ``print(y := x)``, ``assert x.sort()``.

    Raises
    ------
    InputError : at its place
    """
    for d in definition.decorator_list:
        words = {n.attr if isinstance(n, ast.Attribute) else getattr(n, "id", "") for n in ast.walk(d)}
        if words & {*_DECORATORS}:
            raise module.error(d, f"the decorator {described(d)} makes another function", "a function without it")
    for node in ast.walk(definition):
        if isinstance(node, ast.NamedExpr):
            raise module.error(node, f"{described(node)} is not read", "an assignment of its own, y = ...")
    for s in ast.walk(definition):
        for test in _aside(s):
            for node in ast.walk(test):
                alone = node is test and isinstance(s, ast.Expr)
                read = alone and isinstance(node, ast.Call) and (is_add_at(module, node) or is_append(node))
                if isinstance(node, ast.Call) and not read and _changes(module, node):
                    raise module.error(
                        node, f"{described(node)} may change an array, which is not read here", "print(x)"
                    )


def _aside(s: ast.AST) -> Iterator[ast.AST]:
    """What is computed for a message or a check alone."""
    if isinstance(s, ast.Expr):
        yield s.value
    elif isinstance(s, (ast.Assert, ast.If)):
        yield s.test


def _changes(module: Module, call: ast.Call) -> bool:
    name = called(call.func)
    if name in _CHANGE or name.startswith("__") or any(k.arg == "out" for k in call.keywords):
        return True
    own = module.functions.get(name) if isinstance(call.func, ast.Name) else None
    return own is not None and any(
        isinstance(n, ast.AugAssign) or (isinstance(n, ast.Subscript) and isinstance(n.ctx, ast.Store))
        or (isinstance(n, ast.Call) and called(n.func) in _CHANGE)
        for n in ast.walk(own)
    )  # fmt: skip


def is_add_at(module: Module, call: ast.Call) -> bool:
    """Whether it is ``np.add.at(...)`` or ``np.subtract.at(...)``, which are read."""
    func = call.func
    if not isinstance(func, ast.Attribute) or func.attr != "at" or not isinstance(func.value, ast.Attribute):
        return False
    library = func.value.value
    named = isinstance(library, ast.Name) and module.modules.get(library.id) == "numpy"
    return named and func.value.attr in ("add", "subtract")


def is_append(node: ast.AST) -> bool:
    """Whether it is ``hs.append(h)``, which is read in a loop."""
    func = node.func if isinstance(node, ast.Call) and len(node.args) == 1 and not node.keywords else None
    return isinstance(func, ast.Attribute) and func.attr == "append" and isinstance(func.value, ast.Name)


def says_only(s: ast.stmt) -> bool:
    """Whether a statement changes nothing that is computed: a text, a message, an import, ``pass``."""
    match s:
        case ast.Pass() | ast.AnnAssign() | ast.Import() | ast.ImportFrom():
            return True
        case ast.Expr(value=ast.Constant() | ast.JoinedStr()):
            return True
        case ast.Expr(value=ast.Call(func=func)):
            return called(func) in _SAYS
    return False


def is_errstate(node: ast.expr) -> bool:
    """Whether it is ``np.errstate(...)``, which changes what NumPy warns of."""
    return isinstance(node, ast.Call) and called(node.func) == "errstate"


def is_whole(part: ast.expr) -> bool:
    """Whether a subscript is all of an array: ``[:]`` or ``[...]``."""
    parts = part.elts if isinstance(part, ast.Tuple) else [part]
    return all(
        (isinstance(p, ast.Slice) and p.lower is p.upper is p.step is None)
        or (isinstance(p, ast.Constant) and p.value is ...)
        for p in parts
    )
