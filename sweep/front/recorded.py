"""A recorded run, as something that can be run again: its configuration as values, its function, what it ran with."""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sweep.base.errors import LaunchError, UsageError
from sweep.base.exact import values_of
from sweep.base.importing import import_object
from sweep.front.bare_config import read_bare
from sweep.front.code import code_changed, code_digest
from sweep.front.held import data_dir_of
from sweep.front.single import INNER
from sweep.grid.identity import describe
from sweep.grid.nesting import SEPARATOR
from sweep.rundir.launch_file import read_launch
from sweep.rundir.paths import RunDir
from sweep.rundir.variant_file import VariantRecord, read_variant

_THUNK_STEP = "Name the function: --thunk module:function (thunk=function)"


@dataclass(frozen=True)
class Recorded:
    """What is known of a run that is to be run again.

    Attributes:
        file: where it is written.
        name: its `exp_name`.
        thunk: its function.
        config: its configuration, as far as the values can be had.
        wrong: colon keys whose values cannot be had, each with why.
        run: its directory; None of a bare `config.json`.
        record: what that directory says of it.
        remarks: what a person should know.
    """

    file: Path
    name: str
    thunk: Callable[..., Any]
    config: Mapping[str, Any]
    wrong: Mapping[str, str] = field(default_factory=dict)
    run: RunDir | None = None
    record: VariantRecord | None = None
    remarks: tuple[str, ...] = ()

    @property
    def data_dir(self) -> Path | None:
        return None if self.run is None else data_dir_of(self.run)

    @property
    def runtime_only(self) -> tuple[str, ...]:
        return () if self.record is None else self.record.story.runtime_only

    @property
    def extendable(self) -> tuple[str, ...]:
        return () if self.record is None else self.record.story.extendable

    def needs(self) -> dict[str, Any]:
        """Return what the run was started with, as options of a launch."""
        found = None if self.run is None else read_launch(self.run)
        if found is None:
            return {}
        ranks = {} if "num_cpu" in self.config else {"num_cpu": found.num_cpu}
        return {**ranks, "threads": found.threads, "gpus": found.gpus, "memory": found.memory}

    def check(self, given: Mapping[str, Any]) -> None:
        """Refuse a configuration of which values are missing that nobody gives anew.

        Raises:
            LaunchError: names each, why, and what to do.
        """
        missing = {key: why for key, why in self.wrong.items() if not any(_covers(one, key) for one in given)}
        if missing:
            told = "; ".join(f"{key!r}: {why}" for key, why in missing.items())
            raise LaunchError(
                f"{self.file} cannot be relaunched as it is: {told}. Give these anew, each as KEY=VALUE; an imported "
                "object is '{py: module:name}'."
            )


def _covers(given: str, key: str) -> bool:
    return key == given or key.startswith(given + SEPARATOR) or (given, key) == ("env_name", "env_fn")


def read_recorded(
    target: str | os.PathLike[str], thunk: Callable[..., Any] | str | None = None, source: Path | None = None
) -> Recorded:
    """Return what is recorded in a run's directory, or in a `config.json` alone.

    Args:
        thunk: the function, or its ``module:name``, where the recorded one is not to be used.
        source: the folder that the function must come from; by default it is looked for where it was.

    Raises:
        UsageError: there is nothing of that name, or the function cannot be imported.
        LaunchError: what is there is no record of a run.
    """
    path = Path(target)
    if not path.exists():
        raise UsageError(f"{str(path)!r} is not there; name a run's directory, or a config.json.")
    run = RunDir(path)
    if path.is_dir() and (run.variant.exists() or not run.config.exists()):
        return _of_run(run, thunk, source)
    file = run.config if path.is_dir() else path
    function = None if thunk is None else _function(thunk, file, None)
    if function is None:
        raise UsageError(f"{file} does not say which function it is of. {_THUNK_STEP}.")
    bare = read_bare(file, function)
    return Recorded(file, bare.name, function, bare.config, bare.wrong, remarks=tuple(bare.remarks))


def _of_run(run: RunDir, thunk: Callable[..., Any] | str | None, source: Path | None) -> Recorded:
    record = read_variant(run)
    if record is None:
        what = "cannot be read" if run.variant.exists() else "is not there"
        raise LaunchError(f"{run.variant} {what}, so {run.path} is no run that sweep made; name a run's directory.")
    home = record.story.home if source is None else None
    function = _function(record.thunk if thunk is None else thunk, run.variant, home)
    _check_from(source, function, run)
    try:
        config, wrong = values_of(record.config, record.data)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise LaunchError(f"{run.variant} is damaged: {type(error).__name__}: {error}; name another run.") from error
    remarks = tuple(_remarks(record, function, source))
    return Recorded(run.variant, record.exp_name, function, config, wrong, run, record, remarks)


def _remarks(record: VariantRecord, function: Callable[..., Any], source: Path | None) -> Iterator[str]:
    if record.code and code_changed(record.code, code_digest(function)):
        step = "--exact runs that" if source is None else "the recorded source is not all that it was made of"
        yield f"the code of {record.thunk} is not what the run was started with; {step}"


def _check_from(source: Path | None, function: Callable[..., Any], run: RunDir) -> None:
    """Refuse a function that does not come from the recorded source.

    Raises:
        LaunchError
    """
    if source is None:
        return
    file = inspect.getsourcefile(inspect.unwrap(function))
    if file is None or not Path(file).resolve().is_relative_to(source):
        raise LaunchError(
            f"the recorded source of {run.path} does not have {describe(function)}, which is in {file}; relaunch it "
            "without --exact."
        )


def _function(thunk: Callable[..., Any] | str, file: Path, home: str | None) -> Callable[..., Any]:
    if not isinstance(thunk, str):
        return thunk
    if ":" not in thunk or "<" in thunk or "(" in thunk:
        raise LaunchError(f"{file}: no name leads to the function {thunk}. {_THUNK_STEP}.")
    try:
        found = import_object(thunk, Path(home) if home and Path(home).is_dir() else None)
    except UsageError as error:
        raise UsageError(f"{file}: {error} {_THUNK_STEP}.") from error
    function: Callable[..., Any] = getattr(found, INNER, found)
    return function
