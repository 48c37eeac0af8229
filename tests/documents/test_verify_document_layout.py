r"""Documents as people lay them out: macros of their own, boxes, arrays, arrows, cases, and rows that go on."""

import pytest

import symbp as sb
from symbp.documents.equations import equations
from symbp.documents.judged import judged_equations
from symbp.formula.tex.macros import USUAL, expanded, macros_of
from symbp.formula.tex.traced import Traced
from symbp.verification.judge import Judge

JUDGE = Judge(sb.Network.parse("3-4:tanh-2:sigmoid", loss="sse"))
OK, BAD, NONE = "correct", "wrong", None
E1, E2 = r"e^{(1)} &= W^{(2)}\delta^{(2)}", r"e^{(2)} &= \hat y - y"

CASES = {
    "macros with arguments": (r"\newcommand{\pd}[2]{\frac{\partial #1}{\partial #2}} $\pd{J}{b^{(1)}} = \delta^{(2)}$ $\pd J{b^{(1)}} = \delta^{(1)}$", [BAD, OK]),
    "def and let": (r"\def\W#1{W^{(#1)}} \let\d\delta \newcommand\T{^\top} $e^{(1)} = \W{2}\T \d^{(2)}$", [OK]),
    "a default argument": (r"\newcommand{\dl}[1][1]{\delta^{(#1)}} $\frac{\partial J}{\partial b^{(1)}} = \dl$ $\frac{\partial J}{\partial b^{(1)}} = \dl[2]$", [OK, BAD]),
    "a macro above a letter": (r"\newcommand{\two}{(2)} \newcommand{\T}{\mathsf{T}} $e^{(1)} = W^{\two\T} \delta^\two$", [OK]),
    "operators": (r"\DeclareMathOperator{\diag}{diag} $\delta^{(1)} = \diag(g'(z^{(1)})) W^{(2)T}\delta^{(2)}$", [OK]),
    "derivatives of packages": (r"$\pdv{J}{b^{(1)}} = \delta^{(2)}$ $\pdv{b^{(1)}} J = \delta^{(1)}$", [BAD, OK]),
    "macros that open and close": (r"\newcommand{\be}{\begin{equation}} \newcommand{\ee}{\end{equation}} \be e^{(1)} = W^{(2)}\delta^{(2)} \ee", [BAD]),
    "boxes and colours": (r"\[\boxed{\delta^{(1)} = W^{(2)}\delta^{(2)}}\] $\textcolor{red}{e^{(2)}} = {\color{blue} \hat y - y}$", [BAD, OK]),
    "braces below": (r"$\underbrace{e^{(2)}}_{\text{the error}} = \overbrace{\hat y}^{\text{output}} - y$", [OK]),
    "assignments": (r"$W^{(1)} := W^{(1)} + \eta\delta^{(1)}x^T$, $e^{(2)} := \hat y - y$, $e^{(2)} \gets y$, $e^{(2)} \equiv y$", [BAD, OK, BAD, BAD]),
    "signs with remarks": (r"\[e^{(2)} \stackrel{(1)}{=} \hat y - y\] $e^{(2)} \overset{!}{=} y$", [OK, BAD]),
    "implications": (r"$\Rightarrow e^{(2)} = y$ \[ e^{(2)} = \hat y - y \implies \delta^{(2)} = \hat y - y \] $\therefore e^{(2)} = y$", [BAD, OK, BAD, BAD]),
    "an array": (r"\[\begin{array}{rcl} e^{(1)} &=& W^{(2)}\delta^{(2)} \\ e^{(2)} & = & \hat y - y\end{array}\]", [BAD, OK]),
    "IEEEeqnarray": (r"\begin{IEEEeqnarray}{rCl} e^{(1)} &=& W^{(2)}\delta^{(2)} \\ e^{(2)} &=& \hat y - y\end{IEEEeqnarray}", [BAD, OK]),
    "alignat": (rf"\begin{{alignat}}{{2}} {E1} &\qquad {E2} \end{{alignat}}", [BAD, OK]),
    "a brace before rows": (rf"\[\left\{{\begin{{aligned}} {E1} \\ {E2} \end{{aligned}}\right.\]", [BAD, OK]),
    "cases": (r"\[ \frac{\partial \hat y_i}{\partial z^{(2)}_j} = \begin{cases} \hat y_i(1-\hat y_i) & i=j\\ 0, & i\ne j\end{cases}\]", [OK]),
    "a row that goes on": (r"\begin{align} \delta^{(1)} &={}& W^{(2)T}\delta^{(2)} \odot \\ & (1 - (a^{(1)})^2)\end{align}", [OK]),
    "sides the other way round": (r"$x\delta^{(1)T} = \frac{\partial J}{\partial W^{(1)}}$ and $\delta^{(1)}x^T = \nabla_{W^{(1)}} J$", [BAD, OK]),
    "conditions in the running text": (r"at $z^{(1)} = 0$, with $W^{(1)} = 0$ and $b^{(1)} = 0$; where $\hat y = y$, $\hat y = a^{(2)}$", [NONE, NONE, NONE, NONE, OK]),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_equations_are_found_however_they_are_laid_out(name):
    source, wanted = CASES[name]
    found = [None if v is None else v.verdict for _, v in judged_equations(JUDGE, equations(source, False))]
    assert found == wanted


def test_what_a_macro_stands_for_has_the_place_of_the_macro():
    source = r"\newcommand{\pd}[2]{\frac{\partial #1}{\partial #2}}"
    call = r"2\pd{J}{b} + 1"
    made = expanded(Traced.standing(call, 100), macros_of(source))
    assert made.text == r"2\frac{\partial J}{\partial b} + 1"
    assert made.at[0] == 100 and made.at[-1] == 100 + len(call) - 1
    assert [*made.at] == sorted(made.at)
    assert made.at[made.text.index("J")] == 100 + call.index("J")
    assert made.at[made.text.rindex("}")] == 100 + call.rindex("}")


@pytest.mark.parametrize(
    "source", [r"\newcommand{\x}{\x\x} ", r"\def\x{\y}\def\y{\x\x}", r"\newcommand{\x}[1]{\x{#1#1}}", r"\newcommand{\x"]
)
def test_macros_that_never_end_are_left_alone(source):
    expanded(Traced.standing(r"\x{a} = \x{b}", 0), {**USUAL, **macros_of(source)})


def test_mathematics_of_github_and_escaped_delimiters():
    page = (
        "A $`e^{(2)} = y`$, \\\\(e^{(2)} = y\\\\) and\n\n- item\n\n      $e^{(2)} = y$ is code\n\n  $$e^{(2)} = y$$\n"
    )
    assert [e.line for e in equations(page, True)] == [1, 1, 7]
