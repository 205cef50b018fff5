"""`ExperimentGrid`: a grid that can be shown with its plan, and run."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self

from sweep.base.errors import SweepError, UsageError
from sweep.base.settings import load_settings
from sweep.front.launch import Launch
from sweep.front.request import RUN_KEYS, Request, check_named_engine
from sweep.front.screen import say
from sweep.front.summary import Sweep
from sweep.front.thunks import Thunk
from sweep.grid.grid import Grid
from sweep.grid.report import error_html, report_html
from sweep.grid.survey import survey


class ExperimentGrid(Grid):
    """Parameters with their alternatives, their names and their runs.

    Example:
        >>> grid = ExperimentGrid(name="ppo")
        >>> grid.add("lr", [1e-3, 3e-4])
        >>> grid.add("ac_kwargs:hidden_sizes", [(32,), (64, 64)], "hid")
        >>> grid.add("seed", [0, 10, 20])
        >>> grid.run(train, num_cpu=2)
    """

    def __init__(self, name: str = "") -> None:
        super().__init__(name, load_settings().default_shorthand)
        self._thunk: Thunk | None = None
        self._thunk_text: str | None = None
        self._run_options: dict[str, Any] = {}

    @classmethod
    def from_yaml(cls, source: str | Path) -> Self:
        """Return the grid of a YAML file; `run()` then uses the file's thunk and its `run:` block.

        Raises:
            SpecError: with file, line and key.
            UsageError: its `run:` block has an engine that is not named.
        """
        from sweep.grid.yaml_file import read_grid_file  # PyYAML is for those who use it

        if not isinstance(source, (str, Path)):
            raise UsageError(f"from_yaml: {source!r} is no path; give the file's name.")
        file = read_grid_file(source, grid_class=cls, run_keys=RUN_KEYS)
        check_named_engine(file.run.get("engine"), source)
        file.grid._thunk = file.function or file.thunk
        file.grid._thunk_text, file.grid._run_options = file.thunk, dict(file.run)
        return file.grid

    def to_yaml(self, target: str | Path | None = None) -> str:
        """Return the grid as YAML text, and write it to a file if one is named.

        Raises:
            GridError: YAML cannot say it (a lambda in `when`, `exclude` or `derive`); names the key.
        """
        from sweep.grid.yaml_file import grid_to_yaml

        return grid_to_yaml(self, self._thunk_text, self._run_options, target)

    def print(
        self,
        thunk: Thunk | None = None,
        num_cpu: int | str | None = None,
        data_dir: str | os.PathLike[str] | None = None,
        datestamp: bool | None = None,
        *,
        order: str | None = None,
        extendable: str | Sequence[str] | None = None,
        shard: str | None = None,
        index: int | str | None = None,
    ) -> None:
        """Print the report: parameters, counts, names, ranks, warnings, and what is in the data directory already.

        Args:
            thunk: the function that `run` would be given; its signature is compared with the grid.
        """
        request = self._request(
            thunk,
            num_cpu=num_cpu,
            data_dir=data_dir,
            datestamp=datestamp,
            order=order,
            extendable=extendable,
            shard=shard,
            index=index,
        )
        say(Launch(self.definition, request).report())

    def run(
        self,
        thunk: Thunk | None = None,
        num_cpu: int | str | None = None,
        data_dir: str | os.PathLike[str] | None = None,
        datestamp: bool | None = None,
        *,
        dry_run: bool | None = None,
        retry_failed: bool | None = None,
        order: str | None = None,
        wait: float | None = None,
        parallel: int | str | None = None,
        threads: int | None = None,
        gpus: float | None = None,
        memory: int | str | None = None,
        timeout: float | str | None = None,
        stall_timeout: float | str | None = None,
        retries: int | str | Mapping[str, int] | None = None,
        halt: str | None = None,
        fresh: bool | None = None,
        share: bool | None = None,
        start: str | None = None,
        pin: bool | None = None,
        extendable: str | Sequence[str] | None = None,
        shard: str | None = None,
        index: int | str | None = None,
        engine: Any = None,
        slurm: Mapping[str, Any] | None = None,
        hosts: str | Sequence[str] | None = None,
    ) -> Sweep:
        """Run every variant as an isolated process, after showing the report and the plan.

        A variant that is done is not started again, one that was cut off is; a failure does not stop the rest.

        Args:
            thunk: a function of keyword arguments; or the key of a parameter whose values are such functions.
            num_cpu: MPI ranks per run, or ``'auto'`` for every core this process may use.
            data_dir: root of the results; the setting DEFAULT_DATA_DIR by default.
            datestamp: put the launch's date on the directories.
            dry_run: stop after the plan.
            retry_failed: try again what failed before.
            order: as in `Grid.order`, for this launch.
            wait: seconds between the plan and the start; the setting WAIT_BEFORE_LAUNCH by default.
            parallel: runs at once, at most; ``'auto'``, the default, is as many as there is room for.
            threads: of each rank (1 by default); a run's cores are ranks times threads.
            gpus: per run; a fraction puts several runs on one.
            memory: that a run needs, in bytes or as ``'8G'``.
            timeout: of one run, in seconds or as ``'2h'``; a run that takes longer is ended and has failed.
            stall_timeout: how long a run may write nothing; a run that is silent for longer is ended and has failed.
            retries: further tries of a run that fails: ``2``, or for each class of failures ``{'killed': 3}``; the
                classes are error, killed, lost, timeout and out of memory.
            halt: after which failures to end early: ``'never'``, ``'soon'`` (nothing more is started), ``'now'`` (what
                runs is ended too), ``'soon,fail=5'``, ``'now,fail=10%'``.
            fresh: do everything anew; what is there already is set aside, never removed.
            share: let several launches of the same grid go on at once; each run is taken by one of them.
            start: how a run's processes are made: ``'auto'``, ``'fork'``, ``'spawn'``, or ``'inline'`` in this process.
            pin: give each rank cores of its own inside its run's share.
            extendable: parameters that may have another value than when a run was started, such as ``['epochs']``: the
                run, even a done one, then goes on from its newest snapshot, and the change is recorded.
            shard: run every N-th variant alone: ``'3/10'`` is the third of ten parts, which may all go on at once.
            index: run a single variant, by its place in the grid as it is written, from 0; ``order`` changes none.
            engine: where runs are executed: ``'local'``, the default, is this machine; ``'slurm'`` is a cluster, and
                then this returns as soon as all is submitted; else any executor in the manner of `concurrent.futures`.
            slurm: how Slurm's jobs are to be, over the settings SLURM_*: any of partition, account, time, nodes,
                directives, srun_flags, setup and lead.
            hosts: machines that ssh reaches, each with the cores that are for runs: ``'h1:8,h2:8'``.

        Returns:
            the sweep: its counts `done` and `failures`, the outcomes `failed`, its `exit_code`.

        Raises:
            SweepError: something is wrong with the whole launch; nothing was written.
        """
        request = self._request(
            thunk,
            num_cpu=num_cpu,
            data_dir=data_dir,
            datestamp=datestamp,
            dry_run=dry_run,
            retry_failed=retry_failed,
            order=order,
            wait=wait,
            parallel=parallel,
            threads=threads,
            gpus=gpus,
            memory=memory,
            timeout=timeout,
            stall_timeout=stall_timeout,
            retries=retries,
            halt=halt,
            fresh=fresh,
            share=share,
            start=start,
            pin=pin,
            extendable=extendable,
            shard=shard,
            index=index,
            engine=engine,
            slurm=slurm,
            hosts=hosts,
        )
        return Launch(self.definition, request).run()

    def _request(self, thunk: Thunk | None, **given: Any) -> Request:
        """Return what is asked for: arguments over the YAML's `run:` block over defaults."""
        asked = {key: value for key, value in given.items() if value is not None}
        own = self._run_options.get("slurm")
        if isinstance(own, Mapping) and isinstance(given.get("slurm"), Mapping):
            asked["slurm"] = {**own, **given["slurm"]}
        return Request(**{"thunk": self._thunk if thunk is None else thunk, **self._run_options, **asked})

    def _repr_html_(self) -> str:
        """Show the grid in a notebook."""
        try:
            return report_html(self.definition, survey(self.definition))
        except SweepError as error:
            return error_html(str(error))
