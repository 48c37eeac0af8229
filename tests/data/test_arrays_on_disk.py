"""Pairs of .npy files, and archives that promise more than they should."""

import tracemalloc
import zipfile

import numpy as np
import pytest

from symbp.codegen.training.data import archive, check, load, read, split
from symbp.codegen.training.prepare import prepare
from symbp.errors import InputError
from symbp.network import Network

X = np.arange(60.0).reshape(20, 3)


@pytest.fixture
def pair(tmp_path):
    def save(x, y):
        np.save(tmp_path / "x.npy", x)
        np.save(tmp_path / "y.npy", y)
        return f"{tmp_path / 'x.npy'},{tmp_path / 'y.npy'}"

    return save


def refusal(source):
    with pytest.raises(InputError) as caught:
        load(source)
    return str(caught.value)


def promised(path, shape, body=b"", compression=zipfile.ZIP_DEFLATED):
    with zipfile.ZipFile(path, "w", compression) as made:
        for name in ("x.npy", "y.npy"):
            with made.open(name, "w") as entry:
                np.lib.format.write_array_header_1_0(entry, {"descr": "<f8", "fortran_order": False, "shape": shape})
                entry.write(body)
    return path


def test_a_pair(pair):
    mine = load(pair(X, np.arange(20) % 2))
    assert mine.x.tolist() == X.tolist() and mine.y.tolist() == [0, 1] * 10 and mine.name == "x"
    assert load(pair(X.astype(np.uint8), X)).x.dtype == np.float64
    assert load(pair(X, np.array(["b", "a"] * 10))).classes == ("a", "b")


def test_a_pair_that_cannot_be_used(pair, tmp_path):
    source = pair(X, X)
    assert refusal(source.replace("y.npy", "z.npy")).endswith("z.npy: no such file; did you mean 'y.npy'?")
    assert "allowed: two: X.npy,Y.npy" in refusal("x.npy") and "3 .npy files;" in refusal("x.npy,y.npy,z.npy")
    pair(X, np.array([object()], dtype=object))
    assert "y.npy: this holds pickled objects, which are never read" in refusal(source)
    (tmp_path / "y.npy").write_bytes(b"nothing")
    assert "y.npy: this" in refusal(source)
    assert "x has 20 examples and y has 3" in refusal(pair(X, X[:3]))


def test_a_large_array_stays_on_disk(pair, monkeypatch):
    monkeypatch.setattr(archive, "_MAPPED", 1)
    rows = 100_000
    x = np.random.default_rng(0).normal(size=(rows, 64)).astype(np.float32)
    source = pair(x, np.arange(rows) % 3)
    tracemalloc.start()
    ready = prepare(source, Network.parse("64-3:softmax"), standardize=True)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert isinstance(ready.data.x, np.memmap) and len(ready.data.x_validation) == rows // 5
    assert peak < x.nbytes / 2
    assert np.allclose(ready.state["x_mean"], x[: -rows // 5].mean(axis=0, dtype=np.float64))


def test_what_is_held_out_of_a_large_array_has_the_classes_of_the_rest(pair, monkeypatch):
    monkeypatch.setattr(archive, "_MAPPED", 1)
    with pytest.raises(
        InputError, match="have the label 1, and those before have not; allowed: examples in random order"
    ):
        split(load(pair(X, np.repeat([0, 1], [17, 3]))))


def test_a_thousand_classes_stay_within_twice_the_data(tmp_path):
    x = np.zeros((100_000, 32), np.float32)
    x[:] = np.random.default_rng(0).normal(size=x.shape)
    y = np.arange(100_000) % 1000
    np.savez(tmp_path / "m.npz", x=x, y=y)
    tracemalloc.start()
    ready = prepare(str(tmp_path / "m.npz"), Network.parse("32-1000:softmax"))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(ready.data.y_validation) == 20_000 and ready.data.y.ndim == 1
    assert peak < 2 * (x.nbytes + y.nbytes)


def test_no_examples_but_a_long_axis(tmp_path):
    path = promised(tmp_path / "m.npz", (0, 10**20))
    said = refusal(str(path))
    assert said == f"{path}: x has shape (0, 100000000000000000000): no examples; allowed: one example or more"


@pytest.mark.parametrize("shape", [(10**20, 3), (2**62, 4), (10**20,), (3, -1)])
def test_shapes_that_no_array_has(tmp_path, shape):
    assert refusal(str(promised(tmp_path / "m.npz", shape, bytes(64))))


def test_an_archive_that_unpacks_to_far_more_is_not_unpacked(tmp_path, monkeypatch):
    monkeypatch.setattr(archive, "_SMALL", 2**20)
    path = promised(tmp_path / "m.npz", (500_000, 3), bytes(12_000_000))
    tracemalloc.start()
    said = refusal(str(path))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert "array 'x' unpacks to 0.0 GiB, 10" in said and "allowed: at most 200 times" in said and peak < 2**20


def test_examples_of_another_shape_are_not_unpacked(tmp_path, monkeypatch):
    path = tmp_path / "m.npz"
    np.savez(path, x=X, y=X)
    monkeypatch.setattr(archive, "_member", pytest.fail)
    with pytest.raises(InputError, match=r"x has shape \(20, 3\), and the network takes \(20, 4\)"):
        read(path, takes=(4,))


def test_numbers_that_are_not_finite_are_found_on_disk_too(pair, monkeypatch):
    monkeypatch.setattr(archive, "_MAPPED", 1)
    x = np.zeros((20_000, 2))
    x[15_000, 1] = np.nan
    with pytest.raises(InputError, match=r"x\[15000, 1\] is nan"):
        check(load(pair(x, np.zeros(20_000))), (2,), (1,), labels_allowed=False)
