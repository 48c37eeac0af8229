"""The time of a run on a busy machine."""

import random

import pytest

from symbp.codegen.training.measuring import shortest


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
