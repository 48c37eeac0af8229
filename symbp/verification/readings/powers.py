r"""What a power means: of a number, the number's; of a vector, each element's; of a matrix, the matrix' own, or it is refused.

The reader leaves powers open, as ``Binary("^", ...)``; the shapes decide. ``A^{\circ 2}`` and ``\tanh^2 A`` say what they are.
"""

from __future__ import annotations

from dataclasses import replace

from symbp.errors import InputError
from symbp.formula.latex.parse import at
from symbp.formula.syntax import Binary, Call, Negate, Node, Number
from symbp.network.forward import BATCH
from symbp.verification.meaning.setting import Shape

OF_VECTORS = "powers of vectors are those of each element"
OF_EXAMPLES = "powers of a matrix with a vector for each example are those of each element"
_MOST = 6
_ONE = Number("1")


def decided(
    node: Binary, base: Shape | None, exponent: Shape | None, notes: dict[str, None], examples: bool = False
) -> Node:
    """An open power of a base of a shape; a whole power of a square matrix is a product, and `examples` says that a matrix may
    have a vector for each example, which is no square one whatever its lengths. The power -1 of a matrix
    that is not square is an inverse, which it has not.

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
        minus_one = isinstance(node.right, Negate) and node.right.arg == replace(_ONE, span=node.right.arg.span)
        if minus_one and len(axes) == 2 and axes[0] != axes[1] and BATCH not in axes:
            return Call("inv", (node.left,), span=node.span)
        if examples and BATCH in axes and times:
            notes[OF_EXAMPLES] = None
            return Binary("**", node.left, node.right, span=node.span)
        raise InputError(
            "a power of a matrix: that of each element is written with a sign, and no other is read",
            place=where,
            allowed=r"A^{\circ 2}, A \odot A",
        )
    if axes:
        notes[OF_VECTORS] = None
    return Binary("**", node.left, node.right, span=node.span)
