"""Constructors that keep matrix expressions in one canonical form.

Products, additions and Hadamard products are flat; scalars stand in front; the transpose of a product is distributed, that of an
elementwise expression stays outside where this needs fewer transposes.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import sympy

from symbp.calculus.indices import Axis
from symbp.calculus.matrix.nodes import (
    SCALAR,
    Diag,
    DiagPart,
    Hadamard,
    Identity,
    Map,
    MatMul,
    Matrix,
    MatTensor,
    Number,
    OfMatrix,
    Ones,
    Plus,
    Power,
    Scale,
    Trace,
    Transpose,
    flips,
    is_negative,
    key,
    number,
    scale,
)


def transpose(m: Matrix) -> Matrix:
    """The transpose in canonical form."""
    shape = (m.shape[1], m.shape[0])
    match m:
        case _ if m.shape == SCALAR or isinstance(m, (Identity, Diag)):
            return m
        case Transpose():
            return m.body
        case MatTensor():
            return replace(m, shape=shape, transposed=not m.transposed)
        case MatMul():
            return matmul(*[transpose(f) for f in reversed(m.factors)])
        case Scale():
            return replace(m, shape=shape, body=transpose(m.body))
        case Number() | Ones():
            return replace(m, shape=shape)
        case DiagPart() | OfMatrix():
            return Transpose(shape, m)
    inside = _inside(m)
    fewer = flips(m) + 1 - flips(inside)  # how many transposes are saved by taking it inside
    return inside if fewer > 0 or (fewer == 0 and isinstance(m, Plus)) else Transpose(shape, m)


def _inside(m: Matrix) -> Matrix:
    """The transpose of an elementwise expression, taken inside."""
    shape = (m.shape[1], m.shape[0])
    match m:
        case Hadamard():
            return Hadamard(shape, tuple(_sorted(transpose(f) for f in m.factors)))
        case Plus():
            return Plus(shape, tuple(transpose(t) for t in m.terms))
        case Power():
            return Power(shape, transpose(m.base), m.exponent)
        case Map():
            along = m.along if m.along is None else 1 - m.along
            return replace(m, shape=shape, args=tuple(transpose(a) for a in m.args), along=along)
    raise TypeError(f"{type(m).__name__} is not elementwise")


def settled(m: Matrix) -> Matrix:
    """An elementwise expression with its transposes inside, or one outside where that is fewer."""
    inside = _inside(m)
    limit = flips(m) + (isinstance(m, (Power, Map)))  # g'(z)^T rather than g'(z^T)
    return Transpose(m.shape, inside) if m.shape != SCALAR and 1 + flips(inside) < limit else m


def ones(axis: Axis | None) -> Matrix:
    """The column of ones; the number 1 where there is no axis."""
    return number(sympy.S.One) if axis is None else Ones((axis, None))


def diagonal(vector: Matrix) -> Matrix:
    """The diagonal matrix made of a column; scalars stay in front."""
    axis = vector.shape[0]
    if isinstance(vector, Scale):
        return scale(vector.scalars, Diag((axis, axis), vector.body, upright(vector.body)))
    return Diag((axis, axis), vector, upright(vector))


def upright(vector: Matrix) -> Matrix:
    """A column or the row that it is the transpose of, whichever reads better inside ``diag``."""
    other = transpose(vector)
    return other if flips(other) < flips(vector) else vector


def matmul(*factors: Matrix) -> Matrix:
    """The product of a chain of matrices; scalars come to the front, identities vanish, ``diag(v) w`` is elementwise."""
    chain: list[Matrix] = []
    scalars: list[Matrix] = []
    for f in factors:
        if isinstance(f, Scale):
            scalars += f.scalars
            f = f.body
        if f.shape == SCALAR and (isinstance(f, Number) or len(factors) > 1):
            scalars.append(f)
        elif isinstance(f, MatMul):
            chain += f.factors
        elif not isinstance(f, Identity):
            chain.append(f)
    while len(chain) > 1 and isinstance(chain[-2], Diag) and chain[-1].shape[1] is None:
        chain[-2:] = [hadamard(chain[-2].vector, chain[-1])]
    while len(chain) > 1 and isinstance(chain[1], Diag) and chain[0].shape[0] is None:
        chain[:2] = [transpose(hadamard(chain[1].vector, transpose(chain[0])))]
    if not chain:
        identity = [f for f in factors if isinstance(f, Identity)]
        return scale(scalars, identity[0] if identity else number(sympy.S.One))
    shape = (chain[0].shape[0], chain[-1].shape[1])
    product = MatMul(shape, tuple(chain)) if len(chain) > 1 else chain[0]
    if shape == SCALAR and isinstance(product, MatMul):  # equal to its transpose: take the one that reads better
        other = MatMul(SCALAR, tuple(transpose(f) for f in reversed(chain)))
        product = min(product, other, key=_reads_better)
    return scale(scalars, product)


def _reads_better(product: MatMul) -> tuple[object, ...]:
    first = product.factors[0]
    return (flips(product), isinstance(first, Transpose), [key(f) for f in product.factors])


def hadamard(*factors: Matrix) -> Matrix:
    """The elementwise product of factors of equal shape; their scalars and numbers come to the front."""
    flat: list[Matrix] = []
    scalars: list[Matrix] = []
    shape = factors[0].shape
    for f in factors:
        if isinstance(f, Scale):
            scalars += f.scalars
            f = f.body
        if isinstance(f, Number):
            scalars.append(replace(f, shape=SCALAR))
        elif not isinstance(f, Ones):
            flat += f.factors if isinstance(f, Hadamard) else [f]
    if shape == SCALAR:
        return scale([*scalars, *flat], number(sympy.S.One))
    if not flat:
        full = matmul(ones(shape[0]), transpose(ones(shape[1])))
        return scale(scalars, full)
    return scale(scalars, settled(Hadamard(shape, tuple(_sorted(flat)))) if len(flat) > 1 else flat[0])


def _sorted(factors: Iterable[Matrix]) -> list[Matrix]:
    """Hadamard factors in the order of printing: products, the program's functions, adjoints, tensors, functions, powers, ...."""

    def rank(f: Matrix) -> int:
        core = f.body if isinstance(f, Transpose) else f
        match core:
            case MatMul():
                return 0
            case Map():
                return 1 if core.named else 4
            case MatTensor():
                return 2 if core.adjoint else 3
            case Power():
                return 5 if core.exponent > 0 else 8
        return 6 if isinstance(core, Hadamard) else 7

    return sorted(factors, key=lambda f: (rank(f), key(f)))


def plus(*terms: Matrix) -> Matrix:
    """The sum of terms of equal shape in the order of printing: positive before negative, what is broadcast last."""
    flat: list[Matrix] = []
    for t in terms:
        flat += t.terms if isinstance(t, Plus) else [t]
    flat = [t for t in flat if not (isinstance(t, Number) and t.value == 0)]
    if not flat:
        return number(sympy.S.Zero, terms[0].shape)
    flat.sort(key=_term_rank)
    return settled(Plus(flat[0].shape, tuple(flat))) if len(flat) > 1 else flat[0]


def _term_rank(term: Matrix) -> tuple[object, ...]:
    core = term.body if isinstance(term, Scale) else term
    broadcast = isinstance(core, Ones) or (isinstance(core, MatMul) and any(isinstance(f, Ones) for f in core.factors))
    return (
        is_negative(term),
        not isinstance(core, Number),
        broadcast,
        not isinstance(core, (MatMul, Trace)),
        flips(term),
        key(term),
    )
