"""Exercises: drawn with a seed, none twice, what is wrong in them proved wrong, and their answers right by other means."""

from __future__ import annotations

import random
import re
from functools import cache

import numpy as np
import pytest

import symbp as sb
from symbp.commands.main import run
from symbp.errors import InputError
from symbp.lectures.exercises.exercise import ASKED, BLANK, Exercise, Material
from symbp.lectures.exercises.kinds import KINDS
from symbp.lectures.exercises.sheet import draw, exercises
from symbp.notation import NOTATIONS, notation_named
from symbp.notes.blocks import Block, Display, Folded, Heading, Items, Math, Paragraph, Row, Table, flat
from symbp.notes.fits import fitting
from symbp.notes.writer import Writer
from symbp.verification.judge import Judge

ARCH, LOSS = "2-3:sigmoid-2", "sse"


@cache
def sheet(
    convention: str = "iitm", count: int = 10, seed: int = 1, arch: str = ARCH, loss: str = LOSS
) -> tuple[Exercise, ...]:
    d = sb.derive(sb.Network.parse(arch, loss=loss))
    return tuple(draw(Material(d, Writer(d, fitting(d, convention))), count, seed))


def rows(blocks: tuple[Block, ...]) -> list[Row]:
    return [r for b in flat(blocks) if isinstance(b, Display) for r in b.rows]


def judged(latex: str, arch: str = ARCH, loss: str = LOSS, convention: str = "iitm") -> str:
    """What a judge of the network says who has seen nothing before."""
    notation = notation_named(convention)
    return Judge(sb.Network.parse(arch, loss=loss), notation.layout, notation=notation).judge(latex, latex=True).verdict


def test_the_same_seed_gives_the_same_sheet_and_another_another() -> None:
    d = sb.derive(sb.Network.parse(ARCH, loss=LOSS))
    again = draw(Material(d, Writer(d, notation_named("iitm"))), 10, 1)
    assert [e.key for e in again] == [e.key for e in sheet()]
    other = draw(Material(d, Writer(d, notation_named("iitm"))), 5, 2)
    assert [e.key for e in other] != [e.key for e in sheet()[:5]]


def test_no_exercise_equals_another_and_every_kind_comes() -> None:
    found = sheet()
    assert len({(e.title, e.question) for e in found}) == len(found) == 10
    assert len({e.title for e in found[: len(KINDS)]}) == len(KINDS)


def test_what_is_wrong_is_wrong_and_what_is_right_is_right() -> None:
    of = [e for e in sheet() if e.title == "What is wrong here?"]
    assert of
    for e in of:
        (asked,), (answer,) = rows(e.question), rows(e.solution)
        assert asked.sign == ASKED and asked.left is not None and answer.left is not None
        assert judged(f"{asked.left.latex} = {asked.right.latex}") == "wrong"
        assert judged(f"{answer.left.latex} = {answer.right.latex}") == "correct"
        said = next(b for b in e.solution if isinstance(b, Paragraph))
        assert str(said.parts[0]).startswith("The mistake (")


def test_one_of_the_products_fits_and_no_other() -> None:
    for e in (e for e in sheet() if e.title == "Which product fits?"):
        choices = next(b for b in e.question if isinstance(b, Items)).items
        (answer,) = rows(e.solution)
        left = answer.left
        assert left is not None and len(choices) >= 3
        verdicts = [judged(f"{left.latex} = {c[1].latex}") for c in choices if isinstance(c[1], Math)]
        assert sorted(verdicts) == ["correct"] + ["wrong"] * (len(choices) - 1)
        mine = str(next(b for b in e.solution if isinstance(b, Paragraph)).parts[0])
        assert choices["abcd".index(mine[len("It is (")])][1] == answer.right


def test_a_missing_step_is_blank_in_the_question_and_stands_in_the_solution() -> None:
    for e in (e for e in sheet() if e.title == "The missing step"):
        blank = [r for r in rows(e.question) if r.right == BLANK]
        (answer,) = rows(e.solution)
        assert len(blank) == 1 and answer.right not in [r.right for r in rows(e.question)]


def numbers(e: Exercise) -> dict[str, np.ndarray]:
    """The numbers of a question, as the page prints them."""
    table = next(b for b in e.question if isinstance(b, Table))
    cells = [(row[k], row[k + 1]) for row in table.rows for k in range(0, len(row), 2) if row[k]]
    found = {}
    for name, value in cells:
        assert isinstance(name[0], Math) and isinstance(value[0], Math)
        found[name[0].text] = np.array([float(x) for x in re.findall(r"-?\d[\d.]*", value[0].text)])
    return found


def loss(n: dict[str, np.ndarray]) -> float:
    """The network 2-3:sigmoid-2 with half the squared error, in NumPy."""
    a = 1 / (1 + np.exp(-(n["W1"].reshape(3, 2) @ n["x"] + n["b1"])))
    return float(((n["W2"].reshape(2, 3) @ a + n["b2"] - n["y"]) ** 2).sum() / 2)


def slope(n: dict[str, np.ndarray], name: str, at: int) -> float:
    sides = []
    for h in (1e-5, -1e-5):
        moved = {**n, name: n[name] + h * (np.arange(n[name].size) == at)}
        sides.append(loss(moved))
    return (sides[0] - sides[1]) / 2e-5


def test_computed_answers_are_those_of_numpy() -> None:
    of = [e for e in sheet() if e.title == "By hand"]
    assert of
    for e in of:
        n = numbers(e)
        name = next(p.text for b in e.question if isinstance(b, Paragraph) for p in b.parts if isinstance(p, Math))[1:]
        shown = [float(x) for x in re.findall(r"-?\d[\d.]*(?:e-?\d+)?", rows(e.solution)[-1].right.text)]
        assert shown == pytest.approx([slope(n, name, k) for k in range(n[name].size)], rel=1e-3, abs=1e-9)


def test_what_has_to_grow_makes_the_loss_smaller_by_growing() -> None:
    of = [e for e in sheet() if e.title == "Which have to grow?"]
    assert of
    width = {"W1": 2, "W2": 3}
    for e in of:
        n, table = numbers(e), next(b for b in e.solution if isinstance(b, Table))
        ways = set()
        for (entry,), _, (way,) in table.rows:
            assert isinstance(entry, Math)
            name, at = re.fullmatch(r"(\w+)\[([\d,]+)\]", entry.text).groups()  # type: ignore[union-attr]
            i = [int(k) - 1 for k in at.split(",")]
            flat_at = i[0] * width[name] + i[1] if len(i) == 2 else i[0]
            assert way == ("shrink" if slope(n, name, flat_at) > 0 else "grow")
            ways.add(way)
        assert ways == {"shrink", "grow"}


def test_solutions_stand_behind_and_are_folded() -> None:
    d = sb.derive(sb.Network.parse(ARCH, loss=LOSS))
    blocks = exercises(d, Writer(d, notation_named("iitm")), 5, 1)
    heads = [b.parts[0] for b in blocks if isinstance(b, Heading) and b.level == 1]
    assert heads == ["Exercises", "Solutions"]
    folded = [k for k, b in enumerate(blocks) if isinstance(b, Folded)]
    assert len(folded) == 5 and folded[0] > max(
        k for k, b in enumerate(blocks) if isinstance(b, Heading) and b.level == 2
    )


@pytest.mark.parametrize("count", [0, -1, 51])
def test_a_count_that_is_none_is_refused(count: int) -> None:
    d = sb.derive(sb.Network.parse(ARCH, loss=LOSS))
    with pytest.raises(InputError, match="exercises"):
        exercises(d, Writer(d, notation_named("iitm")), count, 0)


def test_more_than_there_are_is_said() -> None:
    """Nothing propagates through a step: what is left are the questions about its last layer."""
    d = sb.derive(sb.Network.parse("1-1:step", loss="sse", bias=False))
    with pytest.raises(InputError, match="no more than"):
        exercises(d, Writer(d, notation_named("iitm")), 50, 0)


OTHERS = {("3-4:relu-2", "mse"), ("4-3:tanh-2:softmax", "cross_entropy"), ("3-2:sigmoid-1:sigmoid", "binary_cross_entropy")}  # fmt: skip


@pytest.mark.sweep
@pytest.mark.parametrize("convention", NOTATIONS)
@pytest.mark.parametrize(("arch", "loss"), sorted(OTHERS))
def test_every_notation_has_exercises_that_hold(convention: str, arch: str, loss: str) -> None:
    try:
        found = sheet(convention, 10, 3, arch, loss)
    except InputError:
        pytest.skip("the notation has no letters for this network")
    for e in found:
        for row in rows(e.question):
            if row.sign == ASKED:
                assert row.left is not None
                assert judged(f"{row.left.latex} = {row.right.latex}", arch, loss, convention) == "wrong"


def test_every_kind_may_find_nothing() -> None:
    """Kinds say None where a network has nothing for them, instead of a question that has no answer."""
    d = sb.derive(sb.Network.parse("64-32:tanh-10:softmax", loss="cross_entropy"))
    material = Material(d, Writer(d, notation_named("iitm")))
    assert KINDS["values"](material, random.Random(0)) is None
    assert KINDS["growing"](material, random.Random(0)) is None


def test_the_command_prints_them(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["derive", ARCH, "--loss", LOSS, "--exercises", "3", "--seed", "1", "--format", "markdown"]) == 0
    text = capsys.readouterr().out
    assert "Exercise 3." in text and "Solution of exercise 3" in text and "Exercise 4." not in text
    assert run(["derive", ARCH, "--seed", "1"]) == 2 and "--exercises" in capsys.readouterr().err


@pytest.mark.thinned(4)
@pytest.mark.parametrize("convention", NOTATIONS)
def test_a_wrong_formula_is_not_told_by_its_letters(convention: str) -> None:
    """Right and wrong products are made of the same letters, in the notation of the page; nothing is transposed twice."""
    signs = re.compile(
        r"\\(?:top|mathrm\{T\}|thinspace|left|right|d?frac)(?![A-Za-z])|\^\{?T\}?|(?<=[\])}])T(?=\})|[{}()^\s]"
    )
    found = [e for e in sheet(convention, 10, 1, "2-3:sigmoid-2:sigmoid") if e.title == "Which product fits?"]
    assert found or convention == "esl", "a notation of single elements has no products of matrices"
    for e in found:
        choices = [
            str(c[1].latex) for c in next(b for b in e.question if isinstance(b, Items)).items if isinstance(c[1], Math)
        ]
        assert len({"".join(sorted(signs.sub("", c))) for c in choices}) == 1, choices
        texts = [str(c[1].text) for b in e.question if isinstance(b, Items) for c in b.items if isinstance(c[1], Math)]
        assert len({"".join(sorted(t.replace(".T", ""))) for t in texts}) == 1, texts
        assert not any(
            ".T.T" in str(c[1].text)
            for b in e.question
            if isinstance(b, Items)
            for c in b.items
            if isinstance(c[1], Math)
        )


def test_lengths_are_numbers_where_they_tell_axes_apart() -> None:
    """In a 2-2-2 network 2 columns would meet 2 rows: there the lengths keep their names."""
    for arch, named in (("4-3:sigmoid-2:sigmoid", False), ("2-2:sigmoid-2:sigmoid", True)):
        of = [e for e in sheet("iitm", 10, 1, arch) if e.title == "Which product fits?"]
        said = " ".join(str(p) for e in of for b in e.solution if isinstance(b, Items) for i in b.items for p in i)
        assert of and bool(re.search(r"\bn[0-9]\b", said)) is named
        assert not re.search(r"(\d) columns do not meet \1 rows", said)
