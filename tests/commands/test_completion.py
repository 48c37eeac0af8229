"""What the shell is offered: commands, options, and the values of options, as click's scripts ask for them."""

from __future__ import annotations

import subprocess
import sys

import pytest

from symbp.catalogue import ACTIVATIONS, LOSSES, OPTIMIZERS
from symbp.catalogue.optimizers import SCHEDULES
from symbp.codegen.training.data import BUNDLED
from symbp.commands.main import COMMANDS
from symbp.notation import NOTATIONS


def offered(*words: str) -> list[str]:
    """What click's completion finds for the last word."""
    from click.shell_completion import ShellComplete

    from symbp.commands.main import main

    *before, incomplete = words
    completions = ShellComplete(main, {}, "symbp", "_SYMBP_COMPLETE").get_completions(before, incomplete)
    return [c.value if c.type == "plain" else c.type for c in completions]


@pytest.mark.parametrize(
    ("words", "values"),
    [
        (["derive", "2-2", "--loss", ""], [*LOSSES]), (["generate", "2-2", "--loss", "cross"], ["cross_entropy"]),
        (["verify", "--loss", "hub"], ["huber"]), (["cost", "2-2", "--optimizer", ""], [*OPTIMIZERS]), (["train", "2-2", "--optimizer", "adam"], ["adam", "adamw"]),
        (["train", "2-2", "--schedule", ""], [*SCHEDULES]), (["train", "2-2", "--data", ""], [*BUNDLED]), (["evaluate", "run", "di"], ["digits"]),
        (["train", "2-3:tan"], ["2-3:tanh"]), (["summary", "2-3:softp"], ["2-3:softplus"]),
        (["derive", "2-2", "--convention", ""], sorted(NOTATIONS)), (["verify", "--convention", "es"], ["esl"]),
        (["derive", "2-2", "--detail", ""], ["summary", "steps", "elements"]), (["derive", "2-2", "--format", "p"], ["pdf"]),
        (["graph", "f = x", "--format", "s"], ["svg"]), (["derive", "2-2", "--reduction", ""], ["mean", "sum"]),
        (["list", "o"], ["optimizers"]), (["list", "conventions", "--toml", "cr"], ["credit"]), (["ge"], ["generate"]), ([""], [*COMMANDS]),
        (["train", "--resume", ""], ["dir"]), (["train", "2-2", "-o", "r"], ["dir"]), (["predict", ""], ["dir"]), (["predict", "run", "new"], ["file"]),
        (["predict", "run", "new.csv", "-o", ""], ["file"]), (["summary", "a"], ["file"]),
        (["derive", "64-32:tan"], ["64-32:tanh"]), (["generate", "64-32:tanh-10:softm"], ["64-32:tanh-10:softmax"]),
        (["cost", "3-4:"], [f"3-4:{a}" for a in ACTIVATIONS] + ["3-4:softmax", "3-4:log_softmax"]),
    ],
    ids=lambda w: " ".join(w) if len(w) < 6 else "all",
)  # fmt: skip
def test_values(words, values) -> None:  # type: ignore[no-untyped-def]
    assert offered(*words) == values


def test_completion_does_not_wait_for_sympy() -> None:
    code = (
        "import sys; from symbp.commands.main import main; from click.shell_completion import ShellComplete as S\n"
        "for words in (['derive', '2-2', '--loss'], ['verify', '--convention'], ['list']):\n"
        "    assert S(main, {}, 'symbp', 'X').get_completions(words, '')\n"
        "sys.exit('sympy' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_gets_its_script(
    shell: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from symbp.commands.main import run

    monkeypatch.setenv("_SYMBP_COMPLETE", f"{shell}_source")
    with pytest.raises(SystemExit):
        run([])
    assert "_SYMBP_COMPLETE" in capsys.readouterr().out
