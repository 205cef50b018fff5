"""`fork`: a new run that begins from a snapshot of another one, with changed parameters."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from sweep.base.errors import LaunchError, UsageError, did_you_mean, listed
from sweep.base.text import paint
from sweep.front.recorded import Recorded, read_recorded
from sweep.front.relaunch import launched
from sweep.front.screen import say
from sweep.front.summary import Sweep
from sweep.grid.parameter import SEED
from sweep.rundir.parent import Beginning
from sweep.rundir.paths import RunDir
from sweep.rundir.snapshot_files import Manifest, damage, read_manifest, snapshots_in
from sweep.rundir.trusted import foreign
from sweep.rundir.variant_file import Parent

WORDS = ("last", "best", "first")
_PICKLE = "pkl"


def fork(
    run: str | os.PathLike[str],
    changes: Mapping[str, Any] | None = None,
    *,
    which: str | int = "last",
    items: str | Iterable[str] = (),
    seed: int | None = None,
    thunk: Callable[..., Any] | str | None = None,
    exp_name: str | None = None,
    **options: Any,
) -> Sweep:
    """Begin a new run from a snapshot of another one, with changed parameters.

        sweep.fork("data/ppo/ppo_s0", {"lr": 1e-4, "epochs": 20}, which="best")

    It has a directory of its own (the parent's name with `_fork` and the changes), rows and epochs from 0, and random
    numbers of its own; what the function registers with `run.state` is as it was in the snapshot. Its parent is
    recorded. The same call again goes on with it, or finds it done.

    Args:
        run: the directory of the parent, which is only read.
        changes: key (with colons) to value, or a list of values: a run for each.
        which: 'last', 'best', 'first', or the number of a step.
        items: of the snapshot, that the fork begins with; all by default. The others are as the function makes them.
        seed, thunk, exp_name, options: as in `relaunch`.

    Raises:
        ConfigMismatch: the directory holds another fork; has the differences.
        LaunchError: there is no such snapshot, or it is damaged; or values are recorded that cannot be made again.
        SweepError: something else is wrong; nothing was written.
    """
    recorded = read_recorded(run, thunk)
    given = {**(changes or {}), **({} if seed is None else {SEED: seed})}
    begins = _beginning(recorded, which, [items] if isinstance(items, str) else list(items))
    say(paint(f"forking {begins.snapshot}", "cyan"))
    return launched(recorded, given, exp_name or f"{recorded.name}_fork", options, begins)


def _beginning(recorded: Recorded, which: str | int, items: list[str]) -> Beginning:
    if recorded.run is None or recorded.record is None:
        raise UsageError(f"{recorded.file} is a configuration alone; a fork needs the directory of a run.")
    manifest, folder = find_snapshot(recorded.run, which)
    known = [*manifest.items, *dict.fromkeys(name for rank in manifest.own for name in rank if name.isidentifier())]
    if unknown := [name for name in items if name not in known]:
        hint = did_you_mean(unknown[0], known)
        raise UsageError(f"{folder} has no item {unknown[0]!r}; it has {listed(known)}.{hint}")
    _check_trusted(recorded.run, folder, manifest)
    parent = Parent(str(recorded.run.path.absolute()), recorded.record.identity, manifest.step, {}, tuple(items))
    return Beginning(parent, folder, recorded.record.config)


def find_snapshot(run: RunDir, which: str | int) -> tuple[Manifest, Path]:
    """Return a snapshot of a run that is whole, and its folder.

    Raises:
        LaunchError: there is none, or the one that is named by its step is damaged.
        UsageError: `which` is no such word.
    """
    folders = snapshots_in(run.snapshots)
    found = {step: manifest for step, folder in folders.items() if (manifest := read_manifest(folder)) is not None}
    there = f"those of the steps {listed(folders)}" if folders else "none: its function saved no state"
    if which == "best" and folders and not any(one.score is not None for one in found.values()):
        there += ", of which none has a score: run.snapshots(keep_best=1, metric='...') gives them one"
    number = _number(which)
    if number is not None and number not in folders:
        raise LaunchError(f"{run.snapshots} has no snapshot of step {number}; it has {there}.")
    for step in [number] if number is not None else _ordered(found, str(which)):
        wrong = damage(folders[step])
        if not wrong:
            return found[step], folders[step]
        if number is not None:
            raise LaunchError(f"{folders[step]} is damaged: {wrong}. Name another; there are {there}.")
        say(paint(f"note: {folders[step]} is damaged: {wrong}; the next one is taken", "yellow"))
    raise LaunchError(f"{run.snapshots} has no whole snapshot for which={which!r}; it has {there}.")


def _number(which: str | int) -> int | None:
    if isinstance(which, int) and not isinstance(which, bool):
        return which
    if isinstance(which, str) and which.isdecimal():
        return int(which)
    if which not in WORDS:
        hint = did_you_mean(str(which), WORDS)
        raise UsageError(f"which={which!r} is no snapshot; it is one of {listed(map(repr, WORDS))}, or a step.{hint}")
    return None


def _ordered(found: Mapping[int, Manifest], which: str) -> list[int]:
    if which == "best":
        scores = {step: one.score for step, one in found.items() if one.score is not None}
        down = any(one.better == "max" for one in found.values() if one.score is not None)
        return sorted(scores, key=lambda step: (-scores[step] if down else scores[step], step))
    return sorted(found, reverse=which == "last")


def _check_trusted(run: RunDir, folder: Path, manifest: Manifest) -> None:
    """Refuse pickles that somebody else could have written: loading one is running what it says.

    Raises:
        LaunchError
    """
    stored = [*manifest.items.values(), *(one for rank in manifest.own for one in rank.values())]
    for file in {folder / one.file for one in stored if one.form == _PICKLE}:
        if why := foreign(file, run.path):
            raise LaunchError(
                f"{file} is a pickle that could have been written by somebody else ({why}), and is not loaded. If you "
                "trust it, make it yours and yours alone to write (chown, chmod -R go-w), or name items= that are none."
            )
