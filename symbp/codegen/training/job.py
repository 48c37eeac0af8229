"""A run to do, as one value: what is trained, on what, how, and where it is kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from symbp.codegen.training.data import DataSet
from symbp.codegen.training.options import Options
from symbp.network import Network


@dataclass(frozen=True, eq=False)
class Job:
    """A run to do.

    Parameters
    ----------
    net, data : the network, and data that are ready for it
    options : how it trains; its epochs count those before `resume` too
    state : what stands beside the parameters and is not trained, by name
    sample_weight : (N,), how much each example counts, or None
    name : of the module; that of the network or of the data where it is empty
    command : what generates the module again
    reading : where the data were read and how, for settings.toml
    notes : what was decided without being asked, to be said
    folder : where the run is kept, None for nowhere
    resume : the folder of a run to go on with
    overwrite : whether another run in the folder may be replaced
    """

    net: Network
    data: DataSet
    options: Options = field(default_factory=Options)
    state: Mapping[str, np.ndarray] = field(default_factory=dict)
    sample_weight: np.ndarray | None = None
    name: str = ""
    command: str = ""
    reading: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    folder: Path | None = None
    resume: Path | None = None
    overwrite: bool = False
