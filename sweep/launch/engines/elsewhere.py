"""Runs whose ranks a launcher has on other machines, under a supervisor on this one."""

from __future__ import annotations

from sweep.launch.engines.local import LocalEngine
from sweep.launch.job import Job
from sweep.launch.slots import Slot, slot_environment
from sweep.launch.supervisor.wire import Elsewhere


class ElsewhereEngine(LocalEngine):
    """A supervisor on this machine for runs whose launcher has the ranks on other machines."""

    def submit_elsewhere(self, job: Job, slot: Slot, elsewhere: Elsewhere) -> None:
        """Start a prepared run through a launcher of its own; returns at once."""
        name = next(self._names)
        wire = self._wire or self._open()
        self._running[name], self._shown[name] = job, 0
        message = {
            "do": "start",
            "id": name,
            "dir": str(job.run.path.absolute()),
            "ranks": job.num_cpu,
            "cores": (),
            "environ": slot_environment(slot, self._machine.threads),
            "elsewhere": elsewhere.message(),
        }
        wire.send(message, [job.lock.descriptor] if job.lock else [])
