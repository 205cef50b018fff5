"""Runs that take too long, or have written nothing for too long."""

from __future__ import annotations

import math
from dataclasses import dataclass

from sweep.base.text import duration
from sweep.launch.causes import Cause
from sweep.launch.limits import Limits
from sweep.rundir.activity import activity
from sweep.rundir.paths import RunDir
from sweep.rundir.status import Kind

# What a run has written is looked at so often, and four times within its limit.
_LOOK_S = 1.0


@dataclass
class Watch:
    """The time limits of one run that is going on.

    Silence is told by change between looks, never by a file's date: the clocks of two machines differ. A pause in which
    nobody looked (the machine slept, the container was frozen, runs and all) counts as one look's time.

    Args:
        now: on the caller's clock, in seconds, here and below.
    """

    run: RunDir
    limits: Limits
    started: float
    seen: tuple[object, ...] | None = None
    looked: float = -math.inf
    silent_s: float = 0.0

    def late(self, now: float) -> Cause | None:
        """Return why the run is to be ended, None if it may go on."""
        limit = self.limits.timeout_s
        if limit is not None and now - self.started >= limit:
            return Cause(Kind.TIMEOUT, f"timeout: it took longer than {duration(limit)}")
        limit = self.limits.stall_timeout_s
        if limit is not None and self._silence(now) >= limit:
            return Cause(Kind.TIMEOUT, f"stalled: nothing was written for {duration(limit)}")
        return None

    @property
    def due(self) -> float:
        """When to ask again."""
        times = []
        if self.limits.timeout_s is not None:
            times.append(self.started + self.limits.timeout_s)
        if self.limits.stall_timeout_s is not None:
            times.append(self.looked + self._step_s)
        return min(times, default=math.inf)

    @property
    def _step_s(self) -> float:
        assert self.limits.stall_timeout_s is not None
        return min(_LOOK_S, self.limits.stall_timeout_s / 4)

    def _silence(self, now: float) -> float:
        """Return for how many seconds nothing new was seen."""
        passed = now - self.looked
        if passed < self._step_s:
            return self.silent_s
        seen, self.looked = activity(self.run), now
        self.silent_s = self.silent_s + min(passed, 2 * self._step_s) if seen == self.seen else 0.0
        self.seen = seen
        return self.silent_s
