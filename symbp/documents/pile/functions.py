"""Which function of somebody's file is the backward one, where it is not said."""

from __future__ import annotations

from pathlib import Path

from symbp.errors import InputError, Place
from symbp.files import text_of
from symbp.formula.python.module import read_module
from symbp.verification.problems.given import is_function

_BACKWARD = (
    "{}_backward",
    "backward_{}",
    "{}_grad",
    "grad_{}",
    "{}_gradient",
    "{}_bwd",
    "d{}",
    "backward",
    "gradient",
    "grad",
)
"""What people call the backward function of one with a name, the usual names first."""


def function_of(path: str, forward: str | None) -> str:
    """The name of the function of a file that is to be judged: the backward one of `forward`, or the only one that there is.

    Raises
    ------
    InputError : where it cannot be told
    """
    names = [*read_module(text_of(Path(path)), path).functions]
    own = _name(forward)
    for name in _BACKWARD if own else ():
        if name.format(own) in names:
            return name.format(own)
    rest = [name for name in names if name != own]
    if len(rest) != 1:
        which = f"{own}_backward, or " if own else ""
        raise InputError(
            "which function of the file?" if rest else "no function to judge",
            place=Place(path),
            allowed=f"{which}a folder with the name of the function, submissions:{own or 'layer_norm'}_backward",
        )
    return rest[0]


def _name(forward: str | None) -> str:
    """The name in ``FILE.py:NAME``, or a name."""
    if forward is None:
        return ""
    if not is_function(forward):
        return forward
    _, colon, name = forward.rpartition(".py:")
    if colon:
        return name
    functions = [*read_module(text_of(Path(forward)), forward).functions]
    return functions[0] if len(functions) == 1 else ""
