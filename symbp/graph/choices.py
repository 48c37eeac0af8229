"""Gates that choose: the cases of a local gradient in which a comparison stands, one for each way that it can come out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import sympy
from sympy import Add, Expr

from symbp.calculus.functions import sgn, step


@dataclass(frozen=True)
class Case:
    """``left relation right`` holds, and there the choosing function `atom` is `value`; `relation` as in Python, = for ==."""

    atom: Expr
    value: int
    left: Expr
    relation: str
    right: Expr

    def of(self, local: Expr) -> Expr:
        """A local gradient in this case."""
        return local.xreplace({self.atom: sympy.Integer(self.value)})

    def holds(self, values: Mapping[Expr, object]) -> bool:
        """Whether this is the case where the nodes' symbols have these values."""
        a, b = (sympy.sympify(side, strict=True).xreplace(values) for side in (self.left, self.right))
        return bool({">": a > b, "<=": a <= b, ">=": a >= b, "<": a < b, "=": a == b}[self.relation])


def cases(local: Iterable[Expr]) -> tuple[Case, ...]:
    """The cases of some local gradients; none where nothing, or more than one thing, is compared."""
    atoms = {atom for d in local for atom in d.atoms(step, sgn)}
    if len(atoms) != 1:
        return ()
    atom = atoms.pop()
    left, right = _sides(atom.args[0])
    if isinstance(atom, step):
        above = Case(atom, 1, left, ">", right)
        return above, Case(atom, 0, left, "<=", right) if right.is_number else Case(atom, 0, right, ">=", left)
    return tuple(Case(atom, value, left, sign, right) for value, sign in ((1, ">"), (0, "="), (-1, "<")))


def _sides(difference: Expr) -> tuple[Expr, Expr]:
    """The two sides whose difference is compared with 0."""
    terms = Add.make_args(difference)
    minus = [t for t in terms if t.could_extract_minus_sign()]
    return Add(*[t for t in terms if t not in minus]), Add(*[-t for t in minus])
