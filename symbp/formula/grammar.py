"""NumPy-like text and index notation read into a syntax tree by a grammar; text never reaches anything that runs code."""

from __future__ import annotations

import re
from functools import lru_cache
from importlib.resources import files
from typing import Any

from lark import Lark, Token, Tree
from lark.exceptions import UnexpectedCharacters, UnexpectedEOF, UnexpectedToken

from symbp.calculus.primitives.matrices import MATRIX_CALLS
from symbp.errors import InputError, Place, shown
from symbp.formula.numpy_calls import (
    FLOATS,
    RESULTS,
    Numbers,
    Option,
    call_node,
    is_library,
    is_new_axis,
    result_of,
    spread,
    whole_number,
)
from symbp.formula.printing import node_text
from symbp.formula.syntax import (
    ELEMENT,
    PART,
    Binary,
    Call,
    Claim,
    Compare,
    Gradient,
    Length,
    Name,
    Negate,
    Node,
    Number,
    Read,
    Span,
    Transpose,
    children,
    nodes,
)

_LONGEST, _DEEPEST, _LARGEST_DEGREE = 4000, 120, 10**6
_WORDS = {"LSQB": "[", "RSQB": "]", "LPAR": "(", "RPAR": ")", "EQUAL": "=", "SAME": "==, !=", "_IF": "if", "ADDS": "+=",
          "TAKES": "-=", "PLUS": "+", "MINUS": "-", "STAR": "*",
          "AT": "@", "SLASH": "/", "COMMA": "a comma", "POWER": "**", "CARET": "^", "DOT": ".", "NAME": "a name",
          "NUMBER": "a number", "COMPARE": "<, >, <=, >=", "COLON": ":", "DOTS": "...", "STRING": "text in quotes",
          "PRIMES": "'", "GRADIENT": "dJ/dX", "$END": "the end of the line"}  # fmt: skip
_OPERATORS = {"⊙": "*", "∘": "*", "−": "-", "^": "**"}


@lru_cache(maxsize=1)
def _grammar() -> Lark:
    text = files("symbp.formula").joinpath("numpy.lark").read_text(encoding="utf-8")
    return Lark(text, parser="lalr", propagate_positions=True, maybe_placeholders=True)


def read_claim(text: str) -> Claim:
    """The equation that a line holds; InputError with the column where it cannot be read."""
    if len(text) > _LONGEST:
        raise InputError(f"the line has {len(text)} characters", allowed=f"at most {_LONGEST}")
    try:
        tree = _grammar().parse(text)
    except UnexpectedCharacters as e:
        raise InputError(
            f"{shown(text[int(e.pos_in_stream or 0)])} has no meaning here", place=_at(int(e.pos_in_stream or 0))
        ) from None
    except UnexpectedEOF:
        raise InputError("the line ends too early", place=_at(len(text))) from None
    except UnexpectedToken as e:
        ended = e.token.type == "$END"
        read = "the line ends" if ended else f"{shown(str(e.token))} stands"
        allowed = ", ".join(
            dict.fromkeys(
                _WORDS.get(name, name.lower()) for name in sorted(e.accepts or e.expected, key=_closing_first)
            )
        )
        column = len(text) if ended else int(e.token.start_pos or 0)
        if ended and "EQUAL" in (e.accepts or e.expected) and "==" in text:  # a comparison and no equation
            read, column = "'==' stands", text.index("==")
        if re.fullmatch(r"[^=<>]*[-*/@]", text[:column]) and str(e.token) == "=":
            message = f"{text[column - 1]}= is an update, which claims nothing of a derivative"
            raise InputError(message, place=_at(column - 1), allowed="dX = ..., dX += ...") from None
        raise InputError(f"{read} where it cannot", place=_at(column), allowed=allowed) from None
    if _depth(tree) > _DEEPEST:
        raise InputError("the formula is nested too deeply", allowed=f"at most {_DEEPEST} levels")
    left, sign, right = tree.children
    mask = _mask(left) if str(sign) == "=" else ()
    if mask:  # X[condition] = value
        whole, chosen = (_node(part) for part in mask)
        claim = Claim(whole, Call("where", (chosen, _node(right), whole), span=_span(right)), text, masks=True)
    elif str(sign) in ("-=", "−="):
        claim = Claim(_node(left), Negate(_node(right), span=_span(right)), text, adds=True)
    else:
        claim = Claim(_node(left), _node(right), text, adds=str(sign) == "+=")
    check_size(claim)
    return claim


def _mask(tree: Any) -> tuple[Any, ...]:
    """A name and the condition in brackets behind it, ``dh[h <= 0]``; () where there is none."""
    read = tree.data == "read" and len(tree.children) == 2 and tree.children[0].data == "name"
    return tuple(tree.children) if read and tree.children[1].data == "compare" else ()


def _closing_first(name: str) -> tuple[bool, str]:
    return name not in ("RPAR", "RSQB"), name


def check_size(claim: Claim) -> None:
    """InputError where a claim is nested too deeply, or powers of powers are out of range."""
    depth, level = 0, [claim.left, claim.right]
    while level:
        depth, level = depth + 1, [child for node in level for child in children(node)]
    if depth > _DEEPEST:
        raise InputError("the formula is nested too deeply", allowed=f"at most {_DEEPEST} levels")
    if max(_degree(claim.left), _degree(claim.right)) > _LARGEST_DEGREE:
        raise InputError("the powers of powers are out of range", allowed=f"exponents up to {_LARGEST_DEGREE} in all")


def _degree(node: Node) -> int:
    """The product of the exponents that stand over one another, at most."""
    below = max((_degree(child) for child in children(node)), default=1)
    if isinstance(node, Binary) and node.op == "**":
        numbers = [abs(n.value) for n in nodes(node.right) if isinstance(n, Number)]
        return below * max(1, *(int(n) + 1 for n in numbers), 1)
    return below


def _at(column: int) -> Place:
    return Place(None, None, column + 1)


def place_of(node: Node) -> Place:
    """The column of a node, for a message."""
    return _at(node.span.start)


def _depth(tree: Any) -> int:
    """How deep a tree is; counted without recursion, because it is there to keep recursion within bounds."""
    depth, level = 0, [tree]
    while level:
        depth += 1
        level = [child for t in level for child in t.children if isinstance(child, Tree)]
    return depth


def _span(tree: Any) -> Span:
    meta = tree.meta
    return Span(getattr(meta, "start_pos", 0), getattr(meta, "end_pos", 0))


def _node(tree: Any) -> Node:
    span, kids = _span(tree), tree.children
    match tree.data:
        case "number":
            return Number(_number(kids[0]), span=span)
        case "name":
            return Name(str(kids[0]), span=span)
        case "gradient":
            return Gradient(str(kids[0]).split("/")[1].strip()[1:], span=span)
        case "plus":
            return _node(kids[1])
        case "negate":
            return Negate(_node(kids[1]), span=span)
        case "compare":
            sign = {"=": "=="}.get(str(kids[1]), str(kids[1]))
            return Compare(sign, _node(kids[0]), _node(kids[2]), span=span)
        case "binary":
            return _binary(kids, span)
        case "conditional":
            chosen = _node(kids[1])
            if not isinstance(chosen, Compare):
                raise InputError(
                    "'if' stands where it cannot", place=_at(_span(kids[0]).end + 1), allowed="a if z > 0 else b"
                )
            return Call("where", (chosen, _node(kids[0]), _node(kids[2])), span=span)
        case "numbers" | "string":
            what = "a list" if tree.data == "numbers" else "text in quotes"
            raise InputError(f"{what} has no meaning here", place=_at(span.start), allowed="a name, a number")
        case "attribute":
            return _attribute(kids, span)
        case "read":
            return _read(kids, span)
        case _:
            return _call(tree, span)


def _number(token: Token) -> str:
    exponent = re.search(r"[eE]([+-]?\d+)$", token)
    if len(token) > 200 or (exponent and (len(exponent[1]) > 4 or abs(int(exponent[1])) > 400)):
        raise InputError(f"the number {shown(str(token))} is out of range", place=_at(token.start_pos or 0))
    return str(token)


def _binary(kids: list[Any], span: Span) -> Node:
    left, op, right = _node(kids[0]), _OPERATORS.get(str(kids[1]), str(kids[1])), _node(kids[2])
    if op == "**" and isinstance(right, Name) and right.name == "T":
        return Transpose(left, span=span)
    return Binary(op, left, right, span=span)


def _attribute(kids: list[Any], span: Span) -> Node:
    name = str(kids[1])
    if name == "T":
        return Transpose(_node(kids[0]), span=span)
    if name == "size":
        return Length(_node(kids[0]), span=span)
    if name in ("pi", *FLOATS) and is_library(kids[0]):
        return Name(name, span=span)
    raise InputError(
        f".{name} has no meaning here",
        place=_at(kids[1].start_pos),
        allowed=".T, .size, .shape[axis], or a method such as .sum(axis=1)",
    )


def _read(kids: list[Any], span: Span) -> Node:
    of, *letters = kids
    if of.data == "number" and str(of.children[0]) == "1" and len(letters) == 1 and letters[0].data == "compare":
        return _node(letters[0])  # 1[z > 0]
    if of.data == "attribute" and str(of.children[1]) == "shape":
        axis = _integer(letters[0]) if len(letters) == 1 else None
        if axis is None:
            raise InputError(".shape takes one number", place=_at(span.start), allowed=".shape[0]")
        return Length(_node(of.children[0]), axis, span=span)
    if any(letter.data == "slice" or is_new_axis(letter) for letter in letters):
        parts = [_subscript(letter) for letter in letters]
        text, given = ",".join(t for t, _ in parts), tuple(n for _, nodes_in in parts for n in nodes_in)
        if not given and not {*text.split(",")} - {":", "None", "..."}:
            return spread(_node(of), text.split(","), span)
        return Call(PART, (_node(of), *given), style="np", text=text, span=span)
    tensor = _node(of)
    if isinstance(tensor, Call) and tensor.name in RESULTS:
        return result_of(tensor, _integer(letters[0]) if len(letters) == 1 else None, read_formula, _at(span.start))
    if not isinstance(tensor, (Name, Gradient)) and not (isinstance(tensor, Call) and tensor.name in MATRIX_CALLS):
        raise InputError("only a tensor has elements", place=_at(span.start), allowed="name[i,j], x[:, None]")
    if not isinstance(tensor, (Name, Gradient)):
        for letter in letters:
            if letter.data != "name":
                raise InputError("an index is a letter", place=_at(_span(letter).start), allowed=f"{tensor.name}[i,j]")
        return Call(ELEMENT, (tensor, *(Name(str(c.children[0]), span=_span(c)) for c in letters)), span=span)
    return Read(tensor, tuple(_slot(letter, tensor) for letter in letters), span=span)


def _subscript(tree: Any) -> tuple[str, tuple[Node, ...]]:
    """A part of a subscript with ``#`` for each formula in it, and these formulas."""
    if is_new_axis(tree):
        return "None", ()
    if tree.data != "slice":
        return "#", (_node(tree),)
    if isinstance(tree.children[0], Token) and tree.children[0].type == "DOTS":
        return "...", ()
    text = "".join("" if c is None else ":" if isinstance(c, Token) else "#" for c in tree.children)
    return text, tuple(_node(c) for c in tree.children if c is not None and not isinstance(c, Token))


_OF_PLACES = ("name", "number", "binary", "negate", "read")


def _slot(tree: Any, tensor: Name | Gradient) -> str:
    """A letter, or a place as it is written: whole numbers times letters, an element of a tensor of whole numbers."""
    if tree.data == "name":
        return str(tree.children[0])
    inner = [t for t in tree.iter_subtrees() if t.data not in _OF_PLACES]
    if tree.data == "number" or inner or any(c in str(t) for t in tree.scan_values(bool) for c in ".@/^"):
        allowed = f"{tensor.name}[i,j], {tensor.name}[2*p+u-1]"
        raise InputError("an index is a letter or a place", place=_at(_span(tree).start), allowed=allowed)
    return node_text(_node(tree)).replace(" ", "")


def _integer(tree: Any) -> int | None:
    return whole_number(_node(tree))


def _call(tree: Any, span: Span) -> Node:
    """A call ``f'(x, axis=0)``, a method ``x.sum(axis=0)``, or NumPy's ``np.sum(x, axis=0)``."""
    style, first, primes = "call", list[Node](), 0
    if tree.data == "call":
        name, marks, args = tree.children
        primes = len(marks or "")
    else:
        owner, name, args = tree.children
        library = is_library(owner)
        style = "np" if library else "method"
        first = [] if library else [_node(owner)]
    given: list[Node | Option] = [*first]
    options = {}
    for arg in args.children if args is not None else ():
        if arg.data == "only":  # r if r <= t
            letter = _node(arg.children[0])
            if not isinstance(letter, Name):
                raise InputError(
                    "a condition without what it is for", place=_at(_span(arg).start), allowed="a if c else b"
                )
            given.append(Binary("if", letter, _node(arg.children[1]), span=_span(arg)))
        elif arg.data == "option":
            options[str(arg.children[0])] = _option(arg.children[1], int(arg.children[0].start_pos or 0))
        else:
            given.append(_option(arg, _span(arg).start) if arg.data in ("numbers", "string") else _node(arg))
    return call_node(str(name), tuple(given), options, primes, style, span, read_formula)


@lru_cache(maxsize=256)
def read_formula(text: str) -> Node:
    """A formula in our own words, as the meanings of NumPy's functions are."""
    return _node(_grammar().parse(f"x = {text}").children[2])


def _option(tree: Any, column: int) -> Option:
    """The value of an option, or of an argument that is no array."""
    if tree.data == "string":
        return Option(str(tree.children[0])[1:-1], column, quoted=True)
    if tree.data == "name":
        return Option(str(tree.children[0]), column, node=_node(tree))
    if tree.data != "numbers":
        return Option(_whole(tree), column, node=_node(tree))
    plain = all(isinstance(c, Tree) and c.data not in ("numbers", "string") for c in tree.children)
    return Option(_whole(tree), column, parts=tuple(map(_node, tree.children)) if plain else ())


def _whole(tree: Any) -> int | Numbers | None:
    """A whole number, or a tuple or list of them."""
    if tree.data == "numbers":
        found = [_whole(child) for child in tree.children]
        return None if None in found else tuple(v for v in found if v is not None)
    return _integer(tree)


_COMMENT = re.compile(r"(?<!\\)#.*$")


def without_comment(text: str) -> str:
    """A line without the comment at its end, every other character in its column."""
    return _COMMENT.sub("", text) if "#" in text else text


def statements_of(text: str) -> list[str]:
    """The statements of a line of code, which semicolons part; a line of LaTeX, or of one statement, as it is."""
    plain = without_comment(text)
    if ";" not in plain or "\\" in text:
        return [text]
    depth, parts = 0, [""]
    for c in plain:
        depth += (c in "([{") - (c in ")]}")
        if c == ";" and depth == 0:
            parts.append("")
        else:
            parts[-1] += c
    return [part.strip() for part in parts if part.strip()] or [text]


_EQUALITY = re.compile(r"(?<![<>=!+\-*/:])=(?!=)")


def links_of_text(text: str) -> list[str]:
    """The equations of a chain, each part held against the first and in its own columns; the text itself where it is one."""
    depth, marks = 0, []
    for k, c in enumerate(text):
        depth += (c in "([{") - (c in ")]}")
        if depth == 0 and _EQUALITY.match(text, k):
            marks.append(k)
    if len(marks) < 2 or not text[: marks[0]].strip():
        return [text]
    ends = [*marks[1:], len(text)]
    return [text[: marks[0] + 1].ljust(m + 1) + text[m + 1 : end].rstrip() for m, end in zip(marks, ends, strict=True)]
