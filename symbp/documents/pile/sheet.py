"""One file of a pile judged: its verdicts or why there are none, and its marked copy."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import PurePath
from typing import Literal, TypeAlias

from symbp.documents.jobs import Job, Wishes, jobs_of, judged
from symbp.documents.marking.claims_copy import claims_copy
from symbp.documents.marking.hints import MEND, Hint, hinted_section
from symbp.documents.marking.html import html_page
from symbp.documents.marking.latex_page import latex_page
from symbp.documents.marking.python_copy import python_copy
from symbp.documents.marking.report import Kind, Report, Section
from symbp.documents.pile.functions import function_of
from symbp.documents.pile.gather import Found
from symbp.errors import InputError
from symbp.verification.verdict import Verdict, summary, text

Status: TypeAlias = Literal["judged", "no claims", "not read", "failed"]
Written: TypeAlias = Literal["own", "html", "latex", "text"]
"""The language of marked copies: each file's own (of Markdown HTML), or one for all."""


@dataclass(frozen=True)
class Sheet:
    """A file of the pile: what was found in it, why it was not read (empty: it was), and its marked copy under a name.

    A file whose judging failed has the verdicts that were there before.
    """

    found: Found
    status: Status
    verdicts: tuple[Verdict, ...] = ()
    section: Section | None = None
    reason: str = ""
    copy: tuple[str, str] | None = field(default=None, repr=False)

    @property
    def others(self) -> int:
        """How many of its equations are no claims."""
        return self.section.others if self.section is not None else 0

    @property
    def ok(self) -> bool:
        """Whether it was read, and nothing in it is wrong."""
        return self.status in ("judged", "no claims") and all(v.ok for v in self.verdicts)


@dataclass(frozen=True)
class Marker:
    """How the files of a pile are judged, one like another; it goes to other processes. `copies` None: no copies are made."""

    wishes: Wishes
    hint: Hint = MEND
    copies: Written | None = None

    def __call__(self, found: Found) -> Sheet:
        """The file judged. Whatever is wrong with it, or with symbp, is said of it, and stops nothing else."""
        verdicts: list[Verdict] = []
        if found.reason:
            return Sheet(found, "not read", reason=found.reason)
        try:
            job = self._job(found)
            (section,) = judged([job], lambda verdict, _: verdicts.append(verdict)).sections
            sheet = Sheet(found, "judged" if section.marks else "no claims", tuple(verdicts), section)
            return replace(sheet, copy=self._copy(sheet))
        except InputError as e:
            return Sheet(found, "failed" if verdicts else "not read", tuple(verdicts), reason=_here(e, found.path))
        except Exception as e:  # a fault of ours costs one file and not the pile
            reason = f"a fault of symbp's, please report it: {type(e).__name__}: {e}"
            return Sheet(found, "failed", tuple(verdicts), reason=reason)

    def lost(self, found: Found, why: str) -> Sheet:
        """The sheet of a file whose process has ended."""
        return Sheet(found, "failed", reason=f"the process that judged it has ended: {why}")

    def _job(self, found: Found) -> Job:
        """The job of one file; options that speak of other kinds of files say nothing of it."""
        path, ending = found.path, PurePath(found.path).suffix.lower()
        wishes = self.wishes
        if ending == ".py":
            path = f"{path}:{found.function or function_of(path, wishes.of)}"
        if ending in (".py", ".toml"):
            plain = Wishes(wishes.network, of=wishes.of if ending == ".py" else None, kept=wishes.kept)
            return jobs_of((path,), (), plain)[0]
        return jobs_of((path,), (), replace(wishes, of=None))[0]

    def _copy(self, sheet: Sheet) -> tuple[str, str] | None:
        """The name and the text of the marked copy."""
        if self.copies is None or sheet.section is None:
            return None
        section = hinted_section(sheet.section, self.hint)
        own = self.copies == "own"
        written = _OWN[section.kind] if own else self.copies
        ending = _ENDINGS[written]
        name = sheet.found.name
        kept = own and (not ending or name.lower().endswith(ending))
        return (name if kept else f"{name}{ending}"), _COPIES[written](section)


def _here(error: InputError, path: str) -> str:
    """An error in words, without the name of the file that they are said of."""
    place = replace(error.place, file=None) if error.place.file == path else error.place
    return str(InputError(error.message, place=place, allowed=error.allowed, nearest=error.nearest))


def _page(section: Section) -> str:
    return html_page(Report((section,)))


def _latex(section: Section) -> str:
    return latex_page(Report((section,)))


def _text(section: Section) -> str:
    verdicts = [m.verdict for m in section.marks]
    return "".join(f"{line}\n" for line in [*map(text, verdicts), summary(verdicts, section.others)])


_OWN: Mapping[Kind, str] = {"tex": "latex", "markdown": "html", "claims": "claims", "python": "python"}
"""What the marked copy of each kind of file is written in."""
_ENDINGS: Mapping[str, str] = {"latex": ".tex", "html": ".html", "claims": "", "python": "", "text": ".txt"}
_COPIES: Mapping[str, Callable[[Section], str]] = {
    "latex": _latex,
    "html": _page,
    "claims": claims_copy,
    "python": python_copy,
    "text": _text,
}
