"""The table of the core tests names tests that there are."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]


def test_every_row_of_the_core_is_a_file_or_a_test(request: pytest.FixtureRequest) -> None:
    plugins = request.config.pluginmanager.get_plugins()
    (table,) = [p.CORE for p in plugins if getattr(p, "__file__", None) == str(TESTS / "conftest.py")]
    for row in table:
        file, _, test = row.partition("::")
        text = (TESTS / file).read_text(encoding="utf-8")
        assert not test or re.search(rf"^def {re.escape(test.partition('[')[0])}", text, re.M), row
