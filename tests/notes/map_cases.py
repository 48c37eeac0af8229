"""Forward maps that are no networks: what somebody may bring as a problem file or as a NumPy function."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from sympy import Rational

import symbp as sb
from symbp.calculus.language import read_program
from symbp.calculus.program import ScalarFunction
from symbp.network.forward import ForwardMap, Source
from symbp.network.upstream import against_upstream
from symbp.verification.problems.file import load

PROBLEMS = Path(__file__).parents[2] / "examples" / "problems"


def against(
    name: str,
    lines: str,
    results: Sequence[str],
    axes: Mapping[str, str],
    functions: Sequence[ScalarFunction] = (),
    upstream: Mapping[str, str] | None = None,
    defaults: Mapping[str, Rational] | None = None,
) -> ForwardMap:
    """A map of tensors, against the upstreams of its results."""
    program = read_program(lines, [], functions, {}, **axes)
    defaults = defaults or {}
    declared = tuple(replace(t, role="constant") if t.name in defaults else t for t in program.declared)
    a = against_upstream(replace(program, declared=declared), results, upstream)
    return ForwardMap(
        a.program,
        a.loss,
        Source(f"the function {name}", name),
        results=tuple(results),
        upstream=a.upstream,
        defaults=defaults,
        functions={f.name: f for f in functions},
    )


def scalar(name: str, lines: str, loss: str, axes: Mapping[str, str]) -> ForwardMap:
    """A map whose one result is a number."""
    program = read_program(lines, [], [], {}, **axes)
    return ForwardMap(program, loss, Source(f"the function {name}", name), results=(loss,))


EPS = {"eps": Rational(1, 100000)}
"""The guard of a norm, as it is given by default."""

MAPS = {
    "layer norm": against("layer_norm", """
        mu[n] = mean(x[n,d], d)
        s[n] = sqrt(mean((x[n,d] - mu[n])**2, d) + eps)
        xhat[n,d] = (x[n,d] - mu[n])/s[n]
        y[n,d] = gamma[d]*xhat[n,d] + beta[d]
        """, ["y"], {"x": "n d", "gamma": "d", "beta": "d", "eps": ""}, defaults=EPS),
    "batch norm": against("batch_norm", """
        mu[d] = mean(x[n,d], n)
        var[d] = mean((x[n,d] - mu[d])**2, n)
        xhat[n,d] = (x[n,d] - mu[d])/sqrt(var[d] + eps)
        out[n,d] = gamma[d]*xhat[n,d] + beta[d]
        """, ["out"], {"x": "n d", "gamma": "d", "beta": "d", "eps": ""}, defaults=EPS),
    "softmax": against("softmax", "p[n,k] = exp(z[n,k] - logsumexp(z[n,j], j))", ["p"], {"z": "n k"}),
    "attention": against("attention", """
        S[t,s] = scale*sum(Q[t,d]*K[s,d], d)
        P[t,s] = exp(S[t,s] - logsumexp(S[t,r], r))
        out[t,v] = sum(P[t,s]*V[s,v], s)
        """, ["out"], {"Q": "t d", "K": "s d", "V": "s v", "scale": ""}),
    "RMS norm": against("rms_norm", """
        r[n] = 1/sqrt(mean(x[n,d]**2, d) + eps)
        y[n,d] = gamma[d]*x[n,d]*r[n]
        """, ["y"], {"x": "n d", "gamma": "d", "eps": ""}, defaults={"eps": Rational(1, 1000000)}),
    "cosine": against("cosine_similarity", """
        dot = sum(a[i]*b[i], i)
        norm_a = sqrt(sum(a[i]**2, i))
        norm_b = sqrt(sum(b[i]**2, i))
        c = dot/(norm_a*norm_b)
        """, ["c"], {"a": "i", "b": "i"}, upstream={"c": "dc"}),
    "focal loss": scalar("focal_loss", """
        p[n,k] = exp(z[n,k] - logsumexp(z[n,j], j))
        pt[n] = sum(t[n,k]*p[n,k], k)
        J = -mean((1 - pt[n])**g*log(pt[n]), n)
        """.replace("**g", "**2"), "J", {"z": "n k", "t": "n k"}),
    "cross-entropy": scalar("softmax_cross_entropy", """
        logits[n,k] = sum(x[n,d]*W_out[d,k], d) + b_out[k]
        loss = -mean(sum(y[n,k]*(logits[n,k] - logsumexp(logits[n,j], j)), k), n)
        """, "loss", {"x": "n d", "W_out": "d k", "b_out": "k", "y": "n k"}),
    "any function": against("layer", """
        z[n,j] = sum(x[n,i]*W[i,j], i) + b[j]
        h[n,j] = g(z[n,j])
        """, ["h"], {"x": "n i", "W": "i j", "b": "j"}, [ScalarFunction("g")]),
    "two results": against("normalised", """
        mu[n] = mean(x[n,d], d)
        s[n] = sqrt(mean((x[n,d] - mu[n])**2, d) + eps)
        h[n,d] = (x[n,d] - mu[n])/s[n]
        y[n,d] = gamma[d]*h[n,d]
        """, ["y", "h"], {"x": "n d", "gamma": "d", "eps": ""}, defaults=EPS),
    "numbers": scalar("node", "v = x*y\nu = w + v\nf = u*z", "f", {"w": "", "x": "", "y": "", "z": ""}),
}  # fmt: skip
"""Maps by what they are, in the index language as the reader of functions makes them."""

FILES = ("attention", "layer_norm", "node", "softmax")
"""The problem files whose pages are made."""


def derived(name: str) -> sb.Derivation:
    """The derivation of a map, or of a problem file by its name with .toml."""
    if name.endswith(".toml"):
        return sb.derive(load(PROBLEMS / name).problem)
    return sb.derive(MAPS[name])


NAMES = (*MAPS, *(f"{f}.toml" for f in FILES))
"""All of them."""
