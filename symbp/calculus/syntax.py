"""The grammar of the index language: text becomes a syntax tree with positions, or one clear error."""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterator
from functools import lru_cache
from importlib.resources import files
from typing import Any

from lark import Lark, Token, Tree
from lark.exceptions import UnexpectedCharacters, UnexpectedEOF, UnexpectedToken

from symbp.calculus.primitives.matrices import MATRIX_CALLS
from symbp.errors import InputError, Place, shown

Node = Any  # a lark Tree or Token: what a node holds depends on its rule, which types do not say
REDUCTION_NAMES = ("sum", "mean", "max", "logsumexp", "prod")
MATRIX_NAMES = frozenset(MATRIX_CALLS)
"""Functions of a matrix, which bind letters as reductions do: ``inv(A[p,q], p, q)[i,j]``, in short ``inv(A)[i,j]``."""
_LONGEST, _DEEPEST = 4000, 60
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_SYMBOLS = {"LSQB": "[", "RSQB": "]", "LPAR": "(", "RPAR": ")", "EQUAL": "=", "PLUS": "+", "MINUS": "-", "STAR": "*",
            "SLASH": "/", "COMMA": ",", "_POWER": "**", "NAME": "a name", "NUMBER": "a number", "PRIMES": "'",
            "COMPARE": "<, >, <=, >=, ==, !=", "_IF": "if", "$END": "the end of the line"}  # fmt: skip


def valid_name(name: str, what: str = "name", place: Place | None = None) -> str:
    """`name` if it may name something in a formula and in generated code, else InputError."""
    if not _NAME.fullmatch(name) or keyword.iskeyword(name) or len(name) > 40 or "__" in name or name.endswith("_"):
        raise InputError(
            f"{what} {shown(name)} is not usable",
            place=place,
            allowed="a letter, then letters, digits and single underscores, at most 40, and no word of Python's",
        )
    return name


@lru_cache(maxsize=1)
def _grammar() -> Lark:
    text = files("symbp.calculus").joinpath("index.lark").read_text(encoding="utf-8")
    return Lark(text, parser="lalr", propagate_positions=True, start=["start", "expr"], maybe_placeholders=False)


@lru_cache(maxsize=1024)
def parse(text: str, start: str = "start") -> Node:
    """The syntax tree of a statement, or with ``start="expr"`` of an expression; nobody may change it.

    InputError with line and column where the text cannot be read.
    """
    if len(text) > _LONGEST:
        raise InputError(f"the line has {len(text)} characters", allowed=f"at most {_LONGEST}")
    depth = deepest = 0
    for c in text:
        depth += (c in "([") - (c in ")]")
        deepest = max(deepest, depth)
    if deepest > _DEEPEST or re.search(r"([-+]\s*){20}|([*^][^*^()\[\]+/-]*){200}", text):
        raise InputError("the expression is nested too deeply", allowed=f"at most {_DEEPEST} levels")
    try:
        return _grammar().parse(text, start=start)
    except UnexpectedCharacters as e:
        raise InputError(
            f"{shown(text[e.pos_in_stream or 0])} has no meaning here, in {shown(text)}",
            place=Place(None, e.line, e.column),
        ) from None
    except UnexpectedEOF:
        raise InputError(f"{shown(text)} ends too early", place=Place(None, 1, len(text) + 1)) from None
    except UnexpectedToken as e:
        allowed = ", ".join(sorted({_SYMBOLS.get(name, name.lower()) for name in e.accepts or e.expected}))
        ended = e.token.type == "$END"
        read = "the line ends" if ended else f"{shown(str(e.token))} stands"
        place = Place(None, 1 if ended else e.line, len(text) + 1 if ended else e.column)
        raise InputError(f"{read} where it cannot, in {shown(text)}", place=place, allowed=allowed) from None


def place_of(node: Any) -> Place:
    """The line and column of a token or of the first token in a tree."""
    while isinstance(node, Tree):
        node = node.children[0] if node.children else None
    return Place(None, getattr(node, "line", None), getattr(node, "column", None))


def reads(tree: Node, hidden: frozenset[str] | None = frozenset()) -> Iterator[tuple[Token, int, Token]]:
    """Every place where a tensor is read at a plain letter, as (tensor, axis number, letter).

    Letters bound by a reduction inside `tree` are left out; with ``hidden=None`` they come too.
    """
    if tree.data == "call" and hidden is not None:
        name, *args = tree.children
        if (str(name) in REDUCTION_NAMES or str(name) in MATRIX_NAMES) and len(args) > 1:
            hidden = hidden | {
                str(a.children[0]) for a in args[1:] if isinstance(a, Tree) and a.data in ("name", "only")
            }
    if tree.data in ("read", "left"):
        tensor, *indices = tree.children
        for k, index in enumerate(indices):
            letter = index.children[0] if isinstance(index, Tree) and index.data == "name" else index
            if isinstance(letter, Token) and letter.type == "NAME" and (hidden is None or str(letter) not in hidden):
                yield Token("NAME", tensor), k, letter
    if tree.data == "element":
        yield from _of_elements(tree, hidden)
    for child in tree.children:
        if isinstance(child, Tree):
            yield from reads(child, hidden)


def _of_elements(tree: Node, hidden: frozenset[str] | None) -> Iterator[tuple[Token, int, Token]]:
    """The letters of an element of a function of a matrix, ``inv(A)[i,j]``: the first runs over the columns of the matrix, the
    second over its rows."""
    call, *indices = tree.children
    args = [a for a in call.children[1:] if isinstance(a, Tree)]
    letters = [i.children[0] if i.data == "name" else None for i in indices]
    for letter, place in zip(letters, (1, 0), strict=False):
        if letter is None or (hidden is not None and str(letter) in hidden):
            continue
        if len(args) == 1 and args[0].data == "name":
            yield Token("NAME", args[0].children[0]), place, letter
        for tensor, k, other in reads(args[0], frozenset()) if len(args) == 3 else ():
            if [other] == args[1 + place].children:
                yield tensor, k, letter
