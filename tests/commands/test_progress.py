"""Progress: a bar on a terminal, lines at intervals elsewhere, nothing where quiet; all on stderr."""

from __future__ import annotations

import io
import sys

import pytest

from symbp.commands import progress as module
from symbp.commands.progress import progress


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(module, "time", made)
    return made


def test_lines_come_at_intervals_with_rate_and_time_left(clock, capsys):
    with progress(100, examples=50) as on_epoch:
        for epoch in range(100):
            clock.now += 0.5
            on_epoch(epoch, {"loss": 1 / (epoch + 1)})
    out, err = capsys.readouterr()
    lines = err.splitlines()
    assert out == "" and len(lines) == 5  # 50 seconds, a line each 10
    assert lines[0] == "training: epoch 20/100  loss 0.05  100 examples/s  40 s left"
    assert lines[-1] == "training: epoch 100/100  loss 0.01  100 examples/s  0 s left"


def test_a_run_that_goes_on_counts_its_own_epochs(clock, capsys):
    with progress(100, examples=10) as on_epoch:
        for epoch in range(80, 100):
            clock.now += 1
            on_epoch(epoch, {"loss": 1.0})
    assert "epoch 90/100  loss 1  10 examples/s  10 s left" in capsys.readouterr().err


def test_short_runs_and_quiet_ones_say_nothing(clock, capsys):
    with progress(3) as on_epoch:
        on_epoch(0, {"loss": 1.0})
    with progress(3, quiet=True) as nothing:
        assert nothing is None
    assert capsys.readouterr() == ("", "")


def test_a_bar_on_a_terminal(monkeypatch):
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr(sys, "stderr", Terminal())
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "160")
    with progress(4, examples=1000, label="lr [0.1]") as on_epoch:
        for epoch in range(4):
            on_epoch(epoch, {"loss": 0.25, "accuracy": 0.5})
    shown = sys.stderr.getvalue()
    assert "lr [0.1]" in shown and "4/4" in shown and "examples/s" in shown and "loss 0.25  accuracy 0.5" in shown


def test_a_narrow_terminal_shows_how_far_it_is(monkeypatch):
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr(sys, "stderr", Terminal())
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "80")
    with progress(400, examples=1438) as on_epoch:
        on_epoch(199, {"loss": 0.0012, "accuracy": 0.99, "val_loss": 0.1389, "val_accuracy": 0.96})
    shown = sys.stderr.getvalue()
    assert "training " in shown and "200/400" in shown and "loss 0.0012" in shown
