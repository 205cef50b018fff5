"""What a launch came to: for the caller, for the screen and for the exit code."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from sweep.base.text import duration, paint, plural, printable, rule
from sweep.front.plan import Plan
from sweep.front.verdict import PlannedRun, Verdict
from sweep.launch.job import Outcome
from sweep.rundir.status import State

EXIT_DONE, EXIT_FAILED, EXIT_HELD, EXIT_STOPPED, EXIT_SIGNAL = 0, 1, 2, 75, 128
# So many failures are kept, and so many of each kind are told; all are counted, and each has its directory.
_KEPT, _TOLD = 1000, 20
_FAILED = (Verdict.FAILED, Verdict.STUCK, Verdict.CONFLICT)


@dataclass
class Sweep:
    """The runs of one launch and what became of them.

    Attributes:
        plan: what was to be done.
        done: how many runs of this launch are done.
        failed: the runs of this launch that failed, the first 1,000.
        failures: how many they are.
        meanwhile: how many runs another launch has finished, which therefore were not started.
        held: the runs that another launch still had at the end, the first 1,000.
        held_runs: how many they are.
        cut_off: how many runs were interrupted: the launch was stopped, or what ran them died.
        stopped: whether the launch was cut short by a signal.
        signal: the number of a second signal, which ended the runs at once; 0 without one.
        halted: why the launch ended early after failures; empty if it did not.
        dry: whether nothing was to be started at all.
        seconds: that the launch took.
        part: which part of the grid it was about, in a line; empty for all of it.
        submitted: what goes on without this launch: of each array of jobs its number, and how many runs it is for.
        leaves: whether its runs go on without it.
        queued: how many runs turned out to be with Slurm when it was their turn; more may have been there before.
        queued_late: the first 1,000 of these.
        left_slurm: what became of runs that Slurm had and has no more, as it was seen at the end.
        failed_there: those of them that failed, the first 1,000.
    """

    plan: Plan
    done: int = 0
    failed: list[Outcome] = field(default_factory=list)
    failures: int = 0
    meanwhile: int = 0
    held: list[PlannedRun] = field(default_factory=list)
    held_runs: int = 0
    cut_off: int = 0
    stopped: bool = False
    signal: int = 0
    halted: str = ""
    dry: bool = False
    seconds: float = 0.0
    part: str = ""
    submitted: list[tuple[str, int]] = field(default_factory=list)
    leaves: bool = False
    queued: int = 0
    queued_late: list[PlannedRun] = field(default_factory=list)
    left_slurm: Counter[Verdict] = field(default_factory=Counter)
    failed_there: list[PlannedRun] = field(default_factory=list)

    @property
    def data_dir(self) -> Path:
        return self.plan.place.data_dir

    def take(self, outcome: Outcome) -> None:
        """Count what became of a run; what was interrupted is neither done nor failed."""
        self.done += outcome.state is State.DONE
        self.cut_off += outcome.state is State.INTERRUPTED
        if outcome.state is State.FAILED:
            self.failures += 1
            self.failed += [outcome] if len(self.failed) < _KEPT else []

    def take_held(self, planned: PlannedRun) -> None:
        """Count a run that another launch has, or Slurm, which nobody waits for."""
        if planned.verdict is Verdict.QUEUED:
            self.queued += 1
            self.queued_late += [planned] if len(self.queued_late) < _KEPT else []
            return
        self.held_runs += 1
        self.held += [planned] if len(self.held) < _KEPT else []

    def take_left(self, planned: PlannedRun) -> None:
        """Count a run that Slurm had, as it stands now; where Slurm still has it, nothing is new."""
        verdict = planned.verdict
        if verdict is Verdict.QUEUED:
            return
        self.left_slurm[verdict] += 1
        if verdict is Verdict.RUNNING:
            self.take_held(planned)
        elif verdict in _FAILED and len(self.failed_there) < _KEPT:
            self.failed_there.append(planned)

    def forget_held(self) -> None:
        """Count anew what another launch has, as it is looked at again."""
        self.held_runs, self.held = 0, []

    @property
    def failed_before(self) -> int:
        """How many runs had failed before and are not tried again."""
        return 0 if self.plan.retry_failed else self.plan.counts[Verdict.FAILED]

    @property
    def left(self) -> int:
        """How many runs are still to be done by this launch."""
        wanted = self.plan.to_start + self.plan.counts[Verdict.RUNNING]
        others = self.meanwhile + self.held_runs - self.left_slurm[Verdict.RUNNING] + self.queued
        return max(0, wanted - self.done - self.failures - others - self.on_its_way)

    @property
    def with_slurm(self) -> int:
        """How many runs Slurm has that this launch has not submitted."""
        return self.plan.counts[Verdict.QUEUED] + self.queued - self.left_slurm.total()

    @property
    def _failed_with_slurm(self) -> int:
        return sum(self.left_slurm[verdict] for verdict in _FAILED)

    @property
    def _open_after_slurm(self) -> int:
        """How many runs Slurm has no more, that are not done, or not with the values that are wanted now."""
        over = (Verdict.DONE, Verdict.RUNNING, *_FAILED)
        return sum(count for verdict, count in self.left_slurm.items() if verdict not in over)

    @property
    def on_its_way(self) -> int:
        """How many runs this launch has submitted."""
        return sum(count for _, count in self.submitted)

    @property
    def exit_code(self) -> int:
        """0 all done · 1 some run failed, now or before · 2 another launch has some · 75 or 128 + signal: stopped.

        A done run that was to go on, and has no snapshot, counts as one that failed. What is with Slurm is as good as
        submitted for a launch that submits, and another one's for any other.
        """
        if self.stopped:
            return EXIT_SIGNAL + self.signal if self.signal else EXIT_STOPPED
        if self.dry:
            return EXIT_DONE
        if self.failures or self.failed_before or self.halted or self.plan.counts[Verdict.STUCK]:
            return EXIT_FAILED
        if self._failed_with_slurm:
            return EXIT_FAILED
        if self.cut_off or self._open_after_slurm:
            return EXIT_STOPPED
        return EXIT_HELD if self.held_runs or (self.with_slurm and not self.leaves) else EXIT_DONE

    def summary(self) -> str:
        """Return the closing report: counts, failures with cause, last lines and log, and the place."""
        parts = (self._counts(), self._failures(), self._failures_before(), self._next_step())
        return "\n".join(["", rule(), *(line for part in parts for line in part), rule()])

    def _counts(self) -> Iterator[str]:
        if self.part:
            yield self.part
        if self.leaves:
            yield from self._submissions()
        if self.done or self.failures or not self.leaves:
            yield f"{plural(self.done, 'run')} done, {self.failures:,} failed, in {duration(self.seconds)}"
        if self.plan.counts[Verdict.DONE]:
            yield f"{plural(self.plan.counts[Verdict.DONE], 'run')} done before, not started again"
        yield from self._slurm_s()
        if count := self.plan.counts[Verdict.STUCK]:
            yield f"{plural(count, 'run')} not extended:"
            yield from (f"    {one.run.path} {one.note}" for one in self.plan.of(Verdict.STUCK)[:_TOLD])
            yield from _more(count - _TOLD)
            yield "    fresh=True, or --fresh, runs them anew and sets these aside"
        if self.meanwhile:
            yield f"{plural(self.meanwhile, 'run')} finished by another launch meanwhile"
        if self.held_runs:
            verb = "is" if self.held_runs == 1 else "are"
            yield f"{plural(self.held_runs, 'run')} {verb} held by another launch"
            yield from (f"    {planned.run.path} {planned.note}" for planned in self.held[:_TOLD])
            yield from _more(self.held_runs - _TOLD)

    def _slurm_s(self) -> Iterator[str]:
        if self.with_slurm:
            action = "not submitted again" if self.leaves else "left to it"
            yield f"{plural(self.with_slurm, 'run')} with Slurm already, {action}"
        if count := self.left_slurm[Verdict.DONE]:
            yield f"{plural(count, 'run')} done with Slurm meanwhile"

    def _submissions(self) -> Iterator[str]:
        yield f"{plural(self.on_its_way, 'run')} submitted to Slurm, in {duration(self.seconds)}"
        yield from (f"    job {number}: {plural(count, 'run')}" for number, count in self.submitted[:_TOLD])
        yield from _more(len(self.submitted) - _TOLD)

    def _failures(self) -> Iterator[str]:
        for outcome in self.failed[:_TOLD]:
            yield ""
            yield paint(f"failed: {outcome.job.name}: {printable(outcome.cause)}", "red")
            yield from (f"    {printable(line)}" for line in outcome.last_lines)
            yield f"    log: {outcome.job.run.output}"
        yield from _more(self.failures - _TOLD)

    def _failures_before(self) -> Iterator[str]:
        for planned in self.failed_there[:_TOLD]:
            yield paint(f"failed with Slurm: {planned.call.title}: {printable(planned.note)}", "red")
            yield f"    log: {planned.run.output}"
        yield from _more(self._failed_with_slurm - _TOLD)
        if not self.failed_before:
            return
        for planned in self.plan.of(Verdict.FAILED)[:_TOLD]:
            yield paint(f"failed before: {planned.call.title}: {printable(planned.note)}", "red")
            yield f"    log: {planned.run.output}"
        yield from _more(self.failed_before - _TOLD)

    def _next_step(self) -> Iterator[str]:
        yield ""
        if self.stopped:
            yield f"stopped with {plural(self.left, 'run')} to go; run the same again to go on"
        elif self.halted:
            yield f"{self.halted}, with {plural(self.left, 'run')} to go; run the same again to go on"
        elif self.cut_off:
            yield f"{plural(self.cut_off, 'run')} cut off; run the same again to go on"
        if count := self.left_slurm[Verdict.EXTEND]:
            yield f"{plural(count, 'run')} done with Slurm with the old values; run the same again to extend"
        if count := self._open_after_slurm - self.left_slurm[Verdict.EXTEND]:
            yield f"{plural(count, 'run')} not with Slurm any more, and not done; run the same again to go on"
        if not self.stopped and (self.failures or self.failed_before or self._failed_with_slurm):
            yield "failed runs are tried again with retry_failed=True, or --retry-failed"
        if self.on_its_way or self.with_slurm:
            where = shlex.quote(str(self.data_dir))
            yield f"what is with Slurm goes on by itself; look at it with: sweep status {where}"
        yield f"results: {self.data_dir.absolute()}"


def _more(count: int) -> Iterator[str]:
    if count > 0:
        yield f"... and {count:,} more"
