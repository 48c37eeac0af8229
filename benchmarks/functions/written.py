"""The functions of the comparison, as people write them: text for symbp, code for the others."""

import numpy as np


def softmax(z: "n k"):
    z = z - np.max(z, axis=1, keepdims=True)
    e = np.exp(z)
    return e / np.sum(e, axis=1, keepdims=True)


def cross_entropy(z: "n k", y: "n k"):
    s = z - np.max(z, axis=1, keepdims=True)
    log_p = s - np.log(np.sum(np.exp(s), axis=1, keepdims=True))
    return -np.sum(y * log_p)


def layer_norm(x: "n d", gamma: "d", beta: "d"):
    mu = np.mean(x, axis=1, keepdims=True)
    var = np.mean((x - mu) ** 2, axis=1, keepdims=True)
    return gamma * (x - mu) / np.sqrt(var + 1e-5) + beta


def batch_norm(x: "n d", gamma: "d", beta: "d"):
    mu = np.mean(x, axis=0)
    var = np.mean((x - mu) ** 2, axis=0)
    return gamma * (x - mu) / np.sqrt(var + 1e-5) + beta


def rms_norm(x: "n d", w: "d"):
    return w * x / np.sqrt(np.mean(x**2, axis=1, keepdims=True) + 1e-6)


def gelu(x: "n d"):
    return 0.5 * x * (1 + np.tanh(0.7978845608028654 * (x + 0.044715 * x**3)))


def sigmoid_loss(z: "n d", y: "n d"):
    p = 1 / (1 + np.exp(-z))
    return -np.sum(y * np.log(p) + (1 - y) * np.log(1 - p))


def cosine(a: "n d", b: "n d"):
    dot = np.sum(a * b, axis=1)
    return dot / (np.sqrt(np.sum(a**2, axis=1)) * np.sqrt(np.sum(b**2, axis=1)))


def attention(q: "t d", k: "s d", v: "s e"):
    scores = np.dot(q, np.transpose(k)) / 8.0
    e = np.exp(scores - np.max(scores, axis=1, keepdims=True))
    p = e / np.sum(e, axis=1, keepdims=True)
    return np.dot(p, v)


def mlp(x: "n d", W: "d h", b: "h", V: "h k"):
    h = np.tanh(np.dot(x, W) + b)
    return np.dot(h, V)
