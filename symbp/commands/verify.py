"""``symbp verify``: judge hand-derived formulas about a network."""

from __future__ import annotations

import json
import os
import re
import sys
from typing import TYPE_CHECKING, Any

import click

from symbp.commands.completion import ARCH, CONVENTION, FILE, one_of
from symbp.commands.formats import format_of
from symbp.commands.options import Whole, network, network_options, write

if TYPE_CHECKING:
    from symbp.documents.jobs import Wishes
    from symbp.documents.marking.hints import Hint
    from symbp.documents.marking.report import Report
    from symbp.verification.verdict import Verdict

_FORMATS = {".html": "html", ".htm": "html", ".tex": "latex", ".json": "json", ".txt": "text", ".py": "python"}
"""The format that the ending of a file's name stands for."""


@click.command("verify", short_help="judge hand-derived formulas")
@click.argument("files", type=FILE, metavar="FILE...", nargs=-1)
@click.option("--arch", type=ARCH, metavar="ARCH", help="The network: a short string, or a TOML or JSON file.")
@click.option(
    "--of", "of", metavar="NAME|FILE.py:NAME", help="The forward function of a hand-written backward one, FILE.py:NAME."
)
@click.option("--claim", "claims", metavar="FORMULA", multiple=True, help="A formula; may be given several times.")
@click.option(
    "--layout",
    type=click.Choice(["columns", "rows"]),
    help="How examples lie (default: columns, or as in the convention).",
)
@click.option(
    "--convention",
    type=CONVENTION,
    metavar="NAME|FILE.toml",
    help="Whose letters formulas in LaTeX use, see symbp list conventions (default: iitm), or a file of your own.",
)
@click.option("--batch/--example", default=None, help="Decide for a batch or for one example (default: by the claim).")
@click.option(
    "--format",
    "format_",
    type=one_of("text", "json", "html", "latex", "python"),
    metavar="NAME",
    help="text (the default), json, html, or a marked copy: latex of FILE.tex, python of FILE.py; html also of FILE.md.",
)
@click.option(
    "-o", "--output", type=FILE, metavar="FILE", help="Write to FILE; its ending decides the format, or --format does."
)
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
@click.option(
    "--hint",
    type=Whole(1, 3),
    metavar="1|2|3",
    help="What is said of a mistake: its place, its cause too, or the mended formula as well (the default).",
)
@click.option("--csv", type=FILE, metavar="FILE", help="Of a pile: a table, a row a file (- is standard output).")
@click.option("-j", "--jobs", "processes", type=Whole(1, 512), metavar="N",
              help="Of a pile: how many files are judged at once (default: up to the number of cores).")  # fmt: skip
@click.option("--no-fix", is_flag=True, help="No mended and no derived formulas: --hint 2.")
@network_options
def command(
    files: tuple[str, ...],
    arch: str | None,
    of: str | None,
    claims: tuple[str, ...],
    layout: str | None,
    convention: str | None,
    batch: bool | None,
    format_: str | None,
    output: str | None,
    as_json: bool,
    hint: int | None,
    no_fix: bool,
    csv: str | None,
    processes: int | None,
    **given: Any,
) -> int:
    """Judge hand-derived formulas: right, wrong with a counterexample, or unreadable.

    FILE holds one claim a line, such as  delta1 = (W2.T @ delta2) * g'(z1)  ; # starts a comment, and lines such as
    arch = "2-2:sigmoid-2:sigmoid", loss = "sse" and layout = "rows" stand at its top. Of a .tex or .md file the
    equations that claim something are judged. A .toml file is a problem of your own,
    with [tensors], and [problem] with forward, loss and claims. FILE.py:NAME is a hand-written backward function,
    judged line by line: --of says which function is its forward one. A folder is a pile: all files in it are judged,
    --csv writes a row a file, and -o FOLDER the marked copies. Exit status: 0 all right, 1 a claim is wrong or
    undecided, 2 a claim or a file cannot be read.
    """
    from symbp.commands.pile import Wanted, judge_pile, means_pile
    from symbp.documents.jobs import Wishes
    from symbp.documents.marking.hints import hint_of
    from symbp.errors import InputError

    if claims:  # --claim A B: what follows a formula and looks like one is one too
        formulas = [f for f in files if _is_formula(f)]
        claims, files = (*claims, *formulas), tuple(f for f in files if f not in formulas)
    elif arch is not None and len(files) == 1 and _is_formula(files[0]):
        raise InputError("a formula where a file is meant", allowed=f"--claim {files[0]!r}")
    if not files and not claims:
        raise InputError("nothing to verify", allowed="FILE..., or --arch ARCH --claim FORMULA")
    if no_fix and hint == 3:
        raise InputError("--hint 3 and --no-fix", allowed="one of them")
    format_, said = _format(format_, as_json), hint_of(hint, no_fix)
    wishes = Wishes(network, arch, layout, convention, batch, given, of)  # type: ignore[arg-type]

    def chosen(name: str | None) -> str:
        return format_of(name, _FORMATS, "text", format_, bare=False, override=True)

    if not means_pile(files, csv, output):
        return _judge(files, claims, wishes, chosen(output), output, said)
    if claims:
        raise InputError("--claim beside a pile of files", allowed="FOLDER or FILE..., or --claim")
    return judge_pile(files, wishes, Wanted(csv, output, format_, said, processes), chosen)


def _format(format_: str | None, as_json: bool) -> str | None:
    """The format that is asked for; InputError where there is none, or two."""
    from symbp.errors import InputError, unknown

    if as_json and format_ not in (None, "json"):
        raise InputError(f"--json and --format {format_}", allowed="one of them")
    if format_ is not None and format_ not in _FORMATS.values():
        raise unknown("format", format_, dict.fromkeys(_FORMATS.values()))
    return "json" if as_json else format_


def _judge(
    files: tuple[str, ...], claims: tuple[str, ...], wishes: Wishes, chosen: str, output: str | None, hint: Hint
) -> int:
    """Judge files and claims one by one, write what was found, and return the exit status."""
    from symbp.documents.jobs import jobs_of, judged
    from symbp.documents.marking.alone import said_at_end
    from symbp.documents.marking.hints import hinted, hinted_report
    from symbp.errors import InputError, Place, printable
    from symbp.verification.verdict import summary, text

    _apart(output, files, wishes.arch)
    jobs = jobs_of(files, claims, wishes)
    _apart(output, tuple(name for job in jobs for name in job.reads), None)
    if chosen == "latex":
        from symbp.documents.marking.latex_page import one_copy

        one_copy([(job.path, job.kind) for job in jobs])
    if chosen == "python":
        from symbp.documents.marking.python_copy import one_file

        one_file([(job.path, job.kind) for job in jobs])
    shown = None if output == "-" else output
    streamed = chosen == "text" and shown is None
    colour = streamed and sys.stdout.isatty()
    lines: list[str] = []

    def each(v: Verdict, place: Place) -> None:
        if chosen == "text":
            where = printable(f"{v.file}:{v.line}: ") if v.file and len(files) > 1 else ""
            lines.append(where + text(hinted(v, hint), colour))
        if streamed:
            click.echo(lines[-1])
        if v.verdict == "unreadable" and not (streamed and _one_place()):
            click.echo(f"error: {InputError(v.reason, place=place)}", err=True)

    report = hinted_report(judged(jobs, each), hint)
    verdicts = [m.verdict for m in report.marks]
    if chosen == "text":
        lines += [printable(line) for line in said_at_end(report)]
        if len(verdicts) + report.others != 1:
            lines.append(summary(verdicts, report.others))
        if streamed:
            click.echo("".join(f"{x}\n" for x in lines[len(verdicts) :]), nl=False)
        else:
            write("".join(f"{x}\n" for x in lines), shown)
    else:
        write(_page(report, chosen), shown)
    if any(v.verdict == "unreadable" for v in verdicts):
        return 2
    return 0 if all(v.ok for v in verdicts) else 1


def _page(report: Report, chosen: str) -> str:
    if chosen == "html":
        from symbp.documents.marking.html import html_page

        return html_page(report)
    if chosen == "latex":
        from symbp.documents.marking.latex_page import latex_page

        return latex_page(report)
    if chosen == "python":
        from symbp.documents.marking.python_copy import python_copy

        return python_copy(report.sections[0])
    from symbp.documents.marking.alone import as_json, guess_of

    verdicts = [m.verdict for m in report.marks]
    found: dict[str, Any] = {"results": [v.as_json() for v in verdicts], "ok": all(v.ok for v in verdicts)}
    if report.alone:
        found |= {"not_claims": report.others, "left_alone": as_json(report)}
    guessed = {s.title: said for s in report.sections if (said := guess_of(s))}
    found |= {"guessed": guessed} if guessed else {}
    return json.dumps(found, indent=2, ensure_ascii=False, allow_nan=False)


def _one_place() -> bool:
    """Whether standard output and standard error go to the same terminal, pipe or file, where a message would stand twice."""
    try:
        return os.path.samestat(os.fstat(sys.stdout.fileno()), os.fstat(sys.stderr.fileno()))
    except (OSError, ValueError):
        return False  # a stream without a file, as in a notebook


def _apart(output: str | None, files: tuple[str, ...], arch: str | None) -> None:
    """InputError where the result would be written over what is read."""
    from symbp.errors import InputError, Place

    if output in (None, "-"):
        return
    for read in (*files, *([arch] if arch else [])):
        if os.path.exists(read) and os.path.exists(output) and os.path.samefile(read, output):
            raise InputError("the output is a file that is read", place=Place(output), allowed="another name")


def _is_formula(text: str) -> bool:
    """Whether an argument is a formula and no file."""
    return bool(re.search(r"=|\\[A-Za-z]|[←→]", text)) and not os.path.exists(text)
