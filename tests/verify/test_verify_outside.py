"""The command and its files at their edges: devices, closed streams, old terminals, broken tables, and what must not be overwritten."""

import json
import os
import subprocess
import sys

import pytest

from symbp.commands.main import run
from symbp.notation.shipped import text_of_shipped

ARCH = ("--arch", "3-4:tanh-2", "--loss", "sse")


def symbp(*args, **options):
    return subprocess.run([sys.executable, "-m", "symbp", *args], capture_output=True, text=True, **options)


def test_an_old_terminal_gets_signs_that_it_has():
    done = symbp("verify", *ARCH, "--claim", "e2 = yhat - y", env={**os.environ, "PYTHONIOENCODING": "latin-1"})
    assert done.returncode == 0 and "proved exactly" in done.stdout and not done.stderr


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full")
def test_where_nothing_can_be_written_the_status_is_2():
    with open("/dev/full", "w") as full:
        command = [sys.executable, "-m", "symbp", "verify", *ARCH, "--claim", "e2 = "]
        assert subprocess.run(command, stdout=subprocess.PIPE, stderr=full, check=False).returncode == 2
    closed = f'"{sys.executable}" -m symbp verify --arch 3-4 --claim "z1 = 1" >&-'
    done = subprocess.run(["sh", "-c", closed], capture_output=True, text=True, check=False)
    assert done.returncode == 2 and "Traceback" not in done.stderr


@pytest.mark.skipif(not os.path.exists("/dev/zero"), reason="no /dev/zero")
def test_a_device_is_read_within_bounds(capsys):
    assert run(["verify", "/dev/zero", *ARCH]) == 2
    assert "more than" in capsys.readouterr().err


def test_the_network_that_a_file_names_is_not_overwritten(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "net.toml").write_text("input = 3\nlayers = [{ dense = 2 }]\n")
    (tmp_path / "claims.txt").write_text('arch = "net.toml"\ne1 = yhat - y\n')
    assert run(["verify", "claims.txt", "-o", "net.toml", "--format", "text"]) == 2
    assert "is read" in capsys.readouterr().err and "dense" in (tmp_path / "net.toml").read_text()


NETWORK = "input = 3\nlayers = [{ dense = 2 }]\nloss = 'sse'\n"


@pytest.mark.parametrize(
    "name, line",
    [
        ("claims.txt", "{said}\ndelta1 = yhat - y\n"),
        ("claims.tex", "% symbp: {said}\n$\\delta^{(1)} = \\hat{y} - y$\n"),
    ],
)
def test_a_file_that_a_file_names_lies_beside_it(name, line, tmp_path, monkeypatch, capsys):
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "net.toml").write_text(NETWORK)
    notation = text_of_shipped("iitm")
    (tmp_path / "sub" / "mine.toml").write_text(notation)
    said = 'arch = "net.toml", convention = "mine.toml"'
    said = said.replace(", ", "\n") if name.endswith(".txt") else said
    file = tmp_path / "sub" / name
    file.write_text(line.replace("{said}", said))
    monkeypatch.chdir(tmp_path)
    assert run(["verify", f"sub/{name}"]) == 0
    (tmp_path / "sub" / "mine.toml").write_text(notation.replace("bias = 'b'", "bias = 'a'"))
    assert run(["verify", f"sub/{name}"]) == 2
    at = [*notation.splitlines()].index("bias = 'b'") + 1
    assert f"error: sub/mine.toml:{at}:9: 'a' is the letter" in capsys.readouterr().err
    (tmp_path / "sub" / "mine.toml").unlink()
    assert run(["verify", f"sub/{name}"]) == 2
    assert (
        f"error: sub/{name}:{2 if name.endswith('.txt') else 1}: no such file: 'sub/mine.toml'"
        in capsys.readouterr().err
    )


@pytest.mark.parametrize(
    "name, text, at",
    [
        ("claims.txt", 'loss = "sse"\narch = "3-2:sigmod"\ndelta1 = yhat - y\n', "2:13"),
        ("claims.tex", '\n  % symbp: loss = "sse", arch = "3-2:sigmod"\n$\\delta^{(1)} = y$\n', "2:38"),
    ],
)
def test_the_column_of_a_setting_is_that_of_the_file(name, text, at, tmp_path, capsys):
    (tmp_path / name).write_text(text)
    assert run(["verify", str(tmp_path / name)]) == 2
    assert f"{name}:{at}: unknown activation 'sigmod'" in capsys.readouterr().err
    line, column = map(int, at.split(":"))
    assert text.splitlines()[line - 1][column - 1 :].startswith("sigmod")


TABLES = [
    '[ tensors ]\nx = "n"\n[problem]\nforward = ["J = sum(x)"]\nloss = "J"\nclaims = ["dx = 1"]\n',
    'tensors.x = "n"\nproblem.forward = ["J = sum(x)"]\nproblem.loss = "J"\nproblem.claims = ["dx = 1"]\n',
    'tensors = { x = "n" }\nproblem = { forward = ["J = sum(x)"], loss = "J", claims = ["dx = 1"] }\n',
]
GOOD = TABLES[0]


@pytest.mark.parametrize("text", TABLES)
def test_tables_in_every_spelling_of_toml(text, tmp_path):
    (tmp_path / "p.toml").write_text(text)
    assert run(["verify", str(tmp_path / "p.toml")]) == 0


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[tensors\n", ["not valid TOML", "p.toml:1"]), (GOOD.replace("claims", "claim"), ["unknown key 'claim' in [problem]", "did you mean 'claims'"]),
        (GOOD.replace('"n"', "3"), ["'x' in [tensors] is a whole number; allowed: a text", ":2:"]), (GOOD.replace("loss", "los"), ["unknown key 'los'", "did you mean 'loss'"]),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_table_is_said(text, words, tmp_path, capsys):
    (tmp_path / "p.toml").write_text(text)
    assert run(["verify", str(tmp_path / "p.toml")]) == 2
    err = capsys.readouterr().err
    assert all(w in err for w in words), err


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('arch = "3-4:tanhh-2"\nz1 = 1\n', ["c.txt:1", "tanhh", "did you mean 'tanh'"]), ('\narch = "3-4"\nlayout = "diag"\nz1 = 1\n', ["c.txt:3", "diag"]),
        ("arch = 3-4:tanh-2\nz1 = 1\n", ["c.txt:1", 'arch = "3-4:tanh-2"']), ('arch = "3-4"\nl2 = "much"\nz1 = 1\n', ["c.txt:2", "l2"]),
    ],
)  # fmt: skip
def test_where_a_setting_is_wrong(text, words, tmp_path, capsys):
    (tmp_path / "c.txt").write_text(text)
    assert run(["verify", str(tmp_path / "c.txt")]) == 2
    err = capsys.readouterr().err
    assert all(w in err for w in words), err


def test_a_document_says_its_regularizer_and_that_it_has_no_biases(tmp_path):
    head = '% symbp: arch = "3-4:tanh-2", loss = "sse", l2 = 0.1, bias = false\n'
    (tmp_path / "d.tex").write_text(
        head + r"$\frac{\partial J}{\partial W^{(1)}} = \delta^{(1)} x^T + \lambda W^{(1)}$, $z^{(1)} = W^{(1)} x$"
    )
    assert run(["verify", str(tmp_path / "d.tex")]) == 0


def test_options_that_say_nothing_of_a_problem_are_refused(tmp_path, capsys):
    (tmp_path / "p.toml").write_text(GOOD)
    assert run(["verify", str(tmp_path / "p.toml"), "--loss", "sse"]) == 2
    assert "--loss says nothing of a problem" in capsys.readouterr().err


def test_a_formula_where_a_file_is_meant(capsys):
    assert run(["verify", *ARCH, "delta2 = yhat - y"]) == 2
    assert "--claim 'delta2 = yhat - y'" in capsys.readouterr().err


def test_a_file_with_an_equality_sign_in_its_name_is_one(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a=b.txt").write_text("e2 = yhat - y\n")
    assert run(["verify", "a=b.txt", *ARCH, "--claim", "e1 = W2.T @ delta2"]) == 0


def test_numbers_beyond_floats_are_text_in_json(capsys):
    assert run(["verify", *ARCH, "--claim", "e2 = (yhat - y)*exp(1000*x.sum())", "--json"]) in (0, 1)
    json.loads(capsys.readouterr().out, parse_constant=lambda name: pytest.fail(name))


def test_what_cannot_be_read_has_no_part_in_a_sum():
    import symbp as sb

    about = sb.Problem({"A": "n d", "B": "d k"}, ["J = sum(A@B)"], "J")
    first, then = sb.verify(about, ["dA[i,j] = sum(B[j,k], k, k)", "dA[i,j] += sum(B[j,k], k)"])
    assert (first.verdict, then.verdict) == ("unreadable", "correct")


@pytest.mark.sweep
def test_a_sum_has_an_end():
    import symbp as sb

    many = sb.verify(sb.Problem({"A": "n d", "B": "d k"}, ["J = sum(A@B)"], "J"), ["dA += 0*A"] * 600)
    assert many[-1].verdict == "unreadable"
