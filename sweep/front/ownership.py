"""The lock of a sweep: of two launches of one grid only one goes on, unless they are to share the runs."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from sweep.base.errors import LaunchError, UsageError
from sweep.front.part import Part
from sweep.front.request import Request
from sweep.front.screen import say
from sweep.launch.leftovers import clear_leftovers
from sweep.rundir.lock import Lock, Owner, holder, take
from sweep.rundir.naming import Place

_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.05, 1.0


def check_together(request: Request, place: Place) -> None:
    """Refuse what several launches at once cannot have: who runs what is told by the directories that all of them find.

    Raises:
        UsageError
    """
    dated = "a date on the directories" if place.stamp else ""
    if request.share and (request.fresh or dated):
        other = "fresh=True" if request.fresh else dated
        raise UsageError(f"share=True does not go with {other}: launches that share find the same directories.")
    if dated and (request.shard is not None or request.index is not None):
        which = "shard" if request.index is None else "index"
        raise UsageError(f"{which} does not go with {dated}: the launches of all parts find the same directories.")


def check_free(place: Place, grid_name: str, part: Part | None = None) -> None:
    """Refuse a sweep, or a part of one, that another launch has under way.

    Raises:
        LaunchError: names the process.
    """
    for file, shared in _locks(place, grid_name, part):
        if (owner := holder(file, shared)) is not None:
            raise _refusal(place, grid_name, owner)


def _locks(place: Place, grid_name: str, part: Part | None) -> Iterator[tuple[Path, bool]]:
    """Yield the locks of a launch, each with whether it is shared: launches of parts share that of the sweep."""
    yield place.sweep_lock(grid_name), part is not None
    if part is not None and part.lock:
        yield place.sweep_lock(grid_name + part.lock), False


@contextmanager
def sweep_owned(place: Place, grid_name: str, share: bool, part: Part | None = None) -> Iterator[None]:
    """Hold the locks of a sweep, and begin by ending what a launch that was killed has left running.

    Args:
        share: go on without a lock that another launch has.
        part: what the launch is about, if not all of it; other parts may be launched meanwhile.

    Raises:
        LaunchError: another launch has it, or the data directory cannot be written.
    """
    with ExitStack() as held:
        for file, shared in _locks(place, grid_name, part):
            lock = _taken(file, shared)
            if lock is not None:
                held.callback(lock.release)
            elif not share:
                raise _refusal(place, grid_name, holder(file, shared))
        clear_up(place)
        yield


def clear_up(place: Place) -> None:
    """End what a launch that was killed has left running, and say so."""
    for line in clear_leftovers(place.data_dir):
        say(line)


def wait_until_free(file: Path, check: Callable[[], None]) -> None:
    """Wait until nobody holds a lock.

    Args:
        check: is called at every look; what it raises ends the wait.
    """
    pause_s = _FIRST_PAUSE_S
    while holder(file) is not None:
        check()
        time.sleep(pause_s)
        pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)


def _taken(file: Path, shared: bool) -> Lock | None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        return take(file, shared)
    except OSError as error:
        raise LaunchError(f"{file} cannot be written: {error.strerror}. Make room, or name another data_dir.") from None


def _refusal(place: Place, grid_name: str, owner: Owner | None) -> LaunchError:
    return LaunchError(
        f"the sweep {grid_name!r} in {place.data_dir} is being run by {owner or 'another launch'}; wait for it, or "
        "--share (share=True) to take what is free."
    )
