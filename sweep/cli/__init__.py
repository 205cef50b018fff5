"""The door: the command `sweep`. The one place that turns a SweepError into a line and an exit code."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command line and return its exit code.

    0 all done · 1 some run failed · 2 misuse · 75 stopped, and the same command goes on · 128+n stopped by a second
    signal n.
    """
    try:
        return _run(list(sys.argv[1:] if argv is None else argv))
    except KeyboardInterrupt as stop:  # perhaps while our own modules were being imported
        from sweep.launch.stops import Stopped

        print("\nsweep: stopped", file=sys.stderr)
        return 128 + stop.number if isinstance(stop, Stopped) and stop.now else 75
    except BrokenPipeError:  # the reader of our output went away, as `| head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _run(argv: list[str]) -> int:
    from sweep.base.errors import RunFailed, SweepError
    from sweep.base.text import paint, printable
    from sweep.cli.commands import run_command

    try:
        _check_place()
        return run_command(argv)
    except SweepError as error:
        print(paint("sweep: ", "red", stream=sys.stderr) + printable(str(error)), file=sys.stderr)
        return 1 if isinstance(error, RunFailed) else 2


def _check_place() -> None:
    from sweep.base.errors import UsageError

    try:
        os.getcwd()  # noqa: PTH109 - Path.cwd is the same call
    except FileNotFoundError:
        raise UsageError("the working directory is gone; change to one that is there.") from None
