"""The command line: commands are imported when they are called, and every unusable input is one message and status 2."""

from __future__ import annotations

import errno
import io
import os
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from itertools import pairwise
from typing import Any, TextIO

import click

from symbp.errors import InputError, nearest, printable
from symbp.version import __version__

COMMANDS = {
    "derive": "print the derivation of a network: LaTeX, slides, HTML, Markdown, a notebook, text",
    "generate": "write a standalone NumPy trainer for a network",
    "train": "generate a trainer, run it on data, save weights, history and curve",
    "predict": "what a trained network makes of examples",
    "evaluate": "loss and metrics of a trained network on data",
    "summary": "layers, shapes, parameters, memory and operations of a network",
    "verify": "judge hand-derived formulas",
    "graph": "values forward and gradients backward, node by node",
    "figure": "one picture: the network, paths, activations, a decision boundary, curves of losses",
    "cost": "backpropagation against finite differences, and the bound on the gradient of each layer",
    "list": "the catalogue: activations, layers, losses, optimizers, schedules, conventions, figures, formats, targets",
    "demo": "the tour: derive, generate, train on digits, verify",
}


OUTPUT = ("-o", "--output")
"""The options of all commands that name what is written."""
PIPE_CLOSED = 141
"""The status where the reader of standard output has gone: that of a program which SIGPIPE ends."""


class Commands(click.Group):
    """The command group, which imports a command's module only to run it."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The commands' names."""
        return [*COMMANDS]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command called `cmd_name`, or None."""
        if cmd_name not in COMMANDS:
            return None
        command = import_module(f"symbp.commands.{cmd_name}").command
        assert isinstance(command, click.Command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that the arguments name, else a usage error with the nearest name."""
        if args and args[0] not in COMMANDS:
            near = nearest(args[0], COMMANDS)
            hint = f"; did you mean '{near}'?" if near else ""
            ctx.fail(f"no such command {args[0][:40]!r}{hint} (commands: {', '.join(COMMANDS)})")
        _names_of_outputs(args)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The commands with a line each, without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([*COMMANDS.items()])


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="symbp")
def main() -> None:
    """Backpropagation derived from the forward map: printed, generated, verified.

    ARCH is a short string such as 64-32:tanh-10:softmax, or a TOML or JSON file.
    """


def _names_of_outputs(args: Sequence[str]) -> None:
    """InputError for an output without a name, which as a path would be the working directory."""
    given = [(option, value) for option, value in pairwise(args) if option in OUTPUT]
    given += [
        (option, value) for option, equals, value in (a.partition("=") for a in args) if equals and option in OUTPUT
    ]
    for option, value in given:
        if not value:
            raise InputError(f"the name after {option} is empty", allowed=f"{option} NAME")


def run(args: list[str] | None = None) -> int:
    """Run the command line and return its exit status: 0 done, 1 the answer is no, 2 the input is unusable.

    A reader that goes away early (``symbp list | head -1``) ends the command without a word.
    """
    if sys.stdout is None or sys.stderr is None:
        return 2  # closed by the caller: there is nowhere to say anything
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # signs that an old terminal has not
    out, err = sys.stdout, sys.stderr
    try:
        with terminable():
            status = _run(args)
        out.flush()  # what is written late fails here, not when Python ends
        return status
    except SystemExit:
        if sys.stdout is out:  # the shell's completion ends so
            raise
        sys.stdout, sys.stderr = out, err  # click has put others there, since the reader has gone
        gone = True
    except OSError as e:  # not even the message could be written
        gone = e.errno == errno.EPIPE
    _discard(out, err)
    return PIPE_CLOSED if gone else 2


def _discard(*streams: TextIO) -> None:
    """Send what the streams still hold nowhere: Python would try to write it once more at its end, and complain."""
    for stream in streams:
        try:
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
        except (OSError, ValueError):  # a stream without a file, as in a notebook
            continue


class Terminated(SystemExit):
    """SIGTERM: an exception, so that temporary files are removed and what there is of a result is kept."""


@contextmanager
def terminable() -> Iterator[None]:
    """SIGTERM raises :class:`Terminated` for as long as the context lasts."""
    if threading.current_thread() is not threading.main_thread():
        yield  # signals come to the main thread alone
        return

    def stop(number: int, frame: Any) -> None:
        raise Terminated(128 + number)

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before or signal.SIG_DFL)


def _run(args: list[str] | None) -> int:
    try:
        result = main(args=args, prog_name="symbp", standalone_mode=False)
        return int(result) if isinstance(result, int) else 0
    except InputError as e:
        click.echo(f"error: {e}", err=True)
    except click.exceptions.Exit as e:
        return e.exit_code
    except click.Abort:
        click.echo("interrupted", err=True)
        return 130
    except Terminated:
        click.echo("terminated", err=True)
        return 143
    except click.exceptions.NoArgsIsHelpError as e:
        e.show(file=sys.stderr)
    except click.ClickException as e:
        ctx = getattr(e, "ctx", None)
        more = f"; see {ctx.command_path} --help" if ctx else ""
        click.echo(f"error: {printable(e.format_message().rstrip('.'))}{more}", err=True)
    except OSError as e:
        if e.errno == errno.EPIPE:
            raise
        if e.strerror is None:  # nothing that the operating system said: a fault of ours
            raise
        click.echo(f"error: {printable(str(e.filename or 'output'))}: {e.strerror}", err=True)
    return 2
