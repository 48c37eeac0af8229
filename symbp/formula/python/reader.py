"""The statements of a function read in order: every assignment a new version of a name, calls of the file's own functions put in.

Nothing is run.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from symbp.errors import shown, unknown
from symbp.formula.grammar import read_formula
from symbp.formula.numpy_calls import RESULTS, result_of
from symbp.formula.python.asserts import called, facts_of
from symbp.formula.python.conditions import truth
from symbp.formula.python.effects import check_statements, is_add_at, is_errstate, is_whole, says_only
from symbp.formula.python.expressions import subscript_of
from symbp.formula.python.loops import Loops
from symbp.formula.python.memory import is_mask
from symbp.formula.python.module import constant, described
from symbp.formula.python.signature import bound
from symbp.formula.python.values import Frame, Group, Returned, Value, is_number, parts_of
from symbp.formula.python.versions import OPERATORS
from symbp.formula.syntax import (
    ADDED,
    ADDED_AT,
    PART,
    PUT,
    Binary,
    Call,
    Length,
    Name,
    Negate,
    Node,
    Number,
    Span,
    nodes,
)

_DEEPEST, _MOST = 20, 2000
_CACHES = ("cache", "ctx", "saved", "memory")
"""What people call what a forward function returns beside its result."""


@dataclass(frozen=True)
class Outcome:
    """What a function returns: its results, and the groups beside them by their names."""

    results: tuple[Returned, ...]
    caches: Mapping[str, Value] = field(default_factory=dict)
    order: tuple[Value, ...] = ()


class Reader(Loops):
    """Reads the statements of one function, and of those of the file that it calls."""

    def run(self, definition: ast.FunctionDef) -> Outcome:
        """Read a function's statements up to its return."""
        check_statements(self.module, definition)
        returned = self._block(definition.body)
        if returned is None:
            raise self.scope.error(definition, f"{definition.name} returns nothing", "return y")
        read = [a.node for a in self.body] + [r.node for r in returned.results]
        read += [n for v in returned.order for n in ([*(p for _, p in parts_of(v))] if isinstance(v, Group) else [v])]
        used = {n.name for n in nodes(*read) if isinstance(n, Name)}
        self.body = [a for a in self.body if a.name not in self.spare - used]
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
                self._assign_all(targets, value)
            case ast.AnnAssign(target=target, value=value) if value is not None:
                self._assign(target, value)
            case ast.AugAssign():
                self._augmented(s)
            case ast.Assert(test=test):
                found = facts_of(self.scope, test, self.arguments)
                self.facts += [f for f in found if f not in self.facts]
            case ast.If():
                return self._chosen(s)
            case ast.With(items=items, body=body) if all(is_errstate(i.context_expr) for i in items):
                return self._block(body)
            case ast.For():
                self._repeated(s)
            case ast.While():
                raise self.scope.error(s, "a while loop is not read", "for i in range(3), operations on whole arrays")
            case ast.Expr(value=ast.Call() as call) if is_add_at(self.module, call):
                self._add_at(call)
            case ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="append"), args=[value])):
                self._append(name, value, s)
            case _ if not says_only(s):
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
        results, caches, order_ = list[Returned](), dict[str, Value](), list[Value]()
        for k, (part, one) in enumerate(zip(parts, self._parts(made, parts), strict=True)):
            if self.calls and not (isinstance(part, ast.Name) and isinstance(one, Group)):
                one = self._held(part, one)
            order_.append(one)
            if isinstance(one, Group) and k == 0 and isinstance(part, (ast.Tuple, ast.List)):
                results += self._results(one, self.scope.span(part))  # return (h, c), cache
            elif isinstance(one, Group):
                caches[part.id if isinstance(part, ast.Name) else f"cache{len(caches)}"] = one
            elif isinstance(part, ast.Name) and part.id in _CACHES and len(parts) > 1:
                caches[part.id] = one
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
            case ast.Constant(value=None):
                return Group()
            case ast.Tuple(elts=elts) | ast.List(elts=elts):
                return Group({str(k): self._value(e) for k, e in enumerate(elts)})
            case ast.Dict(keys=keys, values=values):
                named = [self._key(value, k) for k in keys]
                if any(k.startswith("-") for k in named):
                    raise self.scope.error(value, f"the key {min(named)} is not read", 'a text, cache["x"]')
                return Group({k: self._value(v) for k, v in zip(named, values, strict=True)})
            case ast.Call(func=ast.Name(id="dict"), args=[]) if "dict" not in self.frame.names:
                return Group({k.arg or "": self._value(k.value) for k in value.keywords})
            case ast.Call(func=ast.Name(id=name)) if name in self.module.functions and name not in self.frame.names:
                order = self._call(value, self.module.functions[name]).order
                return order[0] if len(order) == 1 else Group({str(k): v for k, v in enumerate(order)})
            case ast.IfExp() if (known := truth(self.scope, value.test)) is not None:
                return self._value(value.body if known else value.orelse)
            case ast.Subscript(value=ast.Name(id=name), slice=key) if name in self.frame.groups:
                return self._part(name, self._key(value, key), value)
            case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="get"), args=[key, *_]) if (
                name in self.frame.groups
            ):
                return self._part(name, self._key(value, key), value)
        made = self.scope.formula(value)
        self._not_replaced(made, value)
        if isinstance(made, Call) and made.name in RESULTS:
            place = self.module.place(made.span.start)
            return Group({str(k): result_of(made, k, read_formula, place) for k in range(len(RESULTS[made.name]))})
        if isinstance(made, Name) and isinstance(value, (ast.Call, ast.UnaryOp)):
            return self._copied(made, value)
        return made

    def _key(self, whole: ast.expr, key: ast.expr | None) -> str:
        found = constant(key) if key is not None else ()
        like_number = isinstance(found, str) and found.lstrip("-").isdigit()
        if (isinstance(found, str) and not like_number) or (isinstance(found, int) and not isinstance(found, bool)):
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
        part = group.parts[key]
        if not isinstance(part, (Group, Name, Number)) and not self.is_put_in(
            part
        ):  # one array, however often it is asked for
            part = group.parts[key] = self._assigned(f"{name}_{key}", part, at)
        return part

    # Assignments

    def _assign_all(self, targets: Sequence[ast.expr], value: ast.expr) -> None:
        """``a = b = x * 2``: one value under several names."""
        first = targets[0]
        if len(targets) > 1 and not isinstance(first, ast.Name):
            raise self.scope.error(
                first, f"several targets at once are not read, {described(first)} among them", "a = ...; b = a"
            )
        self._assign(first, value)
        for target in targets[1:]:
            self._assign(target, ast.copy_location(ast.Name(first.id, ast.Load()), first))  # type: ignore[attr-defined]

    def _assign(self, target: ast.expr, value: ast.expr) -> None:
        match target:
            case ast.Name(id=name):
                self._assign_name(name, value, target)
            case ast.Tuple(elts=elts) | ast.List(elts=elts):
                self._assign_several(elts, value, target)
            case ast.Subscript(value=ast.Name(id=name), slice=key) if name in self.frame.groups:
                self._assign_part(name, self._key(target, key), value, target)
            case ast.Subscript(value=ast.Name(id=name), slice=part) if self._is_stacked(part):
                self._stack(name, part, self._value(value), value, target)
            case ast.Subscript(value=ast.Name(id=name), slice=part) if name in self.frame.names:
                self._put(name, part, value, target)
            case _:
                raise self.scope.error(target, f"an assignment to {described(target)} is not read", "NAME = ...")

    def _assign_name(self, name: str, value: ast.expr, target: ast.AST) -> None:
        found = constant(value)
        if found is None or isinstance(found, (bool, str)):
            self.frame.forget(name)
            self.frame.constants[name] = found
            return
        made = self._value(value)
        if isinstance(made, Group):
            made = self._held(value, made)
        self._define(name, made, target, self._shared(value, made), is_mask(self.scope, value, made))

    def _assign_part(self, name: str, key: str, value: ast.expr, target: ast.AST) -> None:
        made = self._value(value)
        if isinstance(made, Group):
            made = self._held(value, made)
        elif not isinstance(made, Name) and not self.is_put_in(made):
            mask = is_mask(self.scope, value, made)
            made = self._assigned(f"{name}_{key}", made, target, block=self._shared(value, made), mask=mask)
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
        about = [
            (self._shared(w, v), is_mask(self.scope, w, v)) if w is not None else (None, False)
            for w, v in zip(written, made.parts.values(), strict=True)
        ]
        for e, (key, part), (block, mask) in zip(elts, [*made.parts.items()], about, strict=True):
            if isinstance(e, (ast.Tuple, ast.List)) and isinstance(part, Group) and len(part.parts) == len(e.elts):
                for inner, v in zip(e.elts, part.parts.values(), strict=True):
                    self._define(self._target(inner), v, inner)
                continue
            self._define(self._target(e), part, e, block, mask)
            if not isinstance(part, (Group, Name, Number)) and not self.is_put_in(part):
                made.parts[key] = now = self.frame.names[self._target(e)]
                if isinstance(value, ast.Call) and called(value.func) in RESULTS and isinstance(now, Name):
                    self.spare.add(now.name)

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
        if not isinstance(of, ast.Name) or type(s.op) not in OPERATORS:
            raise self.scope.error(s, f"{described(s)} is not read", "NAME += ..., -=, *=, /=, **=")
        if of.id in self.frame.constants and of.id not in self.frame.names:
            raise self.scope.error(s, f"{of.id} is no array", "NAME = ...")
        key = self._key(target, part) if part is not None and of.id in self.frame.groups else None
        old: Value = self.scope.formula(of) if key is None else self._part(of.id, key, target)
        if isinstance(old, Group):
            raise self.scope.error(s, f"{described(target)} is no array", "NAME += ...")
        added = self.scope.formula(s.value)
        if part is not None and key is None and isinstance(old, Name) and self._is_stacked(part):
            text, given = subscript_of(self.scope, s, part)
            before = Call(PART, (old, *given), style="np", text=text, span=self.scope.span(target))
            new = Binary(OPERATORS[type(s.op)], before, added, span=self.scope.span(s))
            self._stack(of.id, part, new, s.value, s)
            return
        new = Binary(OPERATORS[type(s.op)], old, added, span=self.scope.span(s))
        self._not_replaced(new, s)
        if is_mask(self.scope, target, old):
            raise self.scope.error(
                s, f"{described(target)} is a comparison, which is not changed in place", "NAME = ..."
            )
        whole = part is None or key is not None or is_whole(part)
        if whole and (not isinstance(old, Name) or (old.name in self.numbers and not _is_subscript(part, key))):
            if key is None:  # numbers do not change: the name gets another
                self._define(of.id, new, s)
            else:
                self.frame.groups[of.id].parts[key] = self._assigned(f"{of.id}_{key}", new, s)
            return
        if isinstance(old, Name):
            written = of.id if key is None else f"{of.id}_{key}"
            if not whole and part is not None and not self._is_choice(part):
                self._change(written, old, self._changed_part(old, part, type(s.op), added, s), s, None, added)
                return
            chosen = None if whole or part is None else self._chosen_part(part, s)
            self._change(written, old, new, s, chosen, added)

    def _is_choice(self, part: ast.expr) -> bool:
        """Whether a subscript chooses elements by truth values."""
        return not isinstance(part, (ast.Tuple, ast.Slice, ast.Constant)) and is_mask(
            self.scope, part, self.scope.formula(part)
        )

    def _changed_part(self, old: Name, part: ast.expr, op: type[ast.operator], value: Node, at: ast.AST) -> Node:
        """``a[:, 1:] += b``: the array with a part of it changed."""
        text, given = subscript_of(self.scope, at, part)
        span = self.scope.span(at)
        if op in (ast.Add, ast.Sub):
            put = value if op is ast.Add else Negate(value, span=value.span)
            return Call(ADDED, (old, put, *given), style="np", text=text, span=span)
        before = Call(PART, (old, *given), style="np", text=text, span=span)
        return Call(
            PUT, (old, Binary(OPERATORS[op], before, value, span=span), *given), style="np", text=text, span=span
        )

    def _add_at(self, call: ast.Call) -> None:
        """``np.add.at(a, idx, b)``: what is added in one place several times is added several times."""
        if len(call.args) != 3 or call.keywords or not isinstance(call.args[0], ast.Name):
            raise self.scope.error(call, f"{described(call)} is not read", "np.add.at(a, idx, b)")
        name, (_, part, value) = call.args[0].id, call.args
        old = self.frame.names.get(name)
        if not isinstance(old, Name) or old.name in self.masks:
            raise self.scope.error(call.args[0], f"{name} is no array of numbers", "np.add.at(a, idx, b)")
        added = self.scope.formula(value)
        self._not_replaced(added, value)
        if called(call.func.value) == "subtract":  # type: ignore[attr-defined]
            added = Negate(added, span=added.span)
        text, given = subscript_of(self.scope, call, part)
        new = Call(ADDED_AT, (old, added, *given), style="np", text=text, span=self.scope.span(call))
        self._change(name, old, new, call, None, added)

    def _put(self, name: str, part: ast.expr, value: ast.expr, target: ast.AST) -> None:
        """``a[a < 0] = 0``, ``a[:] = b``."""
        new, old = self.scope.formula(value), self.frame.names[name]
        self._not_replaced(new, value)
        if not isinstance(old, Name):
            raise self.scope.error(target, f"{name} is no array", "NAME = ...")
        number = constant(value)
        if old.name in self.masks and not is_mask(self.scope, value, new) and number not in (0, 1):
            raise self.scope.error(target, f"{name} is a comparison, which holds no such value", "NAME.astype(float)")
        if not is_whole(part) and not self._is_choice(part):
            text, given = subscript_of(self.scope, target, part)
            made = Call(PUT, (old, new, *given), style="np", text=text, span=new.span)
            self._change(name, old, made, target, None, new)
            return
        if is_whole(part) and is_number(new, self.numbers):
            new = Binary("*", new, Call("ones_like", (old,), style="np"), span=new.span)
        self._change(name, old, new, target, None if is_whole(part) else self._chosen_part(part, target), new)

    def _chosen_part(self, part: ast.expr, at: ast.AST) -> Node:
        """The comparison that says which elements are changed."""
        chosen = self.scope.formula(part) if not isinstance(part, (ast.Tuple, ast.Slice, ast.Constant)) else None
        if chosen is None or not is_mask(self.scope, part, chosen):
            raise self.scope.error(
                at, f"{described(at)} changes a part of an array, which is not read yet", "a[a < 0] = 0"
            )
        return chosen

    # Calls of the file's own functions

    def _value_of_call(self, node: ast.Call, function: ast.FunctionDef) -> Node:
        order = self._call(node, function).order
        if len(order) != 1 or isinstance(order[0], Group):
            raise self.scope.error(node, f"{function.name} returns {len(order)} values", "a, b = ...")
        return replace(order[0], span=self.scope.span(node))

    def _call(self, node: ast.Call, function: ast.FunctionDef) -> Outcome:
        """Another function of the file, put in."""
        if function.name in self.module.unclear:
            message = f"{function.name} is given several meanings in this file"
            raise self.scope.error(node, message, "one definition")
        if function.name in self.calls or function.name == self.name or len(self.calls) > _DEEPEST:
            raise self.scope.error(node, f"{function.name} calls itself", "functions that call others")
        self.called += 1
        if self.called > _MOST:
            raise self.scope.error(node, "the function is too long", f"at most {_MOST} calls")
        frame = Frame(constants={**self.module.constants})
        for name, value, given in bound(self.module, node, function):
            self._pass(frame, name, value, given)
        for held in (*frame.names.values(), *frame.groups.values()):
            self._not_replaced(held, node)
        statement = self.statement
        self.calls.append(function.name)
        self.frames.append(frame)
        try:
            return self.run(function)
        finally:
            self.frames.pop()
            self.calls.pop()
            self.statement = statement

    def _pass(self, frame: Frame, name: str, value: ast.expr, given: bool) -> None:
        """Hand a value to an argument; a default means what its names mean in the file."""
        found = constant(value)
        if isinstance(value, ast.Name):
            if not given and value.id in self.module.constants:
                found = self.module.constants[value.id]
            elif given and value.id in self.frame.constants and value.id not in self.frame.names:
                found = self.frame.constants[value.id]
        if not given and found == ():
            raise self.scope.error(
                value, f"the default {described(value)} is not read", "a number, a text, True, False, None"
            )
        if found is None or isinstance(found, (bool, str)):
            frame.forget(name)
            frame.constants[name] = found
            return
        frame.forget(name)
        made = self._value(ast.copy_location(ast.Constant(found), value) if found != () else value)  # type: ignore[arg-type]
        if isinstance(made, Group):
            frame.groups[name] = self._held(value, made)  # type: ignore[assignment]
            return
        if not isinstance(made, (Name, Number)) and not self.is_put_in(made):
            made = self._assigned(
                name, made, value, block=self._shared(value, made), mask=is_mask(self.scope, value, made), within=value
            )
        frame.names[name] = made


def _is_subscript(part: ast.expr | None, key: str | None) -> bool:
    """Whether it is a part of an array that is changed, ``x[:] += 1``, which numbers do not have."""
    return part is not None and key is None
