"""Verdicts in HTML: one page that needs nothing else, and the pieces of it for a notebook."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePath
from typing import Any

from markupsafe import Markup

from symbp.documents.marking.html_formula import KINDS, code_html, fault_of, formula_html, sentence_html, sign_html
from symbp.documents.marking.html_markdown import markdown_html
from symbp.documents.marking.html_tex import tex_html
from symbp.documents.marking.report import Mark, Report, Section
from symbp.documents.marking.said import HOW, Formula, said
from symbp.notation.templates import environment
from symbp.verification.verdict import Verdict, counts
from symbp.version import __version__

_MOST_NAMES = 8


def html_page(report: Report) -> str:
    """The report as one HTML file: no script, no network, light or dark as the reader's system is."""
    verdicts = [m.verdict for m in report.marks]
    values = {
        "version": __version__,
        "title": _title([s.title for s in report.sections if s.title]),
        "counts": counts(verdicts, report.others),
        "how": ", ".join(
            f"{n} {words}"
            for how, words in HOW.items()
            if (n := sum(v.how == how and v.verdict == "correct" for v in verdicts))
        ),
        "faults": [entry(m, s.title) for s in report.sections for m in s.marks if not m.verdict.ok],
        "sections": [_section(s) for s in report.sections],
        "several": len(report.sections) > 1,
    }
    return environment("html").get_template("verify_page.html.jinja").render(values)


def notebook_html(verdicts: Sequence[Verdict]) -> str:
    """Verdicts as a notebook shows them."""
    corrections = iter(range(1, len(verdicts) + 1))
    several = len(verdicts) > 1
    marks = [Mark(k, v, (), next(corrections) if not v.ok and several else None) for k, v in enumerate(verdicts, 1)]
    template = environment("html").get_template("verify_notebook.html.jinja")
    return template.render(entries=[entry(m) for m in marks])


def _title(names: Sequence[str]) -> str:
    """What a page is about: its files, or how many there are."""
    return ", ".join(names) or "formulas" if len(names) <= _MOST_NAMES else f"{len(names)} files"


def entry(mark: Mark, file: str = "") -> dict[str, Any]:
    """What the templates show of a mark, of a `file` where that is said."""
    s, v = said(mark), mark.verdict
    return {
        "said": s,
        "note": sentence_html(s.note),
        "reasons": [*map(sentence_html, s.reasons)],
        "kind": KINDS[s.outcome],
        "sign": sign_html(mark),
        "anchor": f"claim-{mark.number}",
        "claim": formula_html(Formula.of(v.claim), fault_of(mark)),
        "source": code_html(v.claim, fault_of(mark)),
        "is_latex": Formula.of(v.claim).latex,
        "formula": formula_html(s.formula) if s.formula else None,
        "formula_source": s.formula.text if s.formula else "",
        "file": file or (PurePath(v.file).name if v.file else ""),
    }


def _section(section: Section) -> dict[str, Any]:
    document = {"tex": tex_html, "markdown": markdown_html}.get(section.kind)
    return {
        "title": section.title or "From the command line",
        "about": section.about,
        "counts": counts([m.verdict for m in section.marks], section.others),
        "entries": [entry(m) for m in section.marks],
        "document": document(section, _note) if document else None,
        "alone": [(one.line, formula_html(Formula.of(one.text)), one.why) for one in section.alone],
    }


def _note(mark: Mark) -> Markup:
    """What stands below an equation of a document: the correction; of what is right, nothing."""
    if mark.verdict.ok:
        return Markup()
    template = environment("html").get_template("verify_note.html.jinja")
    return Markup(template.render(e=entry(mark)))
