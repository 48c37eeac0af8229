import numpy as np


def layer_norm_backward(dy, x, gamma, mu, s):
    xhat = (x - mu) / s
    dgamma = (dy * xhat).sum(axis=0)
    dbeta = dy.sum(axis=0)
    dxhat = dy * gamma
    dx = (dxhat - dxhat.mean(axis=1, keepdims=True) - xhat * (dxhat * xhat).mean(axis=1, keepdims=True)) / s
    return dx, dgamma, dbeta
