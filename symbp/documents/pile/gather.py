"""The files of a pile: those that folders hold, however deep, in an order that does not hang on the machine."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath

from symbp.errors import InputError, Place
from symbp.verification.problems.given import is_function

READ = frozenset((".tex", ".latex", ".md", ".markdown", ".txt", ".py", ".toml"))
"""The endings of files that are judged."""
_HANDED_IN = frozenset(
    (".pdf", ".ipynb", ".docx", ".doc", ".odt", ".rtf", ".pages", ".html", ".htm", ".rst", ".org", ".typ", ".lyx", ".m", ".jl",
     ".zip", ".gz", ".tgz", ".tar", ".7z", ".rar")
)  # fmt: skip
"""The endings of what people hand in and symbp does not read."""
_PICTURES = frozenset((".jpg", ".jpeg", ".png", ".heic", ".tif", ".tiff", ".webp"))
_NOT_THEIRS = frozenset(("__MACOSX", "__pycache__", "node_modules"))
_FOLDER = re.compile(r"(?P<folder>.+?):(?P<name>[A-Za-z_]\w*)", re.DOTALL)


@dataclass(frozen=True)
class Found:
    """A file of a pile: its path, the name that the table gives it, the function of it that is meant (empty: it is not said), and
    why it is not read (empty: it is)."""

    path: str
    name: str
    function: str = ""
    reason: str = ""


def is_pile(given: Sequence[str]) -> bool:
    """Whether one of the files that are given is a folder, or ``FOLDER:NAME``, a function of every file in it."""
    return any(os.path.isdir(_split(path)[0]) for path in given)


def gathered(given: Sequence[str], apart: Iterable[str | None] = ()) -> list[Found]:
    """The files that are meant, each once, in the order of their names.

    What folders hold that is hidden, or a link that leads out of them, or a by-product, is left alone, and so is what lies in
    the folders of `apart`, which are written to. A file that somebody may have handed in and that is not read is told.

    Raises
    ------
    InputError : where there is no such file or folder
    """
    base = _base(given)
    away = {os.path.realpath(folder) for folder in apart if folder}
    found: dict[str, Found] = {}
    for one in given:
        path, function = _split(one)
        if os.path.isdir(path):
            files = _in_folder(path, away)
        elif os.path.exists(path):
            files = iter([(path, "")])
        else:
            raise InputError("no such file or folder", place=Place(path))
        for file, reason in files:
            name = PurePath(os.path.relpath(os.path.abspath(file), base)).as_posix()
            found.setdefault(os.path.abspath(file), Found(file, name, function, reason))
    return sorted(found.values(), key=lambda f: (PurePath(f.name).parts, f.name))


def _split(path: str) -> tuple[str, str]:
    """A path and the function that is named behind it; a file or a folder that is called so is one."""
    m = _FOLDER.fullmatch(path)
    if m is None or os.path.exists(path) or not (os.path.isdir(m["folder"]) or is_function(path)):
        return path, ""
    return m["folder"], m["name"]


def _base(given: Sequence[str]) -> str:
    """The folder that names of files begin at: the one that is given, or what several have in common."""
    paths = [_split(path)[0] for path in given]
    folders = [os.path.abspath(path if os.path.isdir(path) else os.path.dirname(path) or ".") for path in paths]
    try:
        return os.path.commonpath(folders)
    except ValueError:  # on several drives
        return folders[0]


def _in_folder(folder: str, away: set[str]) -> Iterator[tuple[str, str]]:
    """The files of a folder that are told of, each with why it is not read."""
    root, closed = os.path.realpath(folder), list[OSError]()
    for at, inside, files in os.walk(folder, onerror=closed.append):
        here = [os.path.join(at, d) for d in inside if _is_theirs(d)]
        inside[:] = sorted(os.path.basename(p) for p in here if os.path.realpath(p) not in away)
        names = sorted(filter(_is_theirs, files))
        read = {PurePath(name).stem for name in names if PurePath(name).suffix.lower() in READ}
        for name in names:
            path, ending = os.path.join(at, name), PurePath(name).suffix.lower()
            if ending in READ:
                reason = _unsafe(path, root)
                if reason or not (ending == ".toml" and _is_network(path)):
                    yield path, reason
            elif (ending in _HANDED_IN and PurePath(name).stem not in read) or (ending in _PICTURES and not read):
                yield path, f"a {ending} file is not read; allowed: {', '.join(sorted(READ))}"
    yield from ((str(e.filename), f"the folder cannot be read: {e.strerror}") for e in closed)


def _is_theirs(path: str) -> bool:
    name = os.path.basename(path)
    return not name.startswith(".") and name not in _NOT_THEIRS


def _unsafe(path: str, root: str) -> str:
    """Why a file in a folder is not read; empty where it is."""
    if os.path.islink(path) and os.path.commonpath((os.path.realpath(path), root)) != root:
        return "a link that leads out of the folder"
    if not os.path.isfile(path):
        return "no regular file" if os.path.exists(path) else "a link to nowhere"
    return ""


def _is_network(path: str) -> bool:
    """Whether a .toml file is no problem: the network that files beside it are about, or settings of something else."""
    try:
        return (
            re.search(r"^\s*\[+\s*['\"]?(?:problem|tensors)\b", Path(path).read_text("utf-8-sig"), re.MULTILINE) is None
        )
    except (OSError, ValueError):
        return False
