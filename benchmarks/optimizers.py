"""The generated optimizers beside torch.optim: 100 steps of the same network in float64, each parameter to 1e-6.

    python benchmarks/optimizers.py [--write]

``--write`` stores what torch found in tests/codegen/data/optimizers.json, which the tests compare with where there is no torch.
Exit status 1 where a parameter differs by more, 2 where torch is not installed.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

import symbp as sb
from symbp.codegen.training.running import imported

STORED = Path(__file__).parents[1] / "tests" / "codegen" / "data" / "optimizers.json"
ARCHITECTURE, LOSS, STEPS, TOLERANCE = "5-4:tanh-3", "sse", 100, 1e-6
SHOWN = (1, 10, STEPS)
"""The steps after which parameters are compared."""

CASES: list[dict[str, Any]] = [
    {"optimizer": "sgd", "settings": {"lr": 0.05}},
    {"optimizer": "sgd", "settings": {"lr": 0.05}, "l2": 0.01},
    {"optimizer": "momentum", "settings": {"lr": 0.02, "momentum": 0.9}},
    {"optimizer": "momentum", "settings": {"lr": 0.02, "momentum": 0.5}, "l2": 0.1},
    {"optimizer": "nesterov", "settings": {"lr": 0.02, "momentum": 0.9}},
    {"optimizer": "nesterov", "settings": {"lr": 0.01, "momentum": 0.99}},
    {"optimizer": "adagrad", "settings": {"lr": 0.1}},
    {"optimizer": "adagrad", "settings": {"lr": 0.1, "lr_decay": 0.05, "eps": 1e-3}},
    {"optimizer": "rmsprop", "settings": {"lr": 0.01}},
    {"optimizer": "rmsprop", "settings": {"lr": 0.01, "alpha": 0.8, "eps": 1e-4}},
    {"optimizer": "adam", "settings": {}},
    {"optimizer": "adam", "settings": {"lr": 0.02, "beta1": 0.7, "beta2": 0.95, "eps": 1e-5}, "l2": 0.02},
    {"optimizer": "adamw", "settings": {}},
    {"optimizer": "adamw", "settings": {"lr": 0.02, "weight_decay": 0.3}},
    {"optimizer": "sgd", "settings": {"lr": 0.05}, "schedule": {"step": {"step_size": 30, "gamma": 0.3}}},
    {"optimizer": "momentum", "settings": {"lr": 0.05}, "schedule": {"cosine": {"t_max": 100, "eta_min": 0.001}}},
    {"optimizer": "adam", "settings": {"lr": 0.02}, "schedule": {"cosine": {"t_max": 40}}},
    {"optimizer": "adamw", "settings": {"lr": 0.02}, "schedule": {"step": {"step_size": 7, "gamma": 0.9}}},
]  # fmt: skip
"""What is compared. With a schedule the steps are epochs of `fit` on the first batch, else they go through all batches."""


def problem() -> dict[str, Any]:
    """Five batches of seven examples, and the parameters to start from."""
    rng = np.random.default_rng(3)
    shapes = {"W1": (4, 5), "b1": (4,), "W2": (3, 4), "b2": (3,)}
    return {
        "x": rng.standard_normal((5, 7, 5)).tolist(),
        "y": rng.standard_normal((5, 7, 3)).tolist(),
        "start": {name: rng.normal(0, 0.5, shape).tolist() for name, shape in shapes.items()},
    }


def by_torch(case: dict[str, Any], given: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The parameters after the steps shown, by torch."""
    import torch

    params = {n: torch.tensor(v, dtype=torch.float64, requires_grad=True) for n, v in given["start"].items()}
    s = {"lr": 1e-3, "momentum": 0.9, "beta1": 0.9, "beta2": 0.999, **case["settings"]}
    rest = {k: v for k, v in case["settings"].items() if k not in ("beta1", "beta2", "momentum", "lr", "weight_decay")}
    decay = {"weight_decay": case["settings"]["weight_decay"]} if "weight_decay" in case["settings"] else {}
    l2 = case.get("l2", 0.0)
    groups: list[dict[str, Any]] = [
        {"params": [p for n, p in params.items() if n[0] == "W"], **({"weight_decay": l2} if l2 else {})},
        {"params": [p for n, p in params.items() if n[0] == "b"]},
    ]
    betas = (s["beta1"], s["beta2"])
    make: dict[str, Any] = {
        "sgd": lambda: torch.optim.SGD(groups, s["lr"]),
        "momentum": lambda: torch.optim.SGD(groups, s["lr"], s["momentum"]),
        "nesterov": lambda: torch.optim.SGD(groups, s["lr"], s["momentum"], nesterov=True),
        "adagrad": lambda: torch.optim.Adagrad(groups, s["lr"], **rest),
        "rmsprop": lambda: torch.optim.RMSprop(groups, s["lr"], **rest),
        "adam": lambda: torch.optim.Adam(groups, s["lr"], betas, **rest),
        "adamw": lambda: torch.optim.AdamW(groups, s["lr"], betas, **decay, **rest),
    }
    rule = make[case["optimizer"]]()
    schedules: dict[str, Any] = {
        "step": lambda step_size, gamma: torch.optim.lr_scheduler.StepLR(rule, step_size, gamma),
        "cosine": lambda t_max, eta_min=0.0: torch.optim.lr_scheduler.CosineAnnealingLR(rule, t_max, eta_min),
    }
    schedule = next((schedules[name](**its) for name, its in case.get("schedule", {}).items()), None)
    x, y = (torch.tensor(given[k], dtype=torch.float64) for k in "xy")
    found = {}
    for step in range(STEPS):
        k = 0 if schedule else step % len(x)
        out = torch.tanh(x[k] @ params["W1"].T + params["b1"]) @ params["W2"].T + params["b2"]
        rule.zero_grad()
        (((out - y[k]) ** 2).sum() / 2 / len(x[k])).backward()
        rule.step()
        if schedule:
            schedule.step()
        if step + 1 in (SHOWN[-1:] if schedule else SHOWN):
            found[str(step + 1)] = {n: p.tolist() for n, p in params.items()}
    return found


def module_of(case: dict[str, Any]) -> ModuleType:
    """The generated module, imported."""
    schedule = {"schedule": case["schedule"]} if "schedule" in case else {}
    options = {"l2": case["l2"]} if "l2" in case else {}
    optimizer = {case["optimizer"]: {**case["settings"], **schedule}}
    source = sb.generate(sb.Network.parse(ARCHITECTURE, loss=LOSS, optimizer=optimizer, **options), dtype="float64")
    with imported(source) as made:
        return made


def by_symbp(case: dict[str, Any], given: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The parameters after the steps shown, by the generated module."""
    made = module_of(case)
    params = {name: np.array(value) for name, value in given["start"].items()}
    x, y = np.array(given["x"]), np.array(given["y"])
    if "schedule" in case:
        made.fit(params, x[0], y[0], epochs=STEPS, batch_size=len(x[0]))
        return {str(STEPS): params}
    trainer, found = made.Trainer(params, len(x[0])), {}
    for step in range(STEPS):
        trainer.step(x[step % len(x)], y[step % len(x)])
        if step + 1 in SHOWN:
            found[str(step + 1)] = {n: p.copy() for n, p in params.items()}
    return found


def difference(ours: dict[str, dict[str, Any]], theirs: dict[str, dict[str, Any]]) -> float:
    """The largest difference of a parameter, relative to its array's largest element; infinity for what is not a number."""
    found = [
        np.abs(np.array(value) - ours[step][name]).max() / np.abs(value).max()
        for step, values in theirs.items()
        for name, value in values.items()
    ]
    return float(np.nan_to_num(found, nan=np.inf).max())


def main() -> int:
    """Compare and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--write", action="store_true", help="store torch's parameters for the tests")
    given = parser.parse_args()
    if importlib.util.find_spec("torch") is None:
        print("torch is not installed: pip install 'symbp[bench]'", file=sys.stderr)
        return 2
    import torch

    about, worst, stored = problem(), 0.0, []
    for case in CASES:
        theirs = by_torch(case, about)
        found = difference(by_symbp(case, about), theirs)
        worst = max(worst, found)
        stored.append({**case, "after": theirs})
        rest = {k: v for k, v in case.items() if k != "optimizer"}
        print(f"{case['optimizer']:<10} {found:.1e}   {rest}")
    print(
        f"the largest relative difference after {', '.join(map(str, SHOWN))} steps is {worst:.1e} (limit {TOLERANCE})"
    )
    if given.write:
        head = {"made_by": "python benchmarks/optimizers.py --write", "torch": torch.__version__.split("+")[0]}
        head |= {"architecture": ARCHITECTURE, "loss": LOSS, "steps": STEPS, **about}
        lines = ",\n".join(json.dumps(case) for case in stored)
        STORED.write_text(f'{json.dumps(head)[:-1]},\n"cases": [\n{lines}\n]}}\n', encoding="utf-8")
    return 0 if worst <= TOLERANCE else 1


if __name__ == "__main__":
    sys.exit(main())
