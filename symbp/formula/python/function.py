"""A function of NumPy's as assignments, each name assigned once: what is assigned again or changed in place is a new version.

Calls of other functions of the file are put in. What an array shares its memory with is kept: ``h = x; h += b`` changes both.
"""

from __future__ import annotations

import ast
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction

from symbp.errors import InputError, shown
from symbp.formula.python.expressions import Scope, shares, truth
from symbp.formula.python.module import Constant, Module, constant, described
from symbp.formula.syntax import Binary, Call, Length, Name, Negate, Node, Number, Span, children, nodes, with_children

_OPERATORS: Mapping[type[ast.operator], str] = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.Pow: "**"}
_ANNOTATIONS = ("Float", "Float16", "Float32", "Float64", "Real", "Num", "Inexact", "Shaped", "Bool", "Int", "Int32", "Int64",
                "Integer", "UInt8")  # fmt: skip
_DEEPEST, _MOST = 20, 2000
_SAID = ("print", "warn", "debug", "info", "warning", "log", "seterr")
"""Calls that say something and change nothing that is computed."""


@dataclass(frozen=True)
class Argument:
    """An argument: its axes as its annotation has them, None where there is none; whether it holds whole numbers; its default."""

    name: str
    axes: str | None
    integer: bool
    default: Fraction | None
    span: Span


@dataclass(frozen=True)
class Assigned:
    """An assignment: the name that is new, the author's name for it, the formula; `changed` is the version that was changed in
    place, whose shape it keeps."""

    name: str
    written: str
    node: Node
    span: Span
    changed: str = ""


@dataclass(frozen=True)
class Returned:
    """One result: its name where it has one, and its formula."""

    name: str
    node: Node
    span: Span
    key: str = ""


@dataclass(frozen=True)
class Function:
    """A function that was read: its arguments, its assignments in order, what it returns, what its asserts say of arguments."""

    module: Module
    name: str
    arguments: tuple[Argument, ...]
    body: tuple[Assigned, ...]
    returned: tuple[Returned, ...]
    facts: tuple[str, ...]
    described: str = ""


def read_function(module: Module, name: str, given: Mapping[str, Constant] | None = None) -> Function:
    """A function of a file by its name; `given` are values of options, such as ``reduction="sum"``.

    Raises
    ------
    InputError : for what cannot be read, with line and column: what was read, and what is allowed
    """
    definition = module.function(name)
    arguments, constants = _arguments(module, definition, given or {})
    reader = _Reader(module, {**module.constants, **constants}, name)
    for a in arguments:
        reader.declare(a.name, a.name, a.span)
    returned = reader.run(definition)
    doc = (ast.get_docstring(definition) or "").strip().partition("\n")[0]
    names = _last_versions(reader.body, reader.taken)
    body = tuple(_renamed(a, names) for a in reader.body)
    returned = tuple(replace(r, name=names.get(r.name, r.name), node=_with_names(r.node, names)) for r in returned)
    return Function(module, name, tuple(arguments), body, returned, tuple(reader.facts), doc)


def _last_versions(body: Sequence[Assigned], taken: set[str]) -> dict[str, str]:
    """New names for versions: the last one of a name has the author's name, and those before it have numbers."""
    versions: dict[str, list[str]] = {}
    for a in body:
        versions.setdefault(plain_name(a.written), []).append(a.name)
    found, used = dict[str, str](), {*taken}
    for written, names in versions.items():
        if len(names) < 2 or names[0] != written:
            continue  # one version alone, or an argument's name
        found[names[-1]] = written
        for k, name in enumerate(names[:-1], 1):
            made = f"{written}_{k}"
            while made in used and made not in names:
                made += "_"
            found[name] = made
    return found


def _renamed(a: Assigned, names: Mapping[str, str]) -> Assigned:
    return replace(
        a, name=names.get(a.name, a.name), node=_with_names(a.node, names), changed=names.get(a.changed, a.changed)
    )


def _with_names(node: Node, names: Mapping[str, str]) -> Node:
    if isinstance(node, Name):
        return replace(node, name=names.get(node.name, node.name))
    return with_children(node, tuple(_with_names(c, names) for c in children(node)))


def _arguments(
    module: Module, definition: ast.FunctionDef, given: Mapping[str, Constant]
) -> tuple[list[Argument], dict[str, Constant]]:
    """The arguments that are tensors or numbers, and those that are options: texts, truth values, None."""
    scope, spec = Scope(module, {}, {}, _nothing), definition.args
    if spec.vararg or spec.kwarg:
        raise scope.error(
            spec.vararg or spec.kwarg or definition, "* and ** arguments are not read", "arguments by name"
        )
    positional = [*spec.posonlyargs, *spec.args]
    defaults: list[ast.expr | None] = [None] * (len(positional) - len(spec.defaults)) + [*spec.defaults]
    found, constants = list[Argument](), dict[str, Constant]()
    for arg, default in zip([*positional, *spec.kwonlyargs], [*defaults, *spec.kw_defaults], strict=True):
        value = given[arg.arg] if arg.arg in given else constant(default) if default is not None else ()
        if value == () and isinstance(default, ast.Name):
            value = module.constants.get(default.id, ())
        if default is not None and value == () and arg.arg not in given:
            raise scope.error(
                default, f"the default {described(default)} is not read", "a number, a text, True, False, None"
            )
        if value is None or isinstance(value, (bool, str)):
            constants[arg.arg] = value
            continue
        axes, integer = _annotated(scope, arg)
        number = Fraction(repr(value)) if isinstance(value, (int, float)) and value == value else None
        if number is not None and axes is None:
            axes = ""
        if number is not None and axes:
            number = None  # an array that has a number as its default
        found.append(Argument(plain_name(arg.arg), axes, integer, number, scope.span(arg)))
    return found, constants


def _nothing(node: ast.Call, function: ast.FunctionDef) -> Node:
    raise AssertionError("no call stands in an annotation")


def _annotated(scope: Scope, arg: ast.arg) -> tuple[str | None, bool]:
    """The axes that an annotation says, ``Float[Array, "n d"]`` or ``"n d"``; None where it says none; and whether it says whole
    numbers."""
    note = arg.annotation
    if isinstance(note, ast.Constant) and isinstance(note.value, str):
        inner = re.fullmatch(r"\s*(\w+)\[[^,\]]*,\s*['\"](.*)['\"]\s*\]\s*", note.value)  # an annotation in quotes
        return (inner[2], "nt" in inner[1]) if inner else (_axes(scope, note, note.value), False)
    if isinstance(note, ast.Subscript):
        kind = note.value.attr if isinstance(note.value, ast.Attribute) else getattr(note.value, "id", "")
        parts = note.slice.elts if isinstance(note.slice, ast.Tuple) else [note.slice]
        text = parts[-1].value if isinstance(parts[-1], ast.Constant) else None
        if kind in _ANNOTATIONS and isinstance(text, str):
            return _axes(scope, note, text), kind.startswith(("Int", "UInt"))
        if kind == "Annotated" and isinstance(text, str):
            return _axes(scope, note, text), False
    if isinstance(note, ast.Name) and note.id == "float":
        return "", False
    return None, False


def _axes(scope: Scope, node: ast.AST, text: str) -> str:
    """The axes of an annotation in our own words: ``1`` is an axis of length one."""
    words = text.split()
    for k, word in enumerate(words):
        words[k] = "one" if word == "1" else word.lstrip("#").rpartition("=")[2]
        if not re.fullmatch(r"[A-Za-z]\w*", words[k]):
            raise scope.error(
                node, f"the axis {shown(word)} is not read", 'names of axes, "n d"; 1 for a length of one'
            )
    return " ".join(words)


def plain_name(name: str) -> str:
    """An author's name as our own languages have it: Greek letters by their names, no underscores in front, none doubled."""
    parts = [unicodedata.name(c, c).rpartition(" ")[2].lower() if not c.isascii() else c for c in name]
    return re.sub(r"__+", "_", "".join(parts)).strip("_") or "v"


@dataclass
class _Memory:
    """The names of one call, and which of them share their memory; `fixed` are those of numbers, which are never changed."""

    names: dict[str, Node] = field(default_factory=dict)
    block: dict[str, int] = field(default_factory=dict)
    constants: dict[str, object] = field(default_factory=dict)
    groups: dict[str, tuple[Node, ...]] = field(default_factory=dict)


class _Reader:
    """Reads the statements of one function and of those that it calls."""

    def __init__(self, module: Module, constants: Mapping[str, object], name: str) -> None:
        self.module, self.name = module, name
        self.body: list[Assigned] = []
        self.facts: list[str] = []
        self.taken: set[str] = set()
        self.blocks = 0
        self.calls: list[str] = []
        self.frames = [_Memory(constants={**constants})]

    @property
    def memory(self) -> _Memory:
        """The names of the call that is being read."""
        return self.frames[-1]

    @property
    def scope(self) -> Scope:
        """What names mean now."""
        return Scope(self.module, self.memory.names, self.memory.constants, self._call_one)

    def declare(self, name: str, written: str, span: Span) -> None:
        """A tensor that comes from outside."""
        if name in self.taken:
            raise InputError(f"two arguments are called {shown(name)}", place=self.module.place(span.start))
        self.taken.add(name)
        self._bind(written, Name(name, span=span), None)
        for author in {written}:
            self.memory.constants.pop(author, None)

    def run(self, definition: ast.FunctionDef) -> tuple[Returned, ...]:
        """Read a function's statements up to its return."""
        returned = self._block(definition.body)
        if returned is None:
            raise self.scope.error(definition, f"{definition.name} returns nothing", "return y")
        return returned

    def _block(self, statements: Sequence[ast.stmt]) -> tuple[Returned, ...] | None:
        for s in statements:
            if len(self.body) > _MOST:
                raise self.scope.error(s, "the function is too long", f"at most {_MOST} assignments")
            found = self._statement(s)
            if found is not None:
                return found
        return None

    def _statement(self, s: ast.stmt) -> tuple[Returned, ...] | None:
        match s:
            case ast.Return(value=value):
                if value is None:
                    raise self.scope.error(s, "nothing is returned", "return y")
                return tuple(self._returned(value))
            case ast.Assign(targets=targets, value=value):
                self._assign(targets, value)
            case ast.AnnAssign(target=target, value=value) if value is not None:
                self._assign([target], value)
            case ast.AugAssign():
                self._augmented(s)
            case ast.Assert(test=test):
                self.facts += [f for f in _facts(self.scope, test) if f not in self.facts]
            case ast.If(test=test, body=body, orelse=orelse):
                known = truth(self.scope, test)
                if known is None:
                    if all(isinstance(b, ast.Raise) for b in body) and not orelse:
                        return None  # a check of its arguments
                    raise self.scope.error(s, "an if on data is not read yet", "np.where(condition, a, b)")
                return self._block(body if known else orelse)
            case ast.Expr(value=ast.Constant() | ast.JoinedStr()) | ast.Pass() | ast.AnnAssign():
                pass
            case ast.Expr(value=ast.Call(func=func)) if _callee(func) in _SAID:
                pass
            case ast.Import() | ast.ImportFrom():
                pass  # what they name is known for the whole file
            case ast.For() | ast.While():
                raise self.scope.error(s, "a loop is not read yet", "operations on whole arrays")
            case ast.With(items=items, body=body) if all(
                _callee(getattr(i.context_expr, "func", i.context_expr)) == "errstate" for i in items
            ):
                return self._block(body)
            case _:
                what = type(s).__name__.lower()
                raise self.scope.error(s, f"{what} is not read: {described(s)}", "assignments, assert, return")
        return None

    def _returned(self, value: ast.expr) -> Iterator[Returned]:
        if isinstance(value, ast.Dict):
            for key, part in zip(value.keys, value.values, strict=True):
                if not (isinstance(key, ast.Constant) and isinstance(key.value, str)):
                    raise self.scope.error(value, "the key of a result is no text", '{"x": dx}')
                yield replace(self._result(part), key=key.value)
            return
        several = self._called_all(value) if isinstance(value, ast.Call) else None
        if several is not None:
            for node in several:
                yield Returned(node.name if isinstance(node, Name) else "", node, self.scope.span(value))
            return
        for part in value.elts if isinstance(value, (ast.Tuple, ast.List)) else [value]:
            yield self._result(part)

    def _result(self, part: ast.expr) -> Returned:
        if isinstance(part, ast.Name) and part.id in self.memory.groups:
            raise self.scope.error(part, f"{part.id} is no array", "return y, or return y, (x, w)")
        node = self.scope.formula(part)
        return Returned(node.name if isinstance(node, Name) else "", node, self.scope.span(part))

    def _assign(self, targets: Sequence[ast.expr], value: ast.expr) -> None:
        for target in targets:
            match target:
                case ast.Name(id=name):
                    self._assign_name(name, value, target)
                case ast.Tuple(elts=elts) | ast.List(elts=elts):
                    self._assign_several(elts, value, target)
                case ast.Subscript(value=ast.Name(id=name)) if _is_whole(target.slice) and name in self.memory.names:
                    self._change(
                        name,
                        Binary("+", Binary("*", Number("0"), self.memory.names[name]), self.scope.formula(value)),
                        target,
                    )
                case _:
                    raise self.scope.error(target, f"an assignment to {described(target)} is not read", "NAME = ...")

    def _assign_name(self, name: str, value: ast.expr, target: ast.AST) -> None:
        found = constant(value)
        if found is None or isinstance(found, (bool, str)):
            self.memory.constants[name] = found
            self.memory.names.pop(name, None)
            return
        node = self.scope.formula(value)
        shared = node.name if isinstance(node, Name) and isinstance(value, ast.Call) else shares(value, self.scope)
        self._define(name, node, target, shared)

    def _define(self, name: str, node: Node, target: ast.AST, shared: str = "") -> None:
        """Give an author's name a new version."""
        self.memory.constants.pop(name, None)
        if isinstance(node, Name) or _is_length(node):
            self._bind(name, node, shared if isinstance(node, Name) else None)
            return
        made = self._assigned(name, node, self.scope.span(target))
        self._bind(name, made, shared or None)

    def _assigned(self, written: str, node: Node, span: Span, changed: str = "") -> Name:
        name = self.fresh(plain_name(written))
        self.body.append(Assigned(name, written, node, span, changed))
        return Name(name, span=span)

    def fresh(self, name: str) -> str:
        """A name that nothing has yet: the author's, or its next version."""
        made, k = name, 1
        while made in self.taken:
            k += 1
            made = f"{name}_{k}"
        self.taken.add(made)
        return made

    def _bind(self, written: str, node: Node, shared: str | None) -> None:
        if shared and shared in self.memory.block:
            block = self.memory.block[shared]
        else:
            self.blocks += 1
            block = self.blocks
        self.memory.names[written] = node
        self.memory.block[written] = block

    def _assign_several(self, elts: Sequence[ast.expr], value: ast.expr, target: ast.AST) -> None:
        names = [e.id for e in elts if isinstance(e, ast.Name)]
        if len(names) < len(elts):
            raise self.scope.error(target, f"an assignment to {described(target)} is not read", "a, b = ...")
        if isinstance(value, ast.Attribute) and value.attr == "shape":
            of = self.scope.formula(value.value)
            for k, name in enumerate(names):
                self._define(name, Length(of, k, span=self.scope.span(value)), elts[k])
            return
        if isinstance(value, (ast.Tuple, ast.List)):
            if len(value.elts) != len(names):
                raise self.scope.error(target, f"{len(names)} names for {len(value.elts)} values", "as many as values")
            made = [(self.scope.formula(v), shares(v, self.scope)) for v in value.elts]
            blocks = [self.memory.block.get(shared) for _, shared in made]
            for name, (node, _), block, e in zip(names, made, blocks, elts, strict=True):
                self._define(name, node, e)
                if block is not None:
                    self.memory.block[name] = block
            return
        several = self._called_all(value) if isinstance(value, ast.Call) else None
        if several is None or len(several) != len(names):
            message = f"{described(value)} is not read as {len(names)} values"
            raise self.scope.error(target, message, "a, b = x.shape; a, b = f(x)")
        for name, node, e in zip(names, several, elts, strict=True):
            self._define(name, node, e, node.name if isinstance(node, Name) else "")

    def _augmented(self, s: ast.AugAssign) -> None:
        target = s.target
        if isinstance(target, ast.Subscript) and _is_whole(target.slice):
            target = target.value  # type: ignore[assignment]
        if not isinstance(target, ast.Name) or type(s.op) not in _OPERATORS:
            raise self.scope.error(s, f"{described(s)} is not read", "NAME += ..., -=, *=, /=, **=")
        if target.id in self.memory.constants and target.id not in self.memory.names:
            raise self.scope.error(s, f"{target.id} is no array", "NAME = ...")
        old = self.scope.formula(target)
        new = Binary(_OPERATORS[type(s.op)], old, self.scope.formula(s.value), span=self.scope.span(s))
        if _is_length(old):
            self._define(target.id, new, s)
            return
        self._change(target.id, new, s)

    def _change(self, name: str, node: Node, s: ast.AST) -> None:
        """What is changed in place is a new version, where no other name has the memory."""
        block, old = self.memory.block[name], self.memory.names[name]
        others = [
            n
            for frame in self.frames
            for n, b in frame.block.items()
            if b == block and not (frame is self.memory and n == name)
        ]
        others = [n for n in others if n in {k for frame in self.frames for k in frame.names}]
        if others:
            raise self.scope.error(
                s,
                f"{name} shares its memory with {others[0]}, and both change here",
                f"{name} = {name} + ..., a new array",
            )
        made = self._assigned(name, node, self.scope.span(s), old.name if isinstance(old, Name) else "")
        self.memory.names[name] = made

    def _call_one(self, node: ast.Call, function: ast.FunctionDef) -> Node:
        results = self._call(node, function)
        if len(results) != 1:
            raise self.scope.error(node, f"{function.name} returns {len(results)} values", "a, b = ...")
        return results[0]

    def _called_all(self, node: ast.Call) -> tuple[Node, ...] | None:
        """The results of a call of one of the file's own functions; None for any other call."""
        func = node.func
        if isinstance(func, ast.Name) and func.id in self.module.functions and func.id not in self.memory.names:
            return self._call(node, self.module.functions[func.id])
        return None

    def _call(self, node: ast.Call, function: ast.FunctionDef) -> tuple[Node, ...]:
        """Another function of the file, put in."""
        if function.name in self.calls or function.name == self.name or len(self.calls) > _DEEPEST:
            raise self.scope.error(node, f"{function.name} calls itself", "functions that call others")
        outer = self.memory
        memory = _Memory(constants={**self.module.constants})
        for name, value in self._bound(node, function):
            if isinstance(value, ast.expr):
                self._pass(memory, name, value)
            else:
                memory.constants[name] = value
        self.calls.append(function.name)
        self.frames.append(memory)
        try:
            returned = self.run(function)
        finally:
            self.frames.pop()
            self.calls.pop()
        for r in returned:  # what a function gives back may be what it was given
            block = next((b for n, b in memory.block.items() if memory.names.get(n) == r.node), None)
            if isinstance(r.node, Name) and block is not None:
                outer.block.setdefault(r.node.name, block)
        return tuple(r.node for r in returned)

    def _pass(self, memory: _Memory, name: str, value: ast.expr) -> None:
        """Hand a value to an argument."""
        found = constant(value)
        if isinstance(value, ast.Name) and value.id in self.memory.constants and value.id not in self.memory.names:
            found = self.memory.constants[value.id]  # type: ignore[assignment]
        if found is None or isinstance(found, (bool, str)):
            memory.constants[name] = found
            return
        node = self.scope.formula(value)
        shared = shares(value, self.scope)
        if not isinstance(node, (Name, Number)) and not _is_length(node):
            node = self._assigned(name, node, self.scope.span(value))
        memory.names[name] = node
        self.blocks += 1
        memory.block[name] = self.memory.block.get(shared, self.blocks)

    def _bound(self, node: ast.Call, function: ast.FunctionDef) -> Iterator[tuple[str, ast.expr | Constant]]:
        """Every argument of a function with what the call gives it, or its default."""
        spec = function.args
        if spec.vararg or spec.kwarg or any(isinstance(a, ast.Starred) for a in node.args):
            raise self.scope.error(node, "* and ** arguments are not read", f"{function.name}(x)")
        positional = [a.arg for a in (*spec.posonlyargs, *spec.args)]
        every = [*positional, *(a.arg for a in spec.kwonlyargs)]
        given: dict[str, ast.expr] = dict(zip(positional, node.args, strict=False))
        if len(node.args) > len(positional):
            raise self.scope.error(node, f"{function.name} takes {len(positional)} arguments, got {len(node.args)}")
        for k in node.keywords:
            if k.arg not in every or k.arg in given:
                raise self.scope.error(
                    k.value, f"{function.name} takes no argument {shown(str(k.arg))} here", ", ".join(every)
                )
            given[k.arg] = k.value
        defaults = dict(zip(positional[len(positional) - len(spec.defaults) :], spec.defaults, strict=True))
        defaults |= {a.arg: d for a, d in zip(spec.kwonlyargs, spec.kw_defaults, strict=True) if d is not None}
        for name in every:
            if name in given:
                yield name, given[name]
            elif name in defaults:
                value = constant(defaults[name])
                if value == ():
                    raise self.scope.error(defaults[name], f"the default {described(defaults[name])} is not read")
                yield name, value if value is None or isinstance(value, (bool, str)) else defaults[name]
            else:
                raise self.scope.error(
                    node, f"{function.name} is given no {name}", f"{function.name}({', '.join(every)})"
                )


def _is_errstate(node: ast.expr) -> bool:
    """Whether it is ``np.errstate(...)``, which changes what NumPy warns of."""
    return isinstance(node, ast.Call) and _callee(node.func) == "errstate"


def _callee(func: ast.expr) -> str:
    return func.attr if isinstance(func, ast.Attribute) else func.id if isinstance(func, ast.Name) else ""


def _is_whole(part: ast.expr) -> bool:
    """Whether a subscript is all of an array: ``[:]`` or ``[...]``."""
    parts = part.elts if isinstance(part, ast.Tuple) else [part]
    return all(
        (isinstance(p, ast.Slice) and p.lower is p.upper is p.step is None)
        or (isinstance(p, ast.Constant) and p.value is ...)
        for p in parts
    )


def _is_length(node: Node) -> bool:
    """Whether a formula is made of lengths and numbers alone; it is put in where it is used."""
    return any(isinstance(n, Length) for n in nodes(node)) and all(_plain(node))


def _plain(node: Node) -> Iterator[bool]:
    if isinstance(node, (Number, Length)):
        yield True
    elif isinstance(node, Binary) and node.op in "+-*/":
        yield from _plain(node.left)
        yield from _plain(node.right)
    elif isinstance(node, Negate):
        yield from _plain(node.arg)
    else:
        yield False


def _facts(scope: Scope, test: ast.expr) -> Iterator[str]:
    """What an assert says of arguments, in the words of ``given``: ``eps > 0``, that all of an array is positive, that rows add
    up to one; anything else is a check that changes nothing."""
    if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And):
        for part in test.values:
            yield from _facts(scope, part)
        return
    if isinstance(test, ast.Call):
        name = _callee(test.func)
        if name == "all":
            inner = test.args[0] if test.args else test.func.value if isinstance(test.func, ast.Attribute) else None
            if inner is not None:
                yield from _facts(scope, inner)
        elif name in ("allclose", "isclose") and len(test.args) > 1 and constant(test.args[1]) == 1:
            yield from _adds_up(scope, test.args[0])
        return
    if isinstance(test, ast.Compare) and len(test.ops) == 1:
        left, right, op = test.left, test.comparators[0], test.ops[0]
        if isinstance(op, ast.Lt) and constant(left) == 0:
            left, right, op = right, left, ast.Gt()
        known = scope.names.get(left.id) if isinstance(left, ast.Name) else None
        if isinstance(op, ast.Gt) and constant(right) == 0 and isinstance(known, Name):
            yield f"{known.name} > 0"


def _adds_up(scope: Scope, of: ast.expr) -> Iterator[str]:
    """``sum(Y, axis=1) = 1`` of a call that adds up along an axis."""
    try:
        node = scope.formula(of)
    except InputError:
        return
    if isinstance(node, Call) and node.name == "sum" and node.axis is not None and isinstance(node.args[0], Name):
        yield f"sum({node.args[0].name}, axis={node.axis}) = 1"
