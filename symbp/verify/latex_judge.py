"""Claims in LaTeX judged: every equation of a chain, for every layer that it is about, and one verdict for all of them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from symbp.errors import InputError
from symbp.verify.grammar import read_claim
from symbp.verify.latex_claims import Reading, links_of, readings
from symbp.verify.latex_names import Vocabulary
from symbp.verify.syntax import Claim
from symbp.verify.verdict import Verdict

if TYPE_CHECKING:
    from symbp.verify.compare import Bench
    from symbp.verify.judge import Judge


def judge_latex(judge: Judge, text: str, blank: Verdict) -> Verdict:
    """The verdict on an equation; InputError where it cannot be read."""
    verdicts = [_equation(judge, part, blank) for part in links_of(text)]
    return next((v for v in verdicts if not v.ok), verdicts[0])


def in_language(claim: Claim, text: str | None) -> str | None:
    """A derived equation in the language of a claim, where it can be read and written in it."""
    if text is None or claim.written is None:
        return text
    try:
        return claim.written.claim_text(read_claim(text))
    except InputError:
        return text


def _equation(judge: Judge, text: str, blank: Verdict) -> Verdict:
    def bench_of(batch: bool) -> Bench:
        return judge.several if batch or judge.batch else judge.example

    setting = (judge.several if judge.batch else judge.example).setting
    found = readings(text, Vocabulary(judge.notation, setting), bench_of)
    verdicts = [(r, judge.judged(r.claim, blank)) for r in found]
    bad = [(r, v) for r, v in verdicts if not v.ok]
    if bad and len(bad) < len(verdicts) and not bad[0][0].universal:
        right, wrong = (next(r.layers for r, v in verdicts if v.ok == ok) for ok in (True, False))
        raise InputError(f"which layers? right for {right}, not for {wrong}", allowed="a layer at every letter")
    if bad:
        return _with_note(*bad[0], [bad[0][0].layers] if len(found) > 1 or bad[0][0].layers else [])
    return _with_note(*verdicts[0], [r.layers for r in found if r.layers])


def _with_note(reading: Reading, verdict: Verdict, layers: list[str]) -> Verdict:
    """A verdict that says which layers it is about, and what was assumed."""
    pairs = [x.split(" = ") for x in layers]
    if len(layers) > 1 and all(len(p) == 2 for p in pairs):
        layers = [f"{pairs[0][0]} = {', '.join(p[1] for p in pairs)}"]
    about = f"for {'; '.join(layers)}" if layers and any(layers) else ""
    return replace(verdict, note="; ".join(n for n in (reading.note, about, verdict.note) if n))
