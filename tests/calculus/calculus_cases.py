"""Programs that no dense network contains: index text, and the same forward map written by hand in JAX."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import jax.numpy as jnp
from jax.scipy.special import logsumexp
from jax.scipy.stats import norm

from symbp.calculus.language import read_program, read_scalar_function
from symbp.calculus.program import Program


@dataclass(frozen=True)
class Case:
    name: str
    text: str
    axes: dict[str, str]
    forward: Callable[..., Any]
    positive: tuple[str, ...] = ()  # tensors that only make sense with positive values
    rational: bool = False  # the whole program can be evaluated in fractions
    functions: dict[str, str] = field(default_factory=dict)
    sizes: dict[str, int] = field(default_factory=dict)  # where the usual ones would be slow

    @property
    def program(self) -> Program:
        functions = [read_scalar_function(name, text) for name, text in self.functions.items()]
        return read_program(self.text, [], functions, **self.axes)

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        names = sorted({a for axes in self.axes.values() for a in axes.split()})
        lengths = {a: n for n, a in enumerate(names, 2)} | self.sizes
        assert len(set(lengths.values())) == len(lengths)
        return {name: tuple(lengths[a] for a in axes.split()) for name, axes in self.axes.items()}


def _softmax(z: Any, axis: int = -1) -> Any:
    e = jnp.exp(z - z.max(axis, keepdims=True))
    return e / e.sum(axis, keepdims=True)


def _layer_norm(x: Any, gamma: Any, beta: Any, eps: Any, G: Any) -> Any:
    y = (x - x.mean(1, keepdims=True)) / jnp.sqrt(x.var(1, keepdims=True) + eps) * gamma + beta
    return (G * y).sum()


def _batch_norm(x: Any, gamma: Any, beta: Any, eps: Any, G: Any) -> Any:
    return (G * ((x - x.mean(0)) / jnp.sqrt(x.var(0) + eps) * gamma + beta)).sum()


def _attention(Q: Any, K: Any, V: Any, scale: Any, G: Any) -> Any:
    return (G * (_softmax(scale * Q @ K.T) @ V)).sum()


def _rbf(gamma: Any, x: Any, c: Any, w: Any, g: Any) -> Any:
    return g @ (jnp.exp(-gamma * ((x[:, None] - c[None]) ** 2).sum(-1)) @ w)


def _residual(x: Any, W: Any, V: Any, g: Any) -> Any:
    return (g * (x + jnp.tanh(x @ W.T) @ V.T) ** 2).sum()


def _two_towers(x: Any, W: Any, U: Any, g: Any) -> Any:
    a = jnp.tanh(x @ W.T)
    b = 1 / (1 + jnp.exp(-x @ U.T))
    return (g * (a * b + a) / (1 + b**2)).sum()


def _kinks(x: Any, y: Any, g: Any) -> Any:
    relu = jnp.where(x > 0, x, 0)
    leaky = jnp.where(y > 0, y, y / 100)
    return (g * (relu + leaky + jnp.maximum(x, y) * jnp.minimum(x, 2 * y) + jnp.abs(x - y) * jnp.sign(y))).sum()


def _smooth(x: Any, g: Any) -> Any:
    y = jnp.logaddexp(0, x) * norm.cdf(x) + jnp.sin(x) * jnp.cos(x) + jnp.arctan(x) + jnp.sinh(x / 3) / jnp.cosh(x)
    return (g * y).sum()


def _activations(x: Any, W: Any, g: Any) -> Any:
    z = x @ W.T
    return (g * (z / (1 + jnp.exp(-z))) * jnp.tanh(z)).sum()


def _gated(x: Any, W: Any, U: Any) -> Any:
    h = jnp.tanh(W @ x)
    return jnp.log(jnp.sum(jnp.exp(h * (U @ x)))) / jnp.sqrt(jnp.sum(h**2) + 1)


def _norm_const(x: Any, y: Any) -> Any:
    return (x @ y) / jnp.sqrt((x @ x) * (y @ y))


CASES = [
    Case("softmax cross-entropy",
         "a[n,k] = exp(z[n,k] - logsumexp(z[n,j], j))\nJ = -mean(sum(y[n,k]*log(a[n,k]), k), n)",
         {"z": "n k", "y": "n k"}, lambda z, y: -(y * jnp.log(_softmax(z))).sum(1).mean()),
    Case("softmax alone", "p[n,k] = exp(z[n,k] - logsumexp(z[n,j], j))\nJ = sum(G[n,k]*p[n,k], n, k)",
         {"z": "n k", "G": "n k"}, lambda z, G: (G * _softmax(z)).sum()),
    Case("log-sum-exp", "l[n] = logsumexp(z[n,k], k)\nJ = sum(g[n]*l[n]**2, n)",
         {"z": "n k", "g": "n"}, lambda z, g: (g * logsumexp(z, axis=1) ** 2).sum()),
    Case("log-sum-exp, middle axis", "l[n,d] = logsumexp(s*x[n,k,d], k)\nJ = sum(g[n,d]*l[n,d], n, d)",
         {"x": "n k d", "g": "n d", "s": ""}, lambda x, g, s: (g * logsumexp(s * x, axis=1)).sum()),
    Case("layer norm", "mu[n] = mean(x[n,d], d)\nc[n,d] = x[n,d] - mu[n]\nr[n] = 1/sqrt(mean(c[n,d]**2, d) + eps)\n"
         "y[n,d] = gamma[d]*c[n,d]*r[n] + beta[d]\nJ = sum(G[n,d]*y[n,d], n, d)",
         {"x": "n d", "gamma": "d", "beta": "d", "eps": "", "G": "n d"}, _layer_norm, positive=("eps",)),
    Case("batch norm", "mu[d] = mean(x[n,d], n)\nc[n,d] = x[n,d] - mu[d]\nv[d] = mean(c[n,d]**2, n)\n"
         "h[n,d] = c[n,d]/sqrt(v[d] + eps)\ny[n,d] = gamma[d]*h[n,d] + beta[d]\nJ = sum(G[n,d]*y[n,d], n, d)",
         {"x": "n d", "gamma": "d", "beta": "d", "eps": "", "G": "n d"}, _batch_norm, positive=("eps",)),
    Case("attention", "S[t,s] = scale*sum(Q[t,d]*K[s,d], d)\nP[t,s] = exp(S[t,s] - logsumexp(S[t,r], r))\n"
         "O[t,v] = sum(P[t,s]*V[s,v], s)\nJ = sum(G[t,v]*O[t,v], t, v)",
         {"Q": "t d", "K": "s d", "V": "s v", "scale": "", "G": "t v"}, _attention),
    Case("bilinear, three factors", "J = sum(G[o]*A[o,i,j]*u[i]*v[j], o, i, j)",
         {"G": "o", "A": "o i j", "u": "i", "v": "j"},
         lambda G, A, u, v: jnp.einsum("o,oij,i,j->", G, A, u, v), rational=True),
    Case("radial basis functions", "k[n,m] = exp(-gamma*sum((x[n,d] - c[m,d])**2, d))\ny[n] = sum(w[m]*k[n,m], m)\n"
         "J = sum(g[n]*y[n], n)", {"gamma": "", "x": "n d", "c": "m d", "w": "m", "g": "n"}, _rbf),
    Case("quadratic form", "J = sum(x[i]*A[i,j]*x[j], i, j)", {"x": "a", "A": "a a"}, lambda x, A: x @ A @ x,
         rational=True, sizes={"a": 4}),
    Case("trace of a chain", "J = sum(A[i,j]*B[j,k]*C[k,i], i, j, k)", {"A": "a b", "B": "b c", "C": "c a"},
         lambda A, B, C: jnp.trace(A @ B @ C), rational=True),
    Case("trace of a cube", "J = sum(A[i,j]*A[j,k]*A[k,i], i, j, k)", {"A": "a a"}, lambda A: jnp.trace(A @ A @ A),
         rational=True, sizes={"a": 3}),
    Case("chain of matrices", "P[i,k] = sum(A[i,j]*B[j,k], j)\nR[i,l] = sum(P[i,k]*C[k,l], k)\n"
         "J = sum(G[i,l]*R[i,l]**2, i, l)", {"A": "a b", "B": "b c", "C": "c d", "G": "a d"},
         lambda A, B, C, G: (G * (A @ B @ C) ** 2).sum(), rational=True),
    Case("two-branch residual", "h[n,i] = tanh(sum(W[i,j]*x[n,j], j))\ny[n,i] = x[n,i] + sum(V[i,j]*h[n,j], j)\n"
         "J = sum(g[n,i]*y[n,i]**2, n, i)", {"x": "n d", "W": "h d", "V": "d h", "g": "n d"}, _residual),
    Case("two towers", "a[n,i] = tanh(sum(W[i,j]*x[n,j], j))\nb[n,i] = sigmoid(sum(U[i,j]*x[n,j], j))\n"
         "J = sum(g[n,i]*(a[n,i]*b[n,i] + a[n,i])/(1 + b[n,i]^2), n, i)",
         {"x": "n d", "W": "h d", "U": "h d", "g": "n h"}, _two_towers),
    Case("maximum and product", "m[n] = max(x[n,d], d)\nq[n] = prod(x[n,d], d)\nJ = sum(g[n]*m[n] + h[n]*q[n], n)",
         {"x": "n d", "g": "n", "h": "n"}, lambda x, g, h: (g * x.max(1) + h * x.prod(1)).sum(), rational=True),
    Case("maximum over the first axis", "J = sum(g[d]*max(x[n,d]*y[n], n)**2, d)", {"x": "n d", "y": "n", "g": "d"},
         lambda x, y, g: (g * (x * y[:, None]).max(0) ** 2).sum(), rational=True),
    Case("kinks", "r[n,d] = where(x[n,d] > 0, x[n,d], 0)\nl[n,d] = y[n,d]*(step(y[n,d]) + 0.01*(1 - step(y[n,d])))\n"
         "J = sum(g[n,d]*(r[n,d] + l[n,d] + max(x[n,d], y[n,d])*min(x[n,d], 2*y[n,d])"
         " + abs(x[n,d] - y[n,d])*sign(y[n,d])), n, d)",
         {"x": "n d", "y": "n d", "g": "n d"}, _kinks, rational=True),
    Case("smooth functions", "J = sum(g[n]*(softplus(x[n])*normal_cdf(x[n]) + sin(x[n])*cos(x[n]) + atan(x[n])"
         " + sinh(x[n]/3)/cosh(x[n])), n)", {"x": "n", "g": "n"}, _smooth, sizes={"n": 4}),
    Case("functions of one's own", "z[n,i] = sum(W[i,j]*x[n,j], j)\na[n,i] = swish(z[n,i])*squash(z[n,i])\n"
         "J = sum(g[n,i]*a[n,i], n, i)", {"x": "n d", "W": "h d", "g": "n h"}, _activations,
         functions={"swish": "z/(1 + exp(-z))", "squash": "tanh(z)"}),
    Case("gated", "h[i] = tanh(sum(W[i,j]*x[j], j))\nJ = logsumexp(h[i]*sum(U[i,j]*x[j], j), i)/sqrt(sum(h[i]^2, i) + 1)",
         {"x": "d", "W": "h d", "U": "h d"}, _gated),
    Case("cosine", "J = sum(x[i]*y[i], i)/sqrt(sum(x[i]^2, i)*sum(y[i]^2, i))", {"x": "d", "y": "d"}, _norm_const,
         sizes={"d": 3}),
    Case("weighted entropy", "J = -sum(w[i]*xlogy(p[i], p[i]) + p[i]*log(p[i]/q[i]), i)", {"p": "d", "q": "d", "w": "d"},
         lambda p, q, w: -(w * p * jnp.log(p) + p * jnp.log(p / q)).sum(), positive=("p", "q"), sizes={"d": 3}),
]  # fmt: skip
