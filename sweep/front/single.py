"""`@experiment`: a function whose call is a sweep of one run."""

from __future__ import annotations

import functools
import inspect
import os
from collections.abc import Callable, Mapping
from typing import Any, overload

from sweep.base.errors import RunFailed, UsageError, listed
from sweep.base.signature import INJECTED
from sweep.front.experiment import ExperimentGrid
from sweep.front.extending import extendable_keys
from sweep.front.summary import Sweep
from sweep.rundir.supervised import RUN_VARIABLE

_NAMED = (None, "passed", "all")
# What a launch gives the function; `seed` too, but that is one of the parameters.
_GIVEN = {*INJECTED, "run"} - {"seed"}
# The attribute of a decorated function that has the function itself.
INNER = "__sweep_function__"

Function = Callable[..., Any]


@overload
def experiment(function: Function, /) -> Callable[..., Any]: ...


@overload
def experiment(
    *, name: str | None = None, name_parameters: str | None = "passed", **options: Any
) -> Callable[[Function], Callable[..., Any]]: ...


def experiment(
    function: Function | None = None,
    /,
    *,
    name: str | None = None,
    name_parameters: str | None = "passed",
    **options: Any,
) -> Callable[..., Any]:
    """Turn a function into a sweep of one run: calling it runs it, as an isolated process with a directory of its own.

        @sweep.experiment(data_dir="data", num_cpu=2)
        def train(lr=1e-3, epochs=50, seed=0, run=None): ...

        train(lr=1e-2)    # a run train_lr0-01; the same call again goes on with it, or finds it done

    Inside a run the function is called as it is.

    Args:
        name: of the experiment; the function's by default.
        name_parameters: which arguments are in the name of the run: those that are 'passed', 'all' of them, or None;
            the seed is always in that of its directory.
        options: as those of `ExperimentGrid.run`: num_cpu, data_dir, datestamp, timeout, ...

    Returns:
        a function that returns the `Sweep`, and raises RunFailed if its run fails, or ConfigMismatch if its directory
        holds another configuration.

    Raises:
        UsageError: `name_parameters` is none of these.
    """
    if name_parameters not in _NAMED:
        raise UsageError(f"name_parameters={name_parameters!r}; use one of {listed(map(repr, _NAMED))}.")

    def decorated(inner: Function) -> Callable[..., Any]:
        @functools.wraps(inner)
        def call(*args: Any, **kwargs: Any) -> Any:
            if os.environ.get(RUN_VARIABLE):
                return inner(*args, **kwargs)
            passed, everything = _arguments(inner, args, kwargs)
            shown = {"passed": passed, "all": set(everything), None: set()}[name_parameters]
            return _run(inner, name or inner.__name__, everything, shown, options)

        setattr(call, INNER, inner)
        return call

    return decorated if function is None else decorated(function)


def _arguments(function: Function, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> tuple[set[str], dict[str, Any]]:
    """Return the names that were passed, and all arguments by name, defaults included."""
    try:
        bound = inspect.signature(function).bind_partial(*args, **kwargs)
    except TypeError as error:
        raise UsageError(f"{function.__name__}(): {error}; it takes {inspect.signature(function)}.") from None
    passed = set(_flat(bound)) - _GIVEN
    bound.apply_defaults()
    return passed, {key: value for key, value in _flat(bound).items() if key not in _GIVEN}


def _flat(bound: inspect.BoundArguments) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in bound.arguments.items():
        kind = bound.signature.parameters[key].kind
        if kind is inspect.Parameter.VAR_KEYWORD:
            found.update(value)
        elif kind is not inspect.Parameter.VAR_POSITIONAL:
            found[key] = value
        elif value:
            raise UsageError(f"the arguments {value!r} have no name; an experiment takes named arguments alone.")
    return found


def _run(function: Function, name: str, arguments: Mapping[str, Any], shown: set[str], options: Any) -> Sweep:
    grid = ExperimentGrid(name)
    kept = {"seed", *extendable_keys(options.get("extendable", ()))}  # a run is not renamed when it is extended
    for key, value in arguments.items():
        grid.add(key, [value], in_name=key in shown - kept)
    sweep = grid.run(function, **{"wait": 0, "retry_failed": True, **options})
    sweep.plan.check_extended()
    if sweep.failed:
        one = sweep.failed[0]
        raise RunFailed(f"{one.job.name} failed: {one.cause}. Its whole output is in {one.job.run.output}.")
    return sweep
