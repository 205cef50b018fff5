"""The plan: what a launch would do with each variant, decided from the data directory before anything is written."""

from __future__ import annotations

import math
import os
import socket
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from statistics import median
from typing import Any

import psutil

from sweep.base.canonical import canonical
from sweep.base.errors import Conflict, LaunchError, listed
from sweep.base.text import duration, plural
from sweep.grid.identity import describe, identity
from sweep.rundir.find import runs_by_identity
from sweep.rundir.naming import Place
from sweep.rundir.paths import RunDir
from sweep.rundir.status import State, Status, read_status
from sweep.rundir.variant_file import VariantRecord, differing_keys, read_variant

DEFAULT_SEED = 0
# Bytes of one name in a path, on every common file system.
_NAME_LIMIT = 255


class Verdict(StrEnum):
    """What a launch would do with a variant."""

    NEW = "new"
    DONE = "done"
    RESUME = "to resume"
    FAILED = "failed"
    RUNNING = "running"
    CONFLICT = "in conflict"


@dataclass(frozen=True)
class Call:
    """One variant as a launch sees it.

    Attributes:
        name: the run's `exp_name`.
        thunk: the function of this variant.
        config: the nested configuration, seed included.
        seed: names the directory.
        runtime_only: colon keys that do not count in the identity.
    """

    name: str
    thunk: Callable[..., Any]
    config: Mapping[str, Any]
    seed: int = DEFAULT_SEED
    runtime_only: frozenset[str] = frozenset()

    @cached_property
    def identity(self) -> str:
        return identity(self.thunk, self.config, self.runtime_only)


@dataclass(frozen=True)
class PlannedRun:
    """A call, the directory it has or will have, and what is to be done."""

    call: Call
    run: RunDir
    verdict: Verdict
    note: str = ""
    status: Status | None = None


@dataclass(frozen=True)
class Plan:
    """Every run of a launch."""

    place: Place
    runs: tuple[PlannedRun, ...]

    def to_start(self, retry_failed: bool) -> list[PlannedRun]:
        """Return the runs that a launch starts: new ones, cut-off ones, and failed ones if asked."""
        wanted = {Verdict.NEW, Verdict.RESUME} | ({Verdict.FAILED} if retry_failed else set())
        return [run for run in self.runs if run.verdict in wanted]

    def count(self) -> Counter[Verdict]:
        return Counter(run.verdict for run in self.runs)

    def of(self, verdict: Verdict) -> list[PlannedRun]:
        return [run for run in self.runs if run.verdict is verdict]

    def forecast_s(self, retry_failed: bool, at_once: int = 1) -> float | None:
        """Return the seconds that the launch will take, if finished runs of the grid say so."""
        known = [run.status.duration_s for run in self.of(Verdict.DONE) if run.status and run.status.duration_s]
        rounds = math.ceil(len(self.to_start(retry_failed)) / at_once)
        return median(known) * rounds if known else None

    def check(self) -> None:
        """Refuse to launch where a directory belongs to something else, or a run is going on.

        Raises:
            Conflict, LaunchError
        """
        conflicts, held = self.of(Verdict.CONFLICT), self.of(Verdict.RUNNING)
        if conflicts:
            more = f" ({plural(len(conflicts), 'conflict')} in all)" if len(conflicts) > 1 else ""
            raise Conflict(
                f"{conflicts[0].run.path} {conflicts[0].note}{more}. Nothing is overwritten: give the grid another "
                "name or another data_dir, or move the directory away."
            )
        if held:
            raise LaunchError(f"{held[0].run.path} {held[0].note}. Wait for it, or stop that process first.")


def make_plan(calls: Iterable[Call], place: Place) -> Plan:
    """Look at the data directory, and return what is to be done with each call."""
    known = _Known(place.data_dir)
    return Plan(place, tuple(_planned(call, place, known) for call in calls))


class _Known:
    """The runs that are there already, by identity; looked up once, and only if somebody asks."""

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir

    @cached_property
    def _runs(self) -> dict[str, RunDir]:
        return runs_by_identity(self._data_dir) if self._data_dir.is_dir() else {}

    def find(self, identity: str) -> RunDir | None:
        return self._runs.get(identity)


def _planned(call: Call, place: Place, known: _Known) -> PlannedRun:
    run = place.run_dir(call.name, call.seed)
    record = read_variant(run)
    if record is not None and record.identity == call.identity:
        return _seen_before(call, run)
    elsewhere = known.find(call.identity)
    if elsewhere is not None:
        return _seen_before(call, elsewhere)
    if not _occupied(run):
        return _fresh(call, run, place)
    if place.stamp is not None:
        return _planned(call, place.later(), known)
    return PlannedRun(call, run, Verdict.CONFLICT, _conflict(call, record))


def _fresh(call: Call, run: RunDir, place: Place) -> PlannedRun:
    """Return a run to start, unless no directory can be made for it."""
    for folder in (run.path, *run.path.parents):
        if folder == place.data_dir:
            break
        if len(os.fsencode(folder.name)) > _NAME_LIMIT:
            raise LaunchError(f"no directory can be called {folder.name[:60]}... ({len(folder.name)} characters).")
        if folder.exists() and not folder.is_dir():
            return PlannedRun(call, run, Verdict.CONFLICT, f"cannot be made: {folder} is a file")
    return PlannedRun(call, run, Verdict.NEW)


def _occupied(run: RunDir) -> bool:
    try:
        return run.path.exists() and (not run.path.is_dir() or any(run.path.iterdir()))
    except OSError:  # no path that this file system could have
        return False


def _conflict(call: Call, record: VariantRecord | None) -> str:
    if record is None:
        return "holds files that this sweep did not make"
    keys = differing_keys(record.config, canonical(dict(call.config)))
    if keys:
        return f"holds another configuration, differing in {listed(map(repr, keys))}"
    return f"holds another configuration, of the function {record.thunk}, not {describe(call.thunk)}"


def _seen_before(call: Call, run: RunDir) -> PlannedRun:
    status = read_status(run)
    if status is not None and status.state is State.DONE:
        return PlannedRun(call, run, Verdict.DONE, status=status)
    if status is not None and status.state is State.FAILED:
        return PlannedRun(call, run, Verdict.FAILED, status.cause, status)
    if status is not None and status.state is State.RUNNING and _alive(status):
        return PlannedRun(call, run, Verdict.RUNNING, f"is being run by process {status.pid} on {status.host}", status)
    return PlannedRun(call, run, Verdict.RESUME, status=status)


def _alive(status: Status) -> bool:
    """Say whether the process of a running run is still there: its number may have gone to a younger process."""
    if status.host != socket.gethostname() or not psutil.pid_exists(status.pid):
        return False
    try:
        return bool(psutil.Process(status.pid).create_time() <= (status.started or 0))
    except psutil.Error:
        return False


def plan_notes(plan: Plan, retry_failed: bool, at_once: int = 1) -> Iterator[str]:
    """Yield the plan as lines of a report."""
    counts = plan.count()
    shown = ", ".join(f"{counts[verdict]} {verdict}" for verdict in Verdict if counts[verdict])
    yield f"in {plan.place.data_dir}: {shown}"
    if counts[Verdict.FAILED]:
        action = "tried again" if retry_failed else "listed, not tried again; retry_failed=True tries them"
        yield f"the {plural(counts[Verdict.FAILED], 'failed run')}: {action}"
    forecast = plan.forecast_s(retry_failed, at_once)
    if forecast is not None and plan.to_start(retry_failed):
        yield f"about {duration(forecast)} to go, as the finished runs of this grid took"
