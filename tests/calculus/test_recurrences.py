"""The order of statements that read one another at steps before."""

from __future__ import annotations

import pytest

from symbp.calculus.indices import Axis, Index
from symbp.calculus.language import Scope, read_expression
from symbp.calculus.program import Statement, Tensor
from symbp.calculus.recurrences import Recurrence, recurrences, scheduled
from symbp.errors import InputError

AXES = {c: Axis(c) for c in "ntskj"} | {"l": Axis("j")}
GIVEN = {"x": "ntk", "W": "jk", "U": "jl", "V": "jl", "q": "ntj", "b": "j"}
RNN = (
    "z[n,t,j] = sum(W[j,k]*x[n,t,k], k) + sum(U[j,l]*h[n,t-1,l], l)",
    "h[n,t,j] = tanh(z[n,t,j])",
)


def statements(*lines: str) -> list[Statement]:
    """Lines of the index language, each of which may read what any of them defines."""
    parts = [line.split(" = ") for line in lines]
    letters = {left[0]: left[2:-1].split(",") for left, _ in parts}
    tensors = {n: Tensor(n, tuple(AXES[c] for c in its)) for n, its in {**GIVEN, **letters}.items()}
    made = []
    for left, right in parts:
        indices = tuple(Index(c, AXES[c]) for c in letters[left[0]])
        body = read_expression(right, Scope(tensors, axes=AXES), {i.name: i for i in indices})
        made.append(Statement(tensors[left[0]], indices, body))
    return made


def names(schedule: tuple[Statement | Recurrence, ...]) -> list[str | list[str]]:
    """The order as names, those of a recurrence as a list."""
    return [s.target.name if isinstance(s, Statement) else [o.target.name for o in s.statements] for s in schedule]


def test_one_recurrence():
    (rnn,) = scheduled(statements(*RNN))
    assert isinstance(rnn, Recurrence)
    assert [s.target.name for s in rnn.statements] == ["z", "h"]
    assert (rnn.axis, rnn.direction, rnn.slots, rnn.carried) == (Axis("t"), 1, {"z": 1, "h": 1}, {"h": (1,)})
    assert [*rnn.steps(3)] == [0, 1, 2] and rnn.step(rnn.statements[0]).name == "t"


def test_what_reads_nothing_ahead_stays_as_it_is():
    lines = statements("a[n,t] = x[n,t,0]", "c[n,t] = a[n,t-1] + a[n,t+1]")
    assert scheduled(lines) == tuple(lines) and recurrences(lines) == ()


def test_the_order_of_a_step_is_not_that_of_the_lines():
    (rnn,) = recurrences(statements(RNN[1], RNN[0]))
    assert [s.target.name for s in rnn.statements] == ["z", "h"]


def test_what_a_recurrence_reads_comes_before_it_and_what_reads_it_behind():
    lines = statements(
        RNN[0], "d[n,t,j] = z[n,t,j]**2", "a[n,t,j] = q[n,t,j]*b[j]", "h[n,t,j] = tanh(z[n,t,j]) + a[n,t,j]"
    )
    assert names(scheduled(lines)) == ["a", ["z", "h"], "d"]


def test_two_directions_are_two_recurrences():
    back = (RNN[0].replace("z[", "y[").replace("h[n,t-1", "g[n,t+1"), "g[n,t,j] = tanh(y[n,t,j])")
    one, other = recurrences(statements(*RNN, *back))
    assert (one.direction, other.direction) == (1, -1)
    assert [*other.steps(3)] == [2, 1, 0]


def test_several_steps_before():
    (one,) = recurrences(statements("h[n,t] = c[n,t] + h[n,t-3]", "c[n,t] = c[n,t-1]/2 + h[n,t-1] + x[n,t,0]"))
    assert one.carried == {"h": (1, 3), "c": (1,)}
    assert [s.target.name for s in one.statements] == ["c", "h"]


def test_the_step_is_where_it_stands_in_each_statement():
    (one,) = recurrences(statements("z[t,n] = h[n,t-1]*b[0]", "h[n,t] = z[t,n] + x[n,t,0]"))
    assert one.slots == {"z": 0, "h": 1}


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (("h[n,t] = h[n,t]/2",), "h is made of itself at the same step: 'h[n,t] = h[n,t]/2'; allowed: a read at a step before, such as h[n,t-1,j]"),
        (("z[n,t] = h[n,t-1] + g[n,t]", "h[n,t] = z[n,t]", "g[n,t] = h[n,t]"), "z, g and h are made of one another at the same step"),
        (("z[n,t] = h[n,t-1]", "h[n,t] = z[n,t+1]"), "z reads h[n,t-1] and h reads z[n,t+1], so that each step waits for the other"),
        (("h[n,t] = h[n,t-1] + h[n,t+1]",), "h reads h[n,t-1] and h reads h[n,t+1], so that"),
        (("h[n,t] = h[n,2*t-3]",), "h reads h[n,2*t-3], and h is made of h: a recurrence reads at a whole number of steps before; allowed: t-1,"),
        (("h[n,t] = h[n,2-t]",), "h reads h[n,-t+2], and h is made of h: a recurrence reads"),
        (("h[n,t] = h[n,t-1] + h[n,0]",), "h reads h[n,0], and h is made of h: a recurrence reads"),
        (("h[n,t] = sum(h[n,s]*(s < t), s)",), "h reads h[n,s], and h is made of h"),
        (("h[t,s] = h[t-1,s] + h[t,s-1]",), "h is made of itself at the same step"),
    ],
)  # fmt: skip
def test_what_has_no_order_is_refused(lines: tuple[str, ...], said: str):
    with pytest.raises(InputError) as e:
        scheduled(statements(*lines))
    assert str(e.value).startswith(said)
