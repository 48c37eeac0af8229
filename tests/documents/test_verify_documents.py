r"""Equations found in LaTeX and Markdown documents, judged; and our own pages read back."""

import json

import pytest

import symbp as sb
from symbp.commands.main import run
from symbp.documents.equations import equations
from symbp.documents.files import read_file
from symbp.documents.judged import judge_equations
from symbp.errors import InputError
from symbp.notation import notation_named
from symbp.verification.judge import Judge

TEX = r"""\documentclass{article} % symbp is not set up here
% symbp: arch = "3-4:sigmoid-2:sigmoid", loss = "sse"
\begin{document}
The error $e^{(2)} = \hat y - y$ and \(\delta^{(2)} = e^{(2)} \odot g'(z^{(2)})\). It costs \$5 = 5 euros.
% $\delta^{(2)} = 0$
\begin{align}
  \delta^{(1)} &= (W^{(2)})^T \delta^{(2)} \odot g'(z^{(1)}) \label{eq:delta} \\
   &= e^{(1)} \odot a^{(1)}
      \odot (1 - a^{(1)}), && \text{as $a = 1$} \nonumber \\[2pt]
  \frac{\partial J}{\partial W^{(1)}} &= x \delta^{(1)T}
\end{align}
\begin{verbatim}
$\delta^{(2)} = 0$
\end{verbatim}
\[ \frac{\partial J}{\partial b^{(1)}} = \delta^{(1)} \quad \text{and} \quad \frac{\partial J}{\partial b^{(2)}} = \delta^{(2)}. \]
$$\begin{split} \frac{\partial J}{\partial w^{(1)}_{ij}} &= \delta^{(1)}_i \\ &\quad \cdot x_j \end{split}$$
\begin{equation*} W^{(1)} \leftarrow W^{(1)} - \eta \frac{\partial J}{\partial W^{(1)}} \end{equation*}
\begin{eqnarray} e^{(1)} & = & W^{(2)T} \delta^{(2)} \\ g(z) & = & \tanh z \end{eqnarray}
\begin{multline} e^{(1)} = \\ W^{(2)T} \delta^{(2)} \end{multline}
With $\eta = 0.1$, $\delta^{(2)} = 0.25$ and $n = 3$.
\end{document}
"""

MD = r"""# Homework
<!-- symbp: arch = "3-4:tanh-2:softmax",
     loss = "cross_entropy", convention = "iitm" -->
The last $\delta^{(2)} = \hat y - y$, not `$\delta^{(2)} = y$`.

```python
x = "$\\delta^{(2)} = y$"
```

$$
\delta^{(1)} = W^{(2)T} \delta^{(2)}
$$

```math
e^{(2)} = -y \oslash \hat y
```
"""


def test_every_equation_of_a_latex_document_is_found_with_its_line():
    found = [(e.line, e.text.split("=")[0].strip()) for e in equations(TEX, False)]
    assert found == [
        (4, "e^{(2)}"),
        (4, r"\delta^{(2)}"),
        (7, r"\delta^{(1)}"),
        (8, r"\delta^{(1)}"),
        (10, r"\frac{\partial J}{\partial W^{(1)}}"),
        (15, r"\frac{\partial J}{\partial b^{(1)}}"),
        (15, r"\frac{\partial J}{\partial b^{(2)}}"),
        (16, r"\frac{\partial J}{\partial w^{(1)}_{ij}}"),
        (17, r"W^{(1)} \leftarrow W^{(1)} - \eta \frac{\partial J}{\partial W^{(1)}}"),
        (18, "e^{(1)}"),
        (18, "g(z)"),
        (19, "e^{(1)}"),
        (20, r"\eta"),
        (20, r"\delta^{(2)}"),
        (20, "n"),
    ]
    assert r"\odot (1 - a^{(1)})" in next(e.text for e in equations(TEX, False) if e.line == 8)


def test_a_latex_file_is_judged_by_the_command(tmp_path, capsys):
    path = tmp_path / "homework.tex"
    path.write_text(TEX, encoding="utf-8")
    status = run(["verify", str(path), "--json"])
    found = json.loads(capsys.readouterr().out)
    wrong = [(r["line"], r["cause"]) for r in found["results"] if r["verdict"] == "wrong"]
    assert wrong == [(10, "transpose")] and status == 1
    assert [r["verdict"] for r in found["results"]].count("correct") == 10 and found["not_claims"] == 4


def test_a_markdown_file_says_what_it_is_about(tmp_path, capsys):
    path = tmp_path / "homework.md"
    path.write_text(MD, encoding="utf-8")
    assert run(["verify", str(path), "--json"]) == 1
    found = [(r["line"], r["verdict"], r["cause"]) for r in json.loads(capsys.readouterr().out)["results"]]
    assert found == [(4, "correct", None), (11, "wrong", "activation_derivative"), (15, "correct", None)]


@pytest.mark.parametrize(
    "line",
    [
        '% symbp: arch = "2-2", arch = "2-2"',
        "% symbp: arch = 2-2",
        '% symbp: arsch = "2-2"',
        '% symbp: convention = "x"',
    ],
)
def test_settings_that_cannot_be_read(tmp_path, line):
    path = tmp_path / "a.tex"
    path.write_text(line, encoding="utf-8")
    with pytest.raises(InputError):
        read_file(path)


@pytest.mark.parametrize(
    "text", ["\\begin{align}", "$", "$a = b", "\\[ a = b", "$$", "`", "<!--", "{" * 50, "\\", "\x00$\x00=\x00$"]
)
def test_broken_documents_are_read_as_far_as_they_go(text):
    for markdown in (False, True):
        assert len(equations(text, markdown)) <= 1


@pytest.mark.thinned(3)
@pytest.mark.parametrize(
    "piece", ["\\begin{align}", "$a`=b$", "<!--", "\\[", "$$a=b", "`", "{a=b,", "\\text", "a &= b \\\\"]
)
def test_long_documents_are_read_to_their_end(piece):
    for markdown in (False, True):
        assert len(equations(f"${piece * 8000}$", markdown)) < 20_000


PAGES = [
    (("3-4:tanh-2:softmax", "cross_entropy"), "iitm", "steps"),
    (("3-4:tanh-2:softmax", "sse"), "iitm", "summary"),
    (("2-3:sigmoid-2:sigmoid", "sse"), "credit", "summary"),
    pytest.param(("2-3:sigmoid-2:sigmoid", "sse"), "iitm", "elements", marks=pytest.mark.sweep),
    pytest.param(("3-2:relu6-4:hard_tanh-3", "mse"), "iitm", "summary", marks=pytest.mark.sweep),
    (("3-4:leaky_relu-2:exp", "poisson"), "credit", "summary"),
    (("3-2:silu-2:tanh", "hinge"), "iitm", "summary"),
    (("1-1:sigmoid-1:sigmoid-1:sigmoid", "sse"), "credit", "summary"),
    *(
        pytest.param((arch, loss), convention, "steps", marks=pytest.mark.sweep)
        for arch, loss in [
            ("3-4:relu-2:sigmoid", "binary_cross_entropy"),
            ("3-4:gelu-2", "huber"),
            ("3-2", "squared_error"),
            ("3-4:selu-2:softmax", "sse"),
            ("3-4:softplus-2:log_softmax", "nll"),
            ("4-3:tanh-3:sigmoid-3:softmax", "cross_entropy"),
            ("3-2:mish-2", "mae"),
        ]
        for convention in ("iitm", "credit")
    ),
]


@pytest.mark.thinned(3)
@pytest.mark.parametrize(("problem", "convention", "detail"), PAGES)
def test_our_own_pages_are_read_back_and_found_right(problem, convention, detail):
    net = sb.Network.parse(problem[0], loss=problem[1])
    page = sb.derive(net).latex(convention=convention, detail=detail)
    found = [*judge_equations(Judge(net, notation=notation_named(convention)), equations(page, False))]
    judged = [v for v in found if v is not None]
    assert not [str(v) for v in judged if not v.ok]
    assert len(judged) > 12 and len(judged) > len(found) - len(judged)
