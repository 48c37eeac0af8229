# ruff: noqa: F722, F821
"""A two-layer classifier written out, examples in rows."""

import numpy as np


def forward(X: "n d", W1: "d h", b1: "h", W2: "h k", b2: "k", Y: "n k"):
    h = np.maximum(0, X @ W1 + b1)
    scores = h @ W2 + b2
    e = np.exp(scores - scores.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    return -(Y * np.log(p)).sum() / X.shape[0]


def backward(X: "n d", W1: "d h", b1: "h", W2: "h k", b2: "k", Y: "n k"):
    n = X.shape[0]
    a = X @ W1 + b1
    h = np.maximum(0, a)
    scores = h @ W2 + b2
    e = np.exp(scores - scores.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    dscores = (p - Y) / n
    dW2 = h.T @ dscores  # = right
    db2 = dscores.sum(axis=0)  # = right
    dh = dscores @ W2.T
    dh[a <= 0] = 0
    dW1 = X.T @ dh  # = right
    db1 = dh.mean(axis=0)  # = wrong missing_sum
    return dW1, db1, dW2, db2
