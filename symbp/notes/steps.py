"""The page for a student: every step of the derivation with its reason, the general layer, the algorithm, what it costs."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from symbp.calculus.kinds import Signature
from symbp.calculus.program import Statement
from symbp.notes import maps
from symbp.notes.activations import activations
from symbp.notes.algorithm import algorithm, batches, memory
from symbp.notes.asked import asked
from symbp.notes.blocks import Block, Display, Heading, Inline, Math, Paragraph, Row, formulas
from symbp.notes.chain import as_matrices, derived
from symbp.notes.costs import cost, vanishing
from symbp.notes.described import of_line
from symbp.notes.equations import listed
from symbp.notes.general import by_key, references
from symbp.notes.general_section import box, equations
from symbp.notes.layers import number_of
from symbp.notes.levels import levels
from symbp.notes.opening import architecture, stopped
from symbp.notes.sections import Detail, Lesson, Parts
from symbp.notes.softmax import jacobian, pairs
from symbp.notes.statistics import statistics
from symbp.notes.updates import updates
from symbp.notes.writer import Writer

_HADAMARD = Math(r"(u \odot v)_{i} = u_{i} v_{i}", "(u * v)[i] = u[i]*v[i]")


def _forward(lesson: Lesson) -> list[Block]:
    """The forward map: in index form, then as matrices; what is like a line above it only as matrices."""
    writer, d = lesson.writer, lesson.writer.derivation
    names = {s.target.name for s in d.forward}
    rows: list[Row] = []
    seen: set[object] = set()
    for w, s, note in listed(writer, lesson.alike, lambda s: s.target.name in names):
        label: Inline = (of_line(s.label), *((", ",) if note else ()), *note)
        kind = (s.label, _kind(w, s))
        lifted = as_matrices(w, s, ("likewise: ", *label) if kind in seen else ("as matrices",))
        if kind not in seen or not lifted:
            left, right = w.statement(s, limits=not w.generic)
            rows.append(Row(left, right, label, of="" if lifted or w.generic else s.target.name))
        rows += lifted
        seen.add(kind)
    arrays = any(r.shape for r in rows)
    lifting: Inline = (
        "First for one unit, as sums of numbers; then the sums of a layer are read as one product of matrices",
        *((", with the shapes under the braces" if writer.derivation.map.depth else ""),),
        ":",
    )
    said: Inline = lifting if arrays else ("From the input to the loss:",)
    return [Heading(1, ("Forward pass",)), Paragraph(said), Display(tuple(rows)), *_embedding(writer)]


def _embedding(writer: Writer) -> list[Block]:
    """What the last hidden activation is."""
    d = writer.derivation
    last = d.map.activations.get(f"z{d.map.depth - 1}")
    if last is None or not writer.symbols.lettered(last) or not d.map.chain:
        return []
    said = " is what the network has made of the input: its embedding, which the last layer reads out."
    return [Paragraph(("The last hidden activation ", writer.whole(last), said))]


def _kind(writer: Writer, s: Statement) -> object:
    """What equations that differ in nothing but the names of tensors and axes have in common."""
    return Signature(writer.symbols.tensors).statement(s)


def _last(lesson: Lesson) -> list[Block]:
    depth = _depth(lesson.writer)
    said: Inline = (
        "The chain rule goes from the loss backwards. It begins with the output, since nothing but the loss stands behind it:",
    )
    title = "The last layer" if depth else "Backward"
    if len(lesson.writer.derivation.map.compared) > 1:
        said = (
            "The chain rule goes from the losses backwards, a tensor after all that read it; what each brings back adds.",
        )
    blocks = _derived(lesson, lambda layer: layer == depth or not depth, title, said)
    if any(r"\odot" in m.latex for m in formulas(blocks)):
        by_unit: Inline = ("The Hadamard product multiplies unit by unit, ", _HADAMARD, ".")
        blocks.append(Paragraph(by_unit))
    return blocks


def _back(lesson: Lesson) -> list[Block]:
    writer, depth = lesson.writer, _depth(lesson.writer)
    said: Inline = (
        "A unit of the layer before reaches the loss through every unit of the layer behind it, and the paths add.",
    )
    if writer.symbols.single:
        said = ("A unit of the layer before reaches the loss through the one unit behind it.",)
    weights = writer.symbols.tensors.get(f"W{depth}")
    if weights is not None and len(weights.axes) == 2 and not (writer.notation.patterns or writer.symbols.single):
        said = (
            *said, " As matrices that is the same ", writer.whole(weights.name), ", transposed, not inverted: an inverse "
            "would undo "
            "the layer, a transpose only sends each error back to the units that it came from.",
        )  # fmt: skip
    return _derived(lesson, lambda layer: layer == depth - 1 and depth > 1, "One step back", said)


def _others(lesson: Lesson) -> list[Block]:
    """The layers that are left: by the equations of the general layer where there are some, else step by step."""
    depth = _depth(lesson.writer)
    wanted = lambda layer: depth > 0 and (layer is None or layer < depth - 1)  # noqa: E731
    if lesson.general is None:
        return _derived(lesson, wanted, "The layers before", ("So it goes on to the input:",))
    kinds = by_key(lesson.writer.derivation)
    rows: list[Row] = []
    passed: list[Row] = []
    for w, s, note in _adjoints(lesson, wanted):
        why = references(lesson.general, s, kinds)
        why = (*why, *((", ",) if why and note else ()), *note)
        found = as_matrices(w, s, why) or [Row(*w.statement(s), why)]
        (passed if s.target.of == "x" else rows).extend(found)
    blocks: list[Block] = []
    if rows:
        blocks += [Heading(1, ("The layers before",)), Paragraph(("Nothing new happens:",)), Display(tuple(rows))]
    if passed:
        said = "The error of the input is not needed for learning; it is what is passed on to whatever made the input:"
        blocks += [Paragraph((said,)), Display(tuple(passed))]
    return blocks


def _adjoints(lesson: Lesson, wanted: Callable[[int | None], bool]) -> list[tuple[Writer, Statement, Inline]]:
    """The adjoints of some layers, those of layers that are alike once."""
    writer, d = lesson.writer, lesson.writer.derivation
    mine = {
        s.target.name
        for s in d.backward.statements
        if s.target.name not in writer.trivial and wanted(_layer(writer, s))
    }
    single = len({_layer(writer, s) for s in d.backward.statements if s.target.name in mine}) == 1
    alike = () if single else lesson.alike  # one layer that was asked for is shown even where others are like it
    return [*listed(writer, alike, lambda s: s.target.name in mine)]


def _depth(writer: Writer) -> int:
    """The number of the last layer; 0 where there is more than one end, and so no last layer."""
    return writer.derivation.map.depth if writer.derivation.map.plain else 0


def _layer(writer: Writer, s: Statement) -> int | None:
    """The layer that an adjoint belongs to; None for that of the input, and where tensors have no layers."""
    return _depth(writer) if s.target.of == "yhat" else number_of(s.target.name, writer.symbols)


def _derived(lesson: Lesson, wanted: Callable[[int | None], bool], title: str, said: Inline) -> list[Block]:
    """The adjoints of some layers, step by step; what is like one above it in a line."""
    blocks: list[Block] = []
    likewise: list[Row] = []
    depth = _depth(lesson.writer)
    last = _adjoints(lesson, lambda layer: layer == depth)
    known = {_kind(w, s) for w, s, _ in last if not wanted(depth) and _is_gradient(w, s)}
    for w, s, note in _adjoints(lesson, wanted):
        if _kind(w, s) in known and _is_gradient(w, s):
            likewise += as_matrices(w, s, ("likewise", *((", ", *note) if note else ()))) or [Row(*w.statement(s))]
            continue
        name = s.target.of or ""
        kind = "error" if w.symbols.tensors[name].role == "value" else "gradient"
        tail: Inline = (" for ", *note) if note else ()
        blocks += [Paragraph((f"The {kind} of ", w.whole(name), *tail, ":")), Display(tuple(derived(w, s)))]
    if likewise:
        blocks += [Paragraph(("The gradients are found as in the last layer:",)), Display(tuple(likewise))]
    return [Heading(1, (title,)), Paragraph(said), *blocks] if blocks else []


def _is_gradient(writer: Writer, s: Statement) -> bool:
    """Whether an adjoint is that of a parameter."""
    return writer.symbols.tensors[s.target.of or ""].role == "parameter"


def _network(lesson: Lesson) -> Sequence[Block]:
    return architecture(lesson.writer, lesson.alike)


PARTS: Parts = (
    ("asked", lambda lesson: asked(lesson.writer)),
    ("network", _network),
    ("forward", _forward),
    ("activations", lambda lesson: activations(lesson.writer, worked=True)),
    ("softmax", lambda lesson: jacobian(lesson.writer)),
    ("last", _last),
    ("pairs", lambda lesson: pairs(lesson.writer)),
    ("back", _back),
    ("general", lambda lesson: equations(lesson.general)),
    ("levels", lambda lesson: levels(lesson.writer)),
    ("layers", _others),
    ("stopped", lambda lesson: stopped(lesson.writer)),
    ("statistics", lambda lesson: statistics(lesson.writer)),
    ("updates", lambda lesson: updates(lesson.writer)),
    ("algorithm", lambda lesson: algorithm(lesson.writer, lesson.general, lesson.alike)),
    ("memory", lambda lesson: memory(lesson.writer)),
    ("batches", lambda lesson: batches(lesson.writer)),
    ("cost", lambda lesson: cost(lesson.writer)),
    ("vanishing", lambda lesson: vanishing(lesson.writer)),
    ("box", lambda lesson: box(lesson.general)),
)
"""The sections of the page in order, by name."""

steps = Detail(PARTS, maps.STEPS)
"""The page at the detail ``steps``."""
