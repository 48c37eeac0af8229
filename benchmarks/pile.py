"""A pile of a thousand claims, as a course hands it in: how long ``symbp verify FOLDER --csv`` takes, by how many processes,
and that the table and the marked copies are the same bytes by any number of them.

    python benchmarks/pile.py [--students 100] [--jobs 2] [--compare]

A student hands in ten claims about one network, in a file of claims, a page of LaTeX or one of Markdown; three in ten are wrong.
"""

from __future__ import annotations

import argparse
import hashlib
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ARCH, LOSS = "6-5:tanh-4:relu-3:softmax", "cross_entropy"
PLAIN = (
    ("delta3 = yhat - y", "delta3 = y - yhat"),
    ("dW3 = delta3 @ a2.T", "dW3 = a2 @ delta3.T"),
    ("db3 = delta3", "db3 = 2*delta3"),
    ("e2 = W3.T @ delta3", "e2 = W3 @ delta3"),
    ("delta2 = (W3.T @ delta3) * (z2 > 0)", "delta2 = W3.T @ delta3"),
    ("dW2 = delta2 @ a1.T", "dW2 = delta2 @ z1.T"),
    ("db2 = delta2", "db2 = delta3"),
    ("delta1 = (W2.T @ delta2) * (1 - a1**2)", "delta1 = (W2.T @ delta2) * (1 - a1)"),
    ("dW1 = delta1 @ x.T", "dW1 = delta1 * x"),
    ("dx = W1.T @ delta1", "dx = W2.T @ delta1"),
)
"""Right claims and the mistakes that are made in them, as NumPy-like text."""
LATEX = (
    (r"\delta^{(3)} = \hat y - y", r"\delta^{(3)} = y - \hat y"),
    (r"\nabla_{W^{(3)}} J = \delta^{(3)} (a^{(2)})^T", r"\nabla_{W^{(3)}} J = a^{(2)} (\delta^{(3)})^T"),
    (r"\nabla_{b^{(3)}} J = \delta^{(3)}", r"\nabla_{b^{(3)}} J = -\delta^{(3)}"),
    (r"\nabla_{a^{(2)}} J = (W^{(3)})^T \delta^{(3)}", r"\nabla_{a^{(2)}} J = W^{(3)} \delta^{(3)}"),
    (r"\delta^{(2)} = (W^{(3)})^T \delta^{(3)} \odot g'(z^{(2)})", r"\delta^{(2)} = (W^{(3)})^T \delta^{(3)} \odot g(z^{(2)})"),
    (r"\nabla_{W^{(2)}} J = \delta^{(2)} (a^{(1)})^T", r"\nabla_{W^{(2)}} J = \delta^{(2)} x^T"),
    (r"\nabla_{b^{(2)}} J = \delta^{(2)}", r"\nabla_{b^{(2)}} J = \delta^{(1)}"),
    (r"\delta^{(1)} = (W^{(2)})^T \delta^{(2)} \odot (1 - (a^{(1)})^2)", r"\delta^{(1)} = (W^{(2)})^T \delta^{(2)}"),
    (r"\partial J/\partial w^{(1)}_{ij} = \delta^{(1)}_i x_j", r"\partial J/\partial w^{(1)}_{ij} = \delta^{(1)}_j x_i"),
    (r"\frac{\partial J}{\partial x} = (W^{(1)})^T \delta^{(1)}", r"\frac{\partial J}{\partial x} = \delta^{(1)} W^{(1)}"),
)  # fmt: skip
"""The same in LaTeX."""
WRONG = 0.3


def hand_in(folder: Path, students: int) -> int:
    """Write what students hand in; how many claims that are."""
    chance, count = random.Random(0), 0
    for k in range(students):
        kind = (".txt", ".tex", ".md")[k % 3]
        pairs = PLAIN if kind == ".txt" else LATEX
        claims = [wrong if chance.random() < WRONG else right for right, wrong in pairs]
        lines = [f"{claim}\n" if kind == ".txt" else f"Then\n$${claim}.$$\n\n" for claim in claims]
        page = folder / f"student {k:03}" / f"homework{kind}"
        page.parent.mkdir(parents=True)
        page.write_text("".join(lines), encoding="utf-8")
        count += len(claims)
    return count


def marked(folder: Path, at: Path, jobs: int) -> tuple[float, str]:
    """The seconds that marking takes, the start of Python included, and a digest of all that is written."""
    at.mkdir()
    command = [sys.executable, "-m", "symbp", "verify", str(folder), "--arch", ARCH, "--loss", LOSS]
    command += ["--csv", str(at / "marks.csv"), "-o", str(at / "marked"), "-j", str(jobs)]
    start = time.perf_counter()
    done = subprocess.run(command, capture_output=True, check=False)
    seconds = time.perf_counter() - start
    if done.returncode != 1:
        sys.exit(f"status {done.returncode}: {done.stderr.decode()}{done.stdout.decode()[-2000:]}")
    digest = hashlib.sha256(done.stdout)
    for path in sorted(p for p in at.rglob("*") if p.is_file()):
        digest.update(f"{path.relative_to(at)}\0".encode() + path.read_bytes())
    return seconds, digest.hexdigest()


def main() -> int:
    """Measure; status 1 where other bytes are written by another number of processes."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--students", type=int, default=100)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument(
        "--compare", action="store_true", help="by one process too, and hold the bytes against each other"
    )
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as at:
        claims = hand_in(Path(at, "submissions"), given.students)
        found = {}
        for jobs in dict.fromkeys([given.jobs, 1] if given.compare else [given.jobs]):
            seconds, found[jobs] = marked(Path(at, "submissions"), Path(at, f"by{jobs}"), jobs)
            print(
                f"{claims} claims in {given.students} files, -j {jobs}: {seconds:.1f} s, {claims / seconds:.0f} claims a second"
            )
    same = len({*found.values()}) == 1
    if given.compare:
        print("the same bytes" if same else "OTHER BYTES")
    return 0 if same else 1


if __name__ == "__main__":
    sys.exit(main())
