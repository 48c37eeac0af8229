"""NumPy's own spellings mean what NumPy makes of them; those that are not read are refused with their place."""

import numpy as np
import pytest

import symbp as sb
from symbp.calculus.lengths import Lengths
from symbp.calculus.numeric.evaluate import evaluate
from symbp.formula import numpy_calls
from symbp.formula.grammar import read_claim
from symbp.formula.printing import claim_text

TENSORS = {"X": "n d", "W": "d k", "v": "d", "u": "n", "A": "d d", "Q": "n d", "T3": "n d k", "s": "", "c": "n one"}
SIZES = {"n": 2, "d": 3, "k": 4, "one": 1}

SPELLINGS = [
    "X[1:].sum()", "X[:, 0]", "X[::2]", "X[0, None]", "X[:, :-1] * X[:, 1:]", "T3[..., -1, 1:]", "X[:, ::-1]",
    "np.sum(X)", "np.sum(X, 1)", "X.sum(0)", "X.sum(axis=-1)", "X.sum(axis=(0, 1))", "T3.sum(axis=(0, 2))", "T3.sum(axis=(-1, -3))",
    "T3.mean(axis=(1, 2), keepdims=True)", "np.max(T3, axis=(0, 2))", "X.mean(0)", "np.mean(X, axis=0, keepdims=True)", "X.max(1)",
    "X.sum(axis=(0,))", "X.var(0)", "X.var(axis=0, ddof=1)", "np.var(X, ddof=1)", "np.std(X, axis=1, ddof=1, keepdims=True)", "X.std()", "X.sum(axis=None)",
    'np.einsum("ij,jk->ik", X, W)', "np.einsum('ij,jk', X, W)", "np.einsum('nd,nd->', X, Q)", "np.einsum('nd,d->n', X, v)",
    "np.einsum('ii->', A)", "np.einsum('ii->i', A)", "np.einsum('ij->ji', X)", "np.einsum('n,nd,dk,ndk->', u, X, W, T3)",
    "np.einsum('ba', X)", "np.einsum('i,j->ij', u, v)", "np.einsum('ij,kj->ik', X, Q[:1])", "np.einsum('no,nd->d', c, X)",
    "np.outer(u, v)", "np.dot(X, W)", "np.dot(v, v)", "X.dot(W)", "X.T.dot(Q)", "np.inner(v, v)", "np.vdot(v, v)", "np.matmul(X, W)",
    "np.linalg.norm(v)", "np.linalg.norm(X, axis=1)", "np.linalg.norm(X, axis=1, keepdims=True)", "np.linalg.norm(X, 'fro')",
    "np.linalg.norm(X, ord=2, axis=0)", "np.where(X > 0, X, 0.1*X)", "np.maximum(0, X)", "np.clip(X, 0, 0.5)", "X.clip(-1, 1)",
    "np.clip(X, a_min=0, a_max=0.5)", "np.clip(a_max=Q + 1, a=X, a_min=-1)", "np.full_like(X, fill_value=s)",
    "u[:, None]*X", "u[:, np.newaxis]*X", "X*v[None, :]", "v[None]*X", "X[..., None]", "X[:, :]", "X[None, ..., None]", "X[:, None, :]",
    "X/np.linalg.norm(X, axis=1)[:, None]", "(X - X.mean(axis=1)[:, None])**2", "u.reshape(-1, 1)", "u.reshape((1, -1))", "c.reshape(-1)",
    "c.ravel()", "c.flatten()", "np.squeeze(c)", "np.expand_dims(u, 1)", "np.expand_dims(X, axis=-1)", "np.transpose(X)", "X.transpose()",
    "np.transpose(T3, (0, 2, 1))", "T3.transpose(2, 0, 1)", "np.transpose(T3, axes=[1, 2, 0])", "np.swapaxes(T3, 1, 2)",
    "np.moveaxis(T3, 0, -1)", "np.tensordot(X, W, axes=1)", "np.tensordot(X, Q)", "np.tensordot(T3, W, axes=([1, 2], [0, 1]))",
    "np.tensordot(X, T3, axes=([1], [1]))", "np.tensordot(X, Q, axes=((0,), (0,)))", "np.trace(A)", "A.trace()", "np.diag(A)", "np.diag(v)",
    "np.square(X)", "np.power(X, 2)", "np.log1p(X**2)", "np.expm1(X)", "np.reciprocal(X)", "np.logaddexp(X, Q)", "np.fabs(X)",
    "np.ones_like(X)*s", "np.zeros_like(X) + X", "np.full_like(X, 2)*s", "np.average(X)", "np.prod(v)", "X.prod(axis=1)", "np.amax(X, axis=-1)",
    "np.abs(X)", "np.sign(X)", "np.sqrt(X**2 + 1)", "np.tanh(X)", "np.arctan(X)", "np.pi*s", "len(X)*s", "X.shape[0]*s", "X.size*s",
    "np.asarray(X).astype(float)", "float(s)", "(X > 0).astype(np.float64)*s", "np.identity(len(v))@v", "np.eye(v.size)@v", "2.*s - .5*s + 1e-1",
    "X @ W @ W.T @ v @ u", "np.multiply(X, Q)", "np.divide(X, 2)", "np.subtract(X, Q)", "np.negative(X)", "np.sum(X, dtype=float)",
    "(X @ W).sum(axis=0) / X.shape[0]", "np.linalg.norm(u)**2", "-np.minimum(X, Q)",
]  # fmt: skip


@pytest.fixture(scope="module")
def values():
    rng = np.random.default_rng(3)
    return {n: rng.normal(size=[SIZES[a] for a in axes.split()]) for n, axes in TENSORS.items()}


@pytest.mark.thinned(3)
@pytest.mark.parametrize("text", [t for t in SPELLINGS if "[:1]" not in t])
def test_numpy_agrees(text, values):
    problem = sb.Problem(TENSORS, [f"R = {text}", "J = sum(R)"], "J")
    setting = problem.setting
    known = setting.known["R"]
    own = {t.name: values[t.name].reshape([SIZES[a.name] for a in t.axes]) for t in setting.program.declared}
    found = evaluate(setting.program, own, SIZES)[known.tensor.name]
    expected = np.asarray(eval(text, {"np": np, **values}))
    lengths = Lengths(SIZES)
    shape = tuple(1 if a is None else lengths[a.name] for a in known.shape)
    assert shape == expected.shape
    np.testing.assert_allclose(found.reshape(shape), expected, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("text", [t for t in SPELLINGS if "[:1]" not in t])
def test_they_are_written_back_as_they_mean(text):
    claim = read_claim(f"R = {text}")
    again = read_claim(claim_text(claim))
    assert again.right == claim.right or claim_text(again) == claim_text(claim)


REFUSED = {
    "X.astype(int)": (1, "changes"),
    "X[0].sum()": (3, "letter"), "X[3:3]": (1, "a slice of n"), "X[:, ::0]": (1, "the step of a slice"), "X[:, u]": (6, "no whole numbers"),
    "X[i, None]": (3, "unknown name 'i'"), "np.einsum('i...->i', X)": (1, "subscripts"), "np.einsum(X, W)": (1, "quotes"),
    "np.einsum('ij,jk->ik', X)": (1, "2 arrays, got 1"), "np.einsum('ij->ik', X)": (1, "result"), "np.einsum('ij->iij', X)": (1, "result"),
    "np.linalg.norm(v, 1)": (1, "order 1"), "np.linalg.norm(v, ord=3)": (19, "order 3"), "np.linalg.slogdet(A)": (1, "2 results"),
    "X.reshape(-1)": (1, "only a vector"), "X.reshape(3, 2)": (1, "only a vector"), "u.reshape(2, 1)": (1, "only a vector"),
    "np.concatenate([X, Q])": (16, "a list"), "np.array([1, 2])": (10, "a list"),
    "'a'": (1, "text in quotes"), "X.sum(axis=X)": (7, "whole number"), "X.sum(axis='a')": (7, "whole number"), "X.sum(axis=(0, 0))": (7, "along"),
    "X.sum(axis=(0, -1))": (7, "along"), "X.var(axis=(0, 1))": (7, "along"), "X.var(ddof=X)": (7, "ddof"), "X.sum(keepdims=2)": (7, "True or False"),
    "X.sum(where=X > 0)": (7, "not known"), "np.transpose(X, (0, 5))": (1, "no such axis"), "np.transpose(X, (0, 0))": (1, "each axis once"),
    "np.tensordot(X, W, axes=7)": (1, "tensordot"), "np.tensordot(X, W, axes=0.5)": (20, "whole numbers"), "np.swapaxes(X, 0)": (1, "these numbers"),
    "np.nan": (4, "nan"), "np.cumprod(v)": (1, "unknown function"), "np.einsum('ij,ij->', X, W)": (1, "two axes"), "v[:, :, None]": (1, "no such place"),
    "np.random.randn(2)": (4, "random"), "os.system(1)": (1, "unknown"), "np.einsum('" + "a" * 3000 + "', X)": (1, "aaa indexes"),
}  # fmt: skip


@pytest.mark.parametrize("text", REFUSED, ids=lambda t: t[:30])
def test_what_is_not_read_says_where(text):
    column, words = REFUSED[text]
    with pytest.raises(sb.InputError, match=words) as e:
        sb.Problem(TENSORS, [f"R = {text}", "J = sum(R)"], "J")
    assert e.value.place.column == column + 4, e.value


def sem(a, axis=None, ddof=0):
    """A reduction that NumPy does not have."""
    return np.sqrt(np.var(a, axis=axis, ddof=ddof) / (a.size if axis is None else a.shape[axis]))


ROWS = {
    "hypot(x1, x2)": ("sqrt(x1**2 + x2**2)", ["np.hypot(X, Q)", "np.hypot(2, X)"]),
    "ptp(a, axis=None, keepdims=False)": (
        "max(a, axis={axis}, keepdims={keepdims}) - min(a, axis={axis}, keepdims={keepdims})",
        ["np.ptp(X)", "np.ptp(X, 0)", "np.ptp(X, axis=-1)", "np.ptp(X, axis=1, keepdims=True)", "np.ptp(a=X, axis=1)"],
    ),
    "sem(a, axis=None, *, ddof)": (
        "sqrt(var(a, axis={axis}, ddof={ddof})/{count})",
        ["np.sem(X, axis=0, ddof=1)", "np.sem(X, ddof=0)"],
    ),
}


@pytest.mark.parametrize("row", ROWS)
def test_a_function_is_one_row(row, monkeypatch, values):
    meaning, texts = ROWS[row]
    name = row.partition("(")[0]
    monkeypatch.setitem(numpy_calls.MEANINGS, row, meaning)
    monkeypatch.setitem(numpy_calls._MEANT, name, row)
    monkeypatch.setattr(np, "sem", sem, raising=False)
    for text in texts:
        test_numpy_agrees(text, values)
    for wrong in (f"np.{name}()", f"np.{name}(X, Q, W, W)", f"np.{name}(X, Q, where=X)", f"np.{name}(X, axis=(0, 1))"):
        with pytest.raises(sb.InputError):
            sb.Problem(TENSORS, [f"R = {wrong}", "J = sum(R)"], "J")


def test_a_norm_takes_one_array():
    with pytest.raises(sb.InputError, match="norm takes one array"):
        sb.Problem(TENSORS, ["R = np.linalg.norm(X, Q)", "J = sum(R)"], "J")
