"""Generated modules as tests use them: source imported from a file of its own."""

import importlib.util
import sys
import tempfile
from pathlib import Path


def from_source(source: str, name: str = "made"):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{name}.py"
        path.write_text(source, encoding="utf-8")
        spec = importlib.util.spec_from_file_location(name, path)
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
        del sys.modules[name]
        return module
