"""Graphs: what residual blocks cost to derive and to generate, and what it saves that blocks are alike.

    python benchmarks/graphs.py

Prints processor seconds, in the median of three, for residual blocks (dense, tanh, add) and for transformer blocks without a mask
(layer_norm, attention, add, layer_norm, mlp, add); SymPy is loaded and warm.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

from symbp.codegen import generate
from symbp.network import Layer, Network, layer
from symbp.network.derivation import derive


def residual(blocks: int, width: int = 16) -> Network:
    """Dense, then blocks of dense, tanh and the sum with what came in, then a softmax."""
    layers: list[str | Layer] = [layer("dense", width)]
    for k in range(blocks):
        before = len(layers)
        layers += [layer("dense", width), layer("tanh", name=f"t{k}"), layer("add", inputs=(before, f"t{k}"))]
    return Network(16, [*layers, layer("dense", 10), "softmax"])


def transformer(blocks: int, width: int = 32, heads: int = 4, positions: int = 16) -> Network:
    """Blocks as GPT-2 has them, without embedding and mask, against targets for every position."""
    layers: list[str | Layer] = [layer("dense", width)]
    for k in range(blocks):
        before = len(layers)
        layers += [
            "layer_norm",
            layer("attention", heads, name=f"at{k}"),
            layer("add", inputs=(before, f"at{k}"), name=f"h{k}"),
            "layer_norm",
            layer("mlp", 4 * width, name=f"f{k}"),
            layer("add", inputs=(f"h{k}", f"f{k}")),
        ]
    return Network((positions, width), [*layers, "layer_norm", layer("dense", 50), "softmax"])


def seconds(work: Callable[[], object]) -> float:
    """The median of three runs."""
    taken = []
    for _ in range(3):
        began = time.process_time()
        work()
        taken.append(time.process_time() - began)
    return statistics.median(taken)


def main() -> None:
    """Print the table."""
    generate(residual(2))
    generate(transformer(1))
    print(f"{'network':24} {'built':>7} {'derived':>8} {'generated':>10}")
    for name, make, counts in (("residual", residual, (1, 12, 100, 300)), ("transformer", transformer, (1, 12))):
        for count in counts:
            net = make(count)
            built = seconds(lambda make=make, count=count: make(count))  # type: ignore[misc]
            row = (built, seconds(lambda net=net: derive(net)), seconds(lambda net=net: generate(net)))  # type: ignore[misc]
            print(f"{f'{count} {name} blocks':24} {row[0]:7.2f} {row[1]:8.2f} {row[2]:10.2f}")


if __name__ == "__main__":
    main()
