r"""What is said of a claim in LaTeX, with the letters of its page: ``$W^{(2)}$`` where the network says W2."""

from __future__ import annotations

import re
from collections.abc import Iterable

from symbp.verify.diagnosis.edit import factors_of, product_of
from symbp.verify.language.printing import node_text
from symbp.verify.language.syntax import Claim, Gradient, Name, Node, Number, Read, Written, nodes
from symbp.verify.meaning.setting import Setting

_SIGNS = (
    (re.compile(r"(?<!\S)@ should be the elementwise \*"), r"the product should be the elementwise $\\odot$"),
    (re.compile(r"(?<!\S)\* multiplies elementwise where the matrix product @ is meant"),
     r"$\\odot$ multiplies elementwise where the matrix product is meant"),
    (re.compile(r"(?<![^\s(])@ of "), "the product of "),
)  # fmt: skip
_WORDS = ("should be ", "(", ", and ", "the sign of ", "the factor ", "the term ", "operands of ", "missing at ")
_BEFORE = "|".join(["(?<=^)", *(f"(?<={re.escape(w)})" for w in _WORDS)])
"""After what a single letter is a name and no word."""


def in_letters(setting: Setting, claims: Iterable[Claim | None], text: str) -> str:
    """A text about some claims with their formulas, and the network's names, as LaTeX; the same text where they are not LaTeX."""
    found = [c for c in claims if c is not None]
    written = found[0].written if found else None
    if written is None or not text:
        return text
    for sign, words in _SIGNS:
        text = sign.sub(words, text)
    names: dict[str, str] = {}
    for node in _nodes(setting, found):
        plain = node_text(node)
        if plain not in names and not isinstance(node, Number):
            names[plain] = _shown(written, node, plain)
    long = sorted((n for n in names if len(n) > 1), key=len, reverse=True)
    short = [n for n in names if len(n) == 1]
    parts = [rf"(?<![\w.$'\[]){re.escape(n)}(?![\w'(\[])" for n in long]
    if short:
        letters = "".join(short)
        parts += [
            rf"(?<![\w$])[{letters}](?= should (?:not )?be )",
            rf"(?:{_BEFORE})[{letters}](?= |$|\)|,)(?! [a-z]+ \w+ing)(?! x )",
        ]
    pattern = re.compile("|".join(parts)) if parts else None
    return pattern.sub(lambda m: names[m[0]], text) if pattern else text


def _nodes(setting: Setting, claims: list[Claim]) -> Iterable[Node]:
    """Every formula of the claims, the largest first, and every name of a network."""
    for claim in claims:
        for node in nodes(claim.right, claim.left):
            yield node
            factors = factors_of(node)
            for k in range(len(factors) - 1) if len(factors) > 2 else ():
                yield product_of(factors[k : k + 2])
            if isinstance(node, Read):
                yield node.of
    if setting.layers:
        for name in setting.known:
            yield Gradient(name[4:]) if name.startswith("dJ/d") else Name(name)


def _shown(written: Written, node: Node, plain: str) -> str:
    try:
        return f"${written.node_text(node)}$"
    except (TypeError, KeyError, ValueError):
        return plain
