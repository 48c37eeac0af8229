"""What is reached without learning: always the class that is most frequent, or always the mean."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from symbp.codegen.training.data.dataset import DataSet, has_labels
from symbp.errors import shown


@dataclass(frozen=True)
class Baseline:
    """The result of always giving one answer, on the held-out part where there is one, else on the part to train on.

    Parameters
    ----------
    answer : the class that is most frequent in the part to train on, or ``the mean``
    accuracy : the share of examples that it is right for; None where targets are numbers
    r2 : 1 less the sum of squared errors over that around the part's own mean, so 0 or a little less; None for classes
    """

    answer: str
    accuracy: float | None = None
    r2: float | None = None

    def beaten_by(self, *, accuracy: float | None = None, r2: float | None = None) -> bool:
        """Whether a result is better. True where it has nothing to compare."""
        if self.accuracy is not None and accuracy is not None:
            return accuracy > self.accuracy
        return r2 > max(self.r2, 0.0) if self.r2 is not None and r2 is not None else True

    def warning(self, *, accuracy: float | None = None, r2: float | None = None) -> str:
        """What to say of a result that is no better; empty where it is."""
        if self.beaten_by(accuracy=accuracy, r2=r2):
            return ""
        if self.accuracy is not None:
            return f"no better than always answering {self.answer}, which is right for {self.accuracy:.1%}"
        return f"no better than always answering {self.answer} of the targets (R2 0)"


def baseline(data: DataSet) -> Baseline:
    """The baseline of a data set: for labels, for targets of two values in one column, and for other targets."""
    y, held = data.y, data.y if data.y_validation is None else data.y_validation
    if not has_labels(y) and y.reshape(len(y), -1).shape[1] == 1:
        values = np.unique(y)
        if len(values) == 2:
            y, held = (part.reshape(-1) == values[1] for part in (y, held))
            y, held = y.astype(np.int64), held.astype(np.int64)
            return _majority(y, held, data, tuple(f"{value:g}" for value in values))
    if has_labels(y):
        return _majority(y, held, data, tuple(map(str, range(int(y.max()) + 1))))
    one_hot = y.ndim == 2 and y.shape[1] > 1 and bool(((y == 0) | (y == 1)).all() and (y.sum(axis=1) == 1).all())
    if one_hot:
        return _majority(y.argmax(axis=1), held.argmax(axis=1), data, tuple(map(str, range(y.shape[1]))))
    errors = ((held - y.mean(axis=0)) ** 2).sum(axis=0)
    spread = ((held - held.mean(axis=0)) ** 2).sum(axis=0)
    r2 = 1 - errors / np.where(spread > 0, spread, 1)
    return Baseline("the mean", r2=float(np.mean(np.where(spread > 0, r2, 0.0))))


def _majority(y: np.ndarray, held: np.ndarray, data: DataSet, labels: tuple[str, ...]) -> Baseline:
    most = int(np.bincount(y).argmax())
    names = data.classes or labels
    return Baseline(shown(names[most]), accuracy=float((held == most).mean()))
