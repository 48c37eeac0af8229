"""What every notation has to hold to: it has the letters that a page needs, and no letter is that of two things."""

from __future__ import annotations

import re

from symbp.errors import InputError, shown
from symbp.notation.notation import LAST, ROLES, Notation, Pattern

_ROLE = {name: role for role, name in ROLES.items()}
NEEDED = ("x", "y", "z", "a", "W", "b")
"""The names that a page cannot do without; those of the input and the prediction may be those of the layers' activations."""


def check(n: Notation) -> Notation:
    """The notation, or InputError for a missing role or a letter that a reader could not place."""
    _complete(n)
    _distinct(n)
    if n.first < 0:
        raise InputError(
            f"first_layer is {n.first}", allowed="0 or more; 1 where the input is layer 0", key=("first_layer",)
        )
    if not n.transpose or n.transpose in {*n.families, *n.fixed}:
        raise InputError(
            f"the sign of transposes is {shown(n.transpose)}",
            allowed=r"\top, T, ' or another sign of its own",
            key=("transpose",),
        )
    if n.numbered_from is not None and n.numbered_from < 0:
        raise InputError(
            f"units are numbered from {n.numbered_from}", allowed="0 or more", key=("units", "numbered_from")
        )
    to, from_ = n.units
    if to == from_ or not all(len(c) == 1 and c.isalpha() and c.islower() for c in n.units):
        raise InputError(
            f"the units of a weight are {shown(to)} and {shown(from_)}", allowed="two small letters", key=("units",)
        )
    _indices(n)
    return n


def _complete(n: Notation) -> None:
    if not n.loss:
        raise InputError("the letter of the loss is missing in 'letters'", allowed="loss = 'J'", key=("letters",))
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
            f"the letter of the {role}{which} is missing in 'letters'",
            allowed=f"{role}{which[-1:]} = '...'",
            key=("letters",),
        )


def _distinct(n: Notation) -> None:
    """No two roles share a letter where nothing tells them apart."""
    for letter in n.loss:
        for known in (n.families, n.fixed):
            if letter in known:
                _clash(letter, "loss", known[letter], ("letters", "loss"))
    for letter in (*n.activations, *n.functions):
        for known in (n.families, n.fixed):
            if letter in known:
                _clash(letter, "a function", known[letter], _of_function(n, letter))
        if letter in n.loss:
            _clash(letter, "a function", "J", _of_function(n, letter))
    for letter in n.functions:
        if letter in n.activations:
            raise InputError(f"{shown(letter)} is the letter of the layer's activation and of {n.functions[letter]}",
                             allowed="another letter for one of them", key=("activation",))  # fmt: skip
    for letter, name in n.fixed.items():
        other = n.families.get(letter, "a")
        if other != "a" or (letter in n.families and name not in ("x", "yhat")):
            _clash(letter, _told(name), other, ("letters", _told(name)))
    for name in ("rate", "mask"):
        letter = n.printed[name].whole if name in n.printed else ""
        for known in (n.families, n.fixed):
            if letter in known:
                _clash(letter, name, known[letter], ("letters", name))
    for letter in n.patterns:
        _distinct_patterns(n, letter)


def _distinct_patterns(n: Notation, letter: str) -> None:
    """No two elements are written with one letter and scripts that nothing tells apart, nor with the letter of another role."""
    patterns = n.patterns[letter]
    seen: dict[str, Pattern] = {}
    for p in patterns:
        like = "".join(c if c in (n.example, "0") else "." for c in p.scripts)
        if like in seen and seen[like].tensor != p.tensor:
            text = f"{letter}_{{{p.scripts}}}"
            raise InputError(f"{shown(text)} is an element of {_told(seen[like].tensor)} and of {_told(p.tensor)}",
                             allowed="scripts or letters that differ", key=("elements", _told(p.tensor)))  # fmt: skip
        seen[like] = p
    for known in (n.families, n.fixed):
        if letter in known:
            _clash(letter, "elements", known[letter], ("elements", _told(patterns[0].tensor)))


def _indices(n: Notation) -> None:
    """The letters of indices: one for each thing that is counted, and none that means something else."""
    small = r"[a-z]"
    units = (*n.unit_letters, *(() if n.patterns else n.units))
    if n.unit_letters and (len({*n.unit_letters}) < len(n.unit_letters) or len(n.unit_letters) < 2):
        raise InputError("the letters of the units of layers", allowed="one for each layer, the input's first, all different",
                         key=("units", "layers"))  # fmt: skip
    if not n.counts:
        raise InputError("the number of examples has no letter", allowed="examples = ['N']", key=("examples",))
    said = {**({} if n.patterns else {n.layer_letter: "a layer"}), **{c: "the units of a layer" for c in units}}
    letters = {**n.families, **n.fixed, **dict.fromkeys(n.loss, "J")}
    for letter, what, key in (
        *((c, "the units of a layer", ("units", "layers")) for c in n.unit_letters),
        (n.example, "an example", ("example",)),
        (n.counts[0], "the number of examples", ("examples",)),
    ):
        other = _told(letters[letter]) if letter in letters else said.get(letter, what)
        if other != what:
            _same(letter, what, other, key)
        said[letter] = what
        pattern = small if what != "the number of examples" else r"\\?[A-Za-z]+"
        if not re.fullmatch(pattern, letter):
            allowed = "one small letter" if pattern == small else "a letter"
            raise InputError(f"{shown(letter)} is no letter of {what}", allowed=allowed, key=key)


def _of_function(n: Notation, letter: str) -> tuple[str, ...]:
    """Where a function's letter is given."""
    of = n.functions.get(letter)
    return ("activation",) if of is None else ("functions", re.sub(r"^g(\d+)$", r"layer\1", of))


def _clash(letter: str, one: str, name: str, key: tuple[str, ...]) -> None:
    _same(letter, one, _told(name), key)


def _same(letter: str, one: str, other: str, key: tuple[str, ...]) -> None:
    raise InputError(
        f"{shown(letter)} is the letter of {one} and of {other}: a reader could not tell them apart",
        allowed="another letter for one of them",
        key=key,
    )


def _told(name: str) -> str:
    base = re.sub(rf"(?<=[a-z])(?:{LAST}|\d+)$", "", name)
    return _ROLE.get(base, base) + name[len(base) :].replace(LAST, "_last")
