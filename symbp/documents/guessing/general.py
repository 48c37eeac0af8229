r"""Pages about all layers at once, ``z^l = W^l a^{l-1} + b^l`` with ``a^l = \sigma(z^l)``: any network of such layers will do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from symbp.documents.equations import Equation
from symbp.documents.guessing.layers import LOSSES
from symbp.documents.left_alone import LeftAlone
from symbp.errors import InputError
from symbp.formula.latex.equation import chain_of
from symbp.formula.latex.reader import Reader
from symbp.formula.latex.symbols import symbols
from symbp.formula.syntax import Binary, Call, Node, Partial, Sym, nodes
from symbp.formula.tex.spelling import spelled
from symbp.formula.tex.traced import Traced
from symbp.network import Network
from symbp.notation import DEFAULT, Notation, notation_named
from symbp.verification.judge import Judge
from symbp.verification.readings.claims import is_adjoint
from symbp.verification.verdict import Verdict

_SIZES = "5-4:{f}-3:{f}-2:{last}"
_KNOWN = ("sigmoid", "tanh", "relu")
_LAST = {"cross_entropy": "softmax"}


@dataclass(frozen=True)
class General:
    """A network of the layers that a page describes; `certain` says that the page says its loss, too."""

    by: Judge
    about: str
    certain: bool

    @property
    def first(self) -> Judge:
        """The judge."""
        return self.by

    @property
    def said(self) -> str:
        """What is taken for an example of the network."""
        return f"layers as the page has them, {self.about}" + ("" if self.certain else ", whatever the loss")

    def judge(self, at: int, equation: Equation) -> Judge:
        """The judge."""
        return self.by

    def defining(self, at: int) -> int | None:
        """None."""
        return None

    def unknown(self, at: int, equation: Equation) -> str:
        """Nothing."""
        return ""

    def text(self, at: int, equation: Equation) -> Equation:
        """The equation as it is."""
        return equation

    def back(self, verdict: Verdict) -> Verdict | LeftAlone:
        """The verdict; of a page that does not say its loss, one that depends on that is none."""
        if self.certain or verdict.verdict != "wrong" or self._of_any_loss(verdict.claim):
            return verdict
        return LeftAlone(verdict.line, verdict.claim, "it depends on the loss, which the page does not say")

    def _of_any_loss(self, claim: str) -> bool:
        """Whether the right side of a claim has derivatives of the loss, and neither the target nor the prediction."""
        right = _side(claim, Reader(self.by.notation, frozenset()), -1)
        if right is None:
            return False
        notation = self.by.notation
        syms = [*symbols(right)]
        derived = any(is_adjoint(notation, s) for s in syms) or any(isinstance(n, Partial) for n in nodes(right))
        return derived and not any(notation.fixed.get(s.base) in ("y", "yhat") for s in syms)


def general_network(equations: Sequence[Equation]) -> General | None:
    """A network like those that a page describes for all layers; None where it describes none."""
    notation = notation_named(DEFAULT)
    reader = Reader(notation, frozenset())
    affine, applied = _layers(equations, reader)
    if affine is None or applied is None:
        return None
    families = {**notation.families, **{letter: role for role, letter in affine.items()}, applied[1]: "a"}
    taken = {letter for letter, role in families.items() if role in ("z", "a", "W", "b")}
    mine = replace(
        notation,
        families=families,
        activations=tuple(c for c in (*notation.activations, r"\sigma") if c not in taken),
        functions={c: n for c, n in notation.functions.items() if c != r"\sigma"},
    )
    texts = [e.text for e in equations if not e.code]
    for kind in (applied[0],) if applied[0] in _KNOWN else ("sigmoid",):
        for loss in LOSSES:
            judge = _judge(kind, loss, mine)
            if judge is not None and any(_is_loss(judge, text) for text in texts):
                return General(judge, f"{kind}, {loss.replace('_', ' ')}", True)
    judge = _judge(applied[0] if applied[0] in _KNOWN else "sigmoid", "sse", mine)
    return None if judge is None else General(judge, applied[0], False)


def _judge(kind: str, loss: str, notation: Notation) -> Judge | None:
    try:
        net = Network.parse(_SIZES.format(f=kind, last=_LAST.get(loss, kind)), loss=loss)
    except InputError:
        return None
    return Judge(net, notation.layout, None, notation)


def _is_loss(judge: Judge, text: str) -> bool:
    """Whether a line says what the loss is, and is right."""
    left = _side(text, Reader(judge.notation, frozenset()), 0)
    loss = isinstance(left, Sym) and left.base in judge.notation.loss and not left.gradient
    return loss and judge.judge(text, latex=True).verdict == "correct"


def _layers(equations: Sequence[Equation], reader: Reader) -> tuple[dict[str, str] | None, tuple[str, str] | None]:
    """The letters of the weights, biases and pre-activations of a formula for all layers, and the function that is applied with
    the letter of its values."""
    affine: dict[str, str] | None = None
    applied: tuple[str, str] | None = None
    for left, right in _sides(equations, reader):
        if not isinstance(left, Sym) or left.layer is None or not left.layer.letter:
            continue
        if isinstance(right, Call) and len(right.args) == 1 and not right.primes and isinstance(right.args[0], Sym):
            inner = right.args[0]
            if inner.layer == left.layer and applied is None:
                applied = right.name, left.base
        elif isinstance(right, Binary) and right.op == "+" and affine is None:
            syms = {s.base: s for s in symbols(right) if s.layer is not None}
            below = [s for s in syms.values() if s.layer is not None and s.layer.offset == left.layer.offset - 1]
            bias = right.right
            same = [s for s in syms.values() if s.layer == left.layer and s != bias]
            if len(below) == 1 and isinstance(bias, Sym) and len(same) == 1:
                affine = {"W": same[0].base, "b": bias.base, "z": left.base}
    return affine, applied


def _sides(equations: Sequence[Equation], reader: Reader) -> Iterator[tuple[Node, Node]]:
    for equation in equations:
        if not equation.code:
            left, right = _side(equation.text, reader, 0), _side(equation.text, reader, 1)
            if left is not None and right is not None:
                yield left, right


def _side(text: str, reader: Reader, k: int) -> Node | None:
    """One side of a chain of equalities; None where it cannot be read."""
    try:
        return reader.sum(chain_of(spelled(Traced.standing(text, 0)).text).sides[k])
    except (InputError, IndexError):
        return None
