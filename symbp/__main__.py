"""``python -m symbp`` and the console script."""

from __future__ import annotations

import sys


def run() -> None:
    """Run the command line and exit with its status."""
    from symbp.commands.main import run as cli

    sys.exit(cli())


if __name__ == "__main__":
    run()
