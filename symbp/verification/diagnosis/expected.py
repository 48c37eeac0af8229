"""The derived equation that a claim's left side has, written in the language of the claim."""

from __future__ import annotations

from dataclasses import replace

from symbp.calculus.indices import Index
from symbp.calculus.matrix.nodes import matrix_text
from symbp.calculus.matrix.read import orientation, read_matrix
from symbp.calculus.program import Statement
from symbp.calculus.text import expression_text, statement_text
from symbp.errors import InputError
from symbp.formula.grammar import read_claim
from symbp.formula.printing import claim_text, node_text
from symbp.formula.syntax import Claim, Gradient, Name, Node, Read, children, with_children
from symbp.verification.diagnosis.broadcasting import as_arrays
from symbp.verification.meaning.arrays import ShapeClash
from symbp.verification.meaning.setting import Setting
from symbp.verification.proof.compare import Bench


def expected(setting: Setting, claim: Claim) -> str | None:
    """The derived equation in the language of the claim, None where the left side is not one tensor."""
    text, there = _derived(setting, claim)
    if text is None or (claim.written is None and not there):
        return text
    try:
        derived = _numbered(read_claim(text), there)
    except InputError:
        return text
    if claim.written is None:
        return claim_text(derived)
    return claim.written.claim_text(derived) or claim_text(derived)


def _derived(setting: Setting, claim: Claim) -> tuple[str | None, dict[str, str]]:
    """The derived equation as text, and the letters in it that stand for numbers of elements."""
    key = claim.left, claim.written is not None  # on a page, a row and a column do not make a matrix
    if key not in setting.written:
        setting.written[key] = _made(setting, claim)
    found: tuple[str | None, dict[str, str]] = setting.written[key]
    return found


def _made(setting: Setting, claim: Claim) -> tuple[str | None, dict[str, str]]:
    tensor = _tensor(setting, claim.left)
    s = setting.program.definitions.get(tensor) if tensor else None
    if s is None:
        return None, {}
    taken = set(setting.known)
    if isinstance(claim.left, Read):
        free = iter([c for c in "pqrstuv" if c not in claim.left.letters])
        letters = [next(free) if c.isdigit() else c for c in claim.left.letters]
        indices = tuple(Index(c, a) for c, a in zip(letters, s.target.axes, strict=False))
        if len(set(indices)) == len(s.indices) == len(letters):
            left = replace(claim.left, letters=tuple(letters))
            numbers = {new: old for new, old in zip(letters, claim.left.letters, strict=True) if old.isdigit()}
            return f"{node_text(left)} = {expression_text(s.at(indices), taken | {i.name for i in indices})}", numbers
        return statement_text(s, taken), {}
    text = statement_text(s, taken)
    matrix, broadcast = _matrix(setting, claim, s), _broadcast(setting, claim, text)
    if matrix is None or broadcast is None:
        return matrix or broadcast or text, {}
    own = setting.orient is not None  # a problem's arrays, which need no diag and no vector of ones
    return (broadcast if own and len(broadcast) < len(matrix) else matrix), {}


def _numbered(claim: Claim, numbers: dict[str, str]) -> Claim:
    """The claim with numbers for some of its letters."""

    def put(node: Node) -> Node:
        if isinstance(node, Read):
            return replace(node, letters=tuple(numbers.get(c, c) for c in node.letters))
        return with_children(node, tuple(put(c) for c in children(node)))

    return replace(claim, left=put(claim.left), right=put(claim.right)) if numbers else claim


def derived_right(setting: Setting, claim: Claim) -> Node | None:
    """The right side of the derived equation as a formula; None where it cannot be read."""
    text, numbers = _derived(setting, claim)
    try:
        return None if text is None else _numbered(read_claim(text), numbers).right
    except InputError:
        return None


def _broadcast(setting: Setting, claim: Claim, text: str) -> str | None:
    """The equation of whole arrays that NumPy broadcasts, where there is one."""
    try:
        elements = read_claim(text)
        right = as_arrays(setting, elements.left, elements.right) if isinstance(elements.left, Read) else elements.right
    except InputError:
        return None
    return None if right is None else _fitting(setting, claim, node_text(right))


def _matrix(setting: Setting, claim: Claim, s: Statement) -> str | None:
    """The equation of whole arrays, where there is one whose shapes fit as they are displayed here."""
    found = read_matrix(s, setting.orient or orientation(setting.layout), setting.layout, setting.program)
    if found is None:
        return None
    return _fitting(setting, claim, matrix_text(found))


def _fitting(setting: Setting, claim: Claim, right: str) -> str | None:
    """The equation of a claim's left side with whole arrays whose shapes fit in its language, None where they do not."""
    text = f"{node_text(claim.left)} = {right}"
    try:
        Bench.of(setting, page=claim.written is not None).compare(read_claim(text))
    except (InputError, ShapeClash):
        return None
    return text


def _tensor(setting: Setting, left: Node) -> str | None:
    node = left.of if isinstance(left, Read) else left
    if not isinstance(node, (Name, Gradient)):
        return None
    known = setting.resolve(node.name, isinstance(node, Gradient))
    return known.tensor.name if known else None
