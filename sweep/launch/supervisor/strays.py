"""Processes that a run has started and whose own parent is gone: found among our children, and ended with their run."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from sweep.launch.supervisor.processes import children, command_line, environment, read
from sweep.launch.supervisor.run import Run
from sweep.rundir.supervised import NO_RUN, RUN_VARIABLE

# How long a process in the middle of exec is waited for: looks, and seconds between them.
_EXEC_LOOKS, _EXEC_S = 20, 0.001


@dataclass
class Strays:
    """The adopted children of a supervisor.

    A stray belongs to the run whose directory is in its environment, or whose rank leads its session. One that has
    cleared both belongs to nobody for certain; it is ended when no run is left that was there when it appeared.
    """

    _suspects: dict[int, set[str]] = field(default_factory=dict)
    _owners: dict[int, str] = field(default_factory=dict)

    def of(self, run: Run, runs: Mapping[str, Run], known: Collection[int]) -> set[int]:
        """Return the strays that are to end with a run.

        Args:
            runs: all that go on, this one included.
            known: children that are no strays.
        """
        strays = [pid for pid in children() if pid not in known]
        self._suspects = {pid: self._suspects.get(pid, set(runs)) & set(runs) for pid in strays}
        found = {pid for pid in self._alive(strays) if self._belongs(pid, run, runs.values())}
        # A process that is being ended shows no environment any more, long before it is gone.
        still = {pid: owner for pid, owner in self._owners.items() if pid in strays}
        self._owners = still | dict.fromkeys(found, run.id)
        return found

    def _belongs(self, pid: int, run: Run, runs: Iterable[Run]) -> bool:
        if pid in self._owners:
            return self._owners[pid] == run.id
        directory = _environment(pid).get(RUN_VARIABLE)
        if directory not in (None, NO_RUN):
            return directory == str(run.run.path)
        process = read(pid)
        leader = next((one.id for one in runs if process and process.session in one.sessions), None)
        return leader == run.id if leader else self._suspects[pid] <= {run.id}

    def _alive(self, pids: Iterable[int]) -> Iterable[int]:
        return [pid for pid in pids if (process := read(pid)) and process.state not in "ZX"]


def _environment(pid: int) -> dict[str, str]:
    """Return the environment of a process; in the middle of exec both that and its words are empty for a moment."""
    for _ in range(_EXEC_LOOKS):
        found = environment(pid)
        process = read(pid)
        if found or any(command_line(pid)) or process is None or process.state in "ZX":
            return found
        time.sleep(_EXEC_S)
    return {}
