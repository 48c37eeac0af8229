"""The generated code beside the equations that it implements: the functions of a module, as it is written, in cells that run."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from itertools import chain

from symbp.calculus.program import Statement
from symbp.codegen import generate
from symbp.errors import InputError
from symbp.network.forward import ForwardMap
from symbp.notes.blocks import Beside, Block, Code, Display, Folded, Heading, Paragraph, Row
from symbp.notes.equations import listed, rows
from symbp.notes.layers import runs
from symbp.notes.maps import closed_lines, lines
from symbp.notes.writer import Writer

TRIED = "check"
"""The function that holds the gradients against differences."""


@dataclass(frozen=True)
class _Given:
    """A forward map, for whoever asks for something that has one."""

    forward_map: ForwardMap


def code(writer: Writer, runs_alone: bool = False, asked: bool = True) -> list[Block]:
    """The section on the code: each function beside its equations, and where it is to run alone, what the functions use before
    them and a run of the check behind them.

    Raises
    ------
    InputError : where there is no module for what is derived, and it was `asked` for; else the page says so
    """
    heading = Heading(1, ("The code",))
    try:
        source = Source.of(generate(_Given(writer.derivation.map), "float64"))
    except ValueError as e:
        if not asked:
            return [heading, Paragraph((f"There is no code to show: {e}.",))]
        raise InputError(f"there is no code to show: {e}", allowed="a page without code") from None
    said, shown = (_of_network if writer.derivation.map.training else _of_map)(writer)
    blocks: list[Block] = [heading, Paragraph((said,))]
    if runs_alone:
        used = Code(source.needed({*shown, TRIED}, without={*shown, TRIED}))
        blocks.append(Folded(("What the functions below use",), (used,)))
    for name, found in shown.items():
        blocks.append(Beside(((Display(tuple(found)),), (Code(source.functions[name]),))))
    if runs_alone:
        blocks += [
            Paragraph(("Every gradient against central differences, as the largest relative error:",)),
            Code(f"{source.functions[TRIED]}\n\n\n{TRIED}()"),
        ]
    return blocks


def _of_map(writer: Writer) -> tuple[str, dict[str, list[Row]]]:
    """What is said of the code of a map of which nothing is trained, and the equations of its functions."""
    said = "Generated from the same forward map; above each line of it stands the equation that it implements."
    return said, {"forward": lines(writer), "backward": [*chain(*closed_lines(writer))]}


def _of_network(writer: Writer) -> tuple[str, dict[str, list[Row]]]:
    """What is said of the code of a network, and the equations of its functions."""
    d, alike = writer.derivation, runs(writer.derivation, writer.symbols)
    forward = {s.target.name for s in d.forward}
    read = {name for s in d.program for name in s.reads} | {d.backward.adjoint[p.tensor.name] for p in d.map.parameters}
    wanted: dict[str, Callable[[str], bool]] = {
        "forward": lambda name: name in forward and name != d.backward.loss,
        "loss": lambda name: name == d.backward.loss,
        "backward": lambda name: name not in forward and name in read & d.live and name not in writer.trivial,
    }
    said = (
        "Generated from the same derivation. An example is a row here and a batch has many of them, so sums over the batch "
        "come in; above each line stands the equation that it implements, with n for the number of the example."
    )
    shown = {}
    for name, which in wanted.items():
        its = listed(writer, alike, partial(_stands, which))
        shown[name] = [r for w, s, note in its for r in rows(w, s, note)]
    return said, shown


def _stands(wanted: Callable[[str], bool], s: Statement) -> bool:
    return wanted(s.target.name)


@dataclass(frozen=True)
class Source:
    """The statements of a module, the names that each defines and reads."""

    imports: tuple[tuple[str, str], ...]
    statements: tuple[tuple[str, str, frozenset[str]], ...]

    @classmethod
    def of(cls, text: str) -> Source:
        """The statements of a module's source; those of functions with their comments."""
        lines = text.splitlines()
        imports: list[tuple[str, str]] = []
        statements: list[tuple[str, str, frozenset[str]]] = []
        for node in ast.parse(text).body:
            written = "\n".join(lines[node.lineno - 1 : node.end_lineno])
            match node:
                case ast.Import(names):
                    imports += [(a.asname or a.name, f"import {ast.unparse(a)}") for a in names]
                case ast.ImportFrom(module, names) if module != "__future__":
                    imports += [(a.asname or a.name, f"from {module} import {ast.unparse(a)}") for a in names]
                case ast.FunctionDef(name) | ast.ClassDef(name):
                    statements.append((name, written, _read(node)))
                case ast.Assign([ast.Name(name)]) | ast.AnnAssign(ast.Name(name)):
                    statements.append((name, written, _read(node)))
        return cls(tuple(imports), tuple(statements))

    @property
    def functions(self) -> dict[str, str]:
        """The source of each statement by the name that it defines."""
        return {name: written for name, written, _ in self.statements}

    def needed(self, names: Iterable[str], without: Iterable[str]) -> str:
        """The imports and statements that some functions need, those of `without` left out, in the order of the module."""
        reads = {name: its for name, _, its in self.statements}
        found, ahead = set(names), [*names]
        while ahead:
            for n in reads.get(ahead.pop(), frozenset()):
                if n not in found:
                    found.add(n)
                    ahead.append(n)
        head = [line for name, line in self.imports if name in found]
        body = [written for name, written, _ in self.statements if name in found and name not in {*without}]
        return "\n".join(head) + "\n\n\n" + "\n\n\n".join(body)


def _read(node: ast.stmt) -> frozenset[str]:
    return frozenset(n.id for n in ast.walk(node) if isinstance(n, ast.Name))
