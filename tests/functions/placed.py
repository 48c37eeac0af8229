"""Functions that read and write parts of arrays: slices, gathers, windows, triangles, loops over taps. They are read as text."""

from __future__ import annotations

import numpy as np


def differences(x: "n t"):
    return np.tanh(x[:, 1:] - x[:, :-1])


def second_differences(x: "n t", w: "t"):
    d = np.diff(x * w, axis=1)
    return (d[:, 1:] - d[:, :-1]) ** 2


def smoothness(x: "n t"):
    return np.mean(np.diff(x, axis=-1) ** 2)


def last_state(h: "n t d", w: "d"):
    return h[:, -1] @ w


def first_and_last(h: "n t d"):
    return h[:, 0, :] * h[..., -1, :]


def every_other(x: "n t"):
    return np.exp(x[:, ::2]).sum(axis=1) + x[:, 1::2].sum(axis=1) ** 2


def every_third(x: "t"):
    return np.sin(x[1::3])


def backwards(x: "n t", w: "t"):
    return np.tanh(x[:, ::-1]) * w


def upside_down(x: "n t"):
    return np.flip(x, axis=0) * np.flip(x)


def inner_part(x: "h w"):
    return x[1:-1, 1:-1] * 4 - x[2:, 1:-1] - x[:-2, 1:-1] - x[1:-1, 2:] - x[1:-1, :-2]


def halves(x: "n d"):
    a, b = x[:, :2], x[:, 2:4]
    return a * np.exp(b) + x[:, 1:3]


def rotary(x: "n d", c: "n 1", s: "n 1"):
    even, odd = x[:, ::2][:, :2], x[:, 1::2][:, :2]
    return np.concatenate([even * c - odd * s, even * s + odd * c], axis=1)


def lagged(x: "n t", a=0.5):
    lag = np.pad(x, ((0, 0), (1, 0)))[:, :-1]
    return x - a * lag


def teacher(x: "n t", start: "n"):
    shifted = np.concatenate([start[:, None], x[:, :-1]], axis=1)
    return np.tanh(x * shifted)


def bordered(x: "h w"):
    return np.pad(np.cos(x), 1) * 2.0


def causal_conv(x: "n t", w: "k"):
    K = w.shape[0]
    padded = np.pad(x, ((0, 0), (K - 1, 0)))
    return np.lib.stride_tricks.sliding_window_view(padded, K, axis=1) @ w


def valid_conv(x: "n t", w: "3"):
    m = x.shape[1] - 2
    out = w[0] * x[:, :m]
    for i in range(1, 3):
        out = out + w[i] * x[:, i : i + m]
    return out


def taps(x: "n t", w: "k", b: ""):
    m = x.shape[1] - 3 + 1
    out = np.zeros((x.shape[0], m))
    for i in range(3):
        out += w[i] * x[:, i : i + m]
    return np.maximum(out + b, 0)


def strided_conv(x: "n t", w: "k"):
    return x[:, ::2][:, :-1] * w[0] + x[:, 1::2][:, : x[:, ::2].shape[1] - 1] * w[1]


def average_pool(x: "n t"):
    return (x[:, :-1:2] + x[:, 1::2]) / 2


def embedding(E: "v d", k: Int[Array, "n t"], W: "d m"):
    return np.tanh(E[k] @ W)


def bag(E: "v d", k: Int[Array, "n t"], w: "v"):
    return np.mean(E[k] * w[k][..., None], axis=1)


def tied(E: "v d", k: Int[Array, "n"]):
    h = np.tanh(np.take(E, k, axis=0))
    return h @ E.T


def cross_entropy(z: "n k", y: Int[Array, "n"]):
    z = z - z.max(axis=1, keepdims=True)
    logp = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    return -np.mean(logp[np.arange(z.shape[0]), y])


def likelihood(z: "n k", y: Int[Array, "n"]):
    p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    return -np.log(p[np.arange(len(z)), y]).sum()


def next_token(z: "n t v", k: Int[Array, "n t"]):
    logp = z - np.log(np.sum(np.exp(z), axis=-1, keepdims=True))
    return -np.take_along_axis(logp[:, :-1], k[:, 1:, None], axis=-1).mean()


def hinge(z: "n k", y: Int[Array, "n"]):
    right = z[np.arange(z.shape[0]), y]
    margins = np.maximum(0, z - right[:, None] + 1)
    margins[np.arange(z.shape[0]), y] = 0
    return margins.sum() / z.shape[0]


def one_hot(z: "n k", y: Int[Array, "n"]):
    Y = np.eye(z.shape[1])[y]
    return np.sum((1 / (1 + np.exp(-z)) - Y) ** 2)


def chosen(z: "n k", y: Int[Array, "n"]):
    return np.sum(z**2 * (y[:, None] == np.arange(z.shape[1])), axis=1)


def masked_scores(q: "t d", k: "t d"):
    return np.tril(q @ k.T) + np.triu(q @ k.T, k=2) ** 2


def finite_mask(S: "t t", v: "t d"):
    mask = np.triu(np.ones((S.shape[0], S.shape[0])), k=1)
    e = np.exp(S - 5 * mask)
    return (e / e.sum(axis=-1, keepdims=True)) @ v


def causal_average(x: "t d"):
    i = np.arange(x.shape[0])
    mask = i[:, None] >= i[None, :]
    return (mask @ np.exp(x)) / (i[:, None] + 1)


def stacked(x: "n d", y: "n d"):
    return np.tanh(np.stack([x, y, x * y], axis=1))


def side_by_side(x: "n d", y: "n k"):
    return np.hstack([x, np.exp(y)]) ** 2


def below(x: "n d", b: "d"):
    return np.vstack([x, b[None]]) ** 3


def running(x: "n t"):
    return np.cumsum(x, axis=1)[:, 1:] * x[:, :-1]


def shifted_into(x: "n t"):
    out = np.zeros_like(x)
    out[:, 1:] = x[:, :-1] ** 2
    return out + x


def ends(x: "n t"):
    y = x * 2
    y[:, 0] = np.exp(x[:, 1])
    y[:, -1] += x[:, 0]
    y[:, 1:-1] *= x[:, 2:]
    return y


def woven(a: "n t", b: "n t"):
    out = np.zeros((a.shape[0], 2 * a.shape[1]))
    out[:, ::2] = np.tanh(a)
    out[:, 1::2] = b**2
    return out


def one_frame(x: "n t", frame: "m"):
    out = np.zeros((x.shape[0] + 2, x.shape[1]))
    out[1:-1] = x * frame[0]
    return out


def histogram(w: "n", y: Int[Array, "n"], E: "v"):
    out = np.zeros_like(E)
    np.add.at(out, y, w**2)
    return out * E


def windows_by_index(x: "n t", w: "3"):
    idx = np.arange(x.shape[1] - 2)[:, None] + np.arange(3)
    return x[:, idx] @ w


def logs(x: "n t", u: "n t"):
    r = np.log1p(x**2)[:, 1:] / (1 + np.exp(u))[:, :-1]
    return r.sum(axis=0)


def middle(x: "n t d"):
    return np.swapaxes(x, 0, 1)[1:] * np.sqrt(1 + x.transpose(1, 0, 2)[:-1] ** 2)
