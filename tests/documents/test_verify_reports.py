r"""Reports: what a marked copy holds, what the pages say, and that nothing from outside acts in them."""

import html.parser
import json
import re
import shutil
import subprocess

import pytest

import symbp as sb
from symbp.commands.main import run

ARCH = ["--arch", "3-4:sigmoid-2:sigmoid", "--loss", "sse"]
WRONG, RIGHT = "delta1 = W2.T @ delta2", "delta1 = (W2.T @ delta2) * g'(z1)"
TEX_WRONG = r"\delta^{(1)} = W^{(2)T} \delta^{(2)} \odot g(z^{(1)})"

DOCUMENT = r"""\documentclass[twocolumn]{article} % a comment with \begin{document}
% symbp: arch = "4-3:sigmoid-3:sigmoid", loss = "sse"
\usepackage{amsmath}
\usepackage[colorlinks]{hyperref}
\newtheorem{theorem}{Theorem}
\newcommand{\own}{$\delta^{(2)} = e^{(2)}$}
\title{Notes} \author{A}
\begin{document}
\maketitle
\section{On $\delta^{(2)} = e^{(2)}$}
Inline $e^{(2)} = \hat y - y$, and \(\delta^{(2)} = e^{(2)}\, \). The definition $\eta = 0.1$ stays, 5\% too. % $e^{(2)} = y$
\begin{align}
  e^{(1)} &= W^{(2)} \delta^{(2)}, \label{eq:one} \\
  \delta^{(1)} &= e^{(1)} \odot g'(z^{(1)}) = e^{(1)} \odot a^{(1)} % the slope
     \odot (1 + a^{(1)}) \nonumber \\[2pt]
  \frac{\partial J}{\partial b^{(1)}} &= \delta^{(1)} \tag{*}, && \text{as $a = 1$}
\end{align}
goes on \eqref{eq:one}.
\begin{itemize}\item $\frac{\partial J}{\partial W^{(1)}} = x \delta^{(1)T}$ \item \[ \delta^{(2)} = 2 e^{(2)} \odot g'(z^{(2)}). \]\end{itemize}
\begin{multline} \delta^{(1)} = W^{(2)T} \delta^{(2)} \\ \odot g(z^{(1)}) \end{multline}
\begin{gather*} e^{(2)} = y - \hat y \\ e^{(2)} = \hat y - y \end{gather*}
\begin{equation} \begin{split} e^{(1)} &= W^{(2)T} \\ &\quad \cdot \delta^{(2)} \end{split} \end{equation}
$$ e^{(1)} = W^{(2)T} \delta^{(2)} $$
\emph{In an argument $\delta^{(2)} = e^{(2)}$.}\footnote{And \[ \delta^{(2)} = e^{(2)} \] below.}
\begin{tabular}{l|l} a & $\delta^{(2)} = e^{(2)}$ \\ b & $\frac{\partial J}{\partial W^{(1)}} = \delta^{(1)} \spadesuit x^T$ \end{tabular}
\begin{theorem}[$\delta^{(2)} = e^{(2)}$] Let $\delta^{(2)} = e^{(2)}$.\end{theorem}
\begin{figure}[ht] x \caption{With $\delta^{(2)} = e^{(2)}$.}\end{figure}
\begin{tabular}{p{3cm}} \[ e^{(1)} = W^{(2)} \delta^{(2)} \] \\ b \end{tabular}
{\bfseries In a group $\delta^{(2)} = e^{(2)}$

and $\frac{\partial J}{\partial W^{(1)}} = \frac12 \delta^{(1)} x^T$}
\begin{description}\item[$\delta^{(2)} = e^{(2)}$] as a label\end{description}
\begin{verbatim}
$\delta^{(2)} = e^{(2)}$
\end{verbatim}
\verb|$\delta^{(2)} = e^{(2)}$|
\end{document}
beyond $\delta^{(2)} = e^{(2)}$
"""


def made(capsys, *args):
    status = run(["verify", *args])
    return status, capsys.readouterr().out


def file(tmp_path, name, text):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return str(path)


class Elements(html.parser.HTMLParser):
    """The elements and attributes of a page, and whether every element that opens is closed."""

    VOID = ("meta", "br", "hr")

    def __init__(self, text):
        super().__init__()
        self.tags, self.attributes, self.open, self.balanced = [], [], [], True
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag not in self.VOID:
            self.balanced &= bool(self.open) and self.open.pop() == tag


def harmless(page):
    found = Elements(page)
    assert found.balanced and not found.open
    assert not {"script", "img", "iframe", "object", "link", "form", "base", "embed", "svg", "b"} & set(found.tags)
    for name, value in found.attributes:
        assert not name.startswith("on")
        assert name not in ("src", "srcset", "action", "background")
        assert name != "href" or re.match("#|https?://|mailto:", value)
    return found


def unmarked(copy):
    """A marked copy without the marks."""
    copy = re.sub(r"(?s)% Marked by symbp.*?(?=\\begin\{document\}\n)", "", copy)
    copy = re.sub(r"\n\n?\\symbpnote\{[^\n]*(?:%\n)?", "", copy).replace(r"\noindent\ignorespaces ", "")
    copy = re.sub(r"\\symbp(?:right\{\}|wrong\{\d+\}|open\{\d+\}\{.\})", "", copy)
    while (start := copy.find(r"{\symbpfault{")) >= 0:
        depth, at = 2, start + len(r"{\symbpfault{")
        while depth:
            depth += {"{": 1, "}": -1}.get(copy[at], 0)
            at += 1
        copy = copy[:start] + copy[start + len(r"{\symbpfault{") : at - 2] + copy[at:]
    return copy


def test_a_marked_copy_is_the_document_with_marks(tmp_path, capsys):
    status, copy = made(capsys, file(tmp_path, "n.tex", DOCUMENT), "--format", "latex")
    assert status == 2  # one equation cannot be read
    squeezed = [re.sub(r"\s+", "", t) for t in (unmarked(copy), DOCUMENT)]
    assert squeezed[0] == squeezed[1]
    assert r"e^{(1)} &= {\symbpfault{W^{(2)}}} \delta^{(2)}\symbpwrong{4}, \label{eq:one}" in copy
    assert r"g'(z^{(1)})\symbpright{} = e^{(1)}" in copy
    assert r"(\symbpfault" not in copy and r"\odot ({\symbpfault{1 + a^{(1)}}})\symbpwrong{5} \nonumber" in copy
    assert r"\spadesuit x^T\symbpopen{" in copy
    assert r"Right: $e^{(1)} = W^{(2)\top} \delta^{(2)}$" in copy
    assert r"\eta = 0.1$ stays" in copy


@pytest.mark.skipif(not shutil.which("latexmk"), reason="latexmk is not installed")
@pytest.mark.parametrize(
    "kind", ["document", "fragment", *(pytest.param(k, marks=pytest.mark.sweep) for k in ("bare", "slides", "page"))]
)
def test_marked_copies_compile(kind, tmp_path, capsys):
    texts = {
        "document": DOCUMENT,
        "bare": re.sub(r"(?s)\\begin\{align\}.*?\\end\{align\}|\\begin\{(multline|gather\*)\}.*?\\end\{\1\}|\\eqref\{eq:one\}|"
                       r"\\begin\{equation\}.*?\\end\{equation\}|\\usepackage\{amsmath\}", "", DOCUMENT),
        "fragment": "% symbp: arch = \"4-3:sigmoid-3:sigmoid\"\n\\newtheorem{theorem}{Theorem}" + DOCUMENT.split("\\maketitle")[1].split(r"\end{document}")[0],
        "slides": "% symbp: arch = \"4-3:sigmoid-3:sigmoid\"\n\\documentclass{beamer}\\begin{document}\\begin{frame}{T}$\\delta^{(2)} = e^{(2)}$"
                  "\\begin{itemize}\\item $e^{(1)} = W^{(2)} \\delta^{(2)}$\\end{itemize}\\end{frame}\\frame{$\\delta^{(2)} = e^{(2)}$}\\end{document}",
        "page": "\n".join(['arch = "4-3:sigmoid-3:sigmoid"', WRONG, TEX_WRONG, *HOSTILE]),
    }  # fmt: skip
    path = file(tmp_path, "n.txt" if kind == "page" else "n.tex", texts[kind])
    run(["verify", path, "-o", str(tmp_path / "marked.tex")])
    done = subprocess.run(
        ["latexmk", "-pdf", "-interaction=nonstopmode", "-halt-on-error", "marked.tex"],
        cwd=tmp_path,
        capture_output=True,
        timeout=120,
        check=False,
    )
    said = done.stdout.decode(errors="replace")
    assert done.returncode == 0, said[-2000:]
    assert "Missing" not in said and (tmp_path / "marked.pdf").read_bytes().startswith(b"%PDF")


HOSTILE = [
    "delta1 = </script><script>alert(1)</script>",
    r"\delta^{(1)} = \input{/etc/passwd} \write18{ls} \end{document}",
    r"dJ/db1 = \end{document} % $ & _ ^ ~ \ { } “quoted” ∂J/∂b ✓ 数",
    r"\delta^{(1)} = \text{<img src=x onerror=alert(1)>}",
    r"\delta^{(1)} = \href{javascript:alert(1)}{x} \class{fault}{x} \style{color:red}{x}",
    r"\delta^{(1)} = W^{(2)}^{T}^{T}",
    r"\delta^{(1)} = \left( x",
    'delta1 = "><b onclick=alert(1)>{{ 7*811 }}{% raw %}',
    "delta1 = x\x00\x1b[31m\u202e",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_claims_from_outside_do_not_act(text, tmp_path, capsys):
    _, page = made(capsys, *ARCH, "--claim", text, "--format", "html")
    harmless(page)
    assert "5677" not in page  # a template would have worked it out
    _, tex = made(capsys, *ARCH, "--claim", text, "--format", "latex")
    body = tex[tex.index(r"\begin{document}") :]
    for command in (r"\input", r"\write", r"\href", r"\class{", r"\style"):
        assert command not in body
    assert body.count(r"\end{document}") == 1
    assert body.isascii() or not re.search("[^\x00-\xff]", body)
    assert tex.count("{") - tex.count(r"\{") == tex.count("}") - tex.count(r"\}")


@pytest.mark.thinned(3)
@pytest.mark.parametrize("text", HOSTILE)
def test_markdown_from_outside_does_not_act(text, tmp_path, capsys):
    source = (
        '<!-- symbp: arch = "3-4:sigmoid-2:sigmoid", loss = "sse" -->\n'
        f'# A title <b onclick=x> $ {text} $\n\n![p $\\delta^{{(2)}} = y$](http://x.org/a.png "$e^{{(2)}} = y$") [l](javascript:alert(1)) '
        f'[m](http://x.org "$e^{{(2)}} = y$") <script>alert(1)</script>\n\n- item\n  $$ {text} $$\n  more\n\n| a |\n|---|\n| ${text.replace("|", "")}$ |\n\n'
        f"    {text}\n\n<div onclick=x>\n\n```\n{text}\n```\n"
    )
    _, page = made(capsys, file(tmp_path, "n.md", source), "--format", "html")
    found = harmless(page)
    assert "\ue000" not in page
    assert "h1" in found.tags and "li" in found.tags and "table" in found.tags
    source = (
        '\\documentclass{article}\n% symbp: arch = "3-4:sigmoid-2:sigmoid"\n\\begin{document}\n'
        + f"<b onclick=x> ${text}$ \\texttt{{{text}}}"
    )
    _, page = made(capsys, file(tmp_path, "n.tex", source), "--format", "html")
    harmless(page)


def test_a_page_of_claims(tmp_path, capsys):
    text = "\n".join(['arch = "3-4:sigmoid-2:sigmoid"', 'loss = "sse"', "e = yhat - y", RIGHT, WRONG, TEX_WRONG])
    status, page = made(capsys, file(tmp_path, "claims.txt", text), "--format", "html")
    assert status == 1 and page == made(capsys, str(tmp_path / "claims.txt"), "--format", "html")[1]
    found = harmless(page)
    assert page.count("<h1>claims.txt</h1>") == 1 and str(tmp_path) not in page
    assert "<li>1 correct</li>" in page and "<li>2 wrong</li>" in page and "<li>1 definition</li>" in page
    assert "1 proved exactly" in page and "3-4:sigmoid-2:sigmoid" in page and sb.__version__ in page
    assert '<code>delta1 = <mark class="fault">W2.T @ delta2</mark></code>' in page
    assert "Entry (" in page and "is claimed to be" in page
    assert '<mrow class="fault"><mi>g</mi>' in page
    links = [v[1:] for n, v in found.attributes if n == "href"]
    anchors = [v for n, v in found.attributes if n == "id"]
    assert len(links) == 2 and set(links) <= set(anchors) and len(anchors) == len(set(anchors))
    status, tex = made(capsys, str(tmp_path / "claims.txt"), "--format", "latex")
    assert status == 1 and r"{\symbpfault{g(z^{(1)})}}" in tex and r"\underline{\texttt{W2.T @" in tex


def test_a_document_as_html_has_its_notes_behind_the_paragraphs(tmp_path, capsys):
    _, page = made(capsys, file(tmp_path, "n.tex", DOCUMENT), "--format", "html")
    harmless(page)
    assert (
        page.index("<h2>On ") < page.index('id="claim-2"') < page.index("goes on") < page.index('id="claim-1"')
        and "5%" in page
    )
    assert "usepackage" not in page and "beyond" not in page and page.count("<li>") > 4
    markdown = '# T\n<!-- symbp: arch = "3-4:tanh-2:softmax" -->\nText *here* $\\delta^{(2)} = y - \\hat y$ and\nmore.\n\n```math\ne^{(2)} = -y \\oslash \\hat y\n```\nlast\n'
    _, page = made(capsys, file(tmp_path, "n.md", markdown), "--format", "html")
    harmless(page)
    assert page.index("more.</p>") < page.index('id="claim-1"') < page.index("⊘") < page.index("last</p>")
    assert "<em>here</em>" in page and "symbp:" not in page and "`" not in page


def test_formats_by_name_and_by_ending(tmp_path, capsys):
    claim = [*ARCH, "--claim", "e2 = yhat - y"]
    for name, start in {"a.html": "<!DOCTYPE", "a.tex": r"\documentclass", "a.json": "{", "a.txt": "✓"}.items():
        assert run(["verify", *claim, "-o", str(tmp_path / name)]) == 0
        assert capsys.readouterr() == ("", "")
        assert (tmp_path / name).read_text(encoding="utf-8").startswith(start)
    assert made(capsys, *claim, "--json") == made(capsys, *claim, "--format", "json")
    assert run(["verify", *claim, "-o", str(tmp_path / "b.txt"), "--format", "json"]) == 0
    assert json.loads((tmp_path / "b.txt").read_text(encoding="utf-8"))["ok"]
    assert made(capsys, *claim, "-o", "-")[1] == made(capsys, *claim)[1]


def test_several_files_are_sections(tmp_path, capsys):
    first = file(tmp_path, "a.txt", RIGHT)
    second = file(tmp_path, "b.md", f"$ {TEX_WRONG} $")
    status, page = made(capsys, first, second, *ARCH, "--format", "html")
    assert status == 1 and "<h2>a.txt</h2>" in page and "<h2>b.md</h2>" in page and "b.md, line 1" in page
    harmless(page)
    status, tex = made(capsys, first, second, *ARCH, "--format", "latex")
    assert status == 1 and r"\section*{a.txt}" in tex and r"\section*{b.md}" in tex


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["--format", "pdf"], "latex"),
        (["--format", "htlm"], "html"),
        (["-o", "a.pdf"], ".html"),
        (["-o", "a"], "--format"),
        (["--json", "--format", "html"], "one of them"),
        (["-o", "nowhere/a.html"], "directory"),
        (["-o", "folder.html"], "directory"),
        (["a.tex", "b.tex", "--format", "latex"], "one .tex file"),
        (["a.tex", "c.txt", "-o", "x.tex"], "one .tex file"),
        (["a.tex", "-o", "a.tex"], "is read"),
        (["c.txt", "-o", "./c.txt"], "is read"),
        (["missing.tex", "-o", "x.html"], "missing.tex"),
    ],
)
def test_unusable_wishes_are_one_message_and_nothing_is_written(args, words, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    for name in ("a.tex", "b.tex"):
        file(tmp_path, name, f"$ {TEX_WRONG} $")
    file(tmp_path, "c.txt", RIGHT)
    (tmp_path / "folder.html").mkdir()
    before = {p.name: p.is_file() and p.read_bytes() for p in tmp_path.iterdir()}
    claim = [] if any(a.endswith(".tex") for a in args[:1]) or args[0] == "c.txt" else ["--claim", RIGHT]
    assert run(["verify", *args, *ARCH, *claim]) == 2
    out, err = capsys.readouterr()
    assert words in err and err.count("\n") == 1 and not out
    assert {p.name: p.is_file() and p.read_bytes() for p in tmp_path.iterdir()} == before


def test_a_place_in_a_document_is_the_files(tmp_path, capsys):
    text = 'first\n% symbp: arch = "3-4:sigmoid-2:sigmoid"\nso $\\delta^{(1)} = \\spadesuit W$\n'
    path = file(tmp_path, "n.tex", text)
    assert run(["verify", path]) == 2
    column = text.split("\n")[2].index("\\spadesuit") + 1
    assert f"{path}:3:{column}: " in capsys.readouterr().err


def test_a_notebook_shows_verdicts():
    net = sb.Network.parse("3-4:sigmoid-2:sigmoid", loss="sse")
    one, several = sb.verify(net, WRONG), sb.verify(net, [RIGHT, TEX_WRONG, "delta1 = <script>"])
    for shown in (one, several):
        found = harmless(shown._repr_html_())
        assert "id" not in dict(found.attributes)
    assert isinstance(several, list) and not several.ok and "<math" in several._repr_html_()
