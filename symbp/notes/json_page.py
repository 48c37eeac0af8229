"""A derivation as JSON: every equation with the steps that led to it, in index form, as matrices and as LaTeX."""

from __future__ import annotations

import json
from typing import Any

from symbp.calculus.program import Statement, Tensor
from symbp.calculus.text import expression_text, statement_text
from symbp.calculus.trace import Step
from symbp.notes.chain import step_math
from symbp.notes.equations import sides
from symbp.notes.opening import titled
from symbp.notes.updates import update_rows
from symbp.notes.writer import Writer
from symbp.version import __version__


def json_page(writer: Writer) -> str:
    r"""The derivation as a JSON object.

    - ``symbp``, ``network``, ``loss``, ``optimizer``, ``convention``, ``layout``: what was derived, and how it is written
    - ``tensors``: name -> ``{"role", "shape", "latex", "of"}``; `shape` is (rows, columns) as displayed for
      tensors with at most two axes, `of` is null, or for an adjoint the tensor that the loss is differentiated
      with respect to
    - ``equations``, in order of evaluation, each with ``name``, ``pass`` (forward or backward), ``label``, ``index``
      (the statement in the index language with the network's own names), ``matrix`` (NumPy-like text in the
      convention's names and layout, or null where there is no matrix form), ``latex``, ``shape`` and ``steps``
    - ``steps`` of an equation: ``{"rule", "name", "index", "latex", "why", "uses"}``, `index` and `latex` being the whole right
      side after the step; the forward map's equations have none
    - ``updates``: ``{"text", "latex"}`` for each line of the optimizer's rule
    - ``stopped``: tensors whose gradient is zero because a function on the way has the derivative 0
    """
    d = writer.derivation
    forward = {s.target.name for s in d.forward}
    result = {
        "symbp": __version__,
        "network": titled(d.map),
        "loss": d.map.training.objective.loss.name if d.map.training else None,
        "optimizer": d.map.training.optimizer.kind.name if d.map.training else None,
        "convention": writer.notation.name,
        "layout": writer.notation.layout,
        "tensors": {t.name: _tensor(writer, t) for t in d.program.tensors.values()},
        "equations": [_equation(writer, s, "forward" if s.target.name in forward else "backward") for s in d.program],
        "updates": [
            {
                "text": f"{r.left.text if r.left else ''} <- {r.right.text}",
                "latex": rf"{r.left.latex if r.left else ''} \leftarrow {r.right.latex}",
            }
            for r in update_rows(writer)
        ],
        "stopped": [*d.stopped],
    }
    return json.dumps(result, indent=2, ensure_ascii=True) + "\n"


def _tensor(writer: Writer, t: Tensor) -> dict[str, Any]:
    sizes = writer.derivation.map.sizes
    places = writer.symbols.orient(t) if len(t.axes) <= 2 else range(len(t.axes))
    shape = [1 if p is None else sizes.get(t.axes[p], writer.symbols.count) for p in places]
    return {"role": t.role, "shape": shape, "latex": writer.symbols.whole(t.name), "of": t.of}


def _equation(writer: Writer, s: Statement, which: str) -> dict[str, Any]:
    m = writer.reading(s)
    left, right, _ = sides(writer, s)
    steps = [t for t in writer.derivation.backward.steps if t.target.name == s.target.name]
    return {
        "name": s.target.name,
        "pass": which,
        "label": s.label,
        "index": statement_text(s),
        "matrix": None if m is None else writer.matrix(m).text,
        "latex": f"{left.latex} = {right.latex}",
        "shape": _tensor(writer, s.target)["shape"],
        "steps": [_step(writer, t) for t in steps],
    }


def _step(writer: Writer, t: Step) -> dict[str, Any]:
    return {
        "rule": t.rule,
        "name": t.target.name,
        "index": expression_text(t.after, [i.name for i in t.indices]),
        "latex": step_math(writer, t).latex,
        "why": t.why,
        "uses": [*t.uses],
    }
