"""The process of a run, one a rank: ``python -m sweep.runtime.child RUN_DIR``.

It finds everything in the run directory and answers there: `status.json` for the state, a failure file for each rank
that fails. Rank 0 commits `done` after every rank has returned (or, if the thunk has finalized MPI, after it has
itself); nothing else makes a run done.
"""

from __future__ import annotations

import sys
import time
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from types import AsyncGeneratorType, CoroutineType, GeneratorType
from typing import IO, Any

from sweep.base.files import write_json
from sweep.rundir.paths import RunDir
from sweep.rundir.payload import read_call, read_header
from sweep.rundir.status import State, Status, read_status, write_status
from sweep.runtime.environment import with_env_fn
from sweep.runtime.world import Ranks, join

_ERROR_LENGTH = 500  # characters; the traceback has the whole message
_UNRUN = {GeneratorType: "a generator", AsyncGeneratorType: "an async generator", CoroutineType: "a coroutine"}


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
    _refuse_unrun(call.thunk, call.thunk(**with_env_fn(call.thunk, call.kwargs)))
    ranks.barrier(header["goodbye_s"])
    if ranks.rank == 0:
        status = read_status(run)
        assert status is not None
        write_status(run, status.ended_as(State.DONE))


def _refuse_unrun(thunk: Callable[..., Any], result: object) -> None:
    """Raise TypeError if a call only made what would run: a thunk with `yield` in it, or an `async def`."""
    kind = _UNRUN.get(type(result))
    if kind is None:
        return
    if isinstance(result, (GeneratorType, CoroutineType)):
        result.close()  # or Python would add that it was never awaited
    function = getattr(thunk, "func", thunk)  # of a partial
    name = getattr(function, "__name__", type(function).__name__)
    raise TypeError(f"{name}() returned {kind} and ran nothing; write a plain function")


def _flush_every_line(*streams: Any) -> None:
    """Let the log show what a run prints as it prints it: Python would hold back whole blocks in a file."""
    for stream in streams:
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(line_buffering=True)


def _report_failure(run: RunDir, ranks: Ranks | None, error: BaseException) -> None:
    """Write what happened where the driver looks for it and where people look, then end every rank."""
    traceback.print_exception(error)
    rank = ranks.rank if ranks else 0
    words = {
        "rank": rank,
        "time": time.time(),
        "error": _in_one_line(error),
        "traceback": "".join(traceback.format_exception(error)),
    }
    write_json(run.failure(rank), words)
    sys.stdout.flush()
    sys.stderr.flush()
    if ranks:
        ranks.abort()


def _in_one_line(error: BaseException) -> str:
    """Return the type of an error and the first line of its message that holds anything."""
    kind = type(error)
    name = (
        kind.__qualname__ if kind.__module__ in ("builtins", "__main__") else f"{kind.__module__}.{kind.__qualname__}"
    )
    try:
        lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    except Exception:  # a user's own __str__
        lines = []
    return ": ".join([name, *lines[:1]])[:_ERROR_LENGTH]


if __name__ == "__main__":
    sys.exit(main(sys.argv))
