"""The command: files, JSON, exit status, and what a person reads."""

import json

import pytest

from symbp.commands.main import run

ARCH = ["--arch", "2-2:sigmoid-2:sigmoid", "--loss", "sse"]
RIGHT, WRONG = "delta1 = (W2.T @ delta2) * g'(z1)", "delta1 = W2.T @ delta2"


def test_a_right_claim(capsys):
    assert run(["verify", *ARCH, "--claim", RIGHT]) == 0
    out, err = capsys.readouterr()
    assert out.startswith("✓ ") and "proved exactly" in out and not err
    assert "\x1b" not in out


def test_a_wrong_claim_is_explained(capsys):
    assert run(["verify", *ARCH, "--claim", WRONG]) == 1
    out, err = capsys.readouterr()
    assert "the activation derivative g'(z1) is missing" in out
    assert f"right: {RIGHT}" in out
    assert "counted from 1" in out and not err


def test_json_is_what_the_interface_says(capsys):
    assert run(["verify", *ARCH, "--claim", WRONG, "--claim", RIGHT, "--json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert found["ok"] is False
    wrong, right = found["results"]
    keys = {"claim", "line", "verdict", "how", "cause", "fix", "expected", "counterexample"}
    assert set(wrong) == set(right) == keys | {"file", "column", "reason", "note"}
    assert (wrong["verdict"], wrong["cause"], wrong["fix"]) == ("wrong", "activation_derivative", RIGHT)
    assert wrong["counterexample"]["claimed"] != wrong["counterexample"]["true"]
    assert (right["verdict"], right["how"], right["cause"], right["fix"]) == ("correct", "exact", None, None)


FILE = """\
# the lecture's claims
arch = "2-2:sigmoid-2:sigmoid"
loss = 'sse'   # half the squares

e = yhat - y   # a definition
e2 = e
delta2 = e * g'(z2)
"""


def test_a_file_with_settings_comments_and_definitions(tmp_path, capsys):
    path = tmp_path / "claims.txt"
    path.write_text(FILE, encoding="utf-8")
    assert run(["verify", str(path), "--json"]) == 0
    results = json.loads(capsys.readouterr().out)["results"]
    assert [(r["line"], r["verdict"]) for r in results] == [(5, "definition"), (6, "correct"), (7, "correct")]
    path.write_text(FILE + "delta1 = W2 @\n", encoding="utf-8")
    assert run(["verify", str(path)]) == 2
    out, err = capsys.readouterr()
    assert f"error: {path}:8:14" in err
    assert "✓ e2 = e" in out


def test_rows_in_a_file(tmp_path, capsys):
    path = tmp_path / "rows.txt"
    path.write_text('layout = "rows"\nbatch = true\ndelta1 = (delta2 @ W2)*g\'(z1)\n', encoding="utf-8")
    assert run(["verify", str(path), *ARCH]) == 0
    assert run(["verify", str(path), *ARCH, "--layout", "columns"]) == 1


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["verify"], "nothing to verify"),
        (["verify", "--claim", RIGHT], "--arch"),
        (["verify", "nowhere.txt", *ARCH], "nowhere.txt"),
        (["verify", "--arch", "2-2:sigmoyd", "--claim", RIGHT], "sigmoid"),
        (["verify", "--arch", "2-2", "--loss", "ssse", "--claim", RIGHT], "sse"),
        (["verify", *ARCH, "--layout", "diagonal", "--claim", RIGHT], "rows"),
    ],
)
def test_unusable_input_is_one_message_and_status_2(args, words, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert run(args) == 2
    out, err = capsys.readouterr()
    assert words in err and "Traceback" not in err and not out


@pytest.mark.parametrize(
    ("data", "words"),
    [(b'loud = "x"\n', "loud"), (b"a = \xff\n", "UTF-8"), (b'layout = "x"\n', "layout"), (b'loss = "sse"\nloss = "mse"\n', "twice"),
     (b"delta1 = e1\n", "arch")],
)  # fmt: skip
def test_unusable_files(data, words, tmp_path, capsys):
    path = tmp_path / "claims.txt"
    path.write_bytes(data)
    assert run(["verify", str(path)]) == 2
    assert words in capsys.readouterr().err
