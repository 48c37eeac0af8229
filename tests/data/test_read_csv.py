"""Reading .csv files and finding the files, and what is said of those that cannot be used."""

import os

import numpy as np
import pytest

from symbp.codegen.training.data import load, read, reader
from symbp.codegen.training.data.header import counts_of
from symbp.errors import InputError


@pytest.fixture
def written(tmp_path):
    def write(text, name="mine.csv"):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


def refusal(path, reading=read):
    with pytest.raises(InputError) as caught:
        reading(path)
    message = str(caught.value)
    assert message.startswith(f"{path}:")
    return message.removeprefix(f"{path}:").removeprefix(" ")


@pytest.mark.parametrize(
    "text",
    [
        "a,b,y\n1,-2.5,0\n.5,1e3,1\n",
        "1,-2.5,0\n.5,1e3,1",
        "1;-2.5;0\n.5;1e3;1\n",
        "1\t-2.5\t0\n.5\t1e3\t1\n",
        "\ufeffa,b,y\r\n1,-2.5,0\r\n.5,1e3,1\r\n",
        "\n\n a, b, c\n\n 1 , -2.5 , 0 \n\n.5,+1E+3,1\n\n",
        '"a","b","y"\n"1","-2.5","0"\n".5","1e3","1"\n',
        "y,a,b\n0,1,-2.5\n1,.5,1e3\n",
        "a,Label,b\n1,0,-2.5\n.5,1,1e3\n",
        "a;TARGET;b\n1;0;-2.5\n.5;1;1e3\n",
        "class\ta\tb\n0\t1\t-2.5\n1\t.5\t1e3\n",
    ],
)
def test_the_same_table(written, text):
    path = written(text)
    mine = read(path)
    assert mine.x.tolist() == [[1, -2.5], [0.5, 1000]] and mine.x.dtype == np.float64 and mine.x.flags.writeable
    assert mine.y.tolist() == [0, 1] and mine.y.dtype == np.int64
    assert (mine.name, mine.file, mine.classes, mine.x_validation) == ("mine", str(path), None, None)


def test_tsv(written):
    assert read(written("1\t2\n", "mine.tsv")).y.tolist() == [2]


def test_lines_are_those_of_the_file(written):
    assert read(written("a,y\n\n1,0\n2,1\n\n3,0\n")).lines.tolist() == [3, 4, 6]


def test_classes_are_sorted(written):
    mine = read(written("1,dog\n2,cat\n3,dog\n4,'9'\n"))
    assert mine.classes == ("'9'", "cat", "dog")
    assert mine.y.tolist() == [2, 1, 2, 0] and mine.y.dtype == np.int64


def test_a_class_may_have_the_name_of_a_column(written):
    mine = read(written("1,y\n2,n\n"))
    assert mine.classes == ("n", "y") and mine.y.tolist() == [1, 0]


def test_names_of_columns_may_begin_with_digits(written):
    assert read(written("1st,2nd,y\n1,2,0\n")).x.tolist() == [[1, 2]]


@pytest.mark.parametrize("column", ["0.0\n1\n", "0\n1e0\n", "1\n9999999999999999\n"])
def test_other_numbers_are_targets(written, column):
    first, second = column.split()
    mine = read(written(f"5,{first}\n6,{second}\n"))
    assert mine.y.tolist() == [[float(first)], [float(second)]] and mine.classes is None


def test_round_trip(written):
    x = np.random.default_rng(3).normal(size=(20, 3)) * 10.0 ** np.arange(-9, 18, 9)
    path = written("\n".join(",".join(map(repr, map(float, row))) for row in np.column_stack([x, x[:, 0]])))
    assert np.array_equal(read(path).x, x) and np.array_equal(read(path).y, x[:, :1])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a,b,y\n1,2,0\n1,2\n", "3: this row has 2 cells, and the first has 3"),
        ("1,2,0\n\n1,2,0,9\n", "3: this row has 4 cells, and the first has 3"),
        ("1,2,0\n1,2,0\n1,", "3: this row has 2 cells, and the first has 3"),
        ("a,b,y\n1,2,0\n1,abc,0\n", "3:2: column 2 ('b') holds 'abc'; allowed: a number, as in the first row"),
        (
            "1,2,0\n1,,0\n",
            "2:2: column 2 has no value in this row; allowed: a value in every row, or --impute mean|median|most_frequent",
        ),
        (
            "1,2,0\n1,nan,0\n",
            "2:2: column 2 has no value in this row; allowed: a value in every row, or --impute mean|median|most_frequent",
        ),
        ("1,2,0\n1,-inf,0\n", "2:2: column 2 holds '-inf'; allowed: a number"),
        ("1,2,0\n1,1e999,0\n", "2:2: column 2 holds '1e999'; allowed: a number"),
        ("1,2,0\n1_0,2,0\n", "2:1: column 1 holds '1_0'; allowed: a number"),
        ("1,2,0\n٣,2,0\n", "2:1: column 1 holds '٣'; allowed: a number"),
        ("1;2;0\n1,5;2;0\n", "2:1: column 1 holds '1,5'; allowed: a number with a decimal point, not a comma"),
        (
            "one,2,0\n1,2,0\n",
            "1:1: column 1 holds 'one'; allowed: a number, as in most rows; or say --header yes",
        ),
        (
            "nan,NaN,dog\n1,2,cat\n",
            "1:1: column 1 has no value in this row; allowed: a value in every row, or --impute mean|median|most_frequent",
        ),
        ("1,5;2,5;dog\n1;2;cat\n", "1:1: column 1 holds '1,5'; allowed: a number with a decimal point, not a comma"),
        ("a,y\n1,0\n2,dog\n", "3:2: column 2 ('y') holds 'dog'; allowed: a number, as in the first row"),
        (
            "y,a\ndog,1\n,2\n",
            "3:1: column 1 ('y') has no value in this row; a missing label is no class and no number; "
            "allowed: a value in every row",
        ),
        ("a,b,y\n", "there are no rows of data; allowed: one example a row"),
        ("\n\n", "there are no rows of data; allowed: one example a row"),
        ("1\n2\n", "1: there is one column; allowed: two or more: examples, then y"),
        ("a|y\n1|2\n", "1: there is one column; allowed: two or more: examples, then y"),
        ("a,y,label\n1,2,3\n", "1:3: columns 'y' and 'label' could both be y; allowed: --target COLUMN, to say which"),
        (",a,y\n0,1,2\n", "1:1: column 1 has no name; a row index is not data"),
        ('1,2\n1,"2\n', "2: this is not CSV: unexpected end of data"),
        (
            b"a,y\n1,2\n1,\xff\n",
            "3: this is not UTF-8 text; allowed: UTF-8; an older file is converted by  iconv -f latin1 -t utf8",
        ),
        (
            "a,y\n1,2\n".encode("utf-16-le"),
            "this is no text: it holds zero bytes; allowed: UTF-8, or UTF-16 with its byte order mark",
        ),
        ("4,2,p,q\n1,2,0\n3,4,1\n", "1: the first line says 4 examples, and there are 2; allowed: the whole table"),
        (
            "2,2,p,q\n1,2,0\n3,4,2\n",
            "3:3: column 3 holds 2, and the first line names 2 classes; allowed: a whole number from 0 to 1",
        ),
        ("", "the file is empty"),
    ],
)
def test_refused(written, text, message):
    assert refusal(written(text)) == message


def test_place_is_in_fields_of_its_own(written):
    with pytest.raises(InputError) as caught:
        read(written("1,2,0\n1,x,0\n"))
    assert (caught.value.place.line, caught.value.place.column) == (2, 2)


def test_missing_file_names_the_nearest(written):
    path = written("1,2\n").with_name("mien.csv")
    assert refusal(path) == "no such file; did you mean 'mine.csv'?"
    assert refusal(path.parent / "nowhere" / "mine.csv") == "no such file"


def test_folder(tmp_path):
    assert refusal(tmp_path) == "this is a folder; allowed: a .npz or .csv file"


def test_other_kind_of_file(written):
    path = written("1,2\n", "mine.xlsx")
    assert refusal(path) == "unknown kind of file '.xlsx'; allowed: .npz, .csv, .tsv, .csv.gz, .tsv.gz"
    assert refusal(written("1,2\n", "mine.CSVV")).endswith("did you mean '.csv'?")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "mine.csv")
    assert refusal(tmp_path / "mine.csv") == "this is not a regular file"


def test_file_that_cannot_be_read(written, monkeypatch):
    def denied(*_, **__):
        raise PermissionError(13, "Permission denied")

    path = written("1,2\n")
    monkeypatch.setattr(type(path), "open", denied)
    assert refusal(path) == "cannot be read: Permission denied"


def test_too_large(written, monkeypatch):
    monkeypatch.setattr(reader, "LARGEST", 2**30 * 0.5)
    monkeypatch.setattr(reader, "_read_csv", pytest.fail)
    path = written("1,2\n")
    os.truncate(path, 2**30)
    assert refusal(path) == "the file is 1.0 GiB; allowed: 0.5 GiB or less"


@pytest.mark.parametrize(
    ("source", "nearest"),
    [("digist", "; did you mean 'digits'?"), ("IRIS", "; did you mean 'iris'?"), ("q", ""), ("", "")],
)
def test_load_of_an_unknown_name(source, nearest):
    with pytest.raises(InputError) as caught:
        load(source)
    assert str(caught.value) == (
        f"unknown data set {source!r}; allowed: digits, iris, xor, or a .npz or .csv file{nearest}"
    )


@pytest.mark.parametrize("source", ["a\0b", "a\0b.csv", "a" * 5000, "a" * 5000 + ".csv", "/dev/null"])
def test_load_of_a_name_that_no_file_can_have(source):
    with pytest.raises(InputError):
        load(source)


def test_load_takes_paths(written, monkeypatch):
    path = written("1,2\n")
    assert load(str(path)).x.tolist() == [[1]]
    assert refusal(path.with_name("mind.csv"), lambda p: load(str(p))) == "no such file; did you mean 'mine.csv'?"
    monkeypatch.chdir(path.parent)
    (path.parent / "iris").mkdir()
    assert load("mine.csv").name == "mine" and load("iris").name == "iris"
    assert refusal("iris", lambda _: load("./iris")).startswith("this is a folder")


@pytest.mark.parametrize("names", ["p,q", "p,q,r"])  # with two, the first line is as wide as the others
def test_a_line_of_counts_names_the_classes(written, names):
    data = read(written(f"4,3,{names}\n1,2,.5,0\n3,4,.5,1\n5,6,.5,1\n7,8,.5,0\n"))
    assert data.classes == tuple(names.split(",")) and data.y.tolist() == [0, 1, 1, 0]
    assert data.x.shape == (4, 3) and data.lines.tolist() == [2, 3, 4, 5] and not data.reading.header


@pytest.mark.parametrize("line", ["4,2,3", "4,2,p,p", "4,3,p,q", "4,2,p,nan", "x,2,p,q"])
def test_what_only_looks_like_a_line_of_counts(line):
    rows = [("1", "2", "0"), ("3", "4", "1")]
    assert counts_of([line.split(","), *rows]) is None and counts_of(["2,2,p,q".split(","), *rows]) is not None


def test_blanks_between_cells(written):
    data = read(written("Chins  Situps Jumps \n 5 162  60\n  2 110 60 \n12 101 101\n"))
    assert data.x.tolist() == [[5, 162], [2, 110], [12, 101]] and data.reading.targets == ("Jumps",)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32", "utf-8-sig"])
def test_a_byte_order_mark_says_the_encoding(written, encoding):
    data = read(written("größe\ty\n1.5\t0\n2\t1\n".encode(encoding)))
    assert data.x.tolist() == [[1.5], [2]] and data.reading.inputs == ("größe",)
