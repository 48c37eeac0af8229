"""``symbp verify``: judge hand-derived formulas about a network."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import Any

import click

from symbp.commands.options import network, network_options


@click.command("verify", short_help="judge hand-derived formulas")
@click.argument("files", metavar="FILE...", nargs=-1)
@click.option("--arch", metavar="ARCH", help="The network: a short string, or a TOML or JSON file.")
@click.option("--claim", "claims", metavar="FORMULA", multiple=True, help="A formula; may be given several times.")
@click.option("--layout", type=click.Choice(["columns", "rows"]), help="How examples lie (default: columns).")
@click.option("--convention", metavar="NAME", help="Whose letters formulas in LaTeX use (default: iitm).")
@click.option("--batch/--example", default=None, help="Decide for a batch or for one example (default: by the claim).")
@click.option("--json", "as_json", is_flag=True, help="Print the verdicts as JSON.")
@network_options
def command(
    files: tuple[str, ...],
    arch: str | None,
    claims: tuple[str, ...],
    layout: str | None,
    convention: str | None,
    batch: bool | None,
    as_json: bool,
    **given: Any,
) -> int:
    """Judge hand-derived formulas: right, wrong with a counterexample, or unreadable.

    FILE holds one claim a line, such as  delta1 = (W2.T @ delta2) * g'(z1)  ; # starts a comment, and lines such as
    arch = "2-2:sigmoid-2:sigmoid", loss = "sse" and layout = "rows" stand at its top. A .toml file is a problem of your own,
    with [tensors], and [problem] with forward, loss and claims. Exit status: 0 all right, 1 a claim is
    wrong or undecided, 2 a claim or a file cannot be read.
    """
    from symbp.errors import InputError, Place
    from symbp.verify.report import text

    if claims:  # --claim A B: what follows a formula and looks like one is one too
        claims, files = (*claims, *(f for f in files if "=" in f)), tuple(f for f in files if "=" not in f)
    if not files and not claims:
        raise InputError("nothing to verify", allowed="FILE..., or --arch ARCH --claim FORMULA")
    colour = sys.stdout.isatty()
    verdicts, others = [], 0
    for verdict in _verdicts(files, arch, claims, layout, convention, batch, given):
        if verdict is None:
            others += 1
            continue
        verdicts.append(verdict)
        if not as_json:
            where = f"{verdict.file}:{verdict.line}: " if verdict.file and len(files) > 1 else ""
            click.echo(where + text(verdict, colour))
        if verdict.verdict == "unreadable":
            place = Place(verdict.file, verdict.line, verdict.column)
            click.echo(f"error: {InputError(verdict.reason, place=place)}", err=True)
    ok = all(v.ok for v in verdicts)
    if as_json:
        found = {"results": [v.as_json() for v in verdicts], "ok": ok}
        click.echo(json.dumps(found | ({"not_claims": others} if others else {}), indent=2, ensure_ascii=False))
    elif len(verdicts) + others > 1:
        click.echo(", ".join(x for x in (_summary(verdicts), f"{others} not a claim" if others else "") if x))
    if any(v.verdict == "unreadable" for v in verdicts):
        return 2
    return 0 if ok else 1


def _verdicts(
    files: tuple[str, ...],
    arch: str | None,
    claims: tuple[str, ...],
    layout: str | None,
    convention: str | None,
    batch: bool | None,
    given: dict[str, Any],
) -> Iterator[Any]:
    """The verdicts, file by file, then those of the command line; files are all read before the first one. None stands for an
    equation of a document that is not a claim."""
    from symbp.errors import InputError, Place
    from symbp.verify.files import read_file
    from symbp.verify.judge import Judge
    from symbp.verify.latex_pages import judge_equations
    from symbp.verify.notations import DEFAULT, notation_named
    from symbp.verify.problem_file import load

    problems = [load(path) for path in files if path.lower().endswith(".toml")]
    read = [read_file(path) for path in files if not path.lower().endswith(".toml")]
    jobs: list[tuple[Judge, list[tuple[int | None, str]], str | None]] = [
        (p.problem.judge(), [*p.claims], p.path) for p in problems
    ]
    documents: list[tuple[Judge, tuple[Any, ...], str]] = []
    for f in read:
        own = {k: f.settings[k] for k in ("loss", "reduction") if k in f.settings}
        which = arch or f.settings.get("arch")
        if which is None:
            raise InputError(
                "no network to judge the claims by", place=Place(f.path), allowed='--arch ARCH, or arch = "..."'
            )
        options = {**given, **{k: v for k, v in own.items() if given.get(k) is None}}
        about = {"true": True, "false": False}.get(f.settings.get("batch", ""))
        judge = Judge(
            network(which, **_plain(options)),
            layout or f.settings.get("layout", "columns"),  # type: ignore[arg-type]
            batch if batch is not None else about,
            notation_named(convention or f.settings.get("convention", DEFAULT)),
        )
        if f.equations is not None:
            documents.append((judge, f.equations, f.path))
        else:
            jobs.append((judge, [*f.claims], f.path))
    if claims and arch is None and len(problems) == len(files) == 1:
        jobs.append(
            (jobs[0][0], [(None, claim) for claim in claims], None)
        )  # after the problem's own, with its definitions
    elif claims:
        if arch is None:
            raise InputError(
                "--claim needs a network to be judged by", allowed="--arch ARCH, or a .toml problem as FILE"
            )
        notation = notation_named(convention or DEFAULT)
        judge = Judge(network(arch, **_plain(given)), layout or "columns", batch, notation)  # type: ignore[arg-type]
        jobs.append((judge, [(None, claim) for claim in claims], None))
    for judge, lines, path in jobs:
        yield from judge.judge_all(lines, path)
    for judge, equations, where in documents:
        yield from judge_equations(judge, equations, where)


def _plain(options: dict[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in options.items() if v is not None}


def _summary(verdicts: list[Any]) -> str:
    counts = {
        v: sum(x.verdict == v for x in verdicts) for v in ("correct", "wrong", "undecided", "unreadable", "definition")
    }
    names = {"definition": "definitions"}
    return ", ".join(f"{n} {names.get(v, v) if n > 1 else v}" for v, n in counts.items() if n)
