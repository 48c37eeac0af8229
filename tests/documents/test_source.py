r"""The tree of a document's source, which finding equations, marked copies and HTML share; and what each of them makes of it."""

from __future__ import annotations

import pytest

from symbp.documents.equations import equations
from symbp.documents.marking.html_tex import tex_html
from symbp.documents.marking.latex_places import Places
from symbp.documents.marking.report import Section
from symbp.documents.rows import unwrapped
from symbp.documents.source import Document, Node


def outline(node: Node) -> list[object]:
    """The tree by kinds and names."""
    return [[n.kind, n.name, *outline(n)] if n.children else [n.kind, n.name] for n in node.children]


def shown(text: str) -> str:
    return str(tex_html(Section("a", "tex", (), (), 0, text), lambda mark: mark.number))  # type: ignore[arg-type, return-value]


def test_a_document_is_a_tree_with_places() -> None:
    text = "a \\emph{b}\n\n\\begin{itemize}\\item $x$\\end{itemize}\\verb|{|"
    root = Document(text).root
    assert outline(root) == [
        ["text", "a "], ["command", r"\emph"], ["group", "{", ["text", "b"]], ["paragraph", "\n\n"],
        ["environment", "itemize", ["command", r"\item"], ["text", " "], ["mathematics", "$"]], ["code", ""],
    ]  # fmt: skip
    assert [text[n.start : n.end] for n in root.children][3:] == ["\n\n", text[12:-8], r"\verb|{|"]
    assert text[root.children[4].inner : root.children[4].inner_end] == r"\item $x$"
    assert text[root.children[5].inner : root.children[5].inner_end] == "{"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{ a", [["group", "{", ["text", " a"]]]),
        ("} a", [["command", "}"], ["text", " a"]]),
        (r"\begin{a}{\end{a}", [["environment", "a", ["group", "{", ["command", r"\end{a}"]]]]),
        (r"{\begin{a}}\end{a}", [["group", "{", ["environment", "a"]], ["command", r"\end{a}"]]),
        (
            r"{\begin{document}{a\end{document}",
            [["group", "{"], ["environment", "document", ["group", "{", ["text", "a"]]]],
        ),
        (r"\begin{a}\begin{b}\end{a}x", [["environment", "a", ["environment", "b"]], ["text", "x"]]),
    ],
)
def test_what_is_never_closed_ends_with_what_is_around_it(text: str, expected: list[object]) -> None:
    assert outline(Document(text).root) == expected


def test_deep_nesting_is_no_error() -> None:
    assert Document("{" * 5000 + r"\begin{a}" * 5000).root.children


@pytest.mark.parametrize(
    ("text", "markdown", "pieces"),
    [
        (r"$a$ \(b\) $$c$$ \[d\] \begin{align*}e\end{align*}", False, ["a", "b", "c", "d", "e"]),
        ("% $a$\n\\% $b$ \\\\% $c$\n$d$", False, ["b", "d"]),
        ("\\begin{verbatim}$a$\\end{verbatim} \\verb|$b$| \\lstinline!$c$! $d$", False, ["d"]),
        ("% \\begin{verbatim}\n$a$\n\\end{verbatim}", False, ["a"]),
        (r"\def\be{\begin{equation}}\def\ee{\end{equation}} \be a \ee", False, ["{\\begin{equation}}\\def", " a "]),
        ("$a\n\nb$ c$", False, [" c"]),
        ("\\$5 and $a$", False, ["a"]),
        (r"\end{document} $a$", False, []),
        (r"$a \text{if }$ $b$", False, [r"a \text{if }", "b"]),
        ("$5 and $6, but $a$ and $ b $", True, ["a", " b "]),
        ("`$a$` \\\\(b\\\\) $`c`$\n\n    $d$\n\n```math\ne\n```\n", True, ["b ", " c ", "\ne\n"]),
        ("a <!-- $a$ --> $b$", True, ["b"]),
    ],
)
def test_mathematics_is_found(text: str, markdown: bool, pieces: list[str]) -> None:
    document = Document(text, markdown)
    assert [document.shown[p.inner : p.inner_end] for p in document.mathematics] == pieces
    assert len(document.shown) == len(text)


def test_inner_environments_leave_every_character_in_its_column() -> None:
    text = r"\left\{\begin{aligned} a &= b \\ c &= \begin{pmatrix} 1 \end{pmatrix} \end{aligned}\right."
    assert unwrapped(text).split() == r"a &= b \\ c &= \begin{pmatrix} 1 \end{pmatrix}".split()
    assert len(unwrapped(text)) == len(text) and unwrapped(text).index("a &") == text.index("a &")
    assert unwrapped(r"\begin{array}{c} a \end{array}") == r"\begin{array}{c} a \end{array}"


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        (r"If $i \neq j$ we have $w_{ij} = 0$.", r"i \neq j"),
        ("\\begin{figure}x\\end{figure}\nFor $i = j$ we get $w_{ij} = 0$.", "i = j"),
        (r"$w_{ij} = 0$ for $i \neq j$.", r"i \neq j"),
        (r"It is not so that if $i = j$ then $w_{ij} = 0$.", ""),
        (r"If $i = k$ then $w_{ij} = 0$.", ""),
    ],
)
def test_a_condition_is_said_in_words(text: str, condition: str) -> None:
    found = next(e.text for e in equations(text, False) if e.text.startswith("w"))
    assert found == (rf"w_{{ij}} = 0 \text{{ if }} {condition}" if condition else "w_{ij} = 0")


def test_no_note_stands_in_code() -> None:
    text = "a $x$ b\n\\begin{verbatim}\nc\n\n\\end{verbatim}\nd\n\ne"
    places = Places(Document(text))
    code = range(text.index(r"\begin") + 1, text.rindex("\nd"))
    assert places.ends and not {*places.ends} & {*code}


@pytest.mark.parametrize(
    ("text", "page"),
    [
        ("\\begin{lstlisting}[language=C]\nif (a < b)\n  c~d\n\\end{lstlisting}",
         "<p><code>if (a &lt; b)</code> <br> \u00a0\u00a0<code>c~d</code></p>"),
        ("\\vspace{1em}\n{\\bf kept}", "<p>kept</p>"),
        (r"\section[a]{B \emph{c}} d\footnote{e} \eqref{f}", "<h2>B <em>c</em></h2><p>d<small>(e)</small> (f)</p>"),
        (r"\'e \c{c} \o x \unknown{y} ``z'' -- 5\% \& \\[2pt] q", "<p>é ç øx y “z” – 5% &amp; <br> q</p>"),
        (r"\begin{itemize}\item[\bf a] b \item c\end{itemize}", "<ul><li><p><strong>a</strong>  b</p></li><li><p>c</p></li></ul>"),
        (r"\begin{frame}<1->[plain]{T} a\end{frame}", "<h2>T</h2><p>a</p>"),
        (r"<b> \write18{x} & y~z", "<p>&lt;b&gt; 18x \u2003 y\u00a0z</p>"),
    ],
)  # fmt: skip
def test_html_shows_words_and_code(text: str, page: str) -> None:
    assert shown(text) == page
