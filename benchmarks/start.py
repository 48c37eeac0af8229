"""How fast the command line answers where no mathematics is needed: below 0.3 s."""

from __future__ import annotations

from processes import median_seconds


def main() -> None:
    empty = median_seconds(["-c", "pass"], runs=9)
    print(f"empty Python process: {empty:.3f} s")
    for option in ("--help", "--version"):
        seconds = median_seconds(["-m", "symbp", option], runs=9)
        print(f"symbp {option:<10}     {seconds:.3f} s   {seconds / empty:.1f} times the empty process  (limit 0.3 s)")


if __name__ == "__main__":
    main()
