"""One run under supervision: its ranks, what they print, why and how it ends."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from sweep.base.files import last_lines
from sweep.launch.causes import Cause, abort_cause, ended_cause, launcher_cause, signal_name, written_cause
from sweep.launch.supervisor.capped_log import CappedLog
from sweep.launch.supervisor.ending import Ending
from sweep.launch.supervisor.launcher import RunLauncher, start_launcher
from sweep.launch.supervisor.oom import MemoryKills
from sweep.launch.supervisor.processes import read
from sweep.launch.supervisor.rank import Rank
from sweep.launch.supervisor.starter import Task
from sweep.launch.supervisor.wire import Config, Elsewhere
from sweep.rundir.asked import STOP_SIGNALS, forget_asked, was_asked
from sweep.rundir.paths import RunDir
from sweep.rundir.status import Completion, Kind, State, Status, read_status, write_status
from sweep.rundir.supervised import FAILED_EXIT, GOODBYE_EXIT, INTERRUPTED_EXIT, RUN_VARIABLE

# What a rank's death makes of the others, its launcher included, is told apart from their own ends by waiting so long.
_SETTLE_S = 0.1
# A process that has said its last word has so long to leave; then it is ended, and the run is what it said.
_LEAVE_S = 30.0
# A process that ends only when its threads do may never end: so often a run is asked whether it is done already.
_LOOK_S = 5.0
_CHUNK = 2**16
# Of the log, in which an abort is looked for.
_LAST_LINES = 20


@dataclass
class Run:
    """What the supervisor knows of one run.

    Attributes:
        id: of the driver.
        lock: the descriptor that keeps it ours; -1 without one.
        launcher: of a run of several ranks.
        cause: why it is not done; the first that is seen counts.
        stopped: whether that is a second signal: it had been asked to stop, and whoever asked has not waited.
        elsewhere: how its launcher has ranks on other machines; None if all are here.
    """

    id: str
    run: RunDir
    cores: tuple[int, ...]
    environ: Mapping[str, str]
    config: Config
    room: Path
    ranks: dict[int, Rank]
    memory_kills: MemoryKills
    lock: int = -1
    launcher: RunLauncher | None = None
    cause: Cause | None = None
    stopped: bool = False
    ending: Ending | None = None
    settle_at: float | None = None
    leave_at: float | None = None
    look_at: float = field(default_factory=lambda: time.monotonic() + _LOOK_S)
    completion: Completion | None = None
    launcher_cause: Cause | None = None
    elsewhere: Elsewhere | None = None

    def __post_init__(self) -> None:
        limit = self.config.output_limit
        self.log = CappedLog(self.run.output, self.run.output_ring, limit)
        self.pipe, self.output = os.pipe2(os.O_CLOEXEC)
        os.set_blocking(self.pipe, False)

    # -- what it is made of

    @property
    def own_environment(self) -> dict[str, str]:
        return {**self.environ, RUN_VARIABLE: str(self.run.path), "TMPDIR": str(self.room)}

    @property
    def roots(self) -> list[int]:
        """The processes from which all others of the run descend."""
        alive = [rank.pid for rank in self.ranks.values() if rank.lives]
        return [*alive, self.launcher.pid] if self.launcher and self.launcher.pid else alive

    @property
    def to_ask(self) -> list[int]:
        """The processes that are asked to save and leave; a launcher hands it on to ranks that are not here."""
        if self.elsewhere is not None:
            return [self.launcher.pid] if self.launcher and self.launcher.pid else []
        return [rank.pid for rank in self.ranks.values() if rank.lives]

    @property
    def sessions(self) -> set[int]:
        """The sessions that its ranks lead or led."""
        return {rank.pid for rank in self.ranks.values() if rank.pid}

    def task(self, rank: int, given: Mapping[str, str]) -> Task:
        """Return what is needed to start a rank; `given` is what its launcher gave it."""
        environ = {**given, **self.own_environment}
        return Task(f"{self.id}.{rank}", self.run.path, len(self.ranks), self._cores_of(rank), environ, self.output)

    def _cores_of(self, rank: int) -> tuple[int, ...]:
        each = len(self.cores) // len(self.ranks)
        return self.cores[rank * each : (rank + 1) * each] if self.config.pin and each else self.cores

    def start_launcher(self, pipes: Path) -> None:
        """Start the launcher of a run of several ranks.

        Raises:
            OSError: it cannot be started.
        """
        environ = self.own_environment
        launcher = start_launcher(
            self.config,
            self.id,
            self.run.path,
            len(self.ranks),
            pipes,
            self.cores,
            environ,
            self.output,
            self.elsewhere,
        )
        self.launcher = launcher
        if launcher.clients is None:
            who = self.elsewhere.launcher if self.elsewhere else self.config.launcher
            self.begin("spawn", f"nobody but {who} can start its ranks")

    def take_output(self) -> None:
        """Move what was printed to the log."""
        try:
            while data := os.read(self.pipe, _CHUNK):
                self.log.write(data)
                if len(data) < _CHUNK:
                    return
        except BlockingIOError:
            return

    # -- what happens to it

    def begin(self, way: str, note: str) -> Mapping[str, Any]:
        """Mark the attempt as running, when the first of its ranks is about to be made; return its completion."""
        if self.completion is None:
            forget_asked(self.run)
            notes = "; ".join(filter(None, (note, self.config.note)))
            status = (read_status(self.run) or Status(State.PENDING)).begun(start=way, start_note=notes)
            status = replace(status, pid=self.config.pid or status.pid)
            write_status(self.run, status)
            self.completion = Completion.after(self.run, status)
        return vars(self.completion)

    def rank_ended(self, rank: int, code: int, peak: int, now: float) -> None:
        one = self.ranks[rank]
        one.code, one.peak = code, peak
        if code in (GOODBYE_EXIT, INTERRUPTED_EXIT):
            if self.launcher is not None:
                self.launcher.let_client_go(rank)
            self.leave_at = self.leave_at or now + _LEAVE_S
        elif self.cause is None:
            self.fail(self._second_signal(code, f"rank {rank}") or self._why(rank, code), now)
        if self.ending and not any(one.is_expected for one in self.ranks.values()):
            self.ending.ranks_are_gone(now)

    def launcher_ended(self, code: int, now: float) -> None:
        assert self.launcher is not None
        self.launcher.pid = 0
        if self.launcher.clients is None:
            for rank in self.ranks.values():
                rank.code = code
            if code or (self.launcher.has_lost(code) and not self.is_done):
                self.fail(self._second_signal(code, "the launcher") or self._of_launcher(code), now)
        elif not self._all_left() and self.settle_at is None:
            self.launcher_cause = launcher_cause(code)
            self.settle_at = now + _SETTLE_S

    def fail(self, cause: Cause, now: float, ask: bool = False) -> None:
        """Begin the end of a run that cannot be done any more."""
        self.cause = self.cause or cause
        if self.ending is None:
            self.ending = Ending(now, ask, self.config.grace_s)

    def cancel(self, now: float, at_once: bool) -> None:
        """Begin the end of a run that is not wanted any more, or hurry it."""
        cause = self._as_it_is()
        self.fail(cause, now, ask=cause.kind is not Kind.TIMEOUT)  # who is stopped cannot answer
        assert self.ending is not None
        if at_once:
            self.ending.hurry(now)

    def advance(self, now: float) -> None:
        """Do what is due, apart from the steps of an end."""
        if self.settle_at is not None and now >= self.settle_at:
            self.settle_at = None
            if self.launcher_cause is not None and not self._all_left():
                self.fail(abort_cause(last_lines(self.run.output, _LAST_LINES)) or self.launcher_cause, now)
        if now >= self.look_at:
            self.look_at = now + _LOOK_S
            if self.leave_at is None and self.is_done:
                self.leave_at = now + _LEAVE_S
            if self.launcher is not None and self.launcher.is_bereft(now):
                self.fail(Cause(Kind.LOST, "what the launcher starts ranks with was killed"), now)
            if self.launcher is not None and self.ending is None and self.launcher.misses_some(now):
                self.fail(Cause(Kind.LOST, "one of its hosts was lost"), now)
        if self.leave_at is not None and now >= self.leave_at and self.ending is None:
            self.ending = Ending(now)

    @property
    def has_failed(self) -> bool:
        """Whether it has come to a bad end: what it left in its room is of no use to anybody."""
        return self.cause is not None

    @property
    def is_done(self) -> bool:
        """Whether the completion record is there; rank 0 writes it before it says goodbye."""
        if self.ranks[0].code == GOODBYE_EXIT:
            return True
        status = read_status(self.run)
        return status is not None and status.state is State.DONE

    def mark_interrupted(self, cause: str = "its driver died", kind: str = Kind.LOST) -> None:
        """Write the end of a run whose driver cannot any more, or which has not come to write it itself."""
        status = read_status(self.run)
        if status is not None and status.state in (State.PENDING, State.RUNNING):
            with suppress(OSError):
                write_status(self.run, status.ended_as(State.INTERRUPTED, cause, kind))

    @property
    def due(self) -> float:
        """When something is to be done next."""
        times = [self.settle_at, self.look_at, self.leave_at if self.ending is None else self.ending.due]
        return min((time for time in times if time is not None), default=float("inf"))

    @property
    def is_over(self) -> bool:
        """Whether ranks and launcher are gone; what they have started may still be there."""
        gone = not self.roots and not any(rank.is_expected for rank in self.ranks.values())
        return gone and self.settle_at is None and (self._all_left() or self.ending is not None)

    def close(self) -> Cause:
        """Give everything back but its room, and return why the run is not done, if it is not."""
        self.take_output()
        if self.launcher is not None:
            if self.cause is not None and self.cause == self.launcher_cause:  # of ranks it knows less than we do
                self.log.write(self.launcher.said())
            self.launcher.close()
        self.log.close()
        os.close(self.pipe)
        os.close(self.output)
        if self.cause is not None and self.stopped:
            self.mark_interrupted(self.cause.text, "")  # without a class of causes, as the run itself would
        forget_asked(self.run)
        return self.cause or ended_cause(0, "the process")

    def _all_left(self) -> bool:
        return all(rank.code is not None for rank in self.ranks.values())

    def _second_signal(self, code: int, who: str) -> Cause | None:
        """Return what to say of a run that was ended by a signal to stop after it had heard another one; else None."""
        number = -code if code < 0 else code - 128  # as a launcher tells it
        if code == FAILED_EXIT and (cause := written_cause(self.run)) and cause.text.endswith(": KeyboardInterrupt"):
            number = signal.SIGINT  # of which Python makes an exception
        self.stopped = number in STOP_SIGNALS and was_asked(self.run)
        text = f"{who} was ended by {signal_name(number)}, after the run had been asked to stop"
        return Cause(Kind.KILLED, text) if self.stopped else None

    def _of_launcher(self, code: int) -> Cause:
        """Return why a launcher has ended that starts its ranks itself."""
        assert self.launcher is not None
        if (written := written_cause(self.run)) is not None:
            return written
        lost = Cause(Kind.LOST, "one of its hosts was lost")
        return lost if self.launcher.has_lost(code) else launcher_cause(code)

    def _why(self, rank: int, code: int) -> Cause:
        who = f"rank {rank}"
        if code == FAILED_EXIT:
            silent = Cause(Kind.ERROR, f"{who} failed and could not write why; is the disk full?")
            return written_cause(self.run) or silent
        cause = ended_cause(code, who)
        if code == -signal.SIGKILL and self.memory_kills.any_new():
            peak = f"{self.ranks[rank].peak / 2**30:.1f} GiB"
            return Cause(Kind.MEMORY, f"{cause.text}, as the machine was out of memory (it had {peak})")
        return cause

    def _as_it_is(self) -> Cause:
        """Return what can be said of a run that is ended from outside: a rank that was stopped, above all."""
        states = {number: read(rank.pid) for number, rank in self.ranks.items() if rank.lives}
        stopped = [number for number, process in states.items() if process and process.state in "Tt"]
        if stopped:
            return Cause(Kind.TIMEOUT, f"rank {stopped[0]} is stopped (SIGSTOP)")
        return Cause(Kind.KILLED, "it was ended")
