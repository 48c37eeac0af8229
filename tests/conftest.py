"""Settings that all tests share: hypothesis draws the same examples on every run; --update rewrites golden files.

Tests run on all cores (pytest-xdist), one thread each; a run of named files or tests stays in one process, where starting
workers would take longer than it saves, and where a debugger and print work. docs/testing.md says what there is to run.
"""

import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import fields
from typing import Any

import pytest

for _threads in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_threads, "1")  # before NumPy is imported
os.environ.setdefault("SYMPY_CACHE_SIZE", "10000")  # before SymPy is: thousands of derivations pass through one process

from hypothesis import settings  # noqa: E402

settings.register_profile("fixed", derandomize=True, deadline=None, database=None)
settings.load_profile("fixed")


CORE = (
    "calculus/test_evaluate.py", "calculus/test_field.py", "calculus/test_gradients.py::test_exactly",
    "calculus/test_gradients.py::test_against_differences", "calculus/test_language.py::test_unreadable",
    "matrix/test_matrix_latex.py", "matrix/test_matrix_reading.py",
    "network/test_spec.py", "network/test_network_gradients.py::test_every_activation_and_every_loss",
    "notes/test_notes_lectures.py", "notes/test_notes_catalogue.py::test_json", "lectures/test_numbers.py",
    "codegen/test_generated_source.py::test_golden_files", "codegen/test_generated_source.py::test_the_code_is_what_one_would_write",
    "codegen/test_generated_trainer.py::test_steps_follow_the_rule", "codegen/test_lowering.py",
    "verify/readings/test_verify_latex.py", "verify/readings/test_verify_latex_never.py::test_never_right", "verify/meaning/test_verify_numpy.py",
    "verify/meaning/test_verify_problem.py::test_right_claims_are_proved", "verify/diagnosis/test_verify_fixes.py",
    "commands/test_cli.py::test_help", "commands/test_cli.py::test_unusable_input_is_one_message_and_status_2",
    "data/test_check.py", "data/test_split.py", "graph/test_graph_values.py", "gradcheck/test_gradient_scales.py",
    "docs/test_adding.py::test_a_recipe_works[A command]", "test_readme.py",
)  # fmt: skip
"""What ``pytest -m core`` runs: files, or tests by the beginning of their names, a few of every part of the package."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update", action="store_true", help="write the golden files of generated/ anew")
    parser.addoption("--shard", metavar="K/N", help="every N-th of the tests that would run, beginning with the K-th")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int | None:
    """No workers where every argument names a file or a test; otherwise as many as pytest-xdist finds cores."""
    return 0 if all(a.partition("::")[0].endswith(".py") for a in config.args) else None


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> Iterator[None]:
    """The marker sweep on what is thinned out, and core on the tests of the table; those of the sweep among them stay out. Of what
    is chosen, the shard."""
    cases: Counter[str] = Counter()
    for item in items:
        thinned = item.get_closest_marker("thinned")
        if thinned:
            test = item.nodeid.partition("[")[0]
            if cases[test] % thinned.args[0]:
                item.add_marker(pytest.mark.sweep)
            cases[test] += 1
        name = item.nodeid.removeprefix("tests/")
        if name.startswith(CORE) and not item.get_closest_marker("sweep"):
            item.add_marker(pytest.mark.core)
    result = yield
    shard = config.getoption("--shard")
    if shard:
        first, of = map(int, shard.split("/"))
        items[:] = items[first - 1 :: of]
    return result


@pytest.fixture(scope="session", autouse=True)
def _derived_once() -> Iterator[None]:
    """Networks that are the same are derived once, and their training step is lowered once: most of what a judge and a module
    cost, and hundreds of pages are judged anew and runs made anew. Derivations are frozen, and both are functions."""
    from symbp.codegen.step.trainer import training_step
    from symbp.network.derivation import derive

    derived: list[tuple[list[Any], Any]] = []
    lowered: dict[tuple[int, tuple[str, ...]], tuple[Any, Any]] = {}

    def derived_once(net: Any, **options: Any) -> Any:
        key = [repr(net), options, *(getattr(net, f.name) for f in fields(net))]
        for other, derivation in derived:
            if other == key:
                return derivation
        derived.append((key, derive(net, **options)))
        return derived[-1][1]

    def lowered_once(derivation: Any, w: str, classes: tuple[str, ...]) -> Any:
        key = (id(derivation), classes)
        if key not in lowered:  # with the derivation, so that no other one gets its number
            lowered[key] = (derivation, training_step(derivation, w, classes))
        return lowered[key][1]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("symbp.verification.meaning.setting.derive", derived_once)
        patch.setattr("symbp.codegen.module.derive", derived_once)
        patch.setattr("symbp.codegen.module.training_step", lowered_once)
        yield


@pytest.fixture
def update(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--update"))
