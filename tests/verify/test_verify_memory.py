"""What a judge remembers from claim to claim is a value: what is put back is as it was."""

from symbp.network import Network
from symbp.verification.accumulate import Memory
from symbp.verification.judge import Judge


def test_a_name_of_ones_own_goes_with_the_memory_that_it_is_in() -> None:
    judge = Judge(Network.parse("2-3:tanh-1", loss="sse"))
    before = judge.memory
    assert judge.judge("s = W2.T @ delta2").verdict == "definition"
    after = judge.memory
    assert [name for name, _ in after.defined] == ["s"] and before == Memory()
    assert judge.judge("delta1 = s * (1 - a1**2)").ok
    judge.memory = before
    assert judge.judge("delta1 = s * (1 - a1**2)").verdict == "unreadable"
    assert judge.judge("s = a1").verdict == "definition"
    judge.memory = after
    assert judge.judge("delta1 = s * (1 - a1**2)").ok


def test_a_page_and_numpy_like_text_know_the_same_names() -> None:
    judge = Judge(Network.parse("2-3:tanh-1", loss="sse"))
    assert judge.judge("s = W2.T @ delta2").verdict == "definition"
    assert judge.judge(r"\delta^{(1)} = s \odot (1 - a^{(1)} \odot a^{(1)})").ok
    assert judge.judge(r"r = s \odot s").verdict == "definition"
    assert judge.judge("r = s**2").ok


def test_what_has_no_meaning_leaves_nothing_behind() -> None:
    judge = Judge(Network.parse("2-3:tanh-1", loss="sse"))
    for claim in ("s = W1 @ W1", "s = nothing * a1", r"s = W^{(1)} W^{(1)}"):
        assert not judge.judge(claim).ok
        assert judge.memory == Memory()
