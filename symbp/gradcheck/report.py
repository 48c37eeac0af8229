"""What a gradient check found, as values and as a few lines of text."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from markupsafe import Markup

from symbp.gradcheck.slope import Kind

Outcome = Literal["correct", "wrong", "undecided"]


@dataclass(frozen=True)
class GradientEntry:
    """One entry of one gradient: the value given and the value expected.

    `expected` comes from extrapolated central differences and is known to within `error`; at a kink (`kind` "kink") it is
    the mean of the one-sided slopes `left` and `right`. `wrong` says that `given` is none of the values possible.
    """

    array: str
    index: tuple[int, ...]
    given: float
    expected: float
    error: float
    kind: Kind
    left: float
    right: float
    wrong: bool

    @property
    def ratio(self) -> float:
        """Given over expected; NaN where nothing but zero is expected."""
        return self.given / self.expected if self.expected else math.nan

    @property
    def name(self) -> str:
        """The array and the index as one would write them in Python."""
        return f"{self.array}[{', '.join(map(str, self.index))}]" if self.index else self.array

    def __str__(self) -> str:
        if self.kind == "unclear":
            return f"{self.name}: given {self.given:.6g}, the differences of f do not settle on a value"
        if self.kind == "kink":
            return f"{self.name}: given {self.given:.6g}, one-sided slopes {self.left:.6g} and {self.right:.6g}"
        ratio = f", ratio {self.ratio:.6g}" if abs(self.expected) > 10 * self.error else ""
        return f"{self.name}: given {self.given:.10g}, expected {self.expected:.10g} ± {self.error:.1g}{ratio}"


@dataclass(frozen=True)
class GradientReport:
    """The result of `check_gradient`; true in a condition only where the verdict is "correct".

    Attributes
    ----------
    verdict : "correct", "wrong" or "undecided"
    cause : the reason in one sentence
    worst : the entry that is furthest off (None where no entry could be measured)
    orders : for each array, and for "all" of them together, the order of the Taylor remainder f(x + h v) - f(x) - h <g, v>
        in h: 2 or more for a right gradient, 1 for a wrong one; infinite where the remainder is nothing but rounding, NaN
        where it says nothing because v crosses a kink at x
    kinks : the entries at which the one-sided slopes differ
    factor : the constant by which every entry of the wrong arrays is off, where there is one
    checked : for each array the number of entries measured one by one, and the number of its entries
    notes : what else the reader has to know, such as the choice of entries
    """

    verdict: Outcome
    cause: str
    worst: GradientEntry | None
    orders: Mapping[str, float]
    kinks: tuple[GradientEntry, ...]
    factor: float | None
    checked: Mapping[str, tuple[int, int]]
    notes: tuple[str, ...]

    @property
    def ok(self) -> bool:
        """True where the verdict is "correct"."""
        return self.verdict == "correct"

    def __bool__(self) -> bool:
        return self.ok

    def __str__(self) -> str:
        lines = [f"{self.verdict}: {self.cause}"]
        if self.worst is not None:
            label = "worst entry" if self.verdict == "wrong" else "largest difference"
            lines.append(f"{label} {self.worst}")
        orders = ", ".join(f"{name} {_order(order)}" for name, order in self.orders.items())
        lines.append(f"order of the Taylor remainder (2 or more where right, 1 where wrong): {orders}")
        if self.kinks:
            more = f", and {len(self.kinks) - 3} more" if len(self.kinks) > 3 else ""
            lines.append(f"at a kink: {'; '.join(map(str, self.kinks[:3]))}{more}")
        return "\n  ".join([*lines, *self.notes])

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        colour = {"correct": "#1a7f37", "wrong": "#b3261e"}.get(self.verdict, "#8a6100")
        head = Markup('<p><b style="color:{}">{}</b>: {}</p>').format(colour, self.verdict, self.cause)
        shown = [*([self.worst] if self.worst is not None else []), *self.kinks[:3]]
        cell = Markup('<td style="text-align:left;font-family:monospace">{}</td><td style="text-align:left">{}</td>')
        rows = [cell.format(e.name, str(e).partition(": ")[2]) for e in dict.fromkeys(shown)]
        orders = ", ".join(f"{name} {_order(order)}" for name, order in self.orders.items())
        rows.append(cell.format("order", f"of the Taylor remainder (2 or more where right, 1 where wrong): {orders}"))
        table = Markup("<table>{}</table>").format(Markup("").join(Markup("<tr>{}</tr>").format(r) for r in rows))
        return str(head + table + Markup("").join(Markup("<p>{}</p>").format(note) for note in self.notes))


def _order(order: float) -> str:
    if math.isnan(order):
        return "unknown (kink)"
    return "rounding only" if math.isinf(order) else f"{order:.1f}"
