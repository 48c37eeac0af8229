"""Forward maps from textbooks and papers, with right claims and wrong ones about each; `G` is a random upstream gradient."""

from dataclasses import dataclass, field
from functools import cache

import symbp as sb


@dataclass(frozen=True)
class Case:
    """A problem and claims about it; `jax` says whether the forward lines are Python as they stand."""

    tensors: dict
    forward: tuple
    right: tuple
    wrong: tuple
    functions: dict = field(default_factory=dict)
    loss: str = "J"
    jax: bool = True

    def problem(self, functions=None):
        functions = functions or self.functions
        return _problem(tuple(self.tensors.items()), self.forward, self.loss, tuple(functions.items()))


@cache
def _problem(tensors, forward, loss, functions):
    return sb.Problem(dict(tensors), forward, loss, dict(functions))


CASES = {
    # Vaswani et al. 2017, eq. 1
    "attention": Case(
        {"Q": "t d", "K": "s d", "V": "s v", "G": "t v", "scale": ""},
        ("S = scale*Q@K.T", "P = softmax(S)", "O = P@V", "J = sum(G*O)"),
        ("dV = P.T@G", "dP = G@V.T", "dS = P*(dP - sum(dP*P, axis=1, keepdims=True))", "dQ = scale*dS@K",
         "dK = scale*dS.T@Q", "dS = P*(dP - (O*G).sum(axis=1, keepdims=True))", "dscale = sum(dS*(Q@K.T))",
         "dS[t,s] = P[t,s]*(dP[t,s] - sum(dP[t,j]*P[t,j], j))", "dO = G", "dJ = 1"),
        ("dV = P@G", "dP = V.T@G", "dS = P*(dP - sum(dP*P, axis=0, keepdims=True))", "dS = P*dP", "dS = P*(1 - P)*dP",
         "dQ = dS@K", "dK = scale*dS@Q", "dK = scale*Q.T@dS", "dS = P*(dP - sum(dP, axis=1, keepdims=True))",
         "dS = dP - sum(dP*P, axis=1, keepdims=True)", "dscale = sum(dS*S)", "dV = P.T@O"),
    ),
    # Ba, Kiros and Hinton 2016
    "layer_norm": Case(
        {"x": "n d", "gamma": "d", "beta": "d", "eps": "", "G": "n d"},
        ("mu = mean(x, axis=1, keepdims=True)", "s = sqrt(var(x, axis=1, keepdims=True) + eps)", "xhat = (x - mu)/s",
         "y = gamma*xhat + beta", "J = sum(G*y)"),
        ("dxhat = G*gamma", "dgamma = sum(G*xhat, axis=0)", "dbeta = G.sum(axis=0)",
         "dx = (dxhat - mean(dxhat, axis=1, keepdims=True) - xhat*mean(dxhat*xhat, axis=1, keepdims=True))/s",
         "dx = (N_d*dxhat - dxhat.sum(axis=1, keepdims=True) - xhat*(dxhat*xhat).sum(axis=1, keepdims=True))/(N_d*s)"),
        ("dx = (G - mean(G, axis=1, keepdims=True) - xhat*mean(G*xhat, axis=1, keepdims=True))/s",
         "dx = (dxhat - xhat*mean(dxhat*xhat, axis=1, keepdims=True))/s",
         "dx = (dxhat - mean(dxhat, axis=1, keepdims=True))/s",
         "dx = (dxhat - sum(dxhat, axis=1, keepdims=True) - xhat*sum(dxhat*xhat, axis=1, keepdims=True))/s",
         "dx = (dxhat - mean(dxhat, axis=0) - xhat*mean(dxhat*xhat, axis=0))/s",
         "dx = dxhat/s", "dgamma = G*xhat", "dgamma = sum(G*y, axis=0)", "dbeta = sum(G, axis=1)", "dxhat = G"),
    ),
    # Ioffe and Szegedy 2015
    "batch_norm": Case(
        {"x": "n d", "gamma": "d", "beta": "d", "eps": "", "G": "n d"},
        ("mu = x.mean(axis=0)", "v = mean((x - mu)**2, axis=0)", "xhat = (x - mu)/sqrt(v + eps)", "y = gamma*xhat + beta",
         "J = (G*y).sum()"),
        ("dv = sum(dxhat*(x - mu)*(-1/2)*(v + eps)**(-3/2), axis=0)",
         "dx = dxhat/sqrt(v + eps) + dv*2*(x - mu)/N + dmu/N",
         "dx = gamma/sqrt(v + eps)/N*(N*G - G.sum(axis=0) - xhat*(G*xhat).sum(axis=0))", "dgamma = (G*xhat).sum(axis=0)"),
        ("dv = sum(dxhat*(x - mu)*(1/2)*(v + eps)**(-3/2), axis=0)", "dx = dxhat/sqrt(v + eps) + dv*2*(x - mu)/N",
         "dx = 1/sqrt(v + eps)/N*(N*G - G.sum(axis=0) - xhat*(G*xhat).sum(axis=0))",
         "dx = gamma/sqrt(v + eps)*(N*G - G.sum(axis=0) - xhat*(G*xhat).sum(axis=0))", "dx = gamma*G/sqrt(v + eps)"),
    ),
    # Bishop 2006, eq. 4.109; the targets are made such that they sum to one
    "softmax_cross_entropy": Case(
        {"X": "n d", "W": "d k", "b": "k", "T": "n k"},
        ("Y = softmax(T)", "Z = X@W + b", "P = softmax(Z)", "J = -sum(Y*log(P))/N"),
        ("dZ = (P - Y)/N", "dW = X.T@(P - Y)/N", "dW = X.T@dZ", "db = dZ.sum(axis=0)", "db = sum(P - Y, axis=0)/N",
         "dP = -Y/P/N", "dZ[n,k] = (P[n,k] - Y[n,k])/N"),
        ("dZ = P - Y", "dZ = (Y - P)/N", "dW = X.T@(P - Y)", "db = dZ", "dP = Y/P/N", "dW = dZ.T@X", "dZ = P*(1 - P)*dP",
         "db = mean(P - Y, axis=1)"),
    ),
    "logits": Case(
        {"z": "n k", "y": "n k"},
        ("J = mean(sum(y*(logsumexp(z, axis=1, keepdims=True) - z), axis=1))",),
        ("dz = (softmax(z)*sum(y, axis=1, keepdims=True) - y)/N", "dy = (-log_softmax(z))/N"),
        ("dz = (softmax(z) - y)/N", "dz = softmax(z)*sum(y, axis=1, keepdims=True) - y", "dy = -softmax(z)/N"),
    ),
    # Hastie, Tibshirani and Friedman 2009, eq. 4.21
    "logistic_regression": Case(
        {"X": "n d", "w": "d", "b": "", "y": "n"},
        ("z = X@w + b", "p = sigmoid(z)", "J = -mean(y*log(p) + (1 - y)*log(1 - p))"),
        ("dz = (p - y)/N", "dw = X.T@(p - y)/N", "db = mean(p - y)", "db = sum(dz)", "dp = (p - y)/(p*(1 - p))/N",
         "dw[d] = mean((p[n] - y[n])*X[n,d], n)", "dz[n] = (sigmoid(z[n]) - y[n])/N"),
        ("dz = p - y", "dw = X.T@(p - y)", "dw = X@(p - y)/N", "dz = (p - y)*p*(1 - p)/N", "db = sum(p - y)",
         "dp = (p - y)/N", "dz = (y - p)/N"),
    ),
    # Hoerl and Kennard 1970
    "ridge": Case(
        {"X": "n d", "y": "n", "w": "d", "lam": ""},
        ("r = X@w - y", "J = sum(r**2)/(2*N) + lam/2*(w@w)"),
        ("dw = X.T@r/N + lam*w", "dr = r/N", "dlam = sum(w**2)/2", "dX = outer(r, w)/N", "dy = (y - X@w)/N"),
        ("dw = X.T@r/N + lam", "dw = X.T@r/N", "dw = X.T@r + lam*w", "dw = X.T@r/N + 2*lam*w", "dw = X.T@r/N - lam*w",
         "dX = outer(w, r)/N", "dlam = sum(w)/2", "dy = X@w - y"),
    ),
    # Rumelhart, Hinton and Williams 1986: unrolled for two steps
    "rnn": Case(
        {"x1": "d", "x2": "d", "h0": "h", "W": "h h", "U": "h d", "b": "h", "c": "h"},
        ("z1 = W@h0 + U@x1 + b", "h1 = g(z1)", "z2 = W@h1 + U@x2 + b", "h2 = g(z2)", "J = c@h2"),
        ("dh2 = c", "dz2 = c*g'(z2)", "dh1 = W.T@dz2", "dz1 = (W.T@dz2)*g'(z1)", "dW = outer(dz2, h1) + outer(dz1, h0)",
         "dU = outer(dz2, x2) + outer(dz1, x1)", "db = dz1 + dz2", "dh0 = W.T@dz1"),
        ("dz2 = c*g(z2)", "dz2 = c", "dh1 = W@dz2", "dz1 = W.T@dz2", "dz1 = (W.T@dz2)*g'(z2)", "dW = outer(dz2, h1)",
         "dW = outer(dz2, h2) + outer(dz1, h1)", "dW = outer(h1, dz2) + outer(h0, dz1)", "db = dz2", "db = 2*dz2",
         "dU = outer(dz2, x1) + outer(dz1, x2)"),
        functions={"g": "any"},
    ),
    # Hochreiter and Schmidhuber 1997 with Gers' forget gate
    "lstm_cell": Case(
        {"x": "d", "h": "u", "c": "u", "Wi": "u d", "Ui": "u u", "Wf": "u d", "Uf": "u u", "Wo": "u d", "Uo": "u u",
         "Wc": "u d", "Uc": "u u", "G": "u"},
        ("ai = Wi@x + Ui@h", "i = sigmoid(ai)", "af = Wf@x + Uf@h", "f = sigmoid(af)", "ao = Wo@x + Uo@h", "o = sigmoid(ao)",
         "ac = Wc@x + Uc@h", "ct = tanh(ac)", "cn = f*c + i*ct", "hn = o*tanh(cn)", "J = G@hn"),
        ("dcn = G*o*(1 - tanh(cn)**2)", "dc = dcn*f", "df = dcn*c", "daf = dcn*c*f*(1 - f)", "dai = dcn*ct*i*(1 - i)",
         "dac = dcn*i*(1 - ct**2)", "dao = G*tanh(cn)*o*(1 - o)", "dWf = outer(daf, x)", "dUf = outer(daf, h)",
         "dh = Ui.T@dai + Uf.T@daf + Uo.T@dao + Uc.T@dac"),
        ("dcn = G*o*(1 - cn**2)", "dcn = G*o", "dc = dcn*i", "daf = dcn*c*f", "dai = dcn*ct*(1 - i)", "dac = dcn*i*(1 - ct)",
         "dao = G*cn*o*(1 - o)", "dh = Ui.T@dai + Uf.T@daf + Uo.T@dao", "dUf = outer(h, daf)"),
    ),
    # Cho et al. 2014
    "gru_cell": Case(
        {"x": "d", "h": "u", "Wz": "u d", "Uz": "u u", "Wr": "u d", "Ur": "u u", "Wn": "u d", "Un": "u u", "G": "u"},
        ("z = sigmoid(Wz@x + Uz@h)", "r = sigmoid(Wr@x + Ur@h)", "n = tanh(Wn@x + Un@(r*h))", "hn = (1 - z)*n + z*h",
         "J = sum(G*hn)"),
        ("dz = G*(h - n)", "dn = G*(1 - z)", "dr = (Un.T@(dn*(1 - n**2)))*h", "dUn = outer(dn*(1 - n**2), r*h)"),
        ("dz = G*(n - h)", "dn = G*z", "dr = Un.T@(dn*(1 - n**2))", "dUn = outer(dn*(1 - n**2), h)"),
    ),
    # Broomhead and Lowe 1988
    "rbf": Case(
        {"x": "d", "C": "k d", "gamma": "", "w": "k"},
        ("r = sum((x - C)**2, axis=1)", "phi = exp(-gamma*r)", "J = w@phi"),
        ("dphi = w", "dr = -gamma*w*phi", "dgamma = -sum(w*phi*r)", "dC[k,d] = 2*gamma*w[k]*phi[k]*(x[d] - C[k,d])",
         "dx[d] = -2*gamma*sum(w[k]*phi[k]*(x[d] - C[k,d]), k)"),
        ("dr = gamma*w*phi", "dr = -w*phi", "dgamma = -sum(w*phi)", "dC[k,d] = -2*gamma*w[k]*phi[k]*(x[d] - C[k,d])",
         "dx[d] = -gamma*sum(w[k]*phi[k]*(x[d] - C[k,d]), k)"),
    ),
    "bilinear": Case(
        {"x": "d", "A": "d e", "y": "e"},
        ("J = x@A@y",),
        ("dA = outer(x, y)", "dx = A@y", "dy = A.T@x", "dy = x@A", "dA[d,e] = x[d]*y[e]"),
        ("dA = outer(y, x)", "dx = A.T@y", "dy = A@x", "dA[d,e] = x[e]*y[d]"),
    ),
    "quadratic_form": Case(  # Petersen and Pedersen, The Matrix Cookbook, eq. 81
        {"x": "d", "A": "d d"},
        ("J = x@A@x",),
        ("dx = (A + A.T)@x", "dA = outer(x, x)", "dx[i] = sum(A[i,j]*x[j], j) + sum(A[j,i]*x[j], j)"),
        ("dx = 2*A@x", "dx = A@x", "dx = (A - A.T)@x", "dx = A.T@x + A.T@x"),
    ),
    "trace_product": Case(  # The Matrix Cookbook, eq. 101
        {"A": "m n", "X": "n p", "B": "p m"},
        ("J = trace(A@X@B)",),
        ("dX = A.T@B.T", "dA = (X@B).T", "dB = (A@X).T"),
        ("dX = B@A", "dX = A@B", "dA = X@B", "dX = A.T@B"),
    ),
    # Mikolov et al. 2013, eq. 4: one positive word and some negative ones
    "negative_sampling": Case(
        {"v": "d", "u": "d", "U": "k d"},
        ("s = u@v", "m = U@v", "J = -log(sigmoid(s)) - sum(log(sigmoid(-m)))"),
        ("ds = sigmoid(s) - 1", "dm = sigmoid(m)", "dv = (sigmoid(s) - 1)*u + U.T@sigmoid(m)", "du = (sigmoid(s) - 1)*v",
         "dU = outer(sigmoid(m), v)"),
        ("ds = 1 - sigmoid(s)", "ds = sigmoid(s)", "dm = sigmoid(m) - 1", "dv = (sigmoid(s) - 1)*u", "dU = outer(v, sigmoid(m))",
         "dv = (sigmoid(s) - 1)*u - U.T@sigmoid(m)"),
    ),
    # Schroff, Kalenichenko and Philbin 2015, eq. 3
    "triplet": Case(
        {"a": "n d", "p": "n d", "q": "n d", "alpha": ""},
        ("l = sum((a - p)**2, axis=1, keepdims=True) - sum((a - q)**2, axis=1, keepdims=True) + alpha",
         "J = sum(maximum(l, 0))"),
        ("dl = (l > 0)", "da = 2*(l > 0)*(q - p)", "dp = -2*(l > 0)*(a - p)", "dq = where(l > 0, 2*(a - q), 0)",
         "dalpha = sum(l > 0)"),
        ("dl = 1", "da = 2*(q - p)", "da = 2*(l > 0)*(p - q)", "dp = -(l > 0)*(a - p)", "da = 2*(l < 0)*(q - p)"),
    ),
    # Hadsell, Chopra and LeCun 2006, eq. 4
    "contrastive": Case(
        {"a": "d", "b": "d", "y": "", "m": ""},
        ("D = sqrt(sum((a - b)**2))", "J = (1 - y)*D**2/2 + y*maximum(0, m - D)**2/2"),
        ("dD = (1 - y)*D - y*maximum(0, m - D)", "da = dD*(a - b)/D", "db = -dD*(a - b)/D",
         "da = (1 - y)*(a - b) - y*where(m > D, (m - D)/D, 0)*(a - b)"),
        ("dD = (1 - y)*D + y*maximum(0, m - D)", "da = dD*(a - b)", "db = dD*(a - b)/D", "dD = (1 - y)*D - y*(m - D)",
         "da = dD*(a - b)/(2*D)"),
    ),
    # Krogh and Hertz 1991
    "weight_decay": Case(
        {"W": "o i", "x": "i", "y": "o", "l2": "", "l1": ""},
        ("e = W@x - y", "J = (e@e)/2 + l2/2*sum(W**2) + l1*sum(abs(W))"),
        ("dW = outer(e, x) + l2*W + l1*sign(W)",),
        ("dW = outer(e, x) + l2 + l1*sign(W)", "dW = outer(e, x) + l2*W", "dW = outer(e, x) + l2*W + l1",
         "dW = outer(e, x) + 2*l2*W + l1*sign(W)", "dW = outer(e, x) + l2*W + l1*abs(W)"),
    ),
    "log_sum_exp": Case(
        {"x": "n", "t": ""},
        ("J = logsumexp(x/t)*t",),
        ("dx = softmax(x/t)", "dx = exp(x/t)/sum(exp(x/t))"),
        ("dx = softmax(x)", "dx = softmax(x/t)/t", "dx = exp(x/t)"),
    ),
    # Zhang and Sennrich 2019, eq. 4
    "rms_norm": Case(
        {"x": "n d", "g": "d", "G": "n d"},
        ("r = sqrt(mean(x**2, axis=1, keepdims=True))", "y = x/r*g", "J = sum(G*y)"),
        ("dx = G*g/r - x*mean(G*g*x, axis=1, keepdims=True)/r**3", "dg = sum(G*x/r, axis=0)"),
        ("dx = G*g/r", "dx = G*g/r - x*mean(G*g*x, axis=1, keepdims=True)/r**2", "dx = G/r - x*mean(G*x, axis=1, keepdims=True)/r**3",
         "dg = G*x/r", "dx = G*g/r - x*sum(G*g*x, axis=1, keepdims=True)/r**3"),
    ),
    # Shazeer 2020: a gated feed-forward layer; He et al. 2016: the identity beside it
    "swiglu_residual": Case(
        {"x": "n d", "A": "d h", "B": "d h", "C": "h d", "G": "n d"},
        ("a = x@A", "b = x@B", "s = silu(a)", "y = x + (s*b)@C", "J = sum(G*y)"),
        ("ds = (G@C.T)*b", "db = (G@C.T)*s", "da = ds*(sigmoid(a) + a*sigmoid(a)*(1 - sigmoid(a)))", "da = ds*silu'(a)",
         "dC = (s*b).T@G", "dx = G + da@A.T + db@B.T"),
        ("ds = G@C.T", "da = ds*sigmoid(a)", "dx = da@A.T + db@B.T", "dC = s.T@G", "dx = G + da@A + db@B"),
    ),
    # Hinton, Vinyals and Dean 2015
    "distillation": Case(
        {"z": "k", "v": "k", "tau": ""},
        ("q = softmax(v/tau)", "p = softmax(z/tau)", "J = -tau**2*sum(q*log(p))"),
        ("dz = tau*(p - q)",),
        ("dz = p - q", "dz = (p - q)/tau", "dz = tau*(q - p)"),
    ),
    "cosine": Case(
        {"a": "d", "b": "d"},
        ("J = (a@b)/(norm(a)*norm(b))",),
        ("da = b/(norm(a)*norm(b)) - J*a/norm(a)**2",),
        ("da = b/(norm(a)*norm(b))", "da = b/(norm(a)*norm(b)) - J*a/norm(a)", "da = b/(norm(a)*norm(b)) + J*a/norm(a)**2"),
        jax=False,
    ),
    "index_notation": Case(
        {"x": "n d", "W": "h d", "v": "h", "y": "n"},
        ("z[n,h] = sum(W[h,d]*x[n,d], d)", "p[n] = sum(v[h]*g(z[n,h]), h)", "J = mean((p[n] - y[n])**2, n)/2"),
        ("dp = (p - y)/N", "dz[n,h] = dp[n]*v[h]*g'(z[n,h])", "dW = dz.T@x", "dv = g(z).T@dp", "dW[h,d] = sum(dz[n,h]*x[n,d], n)"),
        ("dp = p - y", "dz[n,h] = dp[n]*v[h]", "dW = dz@x", "dv = g'(z).T@dp", "dW[h,d] = dz[n,h]*x[n,d]"),
        functions={"g": "any"}, jax=False,
    ),
    "batched": Case(
        {"Q": "h t d", "K": "h d s", "V": "h s v", "G": "h t v"},
        ("S = Q@K/sqrt(N_d)", "P = softmax(S)", "O = P@V", "J = sum(G*O)"),
        ("dS = P*(dP - (dP*P).sum(axis=-1, keepdims=True))", "dV[h,s,v] = sum(P[h,t,s]*G[h,t,v], t)",
         "dQ[h,t,d] = sum(dS[h,t,s]*K[h,d,s], s)/sqrt(N_d)"),
        ("dS = P*(dP - (dP*P).sum(axis=1, keepdims=True))", "dV[h,s,v] = sum(P[h,t,s]*O[h,t,v], t)",
         "dQ[h,t,d] = sum(dS[h,t,s]*K[h,d,s], s)"),
    ),
}  # fmt: skip
