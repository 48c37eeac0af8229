"""The format of a result: what --format says, else what the ending of the file's name stands for."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import PurePath

from symbp.errors import InputError, Place


def format_of(
    output: str | None,
    endings: Mapping[str, str],
    default: str,
    given: str | None = None,
    *,
    option: bool = True,
    bare: bool = True,
    override: bool = False,
) -> str:
    """The format of what is written to `output`; that of standard output (None or ``-``), of pipes and devices is `default`.

    endings: the format that each ending stands for. given: what ``--format`` says; whether there is such a format is for the
    caller to judge. option: whether the command has ``--format``. bare: whether a name without an ending has the format
    `default`. override: whether ``--format`` holds against the ending too.

    Raises
    ------
    InputError : for an ending that stands for no format, or for another one than is given
    """
    if output is None or output == "-" or (os.path.exists(output) and not os.path.isfile(output)):
        return given or default  # a directory is refused where it is written to
    ending = PurePath(output).suffix.lower()
    meant = endings.get(ending)
    if meant is None and given is None and (ending or not bare):
        said = f"a name that ends in {ending}" if ending else "a name without an ending"
        more = "; or --format NAME" if option else ""
        raise InputError(f"{said} stands for no format", place=Place(output), allowed=", ".join(endings) + more)
    if meant is not None and given in endings.values() and given != meant and not override:
        raise InputError(
            f"a file whose name ends in {ending} is {meant}, not {given}",
            place=Place(output),
            allowed=f"--format {meant}, or another ending",
        )
    return given or meant or default
