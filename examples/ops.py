"""Functions as people write them, to be derived, printed, generated and verified: symbp reads this file and does not run it.

symbp derive examples/ops.py:layer_norm -o layer_norm.pdf
symbp generate examples/ops.py:layer_norm -o layer_norm_grad.py
symbp verify examples/ops.py:layer_norm_backward --of layer_norm
"""

# ruff: noqa: F722, F821
import numpy as np


def layer_norm(x: "n d", gamma: "d", beta: "d", eps=1e-5):
    """Layer normalisation (Ba, Kiros and Hinton 2016)."""
    mu = x.mean(axis=1, keepdims=True)
    s = np.sqrt(((x - mu) ** 2).mean(axis=1, keepdims=True) + eps)
    return gamma * (x - mu) / s + beta


def layer_norm_backward(dy, x, gamma, mu, s):
    """Somebody's backward by hand, with two mistakes."""
    xhat = (x - mu) / s
    dgamma = (dy * xhat).sum(axis=0)
    dbeta = dy.mean(axis=0)
    dxhat = dy * gamma
    dx = (dxhat - xhat * (dxhat * xhat).mean(axis=1, keepdims=True)) / s
    return dx, dgamma, dbeta


def softmax(z: "n k"):
    """Softmax of every row, guarded against overflow."""
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def attention(Q: "t d", K: "s d", V: "s e"):
    """Scaled dot-product attention (Vaswani et al. 2017, equation 1)."""
    P = softmax(Q @ K.T / np.sqrt(Q.shape[1]))
    return P @ V
