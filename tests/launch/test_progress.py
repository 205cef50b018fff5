"""What a person sees while runs go on."""

from __future__ import annotations

import io
from pathlib import Path

from sweep.launch.job import Job, Outcome
from sweep.launch.progress import Progress
from sweep.rundir.paths import RunDir
from sweep.rundir.status import State


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


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


def test_control_characters_of_a_cause_do_not_reach_the_terminal() -> None:
    stream = io.StringIO()
    with Progress(1, stream) as progress:
        progress.finished(outcome("b", State.FAILED, "\x1b[2J"))
    assert "\x1b" not in stream.getvalue()
