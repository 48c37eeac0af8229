"""The bench's claims in LaTeX: right ones and mechanical mistakes printed by the package, a fixed sample of each file."""

from __future__ import annotations

import random
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import replace

from cases import Case

from symbp.errors import InputError
from symbp.formula.grammar import read_claim
from symbp.notation import NOTATIONS, Notation
from symbp.verification.judge import Judge
from symbp.verification.readings.written import Written

CONVENTIONS = ("iitm", "credit", "nielsen", "iitkgp")
WRONG_OF_A_FILE = 8


def twins(judge: Judge, cases: Iterable[Case], name: str) -> Iterator[tuple[Case, Notation]]:
    """Claims of a file as LaTeX, each with the notation that it is written in; what has no LaTeX is left out."""
    chance = random.Random(zlib.crc32(name.encode()))
    plain = [c for c in cases if "\\" not in c.claim]
    right = [c for c in plain if c.right]
    wrong = [c for c in plain if not c.right]
    for case in [*right, *chance.sample(wrong, min(WRONG_OF_A_FILE, len(wrong)))]:
        own = judge.net.notation if not hasattr(judge.net, "layers") else NOTATIONS[chance.choice(CONVENTIONS)]
        text = printed(judge, case.claim, own)
        implied = "missing_sum" in case.causes and "[" in case.claim  # in LaTeX a repeated index is summed
        if text is not None and not implied:
            yield replace(case, claim=text), own


def printed(judge: Judge, text: str, notation: Notation) -> str | None:
    """A claim as LaTeX in a notation; None where LaTeX has no words for it."""
    try:
        claim = read_claim(text)
        setting = judge.first.setting
        capital = bool(judge.batch) and not claim.indexed and hasattr(judge.net, "layers")
        written = Written(
            notation, setting, notation.style, loss=notation.loss[0], batch=capital, indexed=claim.indexed
        )
        return written.claim_text(claim) or None
    except (InputError, TypeError):
        return None
