"""The passes over a straight-line program, one by one: each keeps every output's value, and does what it says."""

import numpy as np
import pytest

from symbp.catalogue import OPTIMIZERS
from symbp.codegen.step import label_passes, passes
from symbp.codegen.step.expansions import ALONG, ELEMENTWISE
from symbp.codegen.step.linear import Builder, Linear, Op, rewritten
from symbp.codegen.step.memory import own_outputs, owns, plan, root
from symbp.codegen.step.update import read_rule, write_update
from symbp.network import Optimizer

N = 6
_VIEW = {
    "transpose": lambda d, a: a.transpose(d),
    "expand": lambda d, a: a[tuple(None if new else slice(None) for new in d)],
    "squeeze": lambda d, a: a.squeeze(axis=d),
}


def evaluate(program, given):
    """Every value of a program by plain NumPy, one operation after the other: an oracle that shares nothing."""
    values = []
    for op in program.ops:
        a = [values[k] for k in op.args]
        if op.name in ("input", "limit"):
            values.append(given[op.data[0]])
        elif op.name == "number":
            values.append(op.data[0])
        elif op.name == "size":
            values.append(N)
        elif op.name == "ones":
            values.append(np.ones([N if n is None else n for n in op.shape]))
        elif op.name in _VIEW:
            values.append(_VIEW[op.name](op.data, a[0]))
        elif op.name in ("sum", "max", "prod"):
            values.append(getattr(np, op.name)(a[0], axis=op.data))
        elif op.name in ("matmul", "inner"):
            values.append(np.matmul(a[0], a[1]) if op.name == "matmul" else np.vdot(a[0], a[1]))
        elif op.name in ("less_target", "column"):
            values.append(a[0] - a[1] if op.name == "less_target" else a[0] * a[1])
        elif op.name == "at_target":
            values.append((a[0] * a[1]).sum(axis=1))
        elif op.name == "python":
            values.append(np.sqrt(a[0]) if op.data == ("math.sqrt",) else None)
        elif op.name in ("cast", "copy"):
            values.append(np.asarray(a[0], float))
        else:
            values.append(getattr(np, op.name)(*a))
    return {n: values[k] for n, k in program.outputs.items()}


def same(before, after, given):
    wanted, found = evaluate(before, given), evaluate(after, given)
    assert {*wanted} == {*found}
    for n, value in wanted.items():
        np.testing.assert_allclose(found[n], value, rtol=1e-12, atol=1e-14, err_msg=n)


def arrays(seed=0, **shapes):
    rng = np.random.default_rng(seed)
    return {n: rng.normal(size=[N if s is None else s for s in shape]) for n, shape in shapes.items()}


def tensor(b, name, *shape):
    return b.emit(Op("input", (), (name,), shape))


def setting(b, name):
    return b.emit(Op("input", (), (name,), (), "py"))


def names_of(program):
    return [op.name for op in program.ops]


def test_an_operation_is_emitted_once():
    b = Builder()
    x = tensor(b, "x", None, 3)
    assert b.ufunc("exp", x) == b.ufunc("exp", x)
    assert b.shared == 1
    assert b.number(6) == b.ufunc("multiply", b.number(2), b.number(3))
    assert b.ufunc("multiply", x, b.number(1)) == x
    assert b.transposed(b.transposed(x, (1, 0)), (1, 0)) == x


def test_what_no_output_needs_is_left_out():
    b = Builder()
    x = tensor(b, "x", 3)
    b.ufunc("exp", x)
    assert names_of(b.program({}, {"out": b.ufunc("tanh", x)})) == ["input", "tanh"]


def test_the_sign_is_read_off_the_activation():
    b = Builder()
    z = b.ufunc("negative", tensor(b, "x", None, 3))
    a = b.ufunc("maximum", b.number(0), z)
    slope = b.ufunc("greater", z, b.number(0), kind="bool")
    program = b.program({"z": z, "a": a}, {"a": a, "slope": slope})
    after, said = passes.read_activations(program)
    same(program, after, arrays(x=(None, 3)))
    assert after.ops[after.ops[after.outputs["slope"]].args[0]].name == "maximum" and "z" in said


def test_a_term_in_common_is_taken_out():
    """Binary cross-entropy of a logit: (y - 1)*softplus(z) - y*softplus(-z)."""
    b = Builder()
    z, y = tensor(b, "z", None, 3), tensor(b, "y", None, 3)
    plus, minus = (ELEMENTWISE["softplus"](b, u) for u in (z, b.ufunc("negative", z)))
    first = b.ufunc("multiply", plus, b.ufunc("subtract", y, b.number(1)))
    program = b.program({}, {"out": b.ufunc("subtract", first, b.ufunc("multiply", minus, y))})
    after, said = passes.collect_terms(program)
    same(program, after, arrays(z=(None, 3), y=(None, 3)))
    assert len(after.ops) <= len(program.ops) - 4 and "in common" in said
    for label, logit in ((1.0, 40.0), (0.0, -40.0), (1.0, -700.0)):
        given = {"z": np.full((N, 3), logit), "y": np.full((N, 3), label)}
        same(program, after, given)
        assert (evaluate(after, given)["out"] < 0).all(), "no digit of a small loss is lost"


def network_end(b):
    p, y = tensor(b, "p", None, 4), tensor(b, "y", None, 4)
    logs = b.ufunc("multiply", b.ufunc("sinh", p), y)
    picked = b.reduced("sum", logs, (1,))
    return p, y, picked, b.ufunc("subtract", p, y)


def test_labels_are_places_where_targets_stand_in_differences_and_sums_alone():
    b = Builder()
    _, y, picked, e = network_end(b)
    program = b.program({}, {"picked": picked, "e": e})
    after, said = label_passes.take_labels(program)
    same(program, after, arrays(p=(None, 4), y=(None, 4)))
    assert {"at_target", "less_target"} <= {*names_of(after)} and "places" in said
    b.ufunc("exp", y)
    other = b.program({}, {"picked": picked, "e": e, "more": len(b.ops) - 1})
    assert label_passes.take_labels(other)[0] is other


def test_factors_are_gathered_smallest_first():
    b = Builder()
    x, w = tensor(b, "x", None, 4), tensor(b, "w", None)
    column = b.expanded(w, (0, None))
    value = b.ufunc("divide", b.ufunc("multiply", b.ufunc("multiply", column, x), setting(b, "c")), b.size())
    program = b.program({}, {"out": value})
    after, _ = passes.gather_factors(program, "w")
    same(program, after, {**arrays(x=(None, 4), w=(None,)), "c": 0.3})
    large = [op for op in after.ops if op.shape == (None, 4) and op.name in ("multiply", "divide")]
    assert len(large) == 1, "one product is as large as the result"


def gradients(b):
    """delta2 = (a2 - y)/N; dW2 = delta2' a1; delta1 = (delta2 W2)*s; dW1 = delta1' x + l2*W1."""
    x, y, a1, a2, s = (tensor(b, n, None, k) for n, k in (("x", 5), ("y", 2), ("a1", 3), ("a2", 2), ("s", 3)))
    W1, W2 = tensor(b, "W1", 3, 5), tensor(b, "W2", 2, 3)
    delta2 = b.ufunc("divide", b.ufunc("subtract", a2, y), b.size())
    delta1 = b.ufunc("multiply", b.matmul(delta2, W2), s)
    dW1 = b.ufunc("add", b.matmul(b.transposed(delta1, (1, 0)), x), b.ufunc("multiply", b.number(0.5), W1))
    outputs = {"dW2": b.matmul(b.transposed(delta2, (1, 0)), a1), "dW1": dW1, "db2": b.reduced("sum", delta2, (0,))}
    given = arrays(x=(None, 5), y=(None, 2), a1=(None, 3), a2=(None, 2), s=(None, 3), W1=(3, 5), W2=(2, 3))
    return b.program({"delta2": delta2, **outputs}, outputs), given


def test_the_rate_moves_to_where_gradients_come_from():
    program, given = gradients(Builder())
    after, said = passes.move_rate(program, program.outputs, lambda b: setting(b, "lr"))
    found = evaluate(after, {**given, "lr": 0.25})
    for n, value in evaluate(program, given).items():
        np.testing.assert_allclose(found[n], 0.25 * value, rtol=1e-13)
    products = [op for op in after.ops if op.shape and op.name == "multiply" and op.kind == "real"]
    assert "delta2" in said and len(products) <= 3
    assert all(op.shape != (3, 5) or after.ops[op.args[0]].data == ("W1",) or after.ops[op.args[1]].data == ("W1",)
               for op in products)  # fmt: skip


def test_a_value_that_something_else_needs_is_not_scaled():
    b = Builder()
    program, given = gradients(b)
    shown = Linear(program.ops, program.names, {**program.outputs, "shown": program.names["delta2"]})
    after, _ = passes.move_rate(shown, ["dW1", "dW2", "db2"], lambda b: setting(b, "lr"))
    found, wanted = evaluate(after, {**given, "lr": 0.25}), evaluate(shown, given)
    np.testing.assert_allclose(found["shown"], wanted["shown"])
    for n in ("dW1", "dW2", "db2"):
        np.testing.assert_allclose(found[n], 0.25 * wanted[n], rtol=1e-13)


def test_sums_become_products_with_ones_and_inner_products():
    b = Builder()
    x, y = tensor(b, "x", None, 4), tensor(b, "y", None, 4)
    column = b.reduced("max", x, (1,))
    outputs = {
        "rows": b.reduced("sum", x, (0,)), "columns": b.reduced("sum", x, (1,)),
        "squares": b.reduced("sum", b.ufunc("square", x), (0, 1)),
        "products": b.reduced("sum", b.ufunc("multiply", x, y), (0, 1)),
        "one": b.reduced("sum", b.kept(column, 1), (1,)),
    }  # fmt: skip
    program = b.program({}, outputs)
    after, _ = passes.choose_sums(program)
    same(program, after, arrays(x=(None, 4), y=(None, 4)))
    assert "sum" not in names_of(after) and names_of(after).count("inner") == 2


def test_a_choice_between_numbers_is_arithmetic():
    b = Builder()
    x = tensor(b, "x", None, 4)
    mask = b.ufunc("greater", x, b.number(0), kind="bool")
    choice = b.ufunc("where", mask, b.number(1), b.number(0.01), kind="real")
    program = b.program({}, {"out": choice, "other": b.ufunc("where", mask, x, b.number(2), kind="real")})
    after, _ = passes.choose_numbers(program)
    same(program, after, arrays(x=(None, 4)))
    assert names_of(after).count("where") == 1


def test_weights_are_one_column():
    b = Builder()
    x, w = tensor(b, "x", None, 4), tensor(b, "w", None)
    column = b.expanded(w, (0, None))
    program = b.program({}, {"a": b.ufunc("multiply", x, b.ufunc("multiply", column, setting(b, "c"))),
                             "b": b.ufunc("multiply", column, x)})  # fmt: skip
    after, _ = passes.weigh_once(program, "w")
    same(program, after, {**arrays(x=(None, 4), w=(None,)), "c": 0.3})
    assert names_of(after).count("column") == 2


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_the_passes_keep_an_optimizers_rule(name):
    """theta after five steps, by the rule as the passes leave it, each value computed on its own, against the catalogue's."""
    from test_generated_trainer import OTHER, RULES

    rule, rng, its = read_rule(Optimizer.of(name)), np.random.default_rng(1), OTHER[name]
    theta = wanted = rng.normal(size=4)
    states, mine = dict.fromkeys(rule.states, np.zeros(4)), {}
    for t in range(1, 6):
        g = rng.normal(size=4)
        found = evaluate(rule.program, {"theta": theta, "g": g, "t": t, **its, **states})
        theta, states = found["theta_next"], {s: found[f"{s}_next"] for s in rule.states}
        wanted = RULES[name](wanted, g, mine, t, **its)
        np.testing.assert_allclose(theta, wanted, rtol=1e-12)


def test_an_update_has_as_many_passes_as_terms():
    counts = {n: len((u := write_update(read_rule(Optimizer.of(n)))).whole) + len(u.single) for n in OPTIMIZERS}
    assert counts == {"sgd": 2, "momentum": 4, "nesterov": 6, "adagrad": 7, "rmsprop": 8, "adam": 10, "adamw": 11}
    assert read_rule(Optimizer.of("sgd")).rate is not None, "the rate goes into the gradient"


def test_memory_is_never_shared_by_values_that_live_at_once():
    """A long random chain is run in the memory that the plan gives it, and every output is right."""
    for seed in range(30):
        rng = np.random.default_rng(seed)
        b = Builder()
        values = [tensor(b, "x", None, 3), tensor(b, "y", None, 3)]
        for _ in range(25):
            u, v = (values[k] for k in rng.integers(0, len(values), 2))
            kind = rng.integers(0, 4)
            if kind == 0:
                k = b.ufunc("tanh", u)
            elif kind == 3:
                ut = b.transposed(u, (1, 0))
                k = b.matmul(b.transposed(b.matmul(ut, v), (1, 0)), ut)
            else:
                k = b.ufunc("subtract" if kind == 1 else "multiply", u, v)
            if b[k].shape != (None, 3):
                k = b.transposed(k, (1, 0))
            values.append(b.ufunc("tanh", k))
        outputs = {f"out{n}": v for n, v in enumerate(dict.fromkeys(values[-4:]))}
        program = own_outputs(b.program({}, outputs), outputs)
        given = arrays(seed, x=(None, 3), y=(None, 3))
        layout = plan(program, outputs, ())
        memory = [np.empty(r.each * N + r.fixed) for r in layout.rooms]
        seen = []
        for k, op in program:
            if op.name == "input":
                seen.append(given[op.data[0]])
            elif op.name in _VIEW:
                seen.append(_VIEW[op.name](op.data, seen[op.args[0]]))
            else:
                shape = tuple(N if n is None else n for n in op.shape)
                out = memory[layout.room[k]][: int(np.prod(shape))].reshape(shape)
                arguments = [seen[a] for a in op.args]
                np.copyto(out, arguments[0]) if op.name == "copy" else getattr(np, op.name)(*arguments, out=out)
                seen.append(out)
        wanted = evaluate(program, given)
        for n, k in program.outputs.items():
            np.testing.assert_allclose(seen[k], wanted[n], rtol=1e-12, atol=1e-14)
        assert len(layout.rooms) < sum(owns(op) for op in program.ops)


def test_a_view_belongs_to_its_array():
    b = Builder()
    x = b.ufunc("exp", tensor(b, "x", None, 3))
    view = b.expanded(b.transposed(x, (1, 0)), (0, None, 1))
    program = b.program({}, {"x": x, "view": view})
    assert root(program, program.outputs["view"]) == program.outputs["x"]


def test_a_pass_that_does_nothing_changes_nothing():
    program, given = gradients(Builder())
    same(program, rewritten(program, lambda b, op, k: None), given)


U = np.array([-1e4, -90, -5, -0.3, 0, 0.2, 0.46875, 3, 4, 12, 90, 1e4])


@pytest.mark.parametrize("name", [*ELEMENTWISE, *ALONG])
def test_an_expansion_is_the_helper(name):
    from run_block import helpers

    b = Builder()
    along = name in ALONG
    x = tensor(b, "x", None, 4) if along else tensor(b, "x", None)
    args = (x, tensor(b, "v", None)) if name == "xlogy" else (x, 1) if along else (x,)
    k = (ALONG if along else ELEMENTWISE)[name](b, *args)
    u = U.reshape(3, 4) / 10 if along else np.abs(U) if name == "positive" else U
    limits = np.finfo(float)
    given = {
        "x": u, "v": np.abs(U) + 0.5, "most": np.nextafter(np.log(limits.max), 0), "steep": -np.log(limits.tiny),
        "least1": limits.tiny / limits.eps,
    }  # fmt: skip
    found = evaluate(b.program({}, {"out": k}), given)["out"]
    wanted = helpers()[name](*((u, given["v"]) if name == "xlogy" else (u,)), **({"axis": 1} if along else {}))
    np.testing.assert_allclose(found, wanted, rtol=1e-13, atol=1e-300)
