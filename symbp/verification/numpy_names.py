"""The letters of a notation as code has them: ``dZ2``, ``A1``, ``m``, ``scores``, and weights the way round that it has them.

Each is a definition that nobody wrote: it is made when a line first uses the name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from symbp.formula.grammar import read_claim
from symbp.formula.syntax import Claim, Name, nodes
from symbp.notation import Notation
from symbp.notation.notation import OF_EACH
from symbp.verification.accumulate import Memory
from symbp.verification.meaning.setting import Setting
from symbp.verification.state import State

_NAME = re.compile(r"(?P<letter>[A-Za-z]+?)_?(?P<number>\d+|L)?")
_PREDICTED = ("yhat", "Yhat", "y_hat", "Y_hat", "y_pred")


def with_names(state: State, claim: Claim) -> Memory:
    """The memory of a page with what the names of a line mean in its notation, where that is one that code has too."""
    memory, notation, setting = state.memory, state.notation, state.first.setting
    if not notation.differential or notation.spelled or claim.written is not None:
        return memory
    known = {name for name, _ in memory.defined}
    new = [
        (name, text) for name in _names(claim) if name not in known and (text := meaning_of(name, notation, setting))
    ]
    made = tuple((name, replace(read_claim(f"{name} = {text}"), text="")) for name, text in new)
    return replace(memory, defined=(*memory.defined, *made)) if made else memory


def _names(claim: Claim) -> Iterator[str]:
    return iter(dict.fromkeys(n.name for n in nodes(claim.left, claim.right) if isinstance(n, Name)))


def meaning_of(name: str, notation: Notation, setting: Setting) -> str:
    """What a name of code means in the names of a network; empty where the notation does not say."""
    if name in notation.counts and name not in setting.lengths and "N" in setting.lengths:
        return "N"
    own, role = _role(name, notation, setting)
    if not own and name.startswith("d"):
        letter, role = _role(name[1:], notation, setting)
        own = f"d{letter}" if letter and setting.resolve(f"d{letter}") is not None else ""
        each = role in OF_EACH and notation.own and any(name[1:].startswith(c) for c in notation.batched)
        own = f"N*{own}" if own and each else own
    turned = role == "W" and (notation.from_to or _column(name, setting))
    own = f"{own}.T" if own and turned else own
    return "" if own == name else own


def _role(name: str, notation: Notation, setting: Setting) -> tuple[str, str]:
    """The network's name for a letter with its number, and what that is one of; of one layer the number may be left out."""
    fixed = {**notation.fixed, **dict.fromkeys(_PREDICTED, "yhat")}
    depth = max((int(k) for k in setting.layers), default=0)
    found = _NAME.fullmatch(name)
    if found is None:
        return "", ""
    letter, number = found["letter"], found["number"] or ("1" if depth == 1 else "")
    if name in fixed:
        return fixed[name], re.sub(r"\d+$", "", fixed[name])
    role = notation.families.get(letter, "")
    if not role or not number:
        return "", ""
    layer = depth if number == "L" else int(number) - notation.counted(role, 0)
    made = f"{role}{layer}" if role != "a" or layer else "x"
    return (made, role) if setting.resolve(made) is not None else ("", "")


def _column(name: str, setting: Setting) -> bool:
    """Whether a name is that of the weights of a single unit, which code has as a column."""
    known = setting.resolve("W1") if name in ("w", "dw") else None
    return known is not None and setting.sizes.get(known.tensor.axes[0]) == 1
