"""Forward maps that read at places, with right claims and wrong ones about each; `G` is a random upstream gradient."""

from dataclasses import dataclass, field
from functools import cache

import symbp as sb


@dataclass(frozen=True)
class Placed:
    """A problem whose lines read at places, and claims about it."""

    tensors: dict
    forward: tuple
    right: tuple
    wrong: tuple
    lengths: dict = field(default_factory=dict)

    @property
    def problem(self):
        return _problem(tuple(self.tensors.items()), self.forward, tuple(self.lengths.items()))


@cache
def _problem(tensors, forward, lengths):
    return sb.Problem(dict(tensors), forward, "J", lengths=dict(lengths))


PLACED = {
    "convolution, stride 2": Placed(
        {"x": "n h", "W": "u", "G": "n p"},
        ("z[n,p] = sum(W[u]*x[n,2*p+u-1], u)", "J = sum(G*z)"),
        ("dx[n,h] = sum(dz[n,p]*W[u]*(h == 2*p+u-1), p, u)", "dx[n,h] = sum(dz[n,p]*W[h-2*p+1], p)",
         "dW[u] = sum(dz[n,p]*x[n,2*p+u-1], n, p)", "dx[n,h] = sum(G[n,p]*W[u]*1[2*p+u = h+1], p, u)", "dz = G"),
        ("dx[n,h] = sum(dz[n,p]*W[u]*(h == 2*p+u), p, u)", "dx[n,h] = sum(dz[n,p]*W[h-2*p-1], p)",
         "dW[u] = sum(dz[n,p]*x[n,2*p-u-1], n, p)", "dW[u] = sum(dz[n,p]*x[n,p+u-1], n, p)",
         "dx[n,h] = sum(dz[n,p]*W[u]*(h == p+2*u-1), p, u)", "dW[u] = sum(dz[n,p]*x[n,2*p+u-1]*(2*p+u >= 2), n, p)"),
        {"p": "(h + 2 - u)//2 + 1"},
    ),
    "correlation, stride 1": Placed(
        {"x": "h", "W": "u", "G": "p"},
        ("z[p] = sum(W[u]*x[p+u], u)", "J = sum(G*z)"),
        ("dx[h] = sum(dz[h-u]*W[u], u)", "dW[u] = sum(dz[p]*x[p+u], p)", "dx[h] = sum(dz[p]*W[h-p], p)",
         "dx[h] = sum(dz[h-u]*W[u]*(h >= u), u)"),
        ("dx[h] = sum(dz[h+u]*W[u], u)", "dx[h] = sum(dz[h-u+1]*W[u], u)", "dW[u] = sum(dz[p]*x[p-u], p)",
         "dx[h] = sum(dz[h-u]*W[u]*(h > u), u)", "dW[u] = sum(dz[p]*x[p+u]*(p > 0), p)"),
        {"p": "h - u + 1"},
    ),
    "correlation, three taps": Placed(
        {"x": "h", "W": "u", "G": "p"},
        ("z[p] = sum(W[u]*x[p+u-1], u)", "J = sum(G*z)"),
        ("dx[h] = sum(dz[h+u-1]*W[2-u], u)", "dx[h] = sum(dz[h-u+1]*W[u], u)"),
        ("dx[h] = sum(dz[h+u-1]*W[u], u)", "dx[h] = sum(dz[h+u-2]*W[2-u], u)", "dx[h] = sum(dz[h+u-1]*W[3-u], u)"),
        {"u": "3", "p": "h"},
    ),
    "an embedding": Placed(
        {"E": "v d", "k": "n t -> v", "G": "n t d"},
        ("h[n,t,d] = E[k[n,t],d]", "J = sum(G*h)"),
        ("dE[v,d] = sum((v == k[n,t])*G[n,t,d], n, t)", "dE[v,d] = sum((k[n,t] == v)*dh[n,t,d], n, t)", "dh = G"),
        ("dE[v,d] = sum((v == k[n,t]+1)*G[n,t,d], n, t)", "dE[v,d] = sum(G[n,t,d], n, t)",
         "dE[v,d] = sum((v != k[n,t])*G[n,t,d], n, t)", "dE[v,d] = sum((v <= k[n,t])*G[n,t,d], n, t)"),
    ),
    "cross-entropy of a class": Placed(
        {"z": "n c", "k": "n -> c"},
        ("l[n] = logsumexp(z[n,c], c) - z[n,k[n]]", "J = sum(l)"),
        ("dz[n,c] = exp(z[n,c] - logsumexp(z[n,j], j)) - (c == k[n])",),
        ("dz[n,c] = exp(z[n,c] - logsumexp(z[n,j], j)) + (c == k[n])",
         "dz[n,c] = exp(z[n,c] - logsumexp(z[n,j], j)) - (c == k[n]+1)",
         "dz[n,c] = exp(z[n,c] - logsumexp(z[n,j], j)) - (n == k[n])"),
    ),
    "differences": Placed(
        {"x": "n t", "G": "n t"},
        ("y[n,t] = x[n,t] - x[n,t-1]", "J = sum(G*y)"),
        ("dx[n,t] = dy[n,t] - dy[n,t+1]", "dx[n,t] = G[n,t] - G[n,t+1]"),
        ("dx[n,t] = dy[n,t] - dy[n,t-1]", "dx[n,t] = dy[n,t] - dy[n,t+2]", "dx[n,t] = dy[n,t] - dy[n,t+1]*(t > 0)",
         "dx[n,t] = dy[n,t]", "dx[n,t] = dy[n,t+1] - dy[n,t]"),
    ),
    "a far shift": Placed(
        {"x": "t", "G": "t"},
        ("y[t] = x[t]*x[t-1]", "J = sum(G*y)"),
        ("dx[t] = G[t]*x[t-1] + G[t+1]*x[t+1]",),
        ("dx[t] = G[t]*x[t-1] + G[t+1]*x[t+1] + G[t+11]", "dx[t] = G[t]*x[t-1] + G[t+1]*x[t+1]*(t < 14)",
         "dx[t] = G[t]*x[t+1] + G[t+1]*x[t-1]"),
    ),
    "causal attention": Placed(
        {"S": "t s", "V": "s v", "G": "t v"},
        ("P[t,s] = exp(S[t,s] - logsumexp(S[t,r], r if r <= t))*(s <= t)", "O[t,v] = sum(P[t,s]*V[s,v], s)", "J = sum(G*O)"),
        ("dS[t,s] = P[t,s]*(dP[t,s] - sum(dP[t,r]*P[t,r], r))", "dV[s,v] = sum(P[t,s]*G[t,v], t)",
         "dV[s,v] = sum(P[t,s]*G[t,v], t if s <= t)", "dP[t,s] = sum(G[t,v]*V[s,v], v)"),
        ("dS[t,s] = P[t,s]*dP[t,s]", "dV[s,v] = sum(P[t,s]*G[t,v], t if t <= s)", "dV[s,v] = sum(P[t,s]*G[t,v], t if s < t)",
         "dS[t,s] = P[t,s]*(dP[t,s] - sum(dP[t,r], r if r <= t))"),
    ),
    "max pooling of pairs": Placed(
        {"x": "h", "G": "p"},
        ("y[p] = max(x[2*p+u], u)", "J = sum(G*y)"),
        ("dx[h] = sum(G[p]*(h == 2*p)*(x[2*p] >= x[2*p+1]) + G[p]*(h == 2*p+1)*(x[2*p+1] > x[2*p]), p)",),
        ("dx[h] = sum(G[p]*(h == 2*p)*(x[2*p] < x[2*p+1]) + G[p]*(h == 2*p+1)*(x[2*p+1] > x[2*p]), p)",
         "dx[h] = sum(G[p]*(h == 2*p), p)"),
        {"p": "h//2", "u": "2"},
    ),
    "one behind the other": Placed(
        {"a": "j", "b": "k", "G": "i"},
        ("y[i] = a[i]*2 + b[i-3]", "J = sum(G*y)"),
        ("da[j] = 2*G[j]", "db[k] = G[k+3]"),
        ("db[k] = G[k]", "db[k] = G[k-3]", "da[j] = 2*G[j+3]"),
        {"j": "3", "i": "j + k"},
    ),
}  # fmt: skip
