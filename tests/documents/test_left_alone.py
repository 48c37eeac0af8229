r"""What is no claim is left alone and listed; a formula for a derivative is always a claim."""

import pytest

import symbp as sb
from symbp.documents.code import assignments
from symbp.documents.equations import equations
from symbp.documents.judged import One, heard_equations
from symbp.documents.left_alone import LeftAlone
from symbp.verification.judge import Judge

OK, BAD, ALONE = "correct", "wrong", "alone"
NET = sb.Network.parse("4-3:sigmoid-2:softmax", loss="cross_entropy")


def said(text: str) -> list[str]:
    found = heard_equations(One(Judge(NET)), equations(text, True))
    return [ALONE if isinstance(v, LeftAlone) else v.verdict for _, v in found]


@pytest.mark.parametrize(
    ("text", "verdicts"),
    [
        # arrows
        (r"\sigma(z) = \frac{1}{1 + e^{-z}} \rightarrow \frac{d\sigma}{dz} = \sigma(z) (1 - \sigma(z))", [OK, OK]),
        (r"\sigma(z) = \frac{1}{1 + e^{-z}} \to \frac{d\sigma}{dz} = \sigma(z) (1 + \sigma(z))", [OK, BAD]),
        (r"a^{(1)} = g(z^{(1)}) \implies \frac{\partial J}{\partial b^{(1)}} = \delta^{(2)}", [OK, BAD]),
        (r"W^{(1)} \to W^{(1)} - \eta \delta^{(1)} x^T", [OK]),
        (r"W^{(1)} \to W^{(1)} + \eta \delta^{(1)} x^T", [BAD]),
        # what is given and set up
        (r"y = \sigma(z)", [ALONE]),
        (r"y = w^T x + b", [ALONE]),
        (r"w = (X^T X)^{-1} X^T y", [ALONE]),
        (r"\hat y = \sigma(W x + b)", [ALONE]),
        (r"g(x) = \max(0, x)", [ALONE]),
        (r"J = 0.693 + 0.105 = 0.798", [ALONE, ALONE]),
        (r"\hat y = \sigma(0.967) = \frac{1}{1 + e^{-0.967}} \approx 0.72", [ALONE, ALONE]),
        (r"l = 1, 2", [ALONE]),
        (r"\ell = L - 1", [ALONE]),
        # claims, all of them
        (r"z^{(1)} = W^{(1)} x", [BAD]),
        (r"\sigma(z) = \frac{1}{1 + e^{z}}", [BAD]),
        (r"J = \sum_k y_k \log \hat y_k", [BAD]),
        (r"\frac{\partial J}{\partial z^{(2)}} = y - \hat y", [BAD]),
        (r"\frac{\partial J}{\partial b^{(2)}} = 2 (\hat y - y) \cdot 1", [BAD]),
        (r"\frac{\partial J}{\partial b^{(2)}_1} = 2 (\hat y_1 - y_1) \cdot 1 = 0.5", [BAD, ALONE]),
        (r"\frac{\partial J}{\partial b^{(2)}_1} = 0.5 (\hat y_1 - y_1) = 0.3", [BAD, ALONE]),
        (r"\frac{\partial z^{(1)}_i}{\partial b^{(1)}_i} = 2", [BAD]),
        (r"y = \hat y + \delta^{(2)}", [BAD]),
        (r"w^{(1)} = w^{(1)} + \eta \frac{\partial J}{\partial w^{(1)}}", [BAD]),
        (r"\hat y = e^{z^{(2)}}", [BAD]),  # of a layer of this network
        (r"\hat y = \mathrm{softmax}(z^{(2)})", [OK]),
        (r"\hat y = y - \frac{\partial J}{\partial z^{(2)}}", [BAD]),
    ],
)
def test_claims_are_told_from_what_is_none(text: str, verdicts: list[str]) -> None:
    assert said(f"$${text}$$") == verdicts


@pytest.mark.parametrize(("text", "verdict"), [(r"\frac{d}{dz} e^z = z", BAD), (r"\frac{d}{dz} \log z = z", BAD)])
def test_a_slope_that_is_a_letter_is_no_condition(text: str, verdict: str) -> None:
    assert said(f"so ${text}$.") == [verdict]


def test_a_restated_function_keeps_its_letter() -> None:
    page = r"Let $\sigma(x) = \max(0, x)$. Then $\sigma'(x) = \mathbb{1}[x > 0]$ and not $\sigma'(x) = \sigma(x)(1 - \sigma(x))$."
    assert said(page) == [ALONE, OK, BAD]


CODE = """
```python
import numpy as np
delta2 = yhat - y  # right
def backward():
    dW2 = np.outer(delta2, a1)
    dW1 = np.outer(
        delta1, a1)
data = load("x")
lr = 0.1
```

```sh
dW2 = nothing
```
"""


def test_blocks_of_python_are_claims_where_they_name_a_derivative() -> None:
    found = assignments(CODE)
    assert [(e.line, e.text.split(" = ")[0]) for e in found] == [
        (4, "delta2"),
        (6, "dW2"),
        (7, "dW1"),
        (9, "data"),
        (10, "lr"),
    ]
    heard = [v for _, v in heard_equations(One(Judge(NET)), found)]
    assert [ALONE if isinstance(v, LeftAlone) else v.verdict for v in heard] == [OK, OK, BAD, ALONE, ALONE]
    assert all(CODE[e.at[0]] == e.text[0] and CODE[e.at[-1]] == e.text[-1] for e in found)
