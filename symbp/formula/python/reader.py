"""The statements of a function read in order: every assignment a new version of a name, calls of the file's own functions put in.

What an array shares its memory with is kept, since ``h = x; h += b`` changes both. Nothing is run.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from symbp.errors import InputError, shown, unknown
from symbp.formula.python.asserts import called, facts_of
from symbp.formula.python.expressions import Scope, shares, truth
from symbp.formula.python.module import Constant, Module, constant, described
from symbp.formula.python.signature import arguments_of, plain_name
from symbp.formula.python.values import Assigned, Frame, Group, Returned, Value, is_length
from symbp.formula.syntax import Binary, Call, Compare, Length, Name, Node, Number, Span

_OPERATORS: Mapping[type[ast.operator], str] = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.Pow: "**"}
_DEEPEST, _MOST = 20, 2000
_SAYS = ("print", "warn", "debug", "info", "warning", "seterr")
"""Calls that say something and change nothing that is computed."""


@dataclass(frozen=True)
class Outcome:
    """What a function returns: its results, and the groups beside them by their names."""

    results: tuple[Returned, ...]
    caches: Mapping[str, Group] = field(default_factory=dict)
    order: tuple[Value, ...] = ()


class Reader:
    """Reads the statements of one function, and of those of the file that it calls."""

    def __init__(self, module: Module, constants: Mapping[str, Constant], name: str) -> None:
        self.module, self.name = module, name
        self.body: list[Assigned] = []
        self.facts: list[str] = []
        self.taken: set[str] = set()
        self.blocks = 0
        self.calls: list[str] = []
        self.frames = [Frame(constants={**constants})]
        self.statement: ast.AST = module.function(name)

    @property
    def frame(self) -> Frame:
        """The names of the call that is being read."""
        return self.frames[-1]

    @property
    def scope(self) -> Scope:
        """What names mean now."""
        return Scope(
            self.module, self.frame.names, self.frame.constants, self._value_of_call, self._part, self._is_mask
        )

    def declare(self, name: str, written: str, span: Span) -> None:
        """A tensor that comes from outside."""
        if name in self.taken:
            raise InputError(f"two arguments are called {shown(name)}", place=self.module.place(span.start))
        self.taken.add(name)
        self.bind_argument(written, Name(name, span=span))

    def bind_argument(self, written: str, value: Value) -> None:
        """What an argument stands for."""
        self._bind(written, value)

    def run(self, definition: ast.FunctionDef) -> Outcome:
        """Read a function's statements up to its return."""
        returned = self._block(definition.body)
        if returned is None:
            raise self.scope.error(definition, f"{definition.name} returns nothing", "return y")
        return returned

    def _block(self, statements: Sequence[ast.stmt]) -> Outcome | None:
        for s in statements:
            if len(self.body) > _MOST:
                raise self.scope.error(s, "the function is too long", f"at most {_MOST} assignments")
            found = self._statement(s)
            if found is not None:
                return found
        return None

    def _statement(self, s: ast.stmt) -> Outcome | None:
        self.statement = s
        match s:
            case ast.Return(value=value) if value is not None:
                return self._returned(value)
            case ast.Assign(targets=targets, value=value):
                for target in targets:
                    self._assign(target, value)
            case ast.AnnAssign(target=target, value=value) if value is not None:
                self._assign(target, value)
            case ast.AugAssign():
                self._augmented(s)
            case ast.Assert(test=test):
                self.facts += [f for f in facts_of(self.scope, test) if f not in self.facts]
            case ast.If():
                return self._chosen(s)
            case ast.With(items=items, body=body) if all(_is_errstate(i.context_expr) for i in items):
                return self._block(body)
            case ast.For() | ast.While():
                raise self.scope.error(s, "a loop is not read yet", "operations on whole arrays")
            case _ if not _says_only(s):
                message = f"{described(s)} is not read"
                raise self.scope.error(s, message, "assignments, assert, return, operations on whole arrays")
        return None

    def _chosen(self, s: ast.If) -> Outcome | None:
        """A branch that is known from constants alone; a check that raises is none."""
        known = truth(self.scope, s.test)
        if known is not None:
            return self._block(s.body if known else s.orelse)
        if all(isinstance(b, ast.Raise) for b in s.body) and not s.orelse:
            return None
        raise self.scope.error(s, "an if on data is not read yet", "np.where(condition, a, b)")

    # What is returned

    def _returned(self, value: ast.expr) -> Outcome:
        made = self._value(value)
        span = self.scope.span(value)
        if (isinstance(value, ast.Name) and isinstance(made, Group)) or isinstance(value, ast.Dict):
            return Outcome(tuple(self._results(made, span)), {}, (made,))
        parts = value.elts if isinstance(value, (ast.Tuple, ast.List)) else [value]
        if len(parts) == 1 and isinstance(made, Group):  # the results of another function
            order = tuple(made.parts.values())
            groups = {f"cache{k}": v for k, v in enumerate(order) if isinstance(v, Group)}
            plain = tuple(
                Returned(v.name if isinstance(v, Name) else "", v, span) for v in order if not isinstance(v, Group)
            )
            return Outcome(plain, groups, order)
        results, caches, order_ = list[Returned](), dict[str, Group](), list[Value]()
        for k, (part, one) in enumerate(zip(parts, self._parts(made, parts), strict=True)):
            order_.append(one)
            if isinstance(one, Group) and k == 0 and isinstance(part, (ast.Tuple, ast.List)):
                results += self._results(one, self.scope.span(part))  # return (h, c), cache
            elif isinstance(one, Group):
                caches[part.id if isinstance(part, ast.Name) else f"cache{len(caches)}"] = one
            else:
                results.append(Returned(one.name if isinstance(one, Name) else "", one, self.scope.span(part)))
        return Outcome(tuple(results), caches, tuple(order_))

    def _results(self, made: Value, span: Span) -> Iterator[Returned]:
        """What a dictionary or a tuple holds, as results with their keys."""
        assert isinstance(made, Group)
        for key, one in made.parts.items():
            if not isinstance(one, Group):
                yield Returned(one.name if isinstance(one, Name) else "", one, span, "" if key.isdigit() else key)

    @staticmethod
    def _parts(made: Value, parts: Sequence[ast.expr]) -> list[Value]:
        return [*made.parts.values()] if isinstance(made, Group) else [made] * len(parts)

    # Values

    def _value(self, value: ast.expr) -> Value:
        """The formula that an expression is, or the group."""
        match value:
            case ast.Name(id=name) if name in self.frame.groups:
                return self.frame.groups[name]
            case ast.Tuple(elts=elts) | ast.List(elts=elts):
                return Group({str(k): self._value(e) for k, e in enumerate(elts)})
            case ast.Dict(keys=keys, values=values):
                return Group({self._key(value, k): self._value(v) for k, v in zip(keys, values, strict=True)})
            case ast.Call(func=ast.Name(id="dict"), args=[]) if "dict" not in self.frame.names:
                return Group({k.arg or "": self._value(k.value) for k in value.keywords})
            case ast.Call(func=ast.Name(id=name)) if name in self.module.functions and name not in self.frame.names:
                order = self._call(value, self.module.functions[name]).order
                return order[0] if len(order) == 1 else Group({str(k): v for k, v in enumerate(order)})
            case ast.Subscript(value=ast.Name(id=name), slice=key) if name in self.frame.groups:
                return self._part(name, self._key(value, key), value)
            case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="get"), args=[key, *_]) if (
                name in self.frame.groups
            ):
                return self._part(name, self._key(value, key), value)
        return self.scope.formula(value)

    def _key(self, whole: ast.expr, key: ast.expr | None) -> str:
        found = constant(key) if key is not None else ()
        if isinstance(found, str) or (isinstance(found, int) and not isinstance(found, bool)):
            return str(found)
        raise self.scope.error(whole, f"the key {described(key) if key else '**'} is not read", 'a text, cache["x"]')

    def _part(self, name: str, key: str, at: ast.AST) -> Value:
        """A part of a group by its key."""
        group = self.frame.groups.get(name)
        if group is None:
            raise unknown(
                "name", name, [*self.frame.names, *self.frame.groups], self.module.place(self.scope.span(at).start)
            )
        if key.startswith("-") and not group.open:
            key = str(len(group.parts) + int(key))
        if key not in group.parts:
            raise self.scope.error(at, f"{name} has no {shown(key)}", ", ".join(group.parts))
        return group.parts[key]

    # Assignments

    def _assign(self, target: ast.expr, value: ast.expr) -> None:
        match target:
            case ast.Name(id=name):
                self._assign_name(name, value, target)
            case ast.Tuple(elts=elts) | ast.List(elts=elts):
                self._assign_several(elts, value, target)
            case ast.Subscript(value=ast.Name(id=name), slice=key) if name in self.frame.groups:
                self._assign_part(name, self._key(target, key), value, target)
            case ast.Subscript(value=ast.Name(id=name), slice=part) if name in self.frame.names:
                self._change(name, self._where(name, part, self.scope.formula(value), target), target)
            case _:
                raise self.scope.error(target, f"an assignment to {described(target)} is not read", "NAME = ...")

    def _assign_name(self, name: str, value: ast.expr, target: ast.AST) -> None:
        found = constant(value)
        if not isinstance(found, tuple):
            self.frame.forget(name)
            self.frame.constants[name] = found
            return
        made = self._value(value)
        self._define(name, made, target, self._shared(value, made))

    def _shared(self, value: ast.expr, made: Value) -> int | None:
        """The memory that a value may be in, where it is that of a name."""
        name = shares(value, self.scope)
        if (
            isinstance(made, Name) and isinstance(value, ast.Call) and not name
        ):  # a function that gives back what it was given
            name = next((n for n, node in self.frame.names.items() if node == made), "")
        return self.frame.block.get(name)

    def _define(self, name: str, value: Value, target: ast.AST, block: int | None = None) -> None:
        """Give an author's name a new version."""
        if not isinstance(value, (Name, Group)) and not is_length(value):
            value = self._assigned(name, value, target)
        elif isinstance(value, Name) and not self.calls:
            self.body.append(Assigned(value.name, name, value, self._where_it_stands(target), again=True))
        self._bind(name, value, block)

    def _assigned(
        self, written: str, node: Node, target: ast.AST, changed: str = "", within: ast.AST | None = None
    ) -> Name:
        name = self._fresh(plain_name(written))
        span = self.scope.span(within) if within is not None else self._where_it_stands(target)
        self.body.append(Assigned(name, written, node, span, changed, len(self.calls)))
        return Name(name, span=span)

    def _where_it_stands(self, target: ast.AST) -> Span:
        """From what is assigned to the end of its statement."""
        return Span(self.scope.span(target).start, self.scope.span(self.statement).end)

    def _fresh(self, name: str) -> str:
        """A name that nothing has yet: the author's, or its next version."""
        made, k = name, 1
        while made in self.taken:
            k += 1
            made = f"{name}_{k}"
        self.taken.add(made)
        return made

    def _bind(self, written: str, value: Value, block: int | None = None) -> None:
        self.frame.forget(written)
        if isinstance(value, Group):
            self.frame.groups[written] = value
            return
        if block is None:
            self.blocks += 1
            block = self.blocks
        self.frame.names[written] = value
        self.frame.block[written] = block

    def _assign_part(self, name: str, key: str, value: ast.expr, target: ast.AST) -> None:
        made = self._value(value)
        if not isinstance(made, (Name, Group)) and not is_length(made):
            made = self._assigned(f"{name}_{key}", made, target)
        self.frame.groups[name].parts[key] = made

    def _assign_several(self, elts: Sequence[ast.expr], value: ast.expr, target: ast.AST) -> None:
        if isinstance(value, ast.Attribute) and value.attr == "shape":
            of = self.scope.formula(value.value)
            made: Value = Group({str(k): Length(of, k, span=self.scope.span(value)) for k in range(len(elts))})
        else:
            made = self._value(value)
        if isinstance(made, Group) and made.open:
            made = Group({str(k): self._named_part(made, e) for k, e in enumerate(elts)})
        if not isinstance(made, Group) or len(made.parts) != len(elts):
            message = f"{described(value)} is not read as {len(elts)} values"
            raise self.scope.error(target, message, "a, b = x.shape; a, b = f(x)")
        written = value.elts if isinstance(value, (ast.Tuple, ast.List)) else [None] * len(elts)
        blocks = [
            self._shared(w, v) if w is not None else None for w, v in zip(written, made.parts.values(), strict=True)
        ]
        for e, part, block in zip(elts, made.parts.values(), blocks, strict=True):
            if isinstance(e, (ast.Tuple, ast.List)) and isinstance(part, Group) and len(part.parts) == len(e.elts):
                for inner, v in zip(e.elts, part.parts.values(), strict=True):
                    self._define(self._target(inner), v, inner)
                continue
            self._define(self._target(e), part, e, block)

    def _target(self, e: ast.expr) -> str:
        if not isinstance(e, ast.Name):
            raise self.scope.error(e, f"an assignment to {described(e)} is not read", "a, b = ...")
        return e.id

    def _named_part(self, group: Group, e: ast.expr) -> Value:
        """A part of a group from outside, by the name that it is given."""
        name = self._target(e)
        if name == "_":
            return Number("0")
        if name not in group.parts:
            raise self.scope.error(e, f"what {name} is cannot be told", ", ".join(group.parts))
        return group.parts[name]

    # Changes in place

    def _augmented(self, s: ast.AugAssign) -> None:
        target = s.target
        part = target.slice if isinstance(target, ast.Subscript) else None
        of = target.value if isinstance(target, ast.Subscript) else target
        if not isinstance(of, ast.Name) or type(s.op) not in _OPERATORS:
            raise self.scope.error(s, f"{described(s)} is not read", "NAME += ..., -=, *=, /=, **=")
        if part is not None and of.id in self.frame.groups:
            old: Value = self._part(of.id, self._key(target, part), target)
            assert not isinstance(old, Group)
            new = Binary(_OPERATORS[type(s.op)], old, self.scope.formula(s.value), span=self.scope.span(s))
            key = self._key(target, part)
            self.frame.groups[of.id].parts[key] = self._assigned(f"{of.id}_{key}", new, s)
            return
        old = self.scope.formula(of)
        new = Binary(_OPERATORS[type(s.op)], old, self.scope.formula(s.value), span=self.scope.span(s))
        if is_length(old) or of.id not in self.frame.names:
            self._define(of.id, new, s)
            return
        self._change(of.id, self._where(of.id, part, new, s), s)

    def _where(self, name: str, part: ast.expr | None, new: Node, at: ast.AST) -> Node:
        """What an array is after a part of it was assigned: all of it, or where a comparison holds."""
        if part is None or _is_whole(part):
            return new
        chosen = self.scope.formula(part) if not isinstance(part, (ast.Tuple, ast.Slice, ast.Constant)) else None
        if chosen is None or not self._is_mask(chosen):
            raise self.scope.error(
                at, f"{described(at)} changes a part of an array, which is not read yet", "a[a < 0] = 0"
            )
        return Call("where", (chosen, new, self.frame.names[name]), style="np", span=self.scope.span(at))

    def _is_mask(self, node: Node) -> bool:
        """Whether a formula is a comparison, or the name of one."""
        if isinstance(node, Name):
            return any(a.name == node.name and self._is_mask(a.node) for a in self.body if not a.again)
        if isinstance(node, Binary) and node.op == "-" and node.left == Number("1"):
            return self._is_mask(node.right)
        if isinstance(node, Call) and node.name == "maximum":
            return all(map(self._is_mask, node.args))
        if isinstance(node, Binary) and node.op == "*":
            return self._is_mask(node.left) and self._is_mask(node.right)
        return isinstance(node, Compare)

    def _change(self, name: str, node: Node, s: ast.AST) -> None:
        """What is changed in place is a new version, under every name of the array; where another name is a view of it, that
        cannot be said, and is refused."""
        block, old = self.frame.block[name], self.frame.names[name]
        alike = [(frame, n) for frame in self.frames for n, b in frame.block.items() if b == block and n in frame.names]
        views = [n for frame, n in alike if frame.names[n] != old]
        if views:
            message = f"{name} shares its memory with {views[0]}, which would change with it"
            raise self.scope.error(s, message, f"{name} = ..., a new array")
        made = self._assigned(name, node, s, old.name if isinstance(old, Name) else "")
        for frame, n in alike:
            frame.names[n] = made

    # Calls of the file's own functions

    def _value_of_call(self, node: ast.Call, function: ast.FunctionDef) -> Node:
        order = self._call(node, function).order
        if len(order) != 1 or isinstance(order[0], Group):
            raise self.scope.error(node, f"{function.name} returns {len(order)} values", "a, b = ...")
        return replace(order[0], span=self.scope.span(node))

    def _call(self, node: ast.Call, function: ast.FunctionDef) -> Outcome:
        """Another function of the file, put in."""
        if function.name in self.calls or function.name == self.name or len(self.calls) > _DEEPEST:
            raise self.scope.error(node, f"{function.name} calls itself", "functions that call others")
        frame = Frame(constants={**self.module.constants})
        for name, value in self._bound(node, function):
            self._pass(frame, name, value)
        statement = self.statement
        self.calls.append(function.name)
        self.frames.append(frame)
        try:
            return self.run(function)
        finally:
            self.frames.pop()
            self.calls.pop()
            self.statement = statement

    def _pass(self, frame: Frame, name: str, value: ast.expr) -> None:
        """Hand a value to an argument."""
        found = constant(value)
        if isinstance(value, ast.Name) and value.id in self.frame.constants and value.id not in self.frame.names:
            found = self.frame.constants[value.id]
        if not isinstance(found, tuple):
            frame.constants[name] = found
            return
        made = self._value(value)
        if isinstance(made, Group):
            frame.groups[name] = made
            return
        if not isinstance(made, (Name, Number)) and not is_length(made):
            made = self._assigned(name, made, value, within=value)
        frame.names[name] = made
        self.blocks += 1
        block = self._shared(value, made)
        frame.block[name] = self.blocks if block is None else block

    def _bound(self, node: ast.Call, function: ast.FunctionDef) -> Iterator[tuple[str, ast.expr]]:
        """Every argument of a function with what the call gives it, or its default."""
        arguments = {a.arg: default for a, default in arguments_of(self.module, function)}
        keywords = {a.arg for a in function.args.kwonlyargs}
        positional = [name for name in arguments if name not in keywords]
        given: dict[str, ast.expr] = dict(zip(positional, node.args, strict=False))
        if len(node.args) > len(positional) or any(isinstance(a, ast.Starred) for a in node.args):
            raise self.scope.error(node, f"{function.name} takes {len(positional)} arguments", ", ".join(arguments))
        for k in node.keywords:
            if k.arg not in arguments or k.arg in given:
                message = f"{function.name} takes no argument {shown(str(k.arg))} here"
                raise self.scope.error(k.value, message, ", ".join(arguments))
            given[k.arg] = k.value
        for name, default in arguments.items():
            value = given.get(name, default)
            if value is None:
                raise self.scope.error(node, f"{function.name} is given no {name}", ", ".join(arguments))
            yield name, value


def _says_only(s: ast.stmt) -> bool:
    """Whether a statement changes nothing that is computed: a text, a message, an import, ``pass``."""
    match s:
        case ast.Pass() | ast.AnnAssign() | ast.Import() | ast.ImportFrom():
            return True
        case ast.Expr(value=ast.Constant() | ast.JoinedStr()):
            return True
        case ast.Expr(value=ast.Call(func=func)):
            return called(func) in _SAYS
    return False


def _is_errstate(node: ast.expr) -> bool:
    """Whether it is ``np.errstate(...)``, which changes what NumPy warns of."""
    return isinstance(node, ast.Call) and called(node.func) == "errstate"


def _is_whole(part: ast.expr) -> bool:
    """Whether a subscript is all of an array: ``[:]`` or ``[...]``."""
    parts = part.elts if isinstance(part, ast.Tuple) else [part]
    return all(
        (isinstance(p, ast.Slice) and p.lower is p.upper is p.step is None)
        or (isinstance(p, ast.Constant) and p.value is ...)
        for p in parts
    )
