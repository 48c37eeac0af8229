"""LaTeX in a problem of the user's own: its letters are the problem's names, and a line of the forward map may be written so."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from symbp.errors import InputError
from symbp.formula.grammar import place_of, read_claim, without_comment
from symbp.formula.latex.equation import equation_of
from symbp.formula.latex.parse import at, is_latex, parse
from symbp.formula.latex.reader import Reader
from symbp.formula.latex.symbols import substituted
from symbp.formula.syntax import Claim, Name, Node, Number, Read, Sym
from symbp.formula.tex.patterns import DIGIT, LETTER, absent, close, either, many, name, sequence
from symbp.formula.tex.tokens import tokens_of
from symbp.notation import FUNCTION_LETTERS, LOSSES, Notation
from symbp.verification.meaning.arrays import ShapeClash
from symbp.verification.meaning.lower import Lowering
from symbp.verification.meaning.setting import Known, Layout, Setting
from symbp.verification.meaning.standing import Standing, standing, vectors_of
from symbp.verification.proof.compare import EvaluationContext
from symbp.verification.readings.indices import context_of
from symbp.verification.readings.names import Lookup, Vocabulary
from symbp.verification.readings.products import elementwise
from symbp.verification.readings.shapes import by_shapes
from symbp.verification.verdict import Verdict

_GREEK = ("alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "kappa", "lambda", "mu", "nu", "xi", "rho",
          "sigma", "tau", "phi", "psi", "omega", "varphi", "vartheta")  # fmt: skip
_SHORT = {"lam": "lambda", "eps": "epsilon"}  # names that stand for words which are Python's, or longer


def own_notation(
    loss: str,
    known: Mapping[str, Known],
    functions: Iterable[str],
    lengths: Iterable[str] = (),
    layout: Layout = "rows",
) -> Notation:
    """The notation of a problem: every name is a letter of its own, small letters are rows and elements of what has the capital,
    and nothing has a layer."""
    values = [*known]
    fixed = {name: name for name in values if not name.startswith("dJ/d")}
    fixed |= {rf"\{name}": name for name in values if name in _GREEK}
    fixed |= {rf"\{long}": short for short, long in _SHORT.items() if short in fixed and rf"\{long}" not in fixed}
    applied = {name: name for name in functions} | {rf"\{name}": name for name in functions if name in _GREEK}
    applied |= {sign: name for sign, name in FUNCTION_LETTERS.items() if sign not in fixed and sign not in applied}
    mine = (loss, rf"\{loss}") if loss in (*_GREEK, "ell") or loss.startswith("cal") else (loss,)
    others = [c for c in LOSSES if loss and c not in (*fixed, *applied) and c.lstrip("\\") not in fixed]
    taken = {*fixed, *applied, *lengths, *mine}
    arrays = [name for name in values if len(name) == 1 and name.isupper() and known[name].tensor.axes]
    rows = {name.lower(): name for name in arrays if name.lower() not in taken}
    return Notation(
        name="own", title="the problem's own names", source="", loss=(*reversed(mine), *others), fixed=fixed, activations=(),
        functions=applied, spelled=True, rows=rows, layout=layout,
    )  # fmt: skip


@dataclass(frozen=True)
class Line:
    """A line of the forward map: its equation, how vectors stand after it, and the setting in which they stand so where it is
    one of whole arrays in LaTeX."""

    claim: Claim
    stands: Standing
    page: Setting | None = None


def read_equation(setting: Setting, text: str, stands: Standing) -> Line:
    """A line of the forward map in any language; the name on its left side means nothing yet. Vectors stand in LaTeX as they
    do in the lines before.

    Raises
    ------
    InputError : with the column where it cannot be read
    """
    text = without_comment(text)
    line = (
        _latex(setting, text, stands)
        if looks_latex(setting, text)
        else Line(read_claim(as_meant(setting, text)), stands)
    )
    if line.claim.adds:
        raise InputError("+= has no place in a forward map", place=at(text.find("+=")), allowed="each name once, =")
    return line


def looks_latex(setting: Setting, text: str, own: frozenset[str] = frozenset()) -> bool:
    """Whether a line is LaTeX; where names have no layers they may look like it (``x_1``, ``x^2``), so that what can be read
    as NumPy-like text is not. `own` are names that the page has defined."""
    if not is_latex(text):
        return _letters_side_by_side(setting, text, own)
    if setting.layers or re.search(r"\\|[_^]\{", text):
        return is_latex(text)
    if any(setting.resolve(word) is None for word in re.findall(r"\^\s*(T\w*)", text)):
        return True  # w^TX: there is no power of that name
    try:
        read_claim(text)
    except InputError:
        return True
    return False


def _letters_side_by_side(setting: Setting, text: str, own: frozenset[str]) -> bool:
    """Whether a line without any sign of LaTeX is nothing in NumPy-like text, and products of single letters in LaTeX: no name of
    several letters that it reads is known, and all their letters are."""
    words = [w for w in re.findall(r"[A-Za-z]\w*", text.partition("=")[2]) if len(w) > 1]
    left = text.partition("=")[0].strip()
    if left in own or any(
        w in own or not (w.isalpha() and all(setting.resolve(c) is not None for c in w)) for w in words
    ):
        return False
    unknown = [w for w in words if setting.resolve(w) is None and w not in setting.lengths]
    called = re.findall(r"(?<![\w.])([A-Za-z])\s?\(", text.partition("=")[2])
    unknown += [c for c in called if setting.resolve(c) is not None and c not in setting.functions]
    if unknown and re.fullmatch(r"[A-Za-z]\w*", left) and not re.search(r"[@.]|\*\*", text):
        return True
    named = [w for w in re.findall(r"[A-Za-z]\w*", left) if len(w) > 1]
    if not all(w.isalpha() and all(setting.resolve(c) is not None for c in w) for w in named):
        return False
    try:
        read_claim(text)
    except InputError:
        try:
            parse(text)
        except InputError:
            return False
        return True
    return False


def as_meant(setting: Setting, text: str) -> str:
    """A NumPy-like line with ``dL/dX`` written as ``dJ/dX``, every character in its column, where the loss is called L.

    InputError where T might be a tensor as well as the transpose, or J another tensor than the loss.
    """
    turned = re.search(r"(\*\*|\^)\s*T(?![A-Za-z0-9_])", text)
    if turned and setting.resolve("T") is not None:
        raise InputError("T is a tensor: a power, or a transpose?", place=at(turned.start()), allowed="x.T, x**(1*T)")
    if setting.loss == "J":
        return text
    other = re.search(r"[d∂]J\s*/\s*[d∂][A-Za-z]", text)
    if other and setting.resolve("J") is not None:
        message = f"the derivative of J, which is not the loss; that is {setting.loss}"
        raise InputError(message, place=at(other.start()), allowed=f"d{setting.loss}/dX")
    loss = re.escape(setting.loss)
    return re.sub(rf"(?<![A-Za-z0-9_])([d∂]){loss}(?=\s*/\s*[d∂][A-Za-z])", lambda m: f"{m[1]}J".ljust(len(m[0])), text)


def as_named(setting: Setting, verdict: Verdict) -> Verdict:
    """A verdict with ``dL/dX`` for ``dJ/dX`` where the loss is called L: what :func:`as_meant` did, undone."""
    if setting.loss == "J" or setting.layers:
        return verdict

    def named(text: str | None) -> Any:
        return text and re.sub(r"(?<![A-Za-z0-9_])dJ(?=/d[A-Za-z])", f"d{setting.loss}", text)

    return replace(
        verdict,
        fix=named(verdict.fix),
        expected=named(verdict.expected),
        reason=named(verdict.reason),
        note=named(verdict.note),
    )


def _latex(setting: Setting, text: str, stands: Standing) -> Line:
    functions = [f.name for f in setting.program.functions]
    vocabulary = Vocabulary(own_notation("", setting.known, functions, setting.lengths, setting.layout), setting)
    equation = equation_of(text)
    reader = vocabulary.reader()
    left, right = (
        Reader(vocabulary.notation, frozenset(_spelled(text))).sum(equation.left),
        reader.sum(equation.right),
    )
    context = context_of(vocabulary.notation, left, right)
    lookup = Lookup(vocabulary, context, {}, {})
    claim = Claim(_left(left, lookup, text), substituted(right, lookup.node), text)
    if context.indexed:
        return Line(elementwise(standing(setting, stands.rows), claim, reader.sums)[0], stands)
    return _standing(setting, claim, stands)


def _standing(setting: Setting, claim: Claim, stands: Standing) -> Line:
    """A line of whole arrays, with the vectors of which nothing is known yet as columns or, where that does not fit, as rows;
    where neither does, with the transposes of vectors put in that it leaves out."""
    free = vectors_of(setting, claim) - stands.rows - stands.columns
    columns, rows = _fitted(setting, claim, stands.rows), _fitted(setting, claim, stands.rows | free) if free else None
    if columns is not None and rows is not None:
        return Line(columns[0], stands, columns[1])
    found = columns or rows
    if found is None:
        where = f"in the forward map's ${claim.text.strip()}$"
        loose = _fitted(setting, claim, stands.rows, where)
        if loose is not None:
            return Line(loose[0], replace(stands, dropped=where), loose[1])
        page = standing(setting, stands.rows)
        return Line(_shaped(page, claim), stands, page)
    name = {claim.left.name} if isinstance(claim.left, Name) else set()
    made = replace(stands, either=free | name).decided(free | name, row=found is rows)
    return Line(found[0], replace(made, either=stands.either), found[1])


def _fitted(setting: Setting, claim: Claim, rows: frozenset[str], dropped: str = "") -> tuple[Claim, Setting] | None:
    """A line with these vectors as rows, and the setting in which they stand so; None where it has no meaning then."""
    page = standing(setting, rows)
    try:
        made = _shaped(page, claim, dropped)
        Lowering(page, prefix="stands", page=True).array(made.right)
    except (InputError, ShapeClash):
        return None
    return made, page


def _shaped(page: Setting, claim: Claim, dropped: str = "") -> Claim:
    right = replace(claim, left=Number("0"))
    return replace(by_shapes(EvaluationContext.of(page, page=True), right, dropped)[0], left=claim.left)


_NAME = close(sequence(LETTER, many(either(LETTER, DIGIT))))
_NUMBERED = sequence(_NAME, name("_"), close(sequence(DIGIT, many(DIGIT))), absent(absent(name("="))))
"""A name of one word, and one with a number below it, which is all that stands on a left side."""


def _spelled(text: str) -> list[str]:
    """The name that a line defines, where it is spelled with several letters."""
    tokens = tokens_of(text)
    end = _NAME(tokens, 0) or 0
    return ["".join(t.name for t in tokens[:end])] if end > 1 else []


def _left(node: Node, lookup: Lookup, text: str) -> Node:
    """The left side: a new name, or its element at letters."""
    tokens = tokens_of(text)
    end = _NUMBERED(tokens, 0)
    if end is not None:
        return Name("".join(t.name for t in tokens[:end]), span=node.span)
    found = lookup.node(node) if isinstance(node, Sym) else node
    if isinstance(found, (Name, Read)):
        return found
    raise InputError("the left side is no name", place=place_of(node), allowed=r"z = ..., z_{ij} = ...")
