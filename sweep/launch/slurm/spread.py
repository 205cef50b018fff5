"""A run of which the ranks go over several nodes of its job: `srun` has them there, and tells them to save."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

from sweep.base.errors import LaunchError
from sweep.launch.engines.elsewhere import ElsewhereEngine
from sweep.launch.engines.local import LocalEngine
from sweep.launch.job import Job, Machine
from sweep.launch.slots import Slot
from sweep.launch.slurm.bundle import Bundle
from sweep.launch.supervisor.wire import Elsewhere

_FAMILY = "slurm"


class SpreadEngine(ElsewhereEngine):
    """A supervisor on the job's first node.

    Args:
        flags: of `srun`, see `sweep.launch.slurm.srun`.
    """

    def __init__(
        self, flags: tuple[str, ...], machine: Machine, home: Path, environ: Mapping[str, str], folder: Path
    ) -> None:
        super().__init__(machine, home, environ, folder=folder)
        self._flags, self._srun = flags, shutil.which("srun", path=environ.get("PATH"))

    def submit(self, job: Job, slot: Slot) -> None:
        """Start a run on all nodes of the job.

        Raises:
            LaunchError: there is no `srun` on this node.
        """
        if self._srun is None:
            raise LaunchError("there is no srun on the PATH of the job's node; name its folder in a line of setup.")
        self.submit_elsewhere(job, slot, Elsewhere(self._srun, _FAMILY, self._flags, (), False))


def engine_of(bundle: Bundle, machine: Machine, environ: Mapping[str, str]) -> LocalEngine:
    """Return what runs the run of a job: on its one node, or over all of them."""
    if bundle.srun_flags is None:
        return LocalEngine(machine, bundle.home, environ, folder=bundle.folder)
    return SpreadEngine(bundle.srun_flags, machine, bundle.home, environ, bundle.folder)
