"""The plan: what a launch would do with the variants of a grid, in numbers and examples, however many there are."""

from __future__ import annotations

import math
from array import array
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from statistics import median

from sweep.base.errors import ConfigMismatch, Conflict, LaunchError, listed
from sweep.base.text import duration, plural
from sweep.front.extending import can_go_on, told
from sweep.front.verdict import PlannedRun, Verdict
from sweep.grid.parameter import SEED
from sweep.rundir.naming import Place

# So many runs of each kind are kept as examples, and so many durations for the forecast.
EXAMPLES = 100
_DURATIONS = 10_000
_NAMED = 5
_VERDICTS = tuple(Verdict)
# Those whose code may have been another.
_MADE = (Verdict.DONE, Verdict.FAILED, Verdict.RESUME, Verdict.EXTEND, Verdict.STUCK)
_STARTED = (Verdict.NEW, Verdict.RESUME, Verdict.EXTEND)


@dataclass
class Plan:
    """What a launch would do, counted.

    Attributes:
        retry_failed, fresh: what was asked for.
        counts: of variants, by verdict.
        examples: the first runs of each verdict, at most 100.
        moved: how many old directories make way for new runs.
        with_old: runs with Slurm of which other values are wanted now.
        other_code: runs by verdict whose recorded code is not that of now.
        elsewhere: identity to path of runs to be started that lie in another directory than their name says.
        verdicts: of each variant in order, one byte each; None if all are new.
    """

    place: Place
    retry_failed: bool = False
    fresh: bool = False
    counts: Counter[Verdict] = field(default_factory=Counter)
    examples: dict[Verdict, list[PlannedRun]] = field(default_factory=dict)
    moved: int = 0
    with_old: int = 0
    other_code: Counter[Verdict] = field(default_factory=Counter)
    elsewhere: Mapping[str, str] = field(default_factory=dict)
    verdicts: bytearray | None = None
    _changed: list[str] = field(default_factory=list, repr=False)
    _seconds: array[float] = field(default_factory=lambda: array("d"), repr=False)

    @property
    def runs(self) -> int:
        """The number of variants."""
        return self.counts.total()

    @property
    def to_start(self) -> int:
        """How many runs are started: new ones, cut-off ones, those to extend, and failed ones if asked."""
        return sum(count for verdict, count in self.counts.items() if self.starts(verdict))

    def starts(self, verdict: Verdict) -> bool:
        return verdict in _STARTED or (verdict is Verdict.FAILED and self.retry_failed)

    def of(self, verdict: Verdict) -> list[PlannedRun]:
        """Return the first runs with a verdict, at most 100."""
        return self.examples.get(verdict, [])

    def at(self, number: int) -> Verdict:
        """Return the verdict of a variant by its place in the order."""
        return Verdict.NEW if self.verdicts is None else _VERDICTS[self.verdicts[number]]

    def take(self, planned: PlannedRun) -> int:
        """Count a run, and return the byte that stands for its verdict."""
        verdict = planned.verdict
        self.counts[verdict] += 1
        self.moved += planned.aside is not None
        self.with_old += verdict is Verdict.QUEUED and bool(planned.differences)
        if planned.other_code and verdict in _MADE:
            self.other_code[verdict] += 1
            self._changed += [planned.call.title] if len(self._changed) < _NAMED else []
        status = planned.status
        if verdict is Verdict.DONE and status and status.duration_s and len(self._seconds) < _DURATIONS:
            self._seconds.append(status.duration_s)
        some = self.examples.setdefault(verdict, [])
        if len(some) < EXAMPLES:
            some.append(planned)
        return _VERDICTS.index(verdict)

    def take_new(self, count: int) -> int:
        """Count variants of which nothing is there, and return the byte that stands for their verdict."""
        self.counts[Verdict.NEW] += count
        return _VERDICTS.index(Verdict.NEW)

    def changed_names(self) -> str:
        """Return what the first runs are called whose code has changed, and how many more there are."""
        rest = self.other_code.total() - len(self._changed)
        return ", ".join(self._changed) + (f" and {rest:,} more" if rest else "")

    def forecast_s(self, at_once: int = 1) -> float | None:
        """Return the seconds that the launch will take, if finished runs of the grid say so."""
        return median(self._seconds) * math.ceil(self.to_start / at_once) if self._seconds else None

    def check(self, share: bool = False) -> None:
        """Refuse to launch where a directory belongs to something else, or another launch has a run.

        Args:
            share: then runs that another launch has are left to it.

        Raises:
            Conflict, LaunchError
        """
        if conflicts := self.of(Verdict.CONFLICT):
            raise _mismatch(conflicts[0], self.counts[Verdict.CONFLICT])
        if self.fresh and (queued := self.of(Verdict.QUEUED)) and not share:
            raise LaunchError(
                f"{queued[0].run.path} {queued[0].note}, and is not done anew beside that; wait for it, or stop it "
                "with `sweep stop`."
            )
        if (held := self.of(Verdict.RUNNING)) and not share:
            count = self.counts[Verdict.RUNNING]
            more = f" ({plural(count, 'run')} in all)" if count > 1 else ""
            raise LaunchError(
                f"{held[0].run.path} {held[0].note}{more}; wait for it, or --share (share=True) to take what is free."
            )

    def check_extended(self) -> None:
        """Refuse that a run which is asked for alone, and is done, cannot go on to what is wanted now.

        Raises:
            ConfigMismatch
        """
        if stuck := self.of(Verdict.STUCK):
            one = stuck[0]
            texts = [each.texts() for each in one.differences]
            raise ConfigMismatch(f"{one.run.path} {one.note}; fresh=True runs it anew, and sets this one aside.", texts)


def _mismatch(one: PlannedRun, count: int) -> Conflict:
    more = f" ({plural(count, 'conflict')} in all)" if count > 1 else ""
    text = (
        f"{one.run.path} {one.note}{more}. Nothing is overwritten: give it another name or another data_dir, or move "
        "the directory away."
    )
    if not one.differences:
        return Conflict(text)
    keys = [each.key for each in one.differences]
    if can_go_on(one.run, thoroughly=False) and not {"parent", SEED}.intersection(keys):
        text += f" To let it go on with the new values: extendable={keys} (--extendable {','.join(keys)})."
    return ConfigMismatch(text, [each.texts() for each in one.differences])


def plan_notes(plan: Plan, at_once: int = 1) -> Iterator[str]:
    """Yield the plan as lines of a report."""
    counts = plan.counts
    shown = ", ".join(f"{counts[verdict]} {verdict}" for verdict in Verdict if counts[verdict])
    yield f"in {plan.place.data_dir}: {shown}"
    if plan.moved:
        yield f"{plural(plan.moved, 'old run')} moved to {plan.place.own / 'aside'} first"
    if counts[Verdict.FAILED]:
        action = "tried again" if plan.retry_failed else "listed, not tried again; retry_failed=True tries them"
        yield f"the {plural(counts[Verdict.FAILED], 'failed run')}: {action}"
    yield from _extension_notes(plan)
    if changed := [f"{count} {verdict}" for verdict, count in plan.other_code.items() if count]:
        yield f"{' and '.join(changed)} with other code since; fresh=True runs them anew"
        yield f"code changed since: {plan.changed_names()}"
    forecast = plan.forecast_s(at_once)
    if forecast is not None and plan.to_start:
        yield f"about {duration(forecast)} to go, as the finished runs of this grid took"


def _extension_notes(plan: Plan) -> Iterator[str]:
    """Yield what is to go on with other values, and what is not, as nothing is there to go on from."""
    extended = {planned.note: None for planned in plan.of(Verdict.EXTEND)}
    if extended:
        yield f"the {plural(plan.counts[Verdict.EXTEND], 'run')} to extend: {listed(extended, 3)}"
    if passed := [f"{planned.run.path.name} {planned.note}" for planned in plan.of(Verdict.DONE) if planned.note]:
        yield listed(passed, 3)
    if plan.with_old:
        changes = {told(planned.differences): None for planned in plan.of(Verdict.QUEUED) if planned.differences}
        job, run = ("its job does", "it") if plan.with_old == 1 else ("their jobs do", "them")
        yield (
            f"{plural(plan.with_old, 'run')} with Slurm: {job} the old values ({listed(changes, 3)}); the same command "
            f"extends {run} afterwards"
        )
    if count := plan.counts[Verdict.STUCK]:
        yield f"{plural(count, 'done run')} without a snapshot to go on from, left alone; fresh=True runs anew"
