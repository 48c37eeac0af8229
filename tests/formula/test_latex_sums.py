r"""What may stand for \sum: a row of a table."""

import pytest

from symbp.formula.latex import lexing
from symbp.formula.latex.equation import equation_of
from symbp.formula.latex.reader import Reader
from symbp.formula.syntax import Call
from symbp.notation import notation_named


def of(sign: str) -> Call:
    right = Reader(notation_named("iitm")).sides(equation_of(rf"J = {sign}_{{k=1}}^{{K}} y_k \ln a_k")).right
    assert isinstance(right, Call)
    return right


@pytest.mark.parametrize(
    ("sign", "row", "means"), [(r"\operatorname{Sum}", "Sum", "sum"), (r"\prod", r"\prod", "prod")]
)
def test_a_way_to_write_a_sum_is_one_row(monkeypatch: pytest.MonkeyPatch, sign: str, row: str, means: str) -> None:
    monkeypatch.setitem(lexing.SUMS, row, means)  # type: ignore[arg-type]
    monkeypatch.setitem(lexing.KINDS, row, "BIG")  # type: ignore[arg-type]
    assert (of(sign).name, of(sign).args) == (means, of(r"\sum").args)
