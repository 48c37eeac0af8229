"""Functions that read parts of arrays, in plain NumPy: an embedding, the next token, a filter that looks back; one mistake."""

# ruff: noqa: F722, F821
import numpy as np


def embed(E: "v d", idx: 'Int[Array, "n t"]', P: "t d"):
    """A row of E for each token, and one for its position."""
    out = E[idx] + P
    return out


def embed_backward(dout, E, idx):
    """A token that stands twice gets one of its two gradients: np.add.at would add both."""
    dE = np.zeros_like(E)
    dE[idx] += dout
    dP = dout.sum(axis=0)
    return dE, dP


def next_token(z: "n t v", k: 'Int[Array, "n t"]'):
    """The cross-entropy of scores with the tokens that come next."""
    logp = z - np.log(np.exp(z).sum(axis=-1, keepdims=True))
    return -np.take_along_axis(logp[:, :-1], k[:, 1:, None], axis=-1).mean()


def pre_emphasis(x: "n t", a: ""):
    """Each sample less a part of the one before it."""
    y = x.copy()
    y[:, 1:] -= a * x[:, :-1]
    return y
