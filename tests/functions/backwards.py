"""Forward functions with the backward functions that people write for them by hand: step by step, with caches, with dictionaries."""

import numpy as np


def layer_norm(x: "n d", gamma: "d", beta: "d", eps=1e-5):
    mu = x.mean(axis=1, keepdims=True)
    s = np.sqrt(((x - mu) ** 2).mean(axis=1, keepdims=True) + eps)
    return gamma * (x - mu) / s + beta


def layer_norm_backward(dy, x, gamma, mu, s):
    xhat = (x - mu) / s
    dgamma = (dy * xhat).sum(axis=0)
    dbeta = dy.sum(axis=0)
    dxhat = dy * gamma
    dx = dxhat - dxhat.mean(axis=1, keepdims=True) - xhat * (dxhat * xhat).mean(axis=1, keepdims=True)
    dx /= s
    return dx, dgamma, dbeta


def batchnorm_forward(x: "n d", gamma: "d", beta: "d", eps=1e-5):
    N, D = x.shape
    mu = 1.0 / N * np.sum(x, axis=0)
    xmu = x - mu
    sq = xmu**2
    var = 1.0 / N * np.sum(sq, axis=0)
    sqrtvar = np.sqrt(var + eps)
    ivar = 1.0 / sqrtvar
    xhat = xmu * ivar
    gammax = gamma * xhat
    out = gammax + beta
    cache = (xhat, gamma, xmu, ivar, sqrtvar, var, eps)
    return out, cache


def batchnorm_backward(dout, cache):
    xhat, gamma, xmu, ivar, sqrtvar, var, eps = cache
    N, D = dout.shape
    dbeta = np.sum(dout, axis=0)
    dgammax = dout
    dgamma = np.sum(dgammax * xhat, axis=0)
    dxhat = dgammax * gamma
    divar = np.sum(dxhat * xmu, axis=0)
    dxmu1 = dxhat * ivar
    dsqrtvar = -1.0 / (sqrtvar**2) * divar
    dvar = 0.5 * 1.0 / np.sqrt(var + eps) * dsqrtvar
    dsq = 1.0 / N * np.ones((N, D)) * dvar
    dxmu2 = 2 * xmu * dsq
    dx1 = dxmu1 + dxmu2
    dmu = -1 * np.sum(dxmu1 + dxmu2, axis=0)
    dx2 = 1.0 / N * np.ones((N, D)) * dmu
    dx = dx1 + dx2
    return dx, dgamma, dbeta


def affine_forward(x: "n d", w: "d m", b: "m"):
    out = x.dot(w) + b
    return out, {"x": x, "w": w}


def affine_backward(dout, cache):
    x, w = cache["x"], cache["w"]
    dx = dout.dot(w.T)
    dw = x.T.dot(dout)
    db = np.sum(dout, axis=0)
    return {"x": dx, "w": dw, "b": db}


def affine_relu_forward(x: "n d", w: "d m", b: "m"):
    a, fc_cache = affine_forward(x, w, b)
    out = np.maximum(0, a)
    cache = (fc_cache, a)
    return out, cache


def affine_relu_backward(dout, cache):
    fc_cache, a = cache
    da = dout * (a > 0)
    grads = affine_backward(da, fc_cache)
    return grads


def two_layer(X: "n d", y: "n k", W1: "d h", b1: "h", W2: "h k", b2: "k", reg=0.1):
    N = X.shape[0]
    h = np.maximum(0, X @ W1 + b1)
    scores = h @ W2 + b2
    scores -= scores.max(axis=1, keepdims=True)
    p = np.exp(scores)
    p /= p.sum(axis=1, keepdims=True)
    return -np.sum(y * np.log(p)) / N + 0.5 * reg * (np.sum(W1 * W1) + np.sum(W2 * W2))


def two_layer_backward(X, y, W1, b1, W2, b2, h, p, reg):
    grads = {}
    N = X.shape[0]
    dscores = (p - y) / N
    grads["W2"] = h.T @ dscores + reg * W2
    grads["b2"] = dscores.sum(axis=0)
    dh = dscores @ W2.T
    dh[h <= 0] = 0
    grads["W1"] = X.T @ dh + reg * W1
    grads["b1"] = dh.sum(axis=0)
    return grads


def attention(q: "t d", k: "s d", v: "s e"):
    scale = 1 / np.sqrt(q.shape[1])
    S = scale * q @ k.T
    P = np.exp(S - S.max(axis=1, keepdims=True))
    P = P / P.sum(axis=1, keepdims=True)
    return P @ v


def attention_backward(grad_out, q, k, v, P, scale):
    dv = P.T @ grad_out
    dP = grad_out @ v.T
    dS = P * (dP - np.sum(dP * P, axis=-1, keepdims=True))
    grad_q = scale * dS @ k
    grad_k = scale * dS.T @ q
    return grad_q, grad_k, dv


def dropout_mlp(x: "n i", W: "i h", b: "h", mask: "n h"):
    z = x @ W + b
    h = np.tanh(z) * mask
    return h


def dropout_mlp_backward(dh, x, W, z, mask):
    dz = dh * mask * (1 - np.tanh(z) ** 2)
    dx = dz @ W.T
    dW = x.T @ dz
    db = dz.sum(0)
    return {"x": dx, "W": dW, "b": db}


def lstm_step(x: "n i", h: "n k", c: "n k", Wi: "i k", Ui: "k k", Wg: "i k", Ug: "k k"):
    i = 1 / (1 + np.exp(-(x @ Wi + h @ Ui)))
    g = np.tanh(x @ Wg + h @ Ug)
    c_next = c + i * g
    return c_next


def lstm_step_backward(dc_next, x, h, i, g, Wi, Ui, Wg, Ug):
    di = dc_next * g
    dg = dc_next * i
    dai = di * i * (1 - i)
    dag = dg * (1 - g**2)
    dx = dai @ Wi.T + dag @ Wg.T
    dh = dai @ Ui.T + dag @ Ug.T
    return {"x": dx, "h": dh, "c": dc_next, "Wi": x.T @ dai, "Ui": h.T @ dai, "Wg": x.T @ dag, "Ug": h.T @ dag}


def ridge(w: "d", X: "n d", y: "n", lam=0.5):
    r = X @ w - y
    loss = np.mean(r**2) + lam * np.sum(w**2)
    dw = 2 * X.T @ r / len(y) + 2 * lam * w
    return loss, dw


def svm(W: "d k", X: "n d", Y: "n k", reg=0.1):
    scores = X @ W
    correct = np.sum(scores * Y, axis=1, keepdims=True)
    margins = np.maximum(0, scores - correct + 1) * (1 - Y)
    loss = margins.sum() / X.shape[0] + reg * np.sum(W * W)
    active = (margins > 0).astype(float)
    dscores = active - Y * active.sum(axis=1, keepdims=True)
    dW = X.T @ dscores / X.shape[0] + 2 * reg * W
    return loss, dW
