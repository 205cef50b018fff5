"""`.sweep/launch.json`: what a run needs of a machine, in plain data: it can be tried again from its directory."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from sweep.base.files import read_json, write_json
from sweep.rundir.paths import RunDir


@dataclass(frozen=True)
class LaunchRecord:
    """What the file says.

    Attributes:
        path: the run's absolute directory when it was prepared: its payload names that one.
        num_cpu: its ranks.
        threads: of each rank.
        gpus: see `sweep.launch.slots.Demand`.
        memory: bytes; None if nobody said.
    """

    path: str
    num_cpu: int = 1
    threads: int = 1
    gpus: float = 0.0
    memory: int | None = None


def write_launch(run: RunDir, num_cpu: int, threads: int = 1, gpus: float = 0.0, memory: int | None = None) -> None:
    """Write what a run needs; its directory exists.

    Raises:
        OSError: it cannot be written.
    """
    write_json(run.launch, asdict(LaunchRecord(str(run.path.absolute()), num_cpu, threads, gpus, memory)))


def read_launch(run: RunDir) -> LaunchRecord | None:
    """Return the record; None where there is none, or none that can be read."""
    data = read_json(run.launch)
    try:
        path, memory = data["path"], data["memory"]
        numbers = int(data["num_cpu"]), int(data["threads"]), float(data["gpus"])
        return LaunchRecord(str(path), *numbers, None if memory is None else int(memory))
    except (KeyError, TypeError, ValueError, OverflowError):
        return None
