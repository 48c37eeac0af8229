"""What the letters of a pattern may stand for, and the names, letters and activation derivatives that an edit may bring in."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator, Mapping

from sympy import preorder_traversal

from symbp.calculus.functions import Apply
from symbp.calculus.indices import Axis
from symbp.calculus.program import elements, name_of
from symbp.formula.syntax import Binary, Call, Claim, Gradient, Length, Name, Negate, Node, Number, Read, nodes
from symbp.verification.meaning.setting import Known, Setting
from symbp.verification.proof.forms import is_element

_USUAL = re.compile(r"x|y|yhat|(?:[zaWbe]|delta)[1-9]\d*|l1|l2")


def is_scalar(setting: Setting, node: Node) -> bool:
    """Whether a formula is made of numbers and lengths."""
    match node:
        case Number() | Length():
            return True
        case Name():
            return node.name in setting.lengths
        case Binary():
            return node.op != "@" and is_scalar(setting, node.left) and is_scalar(setting, node.right)
        case Negate():
            return is_scalar(setting, node.arg)
    return False


def is_number(setting: Setting, node: Node) -> bool:
    """Whether a name is that of a tensor without axes."""
    known = tensor_of(setting, node) if isinstance(node, (Name, Gradient)) else None
    return known is not None and not known.tensor.axes


def is_value(setting: Setting, node: Node) -> bool:
    """Whether a formula is the value of a function of each element, ``tanh(c)``."""
    plain = isinstance(node, Call) and not node.primes and node.axis is None and len(node.args) == 1
    return (
        plain
        and isinstance(node, Call)
        and (node.name in setting.functions or (node.name[:1] == "g" and node.name[1:] in ("", *setting.layers)))
    )


def is_slope(node: object) -> bool:
    """Whether a formula is a derivative of a function."""
    return isinstance(node, Call) and node.primes > 0


def tensor_of(setting: Setting, node: Node) -> Known | None:
    """What a name, or an element, is of."""
    inner = node.of if isinstance(node, Read) else node
    return setting.resolve(inner.name, isinstance(inner, Gradient)) if isinstance(inner, (Name, Gradient)) else None


KINDS: Mapping[str, Callable[[Setting, Node], bool]] = {
    "n": is_scalar,
    "k": lambda _, node: isinstance(node, Number),
    "v": lambda _, node: isinstance(node, (Name, Gradient, Read)),
    "w": lambda _, node: isinstance(node, (Name, Read)),
    "u": lambda setting, node: isinstance(node, (Name, Read)) or is_value(setting, node),
    "s": lambda setting, node: is_scalar(setting, node) or is_number(setting, node),
    "p": lambda _, node: isinstance(node, (Name, Gradient, Read, Binary, Call)),
    "q": lambda _, node: not isinstance(node, (Name, Number)),
    "r": lambda _, node: isinstance(node, (Name, Read)) or (isinstance(node, Binary) and node.op in "+-"),
    "t": lambda _, node: isinstance(node, (Binary, Call)),
    "o": lambda _, node: not isinstance(node, Negate),
}
"""The letters that do not stand for any formula: numbers and lengths (n), a number as it is written (k), names and elements (v),
those of values (w), them and what is made of them (p), whatever has parts (q), what a root may be left out of (r), sums, products
and values of functions (t), whatever has no sign in front (o)."""


def usual(setting: Setting) -> tuple[str, ...]:
    """The names that people use: a network's own, or all of a problem's, each tensor once."""
    if setting.layers:
        return tuple(n for n in setting.known if _USUAL.fullmatch(n))
    unit = (f"d{setting.loss}", "dJ")  # the derivative of the loss by itself is 1
    return tuple(n for n in setting.known if not n.startswith("dJ/d") and "__" not in n and n not in unit)


def reads(setting: Setting, claim: Claim, *names: str) -> Iterator[Node]:
    """Tensors as a claim would write them: by their names, or at letters of the claim that run over their axes."""
    letters: dict[str, Axis] = {}
    for node in nodes(claim.left, claim.right) if claim.indexed else ():
        known = tensor_of(setting, node) if isinstance(node, Read) else None
        for letter, axis in zip(getattr(node, "letters", ()), known.tensor.axes if known else (), strict=False):
            letters.setdefault(letter, axis)
    for name in names:
        known = setting.resolve(name)
        if known is not None and (not claim.indexed or not known.tensor.axes):
            yield Name(name)
        elif known is not None:
            ways = itertools.product(*([c for c, a in letters.items() if a == axis] for axis in known.tensor.axes))
            yield from (Read(Name(name), chosen) for chosen in ways if len(set(chosen)) == len(chosen))


def applied_to(setting: Setting) -> dict[str, dict[str, str]]:
    """The functions that the forward map applies to the elements of each tensor, by their names, with the name that it has for
    what they make (empty where it has none)."""
    found: dict[str, dict[str, str]] = {}
    for s in setting.program.statements if not setting.layers else ():
        for e in preorder_traversal(s.body) if not s.target.of else ():
            name = e.name if isinstance(e, Apply) else type(e).__name__
            if name in setting.functions and len(e.args) in (1, 3) and is_element(e.args[-1]):
                made = s.target.name if e == s.body and s.target.name in setting.known else ""
                known = found.setdefault(name_of(e.args[-1]), {})
                known[name] = known.get(name) or made
    return found


def slopes_of(setting: Setting, claim: Claim) -> Iterator[tuple[bool, Node]]:
    """The activation derivatives that a claim could be about, and whether each is that of the left side's own layer."""
    left = claim.left.of if isinstance(claim.left, Read) else claim.left
    found = re.search(r"\d+$", left.name) if isinstance(left, (Name, Gradient)) else None
    own = found[0] if found else ""
    for k in sorted(setting.layers, key=lambda k: (k != own, k)):
        yield from ((k == own, Call("g", (arg,), primes=1)) for arg in reads(setting, claim, f"z{k}"))
    for s in setting.program.statements if not setting.layers else ():
        if isinstance(s.body, Apply) and not s.target.of and (read := [*elements(s.body)]):
            name, primes = ("sign", 0) if s.body.name == "abs" else (s.body.name, 1)
            yield from ((True, Call(name, (arg,), primes=primes)) for arg in reads(setting, claim, name_of(read[0])))
