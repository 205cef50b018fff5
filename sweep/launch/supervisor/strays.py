"""Processes that a run has started and whose own parent is gone: found among our children, and ended with their run."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from sweep.launch.supervisor.processes import children, environment, read
from sweep.launch.supervisor.run import Run
from sweep.rundir.supervised import RUN_VARIABLE


@dataclass
class Strays:
    """The adopted children of a supervisor.

    A stray belongs to the run whose directory is in its environment, or whose rank leads its session. One that has
    cleared both belongs to nobody for certain; it is ended when no run is left that was there when it appeared.
    """

    _suspects: dict[int, set[str]] = field(default_factory=dict)

    def of(self, run: Run, runs: Mapping[str, Run], known: Collection[int]) -> set[int]:
        """Return the strays that are to end with a run.

        Args:
            runs: all that go on, this one included.
            known: children that are no strays.
        """
        strays = [pid for pid in children() if pid not in known]
        self._suspects = {pid: self._suspects.get(pid, set(runs)) & set(runs) for pid in strays}
        return {pid for pid in self._alive(strays) if self._belongs(pid, run, runs.values())}

    def _belongs(self, pid: int, run: Run, runs: Iterable[Run]) -> bool:
        directory = environment(pid).get(RUN_VARIABLE)
        if directory is not None:
            return directory == str(run.run.path)
        process = read(pid)
        leader = next((one.id for one in runs if process and process.session in one.sessions), None)
        return leader == run.id if leader else self._suspects[pid] <= {run.id}

    def _alive(self, pids: Iterable[int]) -> Iterable[int]:
        return [pid for pid in pids if (process := read(pid)) and process.state not in "ZX"]
