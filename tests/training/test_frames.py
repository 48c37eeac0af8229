"""DataFrames in sb.train, sb.predict and sb.evaluate: they mean what the same table in a file means, whatever the order of columns."""

from __future__ import annotations

import numpy as np
import pytest

import symbp as sb
from symbp.errors import InputError


class Frame:
    """As much of a DataFrame as pandas and polars have in common."""

    ndim = 2

    def __init__(self, data):
        self.data = {name: np.asarray(values) for name, values in data.items()}

    @property
    def columns(self):
        return list(self.data)

    def __getitem__(self, name):
        return self.data[name]

    def __len__(self):
        return len(next(iter(self.data.values())))

    def to_numpy(self):
        return np.column_stack([*self.data.values()])

    __array__ = to_numpy


def made(kind):
    return Frame if kind == "plain" else pytest.importorskip(kind).DataFrame


@pytest.fixture(params=["plain", "pandas", "polars"])
def frame(request):
    return made(request.param)


@pytest.fixture
def columns():
    rng = np.random.default_rng(3)
    size = rng.normal(50, 20, 60)
    color = np.array(["red", "blue", "green"])[rng.integers(0, 3, 60)].astype(object)
    weight = rng.normal(0, 1, 60)
    kind = np.where(size + 10 * weight + 9 * (color == "red") > 52, "big", "little").astype(object)
    return {"size": size, "color": color, "weight": weight, "kind": kind}


def without(columns, *names):
    return {name: values for name, values in columns.items() if name not in names}


def written(columns, path):
    rows = zip(*columns.values(), strict=True)
    lines = [",".join(columns), *(",".join("" if v != v else str(v) for v in row) for row in rows)]
    path.write_text("\n".join(lines) + "\n")
    return str(path)


def test_a_frame_is_the_table_that_it_would_be_in_a_file(frame, columns, tmp_path):
    options = {"target": "kind", "epochs": 3}
    file = sb.train("5-4:tanh-2:softmax", written(columns, tmp_path / "t.csv"), **options)
    whole = sb.train("5-4:tanh-2:softmax", frame(columns), **options)
    pair = sb.train("5-4:tanh-2:softmax", (frame(without(columns, "kind")), columns["kind"]), epochs=3)
    for run in (whole, pair):
        assert run.classes == ("big", "little")
        np.testing.assert_array_equal(run.params["W1"], file.params["W1"])
    assert sb.evaluate(whole, frame(columns)) == sb.evaluate(file, str(tmp_path / "t.csv"))
    x = frame(without(columns, "kind"))
    assert sb.evaluate(pair, (x, columns["kind"])) == sb.evaluate(whole, frame(columns))


def test_the_order_of_columns_means_nothing(frame, columns):
    run = sb.train("5-4:tanh-2:softmax", (frame(without(columns, "kind")), columns["kind"]), epochs=3)
    turned = dict(reversed(columns.items()))
    expected = sb.predict(run, frame(without(columns, "kind"))).y_hat
    np.testing.assert_array_equal(sb.predict(run, frame(turned)).y_hat, expected)
    found = sb.evaluate(run, (frame(turned), columns["kind"]))
    assert found == sb.evaluate(run, (frame(columns), columns["kind"]))
    with pytest.raises(InputError, match="there is no column 'size'"):
        sb.predict(run, frame({**without(turned, "size", "kind"), "sizes": columns["size"]}))
    with pytest.raises(InputError, match="holds 'pink', which the table to train on did not have"):
        sb.predict(run, frame({**turned, "color": np.array(["pink"] * 60, dtype=object)}))


def test_numbers_alone_are_found_by_name_too(frame):
    rng = np.random.default_rng(0)
    x = {name: rng.normal(size=40) for name in "abc"}
    y = x["a"] - 2 * x["c"]
    run = sb.train("3-2:tanh-1", (frame(x), y), epochs=3)
    expected = sb.predict(run, frame(x)).y_hat
    np.testing.assert_array_equal(sb.predict(run, np.column_stack([*x.values()])).y_hat, expected)
    np.testing.assert_array_equal(sb.predict(run, frame(dict(reversed(x.items())))).y_hat, expected)


def test_missing_values_of_a_frame(frame, columns, tmp_path):
    columns["weight"][[3, 17]] = np.nan
    held = {name: values[:20] for name, values in columns.items()}
    with pytest.raises(InputError, match=r"'weight'\) has no value in 2 of 60 rows"):
        sb.train("5-2:softmax", frame(columns), target="kind")
    run = sb.train("5-2:softmax", frame(columns), target="kind", impute="median", epochs=2, validation=frame(held))
    assert np.isfinite(sb.predict(run, frame(held)).y_hat).all() and run.held_out == 20
    x = [frame(without(part, "kind")) for part in (columns, held)]
    pair = sb.train("5-2:softmax", (x[0], columns["kind"]), validation=(x[1], held["kind"]), impute="median", epochs=2)
    np.testing.assert_array_equal(pair.params["W1"], run.params["W1"])


def test_a_saved_run_knows_the_names(frame, columns, tmp_path):
    run = sb.train("5-4:tanh-2:softmax", frame(columns), target="kind", epochs=2, folder=tmp_path / "run")
    turned = dict(reversed(columns.items()))
    expected = sb.predict(run, frame(columns)).y_hat
    np.testing.assert_array_equal(sb.predict(tmp_path / "run", frame(turned)).y_hat, expected)
    read = sb.predict(tmp_path / "run", written(turned, tmp_path / "new.csv")).y_hat
    np.testing.assert_array_equal(read, expected)


def test_pandas_values_that_are_not_there(columns):
    pd = pytest.importorskip("pandas")
    table = pd.DataFrame(columns)
    table["count"] = pd.array([1, None] * 30, dtype="Int64")
    table["color"] = table["color"].astype("category")
    table["old"] = [True, False, False] * 20
    table.loc[4, "color"] = None
    with pytest.raises(InputError, match=r"'color'\) has no value in this row"):
        sb.train("7-2:softmax", table, target="kind")
    assert sb.train("7-2:softmax", table, target="kind", impute="mean", epochs=1).examples == 48
    table["day"] = pd.Timestamp("2020-01-02")
    with pytest.raises(InputError, match="a number made of the date"):
        sb.train("7-2:softmax", table, target="kind", impute="mean")


def test_what_is_no_table(frame):
    x = np.zeros((12, 2))
    for options in ({"target": "a"}, {"impute": "mean"}):
        with pytest.raises(InputError, match="target and impute are for tables"):
            sb.train("2-1", (x, x[:, 0]), **options)
    with pytest.raises(InputError, match="the table has 0 rows"):
        sb.train("2-1", frame({"a": np.zeros(0), "b": np.zeros(0), "c": np.zeros(0)}))
    with pytest.raises(InputError, match="the data are a DataFrame, and validation is none"):
        sb.train("1-1", frame({"a": np.zeros(12), "b": np.ones(12)}), validation=(x, x))


def test_weights_of_classes_by_name(columns):
    data = (np.column_stack([columns["size"], columns["weight"]]), columns["kind"])
    named = sb.train("2-2:softmax", data, epochs=2, class_weight={"big": 3.0, "little": 1.0})
    numbered = sb.train("2-2:softmax", data, epochs=2, class_weight={0: 3.0, 1: 1.0})
    np.testing.assert_array_equal(named.params["W1"], numbered.params["W1"])
    with pytest.raises(InputError, match="did you mean 'big'"):
        sb.train("2-2:softmax", data, class_weight={"bigg": 3.0})


def test_messages_name_the_row(frame, columns):
    run = sb.train("5-2:softmax", frame(columns), target="kind", epochs=1)
    columns["weight"][7] = np.nan
    labelled = frame(columns)
    if hasattr(labelled, "index"):
        labelled = labelled.set_index(np.array([f"case {k}" for k in range(60)]))
    row = "row 'case 7'" if hasattr(labelled, "index") else "row 7"
    for call in (sb.predict, sb.evaluate):
        with pytest.raises(InputError) as caught:
            call(run, labelled)
        assert str(caught.value).startswith(f"{row}: column 3 ('weight') has no value in this row")
    with pytest.raises(InputError) as caught:
        sb.train("5-2:softmax", labelled, target="kind")
    assert str(caught.value).startswith(f"{row}: column 3 ('weight') has no value")
    with pytest.raises(InputError) as caught:
        sb.predict(run, frame({**columns, "size": np.array([[1.0]] * 60 + [None], dtype=object)[:60]}))
    assert "column 1 ('size') holds a list" in str(caught.value)
