"""A pile of files: found, judged, told as a table and by marked copies; one file spoils nothing for the others."""

import csv
import io
import json
import os
import signal
import sys

import pytest
from processes import started

from symbp.commands.main import run
from symbp.documents.pile.gather import gathered
from symbp.documents.pile.table import COLUMNS
from symbp.documents.pile.workers import in_order

ARCH = ["--arch", "4-3:tanh-2:softmax"]
RIGHT, WRONG = "delta1 = (W2.T @ delta2) * g'(z1)", "delta1 = W2.T @ delta2"
TEX = r"$$\delta^{(1)} = (W^{(2)})^T \delta^{(2)}$$ and $$\nabla_{W^{(1)}} J = \delta^{(1)} x^T$$"
CODE = """\
import numpy as np


def scaled(x: "n d", w: "d"):
    return x * w


def scaled_backward(dy, x, w):
    dx = dy * w
    dw = (dy * x).mean(axis=0)
    return dx, dw
"""


@pytest.fixture
def pile(tmp_path):
    """What a course hands in: several kinds of files, some of them broken."""
    files = {
        "anna/homework.txt": f"{RIGHT}\ndW1 = delta1 @ x.T  # by hand\n",
        "ben/week 1/homework.txt": f"{WRONG}\ndelta2 = yhat -\n",
        "carl/notes.tex": TEX,
        "dora/notes.md": f"# Notes\n\n{TEX}\n",
        "emil/ops.py": CODE,
        "emil/__pycache__/ops.txt": WRONG,
        "fay/figure.png": "a photo",
        "gus/essay.pdf": "not read",
        "gus/.hidden.txt": WRONG,
        "carl/notes.pdf": "what carl/notes.tex makes",
        "net.toml": "input = 3\n",
        "=1+2.txt": f"{RIGHT}\n",
    }
    for name, text in files.items():
        path = tmp_path / "pile" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    (tmp_path / "pile" / "hal.tex").write_bytes(b"\xff\xfe no text")
    (tmp_path / "secret.txt").write_text("a = b\n")
    (tmp_path / "pile" / "ida.txt").symlink_to(tmp_path / "secret.txt")
    return tmp_path / "pile"


def table(path):
    """The rows of a table by their files."""
    with open(path, encoding="utf-8", newline="") as f:
        rows = [*csv.DictReader(f)]
    return {row["file"]: row for row in rows}


def test_every_file_is_a_row(pile, tmp_path, capsys):
    where = tmp_path / "marks.csv"
    assert run(["verify", str(pile), *ARCH, "--of", "scaled", "--csv", str(where), "-j", "1"]) == 2
    rows = table(where)
    assert [*rows] == ["'=1+2.txt", "anna/homework.txt", "ben/week 1/homework.txt", "carl/notes.tex", "dora/notes.md", "emil/ops.py",
                       "fay/figure.png", "gus/essay.pdf", "hal.tex", "ida.txt"]  # fmt: skip
    assert {*COLUMNS} <= {*rows["hal.tex"]}
    anna, ben = rows["anna/homework.txt"], rows["ben/week 1/homework.txt"]
    assert (anna["status"], anna["correct"], anna["claim_1"], anna["claim_2"]) == (
        "judged",
        "2",
        "correct (line 1)",
        "correct (line 2)",
    )
    assert (ben["claims"], ben["wrong"], ben["unreadable"]) == ("2", "1", "1")
    assert ben["claim_1"] == "wrong: activation derivative (line 1)" and ben["not_read"].startswith("line 2: ")
    assert "4-3:tanh-2:softmax" in anna["judged_by"] and "cross entropy" in anna["judged_by"]
    assert rows["carl/notes.tex"]["wrong"] == rows["dora/notes.md"]["wrong"] == "1"
    assert rows["emil/ops.py"]["wrong"] == "1" and "scaled_backward" in rows["emil/ops.py"]["judged_by"]
    assert {rows[name]["status"] for name in ("fay/figure.png", "gus/essay.pdf", "hal.tex", "ida.txt")} == {"not read"}
    assert "UTF-8" in rows["hal.tex"]["not_read"] and "out of the folder" in rows["ida.txt"]["not_read"]
    out, err = capsys.readouterr()
    assert "10 files: " in out and "4 files not read" in out and not err
    assert r"    3 in 3 files   activation derivative  carl/notes.tex:1: \delta^{(1)} = (W^{(2)})^T \delta^{(2)}" in out


def test_a_cell_is_no_formula(pile, capsys):
    (pile / "+.txt").write_text("delta2 = yhat -\n")
    (pile / "@a\tb.txt").write_text(f"{RIGHT}\n")
    run(["verify", str(pile), *ARCH, "--csv", "-", "-j", "1", "-o", str(pile / "marked")])
    rows = [*csv.reader(io.StringIO(capsys.readouterr().out))]
    assert len({len(row) for row in rows}) == 1, "a table without holes"
    assert ["'+.txt", "'=1+2.txt", "'@a\\tb.txt"] == [row[0] for row in rows[1:4]]
    assert not any(cell[:1] in ("=", "+", "-", "@", "\t", "\r") for row in rows for cell in row if cell)


def test_marked_copies_and_what_they_say(pile, tmp_path, capsys):
    for hint, words in (("1", ()), ("2", ("activation derivative",)), ("3", ("activation derivative", "Right: "))):
        at = tmp_path / f"by{hint}"
        run(["verify", str(pile), *ARCH, "--of", "scaled", "-o", f"{at}/", "--hint", hint, "-j", "1"])
        copies = {p.relative_to(at).as_posix(): p.read_text("utf-8") for p in at.rglob("*") if p.is_file()}
        assert {*copies} == {"=1+2.txt", "anna/homework.txt", "ben/week 1/homework.txt", "carl/notes.tex", "dora/notes.md.html",
                             "emil/ops.py"}  # fmt: skip
        assert copies[
            "anna/homework.txt"
        ] == f"{RIGHT}  # symbp: right\ndW1 = delta1 @ x.T  # by hand  # symbp: right\n".replace(
            "right\n", "right, for one example and for a batch\n"
        )
        ben, carl = copies["ben/week 1/homework.txt"], copies["carl/notes.tex"]
        assert "# symbp: wrong" in ben and "# symbp: not read: " in ben and r"\symbpwrong{1}" in carl
        for word in ("activation derivative", "Right: "):
            assert (word in carl) == (word in words)
        assert ("is missing" in ben, "right: delta1" in ben) == (hint != "1", hint == "3")
        assert ("mean should be sum" in copies["emil/ops.py"], "right: dw" in copies["emil/ops.py"]) == (
            hint != "1",
            hint == "3",
        )
        compile(copies["emil/ops.py"], "ops.py", "exec")
    capsys.readouterr()


def test_a_marked_copy_of_claims_is_judged_like_the_file(pile, tmp_path, capsys):
    at = tmp_path / "copies"
    run(["verify", str(pile / "ben"), *ARCH, "-o", str(at), "-j", "1"])
    first = (at / "week 1" / "homework.txt").read_text()
    run(["verify", str(at), *ARCH, "-o", str(tmp_path / "again"), "-j", "1"])
    assert (tmp_path / "again" / "week 1" / "homework.txt").read_text() == first, (
        "comments of an earlier copy are replaced"
    )
    capsys.readouterr()


def test_the_bytes_do_not_hang_on_the_number_of_processes(pile, tmp_path, capsys):
    told = []
    for count in ("1", "2"):
        at = tmp_path / count
        at.mkdir()
        args = ["--csv", str(at / "marks.csv"), "-o", str(at / "marked"), "-j", count]
        assert run(["verify", str(pile), *ARCH, "--of", "scaled", *args]) == 2
        files = {p.relative_to(at): p.read_bytes() for p in at.rglob("*") if p.is_file()}
        told.append((capsys.readouterr(), files))
    assert told[0] == told[1] and len(told[0][1]) == 7


def test_a_page_says_nothing_for_the_next(tmp_path, capsys):
    for name, text in (("a.txt", "u = W2.T @ delta2\ndelta1 = u * g'(z1)\n"), ("b.txt", "delta1 = u * g'(z1)\n")):
        (tmp_path / name).write_text(text)
    assert run(["verify", str(tmp_path), *ARCH, "--json", "-j", "1"]) == 2
    found = json.loads(capsys.readouterr().out)
    assert [r["verdict"] for r in found["results"]] == ["definition", "correct", "unreadable"]
    assert [(f["status"], f["claims"]) for f in found["files"]] == [("judged", 2), ("judged", 1)]
    assert found["mistakes"][0]["mistake"] == "could not be read" and found["ok"] is False


def test_one_page_of_all(pile, tmp_path, capsys):
    where = tmp_path / "class.html"
    run(["verify", str(pile), *ARCH, "-o", str(where), "--no-fix", "-j", "1"])
    page = where.read_text("utf-8")
    assert "ben/week 1/homework.txt" in page and "UTF-8" in page and "claim-5" in page
    assert "right:" not in page.lower().replace("margin-right:", "").replace("padding-right:", "")
    capsys.readouterr()


def test_all_right_is_status_0(tmp_path, capsys):
    (tmp_path / "a.txt").write_text(f"{RIGHT}\n")
    assert run(["verify", str(tmp_path), *ARCH]) == 0
    assert run(["verify", str(tmp_path / "a.txt"), *ARCH, "--csv", str(tmp_path / "marks.csv")]) == 0
    assert table(tmp_path / "marks.csv")["a.txt"]["correct"] == "1"
    (tmp_path / "b.txt").write_text(f"{WRONG}\n")
    assert run(["verify", str(tmp_path), *ARCH, "-j", "1"]) == 1
    capsys.readouterr()


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["{pile}", "--arch", "2-2:sigmoyd"], "sigmoid"),
        (["{pile}", "--convention", "nobody"], "nobody"),
        (["{pile}", *ARCH, "--claim", RIGHT], "--claim"),
        (["{pile}", *ARCH, "--hint", "3", "--no-fix"], "one of them"),
        (["{pile}", *ARCH, "--hint", "4"], "from 1 to 3"),
        (["{pile}", *ARCH, "-j", "0"], "from 1"),
        (["{pile}", *ARCH, "--csv", "{pile}/no/marks.csv"], "does not exist"),
        (["{pile}", *ARCH, "-o", "{pile}"], "would replace"),
        (["{pile}", *ARCH, "-o", "{pile}/x.tex"], "-o FOLDER"),
        (["{pile}", *ARCH, "-o", "{pile}/m/", "--format", "python"], "no --format"),
        (["{pile}/fay", "{pile}/nowhere", *ARCH], "nowhere"),
        (["{pile}/emil/__pycache__/..", "{pile}/net.toml", "--arch", "{pile}/nowhere.toml"], "nowhere.toml"),
    ],
)
def test_what_no_file_could_be_judged_by_is_said_at_once(pile, args, words, capsys):
    assert run(["verify", *(a.replace("{pile}", str(pile)) for a in args)]) == 2
    out, err = capsys.readouterr()
    assert words in err and "Traceback" not in err and not out


def test_files_in_the_folder_for_copies_are_not_read(pile, capsys):
    (pile / "marked").mkdir()
    (pile / "marked" / "old.txt").write_text(WRONG)
    names = [f.name for f in gathered([str(pile)], [str(pile / "marked")])]
    assert "anna/homework.txt" in names and not any("marked" in name for name in names)
    both = [f.name for f in gathered([str(pile / "anna"), str(pile / "anna" / "homework.txt"), str(pile / "ben")])]
    assert both == ["anna/homework.txt", "ben/week 1/homework.txt"]


def test_a_function_of_every_file(pile, capsys):
    (pile / "emil" / "more.py").write_text(
        CODE.replace("scaled_backward", "my_gradients") + "\n\ndef other(x):\n    return x\n"
    )
    assert (
        run(["verify", f"{pile / 'emil'}:my_gradients", "--of", f"{pile / 'emil' / 'ops.py'}:scaled", "-j", "1"]) == 1
    )
    out, _ = capsys.readouterr()
    assert "ops.py" not in out and "more.py: 1 correct, 1 wrong (missing sum)" in out
    assert run(["verify", str(pile / "emil"), "--of", "scaled", "-j", "1"]) == 2
    assert "which function of the file?" in capsys.readouterr().out


def test_a_process_that_ends_costs_one_task():
    assert [*in_order(abs, lambda task, why: why, [-1, 2, -3], 2)] == [1, 2, 3]
    found = [*in_order(os._exit, lambda task, why: f"{task}: {why}", [3, 4, 5], 2)]
    assert found == ["3: status 3", "4: status 4", "5: status 5"]


@pytest.mark.parametrize("sent", [signal.SIGINT, pytest.param(signal.SIGTERM, marks=pytest.mark.sweep)])
def test_an_interruption_leaves_whole_files(tmp_path, sent):
    pile, at = tmp_path / "pile", tmp_path / "out"
    pile.mkdir()
    at.mkdir()
    for k in range(40):
        (pile / f"{k:02}.txt").write_text(f"{WRONG}\n{RIGHT}\n" * 3)
    (at / "marks.csv").write_text("the table before\n")
    command = [
        sys.executable,
        "-m",
        "symbp",
        "verify",
        str(pile),
        *ARCH,
        "-j",
        "2",
        "--csv",
        str(at / "marks.csv"),
        "-o",
        f"{at}/m/",
    ]
    with started(command, env={**os.environ, "PYTHONUNBUFFERED": "1"}) as process:
        assert process.stdout is not None and process.stderr is not None
        assert process.stdout.readline().startswith("✗")
        process.send_signal(sent)
        _, err = process.communicate(timeout=60)
    assert process.returncode == 128 + sent and "Traceback" not in err
    assert (at / "marks.csv").read_text() == "the table before\n"
    files = [p for p in at.rglob("*") if p.is_file()]
    assert not [p for p in files if p.suffix == ".tmp"]
    copies = [p.read_text() for p in files if p.suffix == ".txt"]
    assert 1 <= len(copies) < 40 and all(c.count("# symbp: right,") == 3 for c in copies)
