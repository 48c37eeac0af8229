r"""Functions in LaTeX with their arguments: ``g'(z)``, ``\tanh^2 a``, ``\operatorname{diag}(x)``, and indicators."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from lark import Token, Tree

from symbp.calculus.primitives import PRIMITIVES
from symbp.errors import InputError, shown
from symbp.formula.latex.lexing import RECIPROCALS
from symbp.formula.latex.own_names import is_stem, own_symbol
from symbp.formula.latex.parse import at
from symbp.formula.latex.symbols import (
    is_prime,
    is_transposition,
    layer_of,
    pieces,
    primes_of,
    subscripts,
    symbol,
    symbols,
)
from symbp.formula.latex.trees import Reads, Scripts, is_group, links, scripts_of, single, span_of, start, word
from symbp.formula.syntax import Binary, Call, Layer, Name, Node, Number, Span, Sym, Transpose

_WORDS = {"tr": "trace", "relu": "relu", "ReLU": "relu", "sgn": "sign", "id": "identity", "Softmax": "softmax",
          "Diag": "diag", "Tr": "trace", "sigm": "sigmoid", "logistic": "sigmoid", "LSE": "logsumexp", "one": "one"}  # fmt: skip
_BASES = {("log", "2"): "log2", ("log", "10"): "log10", ("log", "e"): "log"}
"""Logarithms by the base that stands below them."""
_MAYBE_VALUES = ("h", r"\phi", r"\varphi")  # activations of some, and what others call the hidden layer
_COMMANDS = {r"\arctg": "atan", r"\tg": "tan", r"\ln": "log", **{p.latex: p.name for p in PRIMITIVES if p.is_operator}}
_INVERSES = {p.inverse_of: p.name for p in PRIMITIVES if p.inverse_of}


def condition(reader: Reads, part: Any) -> Node | None:
    """The comparison in brackets, None where it is not one."""
    if not isinstance(part, Tree) or part.data != "scripted" or len(part.children) != 1:
        return None
    group = part.children[0]
    if not isinstance(group, Tree) or group.data not in ("group", "braces") or group.children[0] is None:
        return None
    cells = group.children[0].children
    if len(cells) == 1 and len(cells[0].children) == 3:
        return reader.cell(cells[0])
    inner = links(group) if group.data == "braces" else None
    return condition(reader, inner[0]) if inner is not None and len(inner) == 1 else None


def subscripted_condition(reader: Reads, scripts: Scripts, span: Span) -> Node:
    """The comparison that a subscript is, as in ``1_{z > 0}``."""
    sub = scripts.subs[0]
    found = condition(reader, Tree("scripted", [sub], sub.meta)) if isinstance(sub, Tree) else None
    if found is None:
        raise InputError("a number with a subscript", place=at(span.start), allowed=r"1_{z > 0}, \mathbf{1}[z > 0]")
    return found


def ones(reader: Reads, parts: list[Any], k: int, scripts: Scripts, span: Span) -> tuple[Node, int]:
    """An indicator, or ones as the shapes want them."""
    if scripts.subs and isinstance(scripts.subs[0], Tree):
        found = condition(reader, Tree("scripted", [scripts.subs[0]], scripts.subs[0].meta))
        if found is not None:
            return found, 1
    if k + 1 < len(parts) and (found := condition(reader, parts[k + 1])) is not None:
        return found, 2
    node: Node = Call("ones", (Name("?"),), span=span)
    if any(not is_transposition(s) for s in scripts.sups) or scripts.subs or scripts.primes:
        raise InputError("ones take no scripts", place=at(span.start))
    return (Transpose(node, span=span) if scripts.sups else node), 1


def named(
    reader: Reads, parts: list[Any], k: int, atom: Any, base: str, scripts: Scripts, span: Span
) -> tuple[Node, int]:
    """A letter: a function with its argument, or a value."""
    following = parts[k + 1] if k + 1 < len(parts) else None
    argument = isinstance(following, Tree) and following.data == "scripted" and is_group(following.children[0])
    function = base in reader.notation.activations or base in reader.notation.functions
    prediction = _prediction(reader, base, scripts, following, span)
    if prediction is not None:
        return prediction, 2
    upright = atom.type == "WORD" and not known(reader, base) and not (scripts.sups and _is_numbered(reader, base))
    pattern = reader.notation.patterns.get(base)
    if base == "I" and not known(reader, base) and not scripts.sups and not scripts.primes:
        if not scripts.subs and (found := condition(reader, following)) is not None:
            return found, 2
        if not argument:
            return Call("eye", (_size(reader, scripts),), span=span), 1
    value = base in _MAYBE_VALUES and not argument and not primes_of(scripts)
    if scripts.sups and not primes_of(scripts) and (scripts.subs or not argument):
        value = value or _is_numbered(reader, base)  # f and g are gates, too
    if upright or (function and not pattern and not value):
        if not argument or following is None:
            raise InputError(f"the function {base} has no argument", place=at(span.start), allowed=f"{base}(z)")
        return applied(reader, base, scripts, following, span), 2
    if pattern and any(p.tail for p in pattern) and argument and following is not None:
        return _at_input(reader, base, scripts, following, span), 2
    primes = primes_of(scripts)
    if primes and not (primes == 1 and reader.notation.transpose == "'"):
        raise InputError(f"{shown(base)} is not a function", place=at(span.start))
    if atom.type == "LETTER" and base not in reader.notation.loss and argument and not known(reader, base):
        raise InputError(f"is {base} a function?", place=at(span.start), allowed=", ".join(reader.notation.activations))
    sym, turned = own_symbol(reader, base, scripts, span)
    sym, turned = _with_layer_before(reader, sym), turned != bool(primes)
    if turned and len(sym.subs) == 2 and reader.notation.families.get(sym.base) == "W":  # W^T_{ik} is w_{ki}
        sym, turned = replace(sym, subs=sym.subs[::-1]), False
    of = has_argument(reader, base, following)
    if of and base in reader.notation.loss and not sym.example:
        sym = replace(sym, example=_example_of(reader.cells(following.children[0])))  # type: ignore[union-attr]
    node: Node = Transpose(sym, span=span) if turned else sym
    return node, 2 if of else 1


def _size(reader: Reads, scripts: Scripts) -> Node:
    r"""How large an identity matrix is: ``I_d``, ``I_{d \times d}``; open, where no length has that name."""
    below = scripts.subs[0] if scripts.subs else None
    tokens = [below] if isinstance(below, Token) else [*below.scan_values(_is_token)] if below is not None else []
    names = dict.fromkeys(word(t) for t in tokens if t.type != "CDOT")
    if len(names) > 1:
        raise InputError("an identity matrix with these scripts", place=at(start(scripts.subs[0])), allowed="I_n")
    name = next(iter(names), "?")
    return Name(name) if name in reader.known_words else Name("?")


def _is_token(part: Any) -> bool:
    return isinstance(part, Token)


def _example_of(cells: list[Node]) -> str:
    r"""The example whose loss it is, ``L(\hat y^{(i)}, y^{(i)})``; empty where not all that it is a function of is of one."""
    letters = {c.example if isinstance(c, Sym) else "" for c in cells}
    return letters.pop() if len(letters) == 1 else ""


def _at_input(reader: Reads, base: str, scripts: Scripts, following: Any, span: Span) -> Node:
    """An output that says at which input it is, ``f_k(x_i)``, as the notation writes it."""
    n = reader.notation
    inputs = {letter for letter, patterns in n.patterns.items() if any(p.tensor == "x" for p in patterns)}
    inside = reader.cells(following.children[0])
    allowed = f"{base}_k(x_{n.example}), {base}_k(X)"
    if any(not isinstance(c, Sym) or c.base not in inputs for c in inside):
        raise InputError(f"{base} is the output at an input", place=at(start(following)), allowed=allowed)
    if any(isinstance(c, Sym) and c.subs not in ((), (n.example,)) for c in inside):
        raise InputError("the output at another example", place=at(start(following)), allowed=allowed.split(",")[0])
    sym, turned = symbol(base, scripts, span)
    return Transpose(sym, span=span) if turned else sym


def _with_layer_before(reader: Reads, sym: Sym) -> Sym:
    r"""A letter with its layer before its indices, ``W_{1,ij}``: one number more than it has indices."""
    rank = {"W": 2}.get(reader.notation.families.get(sym.base, ""), 1)
    first, *rest = sym.subs or ("",)
    if sym.base not in reader.notation.families or sym.layer is not None or len(rest) != rank or not first.isdigit():
        return sym
    if not all(c.isalpha() for c in rest):
        return sym
    return replace(sym, layer=Layer("", int(first)), subs=tuple(rest), bare=True)


def _prediction(reader: Reads, base: str, scripts: Scripts, following: Any, span: Span) -> Node | None:
    r"""What ``h_\theta(x)`` is: the prediction, of which h is the hypothesis."""
    letters = [letter for letter, name in reader.notation.fixed.items() if name == "yhat"]
    if base != "h" or known(reader, base) or scripts.primes or scripts.sups or not letters:
        return None
    if not isinstance(following, Tree) or following.data != "scripted" or not is_group(following.children[0]):
        return None
    if not reader.plain_letters(following.children[0]):
        return None
    cells = reader.cells(following.children[0])
    parameters = scripts.subs and all(c in ("W", "w", "b", "theta", "Theta") for c in subscripts(scripts.subs[0]))
    if (
        len(cells) != 1
        or not isinstance(cells[0], Sym)
        or not _is_input(reader, cells[0].base)
        or not (parameters or (not scripts.subs and not cells[0].layer))
    ):
        return None
    whole = Span(span.start, span_of(following).end)
    inner = cells[0]
    sym, turned = symbol(letters[0], scripts_of(following.children[1:]), whole)
    own = replace(sym, subs=inner.subs or sym.subs, example=inner.example or sym.example)
    node: Any = replace(own, layer=inner.layer, below=inner.below, bare=inner.bare)
    return Transpose(node, span=whole) if turned else node


def has_argument(reader: Reads, base: str, following: Any) -> bool:
    """Whether what stands behind a letter says what it is a function of."""
    if not isinstance(following, Tree) or following.data != "scripted" or len(following.children) > 1:
        return False
    group = following.children[0]
    if not is_group(group):
        return False
    return (base in reader.notation.loss and reader.plain_letters(group)) or _of_input(reader, base, group)


def _of_input(reader: Reads, base: str, group: Any) -> bool:
    r"""Whether brackets behind a vector of the network say what it is a function of, ``\hat y(x)``; two vectors side by side
    are no product, and a single number x would be one."""
    n = reader.notation
    vector = n.families.get(base, n.fixed.get(base, "")) in ("z", "a", "delta", "e", "yhat", "y")
    if not vector or not reader.plain_letters(group):
        return False
    cells = reader.cells(group)
    inputs = [isinstance(c, Sym) and not c.subs and _is_input(reader, c.base) for c in cells]
    return all(inputs) and (len(cells) > 1 or reader.vectors)


def _is_input(reader: Reads, base: str) -> bool:
    n = reader.notation
    return n.fixed.get(base) == "x" or n.families.get(base) in ("W", "b") or base in (r"\theta", r"\Theta")


def known(reader: Reads, base: str) -> bool:
    """Whether a letter is a value."""
    n = reader.notation
    numbered = n.spelled and any(c.startswith(base) and c[len(base) :].isdigit() for c in n.fixed)  # W of W1 and W2
    known_letter = base in n.families or base in n.fixed or base in n.patterns or base in reader.known_words
    return numbered or known_letter or is_stem(reader, base)


def _is_numbered(reader: Reads, base: str) -> bool:
    """Whether values of layers are called so with the layer's number behind it, as the outputs of pooling are."""
    return any(w.startswith(base) and w[len(base) :].isdigit() for w in reader.known_words)


def _have_layer(args: list[Any]) -> bool:
    """Whether arguments say their layer."""
    return any(s.layer is not None or s.below is not None for a in args for s in symbols(a))


def _above(reader: Reads, base: str, scripts: Scripts, args: list[Any]) -> tuple[int, int | None, str]:
    """What stands above a function: the number of its primes, a power, and its layer."""
    layer = ""
    primes, power = primes_of(scripts), None
    for piece in (p for s in scripts.sups for p in pieces(s)):
        inside: list[Any] = piece.children if isinstance(piece, Tree) and piece.data == "scripted" else []
        if len(inside) > 1 and all(t.data == "prime" for t in inside[1:]):  # g^{[1]'}
            primes += sum(len(t.children[0]) for t in inside[1:])
            piece = inside[0]
        token = single(piece)
        found = layer_of(piece)
        if token is not None and word(token) == r"\prime":
            continue
        if found is not None and found.letter and {s.layer for a in args for s in symbols(a)} == {found}:
            continue  # the layer of its argument
        if found is None or found.letter or layer:
            raise InputError("a superscript that is neither a layer nor a prime", place=at(start(piece)))
        if isinstance(piece, Token) and base in reader.notation.activations and not _have_layer(args):
            message = "a layer, or a power?"
            raise InputError(message, place=at(start(piece)), allowed=rf"({base}(z))^{found.offset}")
        if isinstance(piece, Token) and base not in reader.notation.activations:
            power = found.offset
        else:
            layer = str(found.offset)
    return primes, power, layer


def _below(base: str, scripts: Scripts, layer: str) -> str:
    """The layer that a function's subscript says, which nothing above it may say too."""
    below = layer_of(scripts.subs[0])
    if layer or below is None or below.letter:
        where = at(start(scripts.subs[0]))
        raise InputError(f"{shown(base)} with a subscript that is no layer", place=where, allowed=f"{base}(z)")
    return str(below.offset)


def _of_unit(reader: Reads, base: str, scripts: Scripts, args: list[Any], own_subs: bool) -> list[Any]:
    """The arguments of a function of one unit: ``g_k(T)`` is ``g_k(T_k)``."""
    n = reader.notation
    if base in n.functions and len(args) == 1 and len(scripts.subs) == 1:
        open_patterns = [p for p in n.patterns.get(getattr(args[0], "base", ""), ()) if p.letters == "*"]
        if open_patterns and isinstance(args[0], Sym) and not args[0].subs:
            args = [replace(args[0], subs=subscripts(scripts.subs[0]))]
    own = subscripts(scripts.subs[0]) if own_subs and scripts.subs else ()
    if own and not any(set(own) <= set(s.subs) for a in args for s in symbols(a)):
        raise InputError(f"{base} of one unit at another", place=at(start(scripts.subs[0])), allowed="g_k(T_k)")
    return args


def applied(reader: Reads, base: str, scripts: Scripts, following: Any, span: Span) -> Node:
    """A function with scripts of its own at an argument with scripts: ``g'^{(1)}(z)_i``."""
    args: list[Any] = [*reader.cells(following.children[0])]
    primes, power, layer = _above(reader, base, scripts, args)
    own_subs = bool(reader.notation.patterns) and base in reader.notation.functions
    if scripts.subs and not own_subs:
        layer = _below(base, scripts, layer)
    args = _of_unit(reader, base, scripts, args, own_subs)
    name = _WORDS.get(base, base.lstrip("\\"))
    if base in reader.notation.activations or (layer and base in reader.notation.functions):
        name = f"g{layer}"
    elif base in reader.notation.functions:
        name = reader.notation.functions[base]
    after = scripts_of(following.children[1:])
    if after.subs:
        letters = subscripts(after.subs[0])
        args = [replace(a, subs=letters) if isinstance(a, Sym) and not a.subs else a for a in args]
        if not any(isinstance(a, Sym) and a.subs == letters for a in args):
            raise InputError("an element of a formula", place=at(start(following)), allowed="indices at the letters")
        after = replace(after, subs=())
    full = Span(span.start, span_of(following).end)
    node = _called(name, args, primes, full)
    if power is not None:
        node = Binary("**", node, Number(str(power)), span=full)
    return reader.scripted_node(node, after, start(following), full)


def _called(name: str, args: list[Any], primes: int, span: Span) -> Node:
    """A function at its arguments; one over another where mathematics has a name for that."""
    below = RECIPROCALS.get(name) if not primes else None
    made = Call(below or name, tuple(args), primes, span=span)
    return Binary("/", Number("1"), made, span=span) if below else made


def _is_minus_one(script: Any) -> bool:
    return isinstance(script, Tree) and [*script.scan_values(lambda t: isinstance(t, Token))] == ["-", "1"]


def _with_base(function: str, name: str, scripts: Scripts) -> str:
    """The logarithm to a base that a subscript says."""
    base = single(scripts.subs[0])
    found = _BASES.get((name, word(base) if base is not None else "")) if len(scripts.subs) == 1 else None
    if found is None:
        raise InputError(f"{function} takes no subscript here", place=at(start(scripts.subs[0])))
    return found


def call(reader: Reads, parts: list[Any], k: int) -> tuple[Node, int]:
    r"""``\tanh^2 a_1``, ``\ln \hat y``, ``\max(0, z)``, ``\sinh^{-1}(z)``, which is the inverse."""
    tree = parts[k]
    function, *trees, argument = tree.children
    scripts, span = scripts_of(trees), span_of(tree)
    name = _COMMANDS.get(str(function), function[1:])
    if scripts.subs:
        name, scripts = _with_base(str(function), name, scripts), replace(scripts, subs=())
    used, after = 1, Scripts()
    if is_group(argument.children[0]):
        args, after = reader.cells(argument.children[0]), scripts_of(argument.children[1:])
    else:
        one, taken = reader.factor([argument, *parts[k + 1 :]], 0, None)
        if one is None:
            raise InputError("nothing stands here", place=at(start(argument)))
        args, used = [one], taken
        rest = parts[k + used] if k + used < len(parts) else None
        if isinstance(rest, Tree):
            raise InputError(f"where does the argument of {function} end?", place=at(start(rest)), allowed="( )")
    if name in _INVERSES and any(_is_minus_one(s) for s in scripts.sups):
        name, scripts = _INVERSES[name], replace(scripts, sups=tuple(s for s in scripts.sups if not _is_minus_one(s)))
    power = [single(p) for s in scripts.sups for p in pieces(s) if not is_prime(p)]
    node = _called(name, args, primes_of(scripts), span)
    if power:
        if len(power) > 1 or power[0] is None or not power[0].isdigit():
            raise InputError("a superscript that is no power", place=at(start(tree)))
        node = Binary("**", node, Number(str(power[0])), span=span)
    return reader.scripted_node(node, after, start(argument), span), used
