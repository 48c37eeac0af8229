"""Functions that loop over the steps of an axis, as people write them."""

import numpy as np


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def rnn(x: "n t k", W: "k j", U: "j j", b: "j", h0: "n j"):
    h = h0
    hs = np.zeros((x.shape[0], x.shape[1], U.shape[0]))
    for t in range(x.shape[1]):
        h = np.tanh(x[:, t] @ W + h @ U + b)
        hs[:, t] = h
    return np.sum(hs**2)


def states(x: "n t k", W: "k j", U: "j j", b: "j"):
    N, T, K = x.shape
    h = np.zeros((N, U.shape[0]))
    hs = np.zeros((N, T, U.shape[0]))
    for t in range(T):
        z = x[:, t] @ W + h @ U + b
        h = np.tanh(z)
        hs[:, t] = h
    return hs


def last(x: "n t k", W: "k j", U: "j j", b: "j", h0: "n j"):
    h = h0
    for t in range(x.shape[1]):
        h = np.tanh(x[:, t, :] @ W + h @ U + b)
    return h


def from_behind(x: "n t k", W: "k j", U: "j j", h0: "n j"):
    T = x.shape[1]
    h = h0
    hs = np.zeros((x.shape[0], T, U.shape[0]))
    for t in reversed(range(T)):
        h = np.tanh(x[:, t] @ W + h @ U)
        hs[:, t] = h
    return np.sum(hs**3) + np.sum(h)


def listed(x: "n t k", W: "k j", U: "j j"):
    h = np.zeros((x.shape[0], U.shape[0]))
    hs = []
    for t in range(x.shape[1]):
        h = np.tanh(x[:, t] @ W + h @ U)
        hs.append(h)
    return np.stack(hs, axis=1)


def listed_back(x: "t k", W: "k j", U: "j j"):
    h = np.zeros(U.shape[0])
    hs = []
    for t in range(x.shape[0] - 1, -1, -1):
        h = np.tanh(x[t] @ W + h @ U)
        hs.append(h)
    return np.stack(hs)


def lstm_four(x: "n t k", Wi: "k j", Wf: "k j", Wo: "k j", Wg: "k j", Ui: "j j", Uf: "j j", Uo: "j j", Ug: "j j"):
    h = np.zeros((x.shape[0], Ui.shape[0]))
    c = np.zeros_like(h)
    for t in range(x.shape[1]):
        xt = x[:, t]
        i = sigmoid(xt @ Wi + h @ Ui)
        f = sigmoid(xt @ Wf + h @ Uf)
        o = sigmoid(xt @ Wo + h @ Uo)
        g = np.tanh(xt @ Wg + h @ Ug)
        c = f * c + i * g
        h = o * np.tanh(c)
    return h


def cost_of_steps(x: "n t k", y: "n t o", W: "k j", U: "j j", V: "j o"):
    h = np.zeros((x.shape[0], U.shape[0]))
    J = 0.0
    for t in range(x.shape[1]):
        h = np.tanh(x[:, t] @ W + h @ U)
        e = h @ V - y[:, t]
        J += np.sum(e**2)
    return J


def filtered(x: "t", a: "", s0: ""):
    s = s0
    total = 0.0
    for t in range(len(x)):
        s = a * s + (1 - a) * x[t]
        total = total + s**2
    return total


def two_after_another(x: "n t k", W: "k j", U: "j j", V: "j j"):
    h = np.zeros((x.shape[0], U.shape[0]))
    hs = np.zeros((x.shape[0], x.shape[1], U.shape[0]))
    for t in range(x.shape[1]):
        h = np.tanh(x[:, t] @ W + h @ U)
        hs[:, t] = h
    g = h
    for t in range(x.shape[1]):
        g = np.tanh(hs[:, t] + g @ V)
    return g


def added_to_all(x: "n t k", h0: "n k", c: "k"):
    h = h0
    for t in range(x.shape[1]):
        h = h + c
        h = h - x[:, t] * c
    return h


def rows_of_steps(A: "t t", v: "t"):
    c = np.zeros_like(v)
    for i in range(A.shape[0]):
        c += A[i] * v * v
    return c
