"""One line of a problem's forward map as statements: lowered as claims are, then written as one equation where it stays small.

A line becomes several arrays on the way, one for each operation. Those that are cheap to put into one another are, so that
``P = softmax(S)`` is one statement, whose derivative is the one in the books; the others stay, under names that no user can give.
Of vectors a line says how they stand on a page: what it adds to the rows of a matrix may be a row, all others are columns.
"""

from __future__ import annotations

import string
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field, replace

from sympy import Expr, Integer, preorder_traversal

from symbp.calculus.functions import Apply
from symbp.calculus.indices import Axis, Index
from symbp.calculus.matrix_functions import MatrixFunction
from symbp.calculus.passes import inline
from symbp.calculus.primitives import CALLS
from symbp.calculus.program import Program, ScalarFunction, Statement, Tensor, free_indices
from symbp.calculus.reductions import Reduction, rewrite
from symbp.errors import InputError, Place, shown
from symbp.formula.grammar import place_of
from symbp.formula.syntax import Binary, Call, Claim, Compare, Gradient, Name, Negate, Node, Read, nodes
from symbp.formula.words import ELEMENTWISE
from symbp.verification.meaning.arrays import Array, ShapeClash
from symbp.verification.meaning.letters import letters_of
from symbp.verification.meaning.lower import Lowering
from symbp.verification.meaning.lower_index import IndexLowering
from symbp.verification.meaning.setting import Known, Setting, Shape
from symbp.verification.meaning.standing import Standing, lying, reads_vectors
from symbp.verification.problems.latex import read_equation

_SIGNS = ("+", "-", "*", "/", "**")
_SPELLED = ("exp", "log", "sqrt")
_DEARER, _LONGEST, _DEEPEST = (
    4,
    150,
    14,
)  # how much dearer, how long and how deep an equation may get by what is put into it


@dataclass(frozen=True)
class Forward:
    """A forward map with one line more: what the line defines, how that stands as an array, how vectors stand on a page after
    it, and which of them stand alike."""

    name: str
    program: Program
    known: Known
    stands: Standing = field(default_factory=Standing)
    alike: tuple[frozenset[str], ...] = ()


def declared(name: str, shape: Shape, into: Axis | None = None) -> Known:
    """An input as an array: its axes in the order in which they are declared; of whole numbers where it points into an axis."""
    axes = tuple(a for a in shape if a is not None)
    return _known(Tensor(name, axes, "input", integer=into is not None), shape)


def with_line(setting: Setting, claim: Claim) -> Forward:
    """The forward map of a setting with a line that has been read at its end.

    Raises
    ------
    InputError : with the place where it was written, where a name is unknown or assigned twice, or shapes do not fit
    """
    try:
        return _indexed(setting, claim) if isinstance(claim.left, Read) else _whole(setting, claim, None)
    except ShapeClash as clash:
        raise InputError(clash.why, place=Place(None, None, clash.span.start + 1)) from None


def extended(setting: Setting, text: str, stands: Standing, ahead: Set[str] = frozenset()) -> Forward:
    """The forward map of a setting with the line `text` at its end; vectors stand in LaTeX as they do in the lines before.
    Names that are read `ahead` are known and not yet defined.

    Raises
    ------
    InputError : with the column, where the line cannot be read, a name is unknown or assigned twice, or shapes do not fit
    """
    line = read_equation(setting, text, stands)
    claim = line.claim
    try:
        made = _indexed(setting, claim, ahead) if claim.indexed else _whole(setting, claim, line.page)
        groups = () if claim.indexed or line.page is not None else tuple(alike(setting, claim))
        return replace(made, stands=line.stands, alike=groups)
    except ShapeClash as clash:
        raise InputError(clash.why, place=Place(None, None, clash.span.start + 1)) from None


def _whole(setting: Setting, claim: Claim, page: Setting | None) -> Forward:
    name = _fresh(setting, claim)
    lowered = Lowering(page or setting, prefix=f"{name}_", page=page is not None).lower(claim.right)
    plain = page is not None and reads_vectors(setting, claim)
    array = lying(lowered.array) if plain else lowered.array
    return _made(setting, name, array, lowered.statements, {f.name: f for f in lowered.functions})


def _indexed(setting: Setting, claim: Claim, ahead: Set[str] = frozenset()) -> Forward:
    """``S[i,j] = ...``, or ``S = sum(x[i]*y[i], i)``."""
    name, letters = _fresh(setting, claim, ahead), letters_of(setting, claim.left, claim.right)
    lowering, indices = IndexLowering(setting, letters), tuple(letters.values())
    array = Array(tuple(i.axis for i in indices), indices, lowering.expr(claim.right))
    return _made(setting, name, array, (), lowering.functions)


def _fresh(setting: Setting, claim: Claim, ahead: Set[str] = frozenset()) -> str:
    """The name that a line defines."""
    left, allowed = claim.left, "name = ..., name[i,j] = ..."
    if isinstance(left, Read):
        left, allowed = left.of, "name[i,j] = ..."
    if not isinstance(left, Name):
        raise InputError("the left side is no name", place=place_of(claim.left), allowed=allowed)
    if left.name in setting.known and left.name not in ahead:
        raise InputError(f"{shown(left.name)} is assigned twice", place=place_of(left), allowed="each name once")
    return left.name


def _made(
    setting: Setting,
    name: str,
    array: Array,
    statements: tuple[Statement, ...],
    functions: Mapping[str, ScalarFunction],
) -> Forward:
    own = setting.program.function
    statements = tuple(replace(s, body=_spelled(s.body, own)) for s in statements)
    array = replace(array, body=_spelled(array.body, own))
    small, kept = _joined(statements)
    indices = _letters(array.axes, {*setting.known, *setting.functions})
    tensor = Tensor(name, tuple(i.axis for i in indices))
    body = inline(array.body, small).xreplace(dict(zip(array.indices, indices, strict=True)))
    program = setting.program.extended(*kept, Statement(tensor, indices, body))
    known = {f.name: f for f in (*program.functions, *functions.values())}
    return Forward(name, replace(program, functions=tuple(known.values())), _known(tensor, array.shape))


def _spelled(body: Expr, own: Mapping[str, ScalarFunction]) -> Expr:
    """A body with powers, exponentials and logarithms in the place of functions of these names, so that their laws apply;
    `own` are the problem's own functions."""

    def spell(node: Expr) -> Expr:
        plain = isinstance(node, Apply) and node.order == 0 and node.name in _SPELLED and node.name not in own
        return CALLS[node.name][0](node.arg) if plain else node

    return rewrite(body, spell) if body.has(Apply) else body


def _joined(statements: tuple[Statement, ...]) -> tuple[dict[str, Statement], list[Statement]]:
    """The arrays of a line that are put into what reads them, and those that stay because evaluating would cost much more."""
    small: dict[str, Statement] = {}
    kept: list[Statement] = []
    apart: dict[str, float] = {}  # what the arrays behind one cost where each is evaluated once
    for s in statements:
        used = [name for name in s.reads if name in small]
        joined = replace(s, body=inline(s.body, {name: small[name] for name in used}))
        apart[s.target.name] = _cost(s) + sum(apart[name] for name in used)
        if (
            _cost(joined) > _DEARER * apart[s.target.name]
            or _nodes(joined.body) > _LONGEST
            or _depth(joined.body) > _DEEPEST
        ):
            kept += [small.pop(name) for name in used]
            apart[s.target.name] = _cost(s)
            joined = s
        small[s.target.name] = joined
    return small, kept


def _known(tensor: Tensor, shape: Shape) -> Known:
    return Known(tensor, shape, tuple(k for k, a in enumerate(shape) if a is not None))


def _letters(axes: Iterable[Axis], taken: set[str]) -> tuple[Index, ...]:
    """A letter for each axis: the first of its name where that is free."""
    found: list[Index] = []
    for axis in axes:
        free = (c for c in (axis.name[0].lower(), *"ijklmpqrstuvw", *string.ascii_letters) if c not in taken)
        letter = next(free, f"i{len(found)}")
        taken = taken | {letter}
        found.append(Index(letter, axis))
    return tuple(found)


def _depth(body: Expr) -> int:
    return 1 + max((_depth(a) for a in body.args), default=0)


def _nodes(body: Expr) -> int:
    return 1 + sum(_nodes(a) for a in body.args)


def cost(program: Program, size: int = 5) -> float:
    """About how many steps it takes to evaluate a program where every axis has the length `size`."""
    return sum(_cost(s, size) for s in program)


def _cost(s: Statement, size: int = 5) -> float:
    whole = {f for f in s.body.atoms(MatrixFunction) if not free_indices(f.array) - {*s.indices}}
    once = sum(size ** len(free_indices(f.array)) * (size**3 + _steps(f.array, size)) for f in whole)
    body = s.body.xreplace({f: Integer(1) for f in whole})  # a matrix is inverted once, whichever elements are read
    return float(size ** len(s.indices) * _steps(body, size) + once)


def _steps(e: Expr, size: int) -> float:
    inner = 1.0 + sum(_steps(a, size) for a in e.args)
    return size * inner if isinstance(e, Reduction) else inner


def cost_of_parts(program: Program, size: int = 5) -> float:
    """The same where each part of an equation is evaluated once at every value of the indices in it, as verdicts do."""
    return float(sum(size ** len(free_indices(e)) for s in program for e in preorder_traversal(s.body)))


def alike(setting: Setting, claim: Claim) -> Iterator[frozenset[str]]:
    """Names of arrays with one axis that stand alike in a line of the forward map, because their elements are put together one
    by one; with the empty name among those that stand along the rows of a matrix."""
    low = Lowering(setting, prefix="stands")
    if isinstance(claim.left, Name) and len(_shape_of(low, claim.right)) == 1:
        yield frozenset((claim.left.name, *_along(low, claim.right)))
    for node in nodes(claim.right):
        operands = _operands(node)
        shapes = [_shape_of(low, operand) for operand in operands]
        vectors = frozenset(n for o, s in zip(operands, shapes, strict=True) if len(s) == 1 for n in _along(low, o))
        if len(operands) > 1 and vectors:
            yield vectors | {""} if any(len(s) > 1 for s in shapes) else vectors


def put_together(groups: list[frozenset[str]], new: Iterator[frozenset[str]]) -> list[frozenset[str]]:
    """Groups of names that stand alike, each name in one of them."""
    for group in new:
        same = [g for g in groups if g & group]
        groups = [g for g in groups if not g & group] + [frozenset().union(group, *same)]
    return groups


def _along(low: Lowering, node: Node) -> Iterator[str]:
    """The names of the arrays with one axis whose elements those of a formula are made of one by one."""
    if isinstance(node, (Name, Gradient)):
        if len(_shape_of(low, node)) == 1:
            yield node.name
        return
    for operand in _operands(node):
        yield from _along(low, operand)


def _operands(node: Node) -> tuple[Node, ...]:
    """What the elements of a node are made of one by one."""
    match node:
        case Binary() | Compare():
            return (node.left, node.right) if isinstance(node, Compare) or node.op in _SIGNS else ()
        case Negate():
            return (node.arg,)
        case Call() if node.name in ELEMENTWISE or (len(node.args) == 1 and node.axis is None and not node.text):
            return node.args
    return ()


def _shape_of(low: Lowering, node: Node) -> Shape:
    """The shape of a formula, empty where it has none."""
    try:
        return low.array(node).shape
    except (InputError, ShapeClash):
        return ()
