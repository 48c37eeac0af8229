"""Forward maps that read at steps before, each beside the same in JAX: layers of recurrent networks, filters, both directions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from symbp.calculus.indices import Axis
from symbp.calculus.language import Scope, read_statement, read_statements
from symbp.calculus.program import Program, Tensor


@dataclass(frozen=True)
class Recurrent:
    """A forward map in the index language, and the same in JAX, of the tensors in their order.

    `tensors` are the letters of each, `lengths` those of the letters; what `axes` says runs over another letter's axis.
    """

    lines: tuple[str, ...]
    tensors: dict[str, str]
    lengths: dict[str, int]
    jax: Callable[..., Any]
    axes: dict[str, str]
    constants: dict[str, int]

    def with_steps(self, length: int) -> Recurrent:
        """The same over so many steps."""
        return replace(self, lengths={**self.lengths, "t": length})

    @property
    def program(self) -> Program:
        """The lines, with a loss behind them: the last result times its upstream G."""
        axis = {c: Axis(self.axes.get(c, c)) for c in [*self.lengths, *self.axes]}
        declared = [Tensor(n, tuple(axis[c] for c in its.split()), "input") for n, its in self.tensors.items()]
        scope = Scope({t.name: t for t in declared}, spare=axis, constants=self.numbers)
        statements = read_statements(self.lines, scope)
        last = statements[-1]
        made = Program((*declared, Tensor("G", last.target.axes, "constant")), statements)
        at = ",".join(i.name for i in last.indices)
        return made.extended(read_statement(f"J = sum(G[{at}]*{last.target.name}[{at}], {at})", Scope(made.tensors)))

    @property
    def numbers(self) -> dict[str, Any]:
        """The constants as SymPy has them."""
        import sympy

        return {n: sympy.Integer(value) for n, value in self.constants.items()}

    def values(self, seed: int = 4) -> dict[str, Any]:
        """Generic values, small enough that nothing saturates."""
        rng = np.random.default_rng(seed)
        return {t.name: rng.normal(size=[self.lengths[a.name] for a in t.axes]) / 2 for t in self.program.declared}

    def wanted(self, values: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
        """The loss, and its gradients with respect to all tensors, by JAX."""
        names = [*self.tensors]

        def loss(given: dict[str, Any]) -> Any:
            return (self.jax(*(given[n] for n in names)) * values["G"]).sum()

        return jax.value_and_grad(loss)({n: values[n] for n in names})


def scanned(
    step: Callable[[Any, Any], Any], start: Any, x: Any, out: Callable[[Any], Any] = lambda carry: carry
) -> Any:
    """What comes of each step over the second axis of x, the examples first."""

    def one(carry: Any, at: Any) -> Any:
        carry = step(carry, at)
        return carry, out(carry)

    return jnp.moveaxis(lax.scan(one, start, jnp.moveaxis(x, 1, 0))[1], 0, 1)


def rnn(x: Any, W: Any, U: Any, b: Any, h0: Any = None) -> Any:
    start = jnp.zeros((x.shape[0], len(b))) if h0 is None else h0
    return scanned(lambda h, at: jnp.tanh(at @ W.T + h @ U.T + b), start, x)


def lstm(x: Any, W: Any, U: Any, b: Any, h0: Any = None, c0: Any = None) -> Any:
    zero = jnp.zeros((x.shape[0], len(b) // 4))

    def step(carry: Any, at: Any) -> Any:
        i, f, g, o = jnp.split(at @ W.T + carry[0] @ U.T + b, 4, axis=1)
        c = jax.nn.sigmoid(f) * carry[1] + jax.nn.sigmoid(i) * jnp.tanh(g)
        return jax.nn.sigmoid(o) * jnp.tanh(c), c

    return scanned(step, (zero if h0 is None else h0, zero if c0 is None else c0), x, lambda carry: carry[0])


def gru(x: Any, W: Any, U: Any, b: Any, c: Any) -> Any:
    def step(h: Any, at: Any) -> Any:
        r, z, n = jnp.split(at @ W.T + b, 3, axis=1)
        hr, hz, hn = jnp.split(h @ U.T + c, 3, axis=1)
        z = jax.nn.sigmoid(z + hz)
        return (1 - z) * jnp.tanh(n + jax.nn.sigmoid(r + hr) * hn) + z * h

    return scanned(step, jnp.zeros((x.shape[0], len(b) // 3)), x)


def both(x: Any, W: Any, U: Any, V: Any, R: Any) -> Any:
    there = rnn(x, W, U, jnp.zeros(len(U)))
    back = rnn(x[:, ::-1], V, R, jnp.zeros(len(R)))[:, ::-1]
    return jnp.concatenate([there, back], 2)


SIZES = {"n": 2, "t": 3, "k": 4, "j": 5}
RNN = ("z[n,t,j] = sum(W[j,k]*x[n,t,k], k) + sum(U[j,l]*h[n,t-1,l], l) + b[j]", "h[n,t,j] = tanh(z[n,t,j])")
GATES = "z[n,t,g] = sum(W[g,k]*x[n,t,k], k) + sum(U[g,l]*h[n,t-1,l], l) + b[g]"
LSTM = (
    GATES,
    "i[n,t,j] = sigmoid(z[n,t,0*H+j])",
    "f[n,t,j] = sigmoid(z[n,t,1*H+j])",
    "g[n,t,j] = tanh(z[n,t,2*H+j])",
    "o[n,t,j] = sigmoid(z[n,t,3*H+j])",
    "c[n,t,j] = f[n,t,j]*c[n,t-1,j] + i[n,t,j]*g[n,t,j]",
    "h[n,t,j] = o[n,t,j]*tanh(c[n,t,j])",
)
GRU = (
    "a[n,t,g] = sum(W[g,k]*x[n,t,k], k) + b[g]",
    "e[n,t,g] = sum(U[g,l]*h[n,t-1,l], l) + c[g]",
    "r[n,t,j] = sigmoid(a[n,t,0*H+j] + e[n,t,0*H+j])",
    "z[n,t,j] = sigmoid(a[n,t,1*H+j] + e[n,t,1*H+j])",
    "m[n,t,j] = tanh(a[n,t,2*H+j] + r[n,t,j]*e[n,t,2*H+j])",
    "h[n,t,j] = (1 - z[n,t,j])*m[n,t,j] + z[n,t,j]*h[n,t-1,j]",
)
START = "h[n,t-1,l]", "(h[n,t-1,l] + (t == 0)*h0[n,l])"


def case(lines: tuple[str, ...], tensors: dict[str, str], jax: Callable[..., Any], constants: dict[str, int] | None = None,
         **lengths: int) -> Recurrent:  # fmt: skip
    """A case over the usual lengths."""
    return Recurrent(lines, tensors, {**SIZES, **lengths}, jax, {"l": "j"}, constants or {})


GIVEN = {"x": "n t k", "W": "j k", "U": "j l", "b": "j"}
PACKED = {"x": "n t k", "W": "g k", "U": "g l", "b": "g"}
CASES = {
    "rnn": case(RNN, GIVEN, rnn),
    "rnn, own start": case((RNN[0].replace(*START), RNN[1]), {**GIVEN, "h0": "n j"}, rnn),
    "rnn in one line": case(
        ("h[n,t,j] = tanh(sum(W[j,k]*x[n,t,k], k) + sum(U[j,l]*h[n,t-1,l], l) + b[j])",), GIVEN, rnn
    ),
    "the last state alone": case((*RNN, "y[n,j] = h[n,2,j]**2"), GIVEN, lambda *given: rnn(*given)[:, 2] ** 2),
    "lstm": case(LSTM, PACKED, lstm, {"H": 5}, g=20),
    "lstm, own start": case(
        (GATES.replace(*START), *LSTM[1:5], LSTM[5].replace("c[n,t-1,j]", "(c[n,t-1,j] + (t == 0)*c0[n,j])"), LSTM[6]),
        {**PACKED, "h0": "n j", "c0": "n j"}, lstm, {"H": 5}, g=20,
    ),
    "gru": case(GRU, {**PACKED, "c": "g"}, gru, {"H": 5}, g=15),
    "a leaky integrator": case(
        ("u[n,t] = 3*u[n,t-1]/4 + x[n,t]/4",), {"x": "n t"}, lambda x: scanned(lambda u, at: 3 * u / 4 + at / 4, x[:, 0] * 0, x),
    ),
    "two steps before": case(
        ("u[n,t] = a[n]*u[n,t-1] - u[n,t-2]/2 + x[n,t]",), {"x": "n t", "a": "n"},
        lambda x, a: scanned(lambda u, at: (a * u[0] - u[1] / 2 + at, u[0]), (x[:, 0] * 0,) * 2, x, lambda u: u[0]),
    ),
    "backward in time": case(
        (RNN[0].replace("t-1", "t+1"), RNN[1]), GIVEN, lambda x, *rest: rnn(x[:, ::-1], *rest)[:, ::-1]
    ),
    "both directions": case(
        (
            "h[n,t,j] = tanh(sum(W[j,k]*x[n,t,k], k) + sum(U[j,l]*h[n,t-1,l], l))",
            "g[n,t,i] = tanh(sum(V[i,k]*x[n,t,k], k) + sum(R[i,m]*g[n,t+1,m], m))",
            "y[n,t,w] = h[n,t,w+0] + g[n,t,w-5]",
        ),
        {"x": "n t k", "W": "j k", "U": "j l", "V": "i k", "R": "i m"}, both, i=6, w=11,
    ),
    "two layers": case(
        (*RNN, "p[n,t,i] = sum(V[i,j]*h[n,t,j], j) + sum(R[i,m]*q[n,t-1,m], m)", "q[n,t,i] = sigmoid(p[n,t,i])*p[n,t,i]"),
        {**GIVEN, "V": "i j", "R": "i m"},
        lambda x, W, U, b, V, R: scanned(lambda q, at: jax.nn.silu(at @ V.T + q @ R.T), jnp.zeros((2, 6)), rnn(x, W, U, b)), i=6,
    ),
}  # fmt: skip
CASES["both directions"].axes["m"] = CASES["two layers"].axes["m"] = "i"
