"""A contender in a process of its own: its packages, its threads and its caches are not the others'."""

from __future__ import annotations

import gc
import importlib.util
import multiprocessing
import os
import time
import tracemalloc
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

from steps import by_hand, frameworks
from steps.shapes import Shape

THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
LOSSES = 5
"""After so many steps from the same weights all contenders must still have the same loss."""


@dataclass(frozen=True)
class Contender:
    """How a step is made, and the package that it needs: the name to import, and that to install."""

    make: Callable[[Shape, str], by_hand.Step]
    module: str = "numpy"
    package: str = "numpy"
    counted: bool = True
    """Whether tracemalloc sees its arrays: NumPy's report to it."""

    @property
    def installed(self) -> bool:
        """Whether its package is there."""
        return importlib.util.find_spec(self.module) is not None


CONTENDERS: Mapping[str, Contender] = {
    "floor": Contender(by_hand.floor),
    "symbp": Contender(frameworks.symbp),
    "numpy by hand": Contender(by_hand.numpy_by_hand),
    "torch eager": Contender(frameworks.torch_eager, "torch", "torch", counted=False),
    "jax jit": Contender(frameworks.jax_jit, "jax", "jax", counted=False),
    "autograd": Contender(frameworks.autograd, "autograd", "autograd"),
    "scikit-learn": Contender(frameworks.scikit_learn, "sklearn", "scikit-learn"),
    "tangent-ad": Contender(frameworks.tangent, "tangent", "tangent-ad"),
}


@dataclass(frozen=True)
class Memory:
    """Bytes that Python's arrays take: between two steps, and at the most during one."""

    held: int
    peak: int


def losses(name: str, shape: Shape, optimizer: str) -> list[float]:
    """The loss of each of the first steps."""
    step = CONTENDERS[name].make(shape, optimizer)
    return [step() for _ in range(LOSSES)]


def memory(name: str, shape: Shape, optimizer: str) -> Memory:
    """What a step takes, once it has been taken twice."""
    CONTENDERS[name].make(shape, optimizer)()  # what is imported or generated is there, and not counted
    gc.collect()
    tracemalloc.start()
    try:
        step = CONTENDERS[name].make(shape, optimizer)
        step(), step()
        gc.collect()
        held = tracemalloc.get_traced_memory()[0]
        tracemalloc.reset_peak()
        step()
        return Memory(held, tracemalloc.get_traced_memory()[1])
    finally:
        tracemalloc.stop()


class Bench:
    """The step of one contender on the shape and with the optimizer of the moment."""

    def __init__(self, name: str) -> None:
        self.name, self.step = name, by_hand.floor

    def make(self, shape: Shape, optimizer: str) -> None:
        """Make the step, and take it twice (what is compiled is compiled then)."""
        self.step = CONTENDERS[self.name].make(shape, optimizer)  # type: ignore[assignment]
        gc.collect()
        self.step(), self.step()  # type: ignore[call-arg]

    def burst(self, count: int) -> float:
        """Seconds a step, over `count` steps after one that warms the caches."""
        step: Any = self.step
        step()
        start = time.perf_counter()
        for _ in range(count):
            step()
        return (time.perf_counter() - start) / count


def serve(name: str, threads: int | None, pipe: Connection) -> None:
    """Answer what is asked through the pipe until None comes: (name of a function, its arguments)."""
    gc.disable()
    if threads is not None and hasattr(os, "sched_setaffinity"):  # some libraries do not ask the environment
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:threads])
    bench = Bench(name)
    while (asked := pipe.recv()) is not None:
        what, *given = asked
        known = {"losses": losses, "memory": memory}
        try:
            pipe.send((known[what](name, *given) if what in known else getattr(bench, what)(*given), ""))
        except Exception as e:  # the table says what a contender that does not run died of
            pipe.send((None, f"{type(e).__name__}: {e}".splitlines()[0][:80]))


class Worker:
    """A contender's process, as the table asks it."""

    def __init__(self, name: str, threads: int | None) -> None:
        for variable in THREADS:  # of the process that is started: each library's own default, or what is asked for
            os.environ.pop(variable, None)
            if threads is not None:
                os.environ[variable] = str(threads)
        context = multiprocessing.get_context("spawn")
        self.pipe, other = context.Pipe()
        self.process = context.Process(target=serve, args=(name, threads, other), daemon=True)
        self.process.start()
        other.close()

    def ask(self, what: str, *given: object) -> Any:
        """The answer; RuntimeError with what the contender died of."""
        try:
            self.pipe.send((what, *given))
            answer, fault = self.pipe.recv()
        except (EOFError, BrokenPipeError):
            raise RuntimeError("its process ended") from None
        if fault:
            raise RuntimeError(fault)
        return answer

    def end(self) -> None:
        """End the process."""
        try:
            self.pipe.send(None)
        except (BrokenPipeError, OSError):
            return
        self.process.join(10)
