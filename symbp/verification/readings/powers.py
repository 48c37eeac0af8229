r"""What a power, a norm or a function of a vector or a matrix means, and what is said of it.

The reader leaves powers open, as ``Binary("^", ...)``, and the shapes decide: of a number, the number's; of a vector, each
element's; of a matrix, the matrix' own, or it is refused. ``A^{\circ 2}`` and ``\tanh^2 A`` say what they are.
"""

from __future__ import annotations

from dataclasses import replace

from symbp.errors import InputError
from symbp.formula.latex.parse import at
from symbp.formula.syntax import Binary, Call, Negate, Node, Number
from symbp.network.forward import BATCH
from symbp.verification.meaning.arrays import ShapeClash
from symbp.verification.meaning.lower import Lowering
from symbp.verification.meaning.setting import Shape

_MATRIX_FUNCTIONS = ("exp", "log", "ln", "sqrt")
"""Functions that a square matrix has as a matrix, too."""
NORMS = {"norm": "the norm of a matrix is Frobenius's", "norm2": "", "length": ""}
"""What is said of norms of matrices by how they are written; nothing of what is refused."""
_REFUSED = {
    "norm2": ("the spectral norm of a matrix", r"\|A\|_F"),
    "length": ("the square of a matrix as a number", r"\|A\|_F^2"),
}
OF_VECTORS = "powers of vectors are those of each element"
OF_EXAMPLES = "powers of a matrix with a vector for each example are those of each element"
OF_MATRICES = "powers of a matrix that is not square are those of each element"
_MOST = 6
_ONE = Number("1")


def power(
    node: Binary,
    base: Shape | None,
    exponent: Shape | None,
    notes: dict[str, None],
    examples: bool = False,
    each: bool = False,
) -> Node:
    """An open power of a base of a shape.

    A whole power of a square matrix is a product, and the power -1 its inverse. `examples` says that a matrix may have a vector
    for each example, which is no square one whatever its lengths; where the author multiplies `each` element elsewhere, a power
    of a matrix that is not square is that of each element, for it has no other.

    Raises
    ------
    InputError : a power of a matrix that is none of those
    """
    axes, where = [a for a in base or () if a is not None], at(node.span.start)
    if any(exponent or ()):
        raise InputError("a power with an exponent of several elements", place=where, allowed=r"a^{\circ x}")
    if len(axes) > 1:
        times = int(node.right.text) if isinstance(node.right, Number) and node.right.text.isdigit() else 0
        if len(axes) == 2 and axes[0] == axes[1] and 0 < times <= _MOST:
            product = node.left
            for _ in range(times - 1):
                product = Binary("@", product, node.left, span=node.span)
            return product
        minus_one = isinstance(node.right, Negate) and node.right.arg == _ONE
        if minus_one and len(axes) == 2 and not (examples and BATCH in axes):
            return Call("inv", (node.left,), span=node.span)
        if examples and BATCH in axes and times:
            notes[OF_EXAMPLES] = None
            return Binary("**", node.left, node.right, span=node.span)
        if each and len(axes) == 2 and axes[0] != axes[1] and times:
            notes[OF_MATRICES] = None
            return Binary("**", node.left, node.right, span=node.span)
        raise InputError(
            "a power of a matrix: that of each element is written with a sign, and no other is read",
            place=where,
            allowed=r"A^{\circ 2}, A \odot A",
        )
    if axes:
        notes[OF_VECTORS] = None
    return Binary("**", node.left, node.right, span=node.span)


def shape_of(low: Lowering, node: Node) -> Shape | None:
    """The shape of a formula; None where it has none."""
    try:
        return low.array(node).shape
    except (ShapeClash, InputError):
        return None


def normed(low: Lowering, node: Call, notes: dict[str, None]) -> Call:
    """The sum of squares that a norm is; of a matrix it is Frobenius's, which is said, or the spectral one, which is refused."""
    shape = shape_of(low, node.args[0]) or ()
    of_examples = BATCH in shape and low.setting.orient is None
    if len(shape) == 2 and None not in shape and not of_examples:
        if not NORMS[node.style]:
            message, allowed = _REFUSED[node.style]
            raise InputError(message, place=at(node.span.start), allowed=allowed)
        notes[NORMS[node.style]] = None
    return replace(node, style="call")


def of_each(low: Lowering, node: Binary | Call) -> list[str]:
    """What is said of a division by a vector or a matrix, of a function that a square matrix has as a matrix too, and of a vector
    that is added to a matrix."""
    if isinstance(node, Binary) and node.op in ("+", "-"):
        return _spread(shape_of(low, node.left) or (), shape_of(low, node.right) or ())
    inner = node.right if isinstance(node, Binary) and node.op == "/" else None
    if isinstance(node, Call) and node.name in _MATRIX_FUNCTIONS and len(node.args) == 1 and not node.primes:
        inner = node.args[0]
    shape = (shape_of(low, inner) or ()) if inner is not None else ()
    if isinstance(node, Call):
        square = len(shape) == 2 and shape[0] == shape[1] is not None
        return [f"{node.name} of a square matrix is that of each element"] if square else []
    return ["division by a vector or a matrix is that of each element"] if any(shape) else []


def _spread(a: Shape, b: Shape) -> list[str]:
    """What is said of a sum of a matrix and a vector, but for a column of biases beside a column for each example."""
    if len(a) != 2 or len(b) != 2 or (None in a and None in b):
        return []
    (rows, columns), (height, width) = (a, b) if None in b else (b, a)
    along = "column" if width is None and columns is not None else "row" if height is None and rows is not None else ""
    spread = columns if along == "column" else rows
    return (
        [f"a {along} is added to every {along} of a matrix"] if along and spread != BATCH and (width or height) else []
    )


def is_vector(shape: Shape) -> bool:
    """Whether a shape is that of a column or a row."""
    return len(shape) == 2 and sum(axis is not None for axis in shape) == 1
