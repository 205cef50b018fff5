"""This machine, which is the site of a launch that names none."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property

from sweep.front.share import runs_at_once, slots_here
from sweep.front.sites.base import Show, Work
from sweep.launch.engines.base import Engine
from sweep.launch.engines.local import LocalEngine
from sweep.launch.limits import Limits
from sweep.launch.slots import Demand, Slots


class Here:
    """As many runs at once as this machine has room for, under a supervisor of the launch's own."""

    note = ""
    promises = LocalEngine.promises

    def __init__(self, work: Work) -> None:
        self._work = work

    @cached_property
    def slots(self) -> Slots:
        return slots_here(self._work.largest)

    @cached_property
    def at_once(self) -> int:
        return runs_at_once(self._work.request.parallel, self.slots.most(self._work.smallest))

    def check(self) -> None:
        _ = (self._work.machine, self.at_once)  # looked up here, where they refuse what they must

    def check_count(self, runs: int) -> None:
        """Refuse nothing: those that do not fit wait."""

    def scripts(self, demands: Callable[[], Mapping[Demand, int]]) -> Iterator[str]:
        yield from ()

    def make_ready(self) -> None:
        """Do nothing: the supervisor is made for the first run."""

    def allowed(self, limits: Limits) -> Limits:
        return limits

    def engine(self, show: Show | None, limits: Limits, environ: Mapping[str, str]) -> Engine:
        return LocalEngine(self._work.machine, self._work.home, environ, show=show)
