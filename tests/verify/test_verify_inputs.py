"""What is no claim is said to be none: files without claims, updates without a rate, layers with names of their own."""

import pytest

import symbp as sb
from symbp.commands.main import run

NET = sb.Network.parse("2-3:sigmoid-2:sigmoid", loss="sse")


@pytest.mark.parametrize(
    "claim", ["W2 = W2 + dW2", "W2 -= dW2", "W2 = dW2 - W2", "b2 = b2 - lr", "x -= 0.1*dx", "W2 -= lr*W2"]
)
def test_an_update_without_a_rate_or_of_no_parameter_is_no_claim(claim):
    v = sb.verify(NET, claim, batch=True)
    assert v.verdict == "unreadable" and "an update of" in v.reason and f"d{claim.split()[0]} = ..." in v.reason


@pytest.mark.parametrize("claim", ["W2 *= 0.9", "dW2 /= 2"])
def test_operators_that_scale_are_no_claims(claim):
    v = sb.verify(NET, claim)
    assert v.verdict == "unreadable" and "is an update" in v.reason and v.column == claim.index("=")


UPDATES = ["W2 = W2 - 0.1*dW2", "W2 = W2 - eta*dW2", "b2 = b2 - lr*db2", "W2 += -0.1*dW2", "W2 -= 0.1*dW2", "W1 -= lr*(dW1)",
           "W2 -= learning_rate * delta2 @ a1.T", "W2 -= lr*delta2@a1.T/2 + lr*dW2/2", "W2 -= dW2*lr"]  # fmt: skip


@pytest.mark.parametrize("claim", UPDATES)
def test_an_update_goes_against_the_derivative(claim):
    assert sb.verify(NET, claim).verdict == "correct"


@pytest.mark.parametrize(
    "claim, cause, fix",
    [
        ("W2 += lr*dW2", "sign", "W2 -= lr * dW2"),
        ("W2 = W2 + 0.1*dW2", "sign", "W2 -= 0.1 * dW2"),
        ("W2 -= lr*delta2@a1", None, "W2 -= lr * (delta2 @ a1.T)"),
        ("W2 -= lr*dW2.T", "transpose", None),
        ("W1 -= lr*dW2", None, None),
        ("b2 -= lr*e2", None, "b2 -= lr * (e2 * g'(z2))"),
        ("W2 -= lr*(dW2 + 1)", None, None),
    ],
)
def test_an_update_that_does_not_is_wrong(claim, cause, fix):
    v = sb.verify(NET, claim)
    assert v.verdict == "wrong" and cause in (None, v.cause)
    assert fix is None or v.fix == fix
    assert v.fix is None or sb.verify(NET, v.fix).verdict == "correct"


def test_what_is_taken_away_is_a_part_of_a_sum():
    found = sb.verify(NET, ["dW2 = 2*delta2@a1.T", "dW2 -= delta2@a1.T"])
    assert [v.verdict for v in found] == ["definition", "correct"]
    assert sb.verify(NET, "dW2 -= delta2@a1.T").verdict == "wrong"
    found = sb.verify(NET, ["s = 2*delta2", "s -= delta2", "db2 = s"])
    assert [v.verdict for v in found] == ["definition", "definition", "correct"]


def test_definitions_may_grow():
    assert [v.verdict for v in sb.verify(NET, ["s = delta2", "s += e2", "J = J - 0*J"])] == [
        "definition",
        "definition",
        "correct",
    ]


def test_files_without_claims(tmp_path, capsys):
    text, toml = tmp_path / "c.txt", tmp_path / "p.toml"
    text.write_text('arch = "2-2:sigmoid-2"\nloss = "sse"\n# nothing\n')
    toml.write_text('[tensors]\nx = "n"\n[problem]\nforward = ["J = sum(x)"]\nloss = "J"\n')
    for path in (text, toml):
        assert run(["verify", str(path)]) == 2
        said = capsys.readouterr().err
        assert "there is no claim" in said and path.name in said
    assert run(["verify", str(toml), "--claim", "dx = ones_like(x)"]) == 0


def test_layers_with_names_have_numbers_too(tmp_path):
    path = tmp_path / "n.toml"
    path.write_text(
        'input = 3\nlayers = [{ dense = 4, name = "h1" }, "tanh", { dense = 2, name = "out" }, "softmax"]\nloss = "cross_entropy"\n'
    )
    claims = ["dW1 = outer(delta1, x)", "dh1_W = outer(delta1, x)", "delta1 = (W2.T@delta2)*(1 - a1**2)", "db2 = delta2",
              "delta1 = (out_W.T@delta2)*(1 - a1**2)", "dout_b = delta2", "dW1[i,j] = delta1[i]*x[j]"]  # fmt: skip
    assert {v.verdict for v in sb.verify(sb.Network.read(str(path)), claims)} == {"correct"}
    v = sb.verify(sb.Network.read(str(path)), "dW1 = outer(delta1, a1)")
    assert v.verdict == "wrong"


def test_the_loss_keeps_its_name():
    p = sb.Problem({"x": "n d", "w": "d", "y": "n"}, ["r = x@w - y", "L = sum(r**2)"], "L")
    found = sb.verify(
        p, ["dL/dw = x.T@r", "dL/dw = 3*dL/dr@x", "dL/dw[j] = sum(dL/dr[n]*x[n,j], n)*2", "dw = x.T@dL/dr"]
    )
    assert [v.verdict for v in found] == ["wrong", "wrong", "wrong", "correct"]
    assert all("dL/dw" in v.fix and "dJ" not in str(v) for v in found[:3])


def test_statements_on_one_line_are_judged_each(tmp_path, capsys):
    path = tmp_path / "c.txt"
    path.write_text(
        'arch = "2-3:sigmoid-2:sigmoid"\nloss = "sse"\ndelta2 = e2*g\'(z2); db2 = e2  # a; b\nW2 -= lr*dW2;\n'
    )
    assert run(["verify", str(path)]) == 1
    said = capsys.readouterr().out
    assert "2 correct, 1 wrong" in said and "✗ db2 = e2 " in said


def test_updates_in_blocks_of_python(tmp_path, capsys):
    path = tmp_path / "c.md"
    head = '<!-- symbp: arch = "2-3:sigmoid-2:sigmoid", loss = "sse" -->\n'
    path.write_text(f"{head}```python\nW2 -= lr * dW2; b2 += lr * db2\nx += eps * dx\n```\n")
    assert run(["verify", str(path)]) == 1
    said = capsys.readouterr().out
    assert "✓ W2 -= lr * dW2" in said and "✗ b2 += lr * db2" in said and "✗ x" not in said
