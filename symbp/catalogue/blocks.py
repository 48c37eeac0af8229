"""The blocks: names that stand for several layers, each of which is in the catalogue."""

from __future__ import annotations

from collections.abc import Mapping

from symbp.catalogue.kinds import BlockKind, Part

_ENTRIES = (
    BlockKind(
        "transformer_block",
        layers=(
            Part("layer_norm", {"eps": "eps", "bias": "bias"}),
            Part("attention", {"heads": "heads", "causal": "causal", "bias": "bias"}),
            Part("add", inputs=(0, 2)),
            Part("layer_norm", {"eps": "eps", "bias": "bias"}),
            Part("mlp", {"width": "width", "activation": "activation", "bias": "bias"}),
            Part("add", inputs=(3, 5)),
        ),
        needs=("heads",),
        settings={"width": 2048, "activation": "relu", "causal": False, "bias": True, "eps": 1e-5},
        source="Radford et al. 2019, section 2.3: the norms come first; defaults as torch's TransformerEncoderLayer has them",
    ),
)

BLOCKS: Mapping[str, BlockKind] = {entry.name: entry for entry in _ENTRIES}
"""Blocks by name."""
