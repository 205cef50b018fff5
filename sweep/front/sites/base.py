"""What a site is: the share of runs that it takes, what it refuses, and the engine that runs them there."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Protocol

from sweep.base.settings import Settings
from sweep.front.machine import this_machine
from sweep.front.request import Request
from sweep.launch.engines.base import Engine, Promises
from sweep.launch.job import Machine
from sweep.launch.limits import Limits
from sweep.launch.slots import Demand, Slots

# Runs at once, where somebody else says how many: more than anybody has.
UNCOUNTED = sys.maxsize
# Is called with what a run prints, as it prints it.
Show = Callable[[bytes], None]


@dataclass(frozen=True)
class Work:
    """What a launch asks of the place where its runs execute.

    Attributes:
        home: the data directory.
        ranks: the numbers of ranks that runs have, smallest first.
        demand: of a run, but for its number of ranks.
        grid_name: for a site that names what it hands on.
    """

    request: Request
    settings: Settings
    home: Path
    ranks: list[int]
    demand: Demand
    grid_name: str

    @cached_property
    def machine(self) -> Machine:
        """How ranks are started, here or wherever this interpreter is found too.

        Raises:
            MpiError: a run has more than one rank, and there is no launcher.
            LaunchError: this process is itself one of several ranks.
        """
        request = self.request
        return this_machine(self.ranks[-1], self.settings, self.demand.threads, request.start, request.pin)

    @property
    def smallest(self) -> Demand:
        """What a run with the fewest ranks needs."""
        return replace(self.demand, ranks=self.ranks[0])

    @property
    def largest(self) -> Demand:
        """What a run with the most ranks needs."""
        return replace(self.demand, ranks=self.ranks[-1])


class Site(Protocol):
    """Where the runs of a launch execute. Making one looks at nothing: a plan may be for a machine elsewhere.

    check ──> check_count ──> (the report) ──> make_ready ──> engine
    """

    @property
    def slots(self) -> Slots:
        """The free shares of the site; they may be boundless.

        Raises:
            LaunchError: a run needs more than there is.
        """

    @property
    def at_once(self) -> int:
        """How many runs go at once, at most.

        Raises:
            UsageError: `parallel` is neither a whole number from 1 nor 'auto'.
            LaunchError: a run needs more than there is.
        """

    @property
    def promises(self) -> Promises:
        """What can be relied on of its engine."""

    @property
    def note(self) -> str:
        """What the report says of the place behind the number of runs at once, such as ' on ThreadPoolExecutor'."""

    def check(self) -> None:
        """Refuse what cannot run here at all, before anything is printed or written.

        Raises:
            SweepError
        """

    def check_count(self, runs: int) -> None:
        """Refuse so many runs, once the plan says how many are to be started; as early.

        Raises:
            SweepError
        """

    def scripts(self, demands: Callable[[], Mapping[Demand, int]]) -> Iterator[str]:
        """Yield what would be given to somebody else to run, exactly.

        Args:
            demands: counts the runs that are to be started by what they need.
        """

    def make_ready(self) -> None:
        """Do what must be done while this process has neither a lock nor a handler of signals."""

    def allowed(self, limits: Limits) -> Limits:
        """Return what a launch allows its runs here."""

    def engine(self, show: Show | None, limits: Limits, environ: Mapping[str, str]) -> Engine:
        """Return the engine of a launch.

        Args:
            show: None shows nothing. A site whose runs print elsewhere passes it over.
            limits: of the launch; an engine that promises to keep the times watches them.
            environ: of the driver, with what tells runs where they come from.
        """
