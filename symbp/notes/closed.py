"""The closed form of each gradient: what is computed on the way back put in, where that makes it shorter."""

from __future__ import annotations

from dataclasses import replace

from symbp.calculus.eliminate_intermediates import eliminate_intermediates
from symbp.notes.writer import Writer


def closed(writer: Writer) -> Writer:
    """A writer of the same derivation in which derivatives by values on the way are put in where that is shorter."""
    d = writer.derivation
    inner = [s.target.name for s in d.forward if s.target.name != d.backward.loss]
    return replace(writer, derivation=replace(d, backward=eliminate_intermediates(d.backward, inner)))
