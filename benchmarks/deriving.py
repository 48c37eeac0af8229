"""What deriving costs for layers of one's own: normalisations in a chain, and a transformer block written as one layer.

    python benchmarks/deriving.py

Each is read and derived in a process of its own; the seconds are those of ``sb.derive`` alone, the median of three.
Limits: 1 s for a network with one normalisation, 2 s for one with 16, and for the block.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import symbp as sb

NORMALISE = """
[constants]
eps = 1e-5

[layer.normalise]
input = "x[n,d]"
output = "y[n,d]"
parameters = { gamma = "d", shift = "d" }
forward = [
  "mu[n] = mean(x[n,d], d)",
  "c[n,d] = x[n,d] - mu[n]",
  "r[n] = 1/sqrt(mean(c[n,d]**2, d) + eps)",
  "h[n,d] = c[n,d]*r[n]",
  "y[n,d] = gamma[d]*h[n,d] + shift[d]",
]
"""
BLOCK = """
input = [5, 6]
layers = [{ block = { h = 2, e = 3, f = 7 } }, { head = { o = 4 } }]
loss = "mse"

[constants]
eps = 1e-5

[layer.head]
input = "x[n,t,d]"
output = "y[n,o]"
parameters = { V = "o t d" }
forward = ["y[n,o] = sum(V[o,t,d]*x[n,t,d], t, d)"]

[layer.block]
input = "x[n,t,d]"
output = "y[n,t,d]"
parameters = { g1 = "d", b1 = "d", g2 = "d", b2 = "d", Q = "h e d", K = "h e d", V = "h e d", O = "d h e", W1 = "f d", c1 = "f", W2 = "d f", c2 = "d" }
forward = [
  "mu1[n,t] = mean(x[n,t,d], d)",
  "d1[n,t,d] = x[n,t,d] - mu1[n,t]",
  "r1[n,t] = 1/sqrt(mean(d1[n,t,d]**2, d) + eps)",
  "h1[n,t,d] = d1[n,t,d]*r1[n,t]",
  "u[n,t,d] = g1[d]*h1[n,t,d] + b1[d]",
  "q[n,h,t,e] = sum(Q[h,e,d]*u[n,t,d], d)",
  "k[n,h,t,e] = sum(K[h,e,d]*u[n,t,d], d)",
  "v[n,h,t,e] = sum(V[h,e,d]*u[n,t,d], d)",
  "s[n,h,t,w] = sum(q[n,h,t,e]*k[n,h,w,e], e)/2",
  "p[n,h,t,w] = exp(s[n,h,t,w] - logsumexp(s[n,h,t,j], j))",
  "o[n,h,t,e] = sum(p[n,h,t,w]*v[n,h,w,e], w)",
  "x1[n,t,d] = x[n,t,d] + sum(O[d,h,e]*o[n,h,t,e], h, e)",
  "mu2[n,t] = mean(x1[n,t,d], d)",
  "d2[n,t,d] = x1[n,t,d] - mu2[n,t]",
  "r2[n,t] = 1/sqrt(mean(d2[n,t,d]**2, d) + eps)",
  "h2[n,t,d] = d2[n,t,d]*r2[n,t]",
  "w[n,t,d] = g2[d]*h2[n,t,d] + b2[d]",
  "m[n,t,f] = tanh(sum(W1[f,d]*w[n,t,d], d) + c1[f])",
  "y[n,t,d] = x1[n,t,d] + sum(W2[d,f]*m[n,t,f], f) + c2[d]",
]
"""  # noqa: E501


def chain(depth: int) -> str:
    """A network with a normalisation in each of its hidden layers."""
    hidden = ", ".join(['{ dense = 8 }, "normalise", "tanh"'] * depth)
    return f'input = 6\nlayers = [{hidden}, {{ dense = 3 }}, "softmax"]\nloss = "cross_entropy"\n{NORMALISE}'


def seconds(text: str) -> float:
    """The median time of deriving, over three processes."""
    times = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "network.toml"
        path.write_text(text)
        for _ in range(3):
            run = subprocess.run([sys.executable, __file__, str(path)], check=True, capture_output=True, text=True)
            times.append(float(run.stdout))
    return statistics.median(times)


def main() -> None:
    print(f"one normalisation:            {seconds(chain(1)):5.2f} s  (limit 1)")
    for depth in (2, 4, 8, 16):
        print(f"{depth:2} normalisations in a chain: {seconds(chain(depth)):5.2f} s  (limit 2)")
    print(f"a transformer block:          {seconds(BLOCK):5.2f} s  (limit 2)")


if __name__ == "__main__":
    if sys.argv[1:]:
        network = sb.Network.load(sys.argv[1])
        start = time.perf_counter()
        sb.derive(network)
        print(time.perf_counter() - start)
    else:
        main()
