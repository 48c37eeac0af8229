"""The blocks of commands of the README and of docs/ show what the commands print; ``...`` stands for lines left out."""

from __future__ import annotations

import re
import shlex
import tomllib
from pathlib import Path

import pytest

import symbp as sb
from symbp.commands.main import run
from symbp.network import spec

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = [
    README,
    *(page.read_text(encoding="utf-8") for page in sorted((ROOT / "docs").glob("*.md")) if page.name != "adding.md"),
]
BLOCKS = [block for page in PAGES for block in re.findall(r"```console\n\$ symbp (.*?)\n(.*?)```", page, re.S)]


@pytest.mark.parametrize(("command", "shown"), BLOCKS, ids=[c.split()[0] for c, _ in BLOCKS])
def test_commands_print_what_the_pages_show(
    command: str, shown: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(ROOT)
    run(shlex.split(command))
    printed = capsys.readouterr()
    assert printed.err == ""
    for part in re.split(r"^\.\.\.$", shown, flags=re.M):
        assert part.strip("\n") in printed.out


def test_the_architectures_are_read() -> None:
    texts = re.findall(r"```toml\n(.*?)```", README, re.S)
    nets = [sb.Network(**spec.arguments(spec.decode(text))) for text in texts]
    assert [net.output for net in nets] == [(3,), (10,)]
    assert [net.name for net in nets] == [tomllib.loads(text)["name"] for text in texts]


def test_the_python_block_runs() -> None:
    net = sb.Network.parse("64-32:tanh-10:softmax", loss="cross_entropy")
    assert str(sb.derive(net)["dJ/dW1"].matrix) == "delta1 @ x.T"
    verdict = sb.verify(net, "delta1 = (W2.T @ delta2) * g'(z1)")
    assert (verdict.ok, verdict.how) == (True, "exact")


def test_counts_in_the_readme() -> None:
    from symbp.catalogue import ACTIVATIONS, LOSSES, OPTIMIZERS, SCHEDULES

    (said,) = re.findall(
        r"(\d+) activations and softmax and\s+log_softmax.*?, (\d+) losses, (\d+) optimizers with (\d+) ", README, re.S
    )
    assert [*map(int, said)] == [len(ACTIVATIONS), len(LOSSES), len(OPTIMIZERS), len(SCHEDULES)]
