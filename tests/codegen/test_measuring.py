"""The time of a run on a busy machine."""

import random

import pytest

import symbp as sb
from symbp.codegen.training.measuring import measure, shortest
from symbp.codegen.training.running import imported
from symbp.network import Network


class Machine:
    """A clock that only runs let go on, and runs that a neighbour makes longer now and then."""

    def __init__(self, seed, disturbed):
        self.now, self.runs, self.random, self.disturbed = 0.0, 0, random.Random(seed), disturbed

    def run(self):
        self.runs += 1
        slow = self.random.random() < self.disturbed
        self.now += 1e-3 * (1 + 0.01 * self.random.random()) * (self.random.uniform(2, 100) if slow else 1)

    def clock(self):
        return self.now


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("disturbed", [0.0, 0.3, 0.8])
def test_a_neighbour_does_not_change_the_result(disturbed, seed):
    machine = Machine(seed, disturbed)
    assert shortest(machine.run, 2.0, machine.clock) == pytest.approx(1e-3, rel=0.02)
    assert machine.now < 2.0 + 0.2, "the time is bounded"


def test_a_quiet_machine_is_not_kept_long():
    machine = Machine(0, 0.0)
    shortest(machine.run, 2.0, machine.clock)
    assert machine.now < 0.6


def test_a_run_longer_than_the_budget_is_made_three_times():
    machine = Machine(0, 0.0)
    shortest(machine.run, 1e-4, machine.clock)
    assert machine.runs == 3


INPUTS_BY_NAME = """
inputs = { tok = { shape = [4] } }
layers = [{ embedding = { vocabulary = 5, width = 3 } }, { rnn = { hidden_size = 2 } }, "softmax"]
loss = "cross_entropy"
"""
TWO_INPUTS = """
inputs = { left = { shape = [3] }, right = { shape = [2] } }
layers = [
  { dense = 4, inputs = ["left"], name = "a" },
  { dense = 4, inputs = ["right"], name = "b" },
  { add = {}, inputs = ["a", "b"] },
]
"""


@pytest.mark.parametrize("text", [INPUTS_BY_NAME, TWO_INPUTS])
def test_modules_that_take_arrays_by_name_are_measured(text, tmp_path):
    (tmp_path / "net.toml").write_text(text)
    net = Network.load(tmp_path / "net.toml")
    with imported(sb.generate(net, dtype="float64")) as module:
        found = measure(net, module, batch=3, budget=0.01)
    assert found.weights == sum(p.size for p in module.init(seed=0).values()) and found.passes >= 3
    assert 0 < found.forward and 0 < found.gradients < found.finite_differences
