"""Holding out a part, and what a data set is made of."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from symbp.codegen.training.data import DataSet, load, read, split
from symbp.errors import InputError


def numbered(y):
    y = np.asarray(y)
    return DataSet("mine", np.arange(len(y), dtype=float)[:, np.newaxis], y)


def refusal(call, *args, **kwargs):
    with pytest.raises(InputError) as caught:
        call(*args, **kwargs)
    return str(caught.value)


@given(
    counts=st.lists(st.integers(1, 20), min_size=1, max_size=5).filter(lambda counts: sum(counts) > 1),
    held_out=st.floats(0.01, 0.99),
    seed=st.integers(0, 2**32),
)
def test_each_class_gives_its_share(counts, held_out, seed):
    y = np.random.default_rng(0).permutation(np.repeat(np.arange(len(counts)), counts))
    parts = split(numbered(y), held_out, seed)
    held = min(max(round(len(y) * held_out), 1), len(y) - 1)
    assert len(parts.x_validation) == held
    both = np.concatenate([parts.x, parts.x_validation]).ravel()
    assert sorted(both) == list(range(len(y)))
    assert np.array_equal(parts.y, y[parts.x.ravel().astype(int)])
    assert np.array_equal(parts.y_validation, y[parts.x_validation.ravel().astype(int)])
    share = np.array(counts) * held / len(y)
    given_up = np.bincount(parts.y_validation, minlength=len(counts))
    assert (np.abs(given_up - share) < 1).all()


def test_bundled_parts():
    parts = split(load("digits"))
    assert parts.x.shape == (1438, 64) and parts.x_validation.shape == (359, 64)
    assert parts.classes == load("digits").classes
    assert np.bincount(split(load("iris"), 0.3).y_validation).tolist() == [15, 15, 15]


def test_seed_decides():
    data = numbered(np.zeros((40, 1)))
    drawn = [split(data, 0.25, seed).x_validation.ravel().tolist() for seed in (0, 0, 1)]
    assert drawn[0] == drawn[1] != drawn[2]
    assert drawn[0] == sorted(drawn[0])


@pytest.mark.parametrize("y", [np.zeros((6, 1)), np.repeat([0, 1], 3)])
def test_every_example_is_held_out_equally_often(y):
    seen = sum(
        np.bincount(split(numbered(y), 1 / 3, s).x_validation.ravel().astype(int), minlength=6) for s in range(900)
    )
    assert (np.abs(seen - 300) < 60).all()  # four standard deviations


def test_lines_follow_the_part_to_train_on(tmp_path):
    path = tmp_path / "mine.csv"
    path.write_text("".join(f"{n},0\n" for n in range(1, 11)))
    parts = split(read(path))
    assert parts.lines.tolist() == parts.x.ravel().tolist() and parts.file == str(path)


def test_left_as_it_is():
    data = numbered([0, 1, 0, 1])
    assert split(data, 0) is data
    once = split(data)
    assert split(once, 0.5, 7) is once


@pytest.mark.parametrize("held_out", [-0.1, 1.0, 3, float("nan")])
def test_held_out_is_a_fraction(held_out):
    said = refusal(split, numbered([0, 1]), held_out)
    assert said == f"held_out is {held_out}; allowed: 0 or more, and less than 1"


def test_refused():
    assert refusal(split, numbered([0, 1]), seed=-1) == "seed is -1; allowed: an integer, 0 or more"
    assert refusal(split, numbered([0])) == (
        "one example cannot be split in two parts; allowed: two examples or more, or held_out=0"
    )


def test_two_examples_give_one():
    assert len(split(numbered([0, 1]), 0.01).x_validation) == len(split(numbered([0, 1]), 0.99).x) == 1


X = np.zeros((2, 3))


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ((X, X, X, None), "there is x_validation without y_validation"),
        ((X, X, None, X), "there is y_validation without x_validation"),
        ((X, X[:1]), "x has 2 examples and y has 1; allowed: equal numbers"),
        ((X, X, X, X[:1]), "x_validation has 2 examples and y_validation has 1; allowed: equal numbers"),
        ((X[:0], X[:0]), "x has shape (0, 3): no examples; allowed: one example or more"),
    ],
)
def test_a_data_set_is_whole(arrays, message):
    assert refusal(DataSet, "mine", *arrays) == message
