"""Where a run lives: the reference's directories, with one date for a whole sweep; and what is the sweep's own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sweep.grid.naming import finished
from sweep.rundir.paths import RunDir

# What is sweep's own in a data directory.
OWN = ".sweep"


@dataclass(frozen=True)
class Place:
    """How a launch lays out its runs.

    Attributes:
        data_dir: the root of all results.
        stamp: the launch's local time, if its directories carry dates; the same for every run of a sweep, however
            long it takes.
    """

    data_dir: Path
    stamp: datetime | None = None

    def run_dir(self, exp_name: str, seed: int | None) -> RunDir:
        """Return the directory of a run.

        ========  =========================  ==============================================================
        date      no seed                    seed S
        ========  =========================  ==============================================================
        none      NAME                       NAME/NAME_sS
        stamped   YYYY-MM-DD_NAME            YYYY-MM-DD_NAME/YYYY-MM-DD_HH-MM-SS-NAME_sS
        ========  =========================  ==============================================================
        """
        return RunDir(self.data_dir / self.relative(exp_name, seed))

    def relative(self, exp_name: str, seed: int | None) -> str:
        """Return the same as text that begins in the data directory; no path is made, as grids may be large."""
        if self.stamp is None:
            return exp_name if seed is None else f"{exp_name}/{exp_name}_s{seed}"
        outer = f"{self.stamp:%Y-%m-%d}_{exp_name}"
        return outer if seed is None else f"{outer}/{self.stamp:%Y-%m-%d_%H-%M-%S}-{exp_name}_s{seed}"

    def later(self) -> Place:
        """Return the place one second on: what a dated run takes whose directory belongs to another one."""
        assert self.stamp is not None
        return Place(self.data_dir, self.stamp + timedelta(seconds=1))

    @property
    def own(self) -> Path:
        """What is sweep's own in the data directory; no run is ever called so."""
        return self.data_dir / OWN

    def sweep_lock(self, grid_name: str) -> Path:
        """Return the file whose lock the launch of a grid holds while it goes on."""
        name = grid_name if len(grid_name.encode()) < 200 else finished(grid_name)
        return self.own / f"{name}.lock"

    def aside(self, run: RunDir, moment: datetime) -> Path:
        """Return where a run of this data directory is put that makes way for a new one; nothing is there yet."""
        folder = self.own / "aside" / f"{moment:%Y-%m-%d_%H-%M-%S}"
        path, number = folder / run.path.relative_to(self.data_dir), 1
        while path.exists():
            number += 1
            path = folder.with_name(f"{folder.name}.{number}") / run.path.relative_to(self.data_dir)
        return path
