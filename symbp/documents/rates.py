"""What a page says of constants: that they are taken into the learning rate, as many do with the 2 of a square."""

from __future__ import annotations

import re
from dataclasses import replace

from symbp.verification.verdict import Verdict

_RATE = r"(?:learning[ -]rate|step[ -]?size|rate\b|\\eta\b|\\alpha\b|η|α)"
_CONSTANT = r"(?:factors?\b|constants?\b|\b2\b|\btwo\b|\b1/[2mnN]\b|½|\\frac)"
_TAKEN = r"(?:absorb|ignor|fold|swallow|incorporat|merg|drop|omit|tak|put|push|leav|goes)\w*"
_SAID = re.compile(
    rf"{_CONSTANT}[^.;]{{0,80}}{_TAKEN}[^.;]{{0,60}}\b(?:into|in|with|by|to)\b[^.;]{{0,20}}{_RATE}"
    rf"|{_TAKEN}[^.;]{{0,40}}{_CONSTANT}[^.;]{{0,60}}\b(?:into|in|with|to)\b[^.;]{{0,20}}{_RATE}"
    rf"|{_TAKEN}[^.;]{{0,40}}{_CONSTANT}[^.;]{{0,40}}\b(?:since|because|as|for)\b[^.;]{{0,60}}{_RATE}",
    re.IGNORECASE,
)
_OF_ALL = re.compile(r"a factor \$?[\d./]+\$? is missing|the factor \$?[\d./]+\$? does not belong here")
NOTE = "the page says that a constant goes into the learning rate"


def says_rate(text: str) -> bool:
    """Whether a page says that constants are taken into the rate."""
    return _SAID.search(re.sub(r"\s+", " ", text)) is not None


def noted(verdict: Verdict) -> Verdict:
    """The verdict on a claim of such a page: one that is off by a constant stays wrong, and the page's words are named."""
    if verdict.verdict != "wrong" or verdict.cause != "factor" or not _OF_ALL.fullmatch(verdict.reason):
        return verdict
    return replace(verdict, note="; ".join(n for n in (verdict.note, NOTE) if n))
