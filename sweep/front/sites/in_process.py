"""The calling process, for a breakpoint: one run of one rank."""

from __future__ import annotations

from collections.abc import Mapping

from sweep.front.inline import InlineEngine, check_inline
from sweep.front.sites.base import Show
from sweep.front.sites.here import Here
from sweep.launch.engines.base import Engine
from sweep.launch.limits import Limits


class InProcess(Here):
    """This machine, without a process of the run's own."""

    def check_count(self, runs: int) -> None:
        check_inline(runs, self._work.ranks[-1])

    def engine(self, show: Show | None, limits: Limits, environ: Mapping[str, str]) -> Engine:
        return InlineEngine(environ)
