"""Claims judged one after the other: read in the language that they are written in, and decided."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from symbp.errors import InputError
from symbp.formula.grammar import links_of_text, read_claim, without_comment
from symbp.verification.accumulate import continued
from symbp.verification.decided import decided
from symbp.verification.masks import PART, is_part, masked, set_later
from symbp.verification.meaning.partials import as_derivative
from symbp.verification.numpy_names import with_names
from symbp.verification.problems.latex import as_meant, as_named, looks_latex
from symbp.verification.problems.problem import Problem
from symbp.verification.readings.page import SETTING, judge_page
from symbp.verification.state import Heard, State
from symbp.verification.stepping import coded_step, judged_step
from symbp.verification.verdict import Verdict


class Judge(State):
    """Judges claims about one network, or whatever else has a setting, in order, keeping definitions."""

    @classmethod
    def of_problem(cls, problem: Problem) -> Judge:
        """A judge of claims about a problem."""
        dropped = SETTING if problem.transposes == "dropped" else ""
        return cls(problem, problem.layout, batch=True, notation=problem.notation, dropped=dropped)

    def judge_all(self, claims: Iterable[tuple[int | None, str]], file: str | None = None) -> Iterator[Verdict]:
        """The verdicts on numbered lines, in order; a sum that is claimed in parts (``+=``) is judged with its last part."""
        lines = [*claims]
        texts = [text for _, text in lines]
        for (line, text), more, masked_later in zip(lines, continued(texts), set_later(texts), strict=True):
            verdict = self.judge(text, line, file, more=more)
            part = masked_later and verdict.verdict == "wrong" and is_part(self, text)
            yield replace(Verdict(text, "definition", line=line, file=file), note=PART) if part else verdict

    def judge(
        self,
        text: str,
        line: int | None = None,
        file: str | None = None,
        *,
        more: bool = False,
        latex: bool | None = None,
    ) -> Verdict:
        """The verdict on one line of text; `more` says that a later line adds to it, `latex` that it is LaTeX (None: see)."""
        blank = Verdict(text, "unreadable", line=line, file=file)
        first = self.first
        try:
            plain = without_comment(text) if latex is None else text
            own = frozenset(name for name, _ in self.memory.defined)
            if looks_latex(first.setting, plain, own) if latex is None else latex:
                return self._keeping(judge_page(self, plain, blank, more))
            verdicts = []
            for part in links_of_text(as_meant(first.setting, plain)):
                claim, step = coded_step(self.several.setting, as_derivative(first.setting, read_claim(part)))
                self.memory = with_names(self, claim)
                heard = masked(self, claim, blank) if claim.masks else decided(self, claim, blank, more)
                if step is not None:
                    heard = Heard(judged_step(self, claim, step, heard.verdict), self.memory)
                verdicts.append(as_named(first.setting, self._keeping(heard)))
            return next((v for v in verdicts if not v.ok), verdicts[0])
        except InputError as e:
            reason = str(InputError(e.message, allowed=e.allowed, nearest=e.nearest))
            if not re.search(r"[\\{}]", text) and (looks_latex(first.setting, text) if latex is None else False):
                reason += " (the line is read as LaTeX, because of ^ or _)"
            return replace(blank, reason=reason, column=e.place.column, expected=e.allowed or None)

    def _keeping(self, heard: Heard) -> Verdict:
        """The verdict; what is remembered after it is kept."""
        self.memory = heard.memory
        return heard.verdict
