"""The arguments of a function as its author declares them: axes from annotations, numbers and options from defaults."""

from __future__ import annotations

import ast
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

from symbp.errors import InputError, shown
from symbp.formula.python.module import Constant, Module, constant, described
from symbp.formula.syntax import Span

_ANNOTATIONS = ("Float", "Float16", "Float32", "Float64", "Real", "Num", "Inexact", "Shaped", "Bool", "Int", "Int32", "Int64",
                "Integer", "UInt8", "Annotated")  # fmt: skip
_MEANT = ("pi", "np", "numpy")
"""Names with a meaning in every formula, which an author's own name would have to give way to."""
_IN_QUOTES = re.compile(r"\s*(?P<kind>\w+)\[[^,\]]*,\s*['\"](?P<axes>.*)['\"]\s*\]\s*")


@dataclass(frozen=True)
class Argument:
    """An argument: its name here and its author's, its axes (None where no annotation says them), whether it holds whole numbers,
    its default where that is a number, and whether it holds truth values."""

    name: str
    written: str
    axes: str | None
    integer: bool
    default: Fraction | None
    span: Span
    mask: bool = False


@dataclass(frozen=True)
class Signature:
    """The arguments that are arrays or numbers, and those that are options: texts, truth values, None."""

    arguments: tuple[Argument, ...]
    options: Mapping[str, Constant]


def signature_of(module: Module, definition: ast.FunctionDef, given: Mapping[str, Constant]) -> Signature:
    """The arguments of a function; `given` are values of its options.

    Raises
    ------
    InputError : for an argument, an annotation or a default that cannot be read
    """
    found, options = list[Argument](), dict[str, Constant]()
    names = {a.arg for a, _ in arguments_of(module, definition)}
    for name in given:
        if name not in names:
            raise InputError(f"{definition.name} has no option {shown(name)}", allowed=", ".join(sorted(names)))
    for arg, default in arguments_of(module, definition):
        value = given[arg.arg] if arg.arg in given else constant(default) if default is not None else ()
        if value == () and isinstance(default, ast.Name):
            value = module.constants.get(default.id, ())
        if default is not None and value == ():
            message = f"the default {described(default)} is not read"
            raise module.error(default, message, "a number, a text, True, False, None")
        if value is None or isinstance(value, (bool, str)):
            options[arg.arg] = value
            continue
        axes, kind = _annotated(module, arg)
        number = Fraction(repr(value)) if isinstance(value, (int, float)) and abs(value) < 1e300 else None
        if number is not None and axes is None:
            axes = ""
        found.append(Argument(plain_name(arg.arg), arg.arg, axes, kind.startswith(("Int", "UInt")), None if axes else number,
                              module.span(arg), kind == "Bool"))  # fmt: skip
    return Signature(tuple(found), options)


def arguments_of(module: Module, definition: ast.FunctionDef) -> Iterator[tuple[ast.arg, ast.expr | None]]:
    """Every argument of a function with its default."""
    spec = definition.args
    if spec.vararg or spec.kwarg:
        at = spec.vararg or spec.kwarg or definition
        raise module.error(at, "* and ** arguments are not read", "arguments by name")
    positional = [*spec.posonlyargs, *spec.args]
    defaults: list[ast.expr | None] = [None] * (len(positional) - len(spec.defaults)) + [*spec.defaults]
    yield from zip([*positional, *spec.kwonlyargs], [*defaults, *spec.kw_defaults], strict=True)


def _annotated(module: Module, arg: ast.arg) -> tuple[str | None, str]:
    """The axes that an annotation says, ``Float[Array, "n d"]`` or ``"n d"``, None where it says none; and the kind."""
    note = arg.annotation
    if isinstance(note, ast.Constant) and isinstance(note.value, str):
        inner = _IN_QUOTES.fullmatch(note.value)
        text, kind = (inner["axes"], inner["kind"]) if inner else (note.value, "")
        return _axes(module, note, text), kind
    if isinstance(note, ast.Subscript):
        kind = note.value.attr if isinstance(note.value, ast.Attribute) else getattr(note.value, "id", "")
        parts = note.slice.elts if isinstance(note.slice, ast.Tuple) else [note.slice]
        last = parts[-1].value if parts and isinstance(parts[-1], ast.Constant) else None
        if kind in _ANNOTATIONS and isinstance(last, str):
            return _axes(module, note, last), kind
    if isinstance(note, ast.Name) and note.id == "float":
        return "", ""
    return None, ""


def _axes(module: Module, node: ast.AST, text: str) -> str:
    """The axes of an annotation in our own words: ``1`` is an axis of length one, and ``3`` one of length 3."""
    words = text.split()
    for k, word in enumerate(words):
        words[k] = "one" if word == "1" else word.lstrip("#").rpartition("=")[2]
        if not re.fullmatch(r"[A-Za-z]\w*|[1-9]\d{0,5}", words[k], re.ASCII):
            allowed = 'names of axes, "n d"; a number for a length that is one'
            raise module.error(node, f"the axis {shown(word)} is not read", allowed)
    return " ".join(words)


def plain_name(name: str) -> str:
    """An author's name as our own languages have it: Greek letters by their names, no underscores in front, none doubled."""
    parts = [unicodedata.name(c, c).rpartition(" ")[2].lower() if not c.isascii() else c for c in name]
    plain = re.sub(r"__+", "_", "".join(parts)).strip("_") or "v"
    return f"{plain}_v" if plain in _MEANT else plain


def bound(module: Module, node: ast.Call, function: ast.FunctionDef) -> Iterator[tuple[str, ast.expr, bool]]:
    """Every argument of a function with what the call gives it, or its default; and whether the call gives it."""
    arguments = {a.arg: default for a, default in arguments_of(module, function)}
    keywords = {a.arg for a in function.args.kwonlyargs}
    positional = [name for name in arguments if name not in keywords]
    given: dict[str, ast.expr] = dict(zip(positional, node.args, strict=False))
    if len(node.args) > len(positional) or any(isinstance(a, ast.Starred) for a in node.args):
        raise module.error(node, f"{function.name} takes {len(positional)} arguments", ", ".join(arguments))
    for k in node.keywords:
        if k.arg not in arguments or k.arg in given:
            message = f"{function.name} takes no argument {shown(str(k.arg))} here"
            raise module.error(k.value, message, ", ".join(arguments))
        given[k.arg] = k.value
    for name, default in arguments.items():
        value = given.get(name, default)
        if value is None:
            raise module.error(node, f"{function.name} is given no {name}", ", ".join(arguments))
        yield name, value, name in given
