"""The environment that a policy is played in: the run's own, or one that is named."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from sweep.base.errors import SweepError
from sweep.base.files import read_json
from sweep.base.importing import import_object
from sweep.runtime.policy.errors import PolicyError
from sweep.runtime.policy.found import Found
from sweep.runtime.policy.from_savers import env_of_any_state
from sweep.runtime.policy.place import Place
from sweep.runtime.process.environment import with_env_fn

_GYM_NAME = re.compile(r"([\w.]+:)?[\w./-]+-v\d+")

REMEDY = (
    "Where an environment cannot be pickled, register how to make it: run.state(env=sweep.Factory(make_env, {...})); "
    "or name one: --env CartPole-v1, --env module:function."
)


def find_env(place: Place, found: Found) -> tuple[Any, str]:
    """Return a run's environment, and ''; or None, and why there is none.

    It is looked for beside the policy, then in what `save_state` has pickled, then by the name in `config.json`.
    """
    reasons = []
    ways: tuple[Callable[[], Any], ...] = (
        *found.envs,
        partial(env_of_any_state, place),
        partial(_env_of_config, place),
    )
    for way in ways:
        try:
            env = way()
        except SweepError as error:
            reasons.append(str(error))
            continue
        if env is not None:
            return env, ""
    return None, f"{place.path} has no environment{''.join(f'; {reason}' for reason in dict.fromkeys(reasons))}"


def named_env(name: str) -> Any:
    """Make an environment of gymnasium (or gym) by its name, or call ``module:function``.

    Raises:
        SweepError: there is none of that name, or it cannot be made.
    """
    make: Callable[[], Any] = _maker(name) if _GYM_NAME.fullmatch(name) else import_object(name)
    try:
        return make()
    except SweepError:
        raise
    except Exception as error:  # whatever the maker raises
        raise PolicyError(f"the environment {name!r} cannot be made: {type(error).__name__}: {error}") from error


def _maker(name: str) -> Callable[[], Any]:
    made: Callable[[], Any] = with_env_fn(_wants_env_fn, {"env_name": name})["env_fn"]
    return made


def _wants_env_fn(env_fn: object) -> None:
    """Stand for a function that takes a maker, of which this project has one."""


def _env_of_config(place: Place) -> Any:
    config = read_json(place.run.config)
    name = config.get("env_name") if isinstance(config, Mapping) else None
    if not isinstance(name, str) or (":" in name and place.doubt(place.run.config)):  # it names a module
        return None
    return named_env(name)


def has_display(environ: Mapping[str, str] = os.environ, platform: str = sys.platform) -> bool:
    """Say whether a window can be opened here."""
    return platform != "linux" or any(environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY"))


def with_window(env: Any) -> Any:
    """Return an environment that shows itself: of gymnasium, made again for that; any other as it is.

    Raises:
        PolicyError: it cannot be made again.
    """
    spec = getattr(env, "spec", None)
    if not hasattr(env, "render_mode") or env.render_mode == "human" or spec is None:
        return env
    try:
        return spec.make(render_mode="human")
    except Exception as error:  # a package that draws is missing, no such mode: the environment's own errors
        raise PolicyError(f"the environment cannot be shown: {type(error).__name__}: {error}") from error
