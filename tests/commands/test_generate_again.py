"""The command in a module's header makes the same bytes again, whatever options were given."""

from __future__ import annotations

import shlex

import pytest

import symbp as sb
from symbp.catalogue import OPTIMIZERS, SCHEDULES
from symbp.commands.main import run


def header_command(source: str) -> list[str]:
    """The command of the header as a shell takes it."""
    block = source.split('"""')[1].split("to make this file again:\n\n")[1].split("\n\n")[0]
    return shlex.split(block.replace("\\\n", " "))


OPTIONS = [
    "4-3:tanh-2:softmax",
    "4-3:tanh-2:softmax --no-bias --loss cross_entropy --dtype float64",
    "4-3:tanh-2 --loss huber --l1 0.1 --l2 1e-05 --reduction sum",
    "4-3:tanh-2 --optimizer adam --lr 0.01 --beta1 0.8 --beta2 0.95 --eps 1e-7 --schedule cosine --t-max 20 --eta-min 1e-4",
    "4-3:tanh-2 --lr 1",
    "-".join(["64", *["32:hard_sigmoid"] * 20, "10:softmax --lr 0.25 --l2 0.5"]),  # longer than a line
    "'my net.toml' --lr 0.2",
]


@pytest.mark.thinned(3)
@pytest.mark.parametrize("options", OPTIONS, ids=lambda o: o[:40])
def test_again(options, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my net.toml").write_text(
        "input = 4\nlayers = [{ dense = 2 }]\noptimizer = { adam = { beta1 = 0.7 } }\n"
    )
    assert run(["generate", *shlex.split(options)]) == 0
    source = capsys.readouterr().out
    again = header_command(source)
    assert again[0] == "symbp" and run(again[1:]) == 0
    assert capsys.readouterr().out == source


@pytest.mark.thinned(3)
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_every_setting_of_every_optimizer(name, capsys):
    settings = {setting: 0.625 for setting in OPTIMIZERS[name].settings}
    schedules = iter(SCHEDULES.values())
    for schedule in (next(schedules), *schedules):
        its = {setting: 0.375 for setting in schedule.settings}
        words = [w for n, v in {**settings, **its}.items() for w in (f"--{n.replace('_', '-')}", str(v))]
        assert run(["generate", "3-2", "--optimizer", name, "--schedule", schedule.name, *words]) == 0
        source = capsys.readouterr().out
        defaults = {name: source.count(f"{name}: float = {value},") for name, value in {**settings, **its}.items()}
        assert all(defaults.values()), defaults
        assert run(header_command(source)[1:]) == 0
        assert capsys.readouterr().out == source


def test_networks_made_in_python(capsys):
    optimizer = {"adam": {"lr": 0.01, "schedule": {"step": {"gamma": 0.5}}}}
    net = sb.Network.parse("4-3:tanh-2", bias=False, optimizer=optimizer, regularization={"l1": 0.1}, reduction="sum")
    source = sb.generate(net, dtype="float64")
    assert run(header_command(source)[1:]) == 0
    assert capsys.readouterr().out == source
    other = sb.generate(sb.Network.parse("4-2", loss={"huber": {"delta": 2}}))
    assert header_command(other) == ["symbp.generate(network)"]
