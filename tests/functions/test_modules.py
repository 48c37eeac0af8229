"""The same functions as modules: their gradients agree with differences of the generated forward pass, and that is the function."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from test_function_gradients import FILE, NAMES, NUMPY, TEXT, derived, drawn

import symbp as sb
from symbp.verification.problems.function import function_problem


def imported(source: str, path: Path) -> Any:
    path.write_text(source, encoding="utf-8")
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.thinned(14)
@pytest.mark.parametrize("name", NAMES)
def test_a_module_has_the_function_and_its_gradients(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    module = imported(sb.generate(function_problem(TEXT, FILE.name, name)), tmp_path / f"{name}.py")
    d = derived(name)
    values = {n: v for n, v in drawn(name, d).items() if n not in d.map.upstream.values()}
    wanted = getattr(NUMPY, name)(**{n: np.copy(v) for n, v in values.items()})
    with np.errstate(all="raise", under="ignore"):
        results = module.forward(**values)[0]
        assert max(module.check().values()) < 1e-6
    for got, want in zip(*(r if isinstance(r, tuple) else (r,) for r in (results, wanted)), strict=True):
        assert np.shape(got) == np.shape(want)
        np.testing.assert_allclose(got, want, rtol=1e-9, atol=1e-12)
