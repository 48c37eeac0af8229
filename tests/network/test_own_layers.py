"""Own layers and functions at their edges: refused with one message, or right to the last gradient."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

import symbp as sb
from symbp.commands.options import write
from symbp.errors import InputError

OWN = """
input = 3
layers = [{ dense = 4 }, { own = {SETTINGS} }, "tanh", { dense = 2 }]
regularization = { l2 = 0.1, l1 = 0.2 }
[layer.own]
input = "x[n,i]"
output = "OUTPUT"
parameters = { PARAMETERS }
forward = ["LINE"]
"""


def load(folder: Path, line: str, parameters: str = "", output: str = "y[n,i]", settings: str = "{}") -> sb.Network:
    path = folder / "own.toml"
    text = OWN.replace("{SETTINGS}", settings).replace("OUTPUT", output).replace("PARAMETERS", parameters)
    path.write_text(text.replace("LINE", line))
    return sb.Network.load(path)


@pytest.mark.parametrize(
    ("parameters", "line"),
    [
        ('R = "i"', "y[n,i] = x[n,i]*R[i]"), ('l = "i"', "y[n,i] = x[n,i]*l[i]"), ('A = ""', "y[n,i] = x[n,i]*A"),
        ('A = "i i i i i i i i"', "y[n,i] = x[n,i]*A[i,i,i,i,i,i,i,i]"), ('A = "i i"', "y[n,i] = x[n,i]*A[i,i]"),
        ('np = "i"', "y[n,i] = x[n,i] + np[i]**2"), ('A = "i", B = "i"', "y[n,i] = x[n,i]*A[i]"),
        ('A = "i i"', "y[n,i] = sum(inv(A)[i,j]*x[n,j], j)"), ('A = "i i"', "y[n,i] = x[n,i]*logdet(A)"),
    ],
)  # fmt: skip
def test_odd_but_right(tmp_path: Path, parameters: str, line: str) -> None:
    source = sb.generate(load(tmp_path, line, parameters), dtype="float64")
    names: dict[str, object] = {"__name__": "made"}
    exec(compile(source, "made", "exec"), names)
    errors = names["check"]()  # type: ignore[operator]
    assert max(errors.values()) < 1e-5, errors


@pytest.mark.parametrize(
    ("parameters", "line", "output", "settings", "says"),
    [
        (r'A = "\\input{x}"', "y[n,i] = x[n,i]", "y[n,i]", r'{"\\input{x}" = 3}', "not usable"),
        ('A = "n"', "y[n,i] = x[n,i]*A[n]", "y[n,i]", "{}", "batch axis"),
        ('A = "i"', "y[i,n] = x[n,i]*A[i]", "y[i,n]", "{}", "batch axis first"),
        ("", "y[n,i] = x[n,i]", "y[n,i]", '{"" = 3}', "without a name"),
    ],
)
def test_refused(tmp_path: Path, parameters: str, line: str, output: str, settings: str, says: str) -> None:
    with pytest.raises(InputError, match=says):
        load(tmp_path, line, parameters, output, settings)


@pytest.mark.parametrize(
    "text", ["where(1 > 0, z, 0)", "max(2, 1)*z", "step(0)*z + z", "floor(2.5)*z", "sin(" * 12 + "z" + ")" * 12]
)
def test_functions_with_constants_and_depth(tmp_path: Path, text: str) -> None:
    path = tmp_path / "f.toml"
    path.write_text(f'input = 3\nlayers = [{{ dense = 2 }}, "f"]\n[functions]\nf = "{text}"\n')
    compile(sb.generate(sb.Network.load(path)), "made", "exec")


@pytest.mark.parametrize("text", ["1e400*z", "exp(1000)*z", "exp(1e300)*z", "sqrt(-2)*z", "log(0)*z"])
def test_functions_out_of_range(tmp_path: Path, text: str) -> None:
    path = tmp_path / "f.toml"
    path.write_text(f'input = 3\nlayers = [{{ dense = 2 }}, "f"]\n[functions]\nf = "{text}"\n')
    with pytest.raises(InputError):
        sb.Network.load(path)


def test_many_layers_are_refused_and_a_deep_chain_is_not() -> None:
    with pytest.raises(InputError, match="at most 1000"):
        sb.Network(3, ["tanh"] * 1001)
    compile(sb.generate(sb.Network.parse("-".join(["2"] * 120))), "made", "exec")


def test_a_pipe_or_a_device_is_no_architecture(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.toml")
    with pytest.raises(InputError, match="regular file"):
        sb.Network.load(tmp_path / "pipe.toml")


def test_a_link_stays_a_link_and_a_device_a_device(tmp_path: Path) -> None:
    (tmp_path / "file.py").write_text("old")
    (tmp_path / "link.py").symlink_to(tmp_path / "file.py")
    write("new", tmp_path / "link.py")
    assert (tmp_path / "link.py").is_symlink() and (tmp_path / "file.py").read_text() == "new"
    write("gone", "/dev/null")
    assert not Path("/dev/null").is_file()


def test_the_command_in_the_header_can_be_pasted(tmp_path: Path) -> None:
    path = tmp_path / "a b;c.toml"
    path.write_text("input = 3\nlayers = [{ dense = 2 }]\n")
    source = sb.generate(sb.Network.load(path))
    assert f"symbp generate '{path}'" in " ".join(source.split()) or "symbp generate FILE" in source
