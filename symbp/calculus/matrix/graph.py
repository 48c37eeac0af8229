"""The graph of a product under sums, and its reading by removing one summed index at a time (see :mod:`.read`)."""

from __future__ import annotations

from dataclasses import dataclass, field

from symbp.calculus.indices import Index
from symbp.calculus.matrix.nodes import (
    SCALAR,
    DiagPart,
    Hadamard,
    Map,
    Matrix,
    NoReading,
    Number,
    Power,
    Trace,
    Transpose,
    flips,
    key,
    number,
    scale,
)
from symbp.calculus.matrix.terms import diagonal, hadamard, matmul, ones, transpose


@dataclass
class Graph:
    """Vertices are the indices in `order`; an edge ``(i, j)`` is a matrix with row index i, and i comes before j in `order`."""

    order: list[Index]
    summed: frozenset[Index]
    edges: dict[tuple[Index, Index], list[Matrix]] = field(default_factory=dict)
    weights: dict[Index, list[Matrix]] = field(default_factory=dict)
    scalars: list[Matrix] = field(default_factory=list)

    def add_edge(self, i: Index, j: Index, matrix: Matrix) -> None:
        """Add a factor with the row index `i` and the column index `j`."""
        if self.order.index(i) > self.order.index(j):
            i, j, matrix = j, i, transpose(matrix)
        self.edges.setdefault((i, j), []).append(matrix)

    def add_weight(self, i: Index, column: Matrix) -> None:
        """Add a factor with the one index `i`."""
        self.weights.setdefault(i, []).append(column)

    def reading(self, row: Index | None, col: Index | None) -> Matrix:
        """The product as a matrix with `row` and `col` for its indices, every other index summed over."""
        waiting = [i for i in self.order if i in self.summed]
        while waiting:
            for component in self.loops(waiting):
                self.scalars.append(self.trace(component))
                waiting = [i for i in waiting if i not in component]
            if not waiting:
                break
            k = min(waiting, key=lambda i: len(self.neighbours(i)))
            waiting.remove(k)
            self.remove(k)
        up, down = self.weight(row), self.weight(col)
        if row is None or col is None:
            body = up if row is not None else transpose(down) if down is not None else number(1)
            return scale(self.scalars, body if body is not None else number(1))
        edge = self.edge(row, col)
        if edge is None:
            outer = matmul(up or ones(row.axis), transpose(down or ones(col.axis)))
            return scale(self.scalars, outer)
        chain = [diagonal(up)] if up else []
        chain += [edge, *([diagonal(down)] if down else [])]
        return scale(self.scalars, matmul(*chain))

    def neighbours(self, k: Index) -> list[Index]:
        """The indices that share a factor with `k`."""
        found = [j for e in self.edges for j in e if k in e and j != k]
        return sorted(set(found), key=self.order.index)

    def weight(self, k: Index | None) -> Matrix | None:
        """The factors with the one index `k` as one column, if there are any."""
        found = self.weights.get(k, []) if k is not None else []
        return hadamard(*found) if found else None

    def edge(self, i: Index, j: Index) -> Matrix | None:
        """The factors with the indices `i` and `j` as one matrix with the row index `i`, if there are any."""
        if self.order.index(i) > self.order.index(j):
            other = self.edge(j, i)
            return transpose(other) if other else None
        found = self.edges.get((i, j), [])
        return hadamard(*found) if found else None

    def remove(self, k: Index) -> None:
        """Carry out the sum over `k`."""
        around = self.neighbours(k)
        if len(around) > 2:
            raise NoReading
        if not around:
            self.scalars.append(self.inner(k))
        elif len(around) == 1:
            edge = self.edge(around[0], k)
            assert edge is not None
            self.add_weight(around[0], matmul(edge, self.weight(k) or ones(k.axis)))
        else:
            left, right, weight = self.edge(around[0], k), self.edge(k, around[1]), self.weight(k)
            assert left is not None and right is not None
            middle = [diagonal(weight)] if weight else []
            self.add_edge(around[0], around[1], matmul(left, *middle, right))
        self.edges = {e: m for e, m in self.edges.items() if k not in e}

    def inner(self, k: Index) -> Matrix:
        """The sum over an index that only weights have left: an inner product, or the sum of the entries of a column."""
        columns = [f for w in self.weights.get(k, []) for f in elementwise(w)]
        if len(columns) == 1 and isinstance(columns[0], DiagPart):
            return Trace(SCALAR, columns[0].body)
        if len(columns) == 1 and (base := square_root(columns[0])) is not None:
            columns = [base] * 2
        if len(columns) == 1:
            return matmul(transpose(ones(k.axis)), columns[0])
        columns.sort(key=key)
        return matmul(transpose(columns[0]), hadamard(*columns[1:]))

    def loops(self, waiting: list[Index]) -> list[list[Index]]:
        """The closed loops of edges without weights, each as the list of its indices in order around the loop."""
        found: list[list[Index]] = []
        for start in waiting:
            if any(start in loop for loop in found):
                continue
            path = [start]
            while True:
                here = path[-1]
                around = self.neighbours(here)
                if here not in self.summed or here in self.weights or len(around) not in (1, 2):
                    break
                onward = [j for j in around if j not in path]
                if not onward:
                    if (len(path) > 2 and path[0] in around and self.single(path)) or self.double(path):
                        found.append(path)
                    break
                path.append(onward[0])
        return found

    def single(self, path: list[Index]) -> bool:
        """Whether one factor stands on each edge of a loop."""
        return all(len(self.between(i, j)) == 1 for i, j in zip(path, [*path[1:], path[0]], strict=True))

    def double(self, path: list[Index]) -> bool:
        """Whether two indices are joined by two linear factors, or by the square of one, and by nothing else."""
        if len(path) != 2 or any(len(self.neighbours(i)) != 1 for i in path):
            return False
        factors = self.between(path[0], path[1])
        return len(factors) == 2 and all(linear(f) for f in factors)

    def between(self, i: Index, j: Index) -> list[Matrix]:
        """The factors with the indices `i` and `j`, squares of linear ones written twice."""
        found = self.edges.get((i, j)) or self.edges.get((j, i), [])
        base = square_root(found[0]) if len(found) == 1 else None
        if base is not None and linear(base):
            return [base] * 2
        return found

    def trace(self, path: list[Index]) -> Matrix:
        """The trace around a loop, begun and walked so that it needs the fewest transposes."""
        pairs = list(zip(path, [*path[1:], path[0]], strict=True))
        chain: list[Matrix] = []
        for n, (i, j) in enumerate(pairs):
            factors = self.between(i, j)
            matrix = factors[-1] if len(path) == 2 and n == 1 else factors[0]
            forward = self.order.index(i) < self.order.index(j)
            chain.append(matrix if forward else transpose(matrix))
        self.edges = {e: m for e, m in self.edges.items() if e[0] not in path}
        scalars: list[Matrix] = []
        backward = [transpose(m) for m in reversed(chain)]
        turns = [walk[n:] + walk[:n] for walk in (chain, backward) for n in range(len(chain))]
        best = min(turns, key=lambda t: (sum(flips(m) for m in t), len(t) == 2 and -flips(t[0]), [key(m) for m in t]))
        return scale(scalars, Trace(SCALAR, matmul(*best)))


def elementwise(m: Matrix) -> list[Matrix]:
    """The factors of an elementwise product, as they are multiplied."""
    if isinstance(m, Transpose):
        return [transpose(f) for f in elementwise(m.body)]
    if isinstance(m, Hadamard):
        return list(m.factors)
    return [m]


def square_root(m: Matrix) -> Matrix | None:
    """What `m` is the elementwise square of, if it is written as one."""
    if isinstance(m, Transpose):
        root = square_root(m.body)
        return transpose(root) if root is not None else None
    return m.base if isinstance(m, Power) and m.exponent == 2 else None


def linear(m: Matrix) -> bool:
    """Whether no function, power or Hadamard product is taken."""
    return not isinstance(m, (Map, Power, Hadamard, Number)) and all(linear(p) for p in m.parts)
