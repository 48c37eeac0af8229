"""Forward functions that read parts of arrays, with the backward functions that people write for them by hand."""

from __future__ import annotations

import numpy as np


def lag(x: "n t", a: ""):
    out = x[:, 1:] - a * x[:, :-1]
    return out


def lag_backward(dout, x, a):
    dx = np.zeros_like(x)
    dx[:, 1:] += dout
    dx[:, :-1] -= a * dout
    da = -(dout * x[:, :-1]).sum()
    return dx, da


def embed(E: "v d", idx: Int[Array, "n t"], P: "t d"):
    out = E[idx] + P
    return out


def embed_backward(dout, E, idx):
    dE = np.zeros_like(E)
    np.add.at(dE, idx, dout)
    dP = dout.sum(axis=0)
    return dE, dP


def xent(z: "n k", y: Int[Array, "n"]):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    loss = -np.log(p[np.arange(z.shape[0]), y]).mean()
    return loss


def xent_backward(p, y):
    dz = p.copy()
    dz[np.arange(p.shape[0]), y] -= 1
    dz /= p.shape[0]
    return dz


def conv(x: "n t", w: "3", b: ""):
    m = x.shape[1] - 2
    out = np.zeros((x.shape[0], m))
    for i in range(3):
        out += w[i] * x[:, i : i + m]
    out = out + b
    return out


def conv_backward(dout, x, w):
    m = dout.shape[1]
    dx, dw = np.zeros_like(x), np.zeros_like(w)
    for i in range(3):
        dw[i] = np.sum(dout * x[:, i : i + m])
        dx[:, i : i + m] += w[i] * dout
    db = dout.sum()
    return dx, dw, db


def padded(x: "n t", w: "k"):
    K = w.shape[0]
    xp = np.pad(x, ((0, 0), (K - 1, 0)))
    win = np.lib.stride_tricks.sliding_window_view(xp, K, axis=1)
    out = win @ w
    return out


def padded_backward(dout, win, w):
    dw = np.einsum("nt,ntk->k", dout, win)
    K = w.shape[0]
    dp = np.pad(dout, ((0, 0), (0, K - 1)))
    dx = np.lib.stride_tricks.sliding_window_view(dp, K, axis=1) @ w[::-1]
    return dx, dw


def joined(a: "n d", b: "n k"):
    c = np.concatenate([a, b], axis=1)
    out = np.tanh(c)
    return out


def joined_backward(dout, out, a, b):
    dc = dout * (1 - out**2)
    da = dc[:, : a.shape[1]]
    db = dc[:, a.shape[1] :]
    return da, db
