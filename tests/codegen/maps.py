"""Maps in the index language that tests generate modules of, each with what JAX makes of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import jax
import jax.numpy as jnp
from sympy import Rational

from symbp.calculus.language import read_program
from symbp.calculus.named_parts import with_named_parts
from symbp.calculus.program import ScalarFunction, Tensor
from symbp.network.forward import ForwardMap, Source
from symbp.network.upstream import against_upstream


@dataclass(frozen=True)
class Case:
    """A map: its lines, its arguments with their axes, its results, the values of further scalars, and the same in JAX.

    `draw` says of an argument that it lies between two numbers, or that its rows add up to 1; others are normal.
    """

    lines: str
    axes: Mapping[str, str]
    results: tuple[str, ...]
    jax: Callable[..., Any] | None
    defaults: Mapping[str, str] = field(default_factory=dict)
    draw: Mapping[str, tuple[float, float]] = field(default_factory=dict)


def mapped(name: str, case: Case, functions: tuple[ScalarFunction, ...] = ()) -> ForwardMap:
    """The forward map of a case."""
    constants = [Tensor(n, (), "constant") for n in case.defaults]
    written = read_program(case.lines, constants, functions, {}, **case.axes)
    program = with_named_parts(written)
    common: dict[str, Any] = {
        "source": Source(name, name), "results": case.results, "defaults": {n: Rational(v) for n, v in case.defaults.items()},
        "inner": tuple(n for n in program.definitions if n not in written.definitions),
    }  # fmt: skip
    if len(case.results) == 1 and not program.tensors[case.results[0]].axes:
        return ForwardMap(program, case.results[0], **common)
    a = against_upstream(program, case.results)
    return ForwardMap(a.program, a.loss, upstream=a.upstream, **common)


def _layer_norm(x, gamma, beta, eps=1e-5):  # type: ignore[no-untyped-def]
    c = x - x.mean(axis=1, keepdims=True)
    return gamma * c / jnp.sqrt((c**2).mean(axis=1, keepdims=True) + eps) + beta


def _attention(Q, K, V, scale):  # type: ignore[no-untyped-def]
    return jax.nn.softmax(scale * Q @ K.T, axis=1) @ V


def _heads(Q, K, V, W, scale=0.5):  # type: ignore[no-untyped-def]
    P = jax.nn.softmax(scale * jnp.einsum("nthe,nshe->nhts", Q, K), axis=-1)
    return jnp.einsum("nhts,nshv,jhv->ntj", P, V, W)


def _cosine(x, y):  # type: ignore[no-untyped-def]
    return (x * y).sum(axis=1) / jnp.sqrt((x**2).sum(axis=1) * (y**2).sum(axis=1))


def _contrastive(u, v, tau=0.1):  # type: ignore[no-untyped-def]
    return -jnp.diag(jax.nn.log_softmax(u @ v.T / tau, axis=1)).mean()


def _focal(z, y, g=2):  # type: ignore[no-untyped-def]
    p = jax.nn.log_softmax(z, axis=1)
    return -(y * (1 - jnp.exp(p)) ** g * p).sum(axis=1).mean()


def _mixture(x, m, l):  # type: ignore[no-untyped-def]  # noqa: E741
    return -jax.nn.logsumexp(l - ((x[:, None] - m) ** 2).sum(axis=2) / 2, axis=1).mean()


CASES = {
    "layer_norm": Case(
        """mu[n] = mean(x[n,d], d)
           s[n] = sqrt(mean((x[n,d] - mu[n])**2, d) + eps)
           y[n,d] = gamma[d]*(x[n,d] - mu[n])/s[n] + beta[d]""",
        {"x": "n d", "gamma": "d", "beta": "d"}, ("y",), _layer_norm, {"eps": "1e-5"},
    ),
    "rms_norm": Case(
        "r[n] = 1/sqrt(mean(x[n,d]**2, d) + eps)\ny[n,d] = g[d]*x[n,d]*r[n]", {"x": "n d", "g": "d"}, ("y",),
        lambda x, g, eps=1e-5: g * x / jnp.sqrt((x**2).mean(axis=1, keepdims=True) + eps), {"eps": "1e-5"},
    ),
    "batch_norm": Case(
        """mu[d] = mean(x[n,d], n)
           v[d] = mean((x[n,d] - mu[d])**2, n)
           xhat[n,d] = (x[n,d] - mu[d])/sqrt(v[d] + eps)
           y[n,d] = gamma[d]*xhat[n,d] + beta[d]""",
        {"x": "n d", "gamma": "d", "beta": "d"}, ("y", "mu", "v"),
        lambda x, gamma, beta, eps=1e-5: (gamma * (x - x.mean(axis=0)) / jnp.sqrt(x.var(axis=0) + eps) + beta, x.mean(axis=0),
                                          x.var(axis=0)),
        {"eps": "1e-5"},
    ),
    "softmax": Case("p[n,k] = exp(z[n,k] - logsumexp(z[n,j], j))", {"z": "n k"}, ("p",), lambda z: jax.nn.softmax(z, axis=1)),
    "log_softmax": Case("p[n,k] = z[n,k] - logsumexp(z[n,j], j)", {"z": "n k"}, ("p",), lambda z: jax.nn.log_softmax(z, axis=1)),
    "cross_entropy": Case(
        "p[n,k] = exp(z[n,k] - logsumexp(z[n,j], j))\nJ = -mean(sum(y[n,k]*log(p[n,k]), k), n)", {"z": "n k", "y": "n k"}, ("J",),
        lambda z, y: -(y * jax.nn.log_softmax(z, axis=1)).sum(axis=1).mean(),
    ),
    "binary_cross_entropy": Case(
        """p[n] = sigmoid(sum(x[n,d]*w[d], d) + b)
           J = -mean(t[n]*log(p[n]) + (1 - t[n])*log(1 - p[n]), n)""",
        {"x": "n d", "w": "d", "b": "", "t": "n"}, ("J",),
        lambda x, w, b, t: -(t * jax.nn.log_sigmoid(x @ w + b) + (1 - t) * jax.nn.log_sigmoid(-x @ w - b)).mean(),
    ),
    "logsumexp": Case("y[n] = logsumexp(z[n,k], k)", {"z": "n k"}, ("y",), lambda z: jax.nn.logsumexp(z, axis=1)),
    "attention": Case(
        """S[t,s] = scale*sum(Q[t,d]*K[s,d], d)
           P[t,s] = exp(S[t,s] - logsumexp(S[t,r], r))
           O[t,v] = sum(P[t,s]*V[s,v], s)""",
        {"Q": "t d", "K": "s d", "V": "s v", "scale": ""}, ("O",), _attention,
    ),
    "heads": Case(
        """S[n,h,t,s] = scale*sum(Q[n,t,h,e]*K[n,s,h,e], e)
           P[n,h,t,s] = exp(S[n,h,t,s] - logsumexp(S[n,h,t,r], r))
           O[n,t,h,v] = sum(P[n,h,t,s]*V[n,s,h,v], s)
           y[n,t,j] = sum(O[n,t,h,v]*W[j,h,v], h, v)""",
        {"Q": "n t h e", "K": "n s h e", "V": "n s h v", "W": "j h v"}, ("y",), _heads, {"scale": "0.5"},
    ),
    "cosine": Case(
        "a[n] = sqrt(sum(x[n,d]**2, d))\nb[n] = sqrt(sum(y[n,d]**2, d))\nc[n] = sum(x[n,d]*y[n,d], d)/(a[n]*b[n])",
        {"x": "n d", "y": "n d"}, ("c",), _cosine,
    ),
    "focal": Case(
        "p[n,k] = exp(z[n,k] - logsumexp(z[n,j], j))\nJ = -mean(sum(y[n,k]*(1 - p[n,k])**g*log(p[n,k]), k), n)",
        {"z": "n k", "y": "n k"}, ("J",), _focal, {"g": "2"},
    ),
    "distances": Case(
        "D[n,m] = sum((x[n,d] - y[m,d])**2, d)", {"x": "n d", "y": "m d"}, ("D",), lambda x, y: ((x[:, None] - y) ** 2).sum(axis=2)
    ),
    "kernel": Case(
        "K[n,m] = exp(-sum((x[n,d] - y[m,d])**2, d)/(2*s**2))", {"x": "n d", "y": "m d", "s": ""}, ("K",),
        lambda x, y, s: jnp.exp(-((x[:, None] - y) ** 2).sum(axis=2) / (2 * s**2)), draw={"s": (0.5, 1.5)},
    ),
    "bilinear": Case(
        "y[n,o] = sum(x[n,i]*A[o,i,j]*w[n,j], i, j) + b[o]", {"x": "n i", "A": "o i j", "w": "n j", "b": "o"}, ("y",),
        lambda x, A, w, b: jnp.einsum("ni,oij,nj->no", x, A, w) + b,
    ),
    "quadratic_form": Case(
        "c[n,d] = x[n,d] - m[d]\ny[n] = sum(c[n,i]*P[i,j]*c[n,j], i, j)", {"x": "n d", "m": "d", "P": "d d"}, ("y",),
        lambda x, m, P: jnp.einsum("ni,ij,nj->n", x - m, P, x - m),
    ),
    "glu": Case(
        "y[n,k] = (sum(x[n,d]*W[k,d], d) + b[k])*sigmoid(sum(x[n,d]*V[k,d], d) + c[k])",
        {"x": "n d", "W": "k d", "b": "k", "V": "k d", "c": "k"}, ("y",),
        lambda x, W, b, V, c: (x @ W.T + b) * jax.nn.sigmoid(x @ V.T + c),
    ),
    "contrastive": Case(
        """S[n,m] = sum(u[n,d]*v[m,d], d)/tau
           J = mean(logsumexp(S[n,m], m) - sum(u[n,d]*v[n,d], d)/tau, n)""",
        {"u": "n d", "v": "n d"}, ("J",), _contrastive, {"tau": "0.1"},
    ),
    "gelu": Case(
        "y[n,d] = x[n,d]*normal_cdf(x[n,d])", {"x": "n d"}, ("y",), lambda x: jax.nn.gelu(x, approximate=False)
    ),
    "swish": Case("y[n,d] = x[n,d]*sigmoid(b*x[n,d])", {"x": "n d", "b": ""}, ("y",), lambda x, b: x * jax.nn.sigmoid(b * x)),
    "two_results": Case(
        "h[n,k] = tanh(sum(x[n,d]*W[k,d], d))\ny[n] = sum(h[n,k]*v[k], k)", {"x": "n d", "W": "k d", "v": "k"}, ("y", "h"),
        lambda x, W, v: (jnp.tanh(x @ W.T) @ v, jnp.tanh(x @ W.T)),
    ),
    "triplet": Case(
        "J = mean(max(0, sum((a[n,d] - p[n,d])**2, d) - sum((a[n,d] - q[n,d])**2, d) + margin), n)",
        {"a": "n d", "p": "n d", "q": "n d"}, ("J",),
        lambda a, p, q, margin=1: jnp.maximum(0, ((a - p) ** 2).sum(axis=1) - ((a - q) ** 2).sum(axis=1) + margin).mean(),
        {"margin": "1"},
    ),
    "mixture": Case(
        "J = -mean(logsumexp(l[k] - sum((x[n,d] - m[k,d])**2, d)/2, k), n)", {"x": "n d", "m": "k d", "l": "k"}, ("J",), _mixture
    ),
    "divergence": Case(
        "J = mean(sum(exp(l[n,d]) + m[n,d]**2 - 1 - l[n,d], d)/2, n)", {"m": "n d", "l": "n d"}, ("J",),
        lambda m, l: (jnp.exp(l) + m**2 - 1 - l).sum(axis=1).mean() / 2,  # noqa: E741
    ),
    "relative_entropy": Case(
        "J = sum(p[n,k]*log(p[n,k]/q[n,k]), n, k)", {"p": "n k", "q": "n k"}, ("J",), lambda p, q: (p * jnp.log(p / q)).sum(),
        draw={"p": (0.5, 1.5), "q": (0.5, 1.5)},
    ),
    "word_vectors": Case(
        "J = sum(f[i,j]*(sum(u[i,d]*v[j,d], d) + a[i] + b[j] - log(X[i,j]))**2, i, j)",
        {"u": "i d", "v": "j d", "a": "i", "b": "j", "X": "i j", "f": "i j"}, ("J",),
        lambda u, v, a, b, X, f: (f * (u @ v.T + a[:, None] + b - jnp.log(X)) ** 2).sum(), draw={"X": (0.5, 1.5)},
    ),
    "temperature": Case(
        """p[n,k] = exp(z[n,k]/T - logsumexp(z[n,j]/T, j))
           J = -mean(sum(y[n,k]*log(p[n,k]), k), n)""",
        {"z": "n k", "y": "n k", "T": ""}, ("J",), lambda z, y, T: -(y * jax.nn.log_softmax(z / T, axis=1)).sum(axis=1).mean(),
        draw={"T": (0.5, 1.5)},
    ),
    "two_softmaxes": Case(
        """p[n,k] = exp(z[n,k] - logsumexp(z[n,j], j))
           q[n,k] = exp(w[n,k] - logsumexp(w[n,j], j))
           J = mean(sum(p[n,k]*(log(p[n,k]) - log(q[n,k])), k), n)""",
        {"z": "n k", "w": "n k"}, ("J",),
        lambda z, w: (jax.nn.softmax(z, axis=1) * (jax.nn.log_softmax(z, axis=1) - jax.nn.log_softmax(w, axis=1))).sum(axis=1).mean(),
    ),
    "sharpened": Case(
        "p[n] = sigmoid(z[n]/T)\nJ = -mean(y[n]*log(p[n]) + (1 - y[n])*log(1 - p[n]), n)", {"z": "n", "y": "n", "T": ""}, ("J",),
        lambda z, y, T: -(y * jax.nn.log_sigmoid(z / T) + (1 - y) * jax.nn.log_sigmoid(-z / T)).mean(), draw={"T": (0.5, 1.5)},
    ),
    "within_bounds": Case(
        "y[n] = asin(x[n]) + log(w[n] - 1) + sqrt(1 - v[n]**2)", {"x": "n", "w": "n", "v": "n"}, ("y",),
        lambda x, w, v: jnp.arcsin(x) + jnp.log(w - 1) + jnp.sqrt(1 - v**2),
        draw={"x": (-0.9, 0.9), "w": (1.1, 2), "v": (-0.9, 0.9)},
    ),
    "a_sum": Case("y[n] = x[n] + w[n]", {"x": "n", "w": "n"}, ("y",), lambda x, w: x + w),
    "a_number": Case("f = (w + x*y)*z", {"w": "", "x": "", "y": "", "z": ""}, ("f",), lambda w, x, y, z: (w + x * y) * z),
}  # fmt: skip
