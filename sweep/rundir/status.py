"""The state of a run, the legal moves between states, and the file that says it."""

from __future__ import annotations

import json
import os
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from sweep.base.files import read_json, write_text
from sweep.rundir.paths import RunDir


class State(StrEnum):
    """What became of a run so far."""

    PENDING = "pending"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    INTERRUPTED = "interrupted"


class Kind(StrEnum):
    """The classes of causes: what may be tried again by itself."""

    ERROR = "error"  # the function raised, or left without returning
    KILLED = "killed"  # a rank was ended by a signal
    LOST = "lost"  # what ran it died: the launcher, the supervisor, the machine
    TIMEOUT = "timeout"  # it took too long, or wrote nothing for too long
    MEMORY = "out of memory"


# From each state the ones that may follow. A done run is never started again (but see `Status.extended`). `running`
# follows itself where an owner died without a word and the next one takes over.
MOVES: Mapping[State, frozenset[State]] = {
    State.PENDING: frozenset({State.RUNNING, State.FAILED, State.INTERRUPTED}),
    State.RUNNING: frozenset({State.RUNNING, State.DONE, State.FAILED, State.INTERRUPTED}),
    State.DONE: frozenset(),
    State.FAILED: frozenset({State.PENDING, State.RUNNING}),
    State.INTERRUPTED: frozenset({State.PENDING, State.RUNNING, State.FAILED}),
}


@dataclass(frozen=True)
class Status:
    """What `status.json` says.

    Attributes:
        state: see `State`.
        attempt: how many times the run was started.
        host, pid: who runs it, or ran it last.
        started, ended: seconds since the epoch.
        cause: why it failed or was interrupted: the rank, and the exception, signal or exit code.
        kind: the class of that cause, see `Kind`; empty without one.
        start: how its processes were made: fork, spawn or inline.
        start_note: why so, where it was not what one would expect.
        outputs_off: the logger's outputs that failed and were switched off, each with why.
    """

    state: State
    attempt: int = 0
    host: str = ""
    pid: int = 0
    started: float | None = None
    ended: float | None = None
    cause: str = ""
    kind: str = ""
    start: str = ""
    start_note: str = ""
    outputs_off: Mapping[str, str] = field(default_factory=dict)

    @property
    def duration_s(self) -> float | None:
        if self.started is None or self.ended is None:
            return None
        return self.ended - self.started

    def moved(self, state: State, **changes: Any) -> Status:
        """Return the status after a move.

        Raises:
            ValueError: the move is not in the table: a mistake of ours.
        """
        if state not in MOVES[self.state]:
            raise ValueError(f"a run cannot go from {self.state} to {state}")
        return replace(self, state=state, **changes)

    def extended(self) -> Status:
        """Return the status of a done run that is to go on: the one way out of `done`.

        The user has said so, by declaring a parameter extendable and giving it another value.

        Raises:
            ValueError: the run is not done: a mistake of ours.
        """
        if self.state is not State.DONE:
            raise ValueError(f"a run that is {self.state} is not to be extended")
        return replace(self, state=State.PENDING)

    def begun(self, **changes: Any) -> Status:
        """Return the status of a new attempt by this process."""
        return self.moved(
            State.RUNNING,
            attempt=self.attempt + 1,
            host=socket.gethostname(),
            pid=os.getpid(),
            started=time.time(),
            ended=None,
            cause="",
            kind="",
            outputs_off={},
            **changes,
        )

    def ended_as(self, state: State, cause: str = "", kind: str = "") -> Status:
        return self.moved(state, ended=time.time(), cause=cause, kind=kind)


def read_status(run: RunDir) -> Status | None:
    """Return the status of a run; None where there is none, or none that can be read."""
    return as_status(read_json(run.status))


def as_status(data: Any) -> Status | None:
    """Return the status that the JSON of a status file says; None if it is none."""
    try:
        known = {key: value for key, value in data.items() if key in Status.__dataclass_fields__}
        return Status(**{**known, "state": State(known["state"])})
    except (AttributeError, KeyError, TypeError, ValueError):
        return None


def write_status(run: RunDir, status: Status) -> None:
    """Write the status, a line for each field."""
    write_text(run.status, _text(status), durable=False)


def _text(status: Status) -> str:
    fields = (f" {json.dumps(name)}: {json.dumps(value)}" for name, value in sorted(vars(status).items()))
    return "{\n" + ",\n".join(fields) + "\n}\n"


_NOT_YET = '"ended": null'


@dataclass(frozen=True)
class Completion:
    """A completion record made beforehand by whoever starts a run, so that little is left to do between two runs.

    Attributes:
        text: of the status file, but for the time of the end.
        inode: of the status file that it follows; it counts for no other one.
    """

    text: str
    inode: int

    @classmethod
    def after(cls, run: RunDir, status: Status) -> Completion:
        """Return the completion of a run whose status was just written."""
        return cls(_text(status.moved(State.DONE, ended=None)), run.status.stat().st_ino)


def complete(run: RunDir, made: Completion | None = None) -> None:
    """Write the completion record: from here on the run is done, whatever becomes of its processes.

    Raises:
        OSError: the directory is gone, or the disk is full.
    """
    if made is not None and run.status.stat().st_ino == made.inode:
        write_text(run.status, made.text.replace(_NOT_YET, f'"ended": {time.time()!r}'), durable=False)
        return
    status = read_status(run)
    if status is None:
        raise FileNotFoundError(f"{run.status} is gone or cannot be read, so that the run cannot be marked as done")
    write_status(run, status.ended_as(State.DONE))


def note_output_off(run: RunDir, name: str, cause: str) -> None:
    """Note that an output of a run that is going on was switched off, as far as that can be written at all."""
    try:
        status = read_status(run)
        if status is not None and status.state is State.RUNNING:
            write_status(run, replace(status, outputs_off={**status.outputs_off, name: cause}))
    except (OSError, TypeError):  # the disk is full, which may be why; or the file holds something else there
        return
