"""The losses of one example, and what regularisation adds to the loss of a batch."""

from __future__ import annotations

from collections.abc import Mapping

from symbp.catalogue.kinds import COUNTS, SIGNS, SIMPLEX, UNIT, LossKind

_INF = float("inf")
_ONE_HOT = "sum(y[n,k], k) = 1 | the targets of an example sum to one"

_ENTRIES = (
    LossKind(
        "sse",
        "sum((yhat[n,k] - y[n,k])**2, k)/2",
        source="Legendre 1805, halved",
        words="half the sum of squared errors",
    ),
    LossKind(
        "squared_error", "sum((yhat[n,k] - y[n,k])**2, k)", source="Legendre 1805", words="the sum of squared errors"
    ),
    LossKind("mse", "mean((yhat[n,k] - y[n,k])**2, k)", source="Gauss 1821", words="the mean squared error"),
    LossKind("mae", "mean(abs(yhat[n,k] - y[n,k]), k)", source="Boscovich 1757", words="the mean absolute error"),
    LossKind(
        "huber",
        "sum(where(abs(yhat[n,k] - y[n,k]) <= delta, (yhat[n,k] - y[n,k])**2/2,"
        " delta*(abs(yhat[n,k] - y[n,k]) - delta/2)), k)",
        {"delta": 1},
        source="Huber 1964, eq. 2.4",
        words="Huber's loss",
    ),
    LossKind(
        "binary_cross_entropy",
        "-sum(xlogy(y[n,k], yhat[n,k]) + xlogy(1 - y[n,k], 1 - yhat[n,k]), k)",
        domain=(0, 1, True),
        after="sigmoid or softmax",
        targets=UNIT,
        boundary=0.5,
        source="Good 1952",
        words="the binary cross-entropy",
    ),
    LossKind(
        "cross_entropy",
        "-sum(xlogy(y[n,k], yhat[n,k]), k)",
        domain=(0, 1, True),
        after="softmax",
        facts=(_ONE_HOT,),
        targets=SIMPLEX,
        labels=True,
        source="Good 1952; Bridle 1990 with softmax",
        words="the cross-entropy",
    ),
    LossKind(
        "nll",
        "-sum(y[n,k]*yhat[n,k], k)",
        domain=(-_INF, 0, True),
        after="log_softmax",
        facts=(_ONE_HOT,),
        targets=SIMPLEX,
        labels=True,
        source="Fisher 1922; predictions are log-probabilities",
        words="the negative log-likelihood",
    ),
    LossKind(
        "hinge",
        "sum(max(0, 1 - y[n,k]*yhat[n,k]), k)",
        targets=SIGNS,
        boundary=0,
        source="Cortes and Vapnik 1995; targets are -1 or 1",
        words="the hinge loss",
    ),
    LossKind(
        "kl_divergence",
        "sum(xlogy(y[n,k], y[n,k]) - xlogy(y[n,k], yhat[n,k]), k)",
        domain=(0, 1, True),
        after="softmax",
        facts=(_ONE_HOT,),
        targets=SIMPLEX,
        source="Kullback and Leibler 1951",
        words="the Kullback-Leibler divergence",
    ),
    LossKind(
        "poisson",
        "sum(yhat[n,k] - xlogy(y[n,k], yhat[n,k]), k)",
        domain=(0, _INF, False),
        after="exp or softplus",
        targets=COUNTS,
        source="Nelder and Wedderburn 1972; without the term that does not depend on the prediction",
        words="the negative log-likelihood of a Poisson distribution",
    ),
    LossKind(
        "cosine",
        "1 - sum(yhat[n,k]*y[n,k], k)/(sqrt(sum(yhat[n,k]**2, k) + eps)*sqrt(sum(y[n,k]**2, k) + eps))",
        {"eps": 1e-12},
        least=2,
        source="Salton, Wong and Yang 1975, one minus their measure of likeness; eps keeps a vector of zeros from having none",
        words="one minus the cosine",
    ),
)

LOSSES: Mapping[str, LossKind] = {entry.name: entry for entry in _ENTRIES}

REGULARIZERS: Mapping[str, str] = {"l2": "l2/2*sum(W[...]**2, ...)", "l1": "l1*sum(abs(W[...]), ...)"}
"""What each weight adds to the loss (biases excepted): Hoerl and Kennard 1970; Tibshirani 1996."""
