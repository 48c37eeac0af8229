"""A report in LaTeX: the marked copy of one document, or a page with every claim and its verdict."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from symbp.documents.marking.latex_copy import latex_copy
from symbp.documents.marking.latex_text import code, escaped, formula, sentence
from symbp.documents.marking.report import Kind, Mark, Report
from symbp.documents.marking.said import Formula, said
from symbp.documents.marking.structure import markable, typesets
from symbp.errors import InputError, Place
from symbp.notation.templates import environment
from symbp.verification.verdict import counts
from symbp.version import __version__


def one_copy(given: Sequence[tuple[str | None, Kind]]) -> None:
    """InputError where a document in LaTeX is one of several inputs: their marked copies are no one document."""
    documents = [path for path, kind in given if kind == "tex"]
    if documents and len(given) > 1:
        raise InputError(
            f"a marked copy is of one document, and there are {len(given)} inputs",
            place=Place(documents[-1]),
            allowed="one .tex file at a time; --format html shows several",
        )


def latex_page(report: Report) -> str:
    """The report in LaTeX; InputError where there is no one document."""
    one_copy([(s.title, s.kind) for s in report.sections])
    if report.sections and report.sections[0].kind == "tex":
        return latex_copy(report.sections[0])
    found = ", ".join(f"{n} {words}" for words, n in counts([m.verdict for m in report.marks], report.others))
    sections = [
        {
            "title": escaped(s.title),
            "about": [(name, escaped(value)) for name, value in s.about],
            "marks": [_entry(m) for m in s.marks],
        }
        for s in report.sections
    ]
    heading = f"symbp {__version__}: {found or 'no claims'}"
    return environment("latex").get_template("verify_page.tex.jinja").render(heading=heading, sections=sections)


def _entry(mark: Mark) -> dict[str, Any]:
    s = said(mark)
    signs = {"correct": r"\symbpright{}", "wrong": r"\symbpsign{wrong}{\hbox{\boldmath$\times$}}", "definition": "$=$"}
    other = rf"\symbpsign{{open}}{{\hbox{{\bfseries {'?' if s.outcome == 'undecided' else '!'}}}}}"
    notes = [sentence(words) for words in (s.note, *s.reasons) if words]
    if s.formula:
        notes.append(f"{'Right' if s.label == 'right' else 'Derived'}: {formula(s.formula)}")
    words = [s.how.capitalize() or s.title, *([f"line {s.line}"] if s.line else [])]
    return {
        "number": mark.number,
        "sign": signs.get(s.outcome, other),
        "claim": _claim(mark),
        "said": escaped("; ".join(words)),
        "notes": notes,
    }


def _claim(mark: Mark) -> str:
    """The claim with its wrong part marked."""
    v = mark.verdict
    shown = Formula.of(v.claim)
    until = v.until if v.until is not None else v.column
    if v.column is None or until is None or until > len(v.claim) or v.verdict not in ("wrong", "unreadable"):
        return formula(shown)
    a, b = v.column - 1, until
    if shown.latex and typesets(v.claim):
        text = v.claim
        for start, end in reversed(markable(text, a, b) if v.verdict == "wrong" else []):
            text = rf"{text[:start]}{{\symbpfault{{{text[start:end]}}}}}{text[end:]}"
        return f"${text}$"
    if len(v.claim) > 600:
        return code(v.claim)
    fault = rf"\underline{{{code(v.claim[a:b])}}}" if len(v.claim[a:b]) < 40 else code(v.claim[a:b])
    return rf"{code(v.claim[:a])}{{\color{{symbpwrong}}{fault}}}{code(v.claim[b:])}"
