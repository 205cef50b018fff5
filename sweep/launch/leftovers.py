"""What a launch has left behind whose supervisor was killed: found by its token, and ended."""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
import signal
import tempfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from sweep.launch.supervisor.processes import SUPERVISOR as SUPERVISOR
from sweep.launch.supervisor.processes import environment, ours, read, supervises, tell
from sweep.launch.supervisor.shared_memory import remove_unused
from sweep.rundir.supervised import TOKEN_VARIABLE

ROOM_PREFIX = "sweep-"
# So long is waited for killed processes to be gone.
_PATIENCE_S = 10.0


def new_token(data_dir: Path) -> str:
    """Return a token for a launch: what marks its processes, and tells those of this data directory from others."""
    return f"{_home(data_dir)}-{secrets.token_hex(6)}"


def _home(data_dir: Path) -> str:
    return hashlib.sha256(os.fsencode(data_dir.resolve())).hexdigest()[:12]


def clear_leftovers(data_dir: Path) -> list[str]:
    """End what earlier launches into a data directory have left running, and return a line about it, if there was any.

    Their temporary files go too, and shared memory of MPI that nobody uses.
    A process is a leftover if it has the token of a launch and no supervisor with that token is there.
    """
    rooms = _rooms(f"{_home(data_dir)}-")  # first: newer ones are in use
    alive, suspects = _by_supervision(f"{_home(data_dir)}-")
    # A supervisor that was only just being made at the first look is seen at the second.
    dead = {token: pids for token in suspects if (pids := _by_supervision(token)[1].get(token))}
    for token in dead:
        end_marked(token)
    _clear_rooms(rooms, {*alive, *suspects} - set(dead))
    remove_unused()
    count = sum(len(pids) for pids in dead.values())
    one = "process" if count == 1 else "processes"
    return [f"ended {count} {one} that an earlier launch had left behind"] if count else []


def _by_supervision(prefix: str) -> tuple[dict[str, list[int]], dict[str, list[int]]]:
    """Return the processes by token, first those of which a supervisor is there, then the others."""
    tokens: dict[str, list[int]] = {}
    for pid, token in _marked(prefix):
        tokens.setdefault(token, []).append(pid)
    alive = {token: pids for token, pids in tokens.items() if any(supervises(pid) for pid in pids)}
    return alive, {token: pids for token, pids in tokens.items() if token not in alive}


def end_marked(token: str) -> None:
    """Kill every process with a token, until none is left."""
    deadline = time.monotonic() + _PATIENCE_S
    while (pids := [pid for pid, _ in _marked(token)]) and time.monotonic() < deadline:
        for pid in pids:
            tell(pid, signal.SIGKILL)
        time.sleep(0.01)


def clear_rooms(token: str) -> None:
    """Remove the temporary files of a supervisor that has died."""
    for room in _rooms(token):
        shutil.rmtree(room, ignore_errors=True)


def _marked(prefix: str) -> Iterator[tuple[int, str]]:
    """Yield the living processes of this user whose token begins so, but for this one."""
    for pid in ours():
        token = environment(pid).get(TOKEN_VARIABLE, "")
        if token.startswith(prefix) and pid != os.getpid():
            process = read(pid)
            if process is not None and process.state not in "ZX":
                yield pid, token


def _clear_rooms(rooms: Iterable[Path], alive: set[str]) -> None:
    for room in rooms:
        if not any(room.name.startswith(ROOM_PREFIX + token) for token in alive):
            shutil.rmtree(room, ignore_errors=True)


def _rooms(token: str) -> list[Path]:
    try:
        return list(Path(tempfile.gettempdir()).glob(f"{ROOM_PREFIX}{token}*"))
    except OSError:  # not for us to read: they stay
        return []
