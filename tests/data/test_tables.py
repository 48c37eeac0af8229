"""Tables as people have them: targets by name, texts, missing values, dates, headers of numbers, packed files, large ones."""

import csv
import gzip
import io

import numpy as np
import pytest

from symbp.codegen.training.data import fast, read, read_again
from symbp.codegen.training.data.columns import Reading, filled, fitted
from symbp.errors import InputError

OPTIONS = "; allowed: a value in every row, or --impute mean|median|most_frequent"
ASK = "may be a header or an example; allowed: --header yes or --header no, to say which it is"


@pytest.fixture
def written(tmp_path):
    def write(text, name="mine.csv"):
        path = tmp_path / name
        path.write_bytes(gzip.compress(text.encode()) if name.endswith(".gz") else text.encode())
        return path

    return write


def refusal(path, **options):
    with pytest.raises(InputError) as caught:
        read(path, **options)
    return str(caught.value).removeprefix(f"{path}:").removeprefix(" ")


TABLE = "size,colour,ok,price\n1.5,red,yes,7\n2,blue,no,8.5\n2.5,red,yes,9\n"


@pytest.mark.parametrize("target", [("price",), ("4",), ("price",)])
def test_a_target_by_name_or_number(written, target):
    mine = read(written(TABLE), target=target)
    assert mine.y.tolist() == [[7], [8.5], [9]] and mine.reading.targets == ("price",)
    assert mine.reading.inputs == ("size", "colour=blue", "colour=red", "ok=no", "ok=yes")
    assert mine.x.tolist() == [[1.5, 0, 1, 0, 1], [2, 1, 0, 1, 0], [2.5, 0, 1, 0, 1]]


@pytest.mark.parametrize("target", [("size,price",), ("size", "price"), ("1", "price"), (" size , 4",)])
def test_several_targets(written, target):
    mine = read(written(TABLE), target=target)
    assert mine.y.tolist() == [[1.5, 7], [2, 8.5], [2.5, 9]] and mine.reading.targets == ("size", "price")


def test_a_column_whose_name_has_a_comma_or_is_a_number(written):
    path = written('"a,b",2,c\n1,5,7.5\n2,6,8.5\n')
    assert read(path, target=["a,b"], header=True).y.tolist() == [1, 2]
    assert read(path, target=["2"], header=True).y.tolist() == [5, 6]


@pytest.mark.parametrize(
    ("target", "said"),
    [
        (
            ("prise",),
            "1: there is no column 'prise' to be the target; allowed: a number from 1 to 4, or one of size, colour",
        ),
        (("5",), "1: there is no column '5' to be the target"),
        (("0",), "1: there is no column '0'"),
        (("price,4",), "the target column 4 is named twice"),
        (("1,2,3,4",), "every column is a target"),
        (("price,ok",), "2:3: column 3 ('ok') holds texts, and several targets are numbers"),
    ],
)
def test_targets_that_are_none(written, target, said):
    assert refusal(written(TABLE), target=target).startswith(said)


def test_the_nearest_column_is_named(written):
    assert refusal(written(TABLE), target=("prise",)).endswith("did you mean 'price'?")


def test_class_names_stay_when_another_column_is_wanted(written):
    mine = read(written(TABLE), target=("ok",))
    assert mine.classes == ("no", "yes") and mine.y.tolist() == [1, 0, 1]


@pytest.mark.parametrize("missing", ["", "NA", "na", "nan", "NaN", "?", "N/A", "null", " "])
def test_missing_values_are_counted_and_placed(written, missing):
    path = written(f"a,b,y\n1,2,0\n1,{missing},1\n1,3,0\n1,{missing},1\n")
    assert refusal(path) == "3:2: column 2 ('b') has no value in 2 of 4 rows, this the first" + OPTIONS
    path = written(f"a,b,y\n1,red,0\n1,{missing},1\n1,blue,0\n")
    assert refusal(path) == "3:2: column 2 ('b') has no value in this row" + OPTIONS


@pytest.mark.parametrize("impute", ["", "mean"])
@pytest.mark.parametrize("missing", ["", "NA", "?"])
@pytest.mark.parametrize("labels", [("yes", "no"), ("1", "0"), ("1.5", "2.5")])
def test_a_missing_label_is_never_a_class(written, labels, missing, impute):
    path = written(f"a,y\n1,{labels[0]}\n2,{missing}\n3,{labels[1]}\n")
    assert refusal(path, impute=impute).startswith(
        "3:2: column 2 ('y') has no value in this row; a missing label is no class"
    )


@pytest.mark.parametrize(("impute", "number"), [("mean", 4.5), ("median", 4), ("most_frequent", 3)])
def test_missing_values_are_replaced_by_the_part_that_is_fitted(written, impute, number):
    path = written("a,c,y\n3,red,0\n,red,1\n3,?,0\n7,blue,1\n5,red,0\n1000,blue,1\n")
    mine = read(path, impute=impute)
    assert np.isnan(mine.x[1, 0]) and np.isnan(mine.x[2, 1:]).all()
    reading = fitted(mine.x[:5], mine.reading)  # the last row is not in it
    x = filled(mine.x, reading)
    assert x[1].tolist() == [number, 0, 1] and x[2].tolist() == [3, 0, 1]
    assert np.isnan(mine.x[1, 0])  # what was given stays
    assert reading.columns[0].fill == number and reading.columns[1].fill == "red"


def test_a_column_without_any_value(written):
    assert "column 1 ('a') holds no value at all" in refusal(written("a,b,y\n,1,0\n,2,1\n"), impute="mean")


@pytest.mark.parametrize(
    "date", ["2024-01-31", "31/12/2024", "1.2.99", "2024-01-31 12:30", "12:45", "3-Mar-2024", "May 5, 2024"]
)
def test_dates_are_refused_with_a_hint(written, date):
    said = refusal(written(f'day,a,y\n"{date}",1,0\n"{date}",2,1\n'))
    assert said.startswith(f"2:1: column 1 ('day') holds '{date}'; allowed: a number made of the date")


@pytest.mark.parametrize("cell", ["1,5", "-12,25", "1.234,5"])
def test_decimal_commas_are_refused_with_a_hint(written, cell):
    for text in (f"a;y\n{cell};0\n2;1\n", f'a,y\n"{cell}",0\n2,1\n'):
        said = refusal(written(text))
        assert said == f"2:1: column 1 ('a') holds '{cell}'; allowed: a number with a decimal point, not a comma"


def test_too_many_texts_are_names(written):
    text = "name,a,y\n" + "".join(f"n{k}x,{k}.5,{k % 2}\n" for k in range(101))
    assert "column 1 ('name') holds 101 different texts; allowed: 100 or fewer" in refusal(written(text))


def test_a_typing_error_in_a_column_of_numbers_is_no_category(written):
    path = written("a,y\n1,0\n2,1\n3o,1\n4,0\n")
    assert refusal(path) == "4:1: column 1 ('a') holds '3o'; allowed: a number, as in the first row"
    path = written("a,y\n1o,0\n2,1\n3,1\n4,0\n")
    assert refusal(path).startswith("2:1: column 1 ('a') holds '1o'; allowed: a number, as in most rows")


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("0,1,2\n1.5,2.5,0\n3.5,1.5,1\n", ("0", "1")),
        ("0,1,target\n1.5,2,0\n3,1,1\n", ("0", "1")),
        ("2019,2020,2021,2022\n1.5,2.5,1.5,3.5\n3.5,2.5,1.25,1.5\n", ("2019", "2020", "2021")),
        ("0,1,2,3,kind\n5.1,3.5,1.4,0.2,a\n4.9,3.0,1.4,0.2,b\n", ("0", "1", "2", "3")),
    ],
)
def test_a_header_of_numbers_is_recognised(written, text, names):
    mine = read(written(text))
    assert mine.reading.inputs == names and len(mine.x) == 2 and mine.reading.header


@pytest.mark.parametrize(
    "text",
    [
        "1,2,3\n4,5,6\n7,8,8\n",
        "2019,2020,2021\n1,2,0\n3,4,1\n",
        "0,1\n4,5\n",
        "5,7,9\n1,2,0\n1,3,1\n",
        "sun,yes\nrain,yes\nfog,no\n",
    ],
)
def test_what_may_be_a_header_is_asked_about(written, text):
    path = written(text)
    first = text.partition("\n")[0]
    assert refusal(path) == f"1: the first row, '{first}', {ASK}"
    rows = len(text.split()) - 1
    assert len(read(path, header=True).x) == rows and len(read(path, header=False).x) == rows + 1


@pytest.mark.parametrize(
    "text",
    [
        "5,3.5,1\n4,2.5,0\n",
        "7,3,2\n1,2,0\n",
        "5,7,setosa\n5.1,3.5,setosa\n",
        "1,2\n",
        "0,0,0\n0,1,1\n",
        "3,dog\n4,cat\n",
    ],
)
def test_a_first_example_is_no_header(written, text):
    assert len(read(written(text)).x) == len(text.splitlines())


def test_texts_alone(written):
    mine = read(written("sky,wind,play\nsun,weak,no\nrain,strong,yes\nsun,strong,yes\n"))
    assert mine.reading.inputs == ("sky=rain", "sky=sun", "wind=strong", "wind=weak")
    assert mine.classes == ("no", "yes") and mine.y.tolist() == [0, 1, 1]


@pytest.mark.parametrize("name", ["mine.csv.gz", "mine.tsv.gz"])
def test_packed(written, name):
    mine = read(written("\ufeffa,y\n1,0\n2,1\n", name))
    assert mine.x.tolist() == [[1], [2]] and mine.name == "mine" and mine.lines.tolist() == [2, 3]
    broken = written("a,y\n1,0\n2,1\n", name)
    broken.write_bytes(broken.read_bytes()[:-9])
    assert "this is not a whole .gz file" in refusal(broken)
    broken.write_bytes(b"a,y\n1,0\n")
    assert "this is not a whole .gz file" in refusal(broken)


def test_quoted_headers_and_separators_inside_quotes(written):
    mine = read(written('"a; first","b\tc","d ""e"""\n1.5,2,0\n3,4,1\n'))
    assert mine.reading.inputs == ("a; first", "b\tc") and mine.reading.targets == ('d "e"',)
    assert read(written('a,"note, long",y\n1,"x\ny",0\n2,z,1\n')).lines.tolist() == [3, 4]


def test_names_that_are_used_twice(written):
    assert refusal(written("a,a,y\n1,2,0\n")) == "1:2: columns 1 and 2 are both called 'a'"


def texts(path, rows=3000, seed=0):
    rng = np.random.default_rng(seed)
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["a", "b", "city", "y"])
    for k in range(rows):
        writer.writerow(
            [repr(float(rng.normal() * 10.0 ** rng.integers(-9, 9))), k, ["Chennai", "Mumbai"][k % 2], k % 3]
        )
    path.write_text(out.getvalue())
    return path


@pytest.mark.parametrize("reader", ["pandas", "numpy"])
def test_large_tables_are_read_in_the_same_way(tmp_path, monkeypatch, reader):
    if reader == "pandas":
        pytest.importorskip("pandas")
    else:
        monkeypatch.setattr(fast, "_by_pandas", lambda *_: None)
    path = texts(tmp_path / "mine.csv")
    if reader == "numpy":
        path.write_text(
            "\n".join(line.replace("Chennai", "1").replace("Mumbai", "2") for line in path.read_text().split())
        )
    exact = read(path)
    monkeypatch.setattr(fast, "LARGE", 0)
    made = []
    columns = fast.columns
    monkeypatch.setattr(fast, "columns", lambda *args: made.append(columns(*args)) or made[-1])
    mine = read(path)
    assert made[0] is not None
    assert np.array_equal(mine.x, exact.x) and np.array_equal(mine.y, exact.y) and mine.y.dtype == exact.y.dtype
    assert mine.reading == exact.reading and np.array_equal(mine.lines, exact.lines)
    for spoilt in ("1,2\n", "\n1,2,3,4\n", "1,,3,4\n", "1,inf,3,4\n", '1,2,"3\n",4\n'):
        path.write_text(path.read_text().replace("\n", "\n" + spoilt, 1))
        with monkeypatch.context() as here:
            here.setattr(fast, "LARGE", 2**60)
            wanted = outcome(path)
        assert outcome(path) == wanted
        texts(path) if reader == "pandas" else None


def outcome(path):
    try:
        mine = read(path)
    except InputError as error:
        return str(error)
    return mine.x.tolist(), mine.lines.tolist()


def test_memory_stays_within_three_times_the_file(tmp_path):
    import tracemalloc

    path = tmp_path / "mine.csv"
    rng = np.random.default_rng(0)
    rows = "".join(
        ",".join(f"{v:.12f}" for v in row) + f",{k % 3}\n" for k, row in enumerate(rng.normal(size=(20_000, 8)))
    )
    path.write_text(rows)
    read(path)
    tracemalloc.start()
    read(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 3 * path.stat().st_size


def test_a_reading_goes_through_plain_values(written):
    mine = read(written("a,c,y\n1,red,7\n,blue,8\n"), impute="mean")
    reading = fitted(mine.x, mine.reading)
    plain = reading.to_dict()
    assert plain == {
        "columns": [{"name": "a", "fill": 1.0}, {"name": "c", "categories": ["blue", "red"], "fill": "blue"}],
        "targets": ["y"],
        "places": [3],
        "impute": "mean",
    }
    assert Reading.from_dict(plain) == reading
    with pytest.raises(InputError, match="this is not how a table was read"):
        Reading.from_dict({"columns": 3})


class TestAgain:
    """A new table, read as the first was."""

    @pytest.fixture
    def reading(self, written):
        mine = read(written("a,c,k,y\n1,red,3,dog\n4,blue,3,cat\n5,red,4,dog\n"))
        return mine.reading

    def test_columns_are_found_by_name(self, written, reading):
        x, y, lines = read_again(written("y,extra,c,k,a\ncat,9,blue,4,2\n\ndog,9,red,3,3\n", "new.csv"), reading)
        assert x.tolist() == [[2, 1, 0, 4], [3, 0, 1, 3]] and y.tolist() == [0, 1] and lines.tolist() == [2, 4]

    def test_targets_may_be_missing(self, written, reading):
        x, y, _ = read_again(written("a,c,k\n2,blue,4\n", "new.csv"), reading)
        assert x.tolist() == [[2, 1, 0, 4]] and y is None
        assert read_again(written("a,c,k,y\n2,blue,4,\n", "new.csv"), reading, targets=False)[1] is None

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("a,c,k\n1,red,2\n2,green,3\n", "3:2: column 2 ('c') holds 'green', which the table to train on did not have; allowed: 'blue', 'red'"),
            ("a,colour,k\n1,red,2\n", "1: there is no column 'c'; allowed: the columns to train on: a, c, k"),
            ("a,c,k\n1,red,2\n,red,3\n", "3:1: column 1 ('a') has no value in this row; allowed: a value in every row: the table to train on had no missing ones"),
            ("a,c,k,y\n1,red,2,cow\n", "2:4: column 4 ('y') holds 'cow', which the table to train on did not have; allowed: 'cat', 'dog'"),
            ("a,c,k\n1,1.5,2\n", "2:2: column 2 ('c') holds numbers; allowed: 'blue', 'red'"),
            ("a,c,k\nbig,red,2\n", "2:1: column 1 ('a') holds texts; allowed: numbers, as in the table to train on"),
        ],
    )  # fmt: skip
    def test_what_the_first_did_not_have(self, written, reading, text, said):
        path = written(text, "new.csv")
        with pytest.raises(InputError) as caught:
            read_again(path, reading)
        assert str(caught.value).removeprefix(f"{path}:").startswith(said)

    def test_without_a_header(self, written):
        reading = read(written("1,red,dog\n4,blue,cat\n")).reading
        assert not reading.header
        x, y, _ = read_again(written("7,blue\n8,red\n", "new.csv"), reading)
        assert x.tolist() == [[7, 1, 0], [8, 0, 1]] and y is None
        x, y, _ = read_again(written("7,blue,dog\n", "new.csv"), reading)
        assert x.tolist() == [[7, 1, 0]] and y.tolist() == [1]
        with pytest.raises(InputError, match="this row has 4 cells; allowed: 2, or 3 with the target"):
            read_again(written("7,blue,dog,1\n", "new.csv"), reading)

    def test_missing_values_become_what_they_became(self, written):
        mine = read(written("a,c,y\n1,red,0\n,blue,1\n5,red,0\n"), impute="mean")
        reading = Reading.from_dict(fitted(mine.x, mine.reading).to_dict())
        x, _, _ = read_again(written("a,c\nNA,?\n2,blue\n", "new.csv"), reading)
        assert x.tolist() == [[3, 0, 1], [2, 1, 0]]
