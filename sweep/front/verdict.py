"""The verdict on one variant: what is to be done with it, decided from the data directory, which is only read."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Any

from sweep.base.canonical import canonical
from sweep.base.errors import LaunchError, listed
from sweep.front.code import code_changed, code_digest
from sweep.front.extending import can_go_on, changes_of, is_passed, is_same_run, texts, told
from sweep.grid.identity import describe, identity, without
from sweep.launch.slurm.talk.client import Slurm
from sweep.launch.slurm.truth import Queue
from sweep.rundir.lock import Owner, holder
from sweep.rundir.naming import Place
from sweep.rundir.parent import Beginning
from sweep.rundir.paths import RunDir
from sweep.rundir.status import State, Status, read_status
from sweep.rundir.variant_file import Difference, Parent, VariantRecord, differences, read_variant

DEFAULT_SEED = 0
# Bytes of one name in a path, on every common file system.
_NAME_LIMIT = 255


class Verdict(StrEnum):
    """What a launch would do with a variant."""

    NEW = "new"
    DONE = "done"
    RESUME = "to resume"
    EXTEND = "to extend"
    STUCK = "done, with nothing to extend"
    FAILED = "failed"
    RUNNING = "running"
    QUEUED = "with Slurm"
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
        ranks: of this variant, where the grid sweeps over `num_cpu`; None for those of the launch.
        extendable: colon keys that may change for a run that there is; they do not count either.
        begins: what a fork begins from.
    """

    name: str
    thunk: Callable[..., Any]
    config: Mapping[str, Any]
    seed: int = DEFAULT_SEED
    runtime_only: frozenset[str] = frozenset()
    ranks: int | None = None
    extendable: frozenset[str] = frozenset()
    begins: Beginning | None = None

    @property
    def uncounted(self) -> frozenset[str]:
        """The colon keys that do not count in the identity."""
        return self.runtime_only | self.extendable

    @cached_property
    def identity(self) -> str:
        return identity(self.thunk, self.config, self.uncounted, self.origin)

    @property
    def origin(self) -> str:
        """What being a fork adds to the identity."""
        return "" if self.begins is None else self.begins.parent.origin

    @property
    def title(self) -> str:
        """What people call the run."""
        return f"{self.name} seed {self.seed}"


@dataclass(frozen=True)
class PlannedRun:
    """A call, the directory it has or will have, and what is to be done.

    Attributes:
        aside: an old directory of this very variant, which makes way first.
        other_code: whether the run is known to have been made by other code than there is now.
        differences: from what the directory holds: extendable parameters that have changed, or what is in conflict.
    """

    call: Call
    run: RunDir
    verdict: Verdict
    note: str = ""
    status: Status | None = None
    aside: RunDir | None = None
    other_code: bool = False
    differences: tuple[Difference, ...] = ()


class Codes:
    """The code digests of the thunks of a launch, each made once."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[Any, str]] = {}

    def of(self, thunk: Any) -> str:
        found = self._known.get(id(thunk))
        if found is None:
            found = self._known[id(thunk)] = (thunk, code_digest(thunk))  # the thunk is kept, or its id might be reused
        return found[1]


@dataclass(frozen=True)
class Look:
    """Looks at the data directory for what is to be done with a variant.

    Attributes:
        elsewhere: identity to path of runs that may lie in another directory than their name says.
        fresh: what is there makes way for a new run.
    """

    place: Place
    elsewhere: Mapping[str, str] = field(default_factory=dict)
    fresh: bool = False
    codes: Codes = field(default_factory=Codes)
    queue: Queue = field(default_factory=lambda: Queue(Slurm()))

    def at(self, call: Call, mine: RunDir | None = None) -> PlannedRun:
        """Return what is to be done with a variant now.

        Args:
            mine: a run whose lock the caller holds.

        Raises:
            LaunchError: no directory can have its name, or the file system has no locks.
        """
        found = self.named(call, mine) or self._elsewhere(call, mine)
        return self._unseen(call, mine) if found is None else found

    def named(self, call: Call, mine: RunDir | None = None) -> PlannedRun | None:
        """Return what is to be done with a variant whose run lies where its name says; None if it does not."""
        return self._seen(call, self.place.run_dir(call.name, call.seed), mine)

    def _elsewhere(self, call: Call, mine: RunDir | None) -> PlannedRun | None:
        relative = self.elsewhere.get(call.identity) if self.elsewhere else None
        return None if relative is None else self._seen(call, RunDir(self.place.data_dir / relative), mine)

    def _seen(self, call: Call, run: RunDir, mine: RunDir | None) -> PlannedRun | None:
        """Return what is to be done with a variant that has been in a directory before; None if it has not."""
        record = read_variant(run)
        if record is None or not is_same_run(record, call.identity, call.uncounted):
            return None
        status = read_status(run)
        verdict, note = _verdict(run, status, run == mine, self.queue)
        changes = changes_of(record, call.config, call.extendable)
        if changes and verdict is Verdict.DONE:
            verdict, note = _extended(run, changes, thoroughly=run == mine)
        if self.fresh and verdict not in (Verdict.RUNNING, Verdict.QUEUED, Verdict.NEW):
            return self._afresh(call, run, mine)
        changed = bool(record.code) and code_changed(record.code, self.codes.of(call.thunk))
        return PlannedRun(call, run, verdict, note, status, other_code=changed, differences=changes)

    def _afresh(self, call: Call, old: RunDir, mine: RunDir | None) -> PlannedRun:
        """Return a new run in place of an old one, which makes way wherever it is."""
        if old == self.place.run_dir(call.name, call.seed):
            return PlannedRun(call, old, Verdict.NEW, aside=old)
        new = self._unseen(call, mine)
        return replace(new, aside=old) if new.verdict is Verdict.NEW else new

    def _unseen(self, call: Call, mine: RunDir | None) -> PlannedRun:
        """Return what is to be done with a variant that has no run."""
        place = self.place
        while _occupied(run := place.run_dir(call.name, call.seed)):
            if place.stamp is None:
                return self._taken(call, run, mine)
            place = place.later()
            if found := self._seen(call, place.run_dir(call.name, call.seed), mine):
                return found
        owner = None if run == mine else holder(run.lock)
        if owner is not None:
            return PlannedRun(call, run, Verdict.RUNNING, held_by(owner))
        return _free(call, run, place)

    def _taken(self, call: Call, run: RunDir, mine: RunDir | None) -> PlannedRun:
        """Judge a directory that is not empty: another launch may have begun this very run there since we looked."""
        owner = None if run == mine else holder(run.lock)
        found = self._seen(call, run, mine)
        if found is not None:
            return found
        record = read_variant(run)
        if owner is not None and record is None:  # it is only just being written
            return PlannedRun(call, run, Verdict.RUNNING, held_by(owner))
        return _conflict(call, run, record)


def held_by(owner: Owner | None) -> str:
    """Return who has a run, as it stands behind its path."""
    return f"is being run by {owner or 'another launch'}"


def _verdict(run: RunDir, status: Status | None, mine: bool, queue: Queue) -> tuple[Verdict, str]:
    """Judge by the lock whether a run is going on: what its status says may be the last word of a dead owner."""
    state = None if status is None else status.state
    if state is State.DONE:
        return Verdict.DONE, ""
    owner = None if mine else holder(run.lock)
    if owner is not None:
        return Verdict.QUEUED if run.submission.exists() else Verdict.RUNNING, held_by(owner)
    if status is not None and state is State.FAILED:
        return Verdict.FAILED, status.cause
    if waiting := queue.waits(run):
        return Verdict.QUEUED, waiting
    never_started = status is not None and state is State.PENDING and status.attempt == 0
    return Verdict.NEW if never_started else Verdict.RESUME, ""


def _free(call: Call, run: RunDir, place: Place) -> PlannedRun:
    """Return a run to start, unless no directory can be made for it."""
    for folder in (run.path, *run.path.parents):
        if folder == place.data_dir:
            break
        check_length(folder)
        if folder.exists() and not folder.is_dir():
            return PlannedRun(call, run, Verdict.CONFLICT, f"cannot be made: {folder} is a file")
    return PlannedRun(call, run, Verdict.NEW)


def check_length(folder: Path) -> None:
    """Refuse a name that no file system takes.

    Raises:
        LaunchError
    """
    if len(os.fsencode(folder.name)) > _NAME_LIMIT:
        raise LaunchError(f"no directory can be called {folder.name[:60]}... ({len(folder.name)} characters).")


def _occupied(run: RunDir) -> bool:
    """Say whether anything is there but the lock of a launch that had no time for more."""
    try:
        with os.scandir(run.path) as entries:
            if any(entry.name != run.own.name for entry in entries):
                return True
        return any(file.name != run.lock.name and file.suffix != ".tmp" for file in run.own.iterdir())
    except FileNotFoundError:
        return False
    except NotADirectoryError:  # a file: the run's own path, or a folder above it
        return not run.path.is_dir() and run.path.exists()
    except OSError:  # no path that this file system could have, or none for us to read: writing will tell
        return False


def _extended(run: RunDir, changes: tuple[Difference, ...], thoroughly: bool) -> tuple[Verdict, str]:
    """Judge a run that is done, and that other values are wanted of now."""
    if is_passed(run, changes):
        return Verdict.DONE, f"has more than is asked for ({told(changes)}), and stays as it is"
    if can_go_on(run, thoroughly):
        return Verdict.EXTEND, told(changes)
    return Verdict.STUCK, f"is done, and has no snapshot from which it could go on ({told(changes)})"


def _conflict(call: Call, run: RunDir, record: VariantRecord | None) -> PlannedRun:
    if record is None:
        return PlannedRun(call, run, Verdict.CONFLICT, "holds files that this sweep did not make")
    found = tuple(_counted(record, call))
    if found:
        differing = "; ".join(f"{key!r}: {there} there, {here} here" for key, there, here in map(texts, found))
        note = f"holds another configuration, differing in {differing}"
        return PlannedRun(call, run, Verdict.CONFLICT, note, differences=found)
    note = f"holds another configuration, of the function {record.thunk}, not {describe(call.thunk)}"
    return PlannedRun(call, run, Verdict.CONFLICT, note)


def _counted(record: VariantRecord, call: Call) -> Iterator[Difference]:
    """Yield in what a recorded run and a call differ, as far as it makes them two runs."""
    ours = without(canonical(dict(call.config)), call.uncounted)
    yield from differences(without(record.config, call.uncounted), ours)
    if record.origin != call.origin:
        here = None if call.begins is None else call.begins.parent
        yield Difference("parent", _snapshot_of(record.story.parent), _snapshot_of(here))


def _snapshot_of(parent: Parent | None) -> str | None:
    if parent is None:
        return None
    return f"{parent.path} step {parent.step}" + (f", {listed(parent.items)}" if parent.items else "")
