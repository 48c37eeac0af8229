"""A mistake as a row: a pattern of a formula, what is right instead, the cause, and the words; and the edits that rows make."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from string import Formatter
from typing import Any, get_args

from symbp.formula.printing import node_text
from symbp.formula.syntax import Binary, Claim, Name, Node, Span, children, nodes, places
from symbp.verification.diagnosis.derived import derived_right
from symbp.verification.diagnosis.kinds import KINDS, applied_to, reads, slopes_of, tensor_of, usual
from symbp.verification.diagnosis.patterns import Bound, as_product, filled, flat, matched, names_of, pattern
from symbp.verification.meaning.setting import Setting
from symbp.verification.verdict import Cause

NOWHERE = Span()
_NOTHING: Bound = {}


@dataclass(frozen=True)
class Reason:
    """What is wrong with a claim: words, and formulas between them, written in the claim's language when it is shown."""

    parts: tuple[str | Node, ...]

    def __bool__(self) -> bool:
        return bool(self.parts)

    def shown(self, show: Callable[[Node], str]) -> str:
        """The reason as text, its formulas written by `show`."""
        return "".join(part if isinstance(part, str) else show(part) for part in self.parts)


def reason(*parts: str | Node | Reason) -> Reason:
    """A reason put together from words, formulas and other reasons."""
    found: list[str | Node] = []
    for part in parts:
        found += part.parts if isinstance(part, Reason) else [part] if part != "" else []
    return Reason(tuple(found))


@dataclass(frozen=True)
class Edit:
    """One edit, which undoes one mistake: the cause it stands for, what it says to a person, the new right side, whether to try
    it in a pair, and where the mistake stands in the claim's text."""

    cause: Cause
    why: Reason
    right: Node
    likely: bool = False
    span: Span = NOWHERE

    def applied(self, claim: Claim) -> Claim:
        """The edited claim."""
        return replace(claim, right=self.right)


@dataclass(frozen=True)
class Scene:
    """A claim in its setting, with what is worked out once for all places of its right side."""

    setting: Setting
    claim: Claim

    @cached_property
    def places(self) -> tuple[tuple[Node, Callable[[Node], Node]], ...]:
        """The places of the right side, the whole first."""
        return tuple(places(self.claim.right))

    @cached_property
    def usual(self) -> tuple[str, ...]:
        """The names that people use; the loss is one where it stands in the derived equation."""
        derived = derived_right(self.setting, self.claim)
        own = derived is not None and any(isinstance(n, Name) and n.name == self.setting.loss for n in nodes(derived))
        return tuple(n for n in usual(self.setting) if own or n != self.setting.loss or not self.setting.loss)

    @cached_property
    def applied(self) -> Mapping[str, Mapping[str, str]]:
        """The functions that the forward map applies to each tensor, with its name for what they make."""
        return applied_to(self.setting)

    @cached_property
    def slopes(self) -> tuple[tuple[bool, Node], ...]:
        """The activation derivatives that the claim could be about, and whether each is that of the left side's layer."""
        return tuple(slopes_of(self.setting, self.claim))

    @cached_property
    def others(self) -> tuple[Node, ...]:
        """All tensors but that of the left side, as the claim would write them; with that on both it would say nothing."""
        left, known = tensor_of(self.setting, self.claim.left), self.setting.known
        names = [n for n in self.usual if left is None or known[n].tensor.name != left.tensor.name]
        return tuple(reads(self.setting, self.claim, *names))


@dataclass(frozen=True)
class Spot:
    """A place of a claim's right side where a mistake is looked for, with what letters of a pattern stand for already."""

    scene: Scene
    node: Node
    put: Callable[[Node], Node]
    bound: Bound = field(default_factory=dict)

    @property
    def setting(self) -> Setting:
        """What names mean."""
        return self.scene.setting

    @property
    def claim(self) -> Claim:
        """The claim."""
        return self.scene.claim

    @property
    def is_root(self) -> bool:
        """Whether it is the whole right side."""
        return self.node is self.claim.right

    def accepts(self, letter: str, node: Node) -> bool:
        """Whether a letter of a pattern may stand for a formula."""
        return letter not in KINDS or KINDS[letter](self.setting, node)


Each = Callable[[Spot], Iterable[Bound]]
"""What the letters of a row that its pattern does not have may stand for at a place, one after the other."""


def once(spot: Spot) -> Iterable[Bound]:
    """For a row all of whose letters are in its pattern."""
    return (_NOTHING,)


@dataclass(frozen=True)
class Row:
    """A mistake: what was written, what is meant, the cause, and what is said of it.

    Parameters
    ----------
    written, meant : patterns (:mod:`~symbp.verification.diagnosis.patterns`); what their letters may be is said by
        :data:`~symbp.verification.diagnosis.kinds.KINDS`; one with ``@`` or ``.T`` is about arrays alone
    cause : the cause of the verdict, or what finds it from what the letters stand for
    words : the reason; ``{a}`` is the formula that a letter stands for and ``{1 - a}`` one that is made of it, ``{old}`` and
        ``{new}`` are what was written and what is meant, ``{a!s}`` is plain text
    likely : whether it is tried together with another
    at : the letter where the mistake stands; the whole of what was written where there is none
    where : ``root`` for the whole right side, ``inner`` for its parts; ``again`` for all places once more, behind the rows above
    each : letters of `meant` and of `words` that the pattern does not have, found at each place; where it finds others, the row
        is not tried
    over : such letters for the whole right side, with each of which all places are gone through
    """

    written: str
    meant: str
    cause: Cause | Callable[[Bound], Cause]
    words: str
    likely: bool = False
    at: str = "old"
    where: str = ""
    each: Each = once
    over: Each = once

    @cached_property
    def of_arrays(self) -> bool:
        """Whether only formulas of whole arrays have the mistake."""
        return any(sign in text for text in (self.written, self.meant) for sign in ("@", ".T"))

    @property
    def pattern(self) -> Node:
        """The pattern of what was written."""
        return self._read[0]

    @cached_property
    def _read(self) -> tuple[Node, Node, bool, frozenset[str]]:
        wanted, made = pattern(self.written), pattern(self.meant)
        alike = type(wanted) is type(made) and not isinstance(wanted, Name)
        return wanted, made, alike, names_of(made) - names_of(wanted)

    def edit(self, spot: Spot, bound: Bound) -> Edit | None:
        """The edit that the row makes at a place; None where its pattern does not match there, or it lacks letters."""
        wanted, made, alike, further = self._read
        found = matched(wanted, spot.node, bound, spot.accepts) if not further or bound.keys() >= further else None
        if found is None:
            return None
        new = filled(made, found, spot.node if alike else None)
        new = flat(new) if spot.claim.written is None else new
        said = {**found, "old": spot.node, "new": new}
        cause = self.cause(said) if callable(self.cause) else self.cause
        return Edit(cause, worded(self.words, said), spot.put(new), self.likely, span_of(said[self.at]))


Mistake = tuple[Row, ...]
"""Rows that belong together. Those that stand side by side and go over the same letters and the same places are tried together,
one after the other at each place, the whole right side first."""


def edits(setting: Setting, claim: Claim, mistakes: Iterable[Mistake]) -> Iterator[Edit]:
    """Every edit of a claim's right side by some mistakes, in the order in which they are tried, each result once."""
    seen, scene = {claim.right}, Scene(setting, claim)
    for mistake in mistakes:
        for edit in _edits(scene, mistake):
            if edit is not None and edit.right not in seen and edit.right != claim.left:
                seen.add(edit.right)
                yield edit


def _edits(scene: Scene, mistake: Mistake) -> Iterator[Edit | None]:
    """What the rows of a mistake make, a repetition too."""
    for over, searches in _searches(mistake, scene.claim.indexed):
        for outer in over(Spot(scene, *scene.places[0])):
            for where, suited in searches:
                for node, put in scene.places[:1] if where == "root" else scene.places[int(where == "inner") :]:
                    spot = Spot(scene, node, put, outer)
                    for each, rows in suited.get(_kind(node), suited[None]):
                        for more in each(spot):
                            bound = {**outer, **more} if more else outer
                            yield from (row.edit(spot, bound) for row in rows)


_Suited = Mapping[object, tuple[tuple[Each, Mistake], ...]]
"""For each kind of node the rows that may match one, by the letters that they need at a place; under None those for any."""
_KINDS = (None, "+", "-", "*", "/", "@", "**", *get_args(Node))


def _kind(node: Node) -> object:
    """What rows are found by: the operation, or the kind of a node."""
    node = as_product(node)
    return node.op if isinstance(node, Binary) else type(node)


@lru_cache(maxsize=256)
def _searches(mistake: Mistake, indexed: bool) -> tuple[tuple[Each, list[tuple[str, _Suited]]], ...]:
    """The rows of a mistake that are tried together: by the letters that they go over, and the places."""
    known = itertools.groupby([r for r in mistake if not (indexed and r.of_arrays)], key=lambda row: row.over)
    by_places = ((over, itertools.groupby(rows, key=lambda row: row.where)) for over, rows in known)
    return tuple((over, [(where, _suited([*rows])) for where, rows in found]) for over, found in by_places)


def _suited(rows: list[Row]) -> _Suited:
    found = {kind: [row for row in rows if _kind(row.pattern) in (kind, Name)] for kind in _KINDS}
    by_letters = {kind: itertools.groupby(mine, key=lambda row: row.each) for kind, mine in found.items()}
    return {kind: tuple((each, tuple(same)) for each, same in groups) for kind, groups in by_letters.items()}


def worded(words: str, said: Mapping[str, Any]) -> Reason:
    """The words of a row with formulas in the place of its letters."""
    parts: list[str | Node | Reason] = []
    for text, letter, plain in _parts(words):
        parts.append(text)
        if letter is not None:
            value = said[letter] if letter in said else filled(pattern(letter), said)
            parts.append(node_text(value) if plain and not isinstance(value, str) else value)
    return reason(*parts)


@lru_cache(maxsize=1024)
def _parts(words: str) -> tuple[tuple[str, str | None, bool], ...]:
    return tuple((text, letter, how == "s") for text, letter, _, how in Formatter().parse(words))


def span_of(found: Node | tuple[Node, ...]) -> Span:
    """Where a formula stood, or from the first to the last of some that stood side by side."""
    if not isinstance(found, tuple):
        return found.span
    return Span(min(n.span.start for n in found), max(n.span.end for n in found))


def size(node: Node) -> int:
    """How many nodes a tree has."""
    return 1 + sum(size(c) for c in children(node))
