"""A page that takes constants into its learning rate: a claim that is off by one stays wrong, and that is said."""

import pytest

from symbp.commands.main import run
from symbp.documents.rates import NOTE, says_rate

CLAIM = r"$$\frac{\partial J}{\partial W^{(1)}} = (\hat y - y) x^T$$"
OTHER = r"$$\frac{\partial J}{\partial W^{(1)}} = 2 x (\hat y - y)^T$$"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("The factor 2 is absorbed into the learning rate.", True),
        ("we ignore the 2, which goes into\n the learning rate", True),
        ("(we drop the constant since it only scales the learning rate)", True),
        ("Here the factor of two is taken into the rate.", True),
        (r"We fold the constant into $\eta$.", True),
        ("We drop the learning rate by a factor of 2 every ten epochs.", False),
        ("The learning rate is 0.1. We ignore the bias.", False),
        ("The factor 2 comes from the square.", False),
    ],
)
def test_what_says_it(text, said):
    assert says_rate(text) == said


def test_the_note(tmp_path, capsys):
    page = tmp_path / "page.md"
    arch = ["--arch", "4-2", "--loss", "squared_error"]
    page.write_text(f"The factor 2 is absorbed into the learning rate.\n\n{CLAIM}\n\n{OTHER}\n")
    assert run(["verify", str(page), *arch]) == 1
    first, second = capsys.readouterr().out.split("✗")[1:]
    assert NOTE in first and "a factor 2 is missing" in first and NOTE not in second
    page.write_text(f"{CLAIM}\n")
    assert run(["verify", str(page), *arch]) == 1
    assert NOTE not in capsys.readouterr().out
