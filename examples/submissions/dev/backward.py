"""Homework 3: layer norm, backwards."""


def layer_norm_backward(dy, x, gamma, mu, s):
    """Gradients of x, gamma and beta."""
    xhat = (x - mu) / s
    dgamma = (dy * xhat).sum(axis=0)
    dbeta = dy.sum(axis=0)
    dxhat = dy * gamma
    dx = (dxhat - dxhat.mean(axis=1, keepdims=True) - xhat * (dxhat * xhat).mean(axis=1, keepdims=True)) / s
    return dx, dgamma, dbeta
