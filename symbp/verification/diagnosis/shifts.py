"""Places that are off: by one, the other way, a kernel that is not rotated; conditions that turn the wrong way."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from symbp.formula.numpy_calls import whole_number
from symbp.formula.printing import Plain
from symbp.formula.slots import is_place, place_in, slot_text
from symbp.formula.syntax import ADDED, ADDED_AT, PART, PUT, Binary, Call, Compare, Name, Negate, Node, Number, Read
from symbp.verification.diagnosis.patterns import Bound
from symbp.verification.diagnosis.rows import Spot

Steps = Mapping[str, int]
"""The step of each letter of a place; that of no letter is the number that stands alone."""
_BESIDE = (1, -1, 2, -2)
_TURNED: Mapping[str, tuple[str, ...]] = {
    "<": ("<=", ">", ">="), "<=": ("<", ">=", ">"), ">": (">=", "<", "<="), ">=": (">", "<=", "<"), "!=": ("==",), "==": ("!=",),
}  # fmt: skip


def off_by_some(spot: Spot) -> Iterator[Bound]:
    """A place one or two further, or nearer."""
    return _elsewhere(spot, lambda steps: ({**steps, "": steps.get("", 0) + n} for n in _BESIDE))


def other_way(spot: Spot) -> Iterator[Bound]:
    """A place on the other side of its letter, ``t-1`` for ``t+1``."""
    return _elsewhere(spot, lambda steps: iter([{**steps, "": -steps[""]}] if steps.get("") else []))


def turned(spot: Spot) -> Iterator[Bound]:
    """A place with the other sign of one of its letters, and of the number beside them: a kernel that runs the other way."""

    def ways(steps: Steps) -> Iterator[Steps]:
        letters = [c for c in steps if c]
        for c in letters if len(letters) > 1 else ():
            yield {**steps, c: -steps[c], "": -steps.get("", 0)}
        for c in letters if len(letters) > 1 else ():
            yield {**steps, c: -steps[c]}

    yield from _elsewhere(spot, ways)
    yield from _all_turned(spot)


def other_strides(spot: Spot) -> Iterator[Bound]:
    """A place with another step of one of its letters, one to three."""

    def ways(steps: Steps) -> Iterator[Steps]:
        for c in steps:
            for n in (1, 2, 3) if c else ():
                if n != abs(steps[c]):
                    yield {**steps, c: n if steps[c] > 0 else -n}

    return _elsewhere(spot, ways)


def other_conditions(spot: Spot) -> Iterator[Bound]:
    """A comparison of places by another sign."""
    node = spot.node
    if isinstance(node, Compare) and _steps(node.left) is not None and _steps(node.right) is not None:
        for op in _TURNED[node.op]:
            yield {"other": replace(node, op=op)}


def _all_turned(spot: Spot) -> Iterator[Bound]:
    """An element that is read at several places of two letters each, all of them turned alike, and the
    numbers beside the letters too."""
    node = spot.node
    if not isinstance(node, Read) or not spot.setting.reached:
        return
    there = {k: _steps(place_in(slot)) for k, slot in enumerate(node.letters) if is_place(slot)}
    pairs = {k: steps for k, steps in there.items() if steps and sum(bool(c) for c in steps) == 2}
    for which, sign in ((1, -1), (0, -1), (1, 1), (0, 1)) if len(pairs) > 1 else ():
        slots = [*node.letters]
        for k, steps in pairs.items():
            c = [c for c in steps if c][which]
            slots[k] = slot_text(written({**steps, c: -steps[c], "": sign * steps.get("", 0)}))
        yield {"other": replace(node, letters=tuple(slots))}


def other_parts(spot: Spot) -> Iterator[Bound]:
    """A slice of the same length elsewhere: one further or nearer, at the other end."""
    node = spot.node
    if not isinstance(node, Call) or node.name not in (PART, PUT, ADDED):
        return
    first = 1 if node.name == PART else 2
    args, parts, at = node.args[:first], node.text.split(","), first
    for k, part in enumerate(parts):
        count = part.count("#")
        for text, given in _moved(part, node.args[at : at + count]):
            other = replace(
                node, args=(*args, *node.args[first:at], *given, *node.args[at + count :]),
                text=",".join([*parts[:k], text, *parts[k + 1 :]]),
            )  # fmt: skip
            plain = Plain()
            yield {
                "other": other,
                "had": f"[{plain.subscript(node, first)}]",
                "meant": f"[{plain.subscript(other, first)}]",
            }
        at += count


def _moved(part: str, given: tuple[Node, ...]) -> Iterator[tuple[str, tuple[Node, ...]]]:
    """Other slices of the same length, other places."""
    match part, given:
        case "#:", (Number(text=n),):
            yield ":#", (Negate(Number(n)),)
        case ":#", (Negate(arg=Number(text=n)),):
            yield "#:", (Number(n),)
        case "#:#", (start, stop):
            for by in _BESIDE:
                yield "#:#", (_plus(start, by), _plus(stop, by))
        case ":#", (stop,):
            for by in (1, 2):
                yield "#:#", (Number(str(by)), _plus(stop, by))
        case "#", (Number() | Negate(arg=Number()),):
            for place in (Number("0"), Negate(Number("1")), _plus(given[0], 1), _plus(given[0], -1)):
                yield "#", (place,)


def _plus(node: Node, by: int) -> Node:
    whole = whole_number(node)
    if whole is not None:
        made = Number(str(abs(whole + by)))
        return Negate(made) if whole + by < 0 else made
    return Binary("+" if by > 0 else "-", node, Number(str(abs(by))))


def added_once(spot: Spot) -> Iterator[Bound]:
    """What is added at every place that whole numbers say, however often they say it."""
    node = spot.node
    if isinstance(node, Call) and node.name in (ADDED, PUT) and "#" in node.text.split(","):
        yield {"other": replace(node, name=ADDED_AT)}


def _elsewhere(spot: Spot, ways: Callable[[Steps], Iterator[Steps]]) -> Iterator[Bound]:
    """An element at other places in one of its slots, or a comparison with another place on one side."""
    node = spot.node
    if isinstance(node, Read) and spot.setting.reached:
        for k, slot in enumerate(node.letters):
            steps = None if slot.isdigit() else _steps(place_in(slot) if is_place(slot) else Name(slot))
            for other in ways(steps) if steps else ():
                slots = (*node.letters[:k], slot_text(written(other)), *node.letters[k + 1 :])
                yield {"other": replace(node, letters=slots)}
    if isinstance(node, Compare):
        left, right = _steps(node.left), _steps(node.right)
        if left is not None and right is not None:
            for other in ways(right):
                yield {"other": replace(node, right=written(other))}
            for other in ways(left) if isinstance(node.left, Binary) else ():
                yield {"other": replace(node, left=written(other))}


def _steps(node: Node | None) -> dict[str, int] | None:
    """A place as the steps of its letters; None where it is none that is made of letters."""
    match node:
        case Name():
            return {node.name: 1}
        case Number() if node.text.isdigit():
            return {"": int(node.text)}
        case Negate():
            inner = _steps(node.arg)
            return None if inner is None else {c: -n for c, n in inner.items()}
        case Binary(op="*", left=Number() as number) if number.text.isdigit():
            inner = _steps(node.right)
            return None if inner is None else {c: int(number.text) * n for c, n in inner.items()}
        case Binary(op="+" | "-"):
            left, right = _steps(node.left), _steps(node.right)
            if left is None or right is None:
                return None
            sign = 1 if node.op == "+" else -1
            return {c: left.get(c, 0) + sign * right.get(c, 0) for c in (*left, *(c for c in right if c not in left))}
    return None


def written(steps: Steps) -> Node:
    """The place with these steps, the number that stands alone last; what is taken off behind what is not."""
    whole: Node | None = None
    order = sorted((c for c in steps if steps[c]), key=lambda c: (not c, steps[c] < 0))
    for c in order:
        size = Number(str(abs(steps[c])))
        part: Node = size if not c else Name(c) if abs(steps[c]) == 1 else Binary("*", size, Name(c))
        negative = steps[c] < 0
        whole = (Negate(part) if negative else part) if whole is None else Binary("-" if negative else "+", whole, part)
    return whole if whole is not None else Number("0")
