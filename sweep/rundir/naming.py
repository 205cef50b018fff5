"""Where a run lives: the reference's directories, with one date for a whole sweep."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sweep.rundir.paths import RunDir


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
        outer = exp_name if self.stamp is None else f"{self.stamp:%Y-%m-%d}_{exp_name}"
        path = self.data_dir / outer
        if seed is None:
            return RunDir(path)
        inner = exp_name if self.stamp is None else f"{self.stamp:%Y-%m-%d_%H-%M-%S}-{exp_name}"
        return RunDir(path / f"{inner}_s{seed}")

    def later(self) -> Place:
        """Return the place one second on: what a dated run takes whose directory belongs to another one."""
        assert self.stamp is not None
        return Place(self.data_dir, self.stamp + timedelta(seconds=1))
