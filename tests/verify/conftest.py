"""What tests of verdicts share."""

from __future__ import annotations

import pytest


@pytest.fixture
def undiagnosed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Verdicts without causes and mends, where a test asks for the verdict alone: the diagnosis has tests of its own."""
    monkeypatch.setattr("symbp.verification.explaining.diagnose", lambda *_: None)
