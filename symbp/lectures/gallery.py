"""A lecture as one page, from its file: its networks derived in its notation, and its formulas with what was found of them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec

from symbp.errors import InputError
from symbp.files import locate, structure, text_of
from symbp.graph.model import read_graph
from symbp.graph.number import read_number
from symbp.graph.values import read_values, work_out
from symbp.lectures.curves import FIGURES, Run
from symbp.lectures.graphs import graph_figure
from symbp.lectures.judged import alike, proved, refuted
from symbp.lectures.node_level import node_level
from symbp.lectures.page import PageOptions, composed
from symbp.network import Network
from symbp.network.derivation import derive
from symbp.notation import notation_named
from symbp.notes.blocks import Beside, Block, Folded, Heading, Page, Paragraph
from symbp.notes.figures.table import Asked, drawn
from symbp.notes.placing import all_meanings, told_once
from symbp.verification.judge import Judge
from symbp.verification.problems.problem import Problem

_COUNTS = ("No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine")


class Shown(msgspec.Struct, forbid_unknown_fields=True):
    """A network that the page derives, a graph that it draws, or curves of a network that is trained for it.

    `says` stands below its heading; `figures` are further ones of the network, each by its name and what it is of (``weight
    W1[1,1]``), and without a `detail` they are all that is shown.
    """

    heading: str
    says: str = ""
    arch: str = ""
    loss: str = "sse"
    bias: bool = True
    detail: str = "steps"
    only: list[str] = []
    figures: list[str] = []
    numbers: str = ""
    exercises: int = 0
    graph: str = ""
    at: str = ""
    toward: str = ""
    curves: list[str] = []
    data: str = ""


class Problematic(msgspec.Struct, forbid_unknown_fields=True):
    """A problem of one's own, as in a problem file."""

    tensors: dict[str, str]
    forward: list[str]
    loss: str
    functions: dict[str, str] = {}


class Slip(msgspec.Struct, forbid_unknown_fields=True):
    """A formula that the slides have wrong: where it stands, the causes that a diagnosis may name, and what is right instead,
    where a diagnosis does not say it."""

    formula: str
    where: str
    cause: str = ""
    instead: str = ""


class Slide(msgspec.Struct, forbid_unknown_fields=True):
    """Formulas about one network or problem: right ones; what the slides themselves have wrong; and what others write wrong in
    their place, each with the causes that a diagnosis may name."""

    topic: str
    right: list[str] = []
    slip: list[Slip] = []
    wrong: list[tuple[str, str]] = []
    arch: str = ""
    loss: str = "sse"
    bias: bool = True
    problem: Problematic | None = None


class Lecture(msgspec.Struct, forbid_unknown_fields=True):
    """A lecture's file: what it is, its notation, what its page shows, and what it writes; `picture` is the page of the PDF that
    stands for it in an index."""

    lecture: str
    convention: str
    picture: int = 1
    page: list[Shown] = []
    slide: list[Slide] = []


def read_lecture(path: Path) -> Lecture:
    """The lecture of a TOML file; InputError, with its place, for what is none."""
    text = text_of(path)
    try:
        return structure(text, Lecture)
    except InputError as e:
        raise e.at(locate(text, e, str(path))) from None


def lecture_page(lecture: Lecture, folder: Path) -> Page:
    """The page of a lecture: each network that it shows, then its formulas, judged; `folder` is where number files stand.

    What an earlier network has said is not said again by a later one.

    Raises
    ------
    InputError : for a network, a graph, numbers or a notation that there is none of
    """
    pages = told_once(
        _derived(its, lecture.convention, folder, f"p{k}")
        for k, its in enumerate(lecture.page, 1)
        if its.arch and its.detail and not its.data
    )
    blocks: list[Block] = []
    found = iter(pages)
    for its in lecture.page:
        blocks.append(Heading(1, (its.heading,)))
        blocks += [Paragraph((its.says,))] if its.says else []
        if its.arch and its.detail and not its.data:
            blocks += next(found).blocks
        blocks += [*_graph(its), *_curves(its), *_figures(its, lecture.convention)]
    blocks += [*_slips(lecture), *_written(lecture)]
    title, _, of = lecture.lecture.partition(". ")[2].partition(" (")
    of = of[:1].upper() + of[1:]
    subtitle = f"{of.rstrip(')')}. Notation: {lecture.convention}." if of else f"Notation: {lecture.convention}."
    return Page((title or lecture.lecture,), (subtitle,), tuple(blocks), meanings=all_meanings(pages))


def _slips(lecture: Lecture) -> list[Block]:
    """What the slides have wrong, with what is right; none where nothing is."""
    found: list[Block] = []
    for slide in lecture.slide:
        judge = judge_of(lecture.convention, slide) if slide.slip else None
        for slip in slide.slip:
            found += (
                [Paragraph((f"{slip.where}:",)), *refuted(judge.judge(slip.formula), slip.instead)] if judge else []
            )
    count = sum(len(slide.slip) for slide in lecture.slide)
    many = _COUNTS[count] if count < len(_COUNTS) else str(count)
    said = (
        "formula of the slides is not right as it stands"
        if count == 1
        else "of their formulas are not right as they stand"
    )
    words = (
        f"{many} {said}. Below stands what was derived in its place, and what shows that the two differ: a number at which "
        "anybody can see it, or shapes that do not fit."
    )
    return [Heading(1, ("What the slides have wrong",)), Paragraph((words,)), *found] if found else []


def _written(lecture: Lecture) -> list[Block]:
    """The right formulas of every slide, proved, and what is often written in their place."""
    blocks: list[Block] = [
        Heading(1, ("What the slides write, proved",)),
        Paragraph((
            "The formulas of the slides in their letters, each proved from the forward map alone. Behind them stands what is "
            "often written in their place, refuted.",
        )),
    ]  # fmt: skip
    told = {alike(slip.formula) for slide in lecture.slide for slip in slide.slip}
    for slide in lecture.slide:
        judge = judge_of(lecture.convention, slide)
        wrong: list[Block] = []
        for claim, _ in slide.wrong:
            wrong += refuted(judge.judge(claim)) if alike(claim) not in told else []
            told.add(alike(claim))
        found = [judge.judge(claim) for claim in slide.right]
        blocks += [Heading(2, (slide.topic[:1].upper() + slide.topic[1:],)), *proved(found)]
        for verdict in (v for v in found if not v.ok):
            blocks += [Paragraph(("Not found right:",)), *refuted(verdict)]
        blocks += [Folded(("Often written in their place, and wrong",), tuple(wrong))] if wrong else []
    return blocks


def judge_of(convention: str, slide: Slide) -> Judge:
    """The judge of a slide's network, or of its problem."""
    if slide.problem is not None:
        return Judge.of_problem(Problem(**msgspec.structs.asdict(slide.problem)))
    net = Network.parse(slide.arch, loss=slide.loss, bias=slide.bias)
    return Judge(net, notation=notation_named(convention))


def _derived(its: Shown, convention: str, folder: Path, prefix: str) -> Page:
    file = its.numbers.endswith((".toml", ".npz"))
    options = PageOptions(
        convention=convention,
        detail=its.detail,
        only=tuple(its.only),
        figures=True,
        numbers=(str(folder / its.numbers) if file else its.numbers) or None,
        exercises=its.exercises,
        section_level=2,
        label_prefix=f"{prefix}-",
    )
    return composed(derive(Network.parse(its.arch, loss=its.loss, bias=its.bias)), options)


def _figures(its: Shown, convention: str) -> list[Block]:
    """Further figures of a network, two by two side by side."""
    if not its.figures:
        return []
    derivation = derive(Network.parse(its.arch, loss=its.loss, bias=its.bias))
    named = [f.partition(" ") for f in its.figures]
    figures = [drawn(derivation, name, Asked(of), convention) for name, _, of in named]
    pairs = [figures[k : k + 2] for k in range(0, len(figures), 2)]
    return [Beside(tuple((f,) for f in pair)) if len(pair) > 1 else pair[0] for pair in pairs]


def _graph(its: Shown) -> Sequence[Block]:
    """A scalar graph: its picture, its nodes, the two passes, and what a small step says of them."""
    if not its.graph:
        return []
    graph = read_graph(its.graph)
    numbers = work_out(graph, read_values(its.at, graph)) if its.at else None
    wanted = read_number(its.toward, "toward") if its.toward else None
    return [graph_figure(graph, numbers), *node_level(graph, numbers, wanted)]


def _curves(its: Shown) -> Sequence[Block]:
    """Figures of a network that is trained."""
    kinds = [FIGURES[name] for name in its.curves]
    nets = [Network.parse(its.arch, loss=its.loss, bias=its.bias, optimizer=kind.optimizer) for kind in kinds]
    return [kind.draw(net, Run(data=its.data)) for kind, net in zip(kinds, nets, strict=True)]
