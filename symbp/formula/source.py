r"""The words of a claim's author: which part of the text is which formula, and a text with one formula put in another's place."""

from __future__ import annotations

import re

from symbp.formula.syntax import Call, Claim, Name, Node, Span, Transpose, children, with_children

_BEFORE = re.compile(
    r"\\(?:left|[bB]igg?l?|math(?:bf|rm|it|sf|normal|bb)|boldsymbol|bm|symbf|pmb|text(?:rm|bf|it)?|operatorname)\s*$"
)
_OPENING, _CLOSING = re.compile(r"\\left(?![A-Za-z])"), re.compile(r"\\right(?![A-Za-z])")


def kept_formulas(claim: Claim) -> dict[Node, str]:
    """Every formula of a claim with the text that it was read from, where that text stands by itself."""
    found: dict[Node, str] = {}

    def walk(node: Node, above: Node | None) -> None:
        text = _text(claim, node, above)
        if text:
            found.setdefault(node, text)
        below = children(node)
        for k, child in enumerate(below):
            if not (isinstance(node, Call) and k > 0 and isinstance(child, Name)):  # the letters of a sum
                walk(child, node)

    walk(claim.left, None)
    walk(claim.right, None)
    return found


def _text(claim: Claim, node: Node, above: Node | None) -> str:
    """The text of a formula; empty where it has none of its own."""
    span = node.span
    if not 0 <= span.start < span.end <= len(claim.text):
        return ""
    if above is not None and isinstance(above, Transpose) and above.span == span:
        return ""  # a letter with its sign of transposition
    if isinstance(node, Call) and any(child.span == span for child in children(node)) and _has_letters(claim, node):
        return ""  # a sum over repeated indices has no sign
    if isinstance(above, Call) and above.span == span and above.name == "sum" and not _has_letters(claim, above):
        return ""  # the body of a product of vectors, which has no letter for its sum
    text = claim.text[widened(claim.text, span).start : span.end]
    return text if _balanced(text) else ""


def _has_letters(claim: Claim, node: Call) -> bool:
    """Whether the letters of a sum stand in the text that it was read from."""
    text = re.sub(r"\\[A-Za-z]+", " ", claim.text[node.span.start : node.span.end])
    return all(c.name in text for c in children(node)[1:] if isinstance(c, Name))


def _balanced(text: str) -> bool:
    depth = 0
    for m in re.finditer(r"\\.|[{}()\[\]]", text):
        depth += (m[0] in ("{", "(", "[")) - (m[0] in ("}", ")", "]"))
        if depth < 0:
            return False
    return depth == 0 and len(_OPENING.findall(text)) == len(_CLOSING.findall(text))


def difference(old: Node, new: Node) -> tuple[Node, Node] | None:
    """The smallest formula that stands in place of another, of two trees that are alike everywhere else; None where they are
    the same."""
    if old == new:
        return None
    before, after = children(old), children(new)
    if type(old) is type(new) and before and len(before) == len(after) and with_children(old, after) == new:
        pairs = [(a, b) for a, b in zip(before, after, strict=True) if a != b]
        if len(pairs) == 1:
            inner = difference(*pairs[0])
            if inner is not None and _placed(inner[0]):
                return inner
    return old, new


def _placed(node: Node) -> bool:
    return node.span.end > node.span.start


def spliced(claim: Claim, old: Node, text: str) -> str:
    """The claim's text with another in the place of one of its formulas; empty where the formula has no place."""
    if not _placed(old) or old.span.end > len(claim.text):
        return ""
    return _with(claim.text, widened(claim.text, old.span), text)


def unbracketed(claim: Claim, old: Node, text: str) -> str:
    """The same, with the brackets around the formula left out; empty where there are none."""
    before = re.search(r"(?:\\(?:left|[bB]igg?l?)\s*)?\(\s*$", claim.text[: old.span.start])
    behind = re.match(r"\s*(?:\\(?:right|[bB]igg?r?)\s*)?\)", claim.text[old.span.end :])
    if not _placed(old) or before is None or behind is None:
        return ""
    return _with(claim.text, Span(before.start(), old.span.end + behind.end()), text)


def _with(text: str, span: Span, instead: str) -> str:
    return re.sub(r"(?<=\S) {2,}(?=\S)", " ", f"{text[: span.start]}{instead}{text[span.end :]}").strip()


def widened(text: str, span: Span) -> Span:
    r"""A place with what belongs to its first sign, a ``\left`` or a font."""
    before = _BEFORE.search(text[: span.start])
    return Span(before.start(), span.end) if before else span
