"""The snapshot that a fork begins from, brought into its own tree before it starts: its parent may give it up later."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sweep.base.errors import LaunchError
from sweep.rundir.paths import RunDir
from sweep.rundir.snapshot_files import damage, snapshots_in
from sweep.rundir.variant_file import Parent

_COPIED = {errno.EXDEV, errno.EPERM, errno.EMLINK, errno.EOPNOTSUPP, errno.EACCES}


@dataclass(frozen=True)
class Beginning:
    """What a fork begins from.

    Attributes:
        parent: as its record names it.
        snapshot: the folder of the snapshot, until it is brought.
        config: of the run that it belongs to, in its exact form.
    """

    parent: Parent
    snapshot: Path
    config: Mapping[str, Any]


def brought(run: RunDir) -> Path | None:
    """Return the folder of the snapshot that a run has from its parent; None if it has none."""
    return next(iter(snapshots_in(run.parent).values()), None)


def bring(snapshot: Path, run: RunDir) -> None:
    """Bring a snapshot into a run's tree, whole or not at all.

    By hard links, as no file of a snapshot is ever changed in place; by copies where the file system has none.

    Raises:
        LaunchError: the snapshot is gone, or damaged.
        OSError: the run's tree cannot be written.
    """
    aside = run.own / f".{run.parent.name}.{os.getpid()}.tmp"
    for folder in (aside, run.parent):
        shutil.rmtree(folder, ignore_errors=True)
    wrong = damage(snapshot)
    if wrong:
        raise LaunchError(f"{snapshot} is damaged, or gone: {wrong}. Fork another snapshot.")
    try:
        aside.mkdir(parents=True)
        shutil.copytree(snapshot, aside / snapshot.name, copy_function=_link)
        aside.rename(run.parent)
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _link(source: str, target: str) -> str:
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError as error:
        if error.errno not in _COPIED:
            raise
        shutil.copy2(source, target)
    return target
