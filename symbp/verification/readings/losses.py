r"""Which loss derivatives are those of: each example's own, whose mean over the examples is the loss; the log-likelihood,
``\ell(\theta)``, which is minus the loss; or the loss written
out, ``\frac{\partial}{\partial z_i} \frac{1}{2} \|y - \hat y\|^2``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import astuple
from typing import Any

from lark import Token, Tree

from symbp.formula.latex.derivatives import operator_of
from symbp.formula.latex.equation import Chain, Equation
from symbp.formula.latex.symbols import example_of, substituted, symbols
from symbp.formula.latex.trees import cells, is_group, links, meta_of, scripts_of, span_of, start, whole
from symbp.formula.syntax import Binary, Call, Negate, Node, Sym, Transpose, children, terms_of, with_children
from symbp.formula.words import OWN
from symbp.notation import Notation
from symbp.verification.readings.examples import OverExamples
from symbp.verification.readings.indices import of_each
from symbp.verification.readings.updates import Meant


def with_own(notation: Notation, over: OverExamples) -> tuple[Node, Node]:
    """Both sides where derivatives of single examples are those of each example's own loss."""
    left = over.left if isinstance(over.left, Sym) else owned(notation, over.left)
    return left, as_own(notation, over) if isinstance(over.left, Sym) else owned(notation, over.right)


def is_adjoint_of_each(notation: Notation, sym: Sym) -> bool:
    """Whether a letter is the derivative by what every example has, and does not say of which loss."""
    plain = not sym.gradient and notation.families.get(sym.base) in ("delta", "e")
    one = notation.own and sym.of_loss in (r"\calL", "L")  # the loss of one example, where J is the cost
    return of_each(notation, sym) and (sym.short or plain or one)


def owned(notation: Notation, node: Node) -> Node:
    """The formula with derivatives of single examples as those of each example's own loss."""
    if isinstance(node, Call) and node.name == OWN:
        return node
    if isinstance(node, Sym):
        return Call(OWN, (node,), span=node.span) if is_adjoint_of_each(notation, node) else node
    return with_children(node, tuple(owned(notation, c) for c in children(node)))


def as_own(notation: Notation, over: OverExamples) -> Node:
    """The right side where derivatives of single examples are those of each example's own loss, and not of the mean."""

    def adjoint(sym: Sym) -> bool:
        return is_adjoint_of_each(notation, sym)

    left = over.left
    each = over.each and isinstance(left, Sym) and adjoint(left) and not _over_n(over.right)
    if each and all(_once(term, adjoint) for _, term in terms_of(over.right)):
        return over.right  # both sides are as many times larger
    right = owned(notation, over.right)
    return Binary("/", right, Sym("N"), span=right.span) if each else right


def _once(node: Node, adjoint: Callable[[Sym], bool]) -> bool:
    """Whether a term is proportional to a derivative."""
    match node:
        case Sym():
            return adjoint(node)
        case Negate() | Transpose():
            return _once(node.arg, adjoint)
        case Binary(op="*" | "juxt" | "cdot"):
            sides = [any(adjoint(s) for s in symbols(side)) for side in (node.left, node.right)]
            return sides.count(True) == 1 and _once(node.left if sides[0] else node.right, adjoint)
        case Binary(op="+" | "-"):
            return _once(node.left, adjoint) and _once(node.right, adjoint)
        case Binary(op="/"):
            return _once(node.left, adjoint) and not any(adjoint(s) for s in symbols(node.right))
        case Call(name="sum"):
            return _once(node.args[0], adjoint)
    return False


def _over_n(node: Node) -> bool:
    """Whether a right side is that of a derivative of an example's own loss already."""
    return isinstance(node, Binary) and node.op == "/" and isinstance(node.right, Sym) and node.right == Sym("N")


LETTERS = (r"\ell",)
"""Letters of the log-likelihood, where a page says so."""


def of_likelihood(likelihood: tuple[str, bool] | None, said: Meant) -> tuple[Node, Node]:
    """The sides of an equation in which derivatives are those of the log-likelihood, as an equation for the loss."""
    if likelihood is None:
        return said.left, said.right
    letter, summed = likelihood
    left, right = said.left, _turned(said.right, letter, summed)
    if not isinstance(left, Sym):
        return _turned(left, letter, summed), right
    if said.step is None and _is_of(left, letter):
        right = Negate(Binary("/", right, Sym("N"), span=right.span) if summed else right, span=right.span)
    return left, right


def _is_of(sym: Sym, letter: str) -> bool:
    """Whether a letter is the log-likelihood or a derivative of it."""
    return sym.of_loss == letter if sym.gradient else sym.base == letter


def _turned(node: Node, letter: str, summed: bool) -> Node:
    """A formula with minus each derivative of the log-likelihood, times the number of examples where that is summed over them."""

    def minus(sym: Sym) -> Node:
        whole = Binary("juxt", Sym("N"), sym, span=sym.span) if summed else sym
        return Negate(whole, span=sym.span) if _is_of(sym, letter) else sym

    return substituted(node, minus)


def of_loss(chain: Chain, letter: str, is_loss: Callable[[Equation], bool]) -> Chain:
    """The chain with derivatives of the loss written out as those of its letter, where `is_loss` finds what is written to be the
    loss, or that of one example; as it is where there are none."""
    for k in reversed(range(len(chain.sides))):
        operator, formula = _behind_operator(chain.sides[k])
        if operator is None or formula is None or _is_letter(formula):
            continue
        scripts = (scripts_of(t.children[1:]) for t in formula.find_data("scripted"))
        example = next((c for s in scripts if (c := example_of(s))), "")
        for link, words in _letters(letter, example):
            if is_loss(Equation(chain.text, whole(link), Token("EQUAL", "="), formula)):
                chain = chain.with_side(k, *_derivative(chain.text, operator, link, words))
                break
    return chain


def _behind_operator(side: Any) -> tuple[Any, Any]:
    r"""The ``\frac{\partial}{\partial z}`` that a side begins with, and the formula behind it; None where there is none."""
    sign, product, *terms = side.children
    first, *factors = product.children
    chain = first if first.data == "chain" else first.children[0]
    if sign is not None or chain is None or (operator := operator_of(chain.children[0])) is None:
        return None, None
    rest = Tree("chain", chain.children[1:], chain.meta) if len(chain.children) > 1 else None
    begun = rest if first.data == "chain" else Tree("opened", [rest, *first.children[1:]], first.meta)
    if begun is None:
        return operator, Tree("sum", terms, side.meta) if terms and not factors else None
    return operator, Tree("sum", [None, Tree("product", [begun, *factors], product.meta), *terms], side.meta)


def _is_letter(formula: Any) -> bool:
    """Whether a formula is the letter of a loss, with what it is a function of."""
    parts = links(formula) or [formula]
    if not all(isinstance(p, Tree) and p.data == "scripted" for p in parts):
        return False
    first, *behind = (p.children[0] for p in parts)
    return (isinstance(first, Token) or first.data == "accent") and all(is_group(p) for p in behind)


def _letters(letter: str, example: str) -> Iterator[tuple[Any, str]]:
    """The letter of the loss as a link, and in words; then that of the loss of one example, if a formula has a letter for it."""
    base = Token("COMMAND" if letter.startswith("\\") else "LETTER", letter)
    yield Tree("scripted", [base]), letter
    if example:
        of = Tree("scripted", [Token("LETTER", example)])
        above = Tree("braces", [cells(Tree("scripted", [Tree("group", [cells(of)])]))])
        yield Tree("scripted", [base, Tree("sup", [above])]), f"{letter}^{{({example})}}"


def _derivative(text: str, operator: Any, loss: Any, letter: str) -> tuple[Any, str]:
    """The derivative of the loss by its letter that stands in the place of a formula's, and in words."""
    frac, above, below = operator.children
    (d,) = links(above)  # type: ignore[misc]
    over, under = (text[slice(*astuple(span_of(part)))] for part in (above, below))
    words = rf"\frac{{{over[1:-1].strip()} {letter}}}{under}"
    meta = meta_of(Token("FRAC", words, start_pos=start(operator), end_pos=start(operator) + len(words)))
    made = Tree("fraction", [frac, Tree("braces", [cells(d, loss)]), below], meta)
    return whole(Tree("scripted", [made], meta)), words
