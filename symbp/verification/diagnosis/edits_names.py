"""The wrong function, layer or tensor: edits that change which names stand in a formula."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from symbp.formula.syntax import Binary, Call, Claim, Gradient, Name, Node, Read, nodes, places
from symbp.verification.diagnosis.edit import Edit
from symbp.verification.diagnosis.naming import usual
from symbp.verification.diagnosis.reason import reason
from symbp.verification.meaning.setting import Setting


def pre_and_post(setting: Setting, claim: Claim) -> Iterator[Edit]:
    """Pre-activations where activations are meant, wherever they stand, and the other way round."""
    for k in setting.layers:
        for old, new in ((f"z{k}", f"a{k}"), (f"a{k}", f"z{k}")):
            if setting.resolve(old) is not None and setting.resolve(new) is not None:
                yield Edit(
                    "wrong_variable",
                    reason(Name(old), " should be ", Name(new)),
                    renamed(claim.right, old, new),
                    False,
                    claim.right.span,
                )


def functions(setting: Setting, claim: Claim) -> Iterator[Edit]:
    """g for g', g' for g, the argument's activation for the argument, and the other way round."""
    for node, put in places(claim.right):
        if isinstance(node, Call) and len(node.args) == 1 and node.style in ("call", "np"):
            if node.primes:
                plain = replace(node, primes=0)
                why = reason(node, " should be ", plain)
                yield Edit("derivative_for_function", why, put(plain), False, node.span)
            elif node.name[:1] == "g" or node.name in setting.functions:
                prime = replace(node, primes=1, style="call")
                why = reason(node, " should be ", prime)
                yield Edit("derivative_for_function", why, put(prime), True, node.span)
        inner = node.of if isinstance(node, Read) else node
        known = setting.resolve(inner.name) if isinstance(inner, Name) else None
        for k, (z, a) in setting.layers.items() if known else ():
            assert known is not None
            there = _at(node, f"z{k}")
            if known.tensor.name == a:
                slope = Call("g", (there,), primes=1)
                why = reason(node, " should be ", slope)
                yield Edit("derivative_for_function", why, put(slope), True, node.span)
                yield Edit("wrong_variable", reason(node, " should be ", there), put(there), False, node.span)
            elif known.tensor.name == z:
                other = _at(node, f"a{k}")
                yield Edit("wrong_variable", reason(node, " should be ", other), put(other), True, node.span)


def _at(node: Node, name: str) -> Node:
    """Another tensor with the letters of this one, where it has any."""
    return Read(Name(name), node.letters) if isinstance(node, Read) else Name(name)


def layers(setting: Setting, claim: Claim) -> Iterator[Edit]:
    """The number of a layer one or two off, at one place or, for a name that occurs several times, at all of them."""
    counts: dict[str, int] = {}
    for node, put in places(claim.right):
        inner = node.of if isinstance(node, Read) else node
        if not isinstance(inner, (Name, Gradient)):
            continue
        counts[inner.name] = counts.get(inner.name, 0) + 1
        for other in _neighbours(setting, inner):
            new: Node = replace(node, of=other) if isinstance(node, Read) else other
            yield Edit("wrong_layer", reason(node, " should be ", new), put(new), True, node.span)
    for name in (n for n, count in counts.items() if count > 1):
        for other in _neighbours(setting, Name(name)):
            yield Edit(
                "wrong_layer",
                reason(Name(name), " should be ", other),
                renamed(claim.right, name, other.name),
                False,
                claim.right.span,
            )


def renamed(node: Node, old: str, new: str) -> Node:
    """The tree with one name for another, wherever it stands."""
    from symbp.formula.syntax import children, with_children

    if isinstance(node, (Name, Gradient)):
        return replace(node, name=new) if node.name == old else node
    if isinstance(node, Read):
        return replace(node, of=replace(node.of, name=new)) if node.of.name == old else node
    return with_children(node, tuple(renamed(c, old, new) for c in children(node)))


def _neighbours(setting: Setting, node: Name | Gradient) -> Iterator[Name | Gradient]:
    """The same letter with another layer's number; x is a0, yhat the last a."""
    name = {"x": "a0", "yhat": f"a{len(setting.layers)}"}.get(node.name, node.name)
    found = re.fullmatch(r"([A-Za-z]+?)(\d+)", name)
    for step in (-1, 1, -2, 2) if found else ():
        assert found is not None
        other = f"{found[1]}{int(found[2]) + step}"
        other = "x" if other == "a0" else other
        if setting.resolve(other, isinstance(node, Gradient)) is not None:
            yield replace(node, name=other)


def names(setting: Setting, claim: Claim) -> Iterator[Edit]:
    """One tensor for another: of the same shape first, then of any other."""
    found = []
    for node, put in places(claim.right):
        inner = node.of if isinstance(node, Read) else node
        known = (
            setting.resolve(inner.name, isinstance(inner, Gradient)) if isinstance(inner, (Name, Gradient)) else None
        )
        for name in usual(setting) if known else ():
            assert known is not None
            other = setting.known[name]
            if other.tensor == known.tensor or (isinstance(node, Read) and len(other.tensor.axes) != len(node.letters)):
                continue
            new: Node = replace(node, of=Name(name)) if isinstance(node, Read) else Name(name)
            edit = Edit("wrong_variable", reason(node, " should be ", new), put(new), False, node.span)
            found.append((other.shape != known.shape, edit))
    yield from (edit for _, edit in sorted(found, key=lambda pair: pair[0]))
    counts = Counter(n.name for n in nodes(claim.right) if isinstance(n, Name))
    for old in (n for n, count in counts.items() if count > 1 and n in setting.known):
        for new_name in usual(setting):
            mended = renamed(claim.right, old, new_name)
            yield Edit(
                "wrong_variable", reason(Name(old), " should be ", Name(new_name)), mended, False, claim.right.span
            )


def letters(setting: Setting, claim: Claim) -> Iterator[Edit]:
    """Two letters exchanged everywhere on the right side, or one letter for another at one place."""
    if not claim.indexed:
        return
    used = sorted({c for n in nodes(claim.right) if isinstance(n, Read) for c in n.letters if not c.isdigit()})
    for k, a in enumerate(used):
        for b in used[k + 1 :]:
            yield Edit(
                "transpose",
                f"the letters {a} and {b} are exchanged",
                exchanged(claim.right, a, b),
                True,
                claim.right.span,
            )
    free = {c for n in nodes(claim.left) if isinstance(n, Read) for c in n.letters if not c.isdigit()}
    for node, put in places(claim.right):
        if isinstance(node, Read):
            for place, old in enumerate(node.letters):
                for c in sorted({*used, *free}):
                    if c != old:
                        new = replace(node, letters=(*node.letters[:place], c, *node.letters[place + 1 :]))
                        yield Edit(
                            "wrong_variable",
                            reason(node, " should be ", new),
                            put(new),
                            False,
                            node.span,
                        )


def numbers(setting: Setting, claim: Claim) -> Iterator[Edit]:
    """Elements by their numbers: two numbers exchanged everywhere on the right side, or one for another at one place."""
    used = sorted({c for n in nodes(claim.left, claim.right) if isinstance(n, Read) for c in n.letters if c.isdigit()})
    right = {c for n in nodes(claim.right) if isinstance(n, Read) for c in n.letters}
    for k, a in enumerate(used):
        for b in used[k + 1 :] if a in right else ():
            if b not in right:
                continue
            why = reason(f"the numbers {a} and {b} are exchanged")
            yield Edit("transpose", why, exchanged(claim.right, a, b), True, claim.right.span)
    for node, put in places(claim.right):
        if isinstance(node, Read):
            for place, old in enumerate(node.letters):
                for c in used if old.isdigit() else ():
                    if c != old:
                        new = replace(node, letters=(*node.letters[:place], c, *node.letters[place + 1 :]))
                        why = reason(node, " should be ", new)
                        yield Edit("wrong_variable", why, put(new), True, node.span)


def exchanged(node: Node, a: str, b: str) -> Node:
    """The formula with two letters of indices exchanged."""
    from symbp.formula.syntax import children, with_children

    swap = {a: b, b: a}
    if isinstance(node, Read):
        return replace(node, letters=tuple(swap.get(c, c) for c in node.letters))
    if isinstance(node, Call) and node.name in ("sum", "mean"):
        return replace(node, args=(exchanged(node.args[0], a, b), *node.args[1:]))
    return with_children(node, tuple(exchanged(c, a, b) for c in children(node)))


def squares(setting: Setting, claim: Claim) -> Iterator[Edit]:
    """A square left out, or one too many; a reciprocal."""
    for node, put in places(claim.right):
        if isinstance(node, Binary) and node.op == "**":
            yield Edit("factor", reason(node, " should be ", node.left), put(node.left), False, node.span)
        elif isinstance(node, (Name, Read)):
            from symbp.formula.syntax import Number

            square = Binary("**", node, Number("2"))
            yield Edit("factor", reason(node, " should be squared"), put(square), False, node.span)
