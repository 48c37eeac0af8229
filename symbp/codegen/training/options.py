"""How a run trains: its options, held to their ranges, and as settings.toml has them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from symbp.errors import InputError, unknown

_EPOCHS, _STEPS, _MOST_EPOCHS = 60, 2000, 1000


@dataclass(frozen=True)
class Options:
    """How a run trains: everything but the network and its optimizer, and the data.

    `epochs` None is 60, and on small data as many as make 2000 steps, but at most 1000; `batch_size` None is all examples
    in one batch; `held_out` is the fraction held out where the data have no such part
    of their own and at least ten examples; `patience` stops after so many epochs without a lower loss (held out, where
    there is such a part); `class_weight` is "balanced" or a weight for each class.

    Raises
    ------
    InputError : a number out of its range
    """

    epochs: int | None = None
    batch_size: int | None = 32
    seed: int = 0
    dtype: str = "float32"
    held_out: float = 0.2
    patience: int | None = None
    clip_norm: float | None = None
    class_weight: str | Mapping[int, float] | None = None

    def __post_init__(self) -> None:
        for name, least in (("epochs", 1), ("batch_size", 1), ("seed", 0), ("patience", 1)):
            value = getattr(self, name)
            if value is not None and (isinstance(value, bool) or not isinstance(value, int) or value < least):
                raise InputError(f"{name} is {value}", allowed=f"a whole number, {least} or more")
        if self.dtype not in ("float32", "float64"):
            raise unknown("dtype", self.dtype, ("float32", "float64"))
        if not 0 <= self.held_out < 1:
            raise InputError(f"held_out is {self.held_out}", allowed="0 or more, and less than 1")
        if self.clip_norm is not None and not 0 < self.clip_norm < float("inf"):
            raise InputError(f"clip_norm is {self.clip_norm}", allowed="a number above 0")

    def at(self, examples: int) -> Options:
        """The options with the number of epochs that so many examples call for, where none is given."""
        steps = math.ceil(examples / (self.batch_size or examples))
        wanted = min(max(_EPOCHS, math.ceil(_STEPS / steps)), _MOST_EPOCHS)
        return self if self.epochs is not None else replace(self, epochs=wanted)

    @property
    def written(self) -> dict[str, Any]:
        """The options as settings.toml has them."""
        values = asdict(self)
        if self.batch_size is None:
            values["batch_size"] = "all"
        if isinstance(self.class_weight, Mapping):
            values["class_weight"] = {str(k): v for k, v in self.class_weight.items()}
        return values

    @staticmethod
    def read(values: Mapping[str, Any]) -> Options:
        """The options that :attr:`written` gave. InputError: a name or a value that is not one of theirs."""
        values = dict(values)
        for name in values:
            if name not in Options.__dataclass_fields__:
                raise unknown("option of training", name, Options.__dataclass_fields__)
        if values.get("batch_size") == "all":
            values["batch_size"] = None
        if isinstance(values.get("class_weight"), Mapping):
            values["class_weight"] = {int(k): v for k, v in values["class_weight"].items()}
        return Options(**values)
