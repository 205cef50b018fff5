"""Runs handed to Slurm, as arrays of jobs: this ends, the runs go on, and their directories tell what became of them.

Each run is told in its directory which submission has it before Slurm knows of it, so that nothing is lost wherever
this process dies, and each job looks there before it begins, so that nothing runs twice.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

from sweep.base.errors import LaunchError
from sweep.base.files import write_atomic, write_text
from sweep.launch.endings import let_go
from sweep.launch.engines.base import Ended, Promises
from sweep.launch.engines.sending import own_variables
from sweep.launch.job import Job, Machine
from sweep.launch.limits import Limits
from sweep.launch.slots import Demand, Slot
from sweep.launch.slurm.bundle import Bundle
from sweep.launch.slurm.gone import NUMBER
from sweep.launch.slurm.options import Options
from sweep.launch.slurm.script import job_name, job_script
from sweep.launch.slurm.stopping import ask_to_stop
from sweep.launch.slurm.talk.client import Slurm, SlurmSilent
from sweep.launch.slurm.truth import Queue
from sweep.launch.supervisor.python import python_argv
from sweep.rundir.submission import Submission, forget_submission, new_ticket, ticket_folder, write_submission

SCRIPT = "job.sh"
_TASK = "sweep.launch.slurm.task"
_LOOK_S = 1.0
# Of the time between being asked to save and the end of a job, so much is a run's.
OF_LEAD = 0.8


@dataclass
class Array:
    """Runs of one shape that go to Slurm together."""

    ticket: str
    jobs: list[Job] = field(default_factory=list)


@dataclass
class SlurmEngine:
    """Collects runs and submits them, an array for each shape and for as many as Slurm takes in one.

    Attributes:
        grid_name: begins the names of jobs.
        home: the data directory, which the nodes see too.
        environ: of the launch.
        limits: of each run; its job watches them.
        at_once: so many jobs run at the same time, at most: arrays follow one another; None is for Slurm to say.
        submitted: the id and the number of runs of each array that Slurm has taken.
    """

    grid_name: str
    slurm: Slurm
    options: Options
    machine: Machine
    home: Path
    environ: Mapping[str, str]
    limits: Limits
    at_once: int | None = None
    clock: Callable[[], float] = time.time
    submitted: list[tuple[str, int]] = field(default_factory=list)
    _arrays: dict[Demand, Array] = field(default_factory=dict)
    _out: list[Job] = field(default_factory=list)
    _most: int = 0

    promises: ClassVar[Promises] = Promises(stays=False, keeps_time=True)

    def submit(self, job: Job, slot: Slot) -> None:
        """Note that a run is to be submitted, in its directory too, and let others see it there.

        Raises:
            LaunchError: an array is full, and Slurm does not take it.
            OSError: the run's directory cannot be written.
        """
        array = self._arrays.setdefault(job.demand, Array(new_ticket()))
        with suppress(FileNotFoundError):
            job.run.stop.unlink()
        write_submission(job.run, self._record(array))
        let_go(job)
        array.jobs.append(job)
        if len(array.jobs) >= self._most_in_array():
            self._hand_over(job.demand)

    def _record(self, array: Array) -> Submission:
        return Submission(array.ticket, len(array.jobs), self.clock(), cluster=self.slurm.cluster_name())

    def finish(self) -> None:
        """Submit what has been collected.

        Raises:
            LaunchError: Slurm does not take it; what it has not taken is as if it had never been begun.
        """
        for demand in list(self._arrays):
            self._hand_over(demand)

    def poll(self, wait_s: float) -> list[Ended]:
        deadline = time.monotonic() + wait_s
        queue = Queue(self.slurm)
        while not (over := [job for job in self._out if queue.is_over(job.run)]):
            left = deadline - time.monotonic()
            if left <= 0:
                return []
            time.sleep(min(left, _LOOK_S))
        self._out = [job for job in self._out if job not in over]
        return [Ended(job, queue.cause(job.run)) for job in over]

    def cancel(self, jobs: Sequence[Job], now: bool = False) -> None:
        ask_to_stop([job.run for job in jobs if job in self._out], self.slurm, now)

    def close(self) -> None:
        """Forget what has not been submitted; the rest goes on."""
        for array in self._arrays.values():
            _take_back(array)
        self._arrays.clear()

    def _most_in_array(self) -> int:
        self._most = self._most or self.slurm.most_in_array()
        return self._most

    def _hand_over(self, demand: Demand) -> None:
        array = self._arrays.pop(demand)
        folder = ticket_folder(self.home.absolute(), array.ticket)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._bundle(array, demand).write(folder)
            before = self.submitted[-1][0] if self.at_once and self.submitted else ""
            script = self.script(demand, len(array.jobs), array.ticket, before)
            write_atomic(
                folder / SCRIPT, lambda file: file.write(script.encode(errors="surrogateescape")), durable=False
            )
            number = self.slurm.submit(script, folder)
        except OSError as error:
            _take_back(array)
            raise LaunchError(f"{folder} cannot be written: {error.strerror}. Make room, or name another.") from error
        except SlurmSilent:  # the jobs may be in the queue all the same: whoever comes next will see
            raise
        except LaunchError:
            _take_back(array)
            raise
        self._out += array.jobs
        self.submitted.append((number, len(array.jobs)))
        with suppress(OSError):  # for people: the ticket is in the job's name
            write_text(folder / NUMBER, f"{number}\n", durable=False)

    def script(self, demand: Demand, count: int, ticket: str, after: str = "") -> str:
        """Return what Slurm is given for so many runs of a shape; `after` is the array that comes before."""
        command = python_argv(str(self.machine.python), _TASK, ticket)
        name = job_name(self.grid_name, ticket)
        return job_script(name, ticket, count, demand, self.options, command, self.at_once, after)

    def _bundle(self, array: Array, demand: Demand) -> Bundle:
        home = self.home.absolute()
        return Bundle(
            ticket=array.ticket,
            home=home,
            folder=Path.cwd(),
            machine=self.machine,
            demand=demand,
            limits=self.limits,
            runs=tuple((os.path.relpath(job.run.path.absolute(), home), job.name) for job in array.jobs),
            environ=own_variables(self.environ),
            srun_flags=self.options.srun_flags if self.options.nodes > 1 else None,
        )


def _take_back(array: Array) -> None:
    for job in array.jobs:
        with suppress(OSError):
            forget_submission(job.run)
