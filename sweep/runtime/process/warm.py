"""The warm process: ``python -m sweep.runtime.process.warm DESCRIPTOR RANKS RUN_DIR PARENT``.

It loads a payload once, which imports what the thunk needs, and never calls it. Then it forks a process for every rank
that its supervisor asks for, and tells how each ended. Messages are JSON, one a packet, over the socket it is given:

    to us    {"key", "dir", "cores", "environ", "completion"}, with the descriptor of the output
    from us  {"objection"} once, when loaded; for each rank {"key", "pid"}, then {"key", "code", "peak"}
"""

from __future__ import annotations

import gc
import json
import os
import select
import socket
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from io import IOBase
from pathlib import Path
from typing import Any, NoReturn

from sweep.rundir.paths import RunDir
from sweep.rundir.payload import read_call, read_header
from sweep.rundir.status import Completion
from sweep.rundir.supervised import GOODBYE_EXIT, INTERRUPTED_EXIT
from sweep.runtime.process.child import run_rank, show_what_happens
from sweep.runtime.process.finalizers import spare_the_needless
from sweep.runtime.process.forking import (
    become_a_run,
    begin_alone,
    descriptors,
    die_with_parent,
    leave,
    objection,
    open_files,
)
from sweep.runtime.process.generators import Watch
from sweep.runtime.process.rehearsal import rehearse
from sweep.runtime.provenance import Facts, facts_if_possible, take_origin

_LARGEST = 2**20
_MOST_SPARES = 8


def main(argv: list[str]) -> None:
    """Serve until the supervisor's end of the socket is closed."""
    die_with_parent(int(argv[4]))
    show_what_happens()
    server = Warm(socket.socket(fileno=int(argv[1])), min(int(argv[2]), _MOST_SPARES))
    origin = take_origin()
    why = _load(RunDir(Path(argv[3])), _load_ours(int(argv[2])))
    server.facts = facts_if_possible(origin)
    spare_the_needless()
    gc.collect()
    server.files = open_files()
    gc.freeze()  # a collection in a child would copy every page that holds an object
    server.tell({"objection": why})
    server.serve()


def _load_ours(ranks: int) -> Watch:
    """Load what runs use of ours, before anything of the user's is there that could change it."""
    import sweep.runtime.log.epoch_logger
    import sweep.runtime.mpi.helpers
    import sweep.runtime.outputs.table
    import sweep.runtime.outputs.tsv  # noqa: F401

    watch = Watch()
    if ranks > 1:
        import mpi4py

        mpi4py.rc.initialize = False
        mpi4py.rc.finalize = True
        from mpi4py import MPI  # noqa: F401
    return watch


def _load(run: RunDir, watch: Watch) -> str:
    """Load a payload; return why this process must not be forked after it, or nothing."""
    try:
        with run.payload.open("rb") as file:
            sys.path[:] = read_header(file)["path"]
            read_call(file)
    except BaseException as error:  # a module of the user's may raise anything; a fresh process will tell it in full
        return f"loading the payload raised {type(error).__name__}"
    return watch.objection() or objection()


@dataclass
class Child:
    """A forked process.

    Attributes:
        key: the rank that it is; empty while it waits to become one.
        wire: our end of the connection on which it waits.
        cores: those that its task has named.
    """

    pid: int
    wire: socket.socket
    key: str = ""
    cores: Sequence[int] = ()


class Warm:
    """Forks ranks ahead of time, hands each its task, and waits for them.

    A spare child costs the time of its fork while another run computes, not between two runs. It was forked from the
    same state as any other, before anything of a run had happened in it.

    Args:
        wire: the connection to the supervisor.
        spares: how many children are kept ready.
    """

    def __init__(self, wire: socket.socket, spares: int) -> None:
        self._wire, self._spares, self._poll = wire, spares, select.poll()
        self._poll.register(wire, select.POLLIN)
        self._children: dict[int, Child] = {}  # by a descriptor of the process
        self._all_cores = sorted(os.sched_getaffinity(0))
        self.files: list[IOBase] = []  # open in us, so in every child
        self.facts: Facts | None = None  # the same in every child

    def tell(self, message: dict[str, Any]) -> None:
        self._wire.send(json.dumps(message).encode())

    def serve(self) -> None:
        while True:
            self._keep_spares()
            for descriptor, _ in self._poll.poll():
                if descriptor in self._children:
                    self._reap(descriptor)
                elif not self._answer():
                    return

    def _answer(self) -> bool:
        """Hand a task to a spare child; return whether the supervisor is still there."""
        data, given, _, _ = socket.recv_fds(self._wire, _LARGEST, 1)
        if not data:
            return False
        child = next(self._idle(), None) or self._fork()
        task = json.loads(data)
        child.key, child.cores = task["key"], task["cores"]
        with suppress(OSError):  # it was killed; its end will tell
            socket.send_fds(child.wire, [data], given)
        os.close(given[0])
        self.tell({"key": child.key, "pid": child.pid})
        return True

    def _idle(self) -> Iterator[Child]:
        return (child for child in self._children.values() if not child.key)

    def _keep_spares(self) -> None:
        for _ in range(self._spares - sum(1 for _ in self._idle())):
            self._fork()

    def _fork(self) -> Child:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        us = os.getpid()
        pid = os.fork()
        if pid == 0:
            ours.close()
            self._become(theirs, us)
        theirs.close()
        child, process = Child(pid, ours), os.pidfd_open(pid)
        self._children[process] = child
        self._poll.register(process, select.POLLIN)
        return child

    def _become(self, wire: socket.socket, parent: int) -> NoReturn:
        code = 1
        try:
            self._let_go()
            begin_alone(parent)
            rehearse()
            data, given, _, _ = socket.recv_fds(wire, _LARGEST, 1)
            wire.close()
            if data:
                task = json.loads(data)
                become_a_run(given[0], task["environ"], task["cores"] or self._all_cores, task["dir"])
                before = descriptors()
                code = run_rank(RunDir(Path(task["dir"])), True, Completion(**task["completion"]), self.facts)
                leave(code, code in (GOODBYE_EXIT, INTERRUPTED_EXIT), self.files, before)
        finally:
            os._exit(code)

    def _let_go(self) -> None:
        """Close what belongs to the parent."""
        self._wire.close()
        for descriptor, child in self._children.items():
            os.close(descriptor)
            child.wire.close()

    def _reap(self, process: int) -> None:
        child = self._children.pop(process)
        self._poll.unregister(process)
        os.close(process)
        child.wire.close()
        _, status, usage = os.wait4(child.pid, 0)
        if child.key:
            code = os.waitstatus_to_exitcode(status)
            self.tell({"key": child.key, "code": code, "peak": usage.ru_maxrss * 1024})
            self._place_a_spare(child.cores)

    def _place_a_spare(self, cores: Sequence[int]) -> None:
        """Let a spare child wait where a run has ended: the next one is likely to go there, and a move takes long."""
        spare = next(self._idle(), None)
        if spare is not None and cores:
            with suppress(OSError):  # it was killed, or a core is not ours any more
                os.sched_setaffinity(spare.pid, cores)


if __name__ == "__main__":
    main(sys.argv)
