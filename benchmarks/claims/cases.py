"""The bench's cases: right claims from their files, and wrong ones made of them by hand and by mutation."""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from interpreter import Interpreter, NoValue
from mutations import wrong_variants
from network_values import Net
from problem_values import problem_values
from reading import bare, sides, tree

DATA = Path(__file__).parent / "data"
_CLOSE = 1e-5


@dataclass(frozen=True)
class Case:
    """A claim with what is known of it: right, or wrong with the causes that describe the mistake, made from `origin`."""

    claim: str
    origin: str
    at: str
    causes: frozenset[str] = frozenset()
    by_hand: bool = True

    @property
    def right(self) -> bool:
        """Whether the claim is true."""
        return not self.causes


@dataclass
class Setting:
    """What the claims of a file are about."""

    path: Path
    table: dict[str, Any]

    @property
    def source(self) -> str:
        """Where the claims come from."""
        return str(self.table["source"])

    @property
    def layout(self) -> str:
        """Whether examples are columns or rows."""
        return str(self.table.get("layout", "columns"))

    @property
    def batch(self) -> bool | None:
        """True where the claims are about a batch; None leaves it to the reader."""
        return self.table.get("batch")

    def interpreter(self, seed: int) -> Interpreter:
        """The bench's own values of the names."""
        if "problem" in self.table:
            plain, functions = problem_values(self.table, seed)
            return Interpreter({**plain, "pi": np.pi}, plain, functions)
        net = Net.of(
            self.table["arch"],
            self.table["loss"],
            self.table.get("reduction", "mean"),
            self.table.get("regularization", {}).get("l2", 0.0),
        )
        examples = 7 if self.batch else 1
        plain = net.values(examples, seed)
        shown = {name: self._shown(name, value) for name, value in plain.items()}
        lengths = {f"n{k}": float(n) for k, n in enumerate(net.sizes)} | {"N": float(examples), "pi": np.pi}
        functions = {"g" + str(k): net.activation(k) for k in net.hidden}
        return Interpreter({**shown, **lengths}, plain, functions, 0 if self.layout == "columns" else 1)

    def _shown(self, name: str, value: Any) -> Any:
        plain = np.asarray(value)
        if name.lstrip("d")[:1] == "b" and plain.ndim == 1:
            return plain[:, None] if self.layout == "columns" else plain[None, :]
        return plain.T if self.layout == "columns" and name.lstrip("d")[:1] != "W" else plain

    @cached_property
    def interpreters(self) -> tuple[Interpreter, ...]:
        """Values at two points."""
        return tuple(self.interpreter(seed) for seed in (1, 2))

    def same(self, claim: str, other: str) -> bool:
        """Whether two claims with one left side have right sides of the same value, or the one's is the left side's."""
        try:
            return all(_close(evaluated(i, claim), evaluated(i, other)) for i in self.interpreters)
        except NoValue:
            return False

    def holds(self, claim: str) -> bool:
        """Whether a claim's sides have the same value."""
        left, right = sides(claim)
        try:
            return all(_close(evaluated(i, claim, left), evaluated(i, claim, right)) for i in self.interpreters)
        except NoValue:
            return False


def evaluated(i: Interpreter, claim: str, side: str | None = None) -> Any:
    """The value of a claim's right side (or of the given side), over the letters of its left side where it has any."""
    left, right = sides(claim)
    node, root = tree(side or right), tree(left)
    with np.errstate(all="ignore"):
        if not isinstance(root, ast.Subscript):
            return i.value(node)
        letters, shape = i.letters_of(root), i.array_of(root).shape
        if len(letters) != len(shape):
            raise NoValue(bare(root))
        value = np.empty(shape)
        for at in np.ndindex(shape):
            value[at] = i.value(node, dict(zip(letters, at, strict=True)))
        return value


def _close(a: Any, b: Any) -> bool:
    """Whether two values agree; leading axes of length 1 may be left out, and a vector may have one axis."""
    a, b = np.asarray(a), np.asarray(b)
    if a.shape != b.shape and 1 not in (a.ndim, b.ndim):
        while a.ndim and a.shape[0] == 1:
            a = a[0]
        while b.ndim and b.shape[0] == 1:
            b = b[0]
        if a.shape != b.shape:
            return False
    if a.size != b.size:
        return False
    a, b = a.ravel(), b.ravel()
    return bool(
        np.all(np.isfinite(b)) and np.max(abs(a - b), initial=0) <= _CLOSE * max(1e-3, np.max(abs(a), initial=0))
    )


@dataclass
class Cases:
    """The cases of one file; `left_out` counts variants that are accidentally right."""

    setting: Setting
    left_out: list[str] = field(default_factory=list)
    doubtful: list[str] = field(default_factory=list)

    def __iter__(self) -> Iterator[Case]:
        known = frozenset(self.setting.interpreters[0].plain)
        for entry in self.setting.table["claim"]:
            right, at = entry["right"], entry.get("at", "")
            if not self.setting.holds(right):
                self.doubtful.append(right)
                continue
            yield Case(right, right, at)
            for spelling in entry.get("latex", []):
                yield Case(spelling, right, at)
            for spelling, causes in entry.get("wrong_latex", []):
                yield Case(spelling, right, at, frozenset(causes.split()))
            left, formula = sides(right)
            by_hand = {c: set(causes.split()) for c, causes in entry.get("wrong", [])}
            made = {f"{left} = {new}": causes for new, causes in wrong_variants(formula, known).items()}
            for claim, causes in {**made, **by_hand}.items():
                if self.setting.holds(claim):
                    self.left_out.append(claim)
                    continue
                both = causes | made.get(claim, set())
                yield Case(claim, right, at, frozenset(both), claim in by_hand)


def files(names: list[str]) -> list[Setting]:
    """The files of claims, those whose name contains one of `names` where any are given."""
    paths = [p for p in sorted(DATA.glob("*.toml")) if not names or any(n in p.stem for n in names)]
    return [Setting(p, tomllib.loads(p.read_text(encoding="utf-8"))) for p in paths]
