"""``python -m symbp`` and the console script."""

from __future__ import annotations

import os
import sys

_REMEMBERED = "10000"
"""How many results SymPy keeps for each function; a derivation needs more of them than the 1000 that it keeps unless told."""


def run() -> None:
    """Run the command line and exit with its status."""
    os.environ.setdefault("SYMPY_CACHE_SIZE", _REMEMBERED)  # before SymPy is imported
    from symbp.commands.main import run as cli

    sys.exit(cli())


if __name__ == "__main__":
    run()
