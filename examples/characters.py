"""Sequences of characters from text files, as examples/gpt.toml takes them: tok are the signs, y the ones that follow.

    python examples/characters.py README.md -o characters.npz [--length 64]

Signs are those of ASCII from blank to tilde, numbered from 0; all others become blanks, and rows of blanks one.
"""

from __future__ import annotations

import argparse
import re
from pathlib import Path

import numpy as np


def sequences(text: str, length: int) -> tuple[np.ndarray, np.ndarray]:
    """The sequences of so many signs, one after the other, and the same one sign later."""
    plain = re.sub(r" +", " ", "".join(c if " " <= c <= "~" else " " for c in text))
    signs = np.frombuffer(plain.encode("ascii"), np.uint8).astype(np.int64) - ord(" ")
    count = (len(signs) - 1) // length
    if count < 1:
        raise SystemExit(f"error: {len(signs)} signs, expected {length + 1} or more")
    return signs[: count * length].reshape(count, length), signs[1 : count * length + 1].reshape(count, length)


def main() -> None:
    """Make the file."""
    parser = argparse.ArgumentParser(description="Make an .npz file of sequences of characters.")
    parser.add_argument("files", nargs="+", type=Path, help="text files")
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="FILE")
    parser.add_argument("--length", type=int, default=64, metavar="N", help="signs in a sequence (default: 64)")
    args = parser.parse_args()
    tok, y = sequences("\n".join(f.read_text(encoding="utf-8") for f in args.files), args.length)
    np.savez(args.output, tok=tok, y=y)
    print(f"{len(tok)} sequences of {args.length} signs: {args.output}")


if __name__ == "__main__":
    main()
