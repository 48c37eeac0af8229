"""The bench of claims: right ones from well-known sources must be accepted, wrong variants rejected and explained.

    python benchmarks/claims/run.py [NAME...] [--by-hand] [--latex] [--verbose] [--json FILE]

Exit status 1 where a right claim is not accepted or a wrong one not rejected.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from typing import Any

from cases import Case, Cases, Setting, files
from latex_twins import twins

from symbp.network import Network
from symbp.verification.judge import Judge
from symbp.verification.problems.problem import Problem

TARGETS = {"accepted": 1.0, "rejected": 1.0, "cause": 0.9, "fix": 0.85}
MILLISECONDS = 50


@dataclass
class Outcome:
    """A case with its verdict, and how long that took."""

    setting: Setting
    case: Case
    verdict: Any
    seconds: float
    judge: Judge

    @property
    def decided(self) -> bool:
        """Whether the verdict is the right one."""
        return bool(self.verdict.verdict == ("correct" if self.case.right else "wrong"))

    @property
    def cause(self) -> bool:
        """Whether the cause is the one of the mistake that was made."""
        return self.verdict.cause in self.case.causes

    @property
    def fix(self) -> bool:
        """Whether there is a mended claim with the value of the right one."""
        if not self.verdict.fix:
            return False
        if "\\" in self.case.claim:  # the bench has no reader of its own for LaTeX: the fix is judged again
            return bool(self.judge.judge(self.verdict.fix).verdict == "correct")
        return self.setting.same(self.case.origin, self.verdict.fix)


def judge_of(setting: Setting) -> Judge:
    """The judge of a file's claims."""
    t = setting.table
    if "problem" in t:
        return Judge(
            Problem(t["tensors"], t["problem"]["forward"], t["problem"]["loss"], t.get("functions", {})), batch=True
        )
    options = {k: t[k] for k in ("loss", "reduction", "regularization") if k in t}
    return Judge(Network.parse(t["arch"], **options), setting.layout, setting.batch)  # type: ignore[arg-type]


def run(setting: Setting, by_hand: bool) -> tuple[list[Outcome], Cases]:
    """Every case of a file, judged."""
    cases, judge, outcomes = Cases(setting), judge_of(setting), []
    for case in cases:
        if by_hand and not case.by_hand:
            continue
        if not outcomes:
            judge.judge(case.claim)  # start-up: the network is derived and evaluated once
        start = time.process_time()
        verdict = judge.judge(case.claim)
        outcomes.append(Outcome(setting, case, verdict, time.process_time() - start, judge))
    return outcomes, cases


def run_latex(setting: Setting) -> list[Outcome]:
    """A sample of a file's cases in LaTeX, judged."""
    if setting.layout != "columns":
        return []
    judge, outcomes, cases = judge_of(setting), [], Cases(setting)
    judge.judge(next(iter(cases)).claim)  # start-up, as above
    for case, notation in twins(judge, cases, setting.path.stem):
        own = replace(judge, notation=notation)  # the derivation is the same in every notation
        start = time.process_time()
        verdict = own.judge(case.claim, latex=True)
        outcomes.append(Outcome(setting, case, verdict, time.process_time() - start, own))
    return outcomes


def report_latex(outcomes: list[Outcome]) -> bool:
    """Print the figures of the claims in LaTeX; whether none is decided wrong (what is not read is counted apart)."""
    read = [o for o in outcomes if o.verdict.verdict not in ("unreadable", "definition")]
    right, wrong = [o for o in read if o.case.right], [o for o in read if not o.case.right]
    print(f"\nprinted in LaTeX: {len(outcomes)}, of which {len(outcomes) - len(read)} are not read")
    for name, test, chosen in (
        ("accepted", lambda o: o.decided, right),
        ("rejected", lambda o: o.decided, wrong),
        ("top cause right", lambda o: o.cause, wrong),
        ("fix right", lambda o: o.fix, wrong),
    ):
        print(f"  {name:<16} {_share(sum(map(test, chosen)), len(chosen))}")
    if read:
        times = sorted(1000 * o.seconds for o in read)
        print(
            f"  ms: median {statistics.median(times):.0f}, 95% {times[int(0.95 * len(times))]:.0f}, max {times[-1]:.0f}"
        )
    return all(o.decided for o in read)


def said(verdict: Any) -> dict[str, Any]:
    """Everything that a verdict says."""
    names = (
        "verdict",
        "how",
        "cause",
        "fix",
        "expected",
        "counterexample",
        "reason",
        "note",
        "column",
        "until",
        "scope",
    )
    return {name: None if (value := getattr(verdict, name)) is None else str(value) for name in names}


def _share(part: int, whole: int) -> str:
    return f"{part}/{whole} = {part / whole:.1%}" if whole else "none"


def report(outcomes: list[Outcome], cases: list[Cases]) -> bool:
    """Print the figures; whether every claim is decided right."""
    right = [o for o in outcomes if o.case.right]
    wrong = [o for o in outcomes if not o.case.right]
    hand = [o for o in wrong if o.case.by_hand]
    print(f"sources {len(cases)}, right claims {len(right)}, wrong ones {len(wrong)} ({len(hand)} by hand)")
    print(f"left out because they are right by accident: {sum(len(c.left_out) for c in cases)}")
    for what, chosen in (("all wrong ones", wrong), ("by hand", hand)):
        print(f"\n{what}")
        for name, test, target in (
            ("rejected", lambda o: o.decided, "100%"),
            ("top cause right", lambda o: o.cause, "90%"),
            ("fix right", lambda o: o.fix, "85%"),
        ):
            print(f"  {name:<16} {_share(sum(map(test, chosen)), len(chosen)):<22} (target {target})")
    print(f"\naccepted           {_share(sum(o.decided for o in right), len(right))}  (target 100%)")
    print(f"proved exactly     {_share(sum(o.verdict.how == 'exact' for o in right), len(right))}")
    for what, chosen in (("right claims", right), ("wrong claims", wrong)):
        times = sorted(1000 * o.seconds for o in chosen)
        if times:
            print(
                f"ms a claim, {what}: median {statistics.median(times):.0f}, 95% {times[int(0.95 * len(times))]:.0f}, "
                f"max {times[-1]:.0f}  (target {MILLISECONDS})"
            )
    print(f"\n{'mistake':<26}{'claims':>7}{'rejected':>10}{'cause':>8}{'fix':>8}   called instead")
    groups = defaultdict(list)
    for o in wrong:
        groups["/".join(sorted(o.case.causes)) if len(o.case.causes) == 1 else "several at once"].append(o)
    for cause, chosen in sorted(groups.items(), key=lambda item: -len(item[1])):
        n = len(chosen)
        other = Counter(str(o.verdict.cause) for o in chosen if not o.cause).most_common(3)
        print(
            f"{cause:<26}{n:>7}{sum(o.decided for o in chosen) / n:>10.0%}{sum(o.cause for o in chosen) / n:>8.0%}"
            f"{sum(o.fix for o in chosen) / n:>8.0%}   {', '.join(f'{c} {k}' for c, k in other)}"
        )
    return all(o.decided for o in outcomes) and not any(c.doubtful for c in cases)


def main() -> int:
    """Run the bench and print its figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", help="parts of the names of files")
    parser.add_argument("--by-hand", action="store_true", help="no mechanical variants")
    parser.add_argument("--latex", action="store_true", help="the claims in LaTeX alone")
    parser.add_argument("--verbose", action="store_true", help="list what is not as it should be")
    parser.add_argument("--json", metavar="FILE", help="write every verdict")
    given = parser.parse_args()
    outcomes, cases, in_latex = [], [], []
    for setting in files(given.names):
        if not given.latex:
            found, own = run(setting, given.by_hand)
            outcomes += found
            cases.append(own)
        if not given.by_hand:
            in_latex += run_latex(setting)
    for own in cases:
        for claim in own.doubtful:
            print(f"not right by the bench's own values: {own.setting.path.stem}: {claim}")
    for o in [*outcomes, *in_latex]:
        if given.verbose and (not o.decided or (not o.case.right and not (o.cause and o.fix))):
            causes = "/".join(sorted(o.case.causes)) or "right"
            print(
                f"{o.setting.path.stem}: {o.case.claim}   [{causes}{'' if o.case.by_hand else ', mechanical'}] -> "
                f"{o.verdict.verdict} {o.verdict.cause}: {o.verdict.fix}  {1000 * o.seconds:.0f} ms"
            )
    if given.json:
        rows = [
            {"source": o.setting.path.stem, "claim": o.case.claim, "right": o.case.right, "causes": sorted(o.case.causes),
             **said(o.verdict), "seconds": o.seconds}
            for o in [*outcomes, *in_latex]
        ]  # fmt: skip
        with open(given.json, "w", encoding="utf-8") as f:
            json.dump(rows, f, indent=1)
    decided = given.latex or report(outcomes, cases)
    return 0 if (report_latex(in_latex) or given.by_hand) and decided else 1


if __name__ == "__main__":
    sys.exit(main())
