"""What a generated module takes as data: lists, tables and columns of labels; and what it refuses, with nothing said by NumPy."""

import numpy as np
import pytest
from generated_module import from_source

import symbp as sb

X = np.random.default_rng(0).normal(size=(6, 4)).round(3)
LABELS = np.array([0, 2, 1, 1, 0, 2])


@pytest.fixture(scope="module")
def classes():
    return from_source(sb.generate("4-5:tanh-3:softmax"))


@pytest.fixture(scope="module")
def regression():
    return from_source(sb.generate(sb.Network.parse("4-5:tanh-1", loss="mse")))


class Table:
    """What pandas, polars and others hand out: columns of their own types, and an array of them when asked."""

    def __init__(self, array, dtype=None):
        self.array, self.dtype = np.asarray(array), dtype

    def __len__(self):
        return len(self.array)

    def __getitem__(self, rows):
        return Table(self.array[rows], self.dtype)

    def __array__(self, dtype=None, copy=None):
        return self.array.astype(self.dtype or dtype or self.array.dtype)


def everywhere(m, params, x, y):
    """All that a module does with data."""
    value, grads = m.loss_and_grads(params, x, y)
    trainer = m.Trainer({n: v.copy() for n, v in params.items()}, 6)
    history = m.fit({n: v.copy() for n, v in params.items()}, x, y, epochs=1, batch_size=4, validation=(x, y))
    return (
        value,
        grads["W1"].tolist(),
        m.predict(params, x).tolist(),
        m.loss(m.predict(params, x), y),
        m.evaluate(params, x, y)["loss"],
        trainer.step(x, y),
        history["val_loss"],
    )


@pytest.mark.parametrize(
    "x",
    [
        X.tolist(),
        Table(X),
        X.astype(object),
        Table(X, object),
        [Table(row).array for row in X],
        np.ma.array(X),
        X.astype(">f8"),
    ],
    ids=["lists", "table", "objects", "table of objects", "list of rows", "nothing masked", "other bytes"],
)
def test_whatever_is_an_array_of_numbers_is_taken(classes, regression, x):
    y = np.linspace(-1, 1, 6)
    for m, wanted in ((classes, LABELS), (regression, y)):
        params = m.init(1, np.float64)
        assert everywhere(m, params, x, wanted) == everywhere(m, params, X, wanted)


@pytest.mark.parametrize(
    "y",
    [
        LABELS.tolist(), LABELS[:, None], LABELS[:, None].tolist(), Table(LABELS), LABELS.astype(object),
        LABELS.astype(np.uint8), LABELS.astype(float), LABELS[:, None].astype(float), Table(LABELS[:, None], object),
        np.eye(3)[LABELS],
    ],
)  # fmt: skip
def test_labels_in_every_form_are_the_same(classes, y):
    params = classes.init(1, np.float64)
    # one-hot rows are summed over all their zeros, labels are not: the order of rounding is another
    for mine, other in zip(everywhere(classes, params, X, y), everywhere(classes, params, X, LABELS), strict=True):
        np.testing.assert_allclose(mine, other, rtol=1e-14)


def test_float16_data_are_computed_in_the_dtype_of_the_parameters(classes):
    params = classes.init(1)
    assert classes.predict(params, X.astype(np.float16)).dtype == np.float32


def test_float16_parameters_are_refused_with_the_reason(classes):
    said = "has the dtype float16, expected float32 or float64: sums of many numbers overflow or stand still in float16"
    with pytest.raises(ValueError, match=f"init {said}"):
        classes.init(0, np.float16)
    params = {n: v.astype(np.float16) for n, v in classes.init(1).items()}
    for use in (
        lambda: classes.predict(params, X),
        lambda: classes.Trainer(params, 2),
        lambda: classes.save("w", params),
    ):
        with pytest.raises(ValueError, match=f"parameter W1 {said}"):
            use()


def test_integer_weights_are_refused_by_load(classes, tmp_path):
    path = str(tmp_path / "w.npz")
    np.savez(path, **{n: np.zeros(shape, np.int64) for n, shape in classes.PARAMS.items()})
    with pytest.raises(ValueError, match="parameter W1 has the dtype int64, expected float32 or float64"):
        classes.load(path)


def masked(array):
    hidden = np.ma.array(array, mask=False)
    hidden.mask[1] = True
    return hidden


@pytest.mark.parametrize(
    ("x", "y", "said"),
    [
        (masked(X), LABELS, "x has masked values"),
        (X, masked(LABELS), "y has masked values"),
        (X.astype("U5"), LABELS, "x has the dtype <U5, expected numbers"),
        (X.astype(complex), LABELS, "x has the dtype complex128, expected numbers"),
        (np.where(X > 9, X, None), LABELS, "x has the dtype object, expected numbers"),
        ([[1, 2, 3, 4], [1, 2]], LABELS, "x has rows of different lengths"),
        (np.array([[1, 2, 3, 4], [1, 2]], dtype=object), LABELS, "x has rows of different lengths|x has the"),
        (X, ["a"] * 6, "y has the dtype <U1"),
        (X, LABELS + 0.5, "y has the shape"),
        (X, np.full(6, np.nan), "y has the shape|y holds NaN"),
        (X, np.full(6, 1e300), "out of range"),
        (X, np.full(6, 2**63, np.uint64), "out of range"),
        (X, np.full(6, -(2**63)), "out of range"),
        (np.full((6, 4), 1e300), LABELS, "x holds numbers that are too large for float32"),
        (X, 3, "y has the shape|labels for"),
    ],
)
def test_what_is_no_data_is_refused_and_numpy_says_nothing(classes, x, y, said):
    params = classes.init(1)
    for use in (
        lambda: classes.loss_and_grads(params, x, y),
        lambda: classes.fit(dict(params), x, y, epochs=1),
    ):
        with pytest.raises(ValueError, match=said):
            use()
    # a step looks at shapes and dtypes, and at its loss
    with pytest.raises((ValueError, FloatingPointError)):
        classes.Trainer(dict(params), 6).step(x, y)


def test_a_number_is_no_batch(classes):
    with pytest.raises(ValueError, match=r"x has the shape \(\)"):
        classes.predict(classes.init(), 3.0)


@pytest.mark.parametrize(
    ("arch", "loss", "bad", "said"),
    [
        ("4-1", "hinge", 2, "y lies between .* expected -1 and 1"),
        ("4-1:exp", "poisson", -1, "y has -1, expected counts of 0 or more"),
        ("4-1:sigmoid", "binary_cross_entropy", 2, "expected 0 to 1"),
    ],
)
def test_targets_that_a_loss_does_not_take(arch, loss, bad, said):
    m = from_source(sb.generate(sb.Network.parse(arch, loss=loss)))
    y = np.ones((6, 1))
    m.loss_and_grads(m.init(), X, y)
    y[3] = bad
    with pytest.raises(ValueError, match=said):
        m.loss_and_grads(m.init(), X, y)
