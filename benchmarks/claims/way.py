"""The way of a claim in numbers: the lines of the rooms that it goes through, and for some kinds of claims the files that are
entered, the grammars' parses and the time.

    python benchmarks/claims/way.py
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lark import Lark

from symbp.network import Network
from symbp.verification.judge import Judge

ROOT = Path(__file__).resolve().parents[2] / "symbp"
ROOMS = ("formula", "verification", "documents")
NETWORK = "3-4:sigmoid-2:sigmoid"
CLAIMS = {
    "right, NumPy": "delta1 = (W2.T @ delta2) * a1*(1 - a1)",
    "wrong, NumPy": "delta1 = (W2 @ delta2) * a1*(1 - a1)",
    "right, LaTeX": r"\delta^{(1)} = W^{(2)T} \delta^{(2)} \odot a^{(1)} \odot (1 - a^{(1)})",
    "wrong, LaTeX": r"\delta^{(1)} = W^{(2)} \delta^{(2)} \odot a^{(1)} \odot (1 - a^{(1)})",
}
MEAN = r"\frac{\partial J}{\partial W^{(1)}} = \frac{1}{m} \sum_i \delta^{(1)(i)} x^{(i)T}"


def lines(room: str) -> tuple[int, int]:
    """The files of a room and their lines, its grammars' too."""
    files = [*(ROOT / room).rglob("*.py"), *(ROOT / room).rglob("*.lark")]
    return len(files), sum(len(f.read_text(encoding="utf-8").splitlines()) for f in files)


def entered(judge: Callable[[], Any]) -> tuple[int, int]:
    """How many files of the rooms are entered where a claim is judged, and how often a grammar parses."""
    found: set[str] = set()
    parses = 0

    def seen(frame: Any, event: str, _: Any) -> None:
        nonlocal parses
        if event != "call":
            return
        name = frame.f_code.co_filename
        parses += frame.f_code is Lark.parse.__code__
        if any(name.startswith(str(ROOT / room)) for room in ROOMS):
            found.add(name)

    sys.setprofile(seen)
    try:
        judge()
    finally:
        sys.setprofile(None)
    return len(found), parses


def main() -> int:
    """Measure and print."""
    total = 0
    for room in ROOMS:
        files, count = lines(room)
        total += count
        print(f"{room:<14}{files:>5} files{count:>8} lines")
    print(f"{'together':<14}{total:>19} lines\n")
    print(f"{'claim':<22}{'files':>6}{'parses':>8}{'ms':>8}")
    for kind, text in {**CLAIMS, "right, mean in LaTeX": MEAN}.items():
        judge = Judge(Network.parse(NETWORK, loss="sse", reduction="mean"))
        judge.judge("z1 = W1 @ x + b1")
        judge.judge(text)
        # a claim is read anew where one space is written differently
        files, parses = entered(lambda judge=judge, text=text: judge.judge(text.replace("=", " =", 1)))
        times = []
        for k in range(2, 9):
            begun = time.process_time()
            verdict = judge.judge(text.replace("=", " " * k + "=", 1))
            times.append(time.process_time() - begun)
        print(f"{kind:<22}{files:>6}{parses:>8}{1000 * sorted(times)[len(times) // 2]:>8.1f}   {verdict.verdict}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
