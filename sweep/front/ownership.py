"""The lock of a sweep: of two launches of one grid only one goes on, unless they are to share the runs."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sweep.base.errors import LaunchError
from sweep.front.screen import say
from sweep.launch.leftovers import clear_leftovers
from sweep.rundir.lock import Lock, Owner, holder, take
from sweep.rundir.naming import Place

_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.05, 1.0


def check_free(place: Place, grid_name: str) -> None:
    """Refuse a sweep that another launch has under way.

    Raises:
        LaunchError: names the process.
    """
    owner = holder(place.sweep_lock(grid_name))
    if owner is not None:
        raise _refusal(place, grid_name, owner)


@contextmanager
def sweep_owned(place: Place, grid_name: str, share: bool) -> Iterator[None]:
    """Hold the lock of a sweep, and begin by ending what a launch that was killed has left running.

    Args:
        share: go on without the lock if another launch has it.

    Raises:
        LaunchError: another launch has it, or the data directory cannot be written.
    """
    file = place.sweep_lock(grid_name)
    lock = _taken(file)
    if lock is None and not share:
        raise _refusal(place, grid_name, holder(file))
    try:
        clear_up(place)
        yield
    finally:
        if lock is not None:
            lock.release()


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


def _taken(file: Path) -> Lock | None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        return take(file)
    except OSError as error:
        raise LaunchError(f"{file} cannot be written: {error.strerror}. Make room, or name another data_dir.") from None


def _refusal(place: Place, grid_name: str, owner: Owner | None) -> LaunchError:
    return LaunchError(
        f"the sweep {grid_name!r} in {place.data_dir} is being run by {owner or 'another launch'}; wait for it, or "
        "--share (share=True) to take what is free."
    )
