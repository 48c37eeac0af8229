"""Metrics of generated modules against definitions written by hand, and against scikit-learn where it is installed."""

from functools import cache

import numpy as np
import pytest
from generated_module import from_source

import symbp as sb

KINDS = {
    "classes": ("4-5:tanh-3:softmax", "cross_entropy"),
    "log classes": ("4-5:tanh-4:log_softmax", "nll"),
    "yes or no": ("4-5:tanh-1:sigmoid", "binary_cross_entropy"),
    "signs": ("4-5:tanh-1", "hinge"),
    "several": ("4-5:tanh-3:sigmoid", "binary_cross_entropy"),
    "numbers": ("4-5:tanh-3", "sse"),
    "a number": ("4-5:tanh-1", "huber"),
}


@cache
def made(kind, reduction="mean"):
    arch, loss = KINDS[kind]
    return from_source(sb.generate(sb.Network.parse(arch, loss=loss, reduction=reduction)))


def data(kind, n=83):
    rng = np.random.default_rng(3)
    x = rng.normal(size=(n, 4))
    targets = {
        "classes": lambda: rng.integers(0, 3, n), "log classes": lambda: rng.integers(0, 3, n),
        "yes or no": lambda: rng.integers(0, 2, n), "signs": lambda: rng.choice([-1, 1], n),
        "several": lambda: rng.integers(0, 2, (n, 3)), "numbers": lambda: 1e4 + rng.normal(size=(n, 3)) * [1, 5, 0],
        "a number": lambda: rng.normal(size=n),
    }  # fmt: skip
    return x, targets[kind]()


@pytest.mark.parametrize("kind", ["classes", "log classes", "yes or no", "signs"])
def test_classes(kind):
    m = made(kind)
    x, y = data(kind)
    y_hat = m.predict(m.init(2), x)
    threshold = {"yes or no": 0.5, "signs": 0.0}.get(kind)
    predicted = y_hat.argmax(axis=1) if threshold is None else (y_hat[:, 0] > threshold).astype(int)
    truth = y if threshold is None else (y > threshold).astype(int)
    count = m.OUTPUT[-1] if threshold is None else 2
    found = m.metrics(y_hat, y)
    matrix = [[sum((truth == a) & (predicted == b)) for b in range(count)] for a in range(count)]
    assert found["confusion"].tolist() == matrix == m.confusion(y_hat, y).tolist()
    assert found["accuracy"] == pytest.approx(np.mean(predicted == truth)) == m.accuracy(y_hat, y)
    for k in range(count):
        right, all_k, said = matrix[k][k], sum(matrix[k]), sum(row[k] for row in matrix)
        assert found["recall"][k] == (right / all_k if all_k else 0)
        assert found["precision"][k] == (right / said if said else 0)
        assert found["count"][k] == all_k


def test_several_outputs():
    m = made("several")
    x, y = data("several")
    y_hat = m.predict(m.init(2), x)
    found = m.metrics(y_hat, y)
    for k in range(3):
        said, there = y_hat[:, k] > 0.5, y[:, k] == 1
        assert found["precision"][k] == pytest.approx((said & there).sum() / said.sum())
        assert found["recall"][k] == pytest.approx((said & there).sum() / there.sum())
    assert found["accuracy"] == pytest.approx(((y_hat > 0.5) == y).mean())


@pytest.mark.parametrize("kind", ["numbers", "a number"])
def test_numbers(kind):
    m = made(kind)
    _, y = data(kind)
    y_hat = y.reshape(len(y), -1) + np.random.default_rng(0).normal(size=(len(y), m.OUTPUT[0]))
    table = y.reshape(len(y), -1)
    r2 = []
    for k in range(table.shape[1]):
        spread = ((table[:, k] - table[:, k].mean()) ** 2).sum()
        r2.append(1 - ((table[:, k] - y_hat[:, k]) ** 2).sum() / spread if spread else 0)  # the third does not vary
    found = m.metrics(y_hat, y)
    assert found["R2"] == pytest.approx(np.mean(r2), rel=1e-9)
    assert found["RMSE"] == pytest.approx(np.sqrt(((table - y_hat) ** 2).mean()))
    assert found["MAE"] == pytest.approx(np.abs(table - y_hat).mean())
    assert m.metrics(table, y)["R2"] == 1


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("reduction", ["mean", "sum"])
def test_batch_by_batch_is_all_at_once(kind, reduction):
    m = made(kind, reduction)
    x, y = data(kind)
    params = m.init(1, np.float64)
    found, whole = m.evaluate(params, x, y, 7), m.metrics(m.predict(params, x), y)
    assert found["loss"] == pytest.approx(m.loss(m.predict(params, x), y), rel=1e-9)
    for name in {*found} - {"loss"}:
        assert found[name] == pytest.approx(whole[name], rel=1e-6), name


@pytest.mark.parametrize("kind", KINDS)
def test_the_history_has_the_score_of_an_epoch(kind):
    m = made(kind)
    x, y = data(kind)
    if kind == "numbers":
        y = y - 1e4
    params = m.init(1, np.float64)
    history = m.fit(params, x, y, epochs=1, batch_size=100, lr=1e-12)  # weights that hardly move
    whole = m.evaluate(params, x, y)
    for name in history:
        assert history[name][0] == pytest.approx(whole[name], rel=1e-5), name


def test_against_scikit_learn():
    metrics = pytest.importorskip("sklearn.metrics")
    m = made("classes")
    x, y = data("classes")
    y_hat = m.predict(m.init(2), x)
    found = m.metrics(y_hat, y)
    predicted = y_hat.argmax(axis=1)
    assert (found["confusion"] == metrics.confusion_matrix(y, predicted, labels=range(3))).all()
    for name, score in (("precision", metrics.precision_score), ("recall", metrics.recall_score)):
        np.testing.assert_allclose(found[name], score(y, predicted, average=None, labels=range(3), zero_division=0))
    m = made("numbers")
    x, y = data("numbers")
    y_hat = y + np.random.default_rng(0).normal(size=y.shape)
    assert m.metrics(y_hat, y)["R2"] == pytest.approx(metrics.r2_score(y, y_hat))
    assert m.metrics(y_hat, y)["MAE"] == pytest.approx(metrics.mean_absolute_error(y, y_hat))


@pytest.mark.parametrize("kind", ["classes", "log classes"])
@pytest.mark.parametrize("reduction", ["mean", "sum"])
def test_labels_are_places_in_the_loss(kind, reduction, monkeypatch):
    m = made(kind, reduction)
    x, labels = data(kind)
    y_hat = m.predict(m.init(2), x)
    one_hot = m.loss(y_hat, np.eye(m.OUTPUT[-1])[labels])
    expanded = []
    monkeypatch.setattr(m, "_targets", lambda *args: expanded.append(args))
    assert m.loss(y_hat, labels) == pytest.approx(one_hot, rel=1e-6) == m.loss(y_hat, labels[:, None])
    m.metrics(y_hat, labels), m.accuracy(y_hat, labels), m.evaluate(m.init(2), x, labels)
    m.fit(m.init(2), x, labels, epochs=1, validation=0.2, class_weight="balanced")
    assert not expanded


def test_where_the_loss_needs_one_hot_rows_it_makes_them():
    m = from_source(sb.generate(sb.Network.parse("4-3:softmax", loss="mse")))
    x, labels = data("classes")
    y_hat = m.predict(m.init(2), x)
    assert m.loss(y_hat, labels) == pytest.approx(((y_hat - np.eye(3)[labels]) ** 2).mean(), rel=1e-6)


def test_numbers_of_each_output():
    m = made("numbers")
    x, y = data("numbers")
    y_hat = m.predict(m.init(2), x)
    found = m.metrics(y_hat, y)
    e = y_hat.astype(np.float64) - y
    np.testing.assert_allclose(found["RMSE_each"], np.sqrt((e**2).mean(axis=0)))
    np.testing.assert_allclose(found["MAE_each"], np.abs(e).mean(axis=0))
    np.testing.assert_allclose(found["R2_each"][:2], 1 - (e**2).mean(axis=0)[:2] / y.var(axis=0)[:2], rtol=1e-4)
    assert found["R2_each"][2] == 0 and found["R2"] == pytest.approx(found["R2_each"].mean())
    assert {*made("a number").metrics(y_hat[:, :1], y[:, :1])} == {"R2", "RMSE", "MAE"}
