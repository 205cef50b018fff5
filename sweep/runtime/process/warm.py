"""The warm process: ``python -m sweep.runtime.process.warm DESCRIPTOR RANKS RUN_DIR PARENT``.

It loads a payload once, which imports what the thunk needs, and never calls it. Then it forks processes that wait to
become ranks: some at once, and one for whatever its supervisor says. It tells how each ended. Messages are JSON, one a
packet, over the socket it is given:

    from us  {"objection"} once, when loaded; {"pid"} with a connection to a process that waits; {"pid", "code", "peak"}
    on that  {"dir", "cores", "environ"} with the descriptor of the output; then the run's `Completion`, and it begins
"""

from __future__ import annotations

import gc
import json
import os
import select
import socket
import sys
from collections.abc import Sequence
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


class Warm:
    """Forks processes ahead of time, which wait to hear which rank they are, and tells how each ended.

    A spare process costs the time of its fork while another run computes, not between two runs. It was forked from the
    same state as any other, before anything of a run had happened in it.

    Args:
        wire: the connection to the supervisor.
        spares: how many processes are made at once.
    """

    def __init__(self, wire: socket.socket, spares: int) -> None:
        self._wire, self._spares, self._poll = wire, spares, select.poll()
        self._poll.register(wire, select.POLLIN)
        self._children: dict[int, int] = {}  # process numbers, by a descriptor of the process
        self._cores: list[int] = []
        self.files: list[IOBase] = []  # open in us, so in every child
        self.facts: Facts | None = None  # the same in every child

    def tell(self, message: dict[str, Any], given: Sequence[int] = ()) -> None:
        socket.send_fds(self._wire, [json.dumps(message).encode()], given)

    def serve(self) -> None:
        self._cores = sorted(os.sched_getaffinity(0))  # of a run that is given none; the import may have chosen
        for _ in range(self._spares):
            self._fork()
        while True:
            for descriptor, _ in self._poll.poll():
                if descriptor in self._children:
                    self._reap(descriptor)
                elif self._wire.recv(_LARGEST):
                    self._fork()
                else:
                    return

    def _fork(self) -> None:
        theirs, own = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        us = os.getpid()
        pid = os.fork()
        if pid == 0:
            theirs.close()
            self._become(own, us)
        own.close()
        process = os.pidfd_open(pid)
        self._children[process] = pid
        self._poll.register(process, select.POLLIN)
        self.tell({"pid": pid}, [theirs.fileno()])
        theirs.close()

    def _become(self, wire: socket.socket, parent: int) -> NoReturn:
        code = 1
        try:
            self._let_go()
            begin_alone(parent)
            rehearse()
            heard = self._hear(wire)
            wire.close()
            if heard is not None:
                run, completion = heard
                before = descriptors()
                code = run_rank(run, True, completion, self.facts)
                leave(code, code in (GOODBYE_EXIT, INTERRUPTED_EXIT), self.files, before)
        finally:
            os._exit(code)

    def _hear(self, wire: socket.socket) -> tuple[RunDir, Completion] | None:
        """Become a rank, and return its run and completion record; None if nobody wants it any more."""
        data, given, _, _ = socket.recv_fds(wire, _LARGEST, 1)
        if not data:
            return None
        task = json.loads(data)
        become_a_run(given[0], task["environ"], task["cores"] or self._cores, task["dir"])
        made = wire.recv(_LARGEST)
        return (RunDir(Path(task["dir"])), Completion(**json.loads(made))) if made else None

    def _let_go(self) -> None:
        """Close what belongs to the parent."""
        self._wire.close()
        for descriptor in self._children:
            os.close(descriptor)

    def _reap(self, process: int) -> None:
        pid = self._children.pop(process)
        self._poll.unregister(process)
        os.close(process)
        _, status, usage = os.wait4(pid, 0)
        self.tell({"pid": pid, "code": os.waitstatus_to_exitcode(status), "peak": usage.ru_maxrss * 1024})


if __name__ == "__main__":
    main(sys.argv)
