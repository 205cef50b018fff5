"""`check_resume`: a run is killed in the middle, goes on, and is compared with one that nothing happened to.

Both are launched as any run is, into directories of their own. The one is sent a signal as soon as a certain row is
written, and then launched again.
"""

from __future__ import annotations

import contextlib
import io
import os
import random
import signal
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sweep.base.errors import UsageError, did_you_mean, listed
from sweep.front.checked import Check
from sweep.front.compared import compared
from sweep.front.experiment import ExperimentGrid
from sweep.front.held import runs_under
from sweep.front.summary import Sweep
from sweep.launch.supervisor.processes import command_line, environment, ours
from sweep.rundir.paths import RunDir
from sweep.rundir.snapshot_files import snapshots_in
from sweep.rundir.supervised import RUN_VARIABLE

SIGNALS = {"KILL": signal.SIGKILL, "TERM": signal.SIGTERM}
# Between two looks at the rows of the run that is to be killed.
_LOOK_S = 0.001
# A run may be over before the signal is there: then another one is begun, and killed after half as many rows.
_TRIES = 4
_LEAST_ROWS = 3
_LAUNCHERS = ("mpiexec", "mpirun", "hydra", "prte", "orte")


def check_resume(
    thunk: Callable[..., Any],
    arguments: Mapping[str, Any] | None = None,
    *,
    after: int | None = None,
    by: str = "KILL",
    num_cpu: int | str = 1,
    ignored: Iterable[str] = (),
    keep: str | os.PathLike[str] | None = None,
    tell: Callable[[str], object] = lambda text: None,
) -> Check:
    """Kill a run of a function in the middle, let it go on, and compare it with one that was not killed.

    Rows are compared without the columns that tell times, and the last snapshots byte for byte. If they differ, a
    second undisturbed run shows whether that has to do with the kill at all.

    Args:
        thunk: the function, as `ExperimentGrid.run` takes it.
        arguments: what it is called with; keys with colons nest.
        after: the signal is sent once this row is written, counted from 0; one in the middle is drawn by default.
        by: the signal: 'KILL', or 'TERM', at which a run saves itself first.
        num_cpu: MPI ranks.
        ignored: further columns that are not compared.
        keep: a new directory for the runs; a temporary one by default.
        tell: is called with a line before each run.

    Returns:
        what differs, with the likely cause; its `exit_code` is 0 if nothing does, else 1.

    Raises:
        UsageError: the function fails without being killed, has too few rows, or was over before it could be killed.
        SweepError: nothing can be started.
    """
    if by not in SIGNALS:
        raise UsageError(f"signal {by!r}; it is one of {listed(SIGNALS)}.{did_you_mean(str(by), SIGNALS)}")
    with _folder(keep) as folder:
        runs = _Runs(thunk, dict(arguments or {}), num_cpu, folder)
        tell("an undisturbed run ...")
        straight = runs.undisturbed("straight")
        rows = _rows(straight)
        tell(f"one that SIG{by} comes to ...")
        killed = _killed(runs, _row(after, rows), by)
        tell("the same, gone on with ...")
        failure = runs.again(killed.run)
        found = compared(straight, killed.run, ignored)
        unsteady = None
        if not found.is_equal and not failure:
            tell("something differs: a second undisturbed run ...")
            unsteady = compared(straight, runs.undisturbed("again"), ignored)
        return Check(Path(folder) if keep else None, by, killed.after, killed.step, found, unsteady, failure)


def _folder(keep: str | os.PathLike[str] | None) -> contextlib.AbstractContextManager[str]:
    """Return a directory for the runs: a temporary one, or one that stays.

    Raises:
        UsageError: there is something in it.
    """
    if keep is None:
        return TemporaryDirectory(prefix="sweep-check-")
    folder = Path(keep).absolute()
    if folder.exists() and any(folder.iterdir()):
        raise UsageError(f"{folder} is not empty; name a new directory to keep the runs in.")
    folder.mkdir(parents=True, exist_ok=True)
    return contextlib.nullcontext(str(folder))


def _row(after: int | None, rows: int) -> int:
    """Return the row to kill after, one that is followed by another one at least.

    Raises:
        UsageError
    """
    if rows < _LEAST_ROWS:
        raise UsageError(
            f"the run wrote {rows} rows, too few to kill it in the middle: let it do {_LEAST_ROWS} epochs or more, "
            "each with a row of run.logger."
        )
    if after is None:
        return random.SystemRandom().randrange(1, rows - 1)  # before it there is a snapshot, if there are any
    if not 0 <= after < rows - 1:
        raise UsageError(f"row {after} is not in the middle: there are {rows}, so it is from 0 to {rows - 2}.")
    return after


class _Runs:
    """Launches runs of one function with one configuration, quietly."""

    def __init__(
        self, thunk: Callable[..., Any], arguments: Mapping[str, Any], num_cpu: int | str, folder: str
    ) -> None:
        self._thunk, self._num_cpu, self._folder = thunk, num_cpu, Path(folder)
        self._grid = ExperimentGrid("check")
        for key, value in arguments.items():
            self._grid.add(key, [value])

    def place(self, name: str) -> Path:
        return self._folder / name

    def launch(self, name: str) -> Sweep:
        """Launch the run that belongs into a directory, or go on with it.

        Raises:
            KeyboardInterrupt: the whole check was stopped.
        """
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            sweep = self._grid.run(
                self._thunk, self._num_cpu, self.place(name), datestamp=False, wait=0, retry_failed=True
            )
        if sweep.stopped:
            raise KeyboardInterrupt
        return sweep

    def undisturbed(self, name: str) -> RunDir:
        """Return a run that nothing happened to.

        Raises:
            UsageError: it failed all the same.
        """
        sweep = self.launch(name)
        if sweep.exit_code:
            raise UsageError(f"the function does not come to its end by itself: {_why(sweep)}.")
        (run,) = runs_under(self.place(name))
        return run

    def again(self, run: RunDir) -> str:
        """Go on with a run; return why it failed, '' if it is done."""
        sweep = self.launch(str(run.path.relative_to(self._folder).parts[0]))
        return _why(sweep) if sweep.exit_code else ""


def _why(sweep: Sweep) -> str:
    return sweep.failed[0].cause if sweep.failed else "it was stopped"


def _rows(run: RunDir) -> int:
    """Return how many whole rows a run has written so far."""
    try:
        return max(0, run.progress.read_bytes().count(b"\n") - 1)
    except OSError:
        return 0


@dataclass(frozen=True)
class _Killed:
    """A run that a signal came to: after which row, and from which step it will go on."""

    run: RunDir
    after: int
    step: int | None


def _killed(runs: _Runs, after: int, by: str) -> _Killed:
    """Return a run that was ended by a signal after a row.

    Raises:
        UsageError: each was over before.
    """
    for number in range(_TRIES):
        name = f"killed{number}"
        with _Killer(runs.place(name), after, SIGNALS[by]) as killer:
            sweep = runs.launch(name)
        if sweep.exit_code and killer.sent:
            (run,) = runs_under(runs.place(name))
            return _Killed(run, after, max(snapshots_in(run.snapshots), default=None))
        if sweep.exit_code:
            raise UsageError(f"the function fails now and then: {_why(sweep)}.")
        after = max(min(after, 1), after // 2)
    raise UsageError("the run is over before a signal reaches it; give it more or longer epochs.")


class _Killer:
    """Sends a signal to the processes of a run as soon as it has written a row; from a thread, as the launch waits."""

    def __init__(self, place: Path, after: int, number: int) -> None:
        self._place, self._after, self._number = place, after, number
        self._is_over, self.sent = threading.Event(), False
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> _Killer:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._is_over.set()
        self._thread.join()

    def _watch(self) -> None:
        run = None
        while run is None or _rows(run) <= self._after:
            if self._is_over.wait(_LOOK_S):
                return
            run = run or next(iter(runs_under(self._place) if self._place.is_dir() else []), None)
        for pid in processes_of(run):
            self.sent |= _tell(pid, run, self._number)


def processes_of(run: RunDir) -> list[int]:
    """Return the processes of a run, without the launchers of its ranks."""
    return [pid for pid in ours() if _belongs(pid, run) and not _launches(pid)]


def _belongs(pid: int, run: RunDir) -> bool:
    return environment(pid).get(RUN_VARIABLE) == str(run.path.absolute())


def _launches(pid: int) -> bool:
    return Path(command_line(pid)[0] if command_line(pid) else "").name.startswith(_LAUNCHERS)


def _tell(pid: int, run: RunDir, number: int) -> bool:
    """Send a signal to a process if it is still one of the run; say whether it was."""
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return False
    try:
        if not _belongs(pid, run):
            return False
        signal.pidfd_send_signal(descriptor, number)
    except (ProcessLookupError, PermissionError):
        return False
    finally:
        os.close(descriptor)
    return True
