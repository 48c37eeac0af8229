"""Files whose keys or kinds of values do not fit: each message has the place, what was read and what may stand there, in our words."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from symbp.errors import InputError
from symbp.network import Network
from symbp.notation.file import load as notation
from symbp.verification.problems.file import load as problem

ARCHITECTURE = 'name = "a"\ninput = 3\nlayers = [{ dense = 2 }]\n'
PROBLEM = '[tensors]\nx = "n"\n[problem]\nforward = ["J = sum(x)"]\nloss = "J"\n'
NOTATION = 'title = "t"\nlayer = "brackets"\n[letters]\nloss = "J"\n'

WRONG = [
    (Network.load, ARCHITECTURE, "input = 3", 'input = "three"', ":2:1: 'input' is a text; allowed: a whole number or a list"),
    (Network.load, ARCHITECTURE, "input = 3", 'input = [3, "b"]', ":2:1: entry 2 of 'input' is a text; allowed: a whole number"),
    (Network.load, ARCHITECTURE, "input = 3", "input = 3.5", ":2:1: 'input' is a number; allowed: a whole number or a list"),
    (Network.load, ARCHITECTURE, "[{ dense = 2 }]", "[7]", ":3:1: entry 1 of 'layers' is a whole number; allowed: a text or a table"),
    (Network.load, ARCHITECTURE, "[{ dense = 2 }]", "true", ":3:1: 'layers' is a truth value; allowed: a list"),
    (Network.load, ARCHITECTURE, '"a"', "1979-05-27", ":1:1: 'name' is a date; allowed: a text"),
    (Network.load, ARCHITECTURE, "input = 3\n", "", ":1: the file has no key input"),
    (Network.load, ARCHITECTURE, "]\n", "]\n[constants]\nb = 1\nc = 'x'\n", ":6:1: 'c' in [constants] is a text; allowed: a number"),
    (Network.load, ARCHITECTURE, "]\n", "]\n[layer]\nq = 3\n", ":5:1: 'q' in [layer] is a whole number; allowed: a table"),
    (Network.load, ARCHITECTURE, "]\n", "]\n[layer.q]\nforward = 1\n", "'forward' in [layer.q] is a whole number; allowed: a list"),
    (Network.load, ARCHITECTURE, "]\n", "]\n[layer.q]\ninput = 'x[n,i]'\n", "'q' in [layer] has no key output"),
    (Network.load, ARCHITECTURE, "]\n", "]\n[layer.q]\ninputt = 'x[n,i]'\n", "unknown key 'inputt' in [layer.q]"),
    (problem, PROBLEM, '"n"', "3", ":2:1: 'x' in [tensors] is a whole number; allowed: a text"),
    (problem, PROBLEM, '["J = sum(x)"]', '"J = sum(x)"', ":4:1: 'forward' in [problem] is a text; allowed: a list"),
    (problem, PROBLEM, '["J = sum(x)"]', "[1]", ":4:1: entry 1 of 'forward' in [problem] is a whole number; allowed: a text"),
    (problem, PROBLEM, 'loss = "J"\n', "", "'problem' has no key loss"),
    (notation, NOTATION, '"brackets"', '"braces"', ":2:10: 'layer' is 'braces'; allowed: parentheses, brackets, bare, subscript; did you mean 'brackets'?"),
    (notation, NOTATION, '"brackets"', "1", ":2:1: 'layer' is a whole number; allowed: a text"),
    (notation, NOTATION, '"t"', "[]", ":1:1: 'title' is a list; allowed: a text"),
    (notation, NOTATION, '= "J"', "= { print = 3 }", "'print' in [letters.loss] is a whole number; allowed: a text"),
    (notation, NOTATION, '= "J"', "= { element = 'J' }", "'loss' in [letters] has no key print"),
    (notation, NOTATION, '= "J"', "= { printt = 'J' }", "unknown key 'printt' in [letters.loss]"),
    (notation, NOTATION, '"t"', '"t"\nunits = { from = 1 }', "'from' in [units] is a whole number; allowed: a text"),
    (notation, NOTATION, '"t"', '"t"\nbold = "yes"', "'bold' is 'yes'; allowed: true, false, italic"),
]  # fmt: skip
DECODERS = re.compile(r"`|\b(Expected|got|enum|str|int|array|object|null|field|Struct)\b")


@pytest.mark.parametrize(("read", "text", "old", "new", "says"), WRONG, ids=[w[4][:60] for w in WRONG])
def test_a_wrong_value_is_said_in_our_words(read, text, old, new, says, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "own.toml"
    path.write_text(text.replace(old, new, 1))
    with pytest.raises(InputError) as caught:
        read(path)
    said = str(caught.value)
    assert said.startswith(f"{path}:") and says in said
    assert not DECODERS.search(said.removeprefix(str(path)))


@pytest.mark.parametrize(("read", "text"), [(Network.load, ARCHITECTURE), (problem, PROBLEM)])
def test_the_files_are_right_without_the_mistakes(read, text, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "own.toml").write_text(text)
    read(tmp_path / "own.toml")


LONG = "z + " * 1500 + "z"
"""A line that is refused whole, at no column."""
NO_COLUMN = [
    (Network.load, ARCHITECTURE + f'[functions]\nf = "{LONG}"\n'),
    (Network.load, ARCHITECTURE + f'[layer.q]\ninput = "x[n,i]"\noutput = "y[n,o]"\nforward = ["y[n,i] = {LONG}"]\n'),
    (problem, PROBLEM + f'[functions]\nf = "{LONG}"\n'),
    (problem, PROBLEM + f'given = ["{LONG} > 0"]\n'),
]


@pytest.mark.parametrize(("read", "text"), NO_COLUMN)
def test_a_place_that_is_not_known_is_not_said(read, text, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "own.toml"
    path.write_text(text.replace("[{ dense = 2 }]", "[{ dense = 2 }, 'q']" if "layer.q" in text else "[{ dense = 2 }]"))
    with pytest.raises(InputError) as caught:
        read(path)
    assert "characters" in str(caught.value) and "None" not in str(caught.value)
