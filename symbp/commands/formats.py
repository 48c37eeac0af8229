"""The format of a result: what --format says, else what the ending of the file's name stands for."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import PurePath

from symbp.errors import InputError, Place, unknown


def format_of(
    output: str | None,
    endings: Mapping[str, str],
    default: str,
    given: str | None = None,
    *,
    option: bool = True,
    override: bool = False,
) -> str:
    """The format of what is written to `output`, None or ``-`` for standard output, which has the format `default`.

    `endings` has the format that each ending stands for; `given` is what ``--format`` says, `option` whether the command has
    it, and `override` whether it holds against the ending too.

    Raises
    ------
    InputError : for a format that is not known, an ending that stands for no format, or for another one than is given
    """
    known = [*dict.fromkeys(endings.values())]
    if given is not None and given not in known:
        raise unknown("format", given, known)
    if output is None or output == "-" or (os.path.exists(output) and not os.path.isfile(output)):
        return given or default  # a pipe or a device has no ending; a directory is refused where it is written to
    ending = PurePath(output).suffix.lower()
    meant = endings.get(ending)
    if meant is None and given is None:
        said = f"a name that ends in {ending}" if ending else "a name without an ending"
        more = "; or --format NAME" if option else ""
        raise InputError(f"{said} stands for no format", place=Place(output), allowed=", ".join(endings) + more)
    if meant is not None and given not in (None, meant) and not override:
        raise InputError(
            f"a file whose name ends in {ending} is {meant}, not {given}",
            place=Place(output),
            allowed=f"--format {meant}, or another ending",
        )
    return given or meant or default
