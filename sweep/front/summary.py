"""What a launch came to: for the caller, for the screen and for the exit code."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from sweep.base.text import duration, paint, plural, printable, rule
from sweep.front.plan import Plan, Verdict
from sweep.launch.job import Outcome
from sweep.rundir.status import State

EXIT_DONE, EXIT_FAILED, EXIT_MISUSE, EXIT_STOPPED = 0, 1, 2, 75


@dataclass
class Sweep:
    """The runs of one launch and what became of them.

    Attributes:
        plan: what was to be done.
        outcomes: of the runs that were started, in order.
        stopped: whether the launch was cut short.
        dry: whether nothing was to be started at all.
        seconds: that the launch took.
    """

    plan: Plan
    retry_failed: bool = False
    outcomes: list[Outcome] = field(default_factory=list)
    stopped: bool = False
    dry: bool = False
    seconds: float = 0.0

    @property
    def data_dir(self) -> Path:
        return self.plan.place.data_dir

    @property
    def failed(self) -> list[Outcome]:
        """Return the runs of this launch that failed."""
        return [outcome for outcome in self.outcomes if outcome.state is State.FAILED]

    @property
    def exit_code(self) -> int:
        """0 all done · 1 some run failed, now or before · 75 stopped, and running it again goes on."""
        if self.stopped:
            return EXIT_STOPPED
        failed_before = not self.retry_failed and self.plan.of(Verdict.FAILED)
        return EXIT_FAILED if self.failed or (failed_before and not self.dry) else EXIT_DONE

    def summary(self) -> str:
        """Return the closing report: counts, every failure with its cause, last lines and log, and the place."""
        return "\n".join(["", rule(), *self._counts(), *self._failures(), *self._next_step(), rule()])

    def _counts(self) -> Iterator[str]:
        done = [outcome for outcome in self.outcomes if outcome.state is State.DONE]
        yield f"{plural(len(done), 'run')} done, {len(self.failed)} failed, in {duration(self.seconds)}"
        if self.plan.of(Verdict.DONE):
            yield f"{plural(len(self.plan.of(Verdict.DONE)), 'run')} done before, not started again"

    def _failures(self) -> Iterator[str]:
        for outcome in self.failed:
            yield ""
            yield paint(f"failed: {outcome.job.name}: {printable(outcome.cause)}", "red")
            yield from (f"    {printable(line)}" for line in outcome.last_lines)
            yield f"    log: {outcome.job.run.output}"
        if not self.retry_failed:
            for planned in self.plan.of(Verdict.FAILED):
                yield paint(
                    f"failed before: {planned.call.name} seed {planned.call.seed}: {printable(planned.note)}", "red"
                )
                yield f"    log: {planned.run.output}"

    def _next_step(self) -> Iterator[str]:
        yield ""
        if self.stopped:
            left = len(self.plan.to_start(self.retry_failed)) - len(self.outcomes)
            yield f"stopped with {plural(left, 'run')} to go; run the same again to go on"
        elif self.exit_code == EXIT_FAILED:
            yield "failed runs are tried again with retry_failed=True, or --retry-failed"
        yield f"results: {self.data_dir.absolute()}"
