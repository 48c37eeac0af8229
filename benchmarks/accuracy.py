"""The generated trainer beside scikit-learn's MLP on tables that scikit-learn ships: the same networks, settings and splits.

    python benchmarks/accuracy.py [--seeds N] [--json FILE]

adam, standardised inputs (and targets of the regression), l2, a fifth held out, five seeds. Exit status 1 where the mean
accuracy is not within a point of scikit-learn's, or the mean R2 not within 0.01; 2 where scikit-learn is not installed.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import statistics
import sys
import warnings
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import numpy.typing as npt

import symbp as sb
from symbp.codegen.training.running import imported

Array = npt.NDArray[Any]
BEYOND = 0.01
"""A point of accuracy, or as much of R2."""


@dataclass(frozen=True)
class Case:
    """A table with the network that learns it."""

    table: str
    hidden: int
    activation: str
    lr: float
    batch: int
    epochs: int
    l2: float
    classes: bool = True

    def network(self, inputs: int, outputs: int) -> sb.Network:
        """The network by symbp: the weights' penalty as scikit-learn has it, alpha/2 over the examples of a batch."""
        arch = f"{inputs}-{self.hidden}:{self.activation}-{outputs}" + (":softmax" if self.classes else "")
        loss = "cross_entropy" if self.classes else "sse"
        return sb.Network.parse(arch, loss=loss, optimizer={"adam": {"lr": self.lr}}, l2=self.l2 / self.batch)


CASES = (
    Case("wine", 32, "relu", 0.005, 16, 60, 0.01),
    Case("breast_cancer", 32, "relu", 0.002, 35, 40, 0.01),
    Case("digits", 64, "tanh", 0.002, 32, 30, 0.001),
    Case("diabetes", 16, "tanh", 0.005, 40, 100, 4.0, classes=False),
)
"""scikit-learn divides the penalty by the size of the batch at hand: batches are such that the last one is nearly whole."""


def split(case: Case, seed: int) -> tuple[Array, Array, Array, Array]:
    """x, y to train on and x, y held out, standardised by the training part."""
    from sklearn import datasets
    from sklearn.model_selection import train_test_split

    x, y = getattr(datasets, f"load_{case.table}")(return_X_y=True)
    stratify = y if case.classes else None
    x, x_test, y, y_test = train_test_split(x, y, test_size=0.2, random_state=seed, stratify=stratify)
    mean, spread = x.mean(axis=0), x.std(axis=0)
    spread[spread == 0] = 1
    x, x_test = ((part - mean) / spread for part in (x, x_test))
    if not case.classes:
        y, y_test = ((part - y.mean()) / y.std() for part in (y, y_test))
    return x, y, x_test, y_test


def score(case: Case, y: Array, predicted: Array) -> float:
    """The accuracy, or R2."""
    if case.classes:
        return float((predicted == y).mean())
    return 1 - float(((predicted - y) ** 2).sum() / ((y - y.mean()) ** 2).sum())


def by_symbp(case: Case, made: ModuleType, seed: int) -> float:
    """The score of the generated module's fit."""
    x, y, x_test, y_test = split(case, seed)
    params = made.init(seed, np.float64)
    made.fit(params, x, y, epochs=case.epochs, batch_size=case.batch, seed=seed)
    out = made.predict(params, x_test)
    return score(case, y_test, out.argmax(axis=1) if case.classes else out[:, 0])


def by_scikit_learn(case: Case, seed: int) -> float:
    """The score of scikit-learn's, with as many epochs and no stopping before."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.neural_network import MLPClassifier, MLPRegressor

    x, y, x_test, y_test = split(case, seed)
    kind = MLPClassifier if case.classes else MLPRegressor
    net = kind(
        hidden_layer_sizes=(case.hidden,), activation=case.activation, solver="adam", alpha=case.l2, batch_size=case.batch,
        learning_rate_init=case.lr, max_iter=case.epochs, n_iter_no_change=case.epochs, tol=0.0, random_state=seed,
    )  # fmt: skip
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # the epochs are counted, whatever it would like
        net.fit(x, y)
    return score(case, y_test, net.predict(x_test))


def main() -> int:
    """Train both and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--json", metavar="FILE", help="write every score")
    given = parser.parse_args()
    if importlib.util.find_spec("sklearn") is None:
        print("scikit-learn is not installed: pip install 'symbp[bench]'", file=sys.stderr)
        return 2
    rows = []
    print(f"| table | measure | symbp | scikit-learn | difference | over {given.seeds} seeds |")
    print("| --- | --- | ---: | ---: | ---: | --- |")
    for case in CASES:
        x, y, *_ = split(case, 0)
        with imported(sb.generate(case.network(x.shape[1], len(np.unique(y)) if case.classes else 1))) as made:
            ours = [by_symbp(case, made, seed) for seed in range(given.seeds)]
        theirs = [by_scikit_learn(case, seed) for seed in range(given.seeds)]
        a, b = statistics.fmean(ours), statistics.fmean(theirs)
        rows.append({"table": case.table, "symbp": ours, "scikit-learn": theirs, "beyond": not abs(a - b) <= BEYOND})
        unit, name = (100.0, "accuracy %") if case.classes else (1.0, "R2")
        digits = 1 if case.classes else 3
        numbers = " | ".join(f"{unit * v:.{digits}f}" for v in (a, b))
        said = f"{unit * min(ours):.{digits}f} to {unit * max(ours):.{digits}f}"
        mark = ", beyond the limit" if rows[-1]["beyond"] else ""
        print(f"| {case.table} | {name} | {numbers} | {unit * (a - b):+.{digits}f} | {said}{mark} |", flush=True)
    if given.json:
        Path(given.json).write_text(json.dumps(rows, indent=1), encoding="utf-8")
    return 1 if any(row["beyond"] for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
