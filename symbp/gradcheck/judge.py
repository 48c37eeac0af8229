"""The verdict: what the entries and the directions say together."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from types import MappingProxyType

from symbp.gradcheck.diagnosis import cause, common, factor, in_words
from symbp.gradcheck.directions import Direction
from symbp.gradcheck.entries import Index, Measured
from symbp.gradcheck.point import Point
from symbp.gradcheck.report import GradientReport, Outcome

FINE = 3e-5  # the part of a gradient that must be seen in float64


@dataclass(frozen=True)
class Finding:
    """What was seen of one array; `searched` where halving covered all entries that were not measured."""

    array: int
    size: int
    entries: tuple[Measured, ...]
    tests: tuple[Direction, ...] = ()
    searched: bool = False

    @property
    def kinks(self) -> list[Index]:
        """The indices of the entries at a kink."""
        return [m.entry.index for m in self.entries if m.entry.kind == "kink"]

    @property
    def wrong_entries(self) -> list[Measured]:
        """The entries that are none of the possible values."""
        return [m for m in self.entries if m.entry.wrong]

    @property
    def directions_agree(self) -> bool:
        """Whether f is smooth along every direction and has the slope promised."""
        return all(t.slope.kind == "smooth" and not t.wrong for t in self.tests)

    @property
    def wrong(self) -> bool:
        """Whether the gradient of this array is wrong."""
        return bool(self.wrong_entries) or any(t.wrong for t in self.tests)

    @property
    def covered(self) -> bool:
        """Whether every entry was measured or moved in a direction that says something."""
        whole = len(self.entries) >= self.size or self.searched
        return whole or any(t.slope.kind == "smooth" for t in self.tests)


def judge(here: Point, findings: Sequence[Finding], together: Sequence[Direction], seed: int) -> GradientReport:
    """The report on all arrays; `together` are directions in which they all move."""
    names = here.given.names
    wrong = [found for found in findings if found.wrong]
    doubts, notes = _doubts(here, findings)
    constant = common(here, [factor(here, found.array, found.entries) for found in wrong])
    verdict: Outcome = "wrong"
    if len(wrong) > 1 and constant is not None:
        why = f"the gradient of each of {_listed(wrong, here)} is {in_words(constant)}"
    elif wrong:
        why = "; ".join(cause(here, found.array, found.entries) for found in wrong)
    elif any(t.wrong for t in together):
        why = "the Taylor remainder is of order 1 when all arrays move together"
    elif doubts:
        verdict, why = "undecided", "; ".join(doubts)
    else:
        verdict, why = "correct", f"the gradient of {_listed(findings, here)} agrees with the differences of f"
    measured = [(m, f) for f in (wrong or findings) for m in f.entries if m.entry.kind != "unclear"]
    worst = max(
        measured,
        key=lambda pair: (pair[0].entry.wrong, pair[0].difference / (_influence(here, pair[1]) or 1.0)),
        default=None,
    )
    orders = {names[found.array]: _order(found.tests) for found in findings}
    counted = {names[found.array]: (len(found.entries), found.size) for found in findings}
    return GradientReport(
        verdict,
        why,
        worst[0].entry if worst else None,
        MappingProxyType({**orders, "all": _order(together)} if together else orders),
        tuple(m.entry for found in findings for m in found.entries if m.entry.kind == "kink"),
        constant,
        MappingProxyType(counted),
        (*(() if verdict == "wrong" else notes), *_coverage(findings, here, seed)),
    )


def _listed(findings: Sequence[Finding], here: Point) -> str:
    return ", ".join(here.given.names[found.array] for found in findings)


def _order(tests: Sequence[Direction]) -> float:
    """The lowest order among the directions; NaN where all of them cross a kink."""
    return min((t.order for t in tests if not math.isnan(t.order)), default=math.nan)


def _influence(here: Point, found: Finding) -> float:
    """The largest change of f, promised or measured, when one entry of the array moves by its own size."""
    measured = [abs(m.entry.expected) * m.size for m in found.entries if m.entry.kind != "unclear"]
    return max([here.influence(found.array), *measured])


def _doubts(here: Point, findings: Sequence[Finding]) -> tuple[list[str], list[str]]:
    """Why a gradient that is not wrong cannot be called correct either, and what else is worth saying."""
    doubts: list[str] = []
    parts: list[str] = []
    needed = max(FINE, 30 * math.sqrt(here.eps))
    greatest = max(_influence(here, found) for found in findings)
    coarse = f"the rounding of f, about {here.rounding:.1g}"
    if here.eps > 1e-10:
        coarse += ": float64 arrays would tell more"
    elif abs(here.base) < 1e-290 and here.base:
        coarse += ", as numbers so small lose their digits"
    elif here.rounding > 1e4 * here.eps * abs(here.base):
        coarse += ", which is much for float64: does it compute in float32, or stop an iteration early?"
    for found in findings:
        name = here.given.names[found.array]
        if rough := [m.entry.name for m in found.entries if m.entry.kind == "unclear"]:
            doubts.append(f"f is too rough or undefined around {', '.join(rough[:3])}")
        smooth = [m for m in found.entries if m.entry.kind == "smooth"]
        if any(m.doubt > needed * max(m.typical, m.steepest) and m.doubt * m.size > needed * greatest for m in smooth):
            doubts.append(f"the gradient of {name} cannot be told from others that are near it because of {coarse}")
        elif share := max(
            (m.doubt / (m.typical or 1e-300) for m in smooth if m.doubt > FINE * max(m.typical, m.steepest)),
            default=0.0,
        ):
            parts.append(f"{name} below {share:.1g}" if share < 1 else name)
        if not found.covered:
            doubts.append(f"only some entries of {name} were measured, and random directions cross too many kinks")
    if all(m.entry.kind == "kink" for found in findings for m in found.entries):
        doubts.append("every entry that was measured is at a kink")
    return doubts, [f"not to be seen beside {coarse}: relative differences in {', '.join(parts)}"] if parts else []


def _coverage(findings: Sequence[Finding], here: Point, seed: int) -> list[str]:
    parts = [
        f"{len(found.entries)} of the {found.size} entries of {here.given.names[found.array]}"
        for found in findings
        if len(found.entries) < found.size
    ]
    return [f"measured one by one: {', '.join(parts)}, chosen at random (seed {seed})"] if parts else []
