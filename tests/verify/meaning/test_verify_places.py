"""Problems that read at places: right claims are proved, wrong ones rejected with a counterexample; what cannot be said is refused."""

import pytest
from place_problems import PLACED

import symbp as sb
from symbp.errors import InputError

RIGHT = [(name, c) for name, case in PLACED.items() for c in case.right]
WRONG = [(name, c) for name, case in PLACED.items() for c in case.wrong]


@pytest.mark.thinned(3)
@pytest.mark.parametrize(("name", "claim"), RIGHT)
def test_right_claims_are_proved(name, claim):
    verdict = sb.verify(PLACED[name].problem, claim)
    assert (verdict.verdict, verdict.how) == ("correct", "exact"), f"{verdict}"


@pytest.mark.thinned(3)
@pytest.mark.parametrize(("name", "claim"), WRONG)
def test_wrong_claims_have_a_counterexample(name, claim):
    verdict = sb.verify(PLACED[name].problem, claim)
    assert verdict.verdict == "wrong", f"{verdict}"
    assert verdict.counterexample is not None
    assert verdict.fix is None or sb.verify(PLACED[name].problem, verdict.fix).verdict == "correct", verdict.fix


@pytest.mark.thinned(3)
@pytest.mark.parametrize("name", PLACED)
def test_the_derived_equations_are_right(name):
    problem = PLACED[name].problem
    for s in problem.setting.program.statements:
        if s.target.of and s.target.of in problem.tensors:
            letters = ",".join(i.name for i in s.indices)
            verdict = sb.verify(problem, f"d{s.target.of}[{letters}] = 17")
            if "argmax(" in verdict.expected:
                continue  # which of equals is the largest cannot be said in a claim
            assert sb.verify(problem, verdict.expected).verdict == "correct", verdict.expected


@pytest.mark.parametrize(
    ("name", "claim", "cause", "words", "fix"),
    [
        ("correlation, stride 1", "dx[h] = sum(dz[h+u]*W[u], u)", "transpose", "the kernel is not rotated",
         "dx[h] = sum(dz[h-u]*W[u], u)"),
        ("correlation, three taps", "dx[h] = sum(dz[h+u-1]*W[u], u)", "transpose", "the kernel is not rotated",
         "dx[h] = sum(dz[h-u+1]*W[u], u)"),
        ("differences", "dx[n,t] = dy[n,t] - dy[n,t-1]", "sign", "the shift goes the other way", "dx[n,t] = dy[n,t] - dy[n,t+1]"),
        ("correlation, stride 1", "dx[h] = sum(dz[h-u+1]*W[u], u)", "wrong_variable", "the place is off",
         "dx[h] = sum(dz[h-u]*W[u], u)"),
        ("convolution, stride 2", "dW[u] = sum(dz[n,p]*x[n,p+u-1], n, p)", "factor", "the stride is another",
         "dW[u] = sum(dz[n,p]*x[n,2*p+u-1], n, p)"),
        ("an embedding", "dE[v,d] = sum(G[n,t,d], n, t)", "missing_factor", "the factor 1[v = k[n,t]] is missing",
         "dE[v,d] = sum(1[v = k[n,t]] * dh[n,t,d], t, n)"),
        ("causal attention", "dV[s,v] = sum(P[t,s]*G[t,v], t if t <= s)", "sign", "t <= s should be t >= s",
         "dV[s,v] = sum(P[t,s]*G[t,v], t if t >= s)"),
    ],
)  # fmt: skip
def test_usual_mistakes_are_named(name, claim, cause, words, fix):
    verdict = sb.verify(PLACED[name].problem, claim)
    assert (verdict.cause, verdict.fix) == (cause, fix) and words in str(verdict)


@pytest.mark.parametrize(
    ("name", "claim", "words"),
    [
        ("an embedding", "dE[v,d] = sum(k[n,t]*G[n,t,d], n, t)*0*E[v,d]", "whole numbers"),
        ("differences", "dx[n,t+1] = dy[n,t]", "the left side is read at a place"),
        ("differences", "dx[n,t] = dy[n,t*t]", "no place"),
        ("differences", "dx[n,t] = dy[n,t/2]", "a letter or a place"),
        ("differences", "dx[n,t] = mean(dy[n,r], r if r <= t)", "takes no condition"),
    ],
)
def test_what_cannot_be_said_is_refused(name, claim, words):
    verdict = sb.verify(PLACED[name].problem, claim)
    assert verdict.verdict == "unreadable" and words in str(verdict)


@pytest.mark.parametrize(
    ("tensors", "lengths", "words"),
    [
        ({"x": "h", "W": "u"}, {"p": "h - q"}, "unknown axis in the length of p"),
        ({"x": "h", "W": "u"}, {"p": "h**2"}, "the length of p"),
        ({"x": "h", "W": "u"}, {"p": "q", "q": "p"}, "follow from one another"),
        ({"x": "h", "W": "u"}, {"p": "0*h"}, "no lengths were found"),
        ({"x": "h", "W": "u", "k": "h -> 2"}, {"p": "h"}, "not usable"),
    ],
)
def test_lengths_that_are_none(tensors, lengths, words):
    with pytest.raises(InputError) as e:
        sb.Problem(tensors, ["z[p] = sum(W[u]*x[p+u], u)", "J = sum(z*z)"], "J", lengths=lengths)
    assert words in str(e.value)


def test_a_file_has_lengths_and_whole_numbers(tmp_path):
    path = tmp_path / "conv.toml"
    path.write_text(
        '[tensors]\nx = "n h"\nW = "u"\nk = "n -> p"\n[lengths]\np = "h - u + 1"\nu = 3\n'
        '[problem]\nforward = ["z[n,p] = sum(W[u]*x[n,p+u], u)", "J = sum(z[n,k[n]], n)"]\nloss = "J"\n'
        'claims = ["dz[n,p] = (p == k[n])", "dx[n,h] = sum(dz[n,h-u]*W[u], u)", "dW[u] = sum(x[n,k[n]+u], n)"]\n'
    )
    report = sb.verify(path)
    assert [v.verdict for v in report] == ["correct", "correct", "unreadable"], f"{report}"
