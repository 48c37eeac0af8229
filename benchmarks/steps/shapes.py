"""The networks whose steps are timed, with the weights and the batch that all contenders start from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float32]
Labels = npt.NDArray[np.int64]

RATES = {"sgd": 0.01, "adam": 1e-3}
"""The learning rate of each optimizer; the other settings are those of torch.optim, which all contenders have."""
BETA1, BETA2, EPS = 0.9, 0.999, 1e-8


@dataclass(frozen=True)
class Shape:
    """A chain of dense layers: relu and softmax with cross-entropy, or sigmoids with binary cross-entropy for one output.

    `burst` is how many steps are timed together.
    """

    sizes: tuple[int, ...]
    batch: int
    burst: int

    def __str__(self) -> str:
        return f"{'-'.join(map(str, self.sizes))} batch {self.batch}"

    @property
    def binary(self) -> bool:
        """Whether there is one output, a probability."""
        return self.sizes[-1] == 1

    @property
    def loss(self) -> str:
        """The loss, by symbp's name."""
        return "binary_cross_entropy" if self.binary else "cross_entropy"

    @property
    def architecture(self) -> str:
        """The short string that symbp reads."""
        hidden, last = ("sigmoid", "sigmoid") if self.binary else ("relu", "softmax")
        first, *middle, end = self.sizes
        return "-".join([str(first), *(f"{n}:{hidden}" for n in middle), f"{end}:{last}"])

    def weights(self) -> list[tuple[Array, Array]]:
        """For each layer W (out, in) and b (out,), drawn with a fixed seed."""
        rng = np.random.default_rng(7)
        pairs = zip(self.sizes[1:], self.sizes[:-1], strict=True)
        return [
            (
                (rng.uniform(-1, 1, (n, m)) * (6 / (n + m)) ** 0.5).astype(np.float32),
                (0.1 * rng.standard_normal(n)).astype(np.float32),
            )
            for n, m in pairs
        ]

    def data(self) -> tuple[Array, Labels]:
        """A batch x (N, in) and its labels (N,)."""
        rng = np.random.default_rng(11)
        x = rng.standard_normal((self.batch, self.sizes[0])).astype(np.float32)
        return x, rng.integers(0, max(2, self.sizes[-1]), self.batch)

    def needed(self, optimizer: str) -> int:
        """The bytes that live at once in a step that wastes none: the batch, the parameters with the optimizer's state, each
        layer's activation, and the largest gradient of a weight with the two deltas that stand beside it."""
        parameters = sum(n * (m + 1) for n, m in zip(self.sizes[1:], self.sizes[:-1], strict=True))
        largest = max(n * m for n, m in zip(self.sizes[1:], self.sizes[:-1], strict=True))
        activations = self.batch * sum(self.sizes)
        deltas = 2 * self.batch * max(self.sizes[1:])
        return 4 * (parameters * (3 if optimizer == "adam" else 1) + activations + deltas + largest) + 8 * self.batch


SHAPES = (
    Shape((2, 2, 1), 4, 20),
    Shape((64, 32, 10), 32, 20),
    Shape((784, 256, 128, 10), 128, 3),
    Shape((784, 512, 512, 10), 128, 3),
    Shape((784, 1024, 1024, 10), 256, 3),
)
