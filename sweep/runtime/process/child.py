"""The process of a run, one a rank: ``python -m sweep.runtime.process.child RUN_DIR``, or forked from the warm process.

It finds everything in the run directory and answers there: the completion record, a failure file for each rank that
fails. Rank 0 commits `done` after every rank has returned (or, if the thunk has finalized MPI, after it has
itself); nothing else makes a run done.
"""

from __future__ import annotations

import faulthandler
import os
import sys
import time
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from types import AsyncGeneratorType, CoroutineType, GeneratorType
from typing import IO, Any, NoReturn

from sweep.base.files import write_json
from sweep.rundir.paths import RunDir
from sweep.rundir.payload import read_call, read_header
from sweep.rundir.status import Completion, State, complete, read_status, write_status
from sweep.rundir.supervised import FAILED_EXIT, GOODBYE_EXIT, INTERRUPTED_EXIT, SUPERVISED_VARIABLE
from sweep.runtime.context.current import running, with_run
from sweep.runtime.context.stopping import RunInterrupted
from sweep.runtime.mpi.world import Ranks, join
from sweep.runtime.process.environment import with_env_fn
from sweep.runtime.provenance import Attempt, Facts, begin_provenance, end_provenance, most, peak_memory, take_origin

_ERROR_LENGTH = 500  # characters; the traceback has the whole message
_UNRUN = {GeneratorType: "a generator", AsyncGeneratorType: "an async generator", CoroutineType: "a coroutine"}


def main(argv: list[str]) -> int:
    """Run the payload of a run directory in this fresh interpreter; return the exit code of this rank."""
    show_what_happens()
    supervised = os.environ.pop(SUPERVISED_VARIABLE, None) is not None
    code = run_rank(RunDir(Path(argv[1])), supervised)
    if code == FAILED_EXIT and _mpi_is_on():
        os._exit(code)  # MPI's own end would wait for ranks that will never come
    if supervised or code == INTERRUPTED_EXIT:
        return code
    return int(code != GOODBYE_EXIT)


def run_rank(run: RunDir, supervised: bool, made: Completion | None = None, facts: Facts | None = None) -> int:
    """Run the payload of a run directory in this process.

    Args:
        supervised: a supervisor sees this rank end, and ends the others; else MPI has to.
        made: the completion record, if the caller has made it.
        facts: of this process, if the caller has gathered them.

    Returns:
        GOODBYE_EXIT after the function has returned on every rank, INTERRUPTED_EXIT after it was asked to stop and has
        saved itself, else FAILED_EXIT: exit codes that a supervisor can tell from those of a process which left in
        the middle.
    """
    ranks: Ranks | None = None
    attempt: Attempt | None = None
    us = os.getpid()
    try:
        with run.payload.open("rb") as file:
            header = read_header(file)
            ranks = join(header["num_cpu"])
            attempt = _begin(run, ranks, facts)
            return _execute(run, ranks, attempt, made, header, file)
    except BaseException as error:  # sys.exit and Ctrl-C end a run before its function returned, like any other error
        if os.getpid() != us:
            traceback.print_exception(error)
            _leave_as_a_copy(1)
        end_provenance(attempt, most([peak_memory()]))
        _report_failure(run, ranks, error)
        if ranks and not supervised:
            ranks.abort()
        return FAILED_EXIT


def _begin(run: RunDir, ranks: Ranks, facts: Facts | None) -> Attempt | None:
    if ranks.rank == 0:
        return begin_provenance(run.provenance, facts)
    take_origin()
    return None


def _execute(
    run: RunDir,
    ranks: Ranks,
    attempt: Attempt | None,
    made: Completion | None,
    header: Mapping[str, Any],
    file: IO[bytes],
) -> int:
    sys.path[:] = header["path"]
    call, us = read_call(file), os.getpid()
    try:
        with running(run) as context:
            kwargs = with_run(call.thunk, with_env_fn(call.thunk, call.kwargs), context)
            result = call.thunk(**kwargs)
            if os.getpid() != us:
                _leave_as_a_copy(0)
            _refuse_unrun(call.thunk, result)
    except RunInterrupted as stop:
        if ranks.rank == 0:
            end_provenance(attempt, most([peak_memory()]))
            _commit_interrupted(run, str(stop))
        ranks.barrier(header["goodbye_s"])  # nobody leaves before it is written: the first to leave ends the others
        return INTERRUPTED_EXIT
    ranks.barrier(header["goodbye_s"])
    peaks = _peaks(ranks)
    if ranks.rank == 0:
        end_provenance(attempt, most(peaks))
        complete(run, made)
    return GOODBYE_EXIT


def _peaks(ranks: Ranks) -> list[dict[str, float]]:
    """Return the peak memory of every rank, on rank 0; all have come to the goodbye, so that nobody waits long."""
    ours = peak_memory()
    if ranks.goodbye is None or not _mpi_is_on():
        return [ours]
    return ranks.goodbye.gather(ours) or [ours]


def _leave_as_a_copy(code: int) -> NoReturn:
    """End a process that the function has forked and that came back from it: it must not speak for the run."""
    for stream in (sys.stdout, sys.stderr):
        flush(stream)
    os._exit(code)


def _commit_interrupted(run: RunDir, cause: str) -> None:
    status = read_status(run)
    if status is not None and status.state is State.RUNNING:
        write_status(run, status.ended_as(State.INTERRUPTED, cause))
    sys.stderr.write(f"interrupted: {cause}\n")


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


def show_what_happens() -> None:
    """Let the log show what a run prints as it prints it, and where it was when a signal such as SIGSEGV ends it."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(line_buffering=True, write_through=False)
    try:
        faulthandler.enable()
    except (OSError, ValueError, RuntimeError):  # a standard error that is no file
        return


def _report_failure(run: RunDir, ranks: Ranks | None, error: BaseException) -> None:
    """Write what happened where the driver looks for it and where people look."""
    traceback.print_exception(error)
    rank = ranks.rank if ranks else 0
    words = {
        "rank": rank,
        "time": time.time(),
        "error": _in_one_line(error),
        "traceback": "".join(traceback.format_exception(error)),
    }
    try:
        write_json(run.failure(rank), words)
    except OSError as second:  # the disk is full, or the directory is gone
        sys.stderr.write(f"{run.failure(rank)} cannot be written: {second}\n")
    for stream in (sys.stdout, sys.stderr):
        flush(stream)


def flush(stream: Any) -> None:
    """Write out what a stream holds back, unless it was closed."""
    try:
        stream.flush()
    except (OSError, ValueError, AttributeError):
        return


def _mpi_is_on() -> bool:
    mpi = sys.modules.get("mpi4py.MPI")
    return bool(mpi and mpi.Is_initialized() and not mpi.Is_finalized())


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
