"""The derived equation that a claim's left side has, written in the language of the claim."""

from __future__ import annotations

from symbp.calculus.indices import Index
from symbp.calculus.matrix import orientation, read_matrix
from symbp.calculus.matrix_text import matrix_text
from symbp.calculus.program import Statement
from symbp.calculus.text import expression_text, statement_text
from symbp.errors import InputError
from symbp.verify.arrays import ShapeClash
from symbp.verify.compare import Bench
from symbp.verify.grammar import read_claim
from symbp.verify.printing import node_text
from symbp.verify.setting import Setting
from symbp.verify.syntax import Claim, Gradient, Name, Node, Read


def expected(setting: Setting, claim: Claim) -> str | None:
    """The derived equation as text, None where the left side is not one tensor."""
    tensor = _tensor(setting, claim.left)
    s = setting.program.definitions.get(tensor) if tensor else None
    if s is None:
        return None
    taken = set(setting.known)
    if isinstance(claim.left, Read):
        indices = tuple(Index(c, a) for c, a in zip(claim.left.letters, s.target.axes, strict=False))
        if len(set(indices)) == len(s.indices) == len(claim.left.letters):
            return f"{node_text(claim.left)} = {expression_text(s.at(indices), taken | {i.name for i in indices})}"
        return statement_text(s, taken)
    return _matrix(setting, claim, s) or statement_text(s, taken)


def _matrix(setting: Setting, claim: Claim, s: Statement) -> str | None:
    """The equation of whole arrays, where there is one whose shapes fit as they are displayed here."""
    found = read_matrix(s, setting.orient or orientation(setting.layout), setting.layout, setting.program)
    if found is None:
        return None
    text = f"{node_text(claim.left)} = {matrix_text(found)}"
    try:
        Bench.of(setting).compare(read_claim(text))
    except (InputError, ShapeClash):
        return None
    return text


def _tensor(setting: Setting, left: Node) -> str | None:
    node = left.of if isinstance(left, Read) else left
    if not isinstance(node, (Name, Gradient)):
        return None
    known = setting.resolve(node.name, isinstance(node, Gradient))
    return known.tensor.name if known else None
