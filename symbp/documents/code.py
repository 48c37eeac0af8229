"""Assignments in blocks of Python in Markdown documents, which are claims in NumPy where they name a derivative."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from symbp.documents.equations import Equation
from symbp.documents.left_alone import LeftAlone
from symbp.documents.markdown import python_blocks
from symbp.verification.judge import Judge
from symbp.verification.stepping import UPHILL
from symbp.verification.verdict import Verdict

_DERIVATIVE = re.compile(r"d[A-Z]\w*|d[a-z]\d?|d[A-Z]_d\w+|delta_?\d*|grad_\w+|\w+_grad")
_LINE = re.compile(r"[ \t]*(?P<target>[A-Za-z_]\w*)[ \t]*(?P<sign>[+-]?=)(?!=)[ \t]*(?P<value>[^#\n]+)")


def assignments(text: str) -> list[Equation]:
    """The assignments to single names in the blocks of Python of a Markdown document, in order."""
    found = []
    for start, end in python_blocks(text):
        for at, until in _statements(text[start:end]):
            inside = text[start + at : start + until]
            sign = re.search(r"[+-]?=(?!=)", inside)
            if sign is None:
                continue
            line = text.count("\n", 0, start + at) + 1
            places = tuple(range(start + at, start + until))
            single = " ".join(inside.split("\n")) if "\n" in inside else inside
            found.append(Equation(line, single, places, sign.span(), code=True))
    return found


def _statements(block: str) -> Iterator[tuple[int, int]]:
    """Where the assignments to single names stand; line by line where the block is no Python as a whole."""
    try:
        tree = ast.parse(block)
    except (SyntaxError, ValueError):
        for m in _LINE.finditer(block):
            yield m.start("target"), m.start("value") + len(m["value"].rstrip())
        return
    starts = [0]
    for line in block.split("\n"):
        starts.append(starts[-1] + len(line) + 1)
    lines = block.split("\n")

    def offset(line: int, column: int) -> int:
        return starts[line - 1] + len(lines[line - 1].encode()[:column].decode(errors="replace"))

    made = [n for n in ast.walk(tree) if isinstance(n, (ast.Assign, ast.AugAssign))]
    for node in sorted(made, key=lambda n: n.lineno):
        target = node.targets[0] if isinstance(node, ast.Assign) else node.target
        single = isinstance(node, ast.AugAssign) or len(node.targets) == 1
        if isinstance(target, ast.Name) and single and node.end_lineno is not None and node.end_col_offset is not None:
            yield offset(node.lineno, node.col_offset), offset(node.end_lineno, node.end_col_offset)


def said_of_code(judge: Judge, equation: Equation, file: str | None) -> Verdict | LeftAlone:
    """The verdict on an assignment that names a derivative; why there is none on another that is not right, since code works
    out what it likes under the names that it likes."""
    name = re.match(r"\w*", equation.text)
    derivative = name is not None and _DERIVATIVE.fullmatch(name[0])
    verdict = judge.judge(equation.text, equation.line, file, latex=False)
    uphill = verdict.verdict == "wrong" and verdict.reason == UPHILL
    if derivative or uphill or verdict.verdict == "correct":
        return verdict
    why = "a name of the code's own" if verdict.verdict == "definition" else "code that names no derivative"
    return LeftAlone(equation.line, equation.text, why)
