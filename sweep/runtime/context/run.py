"""The context of a run: what a function that wants to be stopped and gone on with asks for."""

from __future__ import annotations

import operator
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sweep.base.text import paint
from sweep.rundir.paths import RunDir
from sweep.runtime.context.located import LocatedRun
from sweep.runtime.context.logged import as_current
from sweep.runtime.context.rows import Markable, Rows
from sweep.runtime.outputs.console import say

if TYPE_CHECKING:  # loaded by those who use them: most runs start without
    from sweep.runtime.context.course import Course
    from sweep.runtime.context.origin import Origin
    from sweep.runtime.log.epoch_logger import EpochLogger
    from sweep.runtime.log.writer import Writer
    from sweep.runtime.snapshots.counter import Counter
    from sweep.runtime.snapshots.rhythm import Rhythm
    from sweep.runtime.snapshots.saving import Restored


class RunContext(LocatedRun):
    """One run, as its own function sees it; every rank has one and calls it alike.

        def train(lr, epochs=50, run=None):
            model, optimizer = ...
            run.state(model=model, optimizer=optimizer)
            for epoch in run.epochs(epochs):
                ...
                run.logger.log_tabular("Loss", loss)

    In a sweep the state is saved after each epoch, and a run that was cut off goes on behind its last one. Outside a
    sweep the same function works alone: `epochs(n)` counts from 0 to n - 1, and nothing is saved unless
    `snapshots(directory=...)` asks for it.

    Args:
        run: its directory; None for a function that is called outside a sweep.
    """

    def __init__(self, run: RunDir | None = None) -> None:
        super().__init__(run)
        self._items: dict[str, Any] = {}
        self._rows = Rows()
        self._logger: EpochLogger | None = None
        self._rhythm: Rhythm | None = None
        self._course: Course | None = None
        self._restored: Restored | None = None

    # -- rows

    @property
    def logger(self) -> EpochLogger:
        """The logger of this run: the first `EpochLogger` that was made in its directory, or else one made now.

        It never has files that another logger of the run has too, but shares them. Rows in the making are written at
        a boundary.
        """
        if self._logger is None or self._logger.is_closed:
            name = self._config().get("exp_name")
            self._logger = as_current(self, lambda: self._rows.epoch_logger(self._directory.progress, name))
        return self._logger

    def logger_of(self, stem: str) -> Any:
        """Return the logger that was attached first whose metrics file has this stem; None if there is none."""
        return self._rows.found(stem)

    def attach(self, logger: Markable) -> None:
        """Have a logger's outputs go back with the run; a logger calls it if its directory is the run's."""
        self._rows.attach(logger)

    def track(self, tag: str, value: Any) -> None:
        """Track a value under a tag, see `Logger.track`."""
        self.logger.track(tag, value)

    @property
    def writer(self) -> Writer:
        """For direct writes to outputs that take them, see `Logger.writer`."""
        return self.logger.writer

    def close(self, state: str) -> None:
        """Let go of outputs and signals; `state` is how the run has ended: done, failed or interrupted."""
        if self._course is not None:
            self._course.end()
        self._rows.close(state)

    # -- state

    def state(self, /, **items: Any) -> None:
        """Register live objects, once, before the loop; they are restored in place.

        Args:
            items: objects with `state_dict` and `load_state_dict` (torch's, or your own) or with `save_to(directory)`
                and `load_from(directory)`; arrays, tensors; dicts, lists, sets, deques; random generators; counters;
                a `Factory`; any other object whose attributes can be pickled. Generators belong to each rank; of all
                else rank 0's is saved, and given to every rank.

        Raises:
            SnapshotError: a name comes twice, or an object cannot be changed in place.
        """
        from sweep.runtime.snapshots.errors import SnapshotError
        from sweep.runtime.snapshots.kinds import kind_of

        for name, live in items.items():
            if name in self._items:
                raise SnapshotError(f"run.state({name}=...): that name is registered already; each is, once.")
            kind_of(name, live)
            self._items[name] = live

    def counter(self, value: float = 0) -> Counter:
        """Return a number that `state` takes: ``steps = run.counter(); run.state(steps=steps); steps += 1``."""
        from sweep.runtime.snapshots.counter import Counter

        return Counter(value)

    def snapshots(
        self,
        mode: str = "last",
        gap: int | str = 1,
        *,
        min_seconds: float = 0.0,
        keep_best: int = 0,
        metric: str = "",
        better: str = "max",
        only: str | tuple[str, ...] = (),
        on_signal: bool = True,
        on_exception: bool = False,
        directory: str | Path | None = None,
    ) -> None:
        """Say when snapshots are made and which are kept, before the loop; 'last' is what happens if nobody does.

        Args:
            mode, gap, min_seconds, keep_best, metric, better, on_signal, on_exception: see `Rhythm`.
            only: the item, or items, to which all but the newest snapshot are reduced.
            directory: outside a sweep, where they go; the same call goes on from there. A run of a sweep has its own.

        Raises:
            SnapshotError: these do not go together.
        """
        from sweep.runtime.snapshots.rhythm import Rhythm

        kept = (only,) if isinstance(only, str) else tuple(only)
        self._rhythm = Rhythm(mode, gap, min_seconds, keep_best, metric, better, kept, on_signal, on_exception)
        if self._run is None and directory is not None:
            self._run = RunDir(Path(directory).absolute())
            vars(self).pop("_directory", None)

    # -- the loop

    def epochs(self, total: int) -> Iterator[int]:
        """Yield the epochs that are left of `total`: all of them, or those behind the snapshot that was gone on from.

        Behind each epoch the row is written, the state is saved if that is due, and a run that was asked to stop
        leaves.

        Raises:
            SnapshotError: something cannot be restored, or the first snapshot cannot be made.
        """
        return self._loop(operator.index(total))

    def steps(self, total: int, every: int) -> Iterator[int]:
        """Yield single steps as `epochs` does epochs, with a boundary after each `every` of them and after the last.

        What is tracked counts these steps, not rows.
        """
        return self._loop(operator.index(total), operator.index(every))

    def _loop(self, total: int, every: int | None = None) -> Iterator[int]:
        course = self._begin(total) if self._is_saved() else None
        try:
            for step in range(self._start(total), total):
                self._at = step
                if course is not None:
                    course.step = step
                yield step
                self._end_step(step, total, every)
        finally:
            if course is not None:
                course.end()

    def _end_step(self, step: int, total: int, every: int | None) -> None:
        is_boundary = step == total - 1 or (step + 1) % (every or 1) == 0
        if is_boundary:
            self._rows.write()
        if every is not None:
            self._rows.end_step(step, total)
        if is_boundary and self._course is not None:
            self._course.boundary(step)

    def _is_saved(self) -> bool:
        """Say whether there is anything to save, and anybody has asked for it.

        Raises:
            SnapshotError: there are snapshots, and nothing that they could be put into.
        """
        if self._begins_somewhere() and not self._items:
            from sweep.runtime.snapshots.reading import nothing_registered

            raise nothing_registered(self._directory)
        return self._run is not None and bool(self._items)

    def _begins_somewhere(self) -> bool:
        run = self._run
        return run is not None and (run.snapshots.is_dir() or run.parent.is_dir()) and bool(self._origin.snapshot)

    def _begin(self, total: int) -> Course:
        from sweep.runtime.context.course import Course
        from sweep.runtime.snapshots.errors import SnapshotError
        from sweep.runtime.snapshots.rhythm import Rhythm

        if self._course is not None:
            raise SnapshotError("a run has one loop of run.epochs or run.steps; for another one use range.")
        origin = self._origin
        course = self._course = Course(
            self._directory, self._rhythm or Rhythm(), self._items, self._rows.marks, total, self._warn
        )
        if course.is_first:
            self.path.mkdir(parents=True, exist_ok=True)
        self._restored = course.begin(origin)
        if course.is_first and "policy" in self._items:
            from sweep.runtime.policy.moulds import keep_moulds

            keep_moulds(self._directory, self._items, self._warn)
        if self._restored is not None:
            self._rows.roll_back(self._restored.marks)
        course.watch_scores()
        return course

    def _start(self, total: int) -> int:
        """Return the step to begin with, and tell what the run goes on from."""
        if self._restored is None:
            return 0
        from sweep.runtime.context.telling import told
        from sweep.runtime.mpi.helpers import proc_id

        if proc_id() == 0:
            say(told(self._restored, total, self._config(), self._items))
        return self._restored.first

    # -- snapshots

    @cached_property
    def _origin(self) -> Origin:
        """What the run begins with, looked for once."""
        from sweep.runtime.context.origin import Origin, origin_of

        return Origin() if self._run is None else origin_of(self._run, self._warn)

    @property
    def resumes(self) -> bool:
        """Whether this attempt goes on from a snapshot; on rank 0, which writes rows, and False on the others."""
        return self._run is not None and self._run.snapshots.is_dir() and self._origin.newest is not None

    @property
    def forked(self) -> bool:
        """Whether this attempt has begun from another run's snapshot; known once the loop goes on, on every rank."""
        return self._restored is not None and self._restored.forked

    @property
    def restored(self) -> Mapping[str, Any]:
        """The states that were restored by name, as they were saved; empty where nothing was."""
        return {} if self._restored is None else self._restored.states

    def save(self) -> None:
        """Ask for a snapshot at the next boundary, due or not."""
        if self._course is not None:
            self._course.wanted = True

    def load(self, which: str | int = "last") -> Mapping[str, Any]:
        """Bring the registered objects to a snapshot of this run, and nothing else: no rows, no random numbers.

        Args:
            which: 'last', 'best', 'first', a step, or 'exception' (see `on_exception`).

        Returns:
            the states of all items that the snapshot has, by name.

        Raises:
            SnapshotNotFound: there is none; lists those there are.
            CorruptSnapshot: the one named is damaged.
            SnapshotError: it does not fit.
        """
        from sweep.runtime.snapshots.reading import load

        return load(self._directory, which, self._items, self._warn)

    def failed(self) -> None:
        """Save what there is for a look at it, if that was asked for, after the function has raised."""
        if self._course is not None:
            self._course.save_failed()

    def _warn(self, text: str) -> None:
        say(paint(f"WARNING: {text}", "red"))
