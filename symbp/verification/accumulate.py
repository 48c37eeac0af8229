"""Claims in parts: ``dW = ...`` and later ``dW += ...``, as code writes sums; the total is what is judged.

A right side still means by dW the true derivative.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from symbp.errors import InputError
from symbp.formula.grammar import check_size, place_of
from symbp.formula.syntax import (
    Binary,
    Claim,
    Gradient,
    Name,
    Negate,
    Node,
    Read,
    Span,
    children,
    nodes,
    terms_of,
    with_children,
)
from symbp.formula.tex.patterns import absent, either, name, sequence
from symbp.formula.tex.tokens import Tokens, tokens_of, words_of
from symbp.verification.contexts import Definitions
from symbp.verification.meaning.setting import Setting
from symbp.verification.meaning.standing import Standing
from symbp.verification.readings.updates import RATES

_ADDS = either(
    sequence(
        name(r"\mathrel"), name("{"), name("+"), either(sequence(name("}"), name("=")), sequence(name("="), name("}")))
    ),
    sequence(name("+", "-"), name("=")),
)
_BECOMES = either(sequence(name(":"), name("=")), name(r"\leftarrow", r"\longleftarrow", r"\gets", "←"))
_SIGN = either(_ADDS, _BECOMES, sequence(name("="), absent(name("="))))


def continued(texts: Sequence[str]) -> list[bool]:
    """For each line, whether a later one adds to its left side before that is given anew."""
    found, adding = [False] * len(texts), dict[str, bool]()
    for k in range(len(texts) - 1, -1, -1):
        line = _sides(texts[k])
        if line is not None:
            left, adds = line
            found[k] = adding.get(left, False)
            adding[left] = adds
    return found


def _sides(text: str) -> tuple[str, bool] | None:
    """The left side of a line without spaces and braces, and whether the line adds to it; None where there is no equation."""
    tokens, latex = tokens_of(text), "\\" in text
    begun = next((k for k in range(1, len(tokens)) if _SIGN(tokens, k) is not None), None)
    if begun is None or (not latex and any(t.name in "+<>" for t in tokens[:begun])):
        return None
    behind = tokens[_SIGN(tokens, begun) :]
    left, right = ("".join(t.name for t in side if t.name not in "{}") for side in (tokens[:begun], behind))
    left, right = (side.replace("dJ/d", "d") for side in (left, right))
    if _has_rate(behind) and (latex or not left.startswith("d")):
        return left, False  # an update, not a sum
    ahead, last = right.startswith(f"{left}+"), right.endswith(f"+{left}")
    ahead |= not latex and right.startswith(f"{left}-")
    again = ahead and _BECOMES(tokens, begun) is not None if latex else ahead or last
    return left, again or _ADDS(tokens, begun) is not None


def _has_rate(tokens: Tokens) -> bool:
    """Whether a letter of rates stands among tokens."""
    words = words_of(tokens)
    return any(t.name in RATES for t in tokens) or any(word == "lr" for word in re.split(r"[^A-Za-z]+", words))


@dataclass(frozen=True)
class Memory:
    """What the claims before have said: the parts of sums, and what a page has shown of its letters."""

    before: Mapping[str, Claim] = field(default_factory=dict)
    """What has been claimed of every tensor so far."""
    defined: Definitions = ()
    """Names of the user's own with what was said of them, in order."""
    likelihood: tuple[str, bool] | None = None
    """The letter of the log-likelihood, minus the loss, and whether it is summed over the examples."""
    own: bool | None = None
    """Whether derivatives of single examples are those of each one's own loss; None where nothing has shown it yet."""
    vectors: Standing | None = None
    """How the vectors of the page stand; None where nothing has shown it yet."""

    def whole(self, setting: Setting, claim: Claim) -> tuple[Claim, Memory]:
        """The claim with what it adds to in front, and the memory once it has been understood; InputError where the parts are
        written in different letters."""
        tensor = _tensor(setting, claim.left)
        if claim.written is None:
            refuse_update(setting, claim)
            claim = _added_to_itself(setting, claim)
        elif claim.written.steps:
            return claim, self
        if tensor is not None and claim.written is not None:
            tensor = f"{tensor} as {(_sides(claim.text) or ('',))[0]}"  # a sum goes on under the name that it has
        if tensor is None:
            if claim.adds and not isinstance(claim.left, (Name, Gradient, Read)):
                raise InputError("+= adds to a derivative", place=place_of(claim.left), allowed="dX += ...")
            return claim, self
        whole, first = claim, self.before.get(tensor)
        if claim.adds and first is not None:
            if _letters(first.left) != _letters(claim.left):
                raise InputError("the parts of a sum are written with different letters", place=place_of(claim.left),
                                 allowed=", ".join(_letters(first.left)) or "no letters")  # fmt: skip
            whole = replace(claim, right=Binary("+", unplaced(first.right), claim.right), adds=False)
            check_size(whole)
        return whole, replace(self, before={**self.before, tensor: whole})


def refuse_update(setting: Setting, claim: Claim) -> None:
    """InputError for ``W = W - rate*dW``: what is given does not become something else, as it would in code."""
    left, right = claim.left, claim.right
    known = setting.resolve(left.name) if isinstance(left, Name) else None
    if not isinstance(left, Name) or known is None or known.tensor not in setting.program.declared:
        return
    terms = (right.left, right.right) if isinstance(right, Binary) and right.op in "+-" else ()
    if claim.adds or left in terms:
        message = f"an update of {left.name}, which claims nothing of its derivative"
        raise InputError(message, place=place_of(claim.left), allowed=f"d{left.name} = ...")


def _added_to_itself(setting: Setting, claim: Claim) -> Claim:
    """``dW = dW + ...``, which in code says what ``dW += ...`` does, and ``dW = dW - ...`` what ``dW -= ...`` does."""
    left, terms = claim.left, [*terms_of(claim.right)]
    inner = left.of if isinstance(left, Read) else left
    known = setting.resolve(inner.name, isinstance(inner, Gradient)) if isinstance(inner, (Name, Gradient)) else None
    others = [(sign, term) for sign, term in terms if (sign, term) != (1, left)]
    own = len(others) == len(terms) - 1 and others and left not in nodes(*(term for _, term in others))
    if known is None or not known.tensor.of or claim.adds or not own:
        return claim
    sign, first = others[0]
    rest: Node = first if sign > 0 else Negate(first, span=first.span)
    for sign, term in others[1:]:
        rest = Binary("+" if sign > 0 else "-", rest, term, span=Span(rest.span.start, term.span.end))
    return replace(claim, right=rest, adds=True)


def unplaced(node: Node) -> Node:
    """The tree without the places where its nodes stood, as they are those of another line."""
    return replace(with_children(node, tuple(unplaced(child) for child in children(node))), span=Span())


def _letters(left: Node) -> tuple[str, ...]:
    return left.letters if isinstance(left, Read) else ()


def _tensor(setting: Setting, left: Node) -> str | None:
    node = left.of if isinstance(left, Read) else left
    if not isinstance(node, (Name, Gradient)):
        return None
    known = setting.resolve(node.name, isinstance(node, Gradient))
    return known.tensor.name if known is not None else None
