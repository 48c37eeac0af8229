"""A file of Python as text: its functions, what its imports call NumPy, its constants. Nothing of it is imported or run."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property

from symbp.errors import InputError, Place, shown, unknown
from symbp.formula.syntax import Span

LIBRARIES = ("numpy", "numpy.linalg", "jax.numpy", "jax.numpy.linalg", "scipy.special", "jax.nn", "jax.scipy.special", "math",
             "autograd.numpy", "scipy", "jax", "jax.scipy")  # fmt: skip
"""The modules whose functions are read; those of ``math`` are of numbers."""
_LONGEST, _MOST_LINES = 2_000_000, 50_000
_DEEPEST = 150

Constant = int | float | bool | str | None


@dataclass(frozen=True)
class Module:
    """A parsed file: the functions at its top level, the modules and functions that its imports name, and its constants.

    Parameters
    ----------
    path : how messages call the file
    functions : by name, the last definition of each
    modules : names of modules, ``{"np": "numpy"}``
    imported : names of functions of modules, ``{"softmax": "softmax"}``
    constants : numbers, texts, truth values and None that are assigned once at the top level
    """

    path: str
    text: str
    functions: Mapping[str, ast.FunctionDef]
    modules: Mapping[str, str]
    imported: Mapping[str, str]
    constants: Mapping[str, Constant]

    @cached_property
    def _lines(self) -> tuple[list[bytes], list[int]]:
        """The lines as Python counts their columns, and how many characters stand before each."""
        lines = self.text.splitlines(keepends=True)
        starts = [0]
        for line in lines:
            starts.append(starts[-1] + len(line))
        return [line.encode() for line in lines], starts

    def offset(self, line: int, column: int) -> int:
        """Where a place stands in the text: Python counts lines from 1, and columns in bytes from 0."""
        lines, starts = self._lines
        if line > len(lines):
            return starts[-1]
        return starts[line - 1] + len(lines[line - 1][:column].decode(errors="ignore"))

    def span(self, node: ast.AST) -> Span:
        """Where a piece of the file stands in it."""
        start = self.offset(getattr(node, "lineno", 1), getattr(node, "col_offset", 0))
        line, column = getattr(node, "end_lineno", None), getattr(node, "end_col_offset", None)
        return Span(start, start if line is None or column is None else self.offset(line, column))

    def error(self, node: ast.AST, message: str, allowed: str = "") -> InputError:
        """The error for a piece of the file."""
        return InputError(message, place=self.place(self.span(node).start), allowed=allowed)

    @contextmanager
    def placed(self) -> Iterator[None]:
        """Errors that know an offset as their column know line and column behind it."""
        try:
            yield
        except InputError as e:
            if e.place.file is not None or e.place.column is None:
                raise
            at = self.place(e.place.column - 1)
            raise InputError(e.message, place=at, allowed=e.allowed, nearest=e.nearest) from None

    def place(self, offset: int) -> Place:
        """The line and the column of an offset."""
        before = self.text[:offset]
        return Place(self.path, before.count("\n") + 1, offset - before.rfind("\n"))

    def function(self, name: str) -> ast.FunctionDef:
        """A function by its name; InputError where the file has none of that name."""
        if name not in self.functions:
            if not self.functions:
                raise InputError(
                    "there is no function in this file", place=Place(self.path), allowed="def NAME(...): ..."
                )
            raise unknown("function", name, self.functions, Place(self.path))
        return self.functions[name]


def read_module(text: str, path: str) -> Module:
    """Parse a file.

    Raises
    ------
    InputError : where it is no Python, too long, or nested too deeply; with line and column
    """
    if len(text) > _LONGEST or text.count("\n") > _MOST_LINES:
        raise InputError("the file is too long", place=Place(path), allowed=f"at most {_MOST_LINES} lines")
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\f", " ")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of escapes in texts, which are not ours to judge
            tree = ast.parse(text)
    except SyntaxError as e:
        raise InputError(f"this is no Python: {e.msg}", place=Place(path, e.lineno, e.offset)) from None
    except (ValueError, RecursionError, MemoryError, OverflowError):
        why = "the file has a null byte in it" if "\0" in text else "the file is nested too deeply"
        raise InputError(why, place=Place(path)) from None
    _check_depth(tree, path)
    modules, imported = _imports(tree)
    functions = {s.name: s for s in tree.body if isinstance(s, ast.FunctionDef)}
    return Module(path, text, functions, modules, imported, _constants(tree))


def _check_depth(tree: ast.Module, path: str) -> None:
    """Nothing that is read goes deeper than recursion may; counted level by level."""
    depth, level = 0, list[ast.AST]([tree])
    while level:
        depth += 1
        if depth > _DEEPEST:
            line = next((n.lineno for n in level if hasattr(n, "lineno")), None)
            raise InputError("the file is nested too deeply", place=Place(path, line))
        level = [child for node in level for child in ast.iter_child_nodes(node)]


def _imports(tree: ast.Module) -> tuple[dict[str, str], dict[str, str]]:
    modules, imported = {"np": "numpy", "numpy": "numpy"}, dict[str, str]()
    for s in ast.walk(tree):
        if isinstance(s, ast.Import):
            for a in s.names:
                modules[a.asname or a.name.partition(".")[0]] = a.name if a.asname else a.name.partition(".")[0]
        elif isinstance(s, ast.ImportFrom) and s.module and not s.level:
            for a in s.names:
                whole = f"{s.module}.{a.name}"
                if whole in LIBRARIES:
                    modules[a.asname or a.name] = whole
                elif s.module in LIBRARIES:
                    imported[a.asname or a.name] = a.name
    return modules, imported


def _constants(tree: ast.Module) -> dict[str, Constant]:
    """The names that have one number, text, truth value or None for all of the file."""
    found: dict[str, list[Constant | tuple[()]]] = {}
    for s in tree.body:
        match s:
            case ast.Assign(targets=[*targets], value=value):
                pairs = [(t, constant(value)) for t in targets]
            case ast.AnnAssign(target=target, value=value):
                pairs = [(target, constant(value) if value is not None else ())]
            case ast.AugAssign(target=target):
                pairs = [(target, ())]
            case _:
                continue
        for t, value_of in pairs:
            if isinstance(t, ast.Name):
                found.setdefault(t.id, []).append(value_of)
    return {name: values[0] for name, values in found.items() if len(values) == 1 and values[0] != ()}  # type: ignore[misc]


def constant(node: ast.expr) -> Constant | tuple[()]:
    """The value of a number, text, truth value or None as it is written; () for anything else."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.USub, ast.UAdd)):
        inner = constant(node.operand)
        if isinstance(inner, (int, float)) and not isinstance(inner, bool):
            return -inner if isinstance(node.op, ast.USub) else inner
        return ()
    if isinstance(node, ast.Constant) and (node.value is None or isinstance(node.value, (int, float, bool, str))):
        return node.value
    return ()


def described(node: ast.AST) -> str:
    """A piece of the file as a message quotes it."""
    try:
        return shown(ast.unparse(node))
    except (ValueError, RecursionError):
        return type(node).__name__.lower()
