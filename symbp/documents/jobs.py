"""What the command line asks to be judged: for every file its judge, its claims, and what they are about."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import PurePath
from typing import Any, Literal

from symbp.documents.equations import Equation
from symbp.documents.files import ClaimFile, read_file
from symbp.documents.guessing.general import General
from symbp.documents.guessing.guess import layers_of
from symbp.documents.guessing.subject import Guessed, OneOfAll, guessed_subject
from symbp.documents.judged import One, Said, heard_equations
from symbp.documents.left_alone import LeftAlone
from symbp.documents.marking.alone import GUESSED
from symbp.documents.marking.report import Kind, Mark, Report, Section
from symbp.documents.rates import noted, says_rate
from symbp.errors import InputError, Place
from symbp.formula.grammar import statements_of
from symbp.formula.python.function import read_function
from symbp.network import Network
from symbp.notation import DEFAULT, notation_named
from symbp.verification.handwritten import Judged, judged_backward, judged_own
from symbp.verification.judge import Judge
from symbp.verification.problems.file import load
from symbp.verification.problems.function import problem_of
from symbp.verification.problems.given import is_function, module_of, own_map
from symbp.verification.problems.problem import Problem
from symbp.verification.readings.page import SETTING
from symbp.verification.verdict import Verdict

_MOST_KEPT = 8  # judges: one holds what is derived for its network, some megabytes


@dataclass(frozen=True)
class Job:
    """The claims of one file, or of the command line (`path` None), and the judge of them; `reads` are files that it names."""

    judge: Judge | None
    path: str | None
    kind: Kind
    about: tuple[tuple[str, str], ...]
    lines: tuple[tuple[int | None, str], ...] = ()
    equations: tuple[Equation, ...] = ()
    source: str = ""
    reads: tuple[str, ...] = ()
    backward: Callable[[], Sequence[Judged]] | None = None
    guessed: Guessed | OneOfAll | General | None = None

    def verdicts(self) -> Iterator[tuple[Said, tuple[int, ...]]]:
        """The verdicts in order, each with the places of its characters in the document; why there is none for what is no
        claim."""
        if self.backward is not None:
            for judged in self.backward():
                count = len(judged.verdict.claim)
                yield judged.verdict, tuple(range(judged.start, judged.start + count)) if judged.name else ()
            return
        if self.guessed is not None:
            for equation, found in heard_equations(self.guessed, self.equations, self.path):
                yield found, equation.at
            return
        assert self.judge is not None
        said = says_rate(self.source)
        if self.kind == "claims":
            lines = [(line, statement) for line, text in self.lines for statement in statements_of(text)]
            for verdict in self.judge.judge_all(lines, self.path):
                yield noted(verdict) if said else verdict, ()
        else:
            for equation, found in heard_equations(One(self.judge), self.equations, self.path):
                yield noted(found) if said and isinstance(found, Verdict) else found, equation.at

    def place(self, mark: Mark) -> Place:
        """Where in its file a verdict's column is."""
        v = mark.verdict
        at = mark.at[v.column - 1] if v.column is not None and v.column <= len(mark.at) else -1
        if at < 0:
            return Place(v.file, v.line, None if mark.at else v.column)
        lines = self.source[:at].split("\n")
        return Place(v.file, len(lines), len(lines[-1]) + 1)


@dataclass(frozen=True)
class Wishes:
    """What the options of the command say; `given` are those of the network. Where there is a place for them, judges are `kept`:
    files about the same network share what is derived for it, and not what a page has said."""

    network: Callable[..., Network]
    arch: str | None = None
    layout: Literal["columns", "rows"] | None = None
    convention: str | None = None
    batch: bool | None = None
    given: Mapping[str, Any] | None = None
    of: str | None = None
    kept: dict[Any, Judge] | None = field(default=None, compare=False)


def jobs_of(files: Sequence[str], claims: Sequence[str], wishes: Wishes) -> list[Job]:
    """The jobs file by file, then the command line's; all files are read before the first claim is judged.

    Raises
    ------
    InputError : for a file that cannot be read, or claims without a network
    """
    functions = [path for path in files if is_function(path)]
    if wishes.of is not None and not functions:
        raise InputError(f"--of {wishes.of} says which forward function", allowed="FILE.py:NAME, a backward function")
    if claims and functions == [*files] and len(files) == 1 and wishes.arch is None and wishes.of is None:
        _of_no_network(wishes, "a function")
        return jobs_of((), claims, replace(wishes, arch=files[0]))
    made = [_job(path, wishes) for path in files]
    if files and all(path.lower().endswith(".toml") for path in files) and (not claims or wishes.arch is None):
        _of_no_network(wishes)
    if not claims:
        for job in made:
            if job.kind == "claims" and not job.lines:
                raise InputError("nothing to verify: there is no claim", place=Place(job.path),
                                 allowed='a claim a line, claims = ["dX = ..."] in a problem, or --claim')  # fmt: skip
        return made
    lines = tuple((None, claim) for claim in claims)
    if wishes.arch is None and len(files) == 1 and files[0].lower().endswith(".toml"):
        first = made[0]
        return [first, Job(first.judge, None, "claims", first.about, lines)]  # with the problem's own definitions
    if wishes.arch is None:
        allowed = "--arch ARCH, or a .toml problem or FILE.py:NAME as FILE"
        raise InputError("--claim needs a network to be judged by", allowed=allowed)
    judge = _judge(wishes, wishes.arch, {}, {})
    return [*made, Job(judge, None, "claims", _about(judge), lines)]


def _job(path: str, wishes: Wishes) -> Job:
    if is_function(path):
        return _function_job(path, wishes)
    return _problem_job(path) if path.lower().endswith(".toml") else _file_job(path, wishes)


def _function_job(path: str, wishes: Wishes) -> Job:
    """The lines of a hand-written backward function, or of one that returns gradients beside its value."""
    _of_no_network(replace(wishes, of=None), "a function")
    module, name = module_of(path)
    if wishes.of is None:
        own = partial(judged_own, module, name)
        return Job(None, module.path, "python", (("function", name),), source=module.text, backward=own)
    file, forward_name = module_of(wishes.of) if is_function(wishes.of) else (module, wishes.of)
    forward = problem_of(read_function(file, forward_name))
    about = (("function", name), ("of", forward_name), ("forward", "; ".join(forward.forward)))
    found = partial(judged_backward, forward, module, name)
    return Job(Judge.of_problem(forward), module.path, "python", about, source=module.text, reads=(module.path, file.path),
               backward=found)  # fmt: skip


def _of_no_network(wishes: Wishes, what: str = "a problem") -> None:
    """InputError for options that say nothing of a problem, which has its own loss and layout."""
    said = {
        "--arch": wishes.arch,
        "--layout": wishes.layout,
        "--convention": wishes.convention,
        "--batch": wishes.batch,
    }
    said |= {f"--{k.replace('_', '-')}": v for k, v in (wishes.given or {}).items() if v}
    for option, value in said.items():
        if value is not None:
            raise InputError(f"{option} says nothing of {what}", allowed="what the file says: loss, layout, given")


def judged(jobs: Sequence[Job], each: Callable[[Verdict, Place], None]) -> Report:
    """Everything judged; `each` is called with every verdict, and its place, as soon as it is there."""
    sections, number, corrections = [], 0, 0
    names = [PurePath(job.path).name for job in jobs if job.path]
    for job in jobs:
        marks, alone = [], []
        for verdict, at in job.verdicts():
            if isinstance(verdict, LeftAlone):
                alone.append(verdict)
                continue
            number += 1
            corrections += not verdict.ok
            marks.append(Mark(number, verdict, at, None if verdict.ok else corrections))
            each(verdict, job.place(marks[-1]))
        name = PurePath(job.path or "").name
        title = name if names.count(name) < 2 else job.path or ""
        sections.append(Section(title, job.kind, job.about, tuple(marks), tuple(alone), job.source))
    return Report(tuple(sections))


def _problem_job(path: str) -> Job:
    file = load(path)
    about = _about_problem(file.problem)
    return Job(Judge.of_problem(file.problem), file.path, "claims", about, file.claims, source=file.text)


def _about_problem(p: Problem) -> tuple[tuple[str, str], ...]:
    tensors = ", ".join(f"{name} ({axes})" if axes else name for name, axes in p.tensors.items())
    asked = ("loss", p.loss) if p.loss else ("results", ", ".join(p.forward_map.results))
    return ("tensors", tensors), ("forward", "; ".join(p.forward)), asked


def _file_job(path: str, wishes: Wishes) -> Job:
    f: ClaimFile = read_file(path)
    which = wishes.arch or f.settings.get("arch")
    if which is None and f.equations is not None and (guess := guessed_subject(f.equations, f.text)) is not None:
        about = ((GUESSED, guess.said),)
        return Job(guess.first, f.path, _kind_of(f), about, equations=f.equations, source=f.text, guessed=guess)
    if which is None:
        raise InputError(
            "no network to judge the claims by", place=Place(f.path), allowed='--arch ARCH, or arch = "..."'
        )
    own: dict[str, Any] = {k: f.settings[k] for k in ("loss", "reduction") if k in f.settings}
    own |= {k: float(f.settings[k]) for k in ("l1", "l2") if k in f.settings}
    own |= {"no_bias": True} if f.settings.get("bias") == "false" else {}
    try:
        judge = _judge(wishes, which, own, f.settings)
    except InputError as e:
        raise (f.blamed(e, "arch") if wishes.arch is None else e) from None
    if f.equations is None:
        return Job(judge, f.path, "claims", _about(judge), f.claims, source=f.text, reads=(which,))
    judge = _with_own_letters(judge, f) if wishes.convention is None else judge
    return Job(judge, f.path, _kind_of(f), _about(judge), equations=f.equations, source=f.text, reads=(which,))


def _with_own_letters(judge: Judge, f: ClaimFile) -> Judge:
    """A judge that reads a document's letters as the document defines them, where it defines this very network layer by layer
    and names no convention."""
    if "convention" in f.settings or f.equations is None or not isinstance(judge.net, Network):
        return judge
    own = layers_of(f.equations, f.text)
    if own is None or [x.kind for x in own[0].layers] != [x.kind for x in judge.net.layers]:
        return judge
    notation = replace(own[1], name="the page's own letters", layout=judge.layout)
    return Judge(judge.net, judge.layout, judge.batch, notation, dropped=judge.dropped)


def _kind_of(f: ClaimFile) -> Kind:
    """Whether a document is Markdown or LaTeX."""
    return "markdown" if f.path.lower().endswith((".md", ".markdown")) else "tex"


def _judge(wishes: Wishes, arch: str, own: Mapping[str, Any], settings: Mapping[str, str]) -> Judge:
    """The judge of one page; those of pages that are about the same have what was derived in common."""
    given = dict(wishes.given or {})
    options = {**given, **{k: v for k, v in own.items() if not given.get(k)}}
    options = {k: v for k, v in options.items() if v is not None}
    if wishes.kept is None:
        return _made(wishes, arch, options, settings)
    key = (arch, *sorted(options.items()), *sorted(settings.items()))
    if key not in wishes.kept:
        if len(wishes.kept) >= _MOST_KEPT:
            wishes.kept.clear()
        wishes.kept[key] = _made(wishes, arch, options, settings)
    return replace(wishes.kept[key])


def _made(wishes: Wishes, arch: str, options: Mapping[str, Any], settings: Mapping[str, str]) -> Judge:
    """A judge that has judged nothing yet."""
    about = {"true": True, "false": False}.get(settings.get("batch", ""))
    notation = notation_named(wishes.convention or settings.get("convention", DEFAULT))
    problem = own_map(arch)
    if problem is not None:
        return Judge.of_problem(problem)
    return Judge(
        wishes.network(arch, **options),
        wishes.layout or settings.get("layout", notation.layout),  # type: ignore[arg-type]
        wishes.batch if wishes.batch is not None else about,
        notation,
        dropped=SETTING if settings.get("transposes") == "dropped" else "",
    )


def _about(judge: Judge) -> tuple[tuple[str, str], ...]:
    if isinstance(judge.net, Problem):
        return _about_problem(judge.net)
    net: Network = judge.net
    layers = net.text or "-".join([*map(str, net.input), *(layer.kind for layer in net.layers)])
    named = f"{net.name}: {layers}" if net.name and net.name != layers else layers
    terms = [f"{name} {value:g}" for name, value in net.regularization.items()]
    return (
        ("network", named),
        ("loss", ", ".join([net.loss_kind.name.replace("_", " "), *terms])),
        ("convention", judge.notation.name),
        ("layout", judge.layout),
    )
