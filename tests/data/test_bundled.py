"""The bundled data sets: known counts and means, and how they are stored."""

import subprocess
import sys
import zipfile
from importlib import resources

import numpy as np
import pytest

from symbp.codegen.training import data
from symbp.errors import InputError

FOLDER = resources.files("symbp.codegen.training.data")


def test_digits_is_the_test_part_of_the_uci_set():
    digits = data.bundled("digits")
    assert digits.name == "digits"
    assert digits.x.shape == (1797, 64) and digits.x.dtype == np.float64
    assert (digits.x.min(), digits.x.max()) == (0, 1)
    assert np.array_equal(digits.x * 16, np.round(digits.x * 16))
    assert digits.y.shape == (1797,) and digits.y.dtype == np.int64
    assert np.bincount(digits.y).tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]  # UCI's optdigits.names
    assert digits.classes == tuple("0123456789")
    # the first row of optdigits.tes
    assert (digits.x[0, :16] * 16).tolist() == [0, 0, 5, 13, 9, 1, 0, 0, 0, 0, 13, 15, 10, 15, 5, 0]
    assert digits.y[:10].tolist() == list(range(10))


def test_iris_is_fishers_table_in_centimetres():
    iris = data.bundled("iris")
    assert iris.x.shape == (150, 4) and iris.x.dtype == np.float64
    assert iris.classes == ("setosa", "versicolor", "virginica")
    assert iris.y.tolist() == [0] * 50 + [1] * 50 + [2] * 50
    # the means of Fisher (1936), table 2
    means = [[5.006, 3.428, 1.462, 0.246], [5.936, 2.770, 4.260, 1.326], [6.588, 2.974, 5.552, 2.026]]
    assert np.allclose([iris.x[iris.y == k].mean(axis=0) for k in range(3)], means, atol=1e-12)
    # the two plants that UCI's file has wrong
    assert iris.x[[34, 37]].tolist() == [[4.9, 3.1, 1.5, 0.2], [4.9, 3.6, 1.4, 0.1]]


def test_xor_is_the_truth_table():
    xor = data.bundled("xor")
    assert xor.x.tolist() == [[0, 0], [0, 1], [1, 0], [1, 1]]
    assert xor.y.tolist() == [[0], [1], [1], [0]] and xor.y.dtype == np.float64
    assert xor.classes is None


@pytest.mark.parametrize("name", data.BUNDLED)
def test_nothing_is_held_out_and_no_path_is_kept(name):
    bundled = data.load(name)
    assert bundled.name == name
    assert bundled.x_validation is None and bundled.y_validation is None
    assert bundled.file is None and bundled.lines is None


@pytest.mark.parametrize("name", data.BUNDLED)
def test_agrees_with_scikit_learn(name):
    datasets = pytest.importorskip("sklearn.datasets")
    if name == "xor":
        return
    theirs, mine = getattr(datasets, f"load_{name}")(), data.bundled(name)
    assert np.array_equal(mine.x * (16 if name == "digits" else 1), theirs.data)
    assert np.array_equal(mine.y, theirs.target)


def test_each_reading_is_a_fresh_copy():
    data.bundled("xor").x[:] = 7
    assert data.bundled("xor").x.max() == 1


def test_unknown_name():
    with pytest.raises(InputError) as caught:
        data.bundled("digit")
    assert str(caught.value) == "unknown data set 'digit'; allowed: digits, iris, xor; did you mean 'digits'?"


def test_stored_without_pickle():
    with (FOLDER / "digits.npz").open("rb") as stream, zipfile.ZipFile(stream) as archive:
        assert archive.namelist() == ["x.npy", "y.npy"]
        for member in archive.namelist():
            with archive.open(member) as entry:
                assert np.lib.format.read_array(entry, allow_pickle=False).dtype == np.uint8


def test_every_file_has_its_source():
    sources = (FOLDER / "SOURCES.md").read_text(encoding="utf-8")
    for name in ("digits.npz", "iris.csv", "xor.csv"):
        assert f"## {name}" in sources
    assert sources.count("CC BY 4.0") == 2 and sources.count("**Changed:**") == 2


def test_nothing_but_numpy_is_needed():
    code = "import sys, symbp.codegen.training.data as d; d.load('digits'); d.load('iris'); print({'sklearn', 'pandas'} & {*sys.modules})"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "set()\n"
