"""Processes that tests start and send signals to."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Sequence
from typing import Any


def _listening() -> None:
    """A test run in the background of a shell ignores SIGINT, and what it starts would too."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def started(command: Sequence[str], **options: Any) -> subprocess.Popen[str]:
    """A process whose output is kept as text, and that a SIGINT reaches."""
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen(command, preexec_fn=_listening, **pipes, **options)  # type: ignore[call-overload, no-any-return]
