"""How long `symbp verify` takes for texts that are made to take long, against the two seconds that a claim may take.

    python benchmarks/claims/hostile.py [--most N]

The texts are those of the fuzz tests, judged as NumPy-like text about a network and about a problem, and as LaTeX; start-up (the
derivations) is over before. Exit status 1 where one takes longer than the limit.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

import symbp as sb
from symbp.verification.judge import Judge

sys.path.insert(0, str(Path(__file__).parents[2] / "tests" / "verify"))
from hostile import HOSTILE

SECONDS = 2.0


def main() -> int:
    """Judge every text three times over; print the slowest and the cost of a step."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--most", type=int, default=10, help="how many of the slowest to print")
    most = parser.parse_args().most
    network = Judge(sb.Network.parse("2-2:sigmoid-3:sigmoid", loss="sse"))
    tensors = {"x": "n d", "W1": "d k", "y": "n k"}
    problem = Judge.of_problem(
        sb.Problem(tensors, ["z1 = x@W1", "a1 = g(z1)", "J = sum((a1 - y)**2)"], "J", {"g": "any"})
    )
    for judge in (network, problem):
        for claim in ("dz1 = z1", "dz1 = softmax(z1)", "dz1 = relu(z1)"):  # the derivations are start-up
            judge.judge(claim)
    network.judge(r"\delta^{(1)} = z^{(1)}")
    rows = []
    for text in HOSTILE:
        ways = (
            ("network", network, f"delta1 = {text}", None),
            ("problem", problem, f"dz1 = {text}", None),
            ("LaTeX", network, rf"\delta^{{(1)}} = {text}", True),
        )
        for way, judge, claim, latex in ways:
            start = time.process_time()
            verdict = judge.judge(claim, latex=latex)
            taken = time.process_time() - start
            rows.append((taken, judge.benches.budget.spent, way, verdict.verdict, claim))
    rows.sort(key=lambda row: -row[0])
    print(f"{len(rows)} texts; the slowest, in seconds (limit {SECONDS:g}):")
    for taken, steps, way, verdict, claim in rows[:most]:
        print(f"  {taken:5.2f}  {steps:7.0f} steps  {way:<8} {verdict:<10} {claim[:60]!r}")
    late = sum(row[0] > SECONDS for row in rows)
    print(f"over the limit: {late} of {len(rows)}")
    return int(late > 0)


if __name__ == "__main__":
    sys.exit(main())
