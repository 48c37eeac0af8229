"""Architectures as text: what they mean, and that each wrong one gets one message that says where and what is allowed."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from own_parts import QUADRATIC

import symbp as sb
from symbp.calculus.program import check as check_program
from symbp.errors import InputError
from symbp.network import layer, spec
from symbp.network.forward import BATCH

OWN = (
    """
input = 4
layers = [{ dense = 3 }, "swish", { quadratic = { o = 7 } }]
loss = { huber = { delta = 2 } }
"""
    + QUADRATIC
)


def test_the_short_string() -> None:
    net = sb.Network.parse("784-256:relu-128:relu-10:softmax")
    assert net.input == (784,) and net.output == (10,) and net.depth == 3
    assert net.loss_kind.name == "cross_entropy"
    sizes = {BATCH: 0, **net.forward_map.sizes}
    shapes = {p.tensor.name: tuple(sizes[a] for a in p.tensor.axes) for p in net.forward_map.parameters}
    assert shapes == {"W1": (256, 784), "b1": (256,), "W2": (128, 256), "b2": (128,), "W3": (10, 128), "b3": (10,)}
    assert [t.target.name for t in net.program()] == ["z1", "a1", "z2", "a2", "z3", "yhat", "J"]


def test_no_activation_means_linear_and_biases_can_be_dropped() -> None:
    net = sb.Network.parse("3-4-2", bias=False)
    assert [p.tensor.name for p in net.forward_map.parameters] == ["W1", "W2"]
    assert [s.label for s in net.program() if s.target.name in ("a1", "yhat")] == ["identity", "identity"]
    assert net.loss_kind.name == "sse"


def test_text_files_and_objects_are_the_same_network(tmp_path: Path) -> None:
    toml = tmp_path / "a.toml"
    toml.write_text('input = [5]\nlayers = [{dense = 4}, "tanh", {dense = {units = 3}}, "softmax"]\n')
    text = '{"input": 5, "layers": [{"dense": 4}, "tanh", {"dense": 3}, "softmax"]}'
    (tmp_path / "a.json").write_text(text)
    objects = sb.Network(5, [layer("dense", 4), "tanh", layer("dense", units=3), "softmax"])
    nets = [
        sb.Network.load(toml),
        sb.Network.load(tmp_path / "a.json"),
        objects,
        sb.Network.parse("5-4:tanh-3:softmax"),
    ]
    assert len({str(n.program().statements) for n in nets}) == 1


def test_own_functions_and_layers(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text(OWN)
    net = sb.Network.load(path)
    check_program(net.program())
    assert net.output == (7,)
    sizes = net.forward_map.sizes
    assert {p.tensor.name: tuple(sizes[a] for a in p.tensor.axes) for p in net.forward_map.parameters} == {
        "W1": (3, 4), "b1": (3,), "A2": (7, 3, 3), "c2": (7,)
    }  # fmt: skip
    assert net.loss_settings == {"delta": 2}


def test_a_named_layer_names_its_tensors() -> None:
    net = sb.Network(3, [layer("dense", 4, name="first"), "tanh", layer("dense", 2)])
    assert [p.tensor.name for p in net.forward_map.parameters] == ["first_W", "first_b", "W2", "b2"]
    assert net.forward_map.aliases["z1"] == "first"


def test_one_example_drops_the_batch_axis() -> None:
    program = sb.Network.parse("3-2:tanh").program(batch=False)
    check_program(program)
    assert not any(BATCH in t.axes for t in program.tensors.values())


SHORT = [
    ("", "empty"), ("3", "not an architecture"), ("3-x", "no layer size"), ("3--2", "no layer size"), ("3-0", "no layer size"),
    ("3:relu-2", "input"), ("3-2:rleu", "did you mean 'relu'"), ("3-2:relu:relu", "unknown activation"), ("3-2.5", "no layer size"),
    ("3-2:dense", "unknown activation"), ("-3-2", "no layer size"), ("3-2:__import__('os').system('x')", "unknown activation"),
    ("3-99999999999", "no layer size"), ("٣-2", "no layer size"), ("3-2\x00", "no layer size"), ("-".join(["2"] * 5000), "layers"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "says"), SHORT)
def test_wrong_short_strings(text: str, says: str) -> None:
    with pytest.raises(InputError, match=says):
        sb.Network.parse(text)


OPTIONS = [
    ({"loss": "ce"}, "unknown loss"), ({"optimizer": "adm"}, "did you mean 'adam'"), ({"reduction": "max"}, "unknown reduction"),
    ({"regularization": {"l3": 1}}, "did you mean 'l"), ({"regularization": {"l2": -1}}, "0 or more"),
    ({"regularization": {"l2": float("nan")}}, "finite"), ({"loss": "nll"}, "log_softmax before it"),
    ({"loss": "poisson"}, "exp or softplus"), ({"loss": "binary_cross_entropy"}, "relu gives"),
    ({"optimizer": {"adam": {"beta1": 1.0}}}, "below 1"), ({"optimizer": {"sgd": {"schedule": "cosin"}}}, "did you mean 'cosine'"),
]  # fmt: skip


@pytest.mark.parametrize(("options", "says"), OPTIONS)
def test_wrong_options(options: dict[str, object], says: str) -> None:
    with pytest.raises(InputError, match=says):
        sb.Network.parse("3-2:relu", **options)


FILES = [
    ('input = 3\nlayers = [{ dens = 4 }, "tanh"]', r":2:13: unknown layer 'dens'.*did you mean 'dense'"),
    ('input = 3\nlayers = [{ dense = "x" }]', r":2:22: layer dense: units is 'x'"),
    ('input = 3\nlayers = [{ dense = {units = 2, biass = true} }]', r":2:33: unknown setting of layer dense 'biass'"),
    ("input = 3\nlayers = [{ dense = 2, dropout = 1 }]", "one key that names the layer"),
    ("input = 3\nlayers = [{ dropout = 1.5 }]", "rate is 1.5"),
    ("input = 3\nlayers = []", "at least one layer"),
    ("input = []\nlayers = ['tanh']", "an input"),
    ("input = 3\nlayer = 3\nlayers=[]", r":2:1: 'layer' is a whole number; allowed: a table"),
    ("input = 3\nlayers = [{ dense = 4 }", "not valid TOML"),
    ("inputs = 3\nlayers = ['tanh']", r":1:1: 'inputs' is a whole number; allowed: a table"),
    ("input = 3\nlayers = ['tanh', {dense = 2, inputs = ['x']}]", r":2:1: nothing reads layer 1 \(tanh\)"),
    ("input = [8, 8]\nlayers = ['global_avg_pool']", r"takes 3 axes .* shape \(8, 8\)"),
    ("input = 3\nlayers = ['f']\n[functions]\nf = '__import__(1)'", r":4:6: function 'f', column 1: '_' has no meaning"),
    ("input = 3\nlayers = ['f']\n[functions]\nf = 'q*z'", ":4:6: function 'f', column 1: unknown name 'q'"),
    ("input = 3\nlayers = [{dense = 2}, 'wiggle']\n[functions]\nh = 'z'\nwiggle = 'z*(sin(z)'", ":5:11: function 'wiggle'"),
    ("input = 3\nlayers = [{dense = 2}, 'wiggle']\n[functions]\nh = 'z'\nwiggle = 'z^'", ":5:"),
    ("input = 3\nlayers = ['tanh']\n[functions]\ntanh = 'z'", "catalogue already"),
    ("input = 3\nlayers = ['tanh']\n[functions]\n'a b' = 'z'", "not usable"),
    ("input = 3\nlayers = ['tanh']\n[constants]\n'__class__' = 1", "not usable"),
    ('input = 3\nlayers = [{dense = 4, name = "__import__"}]', "not usable"),
    ('input = 3\nlayers = [{dense = 4, name = "J"}]', "used twice"),
    ('input = 3\nlayers = [{dense = 4, name = "h"}, {dense = 4, name = "h"}]', "h is used twice"),
    (OWN.replace("A[o,i,j]", "A[o,o,j]"), "index o runs over axes of different length: .* and "),
    (OWN.replace('["y[n,o]', '["y[n,o] = sum(A[o,i,i]*x[n,i], i) + c[o]", "y[n,o]'), "y is assigned twice"),
    (OWN.replace("{ o = 7 }", "{}"), "axis o of parameter A of layer quadratic has no length"),
    (OWN.replace("{ o = 7 }", "{ o = 7, p = 3 }"), "unknown setting of layer quadratic 'p'"),
    (OWN.replace("x[n,i]*x[n,j]", "x[n-1,i]*x[n,j]"), "not supported yet"),
    (OWN.replace("y[n,o] = sum", "w[n,o] = sum"), "does not define"),
    (OWN.replace('"x[n,i]"', '"x[n,i"'), "the line ends"),
    ("input = 3\nlayers = ['tanh']\nregularization = { l2 = 'a' }", "regularization"),
    ("input = 3\nlayers = ['tanh']\nloss = { mse = { a = 1 } }", "no settings"),
    ("\x00", "not valid TOML"),
    ("input = 99999999999999999999\nlayers = ['tanh']", "input"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "says"), FILES)
def test_wrong_files(text: str, says: str, tmp_path: Path) -> None:
    path = tmp_path / "net.toml"
    path.write_text(text)
    with pytest.raises(InputError, match=says) as raised:
        sb.Network.load(path)
    assert str(raised.value).startswith(str(path))


def test_options_are_no_part_of_an_architecture() -> None:
    with pytest.raises(InputError, match="an option stands in the architecture") as e:
        sb.Network.parse("2-2:sigmoid-1 --loss sse")
    assert e.value.place.column == 15


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "digits.toml").write_text("")
    (tmp_path / "latin.toml").write_bytes(b"name = '\xff'")
    (tmp_path / "list.json").write_text("[1")
    (tmp_path / "deep.json").write_text("[" * 100_000)
    for name, says in [
        ("digit.toml", "did you mean 'digits.toml'"), ("latin.toml", "UTF-8"), ("list.json", "not valid JSON"),
        ("deep.json", "nested too deeply"), (".", "cannot be read"),
    ]:  # fmt: skip
        with pytest.raises(InputError, match=says):
            sb.Network.load(tmp_path / name)


@given(st.text(max_size=40))
def test_any_text_is_a_network_or_one_error(text: str) -> None:
    try:
        sb.Network.parse(text)
    except InputError:
        pass


@given(
    st.dictionaries(
        st.text(max_size=8), st.one_of(st.text(max_size=8), st.integers(), st.booleans(), st.floats()), max_size=3
    )
)
def test_any_layer_table_is_a_layer_or_one_error(table: dict[str, object]) -> None:
    try:
        spec.arguments(spec.Spec(input=3, layers=[table]))
    except InputError:
        pass
