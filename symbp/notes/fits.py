"""Whether a notation has letters for all of a network: some have them for networks of one form alone."""

from __future__ import annotations

import re
from dataclasses import replace

import sympy

from symbp.calculus.text import BATCH
from symbp.errors import InputError
from symbp.network.derivation import Derivation, derive
from symbp.notation import Notation, notation_named
from symbp.notation.notation import OF_EACH, PROBABLE, ROLES
from symbp.notes.own_letters import of_author
from symbp.notes.symbols import Symbols


def fitting(derivation: Derivation, convention: str) -> Notation:
    """The notation of that name, or of that file, for the network of a derivation, or without its letters for a map that is none;
    errors as in :func:`.notation_named`."""
    if not derivation.map.layers:
        return of_author(notation_named(convention))
    output = next((s.label for s in derivation.forward if s.target.name == "yhat"), "")
    return notation_named(convention).fitted(derivation.map.depth, output in PROBABLE)


def summed(derivation: Derivation, notation: Notation) -> Derivation:
    """The derivation whose loss of a batch is the sum over its examples, where that is what the notation's loss of a batch is."""
    forward, training = derivation.map, derivation.map.training
    asked = derivation.batch and notation.sums and training is not None and training.objective.reduction != "sum"
    if not asked or training is None or forward.batch is None:
        return derivation
    one = {forward.batch.size: sympy.S.One}
    whole_sums = (s if s.target.axes else replace(s, body=s.body.xreplace(one)) for s in forward.program)
    program = forward.program.with_statements(*whole_sums)
    goal = replace(training.objective, reduction="sum")
    whole = replace(forward, program=program, training=replace(training, objective=goal))
    return derive(whole, batch=True, printer=derivation.printer)


def check_fits(symbols: Symbols) -> None:
    """InputError with the reason where a page in this notation would have something to say that it has no letter for."""
    n, d = symbols.notation, symbols.derivation
    if d.batch:
        _check_batch(symbols)
    if n.unit_letters and d.map.depth + 1 != len(n.unit_letters):
        raise InputError(
            f"the convention {n.name} has letters for the units of {len(n.unit_letters) - 1} layers and their input, and this "
            f"network has {d.map.depth} layers",
            allowed="units = { to = 'i', from = 'j' } for networks of every depth",
        )
    if not n.layers:
        return
    if n.patterns and d.map.depth != n.layers:
        raise InputError(
            f"the convention {n.name} has letters for {n.layers} layers, and this network has {d.map.depth}",
            allowed=f"networks of {n.layers} dense layers with scalar activations, or another convention",
        )
    declared = [t.name for t in d.forward.declared if t.role != "constant"]
    for name in (*declared, *(s.target.name for s in d.forward)):
        if name != d.backward.loss and not _has(symbols, name):
            layer = symbols.number(name)[1]
            what = f"layer {layer}" if layer is not None and layer > n.layers else name
            raise InputError(
                f"the convention {n.name} has no letter for {what} of this network",
                allowed=f"networks of {n.layers} dense layers with scalar activations, or another convention",
            )


def _check_batch(symbols: Symbols) -> None:
    """InputError where a notation cannot write what is derived for a whole batch."""
    n, allowed = symbols.notation, "a derivation for one example"
    if n.own:
        raise InputError(f"in the convention {n.name} every example has a loss of its own", allowed=allowed)
    for name in symbols.tensors.keys() & n.patterned.keys():
        base, pattern = symbols.pattern(name)
        if BATCH in [a.name for a in symbols.tensors[name].axes] and n.example not in pattern.scripts + pattern.tail:
            element = f"{base}_{{{pattern.scripts}}}"
            raise InputError(f"the convention {n.name} has no number of the example at {element}", allowed=allowed)
    for name, letter in n.printed.items():
        base = name.rstrip("0123456789")
        if base in OF_EACH and base not in ("delta", "e") and not letter.batch:
            role = next(role for role, its in ROLES.items() if its == base)
            raise InputError(
                f"the convention {n.name} has no letter for the {role}s of a batch",
                allowed=f"{allowed}, or {role} = {{ print = '{letter.whole}', batch = '...' }}",
            )


def _has(symbols: Symbols, name: str) -> bool:
    n, base = symbols.notation, symbols.number(name)[0]
    same = symbols.as_layer(name)
    known = {*n.printed, *n.patterned, *n.written_out}
    bias = base == "b" and n.bias_in_weights
    return bias or bool({name, base, same, re.sub(r"\d+$", "", same)} & known)
