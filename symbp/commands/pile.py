"""``symbp verify FOLDER``: a pile of files judged, told file by file, as a table, and by marked copies."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from symbp.commands.options import writable, write
from symbp.documents.marking.hints import Hint, hinted, hinted_section
from symbp.documents.pile.gather import READ, Found, gathered, is_pile
from symbp.documents.pile.mistakes import class_summary, mistakes, sheet_line
from symbp.documents.pile.sheet import Marker, Sheet, Written
from symbp.documents.pile.table import table_text
from symbp.documents.pile.workers import in_order
from symbp.errors import InputError, Place

if TYPE_CHECKING:
    from symbp.documents.jobs import Wishes
    from symbp.documents.marking.report import Report

_FILES_EACH = 8  # a process takes a second or two to start
_WRITTEN: dict[str | None, Written] = {None: "own", "html": "html", "latex": "latex", "text": "text"}
"""The language of marked copies by the format that is asked for."""


@dataclass(frozen=True)
class Wanted:
    """What is wanted of a pile: a table in a file (None: none), marked copies in a folder or a report in a file, in a format
    (None: as their names say), how much is said of mistakes, and by how many processes (None: as is worth it)."""

    csv: str | None
    output: str | None
    format: str | None
    hint: Hint
    processes: int | None

    @property
    def folder(self) -> str | None:
        """The folder for marked copies; None where there is none."""
        return self.output if names_folder(self.output) else None


def names_folder(output: str | None) -> bool:
    """Whether an output is a folder: it is there, or its name ends like one, or has no ending."""
    if output in (None, "-"):
        return False
    assert output is not None
    return (
        os.path.isdir(output) or output.endswith(("/", os.sep)) or not (os.path.exists(output) or Path(output).suffix)
    )


def means_pile(files: Sequence[str], csv: str | None, output: str | None) -> bool:
    """Whether the arguments of the command mean a pile."""
    folder = output is not None and (os.path.isdir(output) or output.endswith(("/", os.sep)))
    return is_pile(files) or csv is not None or (bool(files) and folder)


def judge_pile(files: Sequence[str], wishes: Wishes, wanted: Wanted, format_of: Callable[[str | None], str]) -> int:
    """Judge a pile, say what was found, and return the exit status: 0 everything is right, 1 something is wrong or undecided,
    2 something cannot be read. What is written is whole or not there, whenever it ends."""
    found = _files(files, wishes, wanted)
    marker = Marker(replace(wishes, kept={}), wanted.hint, _written(wanted) if wanted.folder else None)
    shown = "text" if wanted.folder else format_of(wanted.output)
    if shown in ("latex", "python"):
        raise InputError(f"a report on several files is not written in {shown}", allowed="-o FOLDER, html, json, text")
    streamed = shown == "text" and wanted.output in (None, "-", wanted.folder) and wanted.csv != "-"
    sheets: list[Sheet] = []
    for sheet in in_order(marker, marker.lost, found, wanted.processes or _processes(len(found))):
        sheets.append(replace(sheet, copy=None))
        if sheet.copy is not None and wanted.folder is not None:
            name, text = sheet.copy
            target = Path(wanted.folder, name)
            target.parent.mkdir(parents=True, exist_ok=True)
            write(text, target)
        if streamed:
            click.echo(sheet_line(sheet))
    if wanted.csv is not None:
        write(table_text(sheets), wanted.csv)
    if streamed:
        click.echo(class_summary(sheets))
    elif wanted.folder is None and (wanted.output is not None or wanted.csv != "-"):
        write(_told(sheets, shown, wanted.hint), None if wanted.output == "-" else wanted.output)
    return status_of(sheets)


def status_of(sheets: Sequence[Sheet]) -> int:
    """The exit status that some files have."""
    if any(s.reason or any(v.verdict == "unreadable" for v in s.verdicts) for s in sheets):
        return 2
    return 0 if all(s.ok for s in sheets) else 1


def _files(files: Sequence[str], wishes: Wishes, wanted: Wanted) -> list[Found]:
    """The files of the pile. What can be said before the first of them is judged is said: an option that cannot be used, a
    table that cannot be written."""
    _check(wishes)
    if wanted.csv not in (None, "-"):
        writable(str(wanted.csv))
    mine = {os.path.realpath(path) for path in _named(wishes)}
    found = [f for f in gathered(files, [wanted.folder]) if os.path.realpath(f.path) not in mine]
    if not found:
        raise InputError("nothing to verify: no file that is read", place=Place(files[0]),
                         allowed=", ".join(sorted(READ)))  # fmt: skip
    if wanted.folder is None:
        return found
    for f in found:
        if os.path.realpath(os.path.join(wanted.folder, f.name)) == os.path.realpath(f.path):
            raise InputError("marked copies would replace the files that are read", place=Place(wanted.folder),
                             allowed="another folder")  # fmt: skip
    try:
        Path(wanted.folder).mkdir(parents=True, exist_ok=True)
    except OSError as e:
        raise InputError(f"cannot be written: {e.strerror}", place=Place(wanted.folder)) from None
    return found


def _check(wishes: Wishes) -> None:
    """InputError for an option that is of no use to any file."""
    from symbp.notation import notation_named
    from symbp.verification.problems.given import is_function, module_of, own_map

    if wishes.convention is not None:
        notation_named(wishes.convention)
    if wishes.arch is not None and own_map(wishes.arch) is None:
        wishes.network(wishes.arch, **{k: v for k, v in (wishes.given or {}).items() if v is not None})
    if wishes.of is not None and is_function(wishes.of):
        module_of(wishes.of)


def _named(wishes: Wishes) -> Iterator[str]:
    """The files that the options name, which nobody has handed in."""
    for text in (wishes.arch, wishes.of, wishes.convention):
        for path in (text, text.rpartition(":")[0]) if text else ():
            if path and os.path.isfile(path):
                yield path


def _written(wanted: Wanted) -> Written:
    if wanted.format not in _WRITTEN:
        raise InputError(f"marked copies of several files are not all written in {wanted.format}",
                         allowed="no --format: each in its own language; html, latex, text")  # fmt: skip
    return _WRITTEN[wanted.format]


def _told(sheets: Sequence[Sheet], shown: str, hint: Hint) -> str:
    """Everything that was found, in one text."""
    if shown == "html":
        from symbp.documents.marking.html import html_page

        return html_page(_report(sheets, hint))
    if shown == "json":
        return json.dumps(_as_json(sheets, hint), indent=2, ensure_ascii=False, allow_nan=False)
    return "".join(f"{sheet_line(s)}\n" for s in sheets) + class_summary(sheets) + "\n"


def _report(sheets: Sequence[Sheet], hint: Hint) -> Report:
    """The files as the sections of one report; those that were not read say why."""
    from symbp.documents.marking.report import Section, renumbered

    return renumbered(
        replace(hinted_section(s.section, hint), title=s.found.name)
        if s.section is not None
        else Section(s.found.name, "claims", (("not read", s.reason),), ())
        for s in sheets
    )


def _as_json(sheets: Sequence[Sheet], hint: Hint) -> dict[str, Any]:
    """The verdicts as those of one file are, and what is said of the files and of the class."""
    results = [hinted(v, hint).as_json() for s in sheets for v in s.verdicts]
    files = [{"file": s.found.path, "status": s.status, "reason": s.reason or None, "claims": len(s.verdicts),
              "not_claims": s.others} for s in sheets]  # fmt: skip
    common = [{"mistake": m.name, "claims": m.claims, "files": m.files, "example": m.example.claim, "file": m.file,
               "line": m.example.line} for m in mistakes(sheets)]  # fmt: skip
    return {"results": results, "ok": all(s.ok for s in sheets), "files": files, "mistakes": common}


def _processes(files: int) -> int:
    """How many processes are worth their start: no more than cores, and enough files for each."""
    try:
        cores = len(os.sched_getaffinity(0))
    except AttributeError:
        cores = os.cpu_count() or 1
    return min(cores, 1 + files // _FILES_EACH)
