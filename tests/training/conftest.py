"""What tests of runs share."""

from collections.abc import Callable
from pathlib import Path

import pytest

from symbp.commands.main import run


@pytest.fixture
def said(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """A command, given as its arguments: its status, and what it wrote to stdout and to stderr."""
    capsys.readouterr()

    def call(*args: object) -> tuple[int, str, str]:
        status = run([str(a) for a in args])
        out = capsys.readouterr()
        return status, out.out, out.err

    return call


@pytest.fixture
def in_tmp_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A directory of the test's own is the current one."""
    monkeypatch.chdir(tmp_path)
