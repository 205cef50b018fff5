"""The workers of an executor that the caller has made."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property

from sweep.front.share import runs_on
from sweep.front.sites.base import Show, Work
from sweep.launch.engines.base import Engine
from sweep.launch.engines.executor import Boundless, Executor, ExecutorEngine, make_ready
from sweep.launch.limits import Limits
from sweep.launch.slots import Demand, Slots


class OnExecutor:
    """As many runs at once as keep an executor busy; what a worker has to share nobody here knows."""

    promises = ExecutorEngine.promises

    def __init__(self, work: Work) -> None:
        self._work = work
        self._executor: Executor = work.request.engine

    @cached_property
    def slots(self) -> Slots:
        return Boundless()

    @cached_property
    def at_once(self) -> int:
        return runs_on(self._executor, self._work.request.parallel)

    @property
    def note(self) -> str:
        return f" on {type(self._executor).__name__}"

    def check(self) -> None:
        _ = (self._work.machine, self.at_once)  # looked up here, where they refuse what they must

    def check_count(self, runs: int) -> None:
        """Refuse nothing: those that find no worker wait."""

    def scripts(self, demands: Callable[[], Mapping[Demand, int]]) -> Iterator[str]:
        yield from ()

    def make_ready(self) -> None:
        make_ready(self._executor)

    def allowed(self, limits: Limits) -> Limits:
        return limits

    def engine(self, show: Show | None, limits: Limits, environ: Mapping[str, str]) -> Engine:
        return ExecutorEngine(self._executor, self._work.machine, self._work.home, environ, limits)
