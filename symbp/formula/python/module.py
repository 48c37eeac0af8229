"""A file of Python as text: its functions, what its imports call NumPy, its constants. Nothing of it is imported or run."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property

from symbp.errors import InputError, Place, shown, unknown
from symbp.formula.syntax import Span

LIBRARIES = ("numpy", "numpy.linalg", "numpy.lib.stride_tricks",
             "scipy.linalg", "jax.numpy", "jax.numpy.linalg", "scipy.special", "jax.nn",
             "jax.scipy.special", "math", "autograd.numpy", "scipy", "jax", "jax.scipy")  # fmt: skip
"""The modules whose functions are read; those of ``math`` are of numbers."""
_ARRAYS = ("numpy", "jax.numpy", "autograd.numpy")
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
    origins : the modules of `imported`
    unclear : functions whose names are given to something else too
    bound : all names that the file gives a meaning
    """

    path: str
    text: str
    functions: Mapping[str, ast.FunctionDef]
    modules: Mapping[str, str]
    imported: Mapping[str, str]
    constants: Mapping[str, Constant]
    origins: Mapping[str, str] = field(default_factory=dict)
    unclear: frozenset[str] = frozenset()
    bound: frozenset[str] = frozenset()

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
            if "." in name:
                message = f"{shown(name)} is no function at the top level of the file"
                raise InputError(message, place=Place(self.path), allowed=", ".join(self.functions))
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
        raise InputError(f"this is no Python: {e.msg}", place=Place(path, e.lineno, e.offset or None)) from None
    except (ValueError, RecursionError, MemoryError, OverflowError):
        why = "the file has a null byte in it" if "\0" in text else "the file is nested too deeply"
        raise InputError(why, place=Place(path)) from None
    _check_depth(tree, path)
    bound = _bindings(tree)
    modules, imported = _imports(bound)
    functions = {s.name: s for s in tree.body if isinstance(s, ast.FunctionDef)}
    unclear = {n for n in functions if any(s not in tree.body or not isinstance(s, ast.FunctionDef) for s in bound[n])}
    stars = {s.module or "" for s in bound.get("*", ()) if isinstance(s, ast.ImportFrom)}
    return Module(
        path, text, functions, modules, {n: f for n, (_, f) in imported.items()}, _constants(tree, bound),
        {n: m for n, (m, _) in imported.items()}, frozenset(unclear),
        frozenset({*bound} | ({"abs", "sum", "max", "min", "pow", "float"} if stars & {*LIBRARIES} else set())),
    )  # fmt: skip


def _check_depth(tree: ast.Module, path: str) -> None:
    """Nothing that is read goes deeper than recursion may; counted level by level."""
    depth, level = 0, list[ast.AST]([tree])
    while level:
        depth += 1
        if depth > _DEEPEST:
            line = next((n.lineno for n in level if hasattr(n, "lineno")), None)
            raise InputError("the file is nested too deeply", place=Place(path, line))
        level = [child for node in level for child in ast.iter_child_nodes(node)]


def _bindings(tree: ast.Module) -> dict[str, list[ast.AST]]:
    """What gives each name of the file its meaning: definitions, imports wherever they stand, assignments at the top level or to
    a ``global``. A name with several is none that can be told."""
    found: dict[str, list[ast.AST]] = {}
    level: list[tuple[ast.AST, frozenset[str] | None]] = [(s, None) for s in tree.body]
    while level:
        node, inside = level.pop(0)
        names: list[str | None] = []
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            for a in node.names:
                found.setdefault(a.asname or a.name.partition(".")[0], []).append(node)
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            names = [node.name] if inside is None or node.name in inside else []
            inside = frozenset(n for g in ast.walk(node) if isinstance(g, ast.Global) for n in g.names)
        elif isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            names = [node.id]
        elif isinstance(node, (ast.ExceptHandler, ast.MatchAs, ast.MatchStar)):
            names = [node.name]
        for name in names:
            if name is not None and (inside is None or name in inside or not isinstance(node, ast.Name)):
                found.setdefault(name, []).append(node)
        level += [(child, inside) for child in ast.iter_child_nodes(node)]
    return found


def _imports(bound: Mapping[str, Sequence[ast.AST]]) -> tuple[dict[str, str], dict[str, tuple[str, str]]]:
    """The modules and the functions of modules that names are; a name that is something else too is a module called ``?``."""
    modules, imported = {"np": "numpy", "numpy": "numpy"}, dict[str, tuple[str, str]]()
    for name, nodes in bound.items():
        meant = {_imported(s, name) for s in nodes}
        alike = len(meant) == 1 or meant <= {(m, "") for m in _ARRAYS}
        module, function = min(meant) if alike else ("?", "")
        if any(module for module, _ in meant) and not function:
            modules[name] = module
        elif module in LIBRARIES and function:
            imported[name] = (module, function)
        elif name in modules:
            modules[name] = "?"
    return modules, imported


def _imported(s: ast.AST, name: str) -> tuple[str, str]:
    """The module that a statement gives a name, and the function of it; empty where it is no import."""
    for a in s.names if isinstance(s, (ast.Import, ast.ImportFrom)) else ():
        if isinstance(s, ast.Import) and (a.asname or a.name.partition(".")[0]) == name:
            return (a.name if a.asname else name), ""
        if isinstance(s, ast.ImportFrom) and (a.asname or a.name) == name:
            whole = f"{s.module}.{a.name}"
            known = s.module in LIBRARIES or whole in LIBRARIES
            if s.level or not known:
                return "", f"{whole}"
            return (whole, "") if whole in LIBRARIES else (s.module or "", a.name)
    return "", ""


def _constants(tree: ast.Module, bound: Mapping[str, Sequence[ast.AST]]) -> dict[str, Constant]:
    """The names that have one number, text, truth value or None for all of the file."""
    found: dict[str, Constant] = {}
    for s in tree.body:
        if not isinstance(s, (ast.Assign, ast.AnnAssign)) or s.value is None:
            continue
        value = constant(s.value)
        for t in s.targets if isinstance(s, ast.Assign) else [s.target]:
            if isinstance(t, ast.Name) and value != () and len(bound[t.id]) == 1:
                found[t.id] = value  # type: ignore[assignment]
    return found


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
        first, _, more = ast.unparse(node).partition("\n")
        return shown(first + (" ..." if more else ""))
    except (ValueError, RecursionError):
        return type(node).__name__.lower()
