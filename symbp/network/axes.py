"""Which axes of a network are one: those that meet at a join, and those of a parameter that two layers share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from symbp.calculus.indices import Axis


class Axes:
    """The axes of a network while it is planned, each with its length; axes that were joined have one representative, the
    first that was declared."""

    def __init__(self, sizes: Mapping[Axis, int] | None = None) -> None:
        self._sizes: dict[Axis, int] = dict(sizes or {})
        self._same: dict[Axis, Axis] = {}
        self._order: dict[Axis, int] = {axis: k for k, axis in enumerate(self._sizes)}

    def declare(self, axis: Axis, size: int) -> Axis:
        """A new axis with its length."""
        self._sizes[axis] = size
        self._order.setdefault(axis, len(self._order))
        return axis

    def fresh(self, name: str, size: int) -> Axis:
        """A new axis with its length, called like that or, where there is one already, by that name and a number."""
        axis, count = Axis(name), 1
        while axis in self._sizes:
            count += 1
            axis = Axis(f"{name}_{count}")
        return self.declare(axis, size)

    def one(self, axis: Axis) -> Axis:
        """The representative of an axis."""
        while axis in self._same:
            axis = self._same[axis]
        return axis

    def all(self, axes: Iterable[Axis]) -> tuple[Axis, ...]:
        """The representatives of some axes."""
        return tuple(map(self.one, axes))

    def size(self, axis: Axis) -> int | None:
        """The length of an axis; None for that of the examples, which none is known of."""
        return self._sizes.get(self.one(axis))

    def shape(self, axes: Iterable[Axis]) -> tuple[int, ...]:
        """The lengths of some axes, where they are known."""
        return tuple(size for size in map(self.size, axes) if size is not None)

    def join(self, a: Axis, b: Axis) -> bool:
        """Make two axes one; False, and nothing is done, where their lengths differ."""
        first, second = self.one(a), self.one(b)
        if first == second:
            return True
        if self.size(first) != self.size(second):
            return False
        if self._order.get(second, -1) < self._order.get(first, -1):
            first, second = second, first
        self._same[second] = first
        return True

    @property
    def sizes(self) -> dict[Axis, int]:
        """The length of every axis that stands for itself, in the order in which they were declared."""
        return {axis: size for axis, size in self._sizes.items() if axis not in self._same}
