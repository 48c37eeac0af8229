"""What every notation has to hold to: it has the letters that a page needs, and no letter is that of two things."""

from __future__ import annotations

from symbp.errors import InputError, shown
from symbp.notation.notation import ROLES, Notation, Pattern

_ROLE = {name: role for role, name in ROLES.items()}
NEEDED = ("x", "y", "z", "a", "W", "b")
"""The names that a page cannot do without; those of the input and the prediction may be those of the layers' activations."""


def check(n: Notation) -> Notation:
    """The notation, or InputError for a missing role or a letter that a reader could not place."""
    _complete(n)
    _distinct(n)
    if n.first < 0:
        raise InputError(f"first_layer is {n.first}", allowed="0 or more; 1 where the input is layer 0")
    if not n.transpose or n.transpose in {*n.families, *n.fixed}:
        raise InputError(
            f"the sign of transposes is {shown(n.transpose)}", allowed=r"\top, T, ' or another sign of its own"
        )
    to, from_ = n.units
    if to == from_ or not all(len(c) == 1 and c.isalpha() and c.islower() for c in n.units):
        raise InputError(f"the units of a weight are {shown(to)} and {shown(from_)}", allowed="two small letters")
    return n


def _complete(n: Notation) -> None:
    if not n.loss:
        raise InputError("the letter of the loss is missing in 'letters'", allowed="loss = 'J'")
    single = {p.tensor for patterns in n.patterns.values() for p in patterns} | {*n.printed, *n.written_out}
    for name in NEEDED:
        if name in single or (name == "x" and "a" in single) or (name == "b" and n.bias_in_weights):
            continue
        numbered = [k for k in range(1, n.layers + 1) if f"{name}{k}" not in single]
        if n.layers and name not in "xy" and (not numbered or (name == "a" and numbered == [n.layers])):
            continue
        which = "" if not n.layers or name in "xy" else f" of layer {numbered[0]}"
        role = _ROLE[name]
        raise InputError(
            f"the letter of the {role}{which} is missing in 'letters'", allowed=f"{role}{which[-1:]} = '...'"
        )


def _distinct(n: Notation) -> None:
    """No two roles share a letter where nothing tells them apart."""
    for letter in n.loss:
        for known in (n.families, n.fixed):
            if letter in known:
                _clash(letter, "loss", known[letter])
    for letter in (*n.activations, *n.functions):
        for known in (n.families, n.fixed):
            if letter in known:
                _clash(letter, "a function", known[letter])
        if letter in n.loss:
            _clash(letter, "a function", "J")
    for letter in n.functions:
        if letter in n.activations:
            raise InputError(f"{shown(letter)} is the letter of the layer's activation and of {n.functions[letter]}",
                             allowed="another letter for one of them")  # fmt: skip
    for letter, name in n.fixed.items():
        other = n.families.get(letter, "a")
        if other != "a" or (letter in n.families and name not in ("x", "yhat")):
            _clash(letter, _told(name), other)
    for name in ("rate", "mask"):
        letter = n.printed[name].whole if name in n.printed else ""
        for known in (n.families, n.fixed):
            if letter in known:
                _clash(letter, name, known[letter])
    for letter, patterns in n.patterns.items():
        seen: dict[str, Pattern] = {}
        for p in patterns:
            like = "".join(c if c in (n.example, "0") else "." for c in p.scripts)
            if like in seen and seen[like].tensor != p.tensor:
                text = f"{letter}_{{{p.scripts}}}"
                raise InputError(f"{shown(text)} is an element of {_told(seen[like].tensor)} and of {_told(p.tensor)}",
                                 allowed="scripts or letters that differ")  # fmt: skip
            seen[like] = p
        for known in (n.families, n.fixed):
            if letter in known:
                _clash(letter, "elements", known[letter])


def _clash(letter: str, one: str, name: str) -> None:
    raise InputError(
        f"{shown(letter)} is the letter of {one} and of {_told(name)}: a reader could not tell them apart",
        allowed="another letter for one of them",
    )


def _told(name: str) -> str:
    base = name.rstrip("0123456789")
    return _ROLE.get(base, base) + name[len(base) :]
