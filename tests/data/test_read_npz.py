"""Reading .npz files, and what is said of those that cannot be used."""

import random
import zipfile

import numpy as np
import pytest

from symbp.codegen.training.data import load, read, reader
from symbp.errors import InputError

X = np.arange(12.0).reshape(4, 3) / 7
KEYS = "x and y (or x_train and y_train), and optionally x_val and y_val, or x_test and y_test"


@pytest.fixture
def saved(tmp_path):
    def save(**arrays):
        path = tmp_path / "mine.npz"
        np.savez(path, **arrays)
        return path

    return save


def refusal(path):
    with pytest.raises(InputError) as caught:
        read(path)
    message = str(caught.value)
    assert message.startswith(f"{path}: ")
    return message.removeprefix(f"{path}: ")


def test_round_trip(saved):
    path = saved(x=X, y=[0, 2, 1, 0])
    mine = read(path)
    assert (mine.name, mine.file, mine.lines, mine.classes) == ("mine", str(path), None, None)
    assert np.array_equal(mine.x, X) and mine.x.dtype == np.float64
    assert mine.y.tolist() == [0, 2, 1, 0] and mine.y.dtype == np.int64
    assert mine.x_validation is None and mine.y_validation is None


@pytest.mark.parametrize("suffix", ["_val", "_validation", "_test"])
@pytest.mark.parametrize("train", ["", "_train"])
def test_held_out_part(saved, train, suffix):
    arrays = {f"x{train}": X, f"y{train}": [0, 1, 1, 0], f"x{suffix}": X[:2] + 1, f"y{suffix}": [1, 1]}
    mine = read(saved(**arrays))
    assert np.array_equal(mine.x, X) and mine.y.tolist() == [0, 1, 1, 0]
    assert np.array_equal(mine.x_validation, X[:2] + 1) and mine.y_validation.tolist() == [1, 1]


def test_validation_goes_before_test(saved):
    mine = read(saved(x=X, y=X, x_test=X[:1], y_test=X[:1], x_val=X[:2], y_val=X[:2]))
    assert len(mine.x_validation) == 2


@pytest.mark.parametrize(
    ("given", "kept"),
    [("f8", "f8"), ("f4", "f4"), ("f2", "f4"), ("g", "f8"), (">f8", "f8"), ("u1", "f8"), ("i8", "f8"), ("?", "f8")],
)
def test_dtype_of_x(saved, given, kept):
    assert read(saved(x=X.astype(given), y=X)).x.dtype == np.dtype(kept)


@pytest.mark.parametrize(
    ("y", "shape", "kind"),
    [
        (np.array([1, 0, 2, 1], dtype=np.uint8), (4,), "i"),
        (np.array([True, False, True, True]), (4,), "i"),
        (np.array([0.5, 1.5, 2.0, 3.0]), (4, 1), "f"),
        (np.eye(4, dtype=int), (4, 4), "f"),
        (np.zeros((4, 2, 5)), (4, 2, 5), "f"),
    ],
)
def test_labels_and_targets(saved, y, shape, kind):
    read_y = read(saved(x=X, y=y)).y
    assert read_y.shape == shape and read_y.dtype.kind == kind and np.array_equal(read_y.reshape(y.shape), y)


@pytest.mark.parametrize("dtype", ["U", "S"])
def test_text_labels_share_their_classes(saved, dtype):
    mine = read(
        saved(x=X, y=np.array(["dog", "cat", "dog", "ant"], dtype), x_val=X[:1], y_val=np.array(["bee"], dtype))
    )
    assert mine.classes == ("ant", "bee", "cat", "dog")
    assert mine.y.tolist() == [3, 2, 3, 0] and mine.y_validation.tolist() == [1]


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        (
            {"x": X, "labels": X},
            f"there is no array 'y'; the file holds 'x', 'labels'; allowed: {KEYS}",
        ),
        (
            {"X1": X, "y": X},
            f"there is no array 'x'; the file holds 'X1', 'y'; allowed: {KEYS}; did you mean 'X1'?",
        ),
        (
            {"x": X, "y": X, "x_test": X, "ytest": X},
            f"there is no array 'y_test'; the file holds 'x', 'y', 'x_test', 'ytest'; allowed: {KEYS}; "
            "did you mean 'ytest'?",
        ),
        ({}, f"there is no array 'x'; the file holds nothing; allowed: {KEYS}"),
        ({"x": X, "y": [1, 2, 3]}, "x has 4 examples and y has 3; allowed: equal numbers"),
        (
            {"x": X, "y": X, "x_test": X, "y_test": X[:1]},
            "x_test has 4 examples and y_test has 1; allowed: equal numbers",
        ),
        ({"x": X[:0], "y": X[:0]}, "x has shape (0, 3): no examples; allowed: one example or more"),
        ({"x": 3.0, "y": 1.5}, "x has shape (): no examples; allowed: one example or more"),
        ({"x": X * 1j, "y": X}, "array 'x' has dtype complex128; allowed: real numbers"),
        ({"x": X, "y": X * 1j}, "array 'y' has dtype complex128; allowed: real numbers"),
        ({"x": X.astype("U4"), "y": X}, "array 'x' has dtype <U4; allowed: real numbers"),
        ({"x": X.astype("m8[s]"), "y": X}, "array 'x' has dtype timedelta64[s]; allowed: real numbers"),
        ({"x": X, "y": np.zeros(4, [("a", "f8")])}, "array 'y' has dtype [('a', '<f8')]; allowed: real numbers"),
        (
            {"x": X, "y": X.astype("U4")},
            "array 'y' of text has shape (4, 3); allowed: a label for each example, (N,)",
        ),
        ({"x": X, "y": np.array("a")}, "array 'y' of text has shape (); allowed: a label for each example, (N,)"),
        ({"x": X, "y": np.array([b"\xff"] * 4)}, "array 'y' holds bytes that are not ASCII text"),
    ],
)
def test_refused(saved, arrays, message):
    assert refusal(saved(**arrays)) == message


class Bomb:
    def __reduce__(self):
        return (pytest.fail, ("a pickle was read",))


@pytest.mark.parametrize("name", ["x", "y"])
def test_pickled_objects_are_never_read(saved, name):
    arrays = {"x": X, "y": X} | {name: np.array([Bomb()] * 4, dtype=object)}
    assert refusal(saved(**arrays)) == f"array '{name}' holds pickled objects, which are never read; allowed: numbers"


def test_other_arrays_are_not_touched(saved):
    assert read(saved(x=X, y=X, extra=np.array([Bomb()], dtype=object))).x.shape == X.shape


@pytest.mark.parametrize("content", [b"x,y\n1,2\n", b"\x80\x04K\x01.", b"PK\x03\x04 and no more"])
def test_not_an_npz(tmp_path, content):
    path = tmp_path / "mine.npz"
    path.write_bytes(content)
    said = refusal(path)
    assert said == "this is not an .npz file, or it is cut short; allowed: a file written by numpy.savez"


def test_npy_is_not_npz(tmp_path):
    path = tmp_path / "mine.npz"
    with path.open("wb") as stream:
        np.save(stream, X)
    assert refusal(path).startswith("this is not an .npz file")


def test_member_that_is_no_array(tmp_path):
    path = tmp_path / "mine.npz"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("x.npy", b"text")
        archive.writestr("y.npy", b"text")
    assert refusal(path) == ("array 'x' is damaged: EOF: reading magic string, expected 8 bytes got 4")


def zipped(path, header, body=b""):
    with zipfile.ZipFile(path, "w") as archive:
        for name in ("x.npy", "y.npy"):
            with archive.open(name, "w") as entry:
                np.lib.format.write_array_header_1_0(entry, header)
                entry.write(body)
    return path


def test_member_that_is_shorter_than_it_says(tmp_path):
    path = zipped(tmp_path / "mine.npz", {"descr": "<f8", "fortran_order": False, "shape": (4, 3)}, b"12345678")
    assert refusal(path).startswith("array 'x' is damaged: EOF")


def test_member_that_is_longer_than_it_says(tmp_path):
    path = zipped(tmp_path / "mine.npz", {"descr": "<f8", "fortran_order": False, "shape": (2,)}, bytes(17))
    assert refusal(path) == "array 'x' is damaged: more bytes than its shape says"


def test_member_that_says_it_is_huge(tmp_path):
    path = zipped(tmp_path / "mine.npz", {"descr": "<f8", "fortran_order": False, "shape": (2**40, 2**12)})
    assert refusal(path) == "does not fit into memory"


def test_too_large_to_unpack(saved, monkeypatch):
    path = saved(x=X, y=X)
    monkeypatch.setattr(reader, "LARGEST", 10)
    assert refusal(path) == "the file is 0.0 GiB; allowed: 0.0 GiB or less"
    np.savez_compressed(path, x=np.zeros((1000, 100)), y=np.zeros(1000))
    monkeypatch.setattr(reader, "LARGEST", 100_000)
    assert refusal(path) == "what it holds is 0.0 GiB; allowed: 0.0 GiB or less"


def test_never_half_read(saved):
    """Cut anywhere, or with any byte changed: refused, or read as it was."""
    path = saved(x=X, y=np.arange(4))
    whole = path.read_bytes()
    rng = random.Random(1)
    cut = [whole[:end] for end in range(1, len(whole), 17)]
    flipped = []
    for position in range(len(whole)):
        changed = bytearray(whole)
        changed[position] ^= rng.randrange(1, 256)
        flipped.append(bytes(changed))
    refused = 0
    for content in cut + flipped:
        path.write_bytes(content)
        try:
            mine = read(path)
        except InputError:
            refused += 1
        else:
            assert np.array_equal(mine.x, X) and mine.y.tolist() == [0, 1, 2, 3]
    assert refused > len(whole) / 2


def test_capital_names_are_taken(saved):
    assert read(saved(X=X, Y=X)).x.tolist() == X.tolist()


def test_load_takes_a_path(saved):
    assert load(str(saved(x=X, y=X))).name == "mine"
