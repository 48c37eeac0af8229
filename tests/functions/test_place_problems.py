"""Problems that read at places, generated: values and gradients against JAX, whole numbers and lengths checked when they come in."""

import types

import jax
import numpy as np
import pytest
from place_cases import CASES, agree

import symbp as sb


def module(problem):
    made = types.ModuleType("made")
    exec(compile(sb.generate(problem), "made.py", "exec"), made.__dict__)
    return made


def problem_of(case):
    tensors = {n: axes + (f" -> {case.whole[n]}" if n in case.whole else "") for n, axes in case.tensors.items()}
    result = case.lines[-1].partition("[")[0]
    free = {c: str(case.lengths[c]) for c in case.free.split()}
    return sb.Problem(tensors, case.lines, results=[result], lengths=free)


@pytest.mark.thinned(6)
@pytest.mark.parametrize("name", CASES)
def test_modules_agree_with_jax(name):
    case, values = CASES[name], CASES[name].values()
    made = module(problem_of(case))
    given = {n: values[n] for n in case.tensors}
    result, cache = made.forward(**given)
    assert agree(result, case.jax(**given), 1e-11)
    real = {n: v for n, v in given.items() if n not in case.whole}
    expected = jax.grad(lambda r: (case.jax(**{**given, **r}) * values["G"]).sum())(real)
    found = made.backward(cache, values["G"])
    assert found.keys() == expected.keys()
    for n, gradient in expected.items():
        assert agree(found[n], gradient, 1e-11), n
        assert not agree(3 * found[n], gradient, 1e-11)


CONV = sb.Problem(
    {"x": "n h", "W": "u"}, ["z[n,p] = sum(W[u]*x[n,2*p+u-1], u)"], results=["z"], lengths={"p": "(h + 2 - u)//2 + 1"}
)
LOOKUP = sb.Problem({"E": "v d", "k": "n -> v"}, ["y[n,d] = E[k[n],d]"], results=["y"])


@pytest.mark.parametrize(("h", "u"), [(1, 1), (4, 3), (7, 2), (8, 5)])
def test_lengths_follow_from_what_is_given(h, u):
    made, rng = module(CONV), np.random.default_rng(h)
    x, w = rng.normal(size=(3, h)), rng.normal(size=u)
    z, cache = made.forward(x, w)
    assert z.shape == (3, (h + 2 - u) // 2 + 1)
    padded = np.pad(x, ((0, 0), (1, 1)))
    assert agree(z, np.stack([padded[:, 2 * p : 2 * p + u] @ w for p in range(z.shape[1])], 1))
    with pytest.raises(ValueError, match="dz has the shape"):
        made.backward(cache, rng.normal(size=(3, z.shape[1] + 1)))


def test_what_does_not_fit_is_refused():
    made = module(CONV)
    with pytest.raises(ValueError, match="p has no element, and 0 follows from n = 3, h = 2, u = 5"):
        made.forward(np.ones((3, 2)), np.ones(5))


@pytest.mark.parametrize(
    ("k", "words"),
    [([0, 4], "k has 4, expected numbers from 0 to 3"), ([-1, 2], "k has -1"), ([0.0, 1.0], "whole numbers")],
)
def test_whole_numbers_are_looked_at(k, words):
    made = module(LOOKUP)
    with pytest.raises(ValueError, match=words):
        made.forward(np.ones((4, 3)), np.array(k))
    assert made.forward(np.eye(4, dtype=np.float32), np.array([3, 3]))[0].dtype == np.float32
