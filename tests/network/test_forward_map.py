"""The front door: a network, a problem and a map made by hand are one type, and are derived alike."""

import numpy as np
import pytest

import symbp as sb
from symbp.calculus.indices import Axis, Index
from symbp.calculus.language import Scope, read_statement
from symbp.calculus.numeric.evaluate import evaluate
from symbp.calculus.program import Program, Tensor
from symbp.network.derivation import derive
from symbp.network.forward import BATCH, ForwardMap, Source

ATTENTION = sb.Problem(
    {"Q": "t d", "K": "s d", "V": "s v", "G": "t v", "scale": ""},
    ["S = scale*Q@K.T", "P = softmax(S)", "O = P@V", "J = sum(G*O)"],
    "J",
)
LENGTHS = {"t": 3, "s": 4, "d": 2, "v": 5, "n": 2, "i": 3, "o": 4}


def by_hand() -> ForwardMap:
    """y[n,o] = tanh(sum(W[o,i]*x[n,i], i)) with an upstream dy, and no scalar of its own."""
    n, i, o = BATCH, Axis("i"), Axis("o")
    declared = (
        Tensor("W", (o, i), "parameter"),
        Tensor("x", (n, i), "input"),
        Tensor("dy", (n, o), "adjoint", of="y"),
    )
    program = Program(declared)
    for line in ("y[n,o] = tanh(sum(W[o,i]*x[n,i], i))", "L = sum(sum(dy[n,o]*y[n,o], o), n)"):
        program = program.extended(read_statement(line, Scope(program.tensors)))
    return ForwardMap(program, "L", Source("a map made by hand"), results=("y",), upstream={"y": "dy"}, batch=n)


@pytest.mark.parametrize("given", [ATTENTION, by_hand()], ids=["a problem", "a map with an upstream"])
def test_gradients_agree_with_central_differences(given: object) -> None:
    d = derive(given, batch=True)
    forward, rng = d.map, np.random.default_rng(7)
    sizes = {a: LENGTHS[a.name] for t in forward.program.tensors.values() for a in t.axes}
    values = {t.name: rng.normal(size=[sizes[a] for a in t.axes]) for t in forward.program.declared}
    found = evaluate(d.program, values, sizes)
    wanted = [t for t in forward.program.declared if t.role in ("input", "parameter")]
    assert {t.name for t in wanted} == {"Q", "K", "V", "G", "scale"} if given is ATTENTION else {"W", "x"}
    for t in wanted:
        direction, h = rng.normal(size=values[t.name].shape), 1e-6

        def loss(step: float, t: Tensor = t, direction: np.ndarray = direction) -> float:
            moved = {**values, t.name: values[t.name] + step * direction}
            return float(evaluate(forward.program, moved, sizes)[forward.loss])

        slope = (loss(h) - loss(-h)) / (2 * h)
        gradient = np.asarray(found[d.backward.adjoint[t.name]], dtype=float)
        assert float((gradient * direction).sum()) == pytest.approx(slope, rel=1e-6)


def test_a_network_says_what_it_is_made_of() -> None:
    net = sb.Network.parse("3-4:tanh-2:softmax", loss="cross_entropy", optimizer="adam")
    forward = net.forward_map
    assert forward.forward_map is forward and net.forward_map is forward
    assert (forward.loss, forward.results, forward.batch, forward.depth) == ("J", ("yhat",), BATCH, 2)
    assert [forward.shape(p.tensor) for p in forward.parameters] == [(4, 3), (4,), (2, 4), (2,)]
    assert forward.shape(forward.program.tensors["x"]) == net.input and forward.source.text == "3-4:tanh-2:softmax"
    assert forward.adjoint_of(forward.program.tensors["z1"]) == "delta1"
    assert forward.adjoint_of(forward.program.tensors["W1"]) == "dW1"
    assert forward.training is not None and forward.training.optimizer.kind.name == "adam"
    assert forward.training.objective.loss.name == "cross_entropy"
    assert BATCH in forward.over(True).tensors["z1"].axes and BATCH not in forward.over(False).tensors["z1"].axes


def test_a_problem_says_what_it_is_made_of() -> None:
    forward = ATTENTION.forward_map
    assert (forward.loss, forward.results, forward.batch, forward.training) == ("J", ("J",), None, None)
    assert [t.name for t in forward.program.declared] == ["Q", "K", "V", "G", "scale"]
    assert forward.over(False) is forward.program  # without examples there is nothing to drop
    d = derive(forward)
    assert str(d["dJ/dQ"]) == "dQ[t,d] = scale*sum(dS[t,s]*K[s,d], s)" and d.updates.statements == ()
    assert "problem with the loss J" in repr(d) and "example" not in repr(d)


def test_letters_of_axes_are_those_of_the_author() -> None:
    assert [i.name for i in derive(ATTENTION)["dJ/dK"].statement.indices] == ["s", "d"]
    assert derive(by_hand())["dJ/dW"].statement.indices == (Index("o", Axis("o")), Index("i", Axis("i")))
