"""What the jobs of one submission are told: one file of plain data in a folder of its own in the data directory."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from sweep.base.errors import LaunchError
from sweep.base.files import read_json, write_json
from sweep.launch.job import Machine
from sweep.launch.limits import Limits
from sweep.launch.plain import demand_data, demand_of, limits_data, limits_of, machine_data, machine_of
from sweep.launch.slots import Demand

_FILE = "tasks.json"


@dataclass(frozen=True)
class Bundle:
    """Runs of one shape, and all that a job must know to run one of them.

    Attributes:
        home: the absolute data directory.
        folder: the working directory of the runs.
        runs: of each its directory, below `home`, and what people call it.
        environ: what a run's environment has beyond its job's.
        srun_flags: where ranks go over several nodes: for srun, which then starts them; None for one node.
    """

    ticket: str
    home: Path
    folder: Path
    machine: Machine
    demand: Demand
    limits: Limits
    runs: tuple[tuple[str, str], ...]
    environ: Mapping[str, str]
    srun_flags: tuple[str, ...] | None = None

    def write(self, folder: Path) -> None:
        """Write the file into a folder, for its owner alone to change.

        Raises:
            OSError: it cannot be written.
        """
        write_json(folder / _FILE, self._data())

    def _data(self) -> dict[str, Any]:
        return {
            "ticket": self.ticket,
            "home": str(self.home),
            "folder": str(self.folder),
            "machine": machine_data(self.machine),
            "demand": demand_data(self.demand),
            "limits": limits_data(self.limits),
            "runs": [list(run) for run in self.runs],
            "environ": dict(self.environ),
            "srun_flags": None if self.srun_flags is None else list(self.srun_flags),
        }

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Return the bundle of a folder.

        Raises:
            LaunchError: there is none that can be read.
        """
        data = read_json(folder / _FILE)
        try:
            return cls._of(data)
        except (KeyError, TypeError, ValueError) as error:
            raise LaunchError(f"{folder / _FILE} does not say what is to be run ({error!r}); submit again.") from None

    @classmethod
    def _of(cls, data: Mapping[str, Any]) -> Self:
        flags = data["srun_flags"]
        return cls(
            ticket=str(data["ticket"]),
            home=Path(data["home"]),
            folder=Path(data["folder"]),
            machine=machine_of(data["machine"]),
            demand=demand_of(data["demand"]),
            limits=limits_of(data["limits"]),
            runs=tuple((str(run), str(name)) for run, name in data["runs"]),
            environ={str(name): str(value) for name, value in data["environ"].items()},
            srun_flags=None if flags is None else tuple(map(str, flags)),
        )
