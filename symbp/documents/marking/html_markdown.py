"""A Markdown document as HTML, its mathematics marked, the notes behind the paragraph that they are about.

Raw HTML is shown as text, pictures as their words, and links lead to web addresses alone: a document from outside runs nothing
and loads nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from markupsafe import Markup, escape

from symbp.documents.marking.html_formula import Pieces
from symbp.documents.marking.report import Mark, Section

_HOLDER = re.compile("\ue000(\\d+)\ue001")
_PRIVATE = re.compile("[\ue000\ue001]")
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_BLOCKS = ("paragraph_close", "heading_close", "table_close")


def markdown_html(section: Section, note: Callable[[Mark], Markup]) -> Markup:
    """The document of a section; `note` prints what is said of a mark."""
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

    pieces = Pieces(section)
    parser = (
        MarkdownIt("commonmark", {"html": False, "linkify": False})
        .enable("table")
        .disable(["code", "html_block", "html_inline"])
    )
    tokens, pending = list[Token](), list[Mark]()
    for token in parser.parse(_with_holders(pieces)):
        tokens.append(token)
        for child in token.children or []:
            child.attrs = {
                k: v for k, v in child.attrs.items() if k == "href" and re.match(r"https?://|mailto:|#", str(v))
            }
        if token.type == "inline":
            own = [int(k) for k in _HOLDER.findall(token.content) if int(k) < len(pieces.document.mathematics)]
            pending += [m for k in own for m in pieces.marks(pieces.document.mathematics[k])]
        if token.type in _BLOCKS and pending and not (token.type == "paragraph_close" and _in_table(tokens)):
            notes = Token("notes", "", 0)
            notes.meta = {"html": "".join(note(m) for m in pending)}
            tokens.append(notes)
            pending = []

    def words(self: object, tokens: list[Token], k: int, options: object, env: object) -> str:
        return _filled(tokens[k].content, pieces)

    parser.add_render_rule("text", words)
    parser.add_render_rule("image", words)
    parser.add_render_rule("notes", lambda self, tokens, k, options, env: str(tokens[k].meta["html"]))
    made = parser.renderer.render(tokens, parser.options, {})
    return Markup(_HOLDER.sub("", made) + "".join(note(m) for m in pending))


def _in_table(tokens: Sequence[object]) -> bool:
    kinds = [getattr(t, "type", "") for t in tokens]
    return kinds.count("table_open") > kinds.count("table_close")


def _with_holders(pieces: Pieces) -> str:
    """The document with a sign for every piece of mathematics; displays get paragraphs of their own."""
    source, parts, at = pieces.document.source, list[str](), 0
    for k, piece in enumerate(pieces.document.mathematics):
        holder = f"\ue000{k}\ue001"
        line, end = source.rfind("\n", 0, piece.start) + 1, piece.end
        before, start = source[line : piece.start], piece.start
        if before.lstrip().startswith(("```", "~~~")):  # a block of code that is called math
            before = before[: len(before) - len(before.lstrip())]
            start, end = line + len(before), source.find("\n", piece.end) % (len(source) + 1)
        alone = not piece.inline and not before.strip() and not source[end : end + 1].strip()
        parts += [_plain(source[at:start]), f"\n\n{before}{holder}\n\n" if alone else holder]
        at = end
    return "".join([*parts, _plain(source[at:])])


def _plain(text: str) -> str:
    """Text without comments, and without signs of ours."""
    return _PRIVATE.sub(" ", _COMMENT.sub(" ", text))


def _filled(text: str, pieces: Pieces) -> str:
    """Words, escaped, with the mathematics where its signs stand; a sign that the document has made itself stands for none."""
    found, parts = pieces.document.mathematics, _HOLDER.split(text)
    parts[::2] = [str(escape(words)) for words in parts[::2]]
    parts[1::2] = [str(pieces.html(found[int(k)])) if int(k) < len(found) else "" for k in parts[1::2]]
    return "".join(parts)
