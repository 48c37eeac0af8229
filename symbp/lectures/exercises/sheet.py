"""A sheet of exercises: as many as are asked for, of every kind in turn, no two alike, their solutions behind."""

from __future__ import annotations

import random

from symbp.errors import InputError
from symbp.lectures.exercises.exercise import Exercise, Material
from symbp.lectures.exercises.kinds import KINDS
from symbp.network.derivation import Derivation, of_one_example
from symbp.notes.blocks import Block, Folded, Heading
from symbp.notes.writer import Writer

MOST = 50
_TRIES = 12


def exercises(derivation: Derivation, writer: Writer, count: int, seed: int) -> list[Block]:
    """Exercises about a derivation, then their solutions, each folded; the same for the same seed.

    Raises
    ------
    InputError : for a count that is none, or for more exercises than the network gives without repeating one
    """
    if not 1 <= count <= MOST:
        raise InputError(f"{count} exercises", allowed=f"1 to {MOST}")
    of_one_example(derivation, "exercises are about one example")
    drawn = draw(Material(derivation, writer), count, seed)
    blocks: list[Block] = [Heading(1, ("Exercises",))]
    for k, e in enumerate(drawn, 1):
        blocks += [Heading(2, (f"Exercise {k}. {e.title}",)), *e.question]
    blocks.append(Heading(1, ("Solutions",)))
    return [*blocks, *(Folded((f"Solution of exercise {k}",), e.solution) for k, e in enumerate(drawn, 1))]


def draw(material: Material, count: int, seed: int) -> list[Exercise]:
    """Different exercises, of every kind in turn as long as it has new ones."""
    chance = random.Random(seed)
    found: dict[tuple[str, str], Exercise] = {}
    left = [*KINDS]
    while len(found) < count and left:
        for kind in [*left]:
            if len(found) == count:
                break
            one = _new(material, kind, chance, found)
            if one is None:
                left.remove(kind)
            else:
                found[kind, one.key] = one
    if len(found) < count:
        raise InputError(
            f"{count} exercises: there are no more than {len(found)} different ones of this network",
            allowed=f"--exercises {len(found)}" if found else "a network with gradients",
        )
    return [*found.values()]


def _new(
    material: Material, kind: str, chance: random.Random, known: dict[tuple[str, str], Exercise]
) -> Exercise | None:
    """An exercise of a kind that is not there yet; None where none comes up."""
    for _ in range(_TRIES):
        one = KINDS[kind](material, chance)
        if one is not None and (kind, one.key) not in known:
            return one
    return None
