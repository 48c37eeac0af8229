"""Work shared out among processes, its results in the order of the tasks; a process that ends costs one task."""

from __future__ import annotations

import multiprocessing
import signal
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from typing import Any, TypeVar

Task = TypeVar("Task")
Result = TypeVar("Result")


def in_order(
    work: Callable[[Task], Result], lost: Callable[[Task, str], Result], tasks: Sequence[Task], count: int
) -> Iterator[Result]:
    """The results of `work`, which must not raise, in the order of the tasks, by `count` processes; by this one for one.

    Of a task whose process has ended, what `lost` makes of it and of why. However the iteration ends, no process is left.
    """
    if min(count, len(tasks)) < 2:
        yield from map(work, tasks)
        return
    ready: dict[int, Result] = {}
    waiting = iter(range(len(tasks)))
    at_work: dict[Connection, tuple[SpawnProcess, int]] = {}
    idle = [_started(work) for _ in range(min(count, len(tasks)))]
    try:
        for wanted in range(len(tasks)):
            while wanted not in ready:
                while idle and (k := next(waiting, None)) is not None:
                    process, line = idle.pop()
                    at_work[line] = process, k
                    try:
                        line.send(tasks[k])
                    except OSError:
                        continue  # it has ended, which is seen where it is waited for
                for line in _ready(at_work):
                    process, k = at_work.pop(line)
                    try:
                        ready[k] = line.recv()
                        idle.append((process, line))
                    except (EOFError, OSError):
                        process.join()
                        line.close()
                        ready[k] = lost(tasks[k], _why(process.exitcode))
                        idle.append(_started(work))
            yield ready.pop(wanted)
    finally:
        for process, line in [*idle, *((process, line) for line, (process, _) in at_work.items())]:
            process.kill()
            line.close()
            process.join()


def _ready(lines: Iterable[Connection]) -> list[Connection]:
    """The lines on which something has come, or that have ended; one at least."""
    return [line for line in wait([*lines]) if isinstance(line, Connection)]


def _started(work: Callable[[Any], Any]) -> tuple[SpawnProcess, Connection]:
    """A new process, and the line to it."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(work, theirs), daemon=True)
    with _deaf():
        process.start()
    theirs.close()
    return process, ours


def _serve(work: Callable[[Any], Any], line: Connection) -> None:
    """What a process does: tasks, one after the other, until nobody sends any more."""
    while True:
        try:
            task = line.recv()
        except (EOFError, OSError):
            return
        line.send(work(task))


@contextmanager
def _deaf() -> Iterator[None]:
    """Ctrl-C goes to all processes of a terminal; those that are started here do not hear it, and end with their parent."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _why(code: int | None) -> str:
    """What the status of a process that has ended says."""
    if code is not None and code < 0:
        try:
            return signal.Signals(-code).name
        except ValueError:
            return f"signal {-code}"
    return f"status {code}"
