"""Coverage-guided fuzzing of everything that reads claims, with atheris (Google, 2020): no crash, and an answer in time.

    pip install atheris
    python benchmarks/fuzz/verify.py -atheris_runs=20000          libFuzzer's options follow; a folder is a corpus

A run ends at the first input that raises anything but InputError, or takes longer than SECONDS, and prints it.
"""

from __future__ import annotations

import sys
import time

SECONDS = 5.0


def main() -> int:
    """Run the fuzzer; 0 and a message where atheris is not installed."""
    try:
        import atheris
    except ImportError:
        print("atheris is not installed for this Python: pip install atheris")
        return 0
    with atheris.instrument_imports(include=["symbp.formula", "symbp.verification", "symbp.documents"]):
        import symbp as sb
        from symbp.documents.equations import equations
        from symbp.verification.accumulate import Memory
        from symbp.verification.judge import Judge
        from symbp.verification.problems.inputs import read_assumptions

    judge = Judge(sb.Network.parse("2-2:sigmoid-3:sigmoid", loss="sse"))
    problem = Judge.of_problem(
        sb.Problem(
            {"x": "n d", "W1": "d k", "y": "n k"},
            ["z1 = x@W1", "a1 = g(z1)", "J = sum((a1 - y)**2)"],
            "J",
            {"g": "any"},
        )
    )
    for one, claim in ((judge, "delta1 = z1"), (judge, r"\delta^{(1)} = z^{(1)}"), (problem, "dz1[n,k] = z1[n,k]")):
        one.judge(claim)  # the derivations are start-up

    def once(data: bytes) -> None:
        provider = atheris.FuzzedDataProvider(data)
        kind, text = provider.ConsumeIntInRange(0, 6), provider.ConsumeUnicode(2000)
        start = time.process_time()
        try:
            match kind:
                case 0:
                    str(judge.judge(f"delta1 = {text}"))
                case 1:
                    str(judge.judge(rf"\delta^{{(1)}} = {text}", latex=True))
                case 2:
                    str(problem.judge(f"dz1[n,k] = {text}"))
                case 3:
                    str(problem.judge(text))
                case 4:
                    [*equations(text, provider.ConsumeBool())]
                case 5:
                    read_assumptions([text], {}, {})
                case _:
                    sb.Problem({"x": "n d"}, [f"R = {text}", "J = sum(R)"], "J")
        except sb.InputError:
            pass
        judge.memory, problem.memory = Memory(), Memory()
        taken = time.process_time() - start
        if taken > SECONDS:
            raise TimeoutError(f"{taken:.1f} s for {text[:200]!r}")

    atheris.Setup(sys.argv, once)
    atheris.Fuzz()
    return 0


if __name__ == "__main__":
    sys.exit(main())
