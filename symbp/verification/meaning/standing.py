"""How arrays of one axis stand on a page of mathematics: as columns, unless they are named as rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from symbp.calculus.matrix.read import Orientation
from symbp.calculus.program import Tensor
from symbp.formula.syntax import Claim, Gradient, Name, Read, nodes
from symbp.verification.meaning.arrays import Array
from symbp.verification.meaning.setting import Known, Setting, Shape


@dataclass(frozen=True)
class Standing:
    """How vectors stand as far as that is known: the names of those that are rows, of those that are columns and of those that
    are rows or columns, the same throughout a page; and where transposes of vectors were seen left out, in words."""

    rows: frozenset[str] = frozenset()
    columns: frozenset[str] = frozenset()
    either: frozenset[str] = frozenset()
    dropped: str = ""

    def decided(self, names: frozenset[str], row: bool) -> Standing:
        """The same, once some of those that may be either are known to be rows, or columns."""
        found = names & self.either
        return replace(
            self,
            rows=self.rows | found if row else self.rows,
            columns=self.columns if row else self.columns | found,
            either=self.either - found,
        )


def standing(setting: Setting, rows: frozenset[str] = frozenset()) -> Setting:
    """The setting in which every array of one axis is a column, or a row where `rows` has its name; derivatives stand as what
    they are derivatives by. A setting whose arrays all stand already (a network's) is returned as it is."""
    if not any(len(k.shape) == 1 for k in setting.known.values()):
        return setting
    known = {name: _stood(own, rows) for name, own in setting.known.items()}
    return replace(setting, known=known, orient=orientation(known, setting.orient))


def rows_of(setting: Setting) -> frozenset[str]:
    """The names of the arrays with one axis that stand as rows."""
    known = setting.known.values()
    return frozenset(base_of(k.tensor) for k in known if len(k.shape) == 2 and k.shape[0] is None and k.shape[1])


def stood(array: Array, row: bool = False) -> Array:
    """An array of one axis as a column, or as a row; any other as it is."""
    return replace(array, shape=_shape(array.shape, row)) if len(array.shape) == 1 else array


def lying(array: Array) -> Array:
    """A column or a row as the array of one axis that NumPy has for it, and an array of one entry as a number."""
    return replace(array, shape=array.axes) if len(array.shape) == 2 and len(array.axes) < 2 else array


def reads_vectors(setting: Setting, claim: Claim) -> bool:
    """Whether a claim reads an array that has one axis in a setting, so that what it defines may have one too."""
    return bool(vectors_of(setting, claim))


def vectors_of(setting: Setting, claim: Claim) -> frozenset[str]:
    """The arrays with one axis that the right side of a claim reads, or is a derivative by."""
    inner = (n.of if isinstance(n, Read) else n for n in nodes(claim.right))
    found = (setting.resolve(n.name, isinstance(n, Gradient)) for n in inner if isinstance(n, (Name, Gradient)))
    return frozenset(base_of(k.tensor) for k in found if k is not None and len(k.shape) == 1)


def base_of(tensor: Tensor) -> str:
    """The name of what a tensor is, or is the derivative by."""
    return tensor.of or tensor.name


def _stood(own: Known, rows: frozenset[str]) -> Known:
    if len(own.shape) != 1:
        return own
    row = base_of(own.tensor) in rows
    return replace(own, shape=_shape(own.shape, row), order=tuple(k + row for k in own.order))


def _shape(shape: Shape, row: bool) -> Shape:
    return (None, *shape) if row else (*shape, None)


def orientation(known: Mapping[str, Known], otherwise: Orientation | None) -> Orientation:
    """How the tensors of these arrays are displayed as matrices."""
    by_tensor = {k.tensor.name: k for k in known.values()}

    def orient(tensor: Tensor) -> tuple[int | None, int | None]:
        own = by_tensor.get(tensor.name)
        if own is None:
            return otherwise(tensor) if otherwise is not None else (None, None)
        row, column = (own.order.index(k) if k in own.order else None for k in (0, 1))
        return row, column

    return orient
