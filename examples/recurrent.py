"""A recurrent network as one writes it with NumPy: symbp derive examples/recurrent.py:rnn"""

# ruff: noqa: F722, F821
import numpy as np


def rnn(x: "n t k", W: "k j", U: "j j", b: "j", h0: "n j"):
    """Every state of a recurrent network; the first step begins at h0."""
    h = h0
    hs = np.zeros((x.shape[0], x.shape[1], U.shape[0]))
    for t in range(x.shape[1]):
        h = np.tanh(x[:, t] @ W + h @ U + b)
        hs[:, t] = h
    return hs
