"""Names of the user's own: a claim whose left side names nothing known is a definition."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from symbp.calculus.language import valid_name
from symbp.errors import InputError, Place
from symbp.verify.language.syntax import Claim, Name, Read
from symbp.verify.meaning.arrays import ShapeClash
from symbp.verify.verdict import Verdict

if TYPE_CHECKING:
    from symbp.verify.judge import Judge

_FAMILY = re.compile(r"(?:delta|dJ/d[A-Za-z]+|d[A-Za-z]+|[zaWbge])\d+")


def define(judge: Judge, claim: Claim, blank: Verdict) -> Verdict:
    """The verdict on a definition, which later claims may use; InputError where its name is taken or it has no meaning."""
    left = claim.left.of if isinstance(claim.left, Read) else claim.left
    name, place = left.name if isinstance(left, Name) else "", Place(None, None, claim.left.span.start + 1)
    setting = judge.first.setting
    known = [*setting.known]
    if setting.layers and _FAMILY.fullmatch(name):
        allowed = ", ".join(n for n in known if re.fullmatch(rf"{re.escape(name.rstrip('0123456789'))}\d+", n))
        raise InputError(f"this network has no {name}", place=place, allowed=allowed or "a name of the network's")
    if name in setting.functions or (name == "g" and setting.layers):
        raise InputError(f"{name} is a function", place=place, allowed="another name")
    valid_name(name, "name", place)
    judge.benches.defined.append((name, claim))
    failure: Exception | None = None
    for bench in judge.benches.made:
        try:
            bench.define(name, claim)
        except (InputError, ShapeClash) as e:
            failure = failure or e
    if failure is not None and name not in judge.several.definitions:
        judge.benches.defined.pop()
        if isinstance(failure, ShapeClash):
            return replace(
                blank,
                verdict="wrong",
                how="exact",
                cause="shape",
                reason=failure.why,
                column=failure.span.start + 1,
            )
        raise failure
    return replace(blank, verdict="definition", reason=f"{name} is a name of your own from here on")
