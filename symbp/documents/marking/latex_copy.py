r"""A LaTeX document with its equations marked: the document as it is, a sign behind each equation that claims something, the
wrong part underlined, and a note with the cause and the mended formula below."""

from __future__ import annotations

from symbp.documents.marking.copying import Insertion, inserted, mark_insertions
from symbp.documents.marking.latex_places import Places
from symbp.documents.marking.latex_text import escaped, formula, sentence
from symbp.documents.marking.report import Mark, Section
from symbp.documents.marking.said import said
from symbp.documents.source import Document
from symbp.notation.templates import environment
from symbp.verification.verdict import counts
from symbp.version import __version__

_FIRST, _NOTE, _LAST = -1, 5, 9


def latex_copy(section: Section) -> str:
    """The marked copy of a section's document."""
    places = Places(Document(section.source))
    start, stop = places.body
    marks = [m for m in section.marks if m.at and start <= max(m.at) < stop]
    insertions = mark_insertions(section.source, marks, sign, r"{\symbpfault{", "}}")
    homeless = [m for m in section.marks if not m.verdict.ok and m not in marks]
    continued = set[int]()  # where the text of a paragraph goes on behind the notes
    for mark in marks:
        if mark.verdict.ok:
            continue
        place = places.note_at(max(mark.at))
        if place is None:
            homeless.append(mark)
            continue
        at, goes_on = place
        insertions.append(Insertion(at, _NOTE + mark.number, f"\n{note(mark)}%\n"))
        if goes_on:
            continued.add(at)
    insertions += [Insertion(at, _NOTE + len(section.marks) + 1, "\\noindent\\ignorespaces ") for at in continued]
    last = 10 + _NOTE + len(section.marks)
    if homeless:
        insertions.append(Insertion(stop, last, _framed(places, "".join(f"{note(m, line=True)}\n" for m in homeless))))
    insertions.append(Insertion(places.opening, _FIRST, _framed(places, summary(section))))
    values = {"heading": f"Marked by symbp {__version__}"}
    name = "verify_fragment.tex.jinja" if places.is_fragment else "verify_copy.tex.jinja"
    head = environment("latex").get_template(name).render(values)
    if places.is_fragment:
        body = inserted(section.source, insertions)
        return f"{head}{body}" + ("" if body.endswith("\n") else "\n") + "\\symbpend\n"
    insertions.append(Insertion(places.preamble_end, _FIRST, head))
    return inserted(section.source, insertions)


def _framed(places: Places, text: str) -> str:
    """A text where it stands for itself; of slides, on one of its own."""
    return f"\n\\begin{{frame}}\n{text}\\end{{frame}}\n" if places.slides else f"\n{text}"


def sign(mark: Mark) -> str:
    """The sign behind an equation; nothing behind a definition."""
    match mark.verdict.verdict:
        case "correct":
            return r"\symbpright{}"
        case "wrong":
            return rf"\symbpwrong{{{mark.correction}}}"
        case "definition":
            return ""
    return rf"\symbpopen{{{mark.correction}}}{{{'?' if mark.verdict.verdict == 'undecided' else '!'}}}"


def note(mark: Mark, line: bool = False) -> str:
    """What is said of an equation that is not right; `line` adds where it stands."""
    s = said(mark)
    colour = "wrong" if s.outcome == "wrong" else "open"
    title = escaped(f"{s.title}, line {s.line}" if line and s.line else s.title)
    parts = [sentence(s.note), *map(sentence, s.reasons)]
    if s.formula:
        parts.append(f"{'Right' if s.label == 'right' else 'Derived'}: {formula(s.formula)}")
    return rf"\symbpnote{{{colour}}}{{{mark.correction}\enspace {title}.}}{{{' '.join(p for p in parts if p)}}}"


def summary(section: Section) -> str:
    """The counts, and what the claims are about, in a note."""
    found = ", ".join(f"{n} {words}" for words, n in counts([m.verdict for m in section.marks], section.others))
    about = "; ".join(f"{name} {escaped(value)}" for name, value in section.about)
    colour = "right" if all(m.verdict.ok for m in section.marks) else "wrong"
    return rf"\symbpnote{{{colour}}}{{Marked by symbp {__version__}: {found or 'no claims'}.}}{{{about}.}}" + "\n"
