"""Forward maps that read tensors at places, each beside the same in JAX: windows, gathers, masks by letters."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from symbp.calculus.indices import Axis
from symbp.calculus.language import Scope, read_statement
from symbp.calculus.program import Program, Tensor


@dataclass(frozen=True)
class Reads:
    """A forward map in the index language, and the same in JAX.

    `axes` are the lengths by letter, `tensors` the letters of each; `whole` are the tensors of whole numbers, each with the axis
    that it points into; `free` the letters whose length no plain read says.
    """

    lines: tuple[str, ...]
    tensors: dict[str, str]
    lengths: dict[str, int]
    jax: Callable[..., Any]
    whole: dict[str, str] = field(default_factory=dict)
    free: str = ""

    @property
    def program(self) -> Program:
        """The lines, with a loss behind them: the last result times its upstream."""
        declared = [
            Tensor(n, tuple(map(Axis, axes.split())), "input", integer=n in self.whole)
            for n, axes in self.tensors.items()
        ]
        made = Program(tuple(declared))
        axes = {c: Axis(c) for c in self.free.split()}
        for line in self.lines:
            made = made.extended(read_statement(line, Scope(made.tensors, axes=axes)))
        last = made.statements[-1]
        at = ",".join(i.name for i in last.indices)
        made = Program((*declared, Tensor("G", last.target.axes, "constant")), made.statements)
        return made.extended(read_statement(f"J = sum(G[{at}]*{last.target.name}[{at}], {at})", Scope(made.tensors)))

    def values(self, seed: int = 4) -> dict[str, Any]:
        """Generic values; whole numbers repeat."""
        rng, found = np.random.default_rng(seed), {}
        for t in self.program.declared:
            shape = [self.lengths[a.name] for a in t.axes]
            whole = self.lengths[self.whole[t.name]] if t.integer else 0
            found[t.name] = rng.integers(0, max(whole - 1, 1), shape) if t.integer else rng.normal(size=shape)
        return found


def conv(stride: tuple[int, int], pad: tuple[int, int], dilation: tuple[int, int], **lengths: int) -> Reads:
    (s, r), (a, b), (d, e) = stride, pad, dilation
    return Reads(
        (f"z[n,o,p,q] = sum(W[o,c,u,v]*x[n,c,{s}*p+{d}*u-{a},{r}*q+{e}*v-{b}], c, u, v) + b[o]",),
        {"x": "n c h w", "W": "o c u v", "b": "o"},
        lengths,
        lambda x, W, b: lax.conv_general_dilated(x, W, stride, [(a, a), (pad[1], pad[1])], rhs_dilation=dilation) + b[:, None, None],
        free="p q",
    )  # fmt: skip


def causal(x: Any, mask: bool = True) -> Any:
    t = jnp.arange(x.shape[1])
    scores = jnp.where(t[None, :] <= t[:, None], x, -jnp.inf)
    return jax.nn.softmax(scores, -1)


def pooled(x: Any) -> Any:
    return lax.reduce_window(x, -jnp.inf, lax.max, (1, 1, 3, 2), (1, 1, 2, 3), [(0, 0), (0, 0), (1, 1), (0, 0)])


CASES = {
    "conv": conv((2, 1), (1, 0), (1, 1), n=2, c=3, h=7, w=8, o=4, u=3, v=2, p=4, q=7),
    "conv with stride above the kernel": conv((3, 4), (0, 1), (1, 1), n=2, c=1, h=8, w=9, o=4, u=2, v=3, p=3, q=3),
    "conv with padding above half the kernel": conv((1, 2), (2, 3), (1, 1), n=2, c=3, h=5, w=6, o=4, u=3, v=4, p=7, q=5),
    "conv with dilation": conv((2, 1), (1, 2), (2, 3), n=1, c=2, h=9, w=10, o=3, u=3, v=2, p=4, q=11),
    "transposed conv": Reads(
        ("y[n,o,i] = sum(x[n,c,p]*W[c,o,u]*(i == 2*p+u-1), c, p, u)",),
        {"x": "n c p", "W": "c o u"}, {"n": 2, "c": 3, "p": 4, "o": 5, "u": 6, "i": 10},
        lambda x, W: lax.conv_general_dilated(
            x, jnp.flip(W, 2).transpose(1, 0, 2), (1,), [(4, 4)], lhs_dilation=(2,)),
        free="i",
    ),
    "conv of a conv": Reads(
        ("y[n,p] = sum(W[u]*x[n,p+u-1], u)", "z[n,q] = sum(V[v]*y[n,2*q+v-1], v)"),
        {"x": "n h", "W": "u", "V": "v"}, {"n": 2, "h": 6, "u": 3, "p": 6, "v": 4, "q": 3},
        lambda x, W, V: lax.conv_general_dilated(lax.conv_general_dilated(
            x[:, None], W[None, None], (1,), [(1, 1)]), V[None, None], (2,), [(1, 1)])[:, 0],
        free="p q",
    ),
    "max pooling": Reads(
        ("y[n,c,p,q] = max(x[n,c,2*p+u-1,3*q+v], u, v)",),
        {"x": "n c h w"}, {"n": 2, "c": 4, "h": 7, "w": 8, "u": 3, "v": 2, "p": 4, "q": 3}, pooled, free="p q u v",
    ),
    "average pooling": Reads(
        ("y[n,p] = sum(x[n,2*p+u-1], u)/3",),
        {"x": "n h"}, {"n": 2, "h": 7, "u": 3, "p": 4},
        lambda x: lax.reduce_window(x, 0.0, lax.add, (1, 3), (1, 2), [(0, 0), (1, 1)]) / 3, free="p u",
    ),
    "embedding, tied head": Reads(
        ("h[n,t,d] = tanh(E[k[n,t],d])", "s[n,t,v] = sum(h[n,t,d]*E[v,d], d)"),
        {"E": "v d", "k": "n t"}, {"n": 2, "t": 4, "d": 3, "v": 5}, lambda E, k: jnp.tanh(E[k]) @ E.T, {"k": "v"},
    ),
    "a gather beside a shift": Reads(
        ("z[n,t,d] = E[k[n,t],d-1]*2 + E[k[n,t],d+2]",), {"E": "v d", "k": "n t"}, {"n": 2, "t": 4, "d": 3, "v": 5},
        lambda E, k: 2 * jnp.pad(E, ((0, 0), (1, 0)))[:, :-1][k] + jnp.pad(E, ((0, 0), (0, 2)))[:, 2:][k], {"k": "v"}, free="d",
    ),
    "the target's log probability": Reads(
        ("p[n,t] = z[n,t,k[n,t]] - logsumexp(z[n,t,v], v)",),
        {"z": "n t v", "k": "n t"}, {"n": 2, "t": 4, "v": 5},
        lambda z, k: jnp.take_along_axis(jax.nn.log_softmax(z, -1), k[..., None], -1)[..., 0], {"k": "v"},
    ),
    "causal attention's shares": Reads(
        ("P[n,t,s] = exp(x[n,t,s] - logsumexp(x[n,t,r], r if r <= t))*(s <= t)",),
        {"x": "n t s"}, {"n": 2, "t": 4, "s": 4}, causal,
    ),
    "a sum with a condition": Reads(
        ("y[n,t] = sum(x[n,r]**2, r if (r <= t)*(t - r < 3))",), {"x": "n r"}, {"n": 2, "r": 6, "t": 5},
        lambda x: jnp.stack([(x[:, max(0, t - 2) : t + 1] ** 2).sum(1) for t in range(5)], 1), free="t",
    ),
    "a maximum with a condition": Reads(
        ("y[n,t] = max(x[n,r], r if r >= t)",), {"x": "n r"}, {"n": 2, "r": 6, "t": 5},
        lambda x: jnp.stack([x[:, t:].max(1) for t in range(5)], 1), free="t",
    ),
    "concatenation": Reads(
        ("y[n,i] = a[n,i] + b[n,i-3]",), {"a": "n j", "b": "n k"}, {"n": 2, "j": 3, "k": 4, "i": 7},
        lambda a, b: jnp.concatenate([a, b], 1), free="i",
    ),
    "differences": Reads(
        ("y[n,t] = x[n,t+1] - 2*x[n,t] + x[n,t-1]",), {"x": "n t"}, {"n": 2, "t": 5},
        lambda x: jnp.pad(x, ((0, 0), (0, 1)))[:, 1:] - 2 * x + jnp.pad(x, ((0, 0), (1, 0)))[:, :-1],
    ),
    "a shift behind a function": Reads(
        ("h[n,t] = exp(x[n,t])", "y[n,t] = h[n,t]*h[n,t-1]"), {"x": "n t"}, {"n": 2, "t": 5},
        lambda x: jnp.exp(x) * jnp.pad(jnp.exp(x), ((0, 0), (1, 0)))[:, :-1],
    ),
    "the same function of a place": Reads(
        ("h[n,t] = exp(x[n,t])", "y[n,t] = h[n,t] + 2*exp(x[n,t-1])"), {"x": "n t"}, {"n": 2, "t": 5},
        lambda x: jnp.exp(x) + 2 * jnp.exp(jnp.pad(x, ((0, 0), (1, 0)))[:, :-1]),
    ),
    "numbers that are shifted": Reads(
        ("u[n,t] = 3*x[n,t]", "v[n,t] = u[n,t] + 1", "w[n,t] = v[n,t-1]*x[n,t]", "y[n,t] = w[n,t+1] + u[n,t-1]"),
        {"x": "n t"}, {"n": 2, "t": 5},
        lambda x: jnp.pad(jnp.pad(3 * x + 1, ((0, 0), (1, 0)))[:, :-1] * x, ((0, 0), (0, 1)))[:, 1:]
        + jnp.pad(3 * x, ((0, 0), (1, 0)))[:, :-1],
        free="t",
    ),
    "there and back": Reads(
        ("v[n,t] = 2*x[n,t]", "w[n,t] = v[n,t-1]", "y[n,t] = w[n,t+1]"), {"x": "n t"}, {"n": 2, "t": 5},
        lambda x: jnp.pad(2 * x[:, :-1], ((0, 0), (0, 1))), free="t",
    ),
    "a mean of windows behind a line": Reads(
        ("u[n,h] = 1/(1 + x[n,h]**2)", "y[n,p] = mean(u[n,2*p+v-1], v)", "z[n,p] = y[n,p]*y[n,p+1]"),
        {"x": "n h"}, {"n": 2, "h": 7, "v": 3, "p": 4},
        lambda x: (lambda y: y * jnp.pad(y, ((0, 0), (0, 1)))[:, 1:])(
            lax.reduce_window(1 / (1 + x**2), 0.0, lax.add, (1, 3), (1, 2), [(0, 0), (1, 1)]) / 3),
        free="p v",
    ),
    "reversed": Reads(("y[n,i] = x[n,4-i]",), {"x": "n h"}, {"n": 2, "h": 5, "i": 5}, lambda x: x[:, ::-1], free="i"),
    "a band": Reads(
        ("y[i] = sum(c[k]*x[i+k-1]*(k != 1), k)",), {"c": "k", "x": "h"}, {"k": 3, "h": 4, "i": 4},
        lambda c, x: c[0] * jnp.pad(x, (1, 0))[:-1] + c[2] * jnp.pad(x, (0, 1))[1:], free="i",
    ),
}  # fmt: skip


def agree(got: Any, expected: Any, tolerance: float = 1e-12) -> bool:
    """Whether two arrays have one shape and the same values."""
    got, expected = np.asarray(got, float), np.asarray(expected, float)
    return got.shape == expected.shape and bool(
        np.abs(got - expected).max() <= tolerance * max(1.0, np.abs(expected).max())
    )
