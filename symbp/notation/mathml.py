r"""LaTeX formulas as MathML that a browser may be given: made by latex2mathml, then rebuilt from a list of allowed elements.

What latex2mathml makes is not trusted: it copies ``\text``, ``\href`` and ``\style`` from its input as they are. It is
parsed, and every element and attribute that is not listed here, or that is a command left as a word, makes the formula
unusable; the page then shows its source.
"""

from __future__ import annotations

import re
import unicodedata
import xml.etree.ElementTree as ET
from functools import lru_cache

from markupsafe import Markup, escape

CLASSES = re.compile(r"fault|ok|bad|open|box|s\d{1,4}")
"""What ``\\class`` may name: the marks of this package, and the numbers of symbols that a page explains."""

_LONGEST = 4000
_ELEMENTS = frozenset(
    "math mrow mi mo mn mtext mspace msup msub msubsup mfrac msqrt mroot mover munder munderover mtable mtr mtd mstyle mpadded "
    "mphantom menclose".split()
)
_ATTRIBUTES = {
    "stretchy": r"true|false", "fence": r"true|false", "form": r"prefix|infix|postfix", "accent": r"true|false",
    "displaystyle": r"true|false", "scriptlevel": r"[0-3]", "width": r"-?[0-9.]+(?:em|ex)",
    "linethickness": r"[0-9.]+(?:px|em|pt)?", "minsize": r"[0-9.]+em", "maxsize": r"[0-9.]+em",
    "lspace": r"-?[0-9.]+em", "rspace": r"-?[0-9.]+em", "separator": r"true|false", "movablelimits": r"true|false",
    "columnalign": r"(?:left|right|center)(?: (?:left|right|center))*", "display": r"inline|block",
}  # fmt: skip
_DROPPED = frozenset(
    [
        "xmlns",
        "linebreak",
        "rowspacing",
        "columnspacing",
        "mathvariant",
        "columnlines",
        "rowlines",
        "depth",
        "height",
        "voffset",
    ]
)
_STYLES = {
    "bold": "BOLD", "bold-italic": "BOLD ITALIC", "double-struck": "DOUBLE-STRUCK", "script": "SCRIPT", "fraktur": "FRAKTUR",
    "sans-serif": "SANS-SERIF", "monospace": "MONOSPACE",
}  # fmt: skip
_NAMES = frozenset("ln log exp tanh sinh cosh sin cos tan arctan arg lim det max min diag".split())
_UNUSED = re.compile(
    r"\\(?:label|tag\*?|intertext|shortintertext)\s*\{[^{}]*\}|\\(?:nonumber|notag|qedhere|displaystyle|limits|nolimits)(?![A-Za-z])"
)
_KNOWN = ((re.compile(r"\\arg(?![A-Za-z])"), r"\\mathrm{arg}"), (re.compile(r"\\thinspace(?![A-Za-z])"), r"\\,"))
"""What the library does not know, or gives no width, and what it does."""
_BRACKETS = frozenset({("(", ")"), ("[", "]")})
_SKIPS = re.compile(r"\\\\\s*\[\s*-?[\d.]+\s*[a-z]{2}\s*\]")
_TIGHT = frozenset("\N{DOWN TACK}/")
"""A sign of transposition is no relation, and a stroke keeps no distance."""
_FORBIDDEN = re.compile(r"\\(?:class|cssId|href|style|url|require|unicode|html\w*|input|include)(?![A-Za-z])")


def mathml(latex: str, *, display: bool = False, classes: bool = False) -> Markup | None:
    r"""The formula as MathML; None where it cannot be made.

    Parameters
    ----------
    classes : the text holds ``\class`` that this package has put there
    """
    text = _SKIPS.sub(r"\\\\ ", _UNUSED.sub("", latex)).strip()
    if not text or len(text) > _LONGEST or (_FORBIDDEN.search(text) and not classes) or _nested(text):
        return None
    for pattern, known in _KNOWN:
        text = pattern.sub(known, text)
    return _converted(text, display)


def foreign(latex: str) -> bool:
    r"""Whether a formula from outside uses what only this package may: it is then shown as its source."""
    return _FORBIDDEN.search(latex) is not None


def _nested(text: str) -> bool:
    depth = deepest = 0
    for c in text:
        depth += (c == "{") - (c == "}")
        deepest = max(deepest, depth)
        if depth < 0:
            return True
    return depth != 0 or deepest > 40


@lru_cache(maxsize=256)
def _converted(text: str, display: bool) -> Markup | None:
    from latex2mathml.converter import convert

    try:
        made = convert(text, display="block" if display else "inline")
        root = ET.fromstring(made)
        return Markup(_rebuilt(root))
    except (_Refused, ET.ParseError, RecursionError):
        return None
    except Exception:  # the library's own errors have no common class, and others come from its depths
        return None


class _Refused(Exception):
    """An element that a page does not get."""


def _rebuilt(element: ET.Element) -> str:
    tag = element.tag.removeprefix("{http://www.w3.org/1998/Math/MathML}")
    if tag not in _ELEMENTS:
        raise _Refused(tag)
    kept = "".join(f' {name}="{escape(value)}"' for name, value in _attributes(tag, element))
    text = element.text or ""
    if tag in ("mi", "mo", "mn", "mtext"):
        if "\\" in text or len(element) or (tag == "mi" and text == "&"):
            raise _Refused(text)
        if tag == "mo" and (
            text == "\N{PARTIAL DIFFERENTIAL}" or text in _NAMES
        ):  # as in TeX: an operator stands apart
            tag = "mi"
        if tag == "mo" and text in _TIGHT:
            kept = ' lspace="0em" rspace="0em"'
        return f"<{tag}{kept}>{escape(_styled(text, element.get('mathvariant', '')))}</{tag}>"
    if text.strip():
        raise _Refused(text)
    if tag in ("msup", "msubsup") and set(element[-1].text or "") == {"\u2032"}:  # a prime is as high as it should be
        base = "".join(_rebuilt(child) for child in element[:-1])
        base = f"<msub>{base}</msub>" if tag == "msubsup" else base
        return f"<mrow{kept}>{base}<mo>{element[-1].text}</mo></mrow>"
    if tag == "mrow" and len(element) > 1 and all(_upright(child) for child in element):  # a word is one name
        return f"<mi{kept}>{escape(''.join(child.text or '' for child in element))}</mi>"
    if tag == "mover" and element.get("accent") == "true":
        element[-1].set("stretchy", "false")  # a hat as wide as its letter looks like a bar
        element[-1].text = "\N{MODIFIER LETTER CIRCUMFLEX ACCENT}" if element[-1].text == "^" else element[-1].text
    inside = "".join(_bracketed(element))
    if tag == "munder" and element[0].tag.endswith(
        "munder"
    ):  # what is said under a brace keeps away from its neighbours
        room = '<mspace width="0.3em"></mspace>'
        inside = f"{_rebuilt(element[0])}<mrow>{room}{_rebuilt(element[1])}{room}</mrow>"
    if any((child.tail or "").strip() for child in element):
        raise _Refused("text")
    return f"<{tag}{kept}>{inside}</{tag}>"


def _bracketed(element: ET.Element) -> list[str]:
    """The children, a table with the brackets around it in a row of their own: brackets are as high as all in their row."""
    made = [_spaced(element, k) for k in range(len(element))]
    if tuple(child.tag.split("}")[-1] for child in element) == ("mo", "mtable", "mo"):
        return made
    for k in range(1, len(element) - 1):
        before, table, after = (element[j] for j in (k - 1, k, k + 1))
        if table.tag.endswith("mtable") and before.tag.endswith("mo") and after.tag.endswith("mo"):
            if (before.text, after.text) in _BRACKETS:
                made[k - 1], made[k], made[k + 1] = "", f"<mrow>{''.join(made[k - 1 : k + 2])}</mrow>", ""
    return made


def _spaced(element: ET.Element, k: int) -> str:
    """A child with the thin spaces that the name of a function has: before an argument without brackets, behind a factor;
    a minus that stands before a number alone is one of its own, without room."""
    child = element[k]
    if k and child.tag.endswith("mo") and child.text == "\N{MINUS SIGN}" and _opens(element[k - 1]):
        child.set("form", "prefix")
    if not element.tag.endswith("mrow") or not (child.tag.endswith(("mi", "mo")) and child.text in _NAMES):
        return _rebuilt(child)
    thin = '<mspace width="0.167em"></mspace>'
    before = thin if k and not element[k - 1].tag.endswith("mo") else ""
    behind = thin if k + 1 < len(element) and not element[k + 1].tag.endswith("mo") else ""
    return before + _rebuilt(child) + behind


def _opens(element: ET.Element) -> bool:
    """Whether a sign is one behind which a term begins."""
    return element.tag.endswith("mo") and (element.text or "") not in (
        ")",
        "]",
        "|",
        "\N{PRIME}",
        "\N{DOWN TACK}",
        "!",
        "}",
    )


def _upright(element: ET.Element) -> bool:
    """Whether an element is one letter of a word in upright type."""
    return element.tag.endswith("mi") and element.get("mathvariant") == "normal" and "\\" not in (element.text or "")


def _attributes(tag: str, element: ET.Element) -> list[tuple[str, str]]:
    found = []
    for name, value in element.attrib.items():
        if name == "class" and CLASSES.fullmatch(value):
            found.append((name, value))
        elif name == "columnalign" and tag == "mtd" and value in ("left", "right", "center"):
            found.append(("class", f"to-{value}"))
        elif name in _ATTRIBUTES and re.fullmatch(_ATTRIBUTES[name], value):
            found += [] if name == "columnalign" else [(name, value)]
        elif name not in _DROPPED and name not in _ATTRIBUTES:
            raise _Refused(name)
    if tag == "mi" and element.get("mathvariant") == "normal":
        found.append(("mathvariant", "normal"))
    return found


def _styled(text: str, variant: str) -> str:
    """Letters in the style that they should have: browsers know styles as characters of their own."""
    if variant not in _STYLES:
        return text
    return "".join(_letter(c, _STYLES[variant]) for c in text)


def _letter(c: str, style: str) -> str:
    name = unicodedata.name(c, "")
    m = re.fullmatch(r"(?:LATIN|GREEK) (CAPITAL|SMALL) LETTER (\w+)|DIGIT (\w+)", name)
    if m is None:
        return c
    wanted = f"MATHEMATICAL {style.replace(' ITALIC', '') if m[3] else style} " + (
        f"DIGIT {m[3]}" if m[3] else f"{m[1]} {m[2]}"
    )
    try:
        return unicodedata.lookup(wanted)
    except KeyError:
        return c
