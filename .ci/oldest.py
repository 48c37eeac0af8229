"""The oldest versions that pyproject.toml allows, one requirement a line: python .ci/oldest.py | pip install -r /dev/stdin"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path


def oldest(requirement: str) -> str:
    """``name>=1.2,<2`` as ``name==1.2``; ValueError where there is no lower bound."""
    found = re.fullmatch(r"([\w.-]+)\s*>=\s*([\w.]+)(?:,.*)?", requirement)
    if found is None:
        raise ValueError(f"{requirement!r} has no lower bound")
    return f"{found[1]}=={found[2]}"


if __name__ == "__main__":
    project = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    print(*map(oldest, [*project["dependencies"], *project["optional-dependencies"]["test"]]), sep="\n")
