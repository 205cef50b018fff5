"""The process of a run, one a rank: ``python -m sweep.runtime.child RUN_DIR``.

It finds everything in the run directory and answers there: `status.json` for the state, a failure file for each rank
that fails. Rank 0 commits `done` after every rank has returned; nothing else makes a run done.
"""

from __future__ import annotations

import sys
import time
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

from sweep.base.files import write_json
from sweep.rundir.paths import RunDir
from sweep.rundir.payload import read_call, read_header
from sweep.rundir.status import State, Status, read_status, write_status
from sweep.runtime.environment import with_env_fn
from sweep.runtime.world import Ranks, join


def main(argv: list[str]) -> int:
    """Run the payload of a run directory; return the exit code of this rank."""
    run = RunDir(Path(argv[1]))
    _flush_every_line(sys.stdout, sys.stderr)
    ranks: Ranks | None = None
    try:
        with run.payload.open("rb") as file:
            header = read_header(file)
            ranks = join(header["num_cpu"])
            _execute(run, ranks, header, file)
    except BaseException as error:  # sys.exit and Ctrl-C end a run before its function returned, like any other error
        _report_failure(run, ranks, error)
        return 1
    return 0


def _execute(run: RunDir, ranks: Ranks, header: Mapping[str, Any], file: IO[bytes]) -> None:
    if ranks.rank == 0:
        write_status(run, (read_status(run) or Status(State.PENDING)).begun())
    sys.path[:] = header["path"]
    call = read_call(file)
    call.thunk(**with_env_fn(call.thunk, call.kwargs))
    ranks.barrier()
    if ranks.rank == 0:
        status = read_status(run)
        assert status is not None
        write_status(run, status.ended_as(State.DONE))


def _flush_every_line(*streams: Any) -> None:
    """Let the log show what a run prints as it prints it: Python would hold back whole blocks in a file."""
    for stream in streams:
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(line_buffering=True)


def _report_failure(run: RunDir, ranks: Ranks | None, error: BaseException) -> None:
    """Write what happened where the driver looks for it and where people look, then end every rank."""
    traceback.print_exception(error)
    rank = ranks.rank if ranks else 0
    what = "".join(traceback.format_exception_only(error)).strip().splitlines()
    words = {
        "rank": rank,
        "time": time.time(),
        "error": (what or [type(error).__name__])[0],
        "traceback": "".join(traceback.format_exception(error)),
    }
    write_json(run.failure(rank), words)
    sys.stdout.flush()
    sys.stderr.flush()
    if ranks:
        ranks.abort()


if __name__ == "__main__":
    sys.exit(main(sys.argv))
