"""The lowered code of the other room's tests is run here too."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1] / "codegen"))
