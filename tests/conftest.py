"""Settings that all tests share: hypothesis draws the same examples on every run; --update rewrites golden files.

Tests run on all cores (pytest-xdist), one thread each; a run of named files or tests stays in one process, where starting
workers would take longer than it saves, and where a debugger and print work. docs/testing.md says what there is to run.
"""

import os

import pytest

for _threads in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_threads, "1")  # before NumPy is imported

from hypothesis import settings  # noqa: E402

settings.register_profile("fixed", derandomize=True, deadline=None, database=None)
settings.load_profile("fixed")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update", action="store_true", help="write the golden files of generated/ anew")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int | None:
    """No workers where every argument names a file or a test; otherwise as many as pytest-xdist finds cores."""
    return 0 if all(a.partition("::")[0].endswith(".py") for a in config.args) else None


@pytest.fixture
def update(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--update"))
