"""What stands where an architecture may: a network, a problem file, a NumPy function of a file or at hand."""

from __future__ import annotations

import inspect
import os
import re
from collections.abc import Callable
from pathlib import Path, PurePath
from typing import Any

from symbp.errors import InputError, Place, shown
from symbp.files import text_of
from symbp.formula.python.function import read_function
from symbp.formula.python.module import Module, read_module
from symbp.network import Network
from symbp.network.forward import HasForwardMap
from symbp.verification.problems.file import is_problem, load
from symbp.verification.problems.function import FunctionProblem, function_problem, problem_of
from symbp.verification.problems.problem import Problem

_FUNCTION = re.compile(r"(?P<path>.+\.pyi?)(?::(?P<name>[^:\\/]*))?", re.DOTALL | re.IGNORECASE)


def read_given(given: Any, network: Callable[[str], Network] = Network.read) -> HasForwardMap:
    """The network, problem or function that somebody gives: itself, a text or a path that names it, or a Python function.

    Parameters
    ----------
    given : an object with a forward map; ``"4-3:relu-2"``; a file of a network or a problem; ``"FILE.py:NAME"``; a function,
        whose source is read and which is not called
    network : how the text of a network is read

    Raises
    ------
    InputError : for what cannot be read, with its place
    """
    if isinstance(given, PurePath):
        given = str(given)
    if isinstance(given, str):
        return own_map(given) or network(given)
    if inspect.isfunction(given):
        return of_function(given)
    if inspect.ismethod(given):
        raise InputError(f"{shown(given.__qualname__)} is a method", allowed="a function at the top level of a file")
    if callable(given) and not hasattr(given, "forward_map"):
        raise InputError(f"{shown(repr(given))} has no source to read", allowed="a function that is written with def")
    found: HasForwardMap = given
    return found


def own_map(text: str) -> Problem | None:
    """The problem or the function that a text names; None for the text of a network, InputError for what cannot be read."""
    if is_function(text):
        module, name = module_of(text)
        return problem_of(read_function(module, name))
    if PurePath(text).suffix.lower() == ".toml" and os.path.exists(text) and is_problem(text):
        return load(text).problem
    return None


def is_function(text: str) -> bool:
    """Whether a text is that of a function in a file, ``FILE.py:NAME``."""
    return _FUNCTION.fullmatch(text) is not None


def module_of(text: str) -> tuple[Module, str]:
    """The file and the name of ``FILE.py:NAME``; the name may be left out where the file has one function.

    Raises
    ------
    InputError : where there is no such file, it is no Python, or it has several functions and no name is given
    """
    found = _FUNCTION.fullmatch(text)
    assert found is not None
    path, name = found["path"], found["name"]
    module = read_module(text_of(Path(path)), path)
    if not name:
        if len(module.functions) != 1:
            which = ", ".join(f"{path}:{f}" for f in [*module.functions][:5]) or "a file with a function"
            raise InputError("which function of the file?", place=Place(path), allowed=which)
        (name,) = module.functions
    return module, name


def of_function(function: Callable[..., Any]) -> FunctionProblem:
    """The forward map of a Python function, of which the source is read: all of its file, where that can be found.

    Raises
    ------
    InputError : where there is no source, or it cannot be read
    """
    name = function.__name__
    if name == "<lambda>":
        raise InputError("a lambda has no name to read it by", allowed="a function that is written with def")
    try:
        path = inspect.getsourcefile(function) or ""
        lines, _ = inspect.findsource(function)
    except (OSError, TypeError):
        raise InputError(
            f"the source of {name} cannot be found", allowed="a function of a file or of a notebook"
        ) from None
    if "<locals>" in function.__qualname__:
        text = inspect.cleandoc("\n" + inspect.getsource(function))
        return function_problem(text, os.path.basename(path), name)
    return function_problem("".join(lines), os.path.basename(path), name)
