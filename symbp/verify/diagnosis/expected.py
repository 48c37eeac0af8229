"""The derived equation that a claim's left side has, written in the language of the claim."""

from __future__ import annotations

from symbp.calculus.indices import Index
from symbp.calculus.matrix import orientation, read_matrix
from symbp.calculus.matrix_text import matrix_text
from symbp.calculus.program import Statement
from symbp.calculus.text import expression_text, statement_text
from symbp.errors import InputError
from symbp.verify.diagnosis.broadcasting import as_arrays
from symbp.verify.language.grammar import read_claim
from symbp.verify.language.printing import node_text
from symbp.verify.language.syntax import Claim, Gradient, Name, Node, Read
from symbp.verify.meaning.arrays import ShapeClash
from symbp.verify.meaning.setting import Setting
from symbp.verify.proof.compare import Bench


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
    text = statement_text(s, taken)
    matrix, broadcast = _matrix(setting, claim, s), _broadcast(setting, claim, text)
    if matrix is None or broadcast is None:
        return matrix or broadcast or text
    own = setting.orient is not None  # a problem's arrays, which need no diag and no vector of ones
    return broadcast if own and len(broadcast) < len(matrix) else matrix


def _broadcast(setting: Setting, claim: Claim, text: str) -> str | None:
    """The equation of whole arrays that NumPy broadcasts, where there is one."""
    try:
        elements = read_claim(text)
        right = as_arrays(setting, elements.left, elements.right) if isinstance(elements.left, Read) else elements.right
    except InputError:
        return None
    return None if right is None else _fitting(setting, f"{node_text(claim.left)} = {node_text(right)}")


def _matrix(setting: Setting, claim: Claim, s: Statement) -> str | None:
    """The equation of whole arrays, where there is one whose shapes fit as they are displayed here."""
    found = read_matrix(s, setting.orient or orientation(setting.layout), setting.layout, setting.program)
    if found is None:
        return None
    return _fitting(setting, f"{node_text(claim.left)} = {matrix_text(found)}")


def _fitting(setting: Setting, text: str) -> str | None:
    """An equation of whole arrays whose shapes fit, None where they do not."""
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
