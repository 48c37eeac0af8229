"""Graphs of layers: what reads what, axes that are one, blocks, shared parameters; and what is wrong with a graph."""

from __future__ import annotations

from pathlib import Path

import pytest

import symbp as sb
from symbp.calculus.text import statement_text
from symbp.errors import InputError
from symbp.network.written import network_of, written

RESIDUAL = """
input = 6
layers = [{ dense = 5, name = "d" }, { repeat = 2, block = "res" }, { dense = 3 }, "softmax"]
[block.res]
layers = [{ dense = 5 }, { tanh = {}, name = "t" }, { add = {}, inputs = ["x", "t"] }]
"""
TOWERS = """
inputs = { left = { shape = 6 }, right = { shape = [4] } }
layers = [
  { block = "tower", name = "u", inputs = ["left"] },
  { block = "tower", name = "v", inputs = ["right"] },
  { add = {}, inputs = ["u", "v", "u"] },
  { dense = 3, name = "out" },
]
losses = [{ sse = {}, of = "out", target = "t" }, { squared_error = {}, of = "u", target = "v", weight = 0.25 }]
[block.tower]
layers = [{ dense = 5 }, "tanh"]
"""


def load(text: str, folder: Path) -> sb.Network:
    path = folder / "net.toml"
    path.write_text(text)
    return sb.Network.load(path)


def lines(net: sb.Network) -> list[str]:
    return [statement_text(s) for s in sb.derive(net).program]


def test_a_block_is_put_in_with_a_prefix_and_its_x_is_what_it_reads(tmp_path: Path) -> None:
    found = lines(load(RESIDUAL, tmp_path))
    assert "s2[i] = d[i] + res1_t[i]" in found
    assert "s3[i] = res2_t[i] + s2[i]" in found
    assert "ds2[i] = sum(delta3[j]*W3[j,i], j) + ds3[i]" in found


def test_a_chain_of_blocks_and_the_same_layers_in_python_are_one_network(tmp_path: Path) -> None:
    layer = sb.layer
    chain = [
        layer("dense", 5, name="d"),
        layer("dense", 5), layer("tanh", name="res1_t"), layer("add", inputs=("d", "res1_t")),
        layer("dense", 5), layer("tanh", name="res2_t"), layer("add", inputs=(4, "res2_t")),
        layer("dense", 3), "softmax",
    ]  # fmt: skip
    assert lines(load(RESIDUAL, tmp_path)) == lines(sb.Network(6, chain))


def test_contributions_of_readers_and_of_losses_add(tmp_path: Path) -> None:
    found = lines(load(TOWERS, tmp_path))
    assert "J = J_out + J_u/4" in found
    assert "s2[i] = 2*u[i] + v[i]" in found
    assert "e1[i] = 2*ds2[i] + u[i]/2 - v[i]/2" in found
    assert {"dleft[i] = sum(delta1[j]*W1[j,i], j)", "dright[i] = sum(delta2[j]*W2[j,i], j)"} <= {*found}


def test_axes_that_meet_are_one_and_others_are_not(tmp_path: Path) -> None:
    net = sb.Network(
        4, [sb.layer("dense", 4, name="h"), "tanh", sb.layer("add", inputs=("x", 2)), sb.layer("dense", 4)]
    )
    axes = {name: [a.name for a in t.axes] for name, t in net.forward_map.program.tensors.items()}
    assert axes["h_W"] == ["in", "in"] == axes["h_W"]
    assert axes["W2"] == ["i2", "in"] and axes["yhat"] == ["n", "i2"]


@pytest.mark.parametrize("text", [RESIDUAL, TOWERS])
def test_a_graph_is_written_out_and_read_again(text: str, tmp_path: Path) -> None:
    net = load(text, tmp_path)
    assert lines(network_of(written(net))) == lines(net)


def test_a_parameter_is_shared_as_it_is_or_turned() -> None:
    layer = sb.layer
    tied = sb.Network(7, [layer("dense", 3, name="enc"), "tanh", layer("dense", share={"W": "enc_W[j,i]"})], "sse")
    assert {p.tensor.name for p in tied.forward_map.parameters} == {"enc_W", "enc_b", "b2"}
    found = lines(tied)
    assert "z2[i] = sum(enc_W[j,i]*a1[j], j) + b2[i]" in found
    assert "denc_W[i,j] = delta2[j]*a1[i] + denc[i]*x[j]" in found
    same = sb.Network(3, [layer("dense", 3, name="a"), layer("dense", 3, share={"W": "a_W", "b": "a_b"})], "sse")
    assert {p.tensor.name for p in same.forward_map.parameters} == {"a_W", "a_b"}
    assert "z2[i] = sum(a[j]*a_W[i,j], j) + a_b[i]" in lines(same)


def test_a_block_of_the_catalogue_is_its_layers_written_out(tmp_path: Path) -> None:
    layer, given = sb.layer, {"heads": 2, "width": 7, "causal": True, "activation": "gelu"}
    out = [
        layer("layer_norm"), layer("attention", 2, causal=True), layer("add", inputs=("x", 2)),
        layer("layer_norm"), layer("mlp", 7, activation="gelu"), layer("add", inputs=(3, 5)),
    ]  # fmt: skip
    again = [layer("layer_norm"), layer("attention", 1), layer("add", inputs=("a", 8)),
             layer("layer_norm"), layer("mlp", 5, activation="relu"), layer("add", inputs=(9, 11))]  # fmt: skip
    written_out = sb.Network((3, 4), [*out[:-1], layer("add", inputs=(3, 5), name="a"), *again], "sse")
    short = [layer("transformer_block", name="a", **given), layer("transformer_block", 1, width=5)]
    assert lines(sb.Network((3, 4), short, "sse")) == lines(written_out)
    text = """
    input = [3, 4]
    loss = "sse"
    layers = [{ block = "two" }]
    [block.two]
    layers = [{ transformer_block = { heads = 2, width = 7, causal = true, activation = "gelu" }, name = "a" },
              { transformer_block = { heads = 1, width = 5 } }]
    """
    named = [line.replace("two1_", "") for line in lines(load(text, tmp_path))]
    assert named == lines(written_out)


def test_a_layer_of_ones_own_takes_several_inputs(tmp_path: Path) -> None:
    text = """
    inputs = { p = { shape = 3 }, q = { shape = 4 } }
    layers = [{ pair = { o = 2 }, inputs = ["p", "q"] }]
    [layer.pair]
    inputs = ["a[n,i]", "b[n,j]"]
    output = "y[n,o]"
    parameters = { W = "o i j" }
    forward = ["y[n,o] = sum(W[o,i,j]*a[n,i]*b[n,j], i, j)"]
    """
    found = lines(load(text, tmp_path))
    assert "dW1[o,i,j] = delta1[o]*p[i]*q[j]" in found
    assert "dp[i] = sum(delta1[j]*sum(W1[j,i,k]*q[k], k), j)" in found


GRAPH = (
    "input = 4\nlayers = [{ dense = 5, name = 'h' }, { tanh = {}, name = 't' }, LAYER, { dense = 2, name = 'out' }]\n"
)
BLOCK = "input = 4\nlayers = [{ block = 'b' }]\n[block.b]\nlayers = [ITEMS]\n[block.c]\nlayers = [{ block = 'b' }]\n"
WRONG = [
    (GRAPH, "{ add = {}, inputs = ['x', 't'] }", r"layer 3 \(add\): add joins x and t, and axis i has the length 4 in x and 5 in t"),
    (GRAPH, "{ add = {}, inputs = ['t', 'out'] }", r"layer 3 \(add\) reads out, which comes later, as layer 4; .*x, h, t"),
    (GRAPH, "{ add = {}, inputs = ['s', 's'], name = 's' }", r"layer 3 \(add, s\) reads itself"),
    (GRAPH, "{ add = {}, inputs = ['h', 'tt'] }", r"layer 3 \(add\): unknown input 'tt'.*did you mean 't'"),
    (GRAPH, "{ add = {}, inputs = ['t', 7] }", r"layer 3 \(add\) reads layer 7; allowed: .* 1 to 2"),
    (GRAPH, "{ add = {}, inputs = ['h', 'h'] }", r"nothing reads layer 2 \(tanh, t\)"),
    (GRAPH, "{ dense = 3, name = 'h' }", r"layer 3 \(dense, h\): the name h is used twice"),
    (GRAPH, "{ add = {}, inputs = ['t'] }", r"layer 3 \(add\): add takes two inputs or more, got 1; .*inputs = "),
    (GRAPH, "'add'", r"add takes two inputs or more, got 1"),
    (GRAPH, "{ dense = 3, inputs = ['h', 't'] }", r"dense takes 1 input, got 2"),
    (GRAPH, "{ tanh = {}, inputs = ['h', 't'] }", r"tanh takes 1 input, got 2"),
    (GRAPH, "{ tanh = {}, share = { W = 'h_W' } }", "tanh has no parameters, and shares 'W'"),
    (GRAPH.replace("{ dense = 5, name = 'h' }", "{ tanh = {}, inputs = [0] }"), "'tanh'", r"reads layer 0; allowed: an input: x"),
    (GRAPH, "'transformer_block'", "layer transformer_block needs heads; allowed: heads = NUMBER"),
    (GRAPH, "{ transformer_block = { heads = 2, head = 3 } }", "unknown setting of layer transformer_block 'head'"),
    (GRAPH, "{ transformer_block = 2, inputs = ['h', 't'] }", "transformer_block takes 1 input, got 2"),
    (GRAPH, "{ transformer_block = 2, share = { Q = 'h_W' } }", "shares 'Q', and has no parameters of its own"),
    (GRAPH, "{ transformer_block = 2 }", r"layer_norm|attention takes 2 axes for each example, and its input .* \(5,\)"),
    (GRAPH, "'zero_pad1d'", "layer zero_pad1d needs padding"),
    (GRAPH, "{ zero_pad2d = [1, 2] }", r"padding is '\[1, 2\]'; allowed: .* or a list of 4"),
    (GRAPH, "'glu'", "the length 'j/2' divides 5 by 2"),
    (GRAPH, "{ dense = 3, inputs = [] }", "an empty list of inputs"),
    (GRAPH, "{ dense = 3, inputs = 'x' }", "inputs is 'x'"),
    (GRAPH, "{ dense = 3, share = { W = 'h_V' } }", r"unknown parameter that layer 3 \(dense\) shares: 'h_V'.*did you mean 'h_W'"),
    (GRAPH, "{ dense = 3, share = { V = 'h_W' } }", "unknown parameter of layer dense 'V'"),
    (GRAPH, "{ dense = 3, share = { W = 'h_W' } }", r"shared with h_W, which has the shape \(5, 4\), and has the shape \(3, 5\) here"),
    (GRAPH, "{ dense = 3, share = { W = 'h_W[i,k]' } }", "the letters i, j, each once"),
    (GRAPH, "{ dense = 3, share = { b = 'h_W' } }", r"parameter b of layer dense has 1 axis, and h_W has the shape \(5, 4\)"),
    (BLOCK, "{ block = 'b' }", "a block contains itself: b contains b"),
    (BLOCK, "{ block = 'c' }", "a block contains itself: b contains c contains b"),
    (BLOCK, "{ block = 'd' }", "unknown block 'd'; allowed: b, c"),
    (BLOCK, "", "block b has no layers"),
    (BLOCK, "{ add = {}, inputs = ['x', 'y'] }", "block b: unknown input 'y'; allowed: x"),
    (BLOCK, "{ block = 'c', repeat = 0 }", "repeat is '0'"),
    (BLOCK, "{ block = 'c', times = 2 }", "unknown key beside block 'times'"),
    (BLOCK.replace("'b' }]", "'b', repeat = 600 }]"), "'tanh', 'tanh'", "more than 1000 layers"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "item", "says"), WRONG, ids=[w[1] or "no layers" for w in WRONG])
def test_what_is_wrong_with_a_graph_is_said_once_and_with_its_place(
    text: str, item: str, says: str, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match=says) as raised:
        load(text.replace("LAYER", item).replace("ITEMS", item), tmp_path)
    assert str(raised.value).startswith(f"{tmp_path / 'net.toml'}:")


NETWORKS = [
    ({"inputs": {"a": 3, "b": 3}, "layers": [sb.layer("dense", 2)]}, "does not say which input it reads; .*a, b"),
    ({"inputs": {"a": 3, "b": 3}, "layers": [sb.layer("dense", 2, inputs=("a",))]}, "nothing reads input b"),
    ({"inputs": {"a b": 3}, "layers": ["tanh"]}, "input name 'a b' is not usable"),
    ({"input": 3, "layers": ["tanh"], "losses": [sb.LossTerm("sse", of="h")]}, "unknown output 'h'"),
    ({"input": 3, "layers": ["tanh"], "losses": [sb.LossTerm("sze")]}, "unknown loss 'sze'.*did you mean 'sse'"),
    ({"input": 3, "layers": [sb.layer("dense", 1)], "loss": "cosine"}, "compares directions, and the output has 1 output"),
    ({"input": 3, "layers": ["tanh"], "loss": "sse", "losses": [sb.LossTerm("sse")]}, "a loss sse and losses"),
    ({"input": 3, "layers": [sb.layer("dense", 4)], "losses": [sb.LossTerm("sse", target="x")]}, r"\(4,\), with x, .* \(3,\)"),
    ({"input": 3, "layers": ["tanh"], "losses": [sb.LossTerm("sse", target="x")], "standardize": "both"}, "standardised"),
]  # fmt: skip


@pytest.mark.parametrize(("given", "says"), NETWORKS, ids=[w[1] for w in NETWORKS])
def test_what_is_wrong_with_inputs_and_losses(given: dict[str, object], says: str) -> None:
    with pytest.raises(InputError, match=says):
        sb.Network(**given)  # type: ignore[arg-type]


def test_a_layer_reads_what_is_called_as_one_of_its_lines() -> None:
    """Layer norm has a line that defines h; here its input is called so."""
    net = sb.Network(4, [sb.layer("dense", 4, name="h"), sb.layer("layer_norm")])
    assert [s.target.name for s in net.forward_map.program if "h" in s.reads]
