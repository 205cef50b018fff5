"""Which site a launch runs on: what its `engine` says."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sweep.front.inline import INLINE
from sweep.front.sites.base import Site, Work
from sweep.front.sites.here import Here
from sweep.front.sites.in_process import InProcess
from sweep.front.sites.on_executor import OnExecutor
from sweep.front.sites.on_hosts import OnHosts
from sweep.front.sites.on_slurm import OnSlurm

# The site of each name that `engine` may be: those of `sweep.front.request.ENGINES`.
NAMED: Mapping[str, Callable[[Work], Site]] = {"local": Here, "slurm": OnSlurm}


def site_of(work: Work) -> Site:
    """Return where the runs of a launch execute; nothing is looked at yet."""
    engine = work.request.engine
    if work.request.start == INLINE:
        return InProcess(work)
    if work.request.hosts is not None:
        return OnHosts(work)
    if engine is None or isinstance(engine, str):
        return NAMED[engine or "local"](work)
    return OnExecutor(work)
