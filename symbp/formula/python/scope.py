"""What names mean at one place of a function, and what an expression is there: a formula, an option, a whole number.

Places are offsets in the whole file, so that a message about any part of a formula can say its line and its column.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from symbp.errors import InputError
from symbp.formula.numpy_calls import FLOATS, Numbers, Option, whole_number
from symbp.formula.python.module import Constant, Module, constant, described
from symbp.formula.syntax import Name, Node, Span

ALLOWED = "names, numbers, + - * / @ **, comparisons, and calls of NumPy's functions"


@dataclass(frozen=True)
class Scope:
    """What names mean at one place of a function.

    Parameters
    ----------
    module : the file
    names : the author's names, and the formula that each is: a tensor's name, or a length or number that is put in
    constants : names with a number, text, truth value or None
    masks : the tensors that are comparisons, whose sums and products NumPy takes for "or" and "and"
    called : what a call of another function of the file gives, where it gives one value
    part : what stands under a key of a tuple or a dictionary, ``cache["x"]``
    readers : how each kind of expression is read
    integers : the tensors of whole numbers
    """

    module: Module
    names: Mapping[str, Node]
    constants: Mapping[str, Constant]
    masks: Collection[str]
    called: Callable[[ast.Call, ast.FunctionDef], Node]
    part: Callable[[str, str, ast.AST], object]
    readers: Mapping[type[ast.expr], Callable[[Scope, Any], Node]]
    integers: Collection[str] = ()

    def error(self, node: ast.AST, message: str, allowed: str = "") -> InputError:
        """The error for a piece of the file."""
        return self.module.error(node, message, allowed)

    def span(self, node: ast.AST) -> Span:
        """Where a piece of the file stands in it."""
        return self.module.span(node)

    def library(self, node: ast.expr) -> str:
        """The module that an expression names, ``np.linalg``; empty where it names none."""
        if isinstance(node, ast.Name) and node.id not in self.names:
            return self.module.modules.get(node.id, "")
        if isinstance(node, ast.Attribute) and (above := self.library(node.value)):
            return f"{above}.{node.attr}"
        return ""

    def formula(self, node: ast.expr) -> Node:
        """The formula that an expression is.

        Raises
        ------
        InputError : with line and column, for what has no meaning in a formula
        """
        read = self.readers.get(type(node))
        if read is None:
            raise self.error(node, f"{described(node)} is not read", ALLOWED)
        try:
            made: Node = read(self, node)
        except InputError as e:
            if e.place.file is not None or e.place.column is None:
                raise
            at = self.module.place(e.place.column - 1)  # its column is counted in the whole file
            raise InputError(e.message, place=at, allowed=e.allowed, nearest=e.nearest) from None
        return made

    def option(self, node: ast.expr) -> Option:
        """The value of an option, or of an argument that is no array."""
        column = self.span(node).start
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            return Option(node.value, column, quoted=True)
        if isinstance(node, ast.Constant) and (node.value is None or isinstance(node.value, bool)):
            return Option(str(node.value), column, node=Name(str(node.value)))
        if isinstance(node, ast.Name) and node.id in self.constants and node.id not in self.names:
            return self.option(ast.copy_location(ast.Constant(self.constants[node.id]), node))
        if isinstance(node, ast.Attribute) and node.attr == "dtype":
            return Option("float", column, node=Name("float"))
        if isinstance(node, ast.Attribute) and self.library(node.value) and node.attr in (*FLOATS, "inf"):
            return Option(node.attr, column, node=Name(node.attr))
        if isinstance(node, ast.Name) and node.id in ("float", "int", "bool") and node.id not in self.names:
            return Option(node.id, column, node=Name(node.id))
        whole = self.whole(node)
        made = None if isinstance(node, (ast.Tuple, ast.List)) else self.formula(node)
        return Option(whole, column, node=made)

    def whole(self, node: ast.expr) -> int | Numbers | None:
        """A whole number, or a tuple or list of them."""
        if isinstance(node, (ast.Tuple, ast.List)):
            found = [self.whole(child) for child in node.elts]
            return None if None in found else tuple(v for v in found if v is not None)
        value: object = constant(node)
        if isinstance(node, ast.Name):
            known = self.names.get(node.id)
            value = self.constants.get(node.id) if known is None else whole_number(known)
        return value if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**8 else None
