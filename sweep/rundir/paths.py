"""The names of everything in a run directory. No other file spells one of them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class RunDir:
    """One run's directory, whether it exists or not.

    Attributes:
        path: the directory, `data_dir/exp_name/exp_name_s<seed>` or a dated form of it.
    """

    path: Path

    @property
    def config(self) -> Path:
        """The configuration for people and plotters, in Spinning Up's format."""
        return self.path / "config.json"

    @property
    def status(self) -> Path:
        """State, attempt, host, times and the cause of the end."""
        return self.path / "status.json"

    @property
    def progress(self) -> Path:
        """The metrics table: tab-separated, one row an epoch."""
        return self.path / "progress.txt"

    @property
    def output(self) -> Path:
        """Everything that the ranks print."""
        return self.path / "output.log"

    @property
    def output_ring(self) -> Path:
        """Begins the names of two files that hold the end of a very long output until it is over."""
        return self.own / "output"

    @property
    def own(self) -> Path:
        """What is for sweep itself."""
        return self.path / ".sweep"

    @property
    def variant(self) -> Path:
        """The exact configuration: what identity, conflict checks and relaunch read."""
        return self.own / "variant.json"

    @property
    def launch(self) -> Path:
        """What the run needs of a machine, in plain data."""
        return self.own / "launch.json"

    @property
    def provenance(self) -> Path:
        """Of each attempt: the program, its libraries, the machine, and what it used of it."""
        return self.own / "provenance.json"

    @property
    def payload(self) -> Path:
        """The pickled call, readable by its owner alone. Trusted only by the child that runs it."""
        return self.own / "payload.pkl"

    @property
    def lock(self) -> Path:
        """Locked by who runs the run, and says who that is."""
        return self.own / "lock"

    @property
    def stop(self) -> Path:
        """There while the run is to be ended by whoever works on it, perhaps on another host."""
        return self.own / "stop"

    @property
    def submission(self) -> Path:
        """Which job of a batch system is to run it (see `sweep.rundir.submission`)."""
        return self.own / "submitted.json"

    @property
    def orphans(self) -> Path:
        """Rows of attempts that were cut off and started again."""
        return self.own / "orphans"

    @property
    def parent(self) -> Path:
        """The snapshot of another run that a fork begins from, as it was there."""
        return self.own / "parent"

    @property
    def snapshots(self) -> Path:
        """What the run can go on from, a folder for each step (see `sweep.rundir.snapshot_files`)."""
        return self.path / "snapshots"

    def failure(self, rank: int) -> Path:
        """What one rank said before it failed."""
        return self.own / f"failure-rank{rank}.json"

    def failures(self) -> list[Path]:
        return sorted(self.own.glob("failure-rank*.json"))

    def next_orphan(self, file: Path) -> Path:
        """Return the next free name under `orphans/` for a file that is set aside; makes the folder."""
        self.orphans.mkdir(parents=True, exist_ok=True)
        number = 1
        while (aside := self.orphans / f"{file.stem}.{number}{file.suffix}").exists():
            number += 1
        return aside
