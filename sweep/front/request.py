"""What a person asks of a launch, checked before anything else is done."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from sweep.base.errors import UsageError, did_you_mean
from sweep.base.text import seconds_of, shown
from sweep.front.extending import extendable_keys
from sweep.front.part import check_part
from sweep.front.thunks import Thunk
from sweep.grid.definition import check_order
from sweep.launch.halt import parse_halt
from sweep.launch.hosts.named import parse_hosts
from sweep.launch.retries import parse_retries

# How a run's processes are made: see `ExperimentGrid.run`.
STARTS = ("auto", "fork", "spawn", "inline")
# The engines that have a name, each with its site in `sweep.front.sites.choose`. 'local' is what none is.
ENGINES = ("local", "slurm")
_FLAGS = ("datestamp", "dry_run", "retry_failed", "fresh", "share", "pin")


@dataclass(frozen=True)
class Request:
    """The arguments of `ExperimentGrid.run`, which explains each.

    Raises:
        UsageError: one has a type or a value that it cannot have.
        GridError: the order is none.
    """

    thunk: Thunk | None
    num_cpu: int | str = 1
    data_dir: str | os.PathLike[str] | None = None
    datestamp: bool = False
    dry_run: bool = False
    retry_failed: bool = False
    order: str | None = None
    wait: float | None = None
    parallel: int | str = "auto"
    threads: int = 1
    gpus: float = 0
    memory: int | str | None = None
    timeout: float | str | None = None
    stall_timeout: float | str | None = None
    retries: int | str | Mapping[str, int] = 0
    halt: str = "never"
    fresh: bool = False
    share: bool = False
    start: str = "auto"
    pin: bool = False
    extendable: str | Sequence[str] = ()
    shard: str | None = None
    index: int | str | None = None
    engine: Any = None
    slurm: Mapping[str, Any] | None = None
    hosts: str | Sequence[str] | None = None

    def __post_init__(self) -> None:
        for name in _FLAGS:
            check_flag(name, getattr(self, name))
        check_wait(self.wait)
        check_start(self.start)
        parse_retries(self.retries)
        parse_halt(self.halt)
        extendable_keys(self.extendable)
        check_part(self.shard, self.index)
        check_engine(self)
        for name in ("timeout", "stall_timeout"):
            seconds_given(name, getattr(self, name))
        if self.data_dir is not None:
            directory(self.data_dir)
        if self.order is not None:
            check_order(self.order)


# What is of one launch alone: a part of a grid that stood in its file would be all that anybody ever runs of it.
_OF_ONE_LAUNCH = ("shard", "index")
# What the `run:` block of a YAML file may say: the keywords of run().
RUN_KEYS = tuple(one.name for one in fields(Request) if one.name not in ("thunk", *_OF_ONE_LAUNCH))


def check_flag(name: str, given: Any) -> None:
    """Refuse what is neither True nor False: the text 'no' would count as yes.

    Raises:
        UsageError
    """
    if not isinstance(given, bool):
        raise UsageError(f"{name} is {given!r}; it is True or False.")


def check_wait(given: Any) -> None:
    number = isinstance(given, (int, float)) and not isinstance(given, bool)
    if given is not None and not (number and math.isfinite(given) and given >= 0):
        raise UsageError(f"wait is {given!r}; it is a number of seconds from 0.")


def check_start(given: Any) -> None:
    if given not in STARTS:
        raise UsageError(
            f"start is {shown(given)}; it is one of {', '.join(STARTS)}.{did_you_mean(str(given), STARTS)}"
        )


def check_engine(request: Request) -> None:
    """Refuse what is neither an engine's name nor an executor, and what is an executor's business where there is one.

    Raises:
        UsageError
    """
    engine, named = request.engine, isinstance(request.engine, str)
    if request.hosts is not None:
        _check_hosts(request)
    if engine is None and request.slurm is not None:
        raise UsageError("slurm= says how Slurm's jobs are to be; engine='slurm' (--engine slurm) makes runs its jobs.")
    if engine is None or (named and engine == "local"):
        return
    if not (engine in ENGINES if named else _is_executor(engine)):
        raise UsageError(
            f"engine is {shown(engine)}; it is an executor, such as concurrent.futures.ProcessPoolExecutor(4), a name "
            f"({', '.join(ENGINES)}), or left out for this machine.{did_you_mean(str(engine), ENGINES)}"
        )
    if request.start == "inline":
        raise UsageError("start='inline' calls the function in this process; leave engine out.")
    if not named:
        _check_left_to_worker(request)


def _check_hosts(request: Request) -> None:
    parse_hosts(request.hosts or ())
    if request.start == "inline":
        raise UsageError("start='inline' calls the function in this process; leave hosts out.")
    if request.engine not in (None, "local"):
        raise UsageError("hosts does not go with engine: each says where runs execute; leave one of the two out.")


def _is_executor(engine: Any) -> bool:
    return not isinstance(engine, type) and callable(getattr(engine, "submit", None))


def check_named_engine(engine: Any, file: str | os.PathLike[str]) -> None:
    """Refuse an executor in a file: who makes one has to close it.

    Raises:
        UsageError
    """
    if engine is not None and not isinstance(engine, str):
        raise UsageError(
            f"{file}: engine in the run: block is {shown(engine)}; a file names one of {', '.join(ENGINES)}, and an "
            "executor is given to run() in Python."
        )


def _check_left_to_worker(request: Request) -> None:
    for name in ("gpus", "memory"):
        if getattr(request, name):
            raise UsageError(f"{name} does not go with engine: a run has what its worker has; ask the executor for it.")


def seconds_given(name: str, given: Any) -> float | None:
    """Return a length of time in seconds; None stays None.

    Raises:
        UsageError: not a length of time.
    """
    if given is None:
        return None
    seconds = seconds_of(given)
    if seconds is None:
        raise UsageError(f"{name} is {given!r}; write seconds, or a time such as '90s', '30min' or '2h'.")
    return seconds


def directory(given: Any) -> Path:
    """Return a data directory as a path, with ``~`` as the home directory.

    Raises:
        UsageError: no path, or an empty one.
    """
    if not isinstance(given, (str, os.PathLike)) or isinstance(os.fspath(given), bytes) or not os.fspath(given):
        raise UsageError(f"data_dir is {given!r}; it is the path of a directory, for example 'data'.")
    return Path(given).expanduser()
