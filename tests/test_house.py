"""The house: arrows go one way. Every import counts, those inside functions and those for types alone too."""

import ast
from collections.abc import Iterator, Mapping
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "symbp"

ROOMS: tuple[frozenset[str], ...] = (
    frozenset({"errors", "version"}),
    frozenset({"files"}),
    frozenset({"drawing"}),
    frozenset({"calculus"}),
    frozenset({"catalogue"}),
    frozenset({"notation"}),
    frozenset({"formula"}),
    frozenset({"network"}),
    frozenset({"notes", "codegen", "verification", "graph", "gradcheck"}),
    frozenset({"documents"}),
    frozenset({"lectures"}),
    frozenset({"shown"}),
    frozenset({"__init__"}),
    frozenset({"commands"}),
    frozenset({"__main__"}),
)
"""The rooms from the ground up; a room imports rooms that stand lower, none beside it."""

MOST_LOOSE = 7
BY_NAME = frozenset({"symbp", "symbp.commands.main"})
"""What imports modules by a name in a string: the faces, each of whose names a type checker sees imported too."""


def module_of(path: Path) -> str:
    """The dotted name of a file of the package."""
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES: Mapping[str, Path] = {module_of(p): p for p in sorted(PACKAGE.rglob("*.py"))}


def imported(text: str, module: str, package: bool, known: Mapping[str, object]) -> Iterator[str]:
    """The known modules that a source imports, wherever the import stands; the package around a module is not one of them."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            yield from (a.name for a in node.names if a.name in known)
        elif isinstance(node, ast.ImportFrom):
            around = module.split(".") if package else module.split(".")[:-1]
            above = around[: len(around) - node.level + 1] if node.level else []
            of = ".".join([*above, *([node.module] if node.module else [])])
            yield from (f"{of}.{a.name}" if f"{of}.{a.name}" in known else of for a in node.names if of in known)


def room_of(module: str) -> str:
    """The room that a module belongs to; the root's own file is a face."""
    return ".".join(module.split(".")[1:2]) or "__init__"


def storey(room: str) -> int:
    """How high a room stands, counted from the ground."""
    return next(k for k, rooms in enumerate(ROOMS) if room in rooms)


def circle(arrows: Mapping[str, set[str]]) -> list[str]:
    """The modules of a circle in the order of their imports, none where there is no circle."""
    try:
        TopologicalSorter(arrows).prepare()
    except CycleError as e:
        return list(reversed(e.args[1]))
    return []


@cache
def arrows() -> Mapping[str, set[str]]:
    """Which modules each module imports."""
    return {
        m: {i for i in imported(p.read_text(encoding="utf-8"), m, p.name == "__init__.py", MODULES) if i != m}
        for m, p in MODULES.items()
    }


def test_modules_import_one_another_in_no_circle() -> None:
    found = circle(arrows())
    assert not found, " imports ".join(found)


def test_a_room_imports_only_rooms_below_it() -> None:
    assert {room_of(m) for m in MODULES} <= frozenset().union(*ROOMS), "a room that is not in the table"
    wrong = [
        f"{module} imports {other}"
        for module, its in arrows().items()
        for other in its
        if room_of(module) != room_of(other) and storey(room_of(module)) <= storey(room_of(other))
    ]
    assert not wrong, "\n".join(wrong)


def test_few_modules_lie_loose() -> None:
    loose = sorted(p.name for p in PACKAGE.glob("*.py"))
    assert len(loose) <= MOST_LOOSE, loose


def test_only_the_faces_import_by_a_name_in_a_string() -> None:
    found = {
        m
        for m, p in MODULES.items()
        for node in ast.walk(ast.parse(p.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and (getattr(node.func, "attr", "") or getattr(node.func, "id", "")) in ("import_module", "__import__")
    }
    assert found == BY_NAME


KNOWN = dict.fromkeys(("p", "p.a", "p.b", "p.b.c", "p.b.d"))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("import p.a", ["p.a"]),
        ("from p import a, b as other", ["p.a", "p.b"]),
        ("from p.a import Name", ["p.a"]),
        ("def f():\n    from p.a import Name", ["p.a"]),
        ("if TYPE_CHECKING:\n    from p.b.d import Name", ["p.b.d"]),
        ("try:\n    import p.b\nexcept ImportError:\n    pass", ["p.b"]),
        ("from . import d", ["p.b.d"]),
        ("from .d import Name", ["p.b.d"]),
        ("from .. import a", ["p.a"]),
        ("from ..a import Name", ["p.a"]),
        ("import numpy.linalg\nfrom os import path", []),
    ],
)
def test_every_way_of_importing_is_seen(text: str, found: list[str]) -> None:
    assert list(imported(text, "p.b.c", False, KNOWN)) == found


def test_circles_are_found() -> None:
    assert circle({"a": {"b"}, "b": {"c"}, "c": set()}) == []
    found = circle({"a": {"b"}, "b": {"c"}, "c": {"d", "b"}, "d": set()})
    assert found[0] == found[-1] and set(found) == {"b", "c"}
