"""Functions as people write them: losses, norms, attention, activations, similarities, cells. They are read as text."""

from math import pi, sqrt

import numpy as np
from scipy.special import expit, logsumexp
from scipy.special import softmax as sp_softmax

EPS = 1e-5


def softmax(z: "n k"):
    z = z - np.max(z, axis=-1, keepdims=True)  # for numerical stability
    e = np.exp(z)
    return e / e.sum(axis=-1, keepdims=True)


def log_softmax(x: "n k"):
    c = x.max(axis=1, keepdims=True)
    lse = c + np.log(np.sum(np.exp(x - c), axis=1, keepdims=True))
    return x - lse


def sigmoid(x: "n d"):
    return 1.0 / (1.0 + np.exp(-x))


def swish(x: "n d", beta: ""):
    """x times sigmoid(beta x) (Ramachandran et al.)."""
    return x * sigmoid(beta * x)


def gelu_tanh(x: "n d"):
    return 0.5 * x * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3)))


def softplus(x: "n d"):
    return np.log1p(np.exp(-np.abs(x))) + np.maximum(x, 0)


def leaky_relu(x: "n d", slope=0.01):
    return np.where(x > 0, x, slope * x)


def elu(x: "n d", alpha=1.0):
    return np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0)))


def hard_tanh(x: "n d"):
    return np.clip(x, -1, 1)


def glu(x: "n d", W: "d k", V: "d k", b: "k", c: "k"):
    gate = expit(x @ W + b)
    return (x @ V + c) * gate


def layer_norm(x: "n d", gamma: "d", beta: "d", eps=1e-5):
    """Layer normalisation (Ba et al.)."""
    assert x.ndim == 2, f"expected two axes, got {x.ndim}"
    mu = x.mean(axis=1, keepdims=True)
    var = x.var(axis=1, keepdims=True)
    xhat = (x - mu) / np.sqrt(var + eps)
    return gamma * xhat + beta


def batch_norm(x: "n d", gamma: "d", beta: "d", eps=EPS):
    N, D = x.shape
    mu = 1.0 / N * np.sum(x, axis=0)
    xmu = x - mu
    var = 1.0 / N * np.sum(xmu**2, axis=0)
    ivar = 1.0 / np.sqrt(var + eps)
    xhat = xmu * ivar
    out = gamma * xhat + beta
    return out


def rms_norm(x: "n d", w: "d", eps=1e-6):
    rms = np.sqrt(np.mean(np.square(x), axis=-1, keepdims=True) + eps)
    return x / rms * w


def l2_normalize(x: "n d"):
    return x / np.linalg.norm(x, axis=1, keepdims=True)


def instance_norm(x: "n c t", eps=1e-5):
    mean = x.mean(axis=2, keepdims=True)
    std = np.sqrt(x.var(axis=2, keepdims=True) + eps)
    return (x - mean) / std


def mse(pred: "n d", target: "n d"):
    return np.mean((pred - target) ** 2)


def huber(pred: "n", target: "n", delta=1.0):
    err = pred - target
    small = 0.5 * err**2
    large = delta * (np.abs(err) - 0.5 * delta)
    return np.where(np.abs(err) <= delta, small, large).mean()


def log_cosh(pred: "n", target: "n"):
    return np.mean(np.log(np.cosh(pred - target)))


def bce_with_logits(z: "n", y: "n"):
    loss = np.maximum(z, 0) - z * y + np.log1p(np.exp(-np.abs(z)))
    return loss.mean()


def bce(p: "n", y: "n"):
    return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))


def cross_entropy(logits: "n k", y: "n k"):
    n = logits.shape[0]
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return -np.sum(y * log_p) / n


def smoothed_cross_entropy(logits: "n k", y: "n k", smoothing=0.1):
    k = logits.shape[1]
    soft = (1 - smoothing) * y + smoothing / k
    log_p = logits - logsumexp(logits, axis=1, keepdims=True)
    return -(soft * log_p).sum(axis=1).mean()


def focal_loss(z: "n", y: "n", gamma=2.0, alpha=0.25):
    p = expit(z)
    p_t = y * p + (1 - y) * (1 - p)
    a_t = alpha * y + (1 - alpha) * (1 - y)
    return np.mean(-a_t * (1 - p_t) ** gamma * np.log(p_t))


def dice_loss(p: "n d", t: "n d", smooth=1.0):
    inter = (p * t).sum(axis=1)
    union = p.sum(axis=1) + t.sum(axis=1)
    return np.mean(1 - (2 * inter + smooth) / (union + smooth))


def svm_loss(w: "d", b: "", X: "n d", y: "n", C=1.0):
    margins = 1 - y * (X.dot(w) + b)
    margins[:] = np.maximum(0, margins)
    return 0.5 * w.dot(w) + C * margins.sum()


def triplet_loss(a: "n d", p: "n d", q: "n d", margin=0.5):
    d_pos = np.sum((a - p) ** 2, axis=1)
    d_neg = np.sum((a - q) ** 2, axis=1)
    return np.maximum(0.0, d_pos - d_neg + margin).mean()


def contrastive(a: "n d", b: "n d", same: "n", m=2.0):
    dist = np.sqrt(((a - b) ** 2).sum(-1))
    return np.mean(same * dist**2 + (1 - same) * np.maximum(m - dist, 0) ** 2)


def cosine_similarity(a: "n d", b: "n d"):
    dot = np.einsum("nd,nd->n", a, b)
    return dot / (np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1))


def info_nce(q: "n d", k: "n d", t: "n n", tau=0.5):
    qn = q / np.linalg.norm(q, axis=1, keepdims=True)
    kn = k / np.linalg.norm(k, axis=1, keepdims=True)
    s = qn @ kn.T / tau
    return -np.mean(np.sum(t * (s - logsumexp(s, axis=1, keepdims=True)), axis=1))


def clip_loss(u: "n d", v: "n d", tau=0.1):
    """Pairs against all others, both ways (Radford et al., 2021)."""
    s = u @ v.T / tau
    rows = logsumexp(s, axis=1) - np.diag(s)
    columns = logsumexp(s, axis=0) - np.diag(s)
    return (rows.mean() + columns.mean()) / 2


def matched(s: "n n"):
    """How likely each row finds its own column."""
    return np.exp(np.diag(s) - logsumexp(s, axis=1))


def attention(Q: "t d", K: "s d", V: "s e"):
    d_k = Q.shape[-1]
    scores = Q @ K.T / np.sqrt(d_k)
    weights = softmax(scores)
    return weights @ V


def masked_attention(Q: "t d", K: "s d", V: "s e", mask: "t s"):
    scores = np.matmul(Q, K.transpose(1, 0)) / sqrt(Q.shape[1])
    scores = np.where(mask > 0, scores, -1e9)
    w = sp_softmax(scores, axis=-1)
    return np.matmul(w, V), w


def additive_attention(h: "s d", q: "d", W: "a d", U: "a d", v: "a"):
    e = np.tanh(h @ W.T + U @ q) @ v
    a = np.exp(e - e.max())
    a /= a.sum()
    return a @ h


def linear(x: "n i", W: "o i", b: "o"):
    y = np.dot(x, W.T)
    y += b
    return y


def mlp(x: "n i", W1: "i h", b1: "h", W2: "h o", b2: "o"):
    h = np.maximum(0, x @ W1 + b1)
    return h @ W2 + b2


def logistic_regression(w: "d", X: "n d", y: "n", lam=0.1):
    z = X @ w
    nll = np.logaddexp(0, -y * z).mean()
    return nll + lam / 2 * np.sum(w**2)


def ridge(w: "d", X: "n d", y: "n", lam=0.5):
    r = X @ w - y
    return (r @ r + lam * w @ w) / (2 * len(y))


def matrix_factorization(U: "u r", V: "i r", R: "u i", M: "u i", lam=0.1):
    """Observed entries of R against U V^T (Koren et al.)."""
    E = M * (R - U @ V.T)
    return 0.5 * np.sum(E**2) + 0.5 * lam * (np.sum(U**2) + np.sum(V**2))


def glove(W: "v d", C: "v d", b: "v", c: "v", logX: "v v", f: "v v"):
    diff = W @ C.T + b[:, None] + c[None, :] - logX
    return np.sum(f * diff**2)


def skip_gram(u: "d", v: "d", neg: "k d"):
    pos = np.log(expit(u @ v))
    return -pos - np.sum(np.log(expit(-neg @ u)))


def gaussian_nll(mu: "n d", log_sigma: "n d", x: "n d"):
    z = (x - mu) * np.exp(-log_sigma)
    return np.sum(0.5 * z**2 + log_sigma + 0.5 * np.log(2 * pi)) / x.shape[0]


def vae_kl(mu: "n d", logvar: "n d"):
    return -0.5 * np.sum(1 + logvar - mu**2 - np.exp(logvar), axis=1).mean()


def reparameterize(mu: "n d", logvar: "n d", eps: "n d"):
    std = np.exp(0.5 * logvar)
    return mu + eps * std


def gaussian_mixture(x: "n d", mu: "k d", log_w: "k"):
    sq = ((x[:, None, :] - mu[None, :, :]) ** 2).sum(axis=2)
    log_p = log_w - logsumexp(log_w) - 0.5 * sq
    return -np.mean(logsumexp(log_p, axis=1))


def rbf_kernel(x: "n d", y: "m d", gamma: ""):
    sq = np.sum(x**2, axis=1)[:, np.newaxis] + np.sum(y**2, axis=1)[np.newaxis, :] - 2 * x @ y.T
    return np.exp(-gamma * sq)


def rbf_layer(x: "n d", c: "k d", log_s: "k", W: "k o"):
    d2 = ((x[:, None] - c[None]) ** 2).sum(-1)
    phi = np.exp(-d2 * np.exp(-2 * log_s))
    return phi @ W


def mahalanobis(x: "n d", mu: "d", L: "d k"):
    z = (x - mu) @ L
    return np.sqrt((z * z).sum(axis=1))


def bilinear(x: "n i", W: "i j", y: "n j", b: ""):
    return np.sum((x @ W) * y, axis=1) + b


def lstm_cell(
    x: "n i", h: "n k", c: "n k", Wi: "i k", Wf: "i k", Wo: "i k", Wg: "i k", Ui: "k k", Uf: "k k", Uo: "k k", Ug: "k k"
):
    i = sigmoid(x @ Wi + h @ Ui)
    f = sigmoid(x @ Wf + h @ Uf)
    o = sigmoid(x @ Wo + h @ Uo)
    g = np.tanh(x @ Wg + h @ Ug)
    c_next = f * c + i * g
    h_next = o * np.tanh(c_next)
    return h_next, c_next


def gru_cell(x: "n i", h: "n k", Wz: "i k", Wr: "i k", Wh: "i k", Uz: "k k", Ur: "k k", Uh: "k k"):
    z = sigmoid(x @ Wz + h @ Uz)
    r = sigmoid(x @ Wr + h @ Ur)
    cand = np.tanh(x @ Wh + (r * h) @ Uh)
    return (1 - z) * h + z * cand


def rnn_cell(x: "n i", h: "n k", Wxh: "i k", Whh: "k k", b: "k"):
    return np.tanh(x @ Wxh + h @ Whh + b)


def squeeze_excite(x: "n c t", W1: "c r", W2: "r c"):
    s = x.mean(axis=2)
    e = expit(np.maximum(s @ W1, 0) @ W2)
    return x * e[:, :, None]


def kl_divergence(p: "n k", q: "n k"):
    return np.sum(p * (np.log(p) - np.log(q)), axis=1).mean()


def poisson_nll(log_rate: "n", k: "n"):
    rate = np.exp(log_rate)
    return (rate - k * log_rate).mean()


def ranking(s: "n", t: "n"):
    """RankNet over all pairs."""
    diff = s[:, None] - s[None, :]
    wanted = np.where(t[:, None] > t[None, :], 1.0, 0.0)
    return np.sum(wanted * np.log1p(np.exp(-diff)))


def barlow(a: "n d", b: "n d", lam=0.05):
    az = (a - a.mean(0)) / a.std(0)
    bz = (b - b.mean(0)) / b.std(0)
    c = az.T @ bz / a.shape[0]
    on = np.sum((np.diag(c) - 1) ** 2)
    return on + lam * (np.sum(c**2) - np.sum(np.diag(c) ** 2))


def style_loss(f: "c p", g: "c c"):
    gram = np.dot(f, f.T) / f.size
    return np.sum((gram - g) ** 2)


def quantile(pred: "n", y: "n", tau=0.9):
    e = y - pred
    return np.mean(np.maximum(tau * e, (tau - 1) * e))


def total_energy(x: "v", h: "h", W: "v h", a: "v", b: "h"):
    """Of a restricted Boltzmann machine."""
    return -(a @ x) - b @ h - x @ W @ h


def gaussian_log_likelihood(x: "n d", mu: "d", S: "d d"):
    """Of independent samples of a normal distribution (Bishop 2006, eq. 2.118)."""
    r = x - mu
    sign, logdet = np.linalg.slogdet(S)
    q = (r * np.linalg.solve(S, r.T).T).sum(axis=1)
    return -0.5 * (q + logdet + x.shape[1] * np.log(2 * np.pi)).sum()


def ridge_regression(X: "n d", Y: "n k", lam: ""):
    A = X.T @ X + lam**2 * np.eye(X.shape[1])
    return np.linalg.solve(A, X.T @ Y)


def distances(x: "n d", mu: "d", B: "d d"):
    """Of Mahalanobis, under a covariance that is positive definite."""
    S = B @ B.T + np.eye(len(mu))
    r = x - mu
    return np.sqrt(np.einsum("ni,ij,nj->n", r, np.linalg.inv(S), r))


def volume(A: "d d", G: "d d"):
    return np.linalg.det(A) * np.trace(np.linalg.inv(A) @ G) + np.linalg.norm(A)


def discounted(r: "t k", v: "k"):
    """Running sums of what is gained, each weighed."""
    total = np.cumsum(r, axis=0)
    return np.tanh(total) @ v
