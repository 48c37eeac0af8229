"""Forward maps and update rules, in the index language: everything else about them is derived."""

from symbp.catalogue.activations import ACTIVATIONS
from symbp.catalogue.blocks import BLOCKS
from symbp.catalogue.kinds import Activation, BlockKind, LayerKind, LossKind, OptimizerKind, ScheduleKind
from symbp.catalogue.layers import LAYERS
from symbp.catalogue.losses import LOSSES, REGULARIZERS
from symbp.catalogue.optimizers import OPTIMIZERS, SCHEDULES

__all__ = [
    "ACTIVATIONS", "BLOCKS", "LAYERS", "LOSSES", "OPTIMIZERS", "REGULARIZERS", "SCHEDULES",
    "Activation", "BlockKind", "LayerKind", "LossKind", "OptimizerKind", "ScheduleKind",
]  # fmt: skip
