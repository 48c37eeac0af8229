"""The work that goes into one claim, counted and not timed: a claim has the same answer on a slow machine and a busy one.

The unit is a step, about as long as the addition of two numbers of a finite field or of 50 digits: some four microseconds. The
costs below were fitted to processor time on the claims of the bench.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from symbp.calculus.numeric.labelled import TooMuch
from symbp.calculus.numeric.numbers import Numbers, Real

TO_DECIDE, WITH_SEARCH = 200_000, 300_000
"""What one claim may take: for the verdict, and when what mends it has been searched too."""
AT_ONE_POINT = 100_000
"""What evaluating one formula at one point may take."""
LOWERED, TRIED, EDITED = 80, 6, 20
"""What it takes to give a node of a formula its meaning, to evaluate a node in plain floats, and to make an edit."""
_DIGITS = ((50, 1), (400, 4))
_MORE = 40


@dataclass
class Budget:
    """How many steps went into the claim that is being judged; what is done once for many claims does not count."""

    spent: float = 0
    free: bool = False
    searching: bool = False
    """Whether the claim has been found wrong, and what mends it is searched for."""

    def begin(self) -> None:
        """Start on another claim."""
        self.spent, self.searching = 0, False

    def add(self, steps: float) -> None:
        """Count some steps."""
        if not self.free:
            self.spent += steps

    @property
    def late(self) -> bool:
        """Whether the claim has had what it may take."""
        return self.spent > (WITH_SEARCH if self.searching else TO_DECIDE)

    @contextmanager
    def start_up(self) -> Iterator[None]:
        """What is done here once for many claims does not count for the one that happens to be judged."""
        before, self.free = self.free, True
        try:
            yield
        finally:
            self.free = before


@dataclass
class Evaluation:
    """The steps of evaluating one formula at one point; TooMuch where they are more than that may take."""

    budget: Budget
    numbers: Numbers
    left: float = AT_ONE_POINT
    weight: float = 0
    """As how many steps an operation counts; it follows from the digits of the numbers where nothing is said."""

    def __post_init__(self) -> None:
        digits = self.numbers.digits if isinstance(self.numbers, Real) else 0
        self.weight = self.weight or next((w for most, w in _DIGITS if digits <= most), _MORE)

    def spend(self, operations: int) -> None:
        """Count operations."""
        steps = operations * self.weight
        self.budget.add(steps)
        self.left -= steps
        if self.left < 0:
            raise TooMuch("it would take too many operations")
