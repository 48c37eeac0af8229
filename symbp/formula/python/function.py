"""A function of NumPy's as assignments, each name assigned once, with its arguments and results."""

from __future__ import annotations

import ast
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from symbp.errors import InputError, shown
from symbp.formula.python.module import Constant, Module
from symbp.formula.python.reader import Outcome, Reader
from symbp.formula.python.signature import Argument, plain_name, signature_of
from symbp.formula.python.values import Assigned, Group, Returned, Value, leaves, renamed, renamed_group
from symbp.formula.syntax import Name, Span


@dataclass(frozen=True)
class Function:
    """A function that was read: its arguments, its assignments in order, what it returns, what its asserts say of arguments.

    `caches` are groups, or an array called a cache, that it returns beside its results, each under the name that it had; `words`
    begins its docstring; `leaves` are all that it returns, one by one.
    """

    module: Module
    name: str
    arguments: tuple[Argument, ...]
    body: tuple[Assigned, ...]
    returned: tuple[Returned, ...]
    facts: tuple[str, ...] = ()
    caches: Mapping[str, Value] = field(default_factory=dict)
    words: str = ""
    leaves: tuple[Returned, ...] = ()


def read_function(module: Module, name: str, given: Mapping[str, Constant] | None = None) -> Function:
    """A function of a file by its name; `given` are values of options, such as ``reduction="sum"``.

    Raises
    ------
    InputError : for what cannot be read, with line and column: what was read, and what is allowed
    """
    definition = module.function(name)
    signature = signature_of(module, definition, given or {})
    reader = Reader(module, {**module.constants, **signature.options}, name)
    with module.placed():
        for a in signature.arguments:
            reader.declare(a)
        returned = reader.run(definition)
    if not returned.results:
        raise module.error(definition, f"{name} returns nothing", "return y")
    names = last_versions(reader)
    words = (ast.get_docstring(definition) or "").strip().partition("\n")[0]
    return Function(
        module, name, signature.arguments, tuple(_renamed(a, names) for a in reader.body if not a.again),
        tuple(replace(r, name=names.get(r.name, r.name), node=renamed(r.node, names)) for r in returned.results),
        tuple(reader.facts), {n: _renamed_value(v, names) for n, v in returned.caches.items()}, words,
        _leaves(returned, names, module.span(definition)),
    )  # fmt: skip


def read_backward(
    module: Module,
    name: str,
    known: Mapping[str, Value],
    taken: Sequence[str],
    given: Mapping[str, Constant] | None = None,
    numbers: Collection[str] = (),
    integers: Collection[str] = (),
) -> Function:
    """A function whose arguments are known: what each stands for, a formula in other names or a group of them.

    Parameters
    ----------
    known : what its arguments stand for, by their author's names
    taken : names that no assignment may get, because they mean something where the formulas are judged
    numbers, integers : those of them that are one number each, and those of whole numbers

    Raises
    ------
    InputError : for what cannot be read, and for an argument that is not among those that are known
    """
    definition = module.function(name)
    signature = signature_of(module, definition, given or {})
    reader = Reader(module, {**module.constants, **signature.options}, name)
    reader.taken |= {*taken}
    reader.numbers |= {*numbers}
    reader.integers |= {*integers}
    for a in signature.arguments:
        if a.written not in known:
            message = f"what the argument {shown(a.written)} is cannot be told"
            raise InputError(message, place=module.place(a.span.start), allowed=", ".join(known))
        reader.bind_argument(a.written, known[a.written])
    with module.placed():
        returned = reader.run(definition)
    check_no_steps(module, reader.body)
    names = last_versions(reader)
    body = tuple(_renamed(a, names) for a in reader.body)
    results = tuple(replace(r, name=names.get(r.name, r.name), node=renamed(r.node, names)) for r in returned.results)
    every = _leaves(returned, names, module.span(definition))
    return Function(module, name, signature.arguments, body, results, leaves=every)


def check_no_steps(module: Module, body: Sequence[Assigned]) -> None:
    """InputError where assignments that are to be judged stand in a loop over steps."""
    for a in body:
        if a.loop is not None:
            message = (
                "a loop over steps is read in forward functions; in a backward function its lines are not judged yet"
            )
            allowed = "sums over all steps, np.einsum; symbp generate FILE.py:FORWARD writes the loop"
            raise InputError(message, place=module.place(a.loop.span.start), allowed=allowed)


def _leaves(returned: Outcome, names: Mapping[str, str], whole: Span) -> tuple[Returned, ...]:
    """All that is returned, in the names that the assignments have in the end."""
    span = returned.results[0].span if returned.results else whole
    found = leaves(returned.order, returned.results, span)
    return tuple(replace(r, name=names.get(r.name, r.name), node=renamed(r.node, names)) for r in found)


def last_versions(reader: Reader) -> dict[str, str]:
    """New names for versions: the last one of a name has the author's name, and those before it have numbers; what a function
    that is called has on the way gets out of the way."""
    body, taken, versions = [a for a in reader.body if not a.again], reader.taken, dict[str, list[str]]()
    for a in body:
        if a.depth == 0:
            versions.setdefault(plain_name(a.written), []).append(a.name)
    inner = {a.name for a in body if a.depth}
    for written, node in reader.frames[0].names.items():
        name = reader.original(node.name) if isinstance(node, Name) else ""
        if name in inner and not any(name in names for names in versions.values()):
            versions.setdefault(plain_name(written), []).append(name)  # the result of a function that is called
    own, used = {n for names in versions.values() for n in names}, {*taken}
    made = {a.name for a in body if not a.again}

    def free(written: str) -> str:
        k = 1
        while f"{written}_{k}" in used:
            k += 1
        used.add(f"{written}_{k}")
        return f"{written}_{k}"

    found: dict[str, str] = {}
    for written, names in versions.items():
        if (written in taken and written not in made) or names == [written]:
            continue  # an argument's name, or one version alone
        if written in made - own:
            found[written] = free(written)
        used.difference_update(names)
        for name in names[:-1]:
            found[name] = free(written)
        found[names[-1]] = written
    return {**found, **{c: found.get(reader.original(c), reader.original(c)) for c in reader.copies}}


def _renamed_value(value: Value, names: Mapping[str, str]) -> Value:
    return renamed_group(value, names) if isinstance(value, Group) else renamed(value, names)


def _renamed(a: Assigned, names: Mapping[str, str]) -> Assigned:
    chosen, put = (None if n is None else renamed(n, names) for n in (a.chosen, a.put))
    return replace(
        a, name=names.get(a.name, a.name), node=renamed(a.node, names), changed=names.get(a.changed, a.changed),
        chosen=chosen, put=put, loop=a.loop and replace(a.loop, count=renamed(a.loop.count, names)),
    )  # fmt: skip
