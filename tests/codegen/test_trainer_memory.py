"""A trainer's step allocates nothing."""

import tracemalloc

import numpy as np
import pytest
from trainer_steps import LAST, made, targets

from symbp.catalogue import ACTIVATIONS, LOSSES, OPTIMIZERS

NUMPYS_OWN = 2 * 8192 * 4 + 4096
"""What NumPy takes inside one call, in bytes: where shapes are broadcast or dtypes differ it goes through buffers of 8192 entries,
whatever the arrays' length; beside them views, numbers and index arrays of a few hundred bytes, and 8 bytes an example for
the places of labels."""

ALLOCATION = [
    *((a, "softmax", "cross_entropy", "sgd") for a in ACTIVATIONS if a != "exp"),
    *(("tanh", LAST.get(loss, "identity"), loss, "momentum") for loss in LOSSES),
    *(("relu", "softmax", "cross_entropy", o) for o in OPTIMIZERS),
]


@pytest.mark.thinned(3)
@pytest.mark.parametrize(
    "hidden, last, loss, optimizer",
    [pytest.param(*row, marks=pytest.mark.sweep if k % 3 else ()) for k, row in enumerate(ALLOCATION)],
)
def test_a_step_allocates_nothing(hidden, last, loss, optimizer):
    net, m = made(hidden, last, loss, optimizer, sizes=(40, 90, 80))
    rng = np.random.default_rng(16)
    n = 600
    smallest = 4 * min(n * 80, 90 * 40 * 8)
    assert smallest > NUMPYS_OWN, "an array of a layer would not be seen"
    trainer = m.Trainer(m.init(), n, lr=1e-4, clip_norm=10.0)
    x = rng.normal(size=(n, 40)).astype(np.float32)
    for labels in (False, True) if net.loss_kind.labels else (False,):
        y = targets(net, n, rng, labels)
        y = y if labels else y.astype(np.float32)
        for size in (n, n // 2):
            trainer.step(x[:size], y[:size])
        tracemalloc.start()
        try:
            trainer.step(x, y)
            tracemalloc.reset_peak()
            before = tracemalloc.get_traced_memory()[0]
            for size in (n, n // 2, n):
                trainer.step(x[:size], y[:size])
            after, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert peak - before < NUMPYS_OWN
        assert after - before < 4096
