"""What tests of verdicts share."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from typing import Any

import pytest

from symbp.network.derivation import Derivation, derive


@pytest.fixture(scope="session", autouse=True)
def _derived_once() -> Iterator[None]:
    """Networks that are the same are derived once: most of what a judge does first, and hundreds of pages are judged anew."""
    known: list[tuple[list[Any], Derivation]] = []

    def cached(net: Any, **options: Any) -> Derivation:
        key = [options, *(getattr(net, f.name) for f in fields(net))]
        for other, derivation in known:
            if other == key:
                return derivation
        known.append((key, derive(net, **options)))
        return known[-1][1]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("symbp.verification.meaning.setting.derive", cached)
        yield


@pytest.fixture
def undiagnosed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Verdicts without causes and mends, where a test asks for the verdict alone: the diagnosis has tests of its own."""
    monkeypatch.setattr("symbp.verification.explaining.diagnose", lambda *_: None)
