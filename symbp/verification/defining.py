"""Names of the user's own: a claim whose left side names nothing known is a definition."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from symbp.calculus.language import valid_name
from symbp.errors import InputError, Place, nearest, shown
from symbp.formula.numpy_calls import MEANT
from symbp.formula.syntax import Claim, Name, Read
from symbp.formula.words import ELEMENTWISE, MATRIX, REDUCTIONS, SAME
from symbp.verification.meaning.arrays import ShapeClash
from symbp.verification.meaning.setting import Setting
from symbp.verification.state import Heard, State
from symbp.verification.verdict import Verdict

_FAMILY = re.compile(r"(?:delta|dJ/d[A-Za-z]+|d[A-Za-z]+|[zaWbge])\d+")


_TAKEN = frozenset((*ELEMENTWISE, *REDUCTIONS, *MATRIX, *SAME, *MEANT, "np", "numpy"))
_LIKE = 0.85
_DERIVATIVE = re.compile(r"(?:d[A-Za-z]\w*|delta\w*)")


def near_derivative(name: str, known: Iterable[str]) -> str:
    """The derivative of which a name is nearly the name; empty where there is none."""
    derivatives = [n for n in known if _DERIVATIVE.fullmatch(n)]
    close = next((n for n in derivatives if n.lower() == name.lower()), "")
    if close or not re.match(r"d[A-Za-z]|delta", name):
        return close
    found, plain = nearest(name, derivatives, _LIKE), re.sub(r"\d+$", "", name)
    return found if found and re.sub(r"\d+$", "", found) != plain else ""  # dh3 beside dh1 and dh2 is one's own


def _not_misspelt(name: str, known: Iterable[str], place: Place) -> None:
    """InputError for what is nearly the name of a derivative: a definition of its own would hide a claim, and a mistake in it."""
    close, derivatives = near_derivative(name, known), [n for n in known if _DERIVATIVE.fullmatch(n)]
    if close:
        raise InputError(f"unknown derivative {shown(name)}", place=place, nearest=close,
                         allowed=f"{', '.join(derivatives)}; another name for a definition")  # fmt: skip


def _in_narrow(state: State, name: str) -> str:
    """Which layers have one unit, where a definition has a meaning because of that; else empty."""
    context = state.first
    ones = state.contexts.ones(context)
    found = ones and name in state.contexts.narrow(context).definitions
    return ", ".join(f"{context.setting.labels[a]} = 1" for a in ones) if found else ""


def define(state: State, claim: Claim, blank: Verdict) -> Heard:
    """The verdict on a definition, which later claims may use; InputError where its name is taken or it has no meaning."""
    left = claim.left.of if isinstance(claim.left, Read) else claim.left
    name, place = left.name if isinstance(left, Name) else "", Place(None, None, claim.left.span.start + 1)
    _check_name(state.first.setting, name, place)
    after = state.knowing(replace(state.memory, defined=(*state.memory.defined, (name, claim))))
    failure, labels = after.contexts.without_meaning(), ""
    if failure is not None and not any(name in b.definitions for b in (*after.contexts.made, after.several)):
        labels = _in_narrow(after, name)
        if not labels and isinstance(failure, ShapeClash):
            why, column = failure.why, failure.span.start + 1
            wrong = replace(blank, verdict="wrong", how="exact", cause="shape", reason=why, column=column)
            return Heard(wrong, state.memory)
        if not labels:
            raise failure
    reason = f"{name} is a name of your own from here on" + (f", for {labels}" if labels else "")
    return Heard(replace(blank, verdict="definition", reason=reason), after.memory)


def _check_name(setting: Setting, name: str, place: Place) -> None:
    """InputError for a name that is taken, or nearly one of the network's."""
    known = [*setting.known]
    if setting.layers and _FAMILY.fullmatch(name):
        allowed = ", ".join(n for n in known if re.fullmatch(rf"{re.escape(name.rstrip('0123456789'))}\d+", n))
        message, like = f"this network has no {name}", nearest(name, [n for n in known if "__" not in n], 0.6)
        raise InputError(message, place=place, allowed=allowed or "a name of the network's", nearest=like)
    if name in setting.functions or name in _TAKEN or (name == "g" and setting.layers):
        raise InputError(f"{name} is a function", place=place, allowed="another name")
    _not_misspelt(name, known, place)
    valid_name(name, "name", place)
