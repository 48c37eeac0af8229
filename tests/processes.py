"""Processes that tests start and send signals to."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any


@contextmanager
def started(command: Sequence[str], **options: Any) -> Iterator[subprocess.Popen[str]]:
    """A process whose output is kept as text, and that a SIGINT reaches; it ends with the block at the latest.

    A test run in the background of a shell ignores SIGINT, and what it starts would too; a handler is not inherited. (Nothing is
    done between fork and exec, since JAX's threads forbid a fork.)
    """
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options)
    finally:
        signal.signal(signal.SIGINT, before)
    with process:
        try:
            yield process
        finally:
            process.kill()
