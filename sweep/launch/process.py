"""One process of a run: started, its output kept, ended with all it started."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import IO, Any

import psutil

# Between asking a process to end and ending it.
GRACE_S = 5.0


class Stopped(KeyboardInterrupt):
    """The person, or the system, asked the driver to stop."""


@contextmanager
def stop_signals() -> Iterator[None]:
    """Let SIGTERM and SIGHUP stop the driver as Ctrl-C does, so that it can end its runs first."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise Stopped(signal.Signals(number).name)

    try:
        before = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGHUP)}
    except ValueError:  # not the main thread: signals are somebody else's business
        yield
        return
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def run_process(argv: Sequence[str], environment: Mapping[str, str], log: Path, echo: bool) -> int:
    """Run a command to its end and return its exit code (negative: the signal that killed it).

    Args:
        log: everything it prints is appended here.
        echo: show it on the screen as well.

    The command is given no input and a session of its own, so that Ctrl-C reaches the driver alone, which then ends
    the whole tree.
    """
    with log.open("ab") as file:
        process = subprocess.Popen(
            argv,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE if echo else file,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            if echo:
                _copy_output(process, file)
            return process.wait()
        except BaseException:
            end_tree(process.pid)
            process.wait()
            raise


def _copy_output(process: subprocess.Popen[bytes], file: IO[bytes]) -> None:
    assert process.stdout is not None
    with process.stdout as output:
        while chunk := os.read(output.fileno(), 65536):
            file.write(chunk)
            file.flush()
            _show(chunk)


def _show(chunk: bytes) -> None:
    """Put bytes on the screen as they are; a notebook's stream takes text only."""
    screen: Any = getattr(sys.stdout, "buffer", None)
    if screen is None:
        sys.stdout.write(chunk.decode(errors="replace"))
    else:
        sys.stdout.flush()
        screen.write(chunk)
    sys.stdout.flush()


def end_tree(pid: int, grace_s: float = GRACE_S) -> None:
    """End a process and all its descendants: ask, wait, kill."""
    try:
        root = psutil.Process(pid)
        tree = [root, *root.children(recursive=True)]
    except psutil.NoSuchProcess:
        return
    for process in tree:
        _signal(process, signal.SIGTERM)
    _, alive = psutil.wait_procs(tree, timeout=grace_s)
    for process in alive:
        _signal(process, signal.SIGKILL)


def _signal(process: psutil.Process, number: int) -> None:
    try:
        process.send_signal(number)
    except psutil.NoSuchProcess:
        return
