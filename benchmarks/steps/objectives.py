"""The losses of the shapes as plain NumPy functions of one and of two hidden layers, which tangent-ad reads as source."""

from __future__ import annotations

import numpy as np


def binary_one(W1, b1, W2, b2, x, y):  # type: ignore[no-untyped-def]
    """2-2-1: sigmoid, then the logit of binary cross-entropy."""
    a1 = 1.0 / (1.0 + np.exp(-(np.dot(x, np.transpose(W1)) + b1)))
    z2 = np.dot(a1, np.transpose(W2)) + b2
    return np.mean(np.log(1.0 + np.exp(-z2)) + (1.0 - y) * z2)


def softmax_one(W1, b1, W2, b2, x, y):  # type: ignore[no-untyped-def]
    """One hidden layer of relu, then the mean of -sum(y*log(softmax))."""
    a1 = np.maximum(np.dot(x, np.transpose(W1)) + b1, 0.0)
    z2 = np.dot(a1, np.transpose(W2)) + b2
    return np.sum(np.log(np.sum(np.exp(z2), axis=1)) - np.sum(y * z2, axis=1)) / len(x)


def softmax_two(W1, b1, W2, b2, W3, b3, x, y):  # type: ignore[no-untyped-def]
    """Two hidden layers of relu, then the mean of -sum(y*log(softmax))."""
    a1 = np.maximum(np.dot(x, np.transpose(W1)) + b1, 0.0)
    a2 = np.maximum(np.dot(a1, np.transpose(W2)) + b2, 0.0)
    z3 = np.dot(a2, np.transpose(W3)) + b3
    return np.sum(np.log(np.sum(np.exp(z3), axis=1)) - np.sum(y * z3, axis=1)) / len(x)
