"""What a person sees while runs go on."""

from __future__ import annotations

import errno
import io
from pathlib import Path

import pytest

from sweep.launch.engines.fake import FakeClock
from sweep.launch.job import Job, Outcome
from sweep.launch.progress import Progress
from sweep.rundir.paths import RunDir
from sweep.rundir.status import State


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class DeadTerminal(Terminal):
    """A terminal that was closed."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error, self.tried = error, 0

    def write(self, text: str) -> int:
        self.tried += 1
        raise self.error

    def flush(self) -> None:
        raise self.error


def outcome(name: str, state: State, cause: str = "") -> Outcome:
    return Outcome(Job(RunDir(Path(name)), name), state, cause, duration_s=12.3)


def test_where_no_terminal_is_each_run_is_one_line() -> None:
    stream = io.StringIO()
    with Progress(2, stream) as progress:
        progress.finished(outcome("a", State.DONE))
        progress.finished(outcome("b", State.FAILED, "rank 0: boom"))
    assert stream.getvalue() == "[1/2] a: done in 12 s\nfailed: b: rank 0: boom\n"


def test_on_a_terminal_there_is_a_bar_and_failures_are_printed_as_they_happen() -> None:
    stream = Terminal()
    with Progress(2, stream) as progress:
        progress.finished(outcome("b", State.FAILED, "rank 0: boom"))
        shown = stream.getvalue()
        progress.finished(outcome("a", State.DONE))
    assert "failed: b: rank 0: boom" in shown
    assert "2/2" in stream.getvalue()
    assert "a: done" not in stream.getvalue()


def test_another_try_and_an_interruption_are_told() -> None:
    stream = io.StringIO()
    with Progress(2, stream) as progress:
        progress.trying_again(outcome("a", State.FAILED, "rank 0 was killed by SIGKILL"), "2 of 3")
        progress.finished(outcome("b", State.INTERRUPTED, "halted after 1 failure"))
    assert stream.getvalue().splitlines() == [
        "trying again: a: rank 0 was killed by SIGKILL (2 of 3)",
        "interrupted: b: halted after 1 failure",
    ]


def test_of_many_runs_there_is_a_line_a_second_and_one_for_every_failure() -> None:
    stream, clock = io.StringIO(), FakeClock()
    with Progress(1000, stream, clock) as progress:
        for number in range(30):
            progress.finished(outcome(str(number), State.FAILED if number == 7 else State.DONE, "boom"))
            clock.now += 0.125
    assert stream.getvalue().splitlines() == [
        "[1/1000] 0 failed",
        "failed: 7: boom", "[9/1000] 1 failed", "[17/1000] 1 failed", "[25/1000] 1 failed", "[30/1000] 1 failed",
    ]  # fmt: skip


def test_a_total_that_was_too_low_grows() -> None:
    stream = io.StringIO()
    with Progress(1, stream) as progress:
        progress.finished(outcome("a", State.DONE))
        progress.finished(outcome("b", State.DONE))
    assert "[2/2] b: done" in stream.getvalue()


def test_control_characters_of_a_cause_do_not_reach_the_terminal() -> None:
    stream = io.StringIO()
    with Progress(1, stream) as progress:
        progress.finished(outcome("b", State.FAILED, "\x1b[2J"))
    assert "\x1b" not in stream.getvalue()


@pytest.mark.parametrize("total", [1, 2, 1000])
@pytest.mark.parametrize(
    "error", [OSError(errno.EIO, "Input/output error"), BrokenPipeError(), ValueError("I/O operation on closed file")]
)
def test_a_terminal_that_is_gone_is_tried_once_and_ends_nothing(total: int, error: Exception) -> None:
    stream = DeadTerminal(error)
    with Progress(total, stream) as progress:
        progress.finished(outcome("a", State.DONE))
        progress.finished(outcome("b", State.FAILED, "boom"))
        progress.trying_again(outcome("b", State.FAILED, "boom"), "2 of 2")
    assert stream.tried == 1
