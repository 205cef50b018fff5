"""`env_name`: a gym environment's name in a grid, handed to the thunk as a maker."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from typing import Any

from sweep.base.errors import LaunchError
from sweep.base.signature import signature


def with_env_fn(thunk: Callable[..., Any], kwargs: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments with `env_fn` in place of `env_name`, if the thunk's signature names `env_fn`.

    Any other thunk gets `env_name` as it is. `gymnasium` is imported only here, or `gym` where there is none.
    """
    if "env_name" not in kwargs or "env_fn" in kwargs:
        return dict(kwargs)
    taken = signature(thunk)
    if not taken.asks_for("env_fn"):
        return dict(kwargs)
    changed = {key: value for key, value in kwargs.items() if key != "env_name" or taken.asks_for("env_name")}
    return {**changed, "env_fn": _Maker(kwargs["env_name"])}


class _Maker:
    """Makes a new environment of one name each time it is called."""

    def __init__(self, env_name: str) -> None:
        self.env_name = env_name

    def __call__(self) -> Any:
        return _gym().make(self.env_name)


def _gym() -> Any:
    for name in ("gymnasium", "gym"):
        try:
            return importlib.import_module(name)
        except ImportError:
            continue
    raise LaunchError("env_name needs gymnasium (or gym): pip install gymnasium, or pass env_fn yourself.")
