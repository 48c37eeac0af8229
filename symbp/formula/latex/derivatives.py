r"""Derivatives in LaTeX: ``\frac{\partial J}{\partial W}``, ``\nabla_W J``, ``dJ/dW``, and those between elements.

Slopes of scalar functions are fractions, too: ``\frac{d\sigma}{dz}(z_1)``, ``\left.\frac{dg}{dz}\right|_{z = z_1}``.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from lark import Token, Tree

from symbp.errors import InputError
from symbp.formula.latex.functions import applied, known
from symbp.formula.latex.parse import at
from symbp.formula.latex.symbols import EXAMPLE_LETTERS, example_of, is_inversion, is_transposition, symbols
from symbp.formula.latex.trees import Reads, Scripts, is_group, links, meta_of, scripts_of, single, span_of, start, word
from symbp.formula.syntax import Binary, Call, Node, Partial, Span, Sym, Transpose, transposed


def differential(link: Any) -> bool:
    r"""Whether a link is \partial or d; InputError where it has scripts, as in a second derivative."""
    token = single(link)
    if token is None and isinstance(link, Tree) and link.data == "scripted" and len(link.children) > 1:
        inner = single(link.children[0])
        if inner is not None and word(inner) == r"\partial":
            raise InputError(
                "a derivative of a higher order", place=at(start(link)), allowed=r"\frac{\partial J}{\partial W}"
            )
    return token is not None and word(token) in (r"\partial", "d")


def is_loss(reader: Reads, link: Any) -> bool:
    """Whether a link is a letter of the loss, or that of an example, ``J_i``, which is noted; InputError where it has other
    scripts."""
    if not isinstance(link, Tree) or link.data != "scripted":
        return False
    token = single(link.children[0])
    if token is None or word(token) not in reader.notation.loss:
        return False
    given = scripts_of(link.children[1:])
    letter = single(given.subs[0]) if given.subs else None
    if (
        (given.sups and not example_of(given))
        or given.primes
        or (given.subs and (letter is None or letter.type != "LETTER"))
    ):
        raise InputError("the loss with scripts", place=at(start(link)), allowed=str(token))
    reader.losses.append(word(token))
    return True


def _of_example(reader: Reads, loss: Any, node: Node, argument: Any = None) -> Node:
    r"""A gradient with the letter of its loss, and that of the example whose loss it is, ``J^{(i)}``, ``J_i`` or
    ``L(\hat y^{(i)}, y^{(i)})``."""
    given = scripts_of(loss.children[1:])
    of = reader.cells(argument.children[0]) if argument is not None else []
    examples = {c.example if isinstance(c, Sym) else "" for c in of}
    below = single(given.subs[0]) if given.subs else None
    letter = example_of(given) or (str(below) if below is not None and str(below) in (*EXAMPLE_LETTERS, "x") else "")
    letter = letter or (examples.pop() if len(examples) == 1 else "")
    token = single(loss.children[0])
    inner: Any = node.arg if isinstance(node, Transpose) else node
    made = replace(inner, loss_of=letter, of_loss=word(token) if token is not None else "")
    return Transpose(made, span=node.span) if isinstance(node, Transpose) else made


def _function_of(reader: Reads, link: Any) -> bool:
    """Whether a link is what the loss is a function of, ``(W, b)``; InputError where it is a function of something else."""
    if not isinstance(link, Tree) or link.data != "scripted" or not is_group(link.children[0]):
        return False
    given = scripts_of(link.children[1:])
    if given.subs or given.primes or any(not is_transposition(s) for s in given.sups):
        return False
    return reader.plain_letters(link.children[0])


def _unit_at_input(reader: Reads, above: list[Any]) -> bool:
    """Whether links are an output as the notation writes it, ``f_k(x_i)``."""
    if len(above) != 2 or not all(isinstance(link, Tree) and link.data == "scripted" for link in above):
        return False
    token = single(above[0].children[0])
    patterns = reader.notation.patterns.get(word(token), ()) if token is not None else ()
    return any(p.tail for p in patterns) and is_group(above[1].children[0])


def _variation(link: Any) -> bool:
    r"""Whether a link is a \delta alone."""
    token = single(link)
    return token is not None and word(token) == r"\delta"


def fraction(reader: Reads, atom: Any, span: Span) -> Node:
    r"""A derivative of the loss, or a quotient."""
    above, below = atom.children[1], atom.children[2]
    tops, bottoms = links(above), links(below)
    if tops and bottoms and len(tops) == 2 and len(bottoms) == 2 and _variation(tops[0]) and _variation(bottoms[0]):
        if is_loss(reader, tops[1]):  # \delta J over \delta W
            return _of_example(reader, tops[1], gradient(reader, bottoms[1:], span))
    if tops and bottoms and differential(tops[0]) and differential(bottoms[0]):
        argument = None
        if len(tops) == 3 and is_loss(reader, tops[1]) and _function_of(reader, tops[2]):
            tops, argument = tops[:2], tops[2]
        several = len(tops) != 2 and not _unit_at_input(reader, tops[1:])
        if several and len(tops) > 2 and bottoms[1:] and isinstance(by := reader.chain(bottoms[1:]), Sym):
            return Partial(reader.chain(tops[1:]), by, span=span)
        if several or (len(links(bottoms[0]) or [0]) != 1):
            raise InputError("a derivative of what?", place=at(start(above)), allowed=r"\partial J")
        if not is_loss(reader, tops[1]):
            return partial(reader, tops[1:], bottoms[1:], span)
        return _of_example(reader, tops[1], gradient(reader, bottoms[1:], span), argument)
    return Binary("/", reader.inner(above), reader.inner(below), span=span)


def operator_of(link: Any) -> Any | None:
    r"""The fraction of a link that is ``\frac{\partial}{\partial W}``; None where it is something else."""
    atom = link.children[0] if isinstance(link, Tree) and len(link.children) == 1 else None
    if not isinstance(atom, Tree) or atom.data != "fraction":
        return None
    tops, bottoms = links(atom.children[1]), links(atom.children[2])
    if not tops or not bottoms or len(tops) != 1 or not (differential(tops[0]) and differential(bottoms[0])):
        return None
    return atom


def operator(reader: Reads, parts: list[Any], k: int) -> tuple[Node, int] | None:
    r"""``\frac{\partial}{\partial W} J(W)``, None where a fraction is no such operator."""
    atom = operator_of(parts[k])
    if atom is None:
        return None
    bottoms = links(atom.children[2]) or []
    if k + 1 >= len(parts) or not is_loss(reader, parts[k + 1]):
        return _of_formula(reader, parts, k, bottoms[1:])
    used = _used(reader, parts, k)
    node = gradient(reader, bottoms[1:], Span(start(parts[k]), span_of(parts[k + used - 1]).end))
    made = _of_example(reader, parts[k + 1], node, parts[k + 2] if used > 2 else None)
    return _with_argument(made, parts, k, used), used


def _of_formula(reader: Reads, parts: list[Any], k: int, below: list[Any]) -> tuple[Node, int]:
    r"""``\frac{d}{dz} \sigma(z)``: the derivative of the one factor that follows, to the end of the product."""
    if k + 1 >= len(parts) or isinstance(parts[k + 1], Token) or not below:
        raise InputError("a derivative of what?", place=at(start(parts[k])), allowed=r"\frac{\partial J}{\partial W}")
    by = reader.chain(below)
    if not isinstance(by, Sym):
        raise InputError("a derivative with respect to what?", place=at(start(below[0])), allowed="a letter")
    of, used = reader.factor(parts, k + 1, None)
    if of is None or k + 1 + used < len(parts):
        where = start(parts[min(k + 1 + used, len(parts) - 1)])
        of, used = _to_the_end(reader, parts[k + 1 :], by, where), len(parts) - k - 1
    span = Span(start(parts[k]), span_of(parts[k + used]).end)
    return Partial(reader.element_of(of), by, span=span), used + 1


def _to_the_end(reader: Reads, parts: list[Any], by: Sym, where: int) -> Node:
    """All the factors that follow an operator, where the variable, or a letter of the first factor, stands in the last one too,
    so that no factor is beside it.

    Raises
    ------
    InputError : where it does not
    """
    last = reader.chain(parts[-1:])
    first = {s.base for s in symbols(reader.chain(parts[:1]))}
    if not any(s.base in {by.base, *first} for s in symbols(last)):
        raise InputError("where does what is differentiated end?", place=at(where), allowed="( )")
    return reader.chain(parts)


def over_sum(reader: Reads, parts: list[Any], total: Node, span: Span) -> Node | None:
    r"""``\frac{\partial}{\partial w} \frac12 \sum_i ...``: the derivative of a sum and what stands before it; None where nothing
    is differentiated."""
    below = _variable(reader, parts[0]) if parts and not isinstance(parts[0], Token) else None
    if below is None:
        return None
    by = reader.chain(below)
    if not isinstance(by, Sym):
        raise InputError("a derivative with respect to what?", place=at(start(below[0])), allowed="a letter")
    of = total if len(parts) == 1 else reader.joined(reader.chain(parts[1:]), total, "juxt", span)
    return Partial(of, by, span=span)


def _variable(reader: Reads, link: Any) -> list[Any] | None:
    r"""By what an operator at the beginning of a term differentiates, ``\nabla_w`` or ``\frac{\partial}{\partial w}``."""
    atom = operator_of(link)
    if atom is not None:
        return (links(atom.children[2]) or [])[1:] or None
    token = single(link.children[0]) if isinstance(link, Tree) and link.data == "scripted" else None
    scripts = scripts_of(link.children[1:]) if token is not None and word(token) == r"\nabla" else Scripts()
    if len(scripts.subs) != 1 or scripts.sups or scripts.primes:
        return None
    return [Tree("scripted", [scripts.subs[0]], meta_of(scripts.subs[0]))]


def gradient(reader: Reads, parts: list[Any], span: Span) -> Node:
    """The derivative of the loss with respect to a letter."""
    node = reader.chain(parts) if parts else None
    turned = isinstance(node, Transpose)
    inside: Any = node.arg if isinstance(node, Transpose) else node
    inside = reader.element_of(inside) if inside is not None else None
    if not isinstance(inside, Sym) or inside.power is not None:
        raise InputError("a derivative with respect to what?", place=at(span.start), allowed="dJ/dW")
    found: Any = replace(inside, gradient=True, span=span)
    return Transpose(found, span=span) if turned else found


def partial(reader: Reads, above: list[Any], below: list[Any], span: Span) -> Node:
    """A derivative between two letters of the forward map."""
    of, by = reader.chain(above), reader.element_of(reader.chain(below)) if below else None
    if not isinstance(by, Sym):
        raise InputError("a derivative of what, with respect to what?", place=at(span.start), allowed="dJ/dW")
    return Partial(of, by, span=span)


def is_slashed(reader: Reads, parts: list[Any], k: int) -> bool:
    """Whether ``dJ/dW`` begins at a link."""
    if k + 4 >= len(parts) or isinstance(parts[k], Token) or not isinstance(parts[k + 2], Token):
        return False
    slash = parts[k + 2] == "/" and differential(parts[k]) and differential(parts[k + 3])
    return slash and is_loss(reader, parts[k + 1])


def slashed_derivative(reader: Reads, parts: list[Any], k: int, base: str) -> tuple[Node, int] | None:
    r"""``\partial J/\partial W``, ``dJ/dW`` and ``dW``."""
    if len(parts[k].children) > 1 and base == "d" and k + 1 < len(parts) and is_loss(reader, parts[k + 1]):
        raise InputError("a derivative of a higher order", place=at(start(parts[k])), allowed="dJ/dW")
    if is_slashed(reader, parts, k):
        node = gradient(reader, [parts[k + 4]], Span(start(parts[k]), span_of(parts[k + 4]).end))
        return _of_example(reader, parts[k + 1], node), 5
    if base == r"\partial" and len(parts[k].children) > 1:
        given = scripts_of(parts[k].children[1:])
        if len(given.subs) == 1 and not given.primes and k + 1 < len(parts) and is_loss(reader, parts[k + 1]):
            return nabla(reader, parts, k, given, Span(start(parts[k]), span_of(parts[k + 1]).end))
    if base == "d" and k + 1 < len(parts) and len(parts[k].children) == 1 and isinstance(parts[k + 1], Tree):
        following = parts[k + 1].children[0]
        token = single(following) if parts[k + 1].data == "scripted" else None
        if token is not None and known(reader, word(token)) and not _length_times(reader, parts, k):
            node = gradient(reader, [parts[k + 1]], Span(start(parts[k]), span_of(parts[k + 1]).end))
            inner: Any = node.arg if isinstance(node, Transpose) else node
            short = replace(inner, short=True)
            return (Transpose(short, span=node.span) if isinstance(node, Transpose) else short), 2
    return None


def _length_times(reader: Reads, parts: list[Any], k: int) -> bool:
    r"""Whether the length d stands before a power, as in ``d\sigma^{-1}``, which is no derivative."""
    powers = [s for s in parts[k + 1].children[1:] if s.data == "sup" and is_inversion(s.children[0])]
    return "d" in reader.known_words and bool(powers)


def nabla(reader: Reads, parts: list[Any], k: int, scripts: Scripts, span: Span) -> tuple[Node, int]:
    r"""``\nabla_W J``."""
    if not scripts.subs and k + 2 < len(parts) and is_loss(reader, parts[k + 1]):
        scripts = replace(scripts, subs=_only_argument(reader, parts[k + 2]))
    if len(scripts.subs) == 1 and not scripts.sups and k + 1 < len(parts) and not is_loss(reader, parts[k + 1]):
        return _of_formula(reader, parts, k, [Tree("scripted", [scripts.subs[0]], meta_of(scripts.subs[0]))])
    if len(scripts.subs) != 1 or k + 1 >= len(parts) or not is_loss(reader, parts[k + 1]):
        raise InputError("a gradient of what, with respect to what?", place=at(span.start), allowed=r"\nabla_W J")
    node: Any = gradient(reader, [Tree("scripted", [scripts.subs[0]], meta_of(scripts.subs[0]))], span)
    turned = any(is_transposition(s) for s in scripts.sups)
    if len(scripts.sups) > turned or scripts.primes:
        raise InputError("a derivative of a higher order", place=at(span.start), allowed=r"\nabla_W J")
    used = _used(reader, parts, k)
    node = _of_example(reader, parts[k + 1], node, parts[k + 2] if used > 2 else None)
    return _with_argument(Transpose(node, span=span) if turned else node, parts, k, used), used


def _only_argument(reader: Reads, link: Any) -> tuple[Any, ...]:
    r"""The one letter that a loss is a function of, by which ``\nabla J(w)`` is the gradient."""
    if not _function_of(reader, link):
        return ()
    cells = link.children[0].children[0].children
    inner = links(cells[0]) if len(cells) == 1 else None
    return (Tree("braces", [link.children[0].children[0]], link.meta),) if inner is not None else ()


def _used(reader: Reads, parts: list[Any], k: int) -> int:
    """How many links an operator, the loss and what it is a function of take."""
    return 3 if k + 2 < len(parts) and _function_of(reader, parts[k + 2]) else 2


def _with_argument(node: Node, parts: list[Any], k: int, used: int) -> Node:
    r"""A gradient that may be transposed behind the loss' argument: ``\nabla_W J(W)^T``."""
    if used < 3:
        return node
    turned = sum(is_transposition(s) for s in scripts_of(parts[k + 2].children[1:]).sups) % 2
    return transposed(node) if turned else node


def slope_of(reader: Reads, parts: list[Any], k: int) -> tuple[Node, int] | None:
    r"""The slope that begins at a link: ``\frac{d\sigma(z)}{dz}``, ``\frac{d\sigma}{dz}(z_1)``, ``\dot\sigma(z)``."""
    part = parts[k]
    atom, span = part.children[0], span_of(part)
    following = parts[k + 1] if k + 1 < len(parts) and isinstance(parts[k + 1], Tree) else None
    argument = (
        following
        if following is not None and following.data == "scripted" and is_group(following.children[0])
        else None
    )
    if atom.data == "accent":
        over = single(atom.children[1])
        if str(atom.children[0]) != r"\dot" or over is None or not _function(reader, over):
            return None
        if argument is None or scripts_of(part.children[1:]) != Scripts():
            raise InputError("the slope of a function, without its argument", place=at(start(atom)), allowed="g'(z)")
        return _applied(reader, over, argument, Span(span.start, span_of(argument).end)), 2
    found = _fraction(reader, atom)
    if found is None:
        return None
    letter, inside, below = found
    if len(part.children) > 1:
        raise InputError("a slope with scripts", place=at(start(part)), allowed="g'(z)")
    if inside is not None:
        node = _applied(reader, letter, inside, span)
        variable = reader.chain(below)
        if not isinstance(node, Call) or node.args != (variable,):
            raise InputError(
                "a slope with respect to another letter than the argument", place=at(start(atom)), allowed="g'(z)"
            )
        return node, 1
    if argument is not None:
        return _applied(reader, letter, argument, Span(span.start, span_of(argument).end)), 2
    variable = reader.chain(below)
    if not isinstance(variable, Sym):
        raise InputError("a slope at what?", place=at(start(atom)), allowed="g'(z)")
    return Call(_name(reader, letter), (variable,), 1, span=span), 1


def slope_at(reader: Reads, atom: Any, scripts: Scripts, span: Span) -> Node:
    r"""``\left.\frac{d\sigma}{dz}\right|_{z = z_1}``."""
    parts = atom.children[1].children
    found = _fraction(reader, parts[0].children[0]) if len(parts) == 1 and parts[0].data == "scripted" else None
    cells = scripts.subs[0].children[0] if scripts.subs and isinstance(scripts.subs[0], Tree) else None
    if found is not None and found[1] is not None and [*reader.cells(found[1].children[0])] != [reader.chain(found[2])]:
        raise InputError(
            "a slope with respect to another letter than the argument", place=at(start(atom)), allowed="g'(z)"
        )
    if found is None or scripts.sups or scripts.primes or not isinstance(cells, Tree):
        raise InputError("a value at a point is read of a function's slope", place=at(start(atom)), allowed="g'(z_1)")
    cell = cells.children[0]
    if len(cells.children) != 1 or len(cell.children) not in (1, 3):
        raise InputError("at which point?", place=at(start(cells)), allowed="z = z_1")
    if len(cell.children) == 3 and reader.sum(cell.children[0]) != reader.chain(found[2]):
        raise InputError("a point of another variable", place=at(start(cells)), allowed="z = z_1")
    return Call(_name(reader, found[0]), (reader.sum(cell.children[-1]),), 1, span=span)


def _function(reader: Reads, token: Any) -> bool:
    return word(token) in reader.notation.activations or word(token) in reader.notation.functions


def _fraction(reader: Reads, atom: Any) -> tuple[Any, Any, list[Any]] | None:
    """The function's letter, its argument where it has one, and what stands below, of a fraction that is a slope."""
    if not isinstance(atom, Tree) or atom.data != "fraction":
        return None
    tops, bottoms = links(atom.children[1]), links(atom.children[2])
    if not tops or not bottoms or not (differential(tops[0]) and differential(bottoms[0])) or len(tops) not in (2, 3):
        return None
    letter = single(tops[1])
    if letter is None or not _function(reader, letter) or len(bottoms) < 2:
        return None
    if len(tops) == 3 and not (
        tops[2].data == "scripted" and is_group(tops[2].children[0]) and len(tops[2].children) == 1
    ):
        return None
    return letter, tops[2] if len(tops) == 3 else None, bottoms[1:]


def _name(reader: Reads, token: Any) -> str:
    base = word(token)
    return "g" if base in reader.notation.activations else reader.notation.functions[base]


def _applied(reader: Reads, token: Any, following: Any, span: Span) -> Node:
    node = applied(reader, word(token), Scripts(), following, span)
    if not isinstance(node, Call) or node.primes:
        raise InputError("the slope of what?", place=at(span.start), allowed="g'(z)")
    return Call(node.name, node.args, 1, span=span)
