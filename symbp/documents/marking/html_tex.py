r"""A LaTeX document as HTML, its mathematics marked: headings, paragraphs, lists and emphasis; what else it holds is left out,
the words of it kept. It is no typesetter: the marked copy in LaTeX looks as the document does."""

from __future__ import annotations

import re
import unicodedata
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from markupsafe import Markup, escape

from symbp.documents.marking.html_formula import Pieces
from symbp.documents.marking.latex_places import Places
from symbp.documents.marking.report import Mark, Section
from symbp.documents.source import Document, Node, found_in

_HEADINGS = {
    "part": 2,
    "chapter": 2,
    "section": 2,
    "subsection": 3,
    "subsubsection": 4,
    "paragraph": 5,
    "frametitle": 2,
}
_AROUND = {
    **{name: (f"<{tag}>", f"</{tag}>") for name, tag in (
        ("emph", "em"), ("textit", "em"), ("textsl", "em"), ("underline", "em"), ("textbf", "strong"), ("texttt", "code"))},
    **dict.fromkeys(("ref", "cite", "pageref", "autoref", "cref"), ("[", "]")),
    "footnote": ("<small>(", ")</small>"), "eqref": ("(", ")"),
}  # fmt: skip
"""What is put around the argument of a command."""
_LISTS = {"itemize": "ul", "enumerate": "ol", "description": "ul"}
_NAMED = frozenset(
    "theorem lemma proof definition example remark proposition corollary exercise solution abstract".split()
)
_DROPPED = {
    **dict.fromkeys(("pagestyle", "thispagestyle", "documentclass", "usepackage", "bibliography", "bibliographystyle", "label",
                     "vspace", "hspace", "includegraphics", "input", "include", "color", "column", "hypersetup", "author",
                     "date", "title", "index", "pagenumbering", "write", "openout"), 1),
    **dict.fromkeys(("newcommand", "renewcommand", "providecommand", "setlength", "addtolength", "setcounter",
                     "addtocounter", "rule", "fontsize"), 2),
    "selectfont": 0,
}  # fmt: skip
"""Commands of which nothing is shown, and how many arguments they take."""
_WITH_ARGUMENTS = frozenset(
    "tabular tabularx tabulary array minipage columns column multicols wrapfigure spacing thebibliography list adjustbox "
    "tikzpicture longtable supertabular".split()
)
_ENDS = ("par", "bigskip", "medskip", "newpage")
_CHARACTERS = {
    "ss": "ß", "ae": "æ", "oe": "œ", "o": "ø", "aa": "å", "dots": "…", "ldots": "…", "textbackslash": "\\", "S": "§",
    "textasciitilde": "~",
    "LaTeX": "LaTeX", "TeX": "TeX", "copyright": "©", "quad": "\u2003", "textasciicircum": "^", "today": "",
    **{c: c for c in "%&$#_{}"}, **dict.fromkeys(" ,;:!/\n", " "),
}  # fmt: skip
_TYPED = {"&": "\u2003", "~": "\u00a0", "---": "—", "--": "–", "``": "“", "''": "”"}
"""What text means other characters by."""
_ACCENTS = {"'": "\u0301", "`": "\u0300", "^": "\u0302", '"': "\u0308", "~": "\u0303", "c": "\u0327", "v": "\u030c",
            "=": "\u0304"}  # fmt: skip
_SPACE = re.compile(r"\*?[ \t]*")
_GAP = re.compile(r"\s?[ \t]*")
_OVERLAY = re.compile(r"\s*<[0-9,\-+|a-z@:. ]*>")
_DEEPEST = 30

Rest = deque[Node]
"""The nodes that stand behind one, beside it."""


def tex_html(section: Section, note: Callable[[Mark], Markup]) -> Markup:
    """The document of a section; `note` prints what is said of a mark."""
    pieces = Pieces(section)
    places = Places(pieces.document)
    writer = _Writer(pieces, note)
    writer.write(places.nodes, 0)
    writer.close()
    while writer.lists:
        writer.ended()
    rest = [m for m in section.marks if m.number not in writer.shown and not m.verdict.ok]
    return Markup("".join(writer.parts)) + Markup("").join(note(m) for m in rest)


class _Writer:
    """Writes blocks one after the other; notes stand behind the block that their equations are in."""

    def __init__(self, pieces: Pieces, note: Callable[[Mark], Markup]) -> None:
        self.pieces, self.note = pieces, note
        self.parts: list[str] = []
        self.line: list[str] = []
        self.marks: list[Mark] = []
        self.shown = set[int]()
        self.lists: list[list[str]] = []

    def close(self, tag: str = "p") -> None:
        """End the block that is being written."""
        content = "".join(self.line).strip()
        if content:
            self.parts.append(f"<{tag}>{content}</{tag}>")
        self.parts += [str(self.note(m)) for m in self.marks]
        self.line, self.marks = [], []

    def ended(self) -> None:
        """End the innermost list."""
        tag, item = self.lists.pop()
        self.parts.append(f"{item}</{tag}>")

    def words(self, text: str) -> None:
        """Plain text."""
        for typed, meant in _TYPED.items():
            text = text.replace(typed, meant)
        self.line.append(str(escape(text)))

    def apart(self, depth: int) -> None:
        """End the block, where there are blocks: an argument holds none."""
        if depth:
            self.words(" ")
        else:
            self.close()

    def write(self, nodes: Iterable[Node], depth: int) -> None:
        """Parts of a document; `depth` arguments are open."""
        rest = deque(nodes)
        while rest:
            node = rest.popleft()
            match node.kind:
                case "text":
                    self.words(node.name)
                case "paragraph":
                    self.apart(depth)
                case "group":
                    self.write(node.children, depth)
                case "environment":
                    self.environment(node, depth)
                case "mathematics":
                    self.mathematics(node, depth)
                case "code" | "comment":
                    self.code(node, depth)
                case "command":
                    self.command(node.name, rest, depth)

    def mathematics(self, node: Node, depth: int) -> None:
        """A piece of mathematics; a display on lines of its own is a block."""
        text = self.pieces.document.shown
        before = text[text.rfind("\n", 0, node.start) + 1 : node.start]
        alone = not node.inline and not before.strip() and not text[node.end : node.end + 1].strip()
        if alone:
            self.apart(depth)
        self.line.append(str(self.pieces.html(node)))
        self.marks += self.pieces.marks(node)
        self.shown |= {m.number for m in self.marks}
        if alone:
            self.apart(depth)

    def code(self, node: Node, depth: int) -> None:
        """Code in the line, or lines of it, one below the other."""
        text = self.pieces.section.source[node.inner : node.inner_end]
        if node.inline:
            self.line.append(f"<code>{escape(text)}</code>")
            return
        self.apart(depth)
        if node.kind == "code":
            lines = text.strip("\r\n").expandtabs(4).split("\n")
            indents = ("\u00a0" * (len(line) - len(line.lstrip())) for line in lines)
            self.line.append(
                " <br> ".join(f"{a}<code>{escape(b.strip())}</code>" for a, b in zip(indents, lines, strict=True))
            )
            self.apart(depth)

    def environment(self, node: Node, depth: int) -> None:
        """An environment: its name, or its title, and what it holds."""
        self.apart(depth)
        if depth:
            self.write(node.children, depth)
            self.words(" ")
            return
        rest, kind = deque(node.children), node.name.rstrip("*")
        _cut(rest, _OVERLAY)
        if kind == "frame" or kind.endswith("block"):
            _arguments(rest, "[")
            if rest and rest[0].kind == "group":
                self.write(_inside(rest), 1)
                self.close("h2" if kind == "frame" else "h4")
        else:
            _arguments(rest, "[{" if kind in _WITH_ARGUMENTS else "[")
        if kind in _LISTS:
            self.parts.append(f"<{_LISTS[kind]}>")
            self.lists.append([_LISTS[kind], ""])
        elif kind in _NAMED:
            self.line.append(f"<strong>{kind.capitalize()}.</strong> ")
        self.write(rest, 0)
        self.close()
        if kind in _LISTS and self.lists:
            self.ended()

    def command(self, name: str, rest: Rest, depth: int) -> None:
        """A command with its arguments, as the table says; of one that is not known the arguments are shown."""
        name = name[1:]
        space = _cut(rest, _SPACE) if name.isalpha() else ""
        shown = _COMMANDS.get(name)
        if shown is not None:
            shown(self, name, rest, depth)
        elif name in _CHARACTERS:
            gap = " " if space.endswith(" ") and name in ("dots", "ldots") else ""
            self.line.append(f"{escape(_CHARACTERS[name])}{gap}")

    def nested(self, nodes: Iterable[Node], depth: int) -> None:
        """What an argument holds."""
        if depth < _DEEPEST:
            self.write(nodes, depth + 1)

    def item(self, name: str, rest: Rest, depth: int) -> None:
        if depth:
            self.words(" ")
            return
        self.close()
        if self.lists:
            self.parts.append(f"{self.lists[-1][1]}<li>")
            self.lists[-1][1] = "</li>"
        _cut(rest, _OVERLAY)
        for label in _arguments(rest, "[", brackets=1):
            self.line.append("<strong>")
            self.nested(label, depth)
            self.line.append("</strong> ")

    def heading(self, name: str, rest: Rest, depth: int) -> None:
        if depth:
            self.words(" ")
            return
        self.close()
        _arguments(rest, "[")
        self.nested(_inside(rest), depth)
        self.close(f"h{_HEADINGS[name]}")

    def dropped(self, name: str, rest: Rest, depth: int) -> None:
        _arguments(rest, "[{", _DROPPED[name])

    def title(self, name: str, rest: Rest, depth: int) -> None:
        self.apart(depth)
        if not depth:
            document = self.pieces.document
            for _, behind in found_in(document.root.children, "command", r"\title"):
                groups = [n for n in behind if n.name.strip()][:1]
                words = document.shown[groups[0].inner : groups[0].inner_end].replace("$", "") if groups else ""
                self.nested(Document(words).root.children, depth)
                break
            self.close("h2")

    def block(self, name: str, rest: Rest, depth: int) -> None:
        self.apart(depth)

    def around(self, name: str, rest: Rest, depth: int) -> None:
        _arguments(rest, "[")
        opened, closed = _AROUND[name]
        self.line.append(opened)
        self.nested(_inside(rest), depth)
        self.line.append(closed)

    def accent(self, name: str, rest: Rest, depth: int) -> None:
        if name.isalpha() and not (rest and rest[0].kind == "group"):
            return
        letter = _text(_inside(rest))
        self.words(unicodedata.normalize("NFC", letter[:1] + _ACCENTS[name]) + letter[1:] if letter else "")

    def newline(self, name: str, rest: Rest, depth: int) -> None:
        self.line.append("<br>")
        _arguments(rest, "[")


_COMMANDS: Mapping[str, Callable[[_Writer, str, Rest, int], None]] = {
    "item": _Writer.item, "maketitle": _Writer.title, "\\": _Writer.newline,
    **dict.fromkeys(_HEADINGS, _Writer.heading), **dict.fromkeys(_DROPPED, _Writer.dropped),
    **dict.fromkeys(_ENDS, _Writer.block), **dict.fromkeys(_AROUND, _Writer.around), **dict.fromkeys(_ACCENTS, _Writer.accent),
}  # fmt: skip
"""How a command is shown."""


def _cut(rest: Rest, pattern: re.Pattern[str]) -> str:
    """What a pattern finds where the text goes on, taken away."""
    found = pattern.match(rest[0].name) if rest and rest[0].kind == "text" else None
    if found is None or not found[0]:
        return ""
    first = rest.popleft()
    if found.end() < len(first.name):
        rest.appendleft(replace(first, name=first.name[found.end() :]))
    return found[0]


def _arguments(rest: Rest, opening: str, groups: int = 9, brackets: int = 9) -> list[tuple[Node, ...]]:
    """The arguments that begin with one of the signs, taken away with what stands between them; so many at most."""
    found: list[tuple[Node, ...]] = []
    while True:
        gap = 1 if rest and rest[0].kind == "text" and _GAP.fullmatch(rest[0].name) else 0
        first = rest[gap] if gap < len(rest) else None
        if first is not None and first.kind == "group" and "{" in opening and groups:
            end, groups = gap, groups - 1
        elif first is not None and first.name == "[" and brackets:
            end, brackets = next((k for k, node in enumerate(rest) if node.name == "]"), -1), brackets - 1
        else:
            return found
        if first is None or end < gap:
            return found
        taken = tuple(rest.popleft() for _ in range(end + 1))
        found.append(first.children if end == gap else taken[gap + 1 : -1])


def _inside(rest: Rest) -> tuple[Node, ...]:
    """What the argument holds that follows, taken away: a group, or a single sign."""
    _cut(rest, re.compile(r"[ \t]+"))
    if not rest:
        return ()
    first = rest.popleft()
    if first.kind == "text" and len(first.name) > 1:
        rest.appendleft(replace(first, name=first.name[1:]))
        first = replace(first, name=first.name[0])
    return first.children if first.kind == "group" else (first,)


def _text(nodes: Iterable[Node]) -> str:
    """The letters of nodes."""
    return "".join(n.name.removeprefix("\\") for n in nodes)
