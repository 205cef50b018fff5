"""A bench for single runs: one engine, one run after the other, and what each left behind."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from sweep.base.mpi_command import find_launcher
from sweep.launch.engines.local import LocalEngine
from sweep.launch.job import Job, Machine, Outcome
from sweep.launch.limits import Limits
from sweep.launch.resources import Capacity
from sweep.launch.scheduler import Scheduler
from sweep.launch.slots import Demand, Slot, Slots
from sweep.launch.supervisor.processes import command_line, environment, ours, read
from sweep.rundir.paths import RunDir
from sweep.rundir.payload import Call, write_payload
from sweep.rundir.status import State, Status, read_status, write_status
from sweep.rundir.supervised import RUN_VARIABLE, TOKEN_VARIABLE, WARM_MODULE

# A run that takes longer is ended, and has failed with 'timeout': what a hang looks like here.
HANGS_S = 8.0
GOODBYE_S = 2.0
STALL_S = 2.0
_SHARED_MEMORY = "/dev/shm/"
_MUCH = 2**16


@dataclass(frozen=True)
class Seen:
    """How a run ended, and what was there the moment after.

    Attributes:
        start, note: how its processes were made, and why so.
        output: what it printed; of much, the beginning and the end.
        size: of the log, in bytes.
        processes: with the token, apart from the supervisor and the warm process.
        rooms: what is in the temporary directories of runs.
        segments: shared memory of ranks that called `note_segments`.
    """

    state: str
    cause: str
    kind: str
    seconds: float
    start: str
    note: str
    output: str
    size: int
    processes: tuple[str, ...]
    rooms: tuple[str, ...]
    segments: tuple[str, ...]

    @property
    def left_behind(self) -> tuple[str, ...]:
        return (*self.processes, *self.rooms, *self.segments)

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


class Bench:
    """Runs functions one by one through an engine and a scheduler of its own.

    Args:
        home: an empty directory.
        ranks: of every run.
        show: see `LocalEngine`.
        machine: what `Machine` takes.
    """

    def __init__(
        self,
        home: Path,
        ranks: int = 1,
        start: str = "auto",
        show: Callable[[bytes], None] | None = None,
        **machine: Any,
    ) -> None:
        self.home, self.ranks, self.made = home, ranks, 0
        launcher = find_launcher(None, os.environ) if ranks > 1 else None
        as_root = os.geteuid() == 0
        here = Machine(Path(sys.executable), launcher, start=start, as_root=as_root, **{"grace_s": 0.5, **machine})
        self.engine = LocalEngine(here, home, os.environ, show)

    def __enter__(self) -> Bench:
        return self

    def __exit__(self, *error: object) -> None:
        self.engine.close()

    @property
    def token(self) -> str:
        return self.engine._token

    @property
    def supervisor(self) -> int:
        """The process of the supervisor; 0 without one."""
        process = self.engine._process
        return process.pid if process else 0

    def job(self, thunk: Callable[..., Any], kwargs: Mapping[str, Any]) -> Job:
        """Prepare a run."""
        run = RunDir(self.home / f"run{self.made}")
        self.made += 1
        run.own.mkdir(parents=True)
        write_payload(run, Call(thunk, kwargs), self.ranks, GOODBYE_S)
        write_status(run, Status(State.PENDING))
        return Job(run, run.path.name, Demand(self.ranks))

    def run(
        self, thunk: Callable[..., Any], stall_s: float | None = None, timeout_s: float = HANGS_S, **kwargs: Any
    ) -> Seen:
        """Run a function to its end."""
        (seen,) = self.run_all([self.job(thunk, kwargs)], stall_s, timeout_s)
        return seen

    def run_all(self, jobs: list[Job], stall_s: float | None = None, timeout_s: float = HANGS_S) -> list[Seen]:
        """Run prepared runs, all at once, and return how they ended, in their order."""
        outcomes = {outcome.job.name: outcome for outcome in self.outcomes(jobs, stall_s, timeout_s)}
        return [self._seen(outcomes[job.name]) for job in jobs]

    def outcomes(self, jobs: list[Job], stall_s: float | None = None, timeout_s: float = HANGS_S) -> Iterator[Outcome]:
        """Run prepared runs, all at once, and yield each as it ends."""
        slots = Slots(Capacity(tuple(range(len(jobs) * self.ranks)), 2**40), 0, lambda: 2**40)
        limits = Limits(at_once=len(jobs), timeout_s=timeout_s, stall_timeout_s=stall_s)
        yield from Scheduler(_Unpinned(self.engine), slots, limits).run(jobs)

    def _seen(self, outcome: Outcome) -> Seen:
        processes, rooms = tuple(self.processes()), tuple(map(str, self.rooms()))
        status = read_status(outcome.job.run) or Status(State.PENDING)
        output = outcome.job.run.output
        return Seen(
            state=str(outcome.state),
            cause=outcome.cause,
            kind=str(outcome.kind or ""),
            seconds=outcome.duration_s,
            start=status.start,
            note=status.start_note,
            output=_ends_of(output),
            size=output.stat().st_size if output.exists() else 0,
            processes=processes,
            rooms=rooms,
            segments=_left_segments(outcome.job.run),
        )

    def processes(self) -> list[str]:
        """Return what is alive with the token of this launch, apart from what belongs to the launch as a whole.

        That is the supervisor, the warm process, and the children that this keeps ready: one for each rank.
        """
        found = {pid: read(pid) for pid in ours() if environment(pid).get(TOKEN_VARIABLE) == self.token}
        alive = {pid: process for pid, process in found.items() if process and process.state not in "ZX"}
        alive.pop(self.supervisor, None)
        forks = {pid: one for pid, one in alive.items() if any(WARM_MODULE in word for word in command_line(pid))}
        warm = next((pid for pid, one in forks.items() if one.parent == self.supervisor), 0)
        spares = [pid for pid, one in forks.items() if one.parent == warm]
        expected = {warm, *(spares if len(spares) <= self.ranks else ())}
        return [
            f"{pid} {process.state} {' '.join(command_line(pid))}"
            for pid, process in alive.items()
            if pid not in expected
        ]

    def rooms(self) -> list[Path]:
        """Return what is in the temporary directories of runs; an empty one is used again."""
        rooms = Path(tempfile.gettempdir()).glob(f"sweep-{self.token}-*")
        return [path for room in rooms for path in room.glob("*/*")]


class _Unpinned:
    """An engine whose runs may use every core, though more ranks than cores are there."""

    def __init__(self, engine: LocalEngine) -> None:
        self._engine = engine
        self.poll, self.cancel, self.close = engine.poll, engine.cancel, engine.close

    def submit(self, job: Job, slot: Slot) -> None:
        self._engine.submit(job, Slot(()))


def _ends_of(log: Path) -> str:
    if not log.exists():
        return ""
    with log.open("rb") as file:
        head = file.read(_MUCH)
        file.seek(max(_MUCH, log.stat().st_size - _MUCH))
        return (head + file.read()).decode(errors="replace")


def note_segments() -> None:
    """Write in the run's directory which shared memory this rank has; called by a rank."""
    lines = Path("/proc/self/maps").read_text().splitlines()
    names = {line[line.index(_SHARED_MEMORY) :].split()[0] for line in lines if _SHARED_MEMORY in line}
    (Path(os.environ[RUN_VARIABLE]) / f"segments-{os.getpid()}").write_text("\n".join(sorted(names)))


def _left_segments(run: RunDir) -> tuple[str, ...]:
    """Return the shared memory that ranks had and that is still there; that of other tests is not looked at."""
    names = {name for file in run.path.glob("segments-*") for name in file.read_text().split()}
    return tuple(sorted(name for name in names if Path(name).exists()))
