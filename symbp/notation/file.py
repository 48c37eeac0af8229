"""A notation's TOML file: read, checked key by key, and made a :class:`Notation`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Literal

import msgspec

from symbp.calculus.primitives import PRIMITIVES
from symbp.catalogue import ACTIVATIONS
from symbp.errors import InputError, shown, unknown
from symbp.files import converted, decoded, locate, text_of
from symbp.notation.checks import check
from symbp.notation.notation import LAST, LAYERED, ROLES, UNIT_ZERO, Letter, Notation, Pattern
from symbp.notation.texts import names, text_of_shipped

MARKS = {"parentheses": "({})", "brackets": "[{}]", "bare": "{}", "subscript": "({})"}
"""How the number of a layer stands at a letter, and what it is printed with where it stands above."""


FUNCTION_LETTERS = {p.latex: p.name for p in PRIMITIVES if p.is_letter}
"""Letters that functions have in all notations that do not use them for something else."""
_UNIT = "_k"  # what a function's letter ends with where it carries the index of its unit


class Role(msgspec.Struct, forbid_unknown_fields=True):
    """The letters of one role: the one printed, the one of an element, that of a batch, what else is read, and what the array is
    called beside where the conventions are told."""

    print: str
    element: str = ""
    batch: str = ""
    read: list[str] = []
    read_batch: list[str] = []
    said: str = ""


class Activation(msgspec.Struct, forbid_unknown_fields=True):
    """The letter of the layer's activation."""

    print: str
    read: list[str] = []
    marked: bool = False
    whole_layers: bool = False


class WrittenOut(msgspec.Struct, forbid_unknown_fields=True):
    """An element that has no letter, written out for one `unit`."""

    unit: str
    with_bias: str
    without_bias: str


class Units(msgspec.Struct, forbid_unknown_fields=True):
    """The letters of the two units that a weight joins, those of the units of each layer and of their number, and the number of
    the first unit where a picture numbers them through the network."""

    to: str = "i"
    from_: str = msgspec.field(default="j", name="from")
    layers: tuple[str, ...] = ()
    number: str = "n"
    numbered_from: int | None = None


class File(msgspec.Struct, forbid_unknown_fields=True):
    """A notation's file."""

    title: str
    letters: dict[str, Any]
    source: str = ""
    layer: Literal["parentheses", "brackets", "bare", "subscript"] = "parentheses"
    layer_letter: str = "k"
    first_layer: int = 1
    ends_are_layers: bool = False
    weights: Literal["to-from", "from-to"] = "to-from"
    weight_layer: Literal["to", "from"] = "to"
    units: Units = msgspec.field(default_factory=Units)
    bias_in_weights: bool = False
    vectors: Literal["columns", "rows"] = "columns"
    bold: bool | Literal["italic"] = False
    commas: bool = False
    derivatives: Literal["fraction", "differential", "gradient"] = "fraction"
    derivatives_of: Literal["loss", "example"] = "loss"
    batch_loss: Literal["mean", "sum"] = "mean"
    examples: tuple[str, ...] = ("N", "m", "M")
    example: str = ""
    iteration: str = ""
    carried: str = ""
    beyond: Literal["refused", "letters of all layers"] = "refused"
    transpose: str = r"\top"
    hadamard: Literal[r"\odot", r"\circ", r"\bullet", r"\ast"] = r"\odot"
    log: str = r"\ln"
    layer_below: list[str] = []
    activation: dict[str, Any] = msgspec.field(default_factory=lambda: {"print": ""})
    functions: dict[str, str] = {}
    own_functions: dict[str, str] = {}
    elements: dict[str, list[str]] = {}
    written_out: dict[str, Any] = {}


def load(path: str | Path) -> Notation:
    """The notation of a TOML file; its name is that of the file.

    Raises
    ------
    InputError : with the file, and the line where it is known
    """
    return read(text_of(Path(path)), Path(path).stem, str(path))


def read(text: str, name: str, path: str) -> Notation:
    """The notation that the text of a file says; errors as in :func:`load`."""
    try:
        return check(_notation(_file(text), name))
    except InputError as e:
        raise e.at(locate(text, e, path)) from None


def _file(text: str) -> File:
    """The contents of a file: what it does not say is as in the notation that it is like."""
    raw = decoded(text)
    like = raw.pop("like", "")
    if not isinstance(like, str):
        raise InputError(f"like is {like!r:.40}", allowed=", ".join(names()), key=("like",))
    if like:
        merged = decoded(text_of_shipped(like))
        for key, value in raw.items():
            both = isinstance(value, dict) and isinstance(merged.get(key), dict)
            merged[key] = {**merged[key], **value} if both else value
        raw = merged
    return converted(raw, File)


def _notation(file: File, name: str) -> Notation:
    roles = {key: _role(key, value) for key, value in file.letters.items()}
    example = file.example or ("i" if file.elements else "n")
    patterns = _patterns(file.elements, example)
    layered = {key: _names(key)[0] in LAYERED and _names(key)[1] == "" for key in roles}
    loss = roles["loss"] if "loss" in roles else None
    families: dict[str, str] = {}
    fixed: dict[str, str] = {}
    batched: set[str] = set()
    printed: dict[str, Letter] = {}
    for key, role in roles.items():
        base, number = _names(key)
        if role.print:
            printed[base + number] = Letter(role.print, role.element or role.print, role.batch)
        if base in ("J", "rate", "dropout", "mask"):
            continue
        of_batch = [role.batch, *role.read_batch] if role.batch else role.read_batch
        for letter in _distinct((role.print, role.element, *role.read, *of_batch)):
            _new_in(families if layered[key] else fixed, letter, base + number, key)
        batched |= {*of_batch} - {role.print, role.element, *role.read}
    if file.bias_in_weights:
        families[UNIT_ZERO] = "b"
    for element in map("".join, map(_names, file.written_out)):
        patterns[element] = (Pattern("m", element, "m"),)  # no letter of a page is spelled so
    own = converted(file.activation, Activation, "activation")
    lettered = _lettered(file)
    functions = {letter.removesuffix(_UNIT): re.sub(r"^layer(\d+)$", r"g\1", of) for of, letter in lettered}
    taken = {*families, *fixed, *patterns, *functions, own.print, *own.read, *(loss.read if loss is not None else ())}
    return Notation(
        name=name,
        title=file.title,
        source=file.source,
        loss=() if loss is None else _distinct(x.partition("(")[0] for x in (loss.batch, loss.print, *loss.read)),
        families=families,
        fixed=fixed,
        batched=frozenset(batched),
        activations=_distinct((own.print, *own.read)) or (() if {"g", *taken} == taken else ("g",)),
        functions={
            **functions,
            **{x: of for x, of in FUNCTION_LETTERS.items() if x not in taken and of not in functions.values()},
        },
        of_units=frozenset(x.removesuffix(_UNIT) for _, x in lettered if x.endswith(_UNIT)),
        from_to=file.weights == "from-to",
        style=MARKS[file.layer],
        patterns=patterns,
        below=frozenset(file.layer_below),
        sums=file.batch_loss == "sum",
        written_out={
            "".join(_names(key)): _written_out(converted(value, WrittenOut, "written_out", key), example)
            for key, value in file.written_out.items()
        },
        own=file.derivatives_of == "example",
        counts=file.examples,
        example=example,
        printed=printed,
        subscript=file.layer == "subscript",
        layer_letter=file.layer_letter,
        first=file.first_layer,
        ends=file.ends_are_layers,
        units=(file.units.to, file.units.from_),
        unit_letters=file.units.layers,
        width=file.units.number,
        numbered_from=file.units.numbered_from,
        iteration=file.iteration,
        carried=file.carried,
        said={ROLES[key]: role.said for key, role in roles.items() if role.said},
        bias_in_weights=file.bias_in_weights,
        bold=bool(file.bold),
        italic=file.bold == "italic",
        commas=file.commas,
        differential=file.derivatives == "differential",
        gradient=file.derivatives == "gradient",
        weights_below=file.weight_layer == "from",
        beyond=file.beyond != "refused",
        hadamard=file.hadamard,
        activation=own.print,
        marked=own.marked,
        whole_layers=own.whole_layers,
        layout=file.vectors,
        transpose=file.transpose,
        log=file.log,
    )


def _lettered(file: File) -> list[tuple[str, str]]:
    """The functions that have letters, with them; InputError for one that is in no catalogue and not said to be one's own, or
    is said to be and is in it, and for two that share a letter."""
    known = {**dict.fromkeys(ACTIVATIONS), **{p.name: None for p in PRIMITIVES}}
    for name in file.functions:
        if name not in known and not re.fullmatch(r"layer[1-9]\d*", name):
            error = unknown("function", name, [*known, "layer1"])
            allowed = f"{error.allowed}, or a function of your own in [own_functions]"
            raise InputError(error.message, allowed=allowed, nearest=error.nearest, key=("functions", name))
    for name in file.own_functions:
        if name in known or not re.fullmatch(r"[A-Za-z]\w*", name):
            what = "is in the catalogue" if name in known else "is no name of a function"
            allowed = "[functions]" if name in known else "a name that a network gives one of its functions"
            raise InputError(f"{shown(name)} {what}", allowed=allowed, key=("own_functions", name))
    found: dict[str, str] = {}
    for table, letters in (("functions", file.functions), ("own_functions", file.own_functions)):
        for name, letter in letters.items():
            if found.setdefault(letter, name) != name:
                message = f"{shown(letter)} is the letter of {found[letter]} and of {name}"
                raise InputError(
                    f"{message}: a reader could not tell them apart",
                    allowed="another letter for one of them",
                    key=(table, name),
                )
    return [*file.functions.items(), *file.own_functions.items()]


def _names(key: str) -> tuple[str, str]:
    """The network's name of a role, and the number of its layer where it has one: ``delta1`` is delta, 1."""
    found = re.fullmatch(r"([a-z_]+?)(\d*|_last)", key)
    base = ROLES.get(found[1]) if found else None
    if found is None or base is None:
        raise unknown("role", key, [*ROLES, *(f"{r}1" for r, n in ROLES.items() if n in LAYERED)])
    if found[2] and base not in LAYERED:
        raise InputError(f"{shown(key)}: there is one {found[1]}, not one a layer", allowed=found[1])
    return base, found[2].replace("_last", LAST)


def _role(key: str, value: object) -> Role:
    _names(key)
    role = Role(value) if isinstance(value, str) else converted(value, Role, "letters", key)
    for letter in (role.print, role.element, role.batch, *role.read, *role.read_batch):
        scripts = r"(?:_\w)?(?:\([A-Za-z,; ]+\))?" if key == "loss" else r"(?:_\w)?" if key == "rate" else ""
        if letter and not re.fullmatch(r"(?:\\?[A-Za-z]+|\\[a-z]+\{\\?[A-Za-z]+\})" + scripts, letter):
            raise InputError(
                f"{shown(letter)} is no letter ({key})",
                allowed=r"a letter, \theta, \hat{y}; scripts are added to it",
                key=("letters", key),
            )
    return role


def _patterns(elements: Mapping[str, list[str]], example: str) -> dict[str, tuple[Pattern, ...]]:
    r"""The patterns of elements by their letters: ``\alpha_{0m}`` is an \alpha with the scripts 0 and m."""
    found: dict[str, tuple[Pattern, ...]] = {}
    for key, texts in elements.items():
        base, number = _names(key)
        for text in texts:
            parts = re.fullmatch(r"(\\?[A-Za-z]+)(?:_(?:\{(\w+)\}|(\w)))?(\(.*\))?", text)
            if parts is None:
                allowed = r"a letter with its scripts: \alpha_{ml}, z_i, f_k(x_i)"
                raise InputError(f"{shown(text)} is no element ({key})", allowed=allowed)
            scripts = parts[2] or parts[3] or ""
            letters = "".join(c for c in scripts if c not in (example, "0")).ljust(2 if base == "W" else 1, "*")
            pattern = Pattern(scripts, base + number, letters, parts[4] or "")
            found[parts[1]] = (*found.get(parts[1], ()), pattern)
    return found


def _written_out(given: WrittenOut, example: str) -> tuple[str, str]:
    """Formulas of an element with ``{0}`` for its unit and ``{1}`` for the example."""

    def formed(text: str) -> str:
        safe = text.replace("{", "{{").replace("}", "}}")
        for place, letter in enumerate((given.unit, example)):
            safe = re.sub(rf"(?<![\\A-Za-z]){re.escape(letter)}(?![A-Za-z])", f"{{{place}}}", safe)
        return safe

    return formed(given.with_bias), formed(given.without_bias)


def _new_in(letters: dict[str, str], letter: str, name: str, key: str) -> None:
    """Adds a letter; InputError where it has another meaning already."""
    if letters.get(letter, name) != name:
        other = next(role for role in ROLES if ROLES[role] == letters[letter].rstrip(f"0123456789{LAST}"))
        raise InputError(
            f"{shown(letter)} is the letter of {other} and of {key}: a reader could not tell them apart",
            allowed="another letter for one of them",
            key=("letters", key),
        )
    letters[letter] = name


def _distinct(letters: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(x for x in letters if x))
