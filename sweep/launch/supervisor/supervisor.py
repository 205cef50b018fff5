"""The loop of a supervisor: one thread that waits for everything at once and never for one thing alone."""

from __future__ import annotations

import os
import selectors
import signal
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

from sweep.launch.causes import Cause, signal_name
from sweep.launch.supervisor.client import STARTS, open_starts
from sweep.launch.supervisor.ending import Ending
from sweep.launch.supervisor.oom import MemoryKills
from sweep.launch.supervisor.processes import below, children, environment, table, tell
from sweep.launch.supervisor.rank import Rank
from sweep.launch.supervisor.rooms import Rooms
from sweep.launch.supervisor.run import Run
from sweep.launch.supervisor.shared_memory import remove_unused
from sweep.launch.supervisor.starter import Starter
from sweep.launch.supervisor.strays import Strays
from sweep.launch.supervisor.wire import Config, Elsewhere, Wire
from sweep.rundir.paths import RunDir
from sweep.rundir.status import Kind

# At the end, killed processes have so long to be gone.
# After so many kills of a run's ranks the warm process must have told of their ends.
_PATIENT_KILLS = 4
_LAST_WAIT_S, _LAST_LOOK_S = 5.0, 0.002


class Supervisor:
    """Starts what the driver asks for, tells it what has ended, and ends everything when the driver is gone.

    Args:
        driver: the connection to the driver.
        room: a directory of its own for pipes and temporary files.
        child_ended: a descriptor that can be read when a child has ended.
    """

    def __init__(self, driver: Wire, config: Config, room: Path, child_ended: int) -> None:
        self._driver, self._config, self._room = driver, config, room
        self._runs: dict[str, Run] = {}
        self._starter = Starter(config, self)
        self._strays = Strays()
        self._rooms, self._memory_kills = Rooms(room), MemoryKills()
        self._driver_is_there = True
        self._selector = selectors.DefaultSelector()
        self._watch(driver.fileno(), self._hear_driver)
        self._watch(child_ended, lambda: os.read(child_ended, 4096))
        self._starts = open_starts(room)
        self._started_text = b""
        self._watch(self._starts, self._hear_clients)
        self._watched_wire: Wire | None = None

    def serve(self) -> None:
        """Work until the driver is gone and everything of its has ended."""
        while self._driver_is_there or self._runs:
            for key, _ in self._selector.select(self._patience()):
                key.data()
            self._reap()
            self._advance()

    def _patience(self) -> float | None:
        due = min((run.due for run in self._runs.values()), default=float("inf"))
        return None if due == float("inf") else max(0.0, due - time.monotonic())

    def _watch(self, descriptor: int, then: Callable[[], Any]) -> None:
        self._selector.register(descriptor, selectors.EVENT_READ, then)

    # -- the driver

    def _hear_driver(self) -> None:
        is_left = self._driver.is_left
        message, descriptors = self._driver.receive()
        if message is None:
            self._lose_driver()
        elif message["do"] == "start" and is_left:  # for a driver that is gone nothing is begun
            for lock in descriptors:
                os.close(lock)
        elif message["do"] == "start":
            self._start(message, descriptors[0] if descriptors else -1)
        else:
            for run in (self._runs[name] for name in message["ids"] if name in self._runs):
                self._cancel(run, message["now"])

    def _lose_driver(self) -> None:
        self._selector.unregister(self._driver.fileno())
        self._driver_is_there = False
        for run in list(self._runs.values()):
            self._cancel(run, at_once=False)

    def _cancel(self, run: Run, at_once: bool) -> None:
        for number, rank in run.ranks.items():
            if self._starter.forget(f"{run.id}.{number}"):
                rank.code = 0  # it never was
        run.cancel(time.monotonic(), at_once)

    def _start(self, message: dict[str, Any], lock: int) -> None:
        name, directory = message["id"], RunDir(Path(message["dir"]))
        ranks = {number: Rank() for number in range(message["ranks"])}
        cores = tuple(message["cores"])
        try:
            own = self._rooms.take()
            run = Run(name, directory, cores, message["environ"], self._config, own, ranks, self._memory_kills, lock)
            run.elsewhere = Elsewhere.of(message["elsewhere"]) if message.get("elsewhere") else None
        except OSError as error:
            self._refuse(name, lock, f"its output cannot be kept: {error.strerror}")
            return
        self._runs[name] = run
        self._watch(run.pipe, run.take_output)
        if len(ranks) == 1 and run.elsewhere is None:
            self._start_rank(run, 0, {})
            return
        try:
            run.start_launcher(self._room)
        except OSError as error:
            run.fail(Cause(Kind.LOST, f"its launcher cannot be started: {error.strerror}"), time.monotonic())

    def _refuse(self, name: str, lock: int, why: str) -> None:
        if lock >= 0:
            os.close(lock)
        self._driver.send({"ended": name, "kind": Kind.ERROR, "text": why, "clear": False})

    # -- ranks

    def _start_rank(self, run: Run, rank: int, given: Mapping[str, str]) -> None:
        run.ranks[rank].asked = True
        self._starter.start(run.task(rank, given))
        self._follow_warm_process()

    def _follow_warm_process(self) -> None:
        wire = self._starter.wire
        if wire is not self._watched_wire:
            if wire is not None:
                self._watch(wire.fileno(), self._hear_warm)
            self._watched_wire = wire

    def _hear_warm(self) -> None:
        wire = self._watched_wire
        assert wire is not None
        descriptor = wire.fileno()
        self._starter.hear()
        if self._starter.wire is None:
            self._selector.unregister(descriptor)
            self._watched_wire = None

    def _hear_clients(self) -> None:
        self._started_text += os.read(self._starts, 65536)
        *lines, self._started_text = self._started_text.split(b"\n")
        for line in lines:
            name, rank, client = line.decode().split()
            run = self._runs.get(name)
            if run is not None and run.launcher is not None and run.ending is None:
                given = run.launcher.report(int(rank), int(client), environment(int(client)))
                self._start_rank(run, int(rank), given)

    def rank_starts(self, key: str, way: str, note: str) -> Mapping[str, Any]:
        run, _ = self._find(key)
        return run.begin(way, note) if run is not None else {}

    def rank_started(self, key: str, pid: int) -> None:
        run, rank = self._find(key)
        if run is not None:
            run.ranks[rank].pid = pid
            if run.ending is not None:
                run.ending.greet(pid)

    def rank_ended(self, key: str, code: int, peak: int) -> None:
        run, rank = self._find(key)
        if run is not None:
            run.rank_ended(rank, code, peak, time.monotonic())

    def rank_lost(self, key: str, why: str) -> None:
        run, rank = self._find(key)
        if run is not None and run.ranks[rank].code is None:
            run.fail(Cause(Kind.LOST, f"rank {rank} was lost: {why}"), time.monotonic())
            if run.ranks[rank].has_no_end:  # nobody will tell of it any more
                run.ranks[rank].code = -9

    def _find(self, key: str) -> tuple[Run | None, int]:
        name, _, rank = key.rpartition(".")
        return self._runs.get(name), int(rank)

    # -- ends

    def _reap(self) -> None:
        ended: dict[int, tuple[int, int]] = {}
        while True:
            try:
                pid, status, usage = os.wait4(-1, os.WNOHANG)
            except ChildProcessError:
                break
            if pid == 0:
                break
            ended[pid] = os.waitstatus_to_exitcode(status), usage.ru_maxrss * 1024
        if self._starter.warm_pid in ended:  # first, as its end explains those of its children
            code, _ = ended.pop(self._starter.warm_pid)
            self._warm_ended(code)
        for pid, (code, peak) in ended.items():
            self._child_ended(pid, code, peak)

    def _warm_ended(self, code: int) -> None:
        if self._watched_wire is not None:
            self._selector.unregister(self._watched_wire.fileno())
            self._watched_wire = None
        self._starter.warm_ended(f"was killed by {signal_name(-code)}" if code < 0 else f"ended with exit code {code}")
        self._follow_warm_process()

    def _child_ended(self, pid: int, code: int, peak: int) -> None:
        now = time.monotonic()
        for run in self._runs.values():
            if run.launcher is not None and run.launcher.pid == pid:
                run.launcher_ended(code, now)
            for number, rank in run.ranks.items():
                if rank.pid == pid and rank.code is None:
                    run.rank_ended(number, code, peak, now)

    def _advance(self) -> None:
        now = time.monotonic()
        for run in list(self._runs.values()):
            run.advance(now)
            if run.ending is not None and now >= run.ending.due:
                self._take_step(run, run.ending, now)
            if run.is_over:
                self._close_if_alone(run, now)

    def _take_step(self, run: Run, ending: Ending, now: float) -> None:
        ranks = run.to_ask
        if not ranks:
            ending.ask = False  # nobody is there who could save anything
        launcher = run.launcher
        if launcher is not None and launcher.clients is not None and launcher.pid and not ending.asks_next:
            # Nothing of the user's is there. The launcher goes first: it would print a page about the others.
            for pid in (launcher.pid, *below([launcher.pid], table())):
                tell(pid, signal.SIGKILL)
        ending.step(now, ranks, partial(self._everything_of, run))
        expected = [rank for rank in run.ranks.values() if rank.is_expected]
        if ending.kills > _PATIENT_KILLS and expected and all(rank.has_no_end for rank in expected):
            tell(self._starter.warm_pid, signal.SIGKILL)  # who should tell of their ends does not answer

    def _everything_of(self, run: Run) -> set[int]:
        strays = self._strays.of(run, self._runs, self._known())
        return below([*run.roots, *strays], table())

    def _known(self) -> set[int]:
        """Return the children that are no strays."""
        return {self._starter.warm_pid, *(pid for run in self._runs.values() for pid in run.roots)}

    def _close_if_alone(self, run: Run, now: float) -> None:
        """Close a run when nothing that it has started is left; see to it that nothing is."""
        left = self._strays.of(run, self._runs, self._known())
        if not left or (run.ending is not None and run.ending.given_up):
            self._close(run)
        elif run.ending is None:
            run.ending = Ending(now)

    def _close(self, run: Run) -> None:
        self._selector.unregister(run.pipe)
        cause = run.close()
        self._rooms.give_back(run.room, clear=run.has_failed)
        del self._runs[run.id]
        crashed = run.ending is not None and len(run.ranks) > 1
        if crashed:
            remove_unused()
        if run.is_done:
            with suppress(OSError):
                run.run.payload.unlink(missing_ok=True)
        elif not self._driver_is_there:
            run.mark_interrupted()
        if run.lock >= 0:
            os.close(run.lock)
        clear = crashed and self._config.pid > 0
        self._driver.send({"ended": run.id, "kind": cause.kind, "text": cause.text, "clear": clear})

    def close(self) -> None:
        """End the warm process and all else that is left; remove our directory, but not what finished runs left."""
        deadline = time.monotonic() + _LAST_WAIT_S
        while (left := children()) and time.monotonic() < deadline:
            for pid in left:
                tell(pid, signal.SIGKILL)
            time.sleep(_LAST_LOOK_S)
            self._reap()
        (self._room / STARTS).unlink(missing_ok=True)
        with suppress(OSError):  # somebody else has removed it
            for room in self._room.iterdir():
                with suppress(OSError):  # it is not empty
                    room.rmdir()
            self._room.rmdir()
