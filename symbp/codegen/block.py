"""Code as it is put into a module: assignments, each under the equation that it implements."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Assignment:
    """The lines that compute one tensor; the last one assigns `variable`. `depth` says in how many loops they stand."""

    name: str
    variable: str
    equation: str
    label: str
    lines: tuple[str, ...]
    depth: int = 0


@dataclass(frozen=True)
class Block:
    """Straight-line code: assignments in order, the tensors it reads from outside, the helpers that it calls.

    ``variables`` gives the local variable of every tensor of the program, ``shared`` the texts of the shared expressions that
    are used.
    """

    assignments: tuple[Assignment, ...]
    inputs: tuple[str, ...]
    helpers: frozenset[str]
    variables: Mapping[str, str]
    shared: tuple[str, ...] = ()

    @property
    def lines(self) -> tuple[str, ...]:
        """All lines, without comments."""
        return tuple(line for a in self.assignments for line in a.lines)

    @property
    def names(self) -> tuple[str, ...]:
        """The tensors that are computed."""
        return tuple(a.name for a in self.assignments)
