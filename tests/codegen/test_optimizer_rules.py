"""The generated optimizers step like torch.optim's: 100 steps in float64, against parameters that torch found.

data/optimizers.json is made by ``python benchmarks/optimizers.py --write``, which has torch and says its version: batches, the parameters
to start from, and for each optimizer, with settings, weight decay and schedules, the parameters after some of the steps.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from generated_module import from_source

import symbp as sb
from symbp.catalogue import OPTIMIZERS, SCHEDULES

STORED = json.loads((Path(__file__).parent / "data" / "optimizers.json").read_text(encoding="utf-8"))
X, Y = np.array(STORED["x"]), np.array(STORED["y"])
TOLERANCE = 1e-6


def name_of(case) -> str:  # type: ignore[no-untyped-def]
    return " ".join(
        [case["optimizer"], *case["settings"], *case.get("schedule", []), *(["l2"] if "l2" in case else [])]
    )


def module_of(case):  # type: ignore[no-untyped-def]
    schedule = {"schedule": case["schedule"]} if "schedule" in case else {}
    options = {"l2": case["l2"]} if "l2" in case else {}
    optimizer = {case["optimizer"]: {**case["settings"], **schedule}}
    net = sb.Network.parse(STORED["architecture"], loss=STORED["loss"], optimizer=optimizer, **options)
    return from_source(sb.generate(net, dtype="float64"))


def start():  # type: ignore[no-untyped-def]
    return {name: np.array(value) for name, value in STORED["start"].items()}


def same(params, wanted) -> bool:  # type: ignore[no-untyped-def]
    assert params.keys() == wanted.keys()
    return all(np.abs(params[n] - np.array(v)).max() <= TOLERANCE * np.abs(v).max() for n, v in wanted.items())


def test_every_optimizer_and_every_schedule_is_there() -> None:
    assert {case["optimizer"] for case in STORED["cases"]} == {*OPTIMIZERS}
    assert {name for case in STORED["cases"] for name in case.get("schedule", ["constant"])} == {*SCHEDULES}


STEPWISE = [case for case in STORED["cases"] if "schedule" not in case]
SCHEDULED = [case for case in STORED["cases"] if "schedule" in case]


@pytest.mark.thinned(3)
@pytest.mark.parametrize("case", STEPWISE, ids=name_of)
def test_trainer_steps_like_torch(case) -> None:  # type: ignore[no-untyped-def]
    params = start()
    trainer = module_of(case).Trainer(params, len(X[0]))
    for step in range(STORED["steps"]):
        trainer.step(X[step % len(X)], Y[step % len(X)])
        wanted = case["after"].get(str(step + 1))
        assert wanted is None or same(params, wanted), f"after step {step + 1}"


@pytest.mark.parametrize("case", STEPWISE, ids=name_of)
def test_a_setting_given_to_the_trainer_is_the_same_as_one_in_the_file(case) -> None:  # type: ignore[no-untyped-def]
    params = start()
    plain = module_of({**case, "settings": {}})
    trainer = plain.Trainer(params, len(X[0]), **case["settings"])
    for step in range(10):
        trainer.step(X[step % len(X)], Y[step % len(X)])
    assert same(params, case["after"]["10"])


@pytest.mark.thinned(3)
@pytest.mark.parametrize("case", SCHEDULED, ids=name_of)
def test_fit_follows_the_schedule_like_torch(case) -> None:  # type: ignore[no-untyped-def]
    params, steps = start(), STORED["steps"]
    module_of(case).fit(params, X[0], Y[0], epochs=steps, batch_size=len(X[0]))
    assert same(params, case["after"][str(steps)])


@pytest.mark.parametrize("case", [STEPWISE[2], STEPWISE[4], STEPWISE[10]], ids=name_of)
def test_a_wrong_rule_is_seen(case) -> None:  # type: ignore[no-untyped-def]
    """The test of the test: a learning rate that is a hundredth of a percent off."""
    params = start()
    made = module_of(case)
    lr = case["settings"].get("lr", 0.001)
    trainer = made.Trainer(params, len(X[0]), lr=1.0001 * lr)
    for step in range(STORED["steps"]):
        trainer.step(X[step % len(X)], Y[step % len(X)])
    assert not same(params, case["after"][str(STORED["steps"])])
