r"""The table of functions of a whole matrix: what each is called and is worth. To add one is to add its row.

The one line of its derivative is that of its class (:mod:`symbp.calculus.matrix_functions`), as a scalar function's is.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from symbp.calculus import matrix_functions as m
from symbp.calculus.elimination import Rows, determinant, inverse


@dataclass(frozen=True)
class MatrixPrimitive:
    r"""A function of a matrix; :data:`MATRIX_FUNCTIONS` are all of them.

    Parameters
    ----------
    name : as the index language spells it, and claims do
    made : the class of its nodes, which has its derivative
    value : its value at a matrix of operands, the numbers of any number system: rows, or a number
    latex : the LaTeX of it, ``{}`` for the matrix
    power : whether the matrix is raised by it, so that the transpose may go into the exponent, A^{-T}
    numpy : what NumPy calls it, behind ``np.linalg.``; empty where a helper stands for it
    aliases : further names under which claims call it
    invertible : whether the matrix must have an inverse for it to have a value
    source : where its derivative stands in the literature
    """

    name: str
    made: type[m.MatrixFunction]
    value: Callable[[Rows], Any]
    latex: str
    power: str = ""
    numpy: str = ""
    aliases: tuple[str, ...] = ()
    invertible: bool = False
    source: str = ""

    @property
    def is_operator(self) -> bool:
        r"""Whether LaTeX has a command of its own for it, ``\det``."""
        return self.latex.startswith(f"\\{self.name}(")

    def written(self, whole: str, factor: str) -> str:
        """The LaTeX of a value, of that of the matrix as it stands by itself, and as a factor."""
        return self.latex.replace("{}", whole if "({})" in self.latex else factor)


def _log_of_size(a: Rows) -> Any:
    return determinant(a).call("absolute").log()


MATRIX_FUNCTIONS = (
    MatrixPrimitive(
        "inv", m.inv, inverse, latex="{}^{-1}", power="-1", numpy="inv", invertible=True,
        source="Petersen and Pedersen 2012, eq. 59; Giles 2008, section 2.2.3",
    ),
    MatrixPrimitive(
        "det", m.det, determinant, latex=r"\det({})", numpy="det",
        source="Petersen and Pedersen 2012, eq. 49; Giles 2008, section 2.2.4",
    ),
    MatrixPrimitive(
        "logdet", m.logdet, _log_of_size, latex=r"\log \lvert \det {} \rvert", invertible=True,
        source="Petersen and Pedersen 2012, eq. 57; Minka 2000",
    ),
)  # fmt: skip

MATRIX_BY_HEAD: dict[type[Any], MatrixPrimitive] = {row.made: row for row in MATRIX_FUNCTIONS}
"""The row of a node, by its class."""
MATRIX_CALLS: dict[str, MatrixPrimitive] = {name: row for row in MATRIX_FUNCTIONS for name in (row.name, *row.aliases)}
"""The row of a name."""
