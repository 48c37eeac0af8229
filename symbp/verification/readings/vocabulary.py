"""The letters of a page, as far as it has said what they mean."""

from __future__ import annotations

from dataclasses import replace

from symbp.verification.readings.names import Vocabulary
from symbp.verification.state import State


def vocabulary_of(state: State, without: frozenset[str] = frozenset()) -> Vocabulary:
    """The letters of a page, as far as it has said what they mean; letters `without` a meaning of the network's are its own."""
    own = state.notation.own or bool(state.memory.own)
    mine = {name for name, _ in state.contexts.defined} | without
    notation = state.notation
    if mine & {*notation.activations, *notation.fixed}:
        activations = tuple(a for a in notation.activations if a not in mine)
        fixed = {letter: name for letter, name in notation.fixed.items() if letter not in mine}
        notation = replace(notation, activations=activations, fixed=fixed)
    return Vocabulary(notation, state.first.setting, state.batch is False, state.memory.likelihood, own, state.dropped)
