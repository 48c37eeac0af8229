r"""A LaTeX document as HTML, its mathematics marked: headings, paragraphs, lists and emphasis; what else it holds is left out,
the words of it kept. It is no typesetter: the marked copy in LaTeX looks as the document does."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

from markupsafe import Markup, escape

from symbp.documents.marking.html_code import code_shown
from symbp.documents.marking.html_formula import Pieces
from symbp.documents.marking.html_markdown import filled, with_holders
from symbp.documents.marking.latex_places import Places
from symbp.documents.marking.report import Mark, Section

_HOLDER = re.compile("\ue000(\\d+)\ue001")
_HEADINGS = {
    "part": 2,
    "chapter": 2,
    "section": 2,
    "subsection": 3,
    "subsubsection": 4,
    "paragraph": 5,
    "frametitle": 2,
}
_LISTS = {"itemize": "ul", "enumerate": "ol", "description": "ul"}
_NAMED = (
    "theorem",
    "lemma",
    "proof",
    "definition",
    "example",
    "remark",
    "proposition",
    "corollary",
    "exercise",
    "solution",
    "abstract",
)
_WRAPPED = {"emph": "em", "textit": "em", "textsl": "em", "textbf": "strong", "texttt": "code", "underline": "em"}
_DROPPED = (
    "label vspace hspace includegraphics input include usepackage newcommand renewcommand providecommand setlength "
    "addtolength pagestyle thispagestyle documentclass bibliography bibliographystyle color setcounter addtocounter "
    "column rule hypersetup author date title fontsize selectfont index pagenumbering write openout"
).split()
_WITH_ARGUMENTS = (
    "tabular tabularx tabulary array minipage columns column multicols wrapfigure spacing thebibliography list adjustbox "
    "tikzpicture longtable supertabular"
).split()
_BLOCKS = ("item", "maketitle", "par", "bigskip", "medskip", "newpage")
_CHARACTERS = {
    "ss": "ß", "ae": "æ", "oe": "œ", "o": "ø", "aa": "å", "dots": "…", "ldots": "…", "textbackslash": "\\", "S": "§",
    "textasciitilde": "~",
    "LaTeX": "LaTeX", "TeX": "TeX", "copyright": "©", "quad": "\u2003", "textasciicircum": "^", "today": "",
}  # fmt: skip
_ACCENTS = {
    "'": "\u0301",
    "`": "\u0300",
    "^": "\u0302",
    '"': "\u0308",
    "~": "\u0303",
    "c": "\u0327",
    "v": "\u030c",
    "=": "\u0304",
}
_TOKEN = re.compile(
    r"\n[ \t]*\n\s*|\\begin\s*\{([^{}]*)\}|\\end\s*\{([^{}]*)\}|\\([A-Za-z]+)\*?[ \t]*|\\(.)|[{}]", re.DOTALL
)
_LABEL = re.compile(r"\s*\[([^\[\]]*)\]")
_OVERLAY = re.compile(r"\s*<[0-9,\-+|a-z@:. ]*>")
_DEEPEST = 30


def tex_html(section: Section, note: Callable[[Mark], Markup]) -> Markup:
    """The document of a section; `note` prints what is said of a mark."""
    pieces, places = Pieces(section), Places(section.source)
    start, stop = places.body
    code = code_shown(section.source, pieces.shown)
    text = with_holders(pieces.shown, pieces, lambda a, b: code(max(a, start), max(min(b, stop), max(a, start))))
    writer = _Writer(pieces, note)
    own = [start <= p.start < stop for p in pieces.all]
    text = _HOLDER.sub(lambda m: m[0] if int(m[1]) < len(own) and own[int(m[1])] else "", text)
    shown = {m.number for k in _HOLDER.findall(text) for m in pieces.marks(pieces.all[int(k)])}
    writer.write(text, 0)
    writer.close()
    while writer.lists:
        writer.ended()
    rest = [m for m in section.marks if m.number not in shown and not m.verdict.ok]
    return Markup("".join(writer.parts)) + Markup("").join(note(m) for m in rest)


class _Writer:
    """Writes blocks one after the other; notes stand behind the block that their equations are in."""

    def __init__(self, pieces: Pieces, note: Callable[[Mark], Markup]) -> None:
        self.pieces, self.note = pieces, note
        self.parts: list[str] = []
        self.line: list[str] = []
        self.raw: list[str] = []
        self.lists: list[list[str]] = []

    def close(self, tag: str = "p") -> None:
        """End the block that is being written."""
        content, raw = "".join(self.line).strip(), "".join(self.raw)
        if content:
            self.parts.append(f"<{tag}>{content}</{tag}>")
        for k in (k for k in _HOLDER.findall(raw) if int(k) < len(self.pieces.all)):
            self.parts += [str(self.note(m)) for m in self.pieces.marks(self.pieces.all[int(k)])]
        self.line, self.raw = [], []

    def ended(self) -> None:
        """End the innermost list."""
        tag, item = self.lists.pop()
        self.parts.append(f"{item}</{tag}>")

    def words(self, text: str) -> None:
        """Plain text, with the signs of mathematics in it."""
        text = (
            text.replace("&", "\u2003")
            .replace("~", "\u00a0")
            .replace("---", "—")
            .replace("--", "–")
            .replace("``", "“")
            .replace("''", "”")
        )
        self.raw.append(text)
        self.line.append(filled(text, self.pieces))

    def write(self, text: str, depth: int) -> None:
        """Text in LaTeX."""
        at = 0
        while (m := _TOKEN.search(text, at)) is not None:
            self.words(text[at : m.start()])
            at = self.token(text, m, depth)
        self.words(text[at:])

    def token(self, text: str, m: re.Match[str], depth: int) -> int:
        """One token; returns where the text goes on."""
        begin, end, word, symbol = m.groups()
        if depth and (
            begin or end or word in _BLOCKS or word in _HEADINGS or (word is None and not symbol and m[0] not in "{}")
        ):
            self.words(" ")  # an argument holds no blocks
            return m.end()
        if begin is not None:
            return self.begin(text, m.end(), begin)
        if end is not None:
            self.close()
            if end.rstrip("*") in _LISTS and self.lists:
                self.ended()
            return m.end()
        if word is not None:
            return self.command(text, m, word, depth)
        if symbol is not None:
            return self.symbol(text, m.end(), symbol)
        if m[0] not in "{}":
            self.close()
        return m.end()

    def begin(self, text: str, at: int, name: str) -> int:
        self.close()
        kind = name.rstrip("*")
        overlay = _OVERLAY.match(text, at)
        at = overlay.end() if overlay else at
        if kind == "frame" or kind.endswith("block"):
            at = _skipped(text, at, "[")
            if text[at : at + 1] == "{":
                inside, at = _argument(text, at)
                self.nested(inside, 0)
                self.close("h2" if kind == "frame" else "h4")
            return at
        at = _skipped(text, at, "[{" if kind in _WITH_ARGUMENTS else "[")
        if kind in _LISTS:
            self.parts.append(f"<{_LISTS[kind]}>")
            self.lists.append([_LISTS[kind], ""])
        elif kind in _NAMED:
            self.line.append(f"<strong>{kind.capitalize()}.</strong> ")
        return at

    def command(self, text: str, m: re.Match[str], word: str, depth: int) -> int:
        at = m.end()
        if word == "item":
            self.close()
            if self.lists:
                self.parts.append(f"{self.lists[-1][1]}<li>")
                self.lists[-1][1] = "</li>"
            overlay = _OVERLAY.match(text, at)
            at = overlay.end() if overlay else at
            label = _LABEL.match(text, at)
            if label is None:
                return at
            self.line.append("<strong>")
            self.nested(label[1], depth)
            self.line.append("</strong> ")
            return label.end()
        if word in _HEADINGS:
            self.close()
            inside, at = _argument(text, _skipped(text, at, "["))
            self.nested(inside, depth)
            self.close(f"h{_HEADINGS[word]}")
            return at
        if word in _DROPPED:
            return _skipped(text, at, "[{")
        if word == "maketitle":
            title = re.search(r"\\title\s*(?=\{)", self.pieces.shown)
            self.close()
            inside = _argument(self.pieces.shown, title.end())[0] if title else ""
            self.nested(re.sub(r"[\ue000-\uf8ff$]", "", inside), depth)
            self.close("h2")
            return at
        if word in ("par", "bigskip", "medskip", "newpage"):
            self.close()
            return at
        if word in ("ref", "eqref", "cite", "pageref", "autoref", "cref"):
            inside, at = _argument(text, _skipped(text, at, "["))
            self.words(f"({inside})" if word == "eqref" else f"[{inside}]")
            return at
        if word in _WRAPPED or word == "footnote":
            inside, at = _argument(text, at)
            tag = _WRAPPED.get(word, "small")
            self.line.append(f"<{tag}>" + ("(" if tag == "small" else ""))
            self.nested(inside, depth)
            self.line.append((")" if tag == "small" else "") + f"</{tag}>")
            return at
        if word in ("c", "v") and text[at : at + 1] == "{":
            return self.symbol(text, at, word)
        if word in _CHARACTERS:
            self.words(_CHARACTERS[word] + (" " if m[0].endswith(" ") and word.startswith(("d", "l")) else ""))
        return at

    def nested(self, inside: str, depth: int) -> None:
        """What an argument holds; a paragraph's end in it is a space."""
        if depth < _DEEPEST:
            self.write(re.sub(r"\n[ \t]*\n\s*", " ", inside), depth + 1)

    def symbol(self, text: str, at: int, sign: str) -> int:
        if sign in _ACCENTS:
            inside, end = _argument(text, at)
            letter = {"\\i": "i", "\\j": "j"}.get(inside.strip(), inside)
            self.words(unicodedata.normalize("NFC", letter[:1] + _ACCENTS[sign]) + letter[1:] if letter else "")
            return end
        if sign == "\\":
            self.line.append("<br>")
            return _skipped(text, at, "[")
        shown = sign if sign in "%&$#_{}" else " " if sign in " ,;:!/\n" else ""
        self.line.append(str(escape(shown)))
        return at


def _argument(text: str, at: int) -> tuple[str, int]:
    """What stands in braces, or the character, at a place; and where the text goes on."""
    while at < len(text) and text[at] in " \t":
        at += 1
    if text[at : at + 1] != "{":
        return text[at : at + 1], at + 1
    depth = 0
    for m in re.finditer(r"\\.|[{}]", text[at:], re.DOTALL):
        depth += (m[0] == "{") - (m[0] == "}")
        if depth == 0:
            return text[at + 1 : at + m.start()], at + m.end()
    return text[at + 1 :], len(text)


def _skipped(text: str, at: int, opening: str) -> int:
    """Behind the arguments that begin with one of the signs."""
    while (m := re.compile(r"\s?[ \t]*([\[{])").match(text, at)) is not None and m[1] in opening:
        if m[1] == "{":
            at = _argument(text, m.end() - 1)[1]
            continue
        end = text.find("]", m.end())
        if end < 0:
            return at
        at = end + 1
    return at
