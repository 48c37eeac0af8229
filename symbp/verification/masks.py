"""Entries that are set where a condition holds, ``dhidden[hidden <= 0] = 0``, as code writes the way back through a relu.

What has been the derivative by an activation is the one by its pre-activation afterwards, and so in later lines.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from symbp.errors import InputError
from symbp.formula.grammar import place_of, read_formula
from symbp.formula.printing import node_text
from symbp.formula.syntax import Claim, Name, Node, children, with_children
from symbp.verification.accumulate import unplaced
from symbp.verification.decided import decided
from symbp.verification.state import Heard, State
from symbp.verification.verdict import Verdict

_MASKED = re.compile(r"\s*(?P<name>[A-Za-z]\w*)\s*\[[^\]=]*(?:[<>]=?|==|!=)[^\]]*\]\s*=(?!=)")
_GIVEN = re.compile(r"\s*(?P<name>[A-Za-z]\w*)\s*=(?!=)")
_BY_ACTIVATION = re.compile(r"(?P<count>N\*)?(?:e|da|dJ/da)(?P<layer>\d+)(?P<turned>\.T)?")
PART = "a part; it is judged once its entries are set"


def set_later(texts: Sequence[str]) -> list[bool]:
    """For each line, whether entries of what it gives are set in a later one, before that is given anew."""
    found, waiting = [False] * len(texts), set[str]()
    for k in range(len(texts) - 1, -1, -1):
        masked, given = _MASKED.match(texts[k]), _GIVEN.match(texts[k])
        if masked is not None:
            waiting.add(masked["name"])
        elif given is not None:
            found[k] = given["name"] in waiting
            waiting.discard(given["name"])
    return found


def is_part(state: State, text: str) -> bool:
    """Whether what a line gives is another thing until its entries are set, and no derivative by an activation, which is right or
    wrong by itself."""
    given = _GIVEN.match(text)
    return given is not None and _by_activation(state, given["name"]) is None


def _by_activation(state: State, name: str) -> re.Match[str] | None:
    """The derivative by an activation that a name is, as the network or the notation has it."""
    told = dict(state.memory.defined).get(name)
    return _BY_ACTIVATION.fullmatch(node_text(told.right).replace(" ", "") if told is not None else name)


def masked(state: State, claim: Claim, blank: Verdict) -> Heard:
    """The verdict on a line that sets entries of a name.

    Raises
    ------
    InputError : of one that nothing has been said of
    """
    assert isinstance(claim.left, Name)
    name, memory, setting = claim.left.name, state.memory, state.first.setting
    told, known = dict(memory.defined).get(name), setting.resolve(name)
    if told is None and known is None:
        message = f"entries of {name}, of which nothing has been said"
        raise InputError(message, place=place_of(claim.left), allowed=f"{name} = ... before it")
    after = replace(memory, defined=(*memory.defined, (name, claim)))
    if told is not None and told.text:
        return Heard(replace(blank, verdict="definition", reason=f"{name} has these entries from here on"), after)
    found = _by_activation(state, name)
    if found is None:
        before = memory.before.get(known.tensor.name) if known is not None else None
        right = claim.right if before is None else _put(claim.right, name, unplaced(before.right))
        return decided(replace(state, memory=replace(memory, before={})), replace(claim, right=right), blank)
    left = read_formula(f"{found['count'] or ''}dz{found['layer']}{found['turned'] or ''}")
    heard = decided(state, replace(claim, left=left), blank)
    said = f"{name} is the derivative by z{found['layer']} from here on"
    verdict = replace(heard.verdict, note="; ".join(n for n in (said, heard.verdict.note) if n))
    return Heard(verdict, after if heard.ok else memory)


def _put(node: Node, name: str, instead: Node) -> Node:
    """The tree with a formula for a name."""
    if isinstance(node, Name) and node.name == name:
        return instead
    return with_children(node, tuple(_put(c, name, instead) for c in children(node)))
