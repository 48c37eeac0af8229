"""Somebody's hand-written backward function, judged line by line: each assignment claims a gradient of the forward function.

Names say what is claimed: ``dgamma`` or ``grad_gamma`` is the gradient of the forward function's ``gamma``, the last version of
a name counts, and what is returned is claimed of the arguments in their order. What comes in by a cache is what the forward
function put there, or has the same name. Any other name is the author's own, and is what it was assigned.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from symbp.errors import InputError
from symbp.formula.python.function import Function, check_no_steps, read_backward, read_function
from symbp.formula.python.module import Constant, Module
from symbp.formula.python.signature import Argument, signature_of
from symbp.formula.python.values import Assigned, Group, Returned, leaves, renamed
from symbp.formula.syntax import Claim, Coded, Name, Node, Span, children, nodes, with_children
from symbp.verification.backward_names import TARGETS, Matching, gradient_of
from symbp.verification.decided import decided
from symbp.verification.judge import Judge
from symbp.verification.problems.function import FunctionProblem, problem_of
from symbp.verification.verdict import Verdict

OWN = "own_"
"""What a name of the author's begins with for the judge, where it would mean something there."""


@dataclass(frozen=True)
class Line:
    """One claim of a backward function: the name that was assigned, and where it stands in the file."""

    claim: Claim
    name: str
    line: int
    start: int
    inside: bool = False


@dataclass(frozen=True)
class Judged:
    """A verdict on a line, the name that was assigned, where the line's text begins in the file, and whether it is one of a
    function that is called."""

    verdict: Verdict
    name: str
    start: int
    inside: bool = False


def judged_backward(
    forward: FunctionProblem, module: Module, name: str, given: Mapping[str, Constant] | None = None
) -> list[Judged]:
    """The verdicts on the lines of a backward function, in order.

    Raises
    ------
    InputError : where the function cannot be read, or an argument is nothing that the forward function has
    """
    matched = Matching(forward)
    arguments = signature_of(module, module.function(name), given or {}).arguments
    known = matched.known(module, arguments)
    tensors = forward.setting.known
    numbers = [n for n, k in tensors.items() if not k.shape]
    integers = [n for n, k in tensors.items() if k.tensor.integer]
    backward = read_backward(module, name, known, [*tensors], given, numbers, integers)
    if not any(r.key != "None" for r in backward.leaves):
        at = module.place(module.span(module.function(name)).start)
        raise InputError(f"{name} returns no gradient", place=at, allowed="return dx, dw")
    return _judged(forward, backward)


def judged_own(module: Module, name: str, given: Mapping[str, Constant] | None = None) -> list[Judged]:
    """The verdicts on the gradients that a function returns beside its value, ``return loss, dW``.

    Raises
    ------
    InputError : where the function cannot be read, or returns no gradient of an argument
    """
    function = read_function(module, name, given)
    names = {a.written: a.name for a in function.arguments}
    gradients = [r for r in function.returned if r.key in names or gradient_of(r.name or r.key, names)]
    results = [r for r in function.returned if r not in gradients]
    for group in function.caches.values():
        if not isinstance(group, Group) or not function.returned:
            continue
        inside = [*leaves([group], (), function.returned[0].span)]
        if any(r.key in names or gradient_of(r.key or r.name, names) for r in inside):
            gradients += inside
    if not gradients or not results:
        message = f"{name} returns no gradient beside its value"
        at = module.place(module.span(module.function(name)).start)
        raise InputError(message, place=at, allowed="--of FORWARD, --claim FORMULA, or return loss, dW")
    needed = _behind(function.body, results)
    forward = replace(function, body=tuple(a for a in function.body if a.name in needed), returned=tuple(results))
    rest = tuple(a for a in function.body if a.name not in needed)
    check_no_steps(module, rest)
    return _judged(
        problem_of(forward),
        replace(function, body=rest, leaves=tuple(replace(r, key=r.key or r.name) for r in gradients)),
    )


def _behind(body: Sequence[Assigned], results: Sequence[Returned]) -> set[str]:
    """The names of the assignments that results are made of."""
    open_names = {n.name for r in results for n in nodes(r.node) if isinstance(n, Name)}
    found: set[str] = set()
    for a in reversed(body):
        if a.name in open_names:
            found.add(a.name)
            open_names |= {n.name for n in nodes(a.node) if isinstance(n, Name)}
    return found


@dataclass(frozen=True)
class _Reading:
    """Which assignments are what their names say: the last version of each name but for those of `earlier`, and none of `own`."""

    earlier: Mapping[str, str] = field(default_factory=dict)
    own: frozenset[str] = frozenset()


def _judged(forward: FunctionProblem, backward: Function) -> list[Judged]:
    """The verdicts on the lines of a backward function.

    A gradient that is right for targets that are one-hot, or add up to one, is right where an argument is called a target; that
    is said. What leaves the fewest lines wrong is what the author has taken for granted.
    """
    plain = _read_well(Matching(forward), backward)
    best, assumed = plain, ""
    for fact in _facts(forward):
        if _wrong(best) == 0:
            break
        assuming = _read_well(Matching(replace(forward, given=(*forward.given, fact))), backward)
        if _wrong(assuming) < _wrong(best):
            best, assumed = assuming, fact
    found = best[1]
    if _wrong(best):  # with a diagnosis, which the trials do without
        given = (*forward.given, assumed) if assumed else forward.given
        found = _verdicts(Matching(replace(forward, given=given)), backward, best[0], explain=True)
    if assumed:
        pairs = zip(found, plain[1], strict=True)
        found = [replace(j, verdict=_with_note(j.verdict, assumed, before.verdict)) for j, before in pairs]
    return [j for j in found if not (j.inside and j.verdict.verdict == "definition")]


def _facts(forward: FunctionProblem) -> Iterator[str]:
    """What may be taken for granted of targets: that rows add up to one, that they are one-hot."""
    for a in forward.function.arguments:
        if a.written in TARGETS and not any(a.name in g for g in forward.given):
            count = len((a.axes or "").split())
            if count > 1:
                yield f"sum({a.name}, axis={count - 1}) = 1"
                yield f"one_hot({a.name})"


_Found = tuple[_Reading, list[Judged]]


def _read_well(matched: Matching, backward: Function) -> _Found:
    """The verdicts, the names of assignments read as their author means them.

    Where fewer lines are wrong if an earlier version of a name is the gradient that it is called, the author has gone on with
    the name: ``dh = delta @ W.T; dh[h <= 0] = 0``. Where what is returned is right although a name on the way is not the gradient
    that it is called (times the number of examples, say), the name is the author's own.
    """
    reading = _Reading()
    found = _verdicts(matched, backward, reading)
    for written, versions in _versions(matched, backward).items():
        for version in reversed(versions[:-1]) if _is_wrong(found, versions[-1]) else ():
            other = replace(reading, earlier={**reading.earlier, written: version})
            again = _verdicts(matched, backward, other)
            if not _is_wrong(again, version) and _wrong((other, again)) < _wrong((reading, found)):
                found, reading = again, other
                break
    asked = _asked(matched, backward)
    wrong = frozenset(j.name for j in found if j.verdict.verdict == "wrong" and j.name not in asked)
    if wrong:
        other = replace(reading, own=wrong)
        again = _verdicts(matched, backward, other)
        if all(j.verdict.ok for j in again):
            return other, again
    return reading, found


def _asked(matched: Matching, backward: Function) -> set[str]:
    """The names of the assignments that are returned."""
    return {r.name for _, r in _results(matched, backward)} | {""}  # what is returned as it stands has no name


def _wrong(found: _Found) -> int:
    return sum(not j.verdict.ok for j in found[1])


def _with_note(v: Verdict, needed: str, before: Verdict) -> Verdict:
    """A verdict under a fact that nothing says: the note where it made a difference."""
    if v.verdict != "correct" or before.verdict == "correct":
        return v
    return replace(v, note="; ".join(n for n in (f"where {needed}, which targets are taken for", v.note) if n))


def _is_wrong(found: Sequence[Judged], name: str) -> bool:
    return any(j.name == name and j.verdict.verdict == "wrong" for j in found)


def _versions(matched: Matching, backward: Function) -> dict[str, list[str]]:
    """The versions of every name with a meaning that has several, in order."""
    found: dict[str, list[str]] = {}
    for a in backward.body:
        if a.depth == 0 and not a.again and matched.meaning(a.written):
            found.setdefault(a.written, []).append(a.name)
    return {written: names for written, names in found.items() if len(names) > 1}


def _verdicts(matched: Matching, backward: Function, reading: _Reading, explain: bool = False) -> list[Judged]:
    judge = Judge.of_problem(matched.forward)
    lines = _lines(matched, backward, reading)
    arguments = [a for a in matched.forward.function.arguments if a.default is None]
    return [
        Judged(_verdict(judge, line, backward.module, arguments, explain), line.name, line.start, line.inside)
        for line in lines
    ]


def _lines(matched: Matching, backward: Function, reading: _Reading) -> Iterator[Line]:
    """The claims of a backward function in the order of its lines."""
    module, roles = backward.module, _roles(matched, backward, reading)
    last = {a.written: k for k, a in enumerate(backward.body) if a.depth == 0}
    words = {roles[a.name]: a.written for a in backward.body if roles.get(a.name, "").startswith(OWN)}
    again: dict[str, tuple[str, str]] = {}  # what a name that was given to another value claims that value to be
    for k, a in enumerate(backward.body):
        if a.again and k < last[a.written]:
            continue  # dx = dout.copy(), which is changed below
        name = f"={a.written}" if a.again else a.name
        meant = matched.meaning(a.written) if name not in reading.own else None
        claimed = meant if a.again else roles.get(a.name, a.name)
        node = renamed(_as_claimed(module, a.node, again), roles)
        if a.depth == 0:
            again.pop(a.written, None)
            if a.again and claimed is not None:
                again[a.written] = a.name, claimed
        if claimed is not None and not (isinstance(node, Name) and node.name == claimed):
            old = roles.get(a.changed, a.changed)
            coded = Coded(a.target or a.written, words, a.operator, old)
            yield replace(_line(module, claimed, name, node, a.span, coded), inside=a.depth > 0)
    for gradient, r in _results(matched, backward):
        node = renamed(_as_claimed(module, r.node, again), roles)
        if gradient is None:
            yield _line(module, "", "", r.node, r.span)  # _verdict says that it is not known what this claims
        elif not (isinstance(node, Name) and node.name == gradient):
            yield _line(module, gradient, "", node, r.span, Coded(gradient, words))


def _as_claimed(module: Module, node: Node, again: Mapping[str, tuple[str, str]]) -> Node:
    """A formula in which a name that was only given to another value is what it claims to be: where ``dz = dh`` is wrong, what
    reads dz further down need not be wrong for that."""
    if isinstance(node, Name):
        value, claimed = again.get(module.text[node.span.start : node.span.end], ("", ""))
        return replace(node, name=claimed) if value == node.name else node
    return with_children(node, tuple(_as_claimed(module, c, again) for c in children(node)))


def _roles(matched: Matching, backward: Function, reading: _Reading) -> dict[str, str]:
    """The gradients that assignments claim, by the names that were assigned: by the names themselves, and by what is returned."""
    found: dict[str, str] = {}
    last = {a.written: a.name for a in backward.body if a.depth == 0 and not a.again}
    for written, name in {**last, **reading.earlier}.items():
        meaning = matched.meaning(written)
        if meaning is not None and name not in reading.own:
            found[name] = meaning
    for gradient, r in _results(matched, backward):
        if gradient is not None and r.name in last.values() and gradient not in found.values():
            found.setdefault(r.name, gradient)
    every = {a.name for a in backward.body if not a.again}
    own = {name: f"{OWN}{name}" for name in every if name not in found and matched.taken(name)}
    return {**found, **own}


def _results(matched: Matching, backward: Function) -> Iterator[tuple[str | None, Returned]]:
    """All that is returned with the gradients that it claims to be; None where that cannot be told.

    A key says it. What has none is claimed of the arguments in their order, where there is one for each; where there are fewer,
    its name says it, else its place among the arguments that are no targets and no masks.
    """
    unkeyed = [r for r in backward.leaves if not r.key or r.key == "None"]
    of_all = [a for a in matched.forward.function.arguments if a.default is None]
    of_some = [a for a in of_all if a.written not in TARGETS and not a.mask and "mask" not in a.written.lower()]
    written = {a.name: a.written for a in backward.body}
    named = any(matched.gradient(written.get(r.name, r.name)) for r in unkeyed)
    by_place = (of_all,) if named and len(unkeyed) < len(of_all) else (of_all, of_some, of_some[: len(unkeyed)])
    seen: set[str | None] = set()
    wanted = next((w for w in by_place if len(w) == len(unkeyed)), [])
    for r in backward.leaves:
        if r.key == "None":
            continue
        if r.key:
            of = matched.names.get(r.key)
            known = f"d{of}" in matched.forward.setting.known
            yield (f"d{of}" if of is not None and known else matched.gradient(r.key)), r
        elif wanted:
            yield f"d{wanted[next(k for k, u in enumerate(unkeyed) if u is r)].name}", r
        else:
            gradient = matched.gradient(written.get(r.name, r.name))
            yield (gradient if gradient not in seen else None), r  # the same one twice is another's place
            seen.add(gradient)


def _line(module: Module, left: str, name: str, right: Node, span: Span, coded: Coded | None = None) -> Line:
    """A claim with the words of the file: its text is what stands there, on one line; what is returned has no left side there."""
    text, shift = re.sub(r"\s", " ", module.text[span.start : span.end]), -span.start
    if not name and left:
        text, shift = f"{left} = {text}", shift + len(left) + 3
    claim = Claim(Name(left, span=Span(0, len(left))), _shifted(right, span, shift), text, coded=coded)
    return Line(claim, name, module.place(span.start).line or 1, span.start)


def _shifted(node: Node, within: Span, shift: int) -> Node:
    """A formula with its places counted in a piece of the file; what does not stand there has no place."""
    inside = within.start <= node.span.start and node.span.end <= within.end
    span = Span(node.span.start + shift, node.span.end + shift) if inside else Span()
    below = tuple(_shifted(c, within if inside else Span(), shift) for c in children(node))
    return replace(with_children(node, below), span=span)


def _verdict(judge: Judge, line: Line, module: Module, arguments: Sequence[Argument], explain: bool) -> Verdict:
    blank = Verdict(line.claim.text, "unreadable", line=line.line, file=module.path)
    if isinstance(line.claim.left, Name) and not line.claim.left.name:
        allowed = f"{', '.join(f'd{a.written}' for a in arguments)}: one for each argument, or by these names or keys"
        return replace(
            blank, reason=str(InputError("what is returned here is no gradient that can be told", allowed=allowed))
        )
    try:
        heard = decided(judge, line.claim, blank, explain=explain)
    except InputError as e:
        reason = str(InputError(e.message, allowed=e.allowed, nearest=e.nearest))
        return replace(blank, reason=reason, column=e.place.column)
    judge.memory = heard.memory
    of_argument = isinstance(line.claim.left, Name) and line.claim.left.name in {f"d{a.name}" for a in arguments}
    wider = _wider(judge, line.claim) if of_argument and heard.verdict.verdict == "correct" else ""
    return replace(heard.verdict, verdict="wrong", cause="shape", reason=wider) if wider else heard.verdict


def _wider(judge: Judge, claim: Claim) -> str:
    """What is wrong with the shape of a gradient that has the right elements and an axis of length one too many, which the
    argument could not be changed by in place; empty where nothing is."""
    assert isinstance(claim.left, Name)
    setting, lowering = judge.first.setting, judge.first.lowering
    wanted = setting.known[claim.left.name].shape
    made = lowering.array(claim.right).shape if lowering is not None else wanted
    if len(made) <= len(wanted):
        return ""
    return f"the shape is {setting.words(made)}, and that of {claim.left.name[1:]} is {setting.words(wanted)}"
