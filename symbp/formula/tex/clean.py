r"""LaTeX without what has no meaning in mathematics: spacing, fonts, labels, remarks; every character keeps its column."""

from __future__ import annotations

import re

from symbp.errors import InputError, Place

_BLANK = re.compile(
    r"\\(?:left|right|middle|bigl|bigr|Bigl|Bigr|biggl|biggr|Biggl|Biggr|big|Big|bigg|Bigg|bigm)(?![A-Za-z])\.?"
    r"|\\(?:quad|qquad|displaystyle|textstyle|scriptstyle|limits|nolimits|nonumber|notag|allowbreak|noindent|thinspace|enspace"
    r"|hfill|rm|bf|it|sf|cal|boldmath|unboldmath)(?![A-Za-z])"
    r"|\\(?:label|tag\*?|hspace\*?|vspace\*?|hskip|hphantom|vphantom|phantom)\s*\{[^{}]*\}"
    r"|\\(?:begin|end)\s*\{(?:aligned|split|gathered|equation\*?|align\*?|displaymath|math)\}"
    r"|\\[,;:!> ]|~|(?<!\\)&|^\s*(?:\$\$?|\\\[|\\\()|(?:\$\$?|\\\]|\\\))\s*[.,;]?\s*$"
)
_FONT = re.compile(
    r"\\(?:mathbf|boldsymbol|bm|mathrm|mathit|mathsf|mathnormal|mathbfit|symbf|pmb|text|textrm|textbf|operatorname\*?)"
    r"(?![A-Za-z])"
)
_UPRIGHT = re.compile(
    r"\\(?:operatorname\*?|mathrm|mathit|mathsf|text|textrm)\s*\{\s*[A-Za-z](?:\\?[A-Za-z0-9_])+\s*\}"
)
_ONES = re.compile(r"\\(?:mathbf|mathbb|mathds|boldsymbol|bm)\s*(?:\{\s*1\s*\}|1)")
_DOUBLE_ONES = re.compile(r"\\math(?:bb|ds)\s*(?:\{\s*1\s*\}|1)|\\vec\s*(?:\{\s*1\s*\}|1)")
_INDICATOR = re.compile(
    r"\\(?:math(?:bb|ds|bf|rm)|operatorname)\s*(?:\{\s*I\s*\}|I)(?=\s*(?:[(\[]|\\left|\\[bB]ig|\\\{|_))"
)
_CALLIGRAPHIC = re.compile(r"\\(?:mathcal|mathscr|mathfrak)\s*(?:\{\s*([A-Z])\s*\}|([A-Z]))")
_DEFINED = re.compile(
    r"\\(?:overset|underset|stackrel)\s*\{(?!\s*\?\s*\})(?:[^{}]|\{[^{}]*\})*\}\s*(?:\{\s*(?P<a>:?=|\\equiv)\s*\}|(?P<b>=))"
)
_EVALUATED = re.compile(r"\\left\s*\.(?P<inside>(?:(?!\\left|\\right).)*)\\right\s*(?P<bar>\||\\vert|\\rvert)(?=\s*_)")
_CASES = re.compile(r"\\begin\s*\{d?cases\}(?P<body>.*?)\\end\s*\{d?cases\}", re.DOTALL)
_OTHERWISE = re.compile(r"\\(?:text|mbox|textrm|mathrm)\s*\{\s*(?:if\s+)?(?:otherwise|else)\.?,?\s*\}|\\text\s*\{\s*\}")
_IF = re.compile(r"\\(?:text|mbox|textrm|mathrm)\s*\{\s*(?:if|for|when|where|falls)\s*\}")
_LETTERS = r"[A-Za-z](?:\s*,\s*[A-Za-z])*"
_TO = r"\\[lc]?dots|\.\.\."
_VALUES = (
    rf"(?:=\s*(?:[0-9]|[LKNn](?:\s*-\s*1)?)\s*,\s*(?:2\s*,\s*)?(?:{_TO})\s*,\s*[A-Za-z0-9]+(?:\s*[-+]\s*1)?(?:_[a-z0-9])?"
    r"|\\in\s*\\\{\s*[01]\s*,[^{}]*\\[lc]?dots[^{}]*\\\})"
)
_RANGE = rf"\s*(?:{_LETTERS}\s*{_VALUES}?\s*)"
_LEADING = re.compile(
    r"^\s*(?:(?:\\(?:Rightarrow|Longrightarrow|implies|therefore|iff|Leftrightarrow|Longleftrightarrow)(?![A-Za-z])|[⇒⇔∴])\s*)?"
    rf"(?:\\forall\s*{_LETTERS}\s*(?:\\in\s*(?:\\\{{[^{{}}]*\\\}}|[A-Z\[][^:,]*?)\s*)?"
    r"(?:[:,]|\\q?quad(?![A-Za-z])|\\[,;: ]|\s)+)?"
)
_EVERYWHERE = re.compile(  # the units of the next layer are all that there are where every unit meets every one
    r"(?P<letter>_\s*\{\s*[A-Za-z])(?P<words>\s*\\in\s*(?:\\(?:text|mathrm|textrm|textit|mathit|operatorname)\s*\{\s*"
    r"(?:next|next layer|outputs?|output layer|downstream|succ|successors?|children|layer|units|neurons|nodes|all)\s*\}"
    r"\s*(?:\(\s*[a-z]\s*\))?)\s*)(?=\})",
    re.IGNORECASE,
)
_REMARK = re.compile(
    rf"(?:(?<!\\)[,;]\s*(?:\\[,;: ]|\\q?quad(?![A-Za-z])|\s)*|(?:\s*\\q?quad(?![A-Za-z]))+)\s*{_LETTERS}\s*{_VALUES}\s*[.,;]?\s*$"
    r"|(?:[,;]|\\q?quad(?![A-Za-z])|\s|\\[,;: ])*(?:"
    r"\\(?:text|textrm|textit|textbf|mbox)\s*\{\s*\([^{}$]*\)\s*\}|\\qquad\s*\([A-Z]{0,4}[0-9]{1,3}[a-z]?\)"
    rf"|(?:\\forall|\\(?:text|mbox)\s*\{{\s*,?\s*(?:for|over)?\s*(?:all|each|every|any)?\s*\}}){_RANGE})\s*[.,;]?\s*$"
)
_CONDITION = re.compile(
    r"\\(?:text|textrm|mbox)\s*\{\s*,?\s*(?:if|when|whenever|where|with|for|unless|since|because|and|or|as|in)\b[^{}]*\}"
)


_OF_ELEMENTS = re.compile(r"(\^\s*\{\s*)(\\(?:odot|circ)(?![A-Za-z])|[⊙∘])(?!\s*\})")
"""The sign of a power of each element, ``A^{\\circ 2}``."""
_FILLER = "\uf8f0"
_LONG_GAP = re.compile(r"\s{50,}")


def _shortened(m: re.Match[str]) -> str:
    """A long gap with what is no white space in its middle, so that no pattern goes over it again and again."""
    return m[0][:20] + _FILLER * (len(m[0]) - 40) + m[0][-20:]


def cleaned(text: str) -> str:
    """The text with what has no meaning blanked, every character in its column.

    Raises
    ------
    InputError : a condition in words, which would have to be understood
    """
    text = _LONG_GAP.sub(_shortened, text) if _FILLER not in text else text
    text = re.sub(r"\\(?:vert|lvert|rvert)(?![A-Za-z])", lambda m: "|".ljust(len(m[0])), text)
    text = re.sub(r"\\(?:Vert|lVert|rVert)(?![A-Za-z])", lambda m: r"\|".ljust(len(m[0])), text)
    text = _LEADING.sub(_blank, text)
    text = _EVERYWHERE.sub(lambda m: m["letter"] + " " * len(m["words"]), text)
    text = _CASES.sub(_cases, text)
    text = _EVALUATED.sub(_evaluated, text)
    text = _REMARK.sub(_blank, text)
    words = _CONDITION.search(text)
    if words:
        message = "a condition or a remark in words is not read"
        raise InputError(
            message, place=Place(None, None, words.start() + 1), allowed=r"the equation alone, or \begin{cases}"
        )
    text = plain_signs(text)
    text = _BLANK.sub(_blank, text)
    text = _INDICATOR.sub(lambda m: r"\mathbf1".ljust(len(m[0])) if len(m[0]) >= 8 else m[0], text)
    text = _DOUBLE_ONES.sub(lambda m: r"\mathbf1".ljust(len(m[0])) if len(m[0]) >= 8 else "1".ljust(len(m[0])), text)
    text = _OF_ELEMENTS.sub(lambda m: m[1] + "⦿".ljust(len(m[2])), text)
    text = _FONT.sub(lambda m: m[0] if _kept(text, m.start()) else _blank(m), text)
    text = _CALLIGRAPHIC.sub(lambda m: (rf"\cal{m[1] or m[2]}").ljust(len(m[0])), text)
    text = _alternating(text, r"\\\||\|\|", "⟦⟧")
    text = _alternating(text, r"\|", "⦅⦆")
    return re.sub(r"(?:\s|[.,;]|\\\\){1,200}$", _blank, text.replace(_FILLER, " "))


def plain_signs(text: str) -> str:
    r"""The text with signs of equality that carry a remark, ``\stackrel{(a)}{=}``, as plain ones; a question mark is no remark:
    what it stands on is asked, not claimed."""
    return _DEFINED.sub(lambda m: (m["a"] or m["b"]).ljust(len(m[0])), text)


def _blank(m: re.Match[str]) -> str:
    return " " * len(m[0])


def _kept(text: str, at: int) -> bool:
    """Whether a font makes a word of letters, or ones."""
    return (_UPRIGHT.match(text, at) or _ONES.match(text, at)) is not None


def _evaluated(m: re.Match[str]) -> str:
    r"""``\left. ... \right|`` with marks of its own."""
    opened = "⦗".ljust(m.start("inside") - m.start())
    return opened + m["inside"] + "⦘".rjust(m.end() - m.end("inside"))


def _cases(m: re.Match[str]) -> str:
    """Cases with marks for cells and rows."""
    body = re.sub(r"\\\\(?:\s*\[[^\]]*\])?", lambda r: "⸲".ljust(len(r[0])), m["body"])
    body = _OTHERWISE.sub(lambda r: "⸰".ljust(len(r[0])), body)
    body = _IF.sub(_blank, body).replace("&", "⸱")
    body = re.sub(r"[.,;]\s*$", _blank, body)
    before, after = m.start("body") - m.start(), m.end() - m.end("body")
    return "⟪".ljust(before) + body + "⟫".rjust(after)


def _alternating(text: str, sign: str, pair: str) -> str:
    """The text with every other bar opening and the next one closing."""
    count = 0

    def one(m: re.Match[str]) -> str:
        nonlocal count
        count += 1
        return pair[(count + 1) % 2].ljust(len(m[0]))

    return re.sub(sign, one, text)
