"""How to make again what cannot be saved: an environment with a window, a connection, a device."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any


class Factory:
    """A function and its arguments, saved in place of what it makes.

        make_env = Factory(gym.make, {"id": "CartPole-v1"})
        env = make_env()
        run.state(env=make_env)

    A run that goes on makes its own again; whoever reads the snapshot later calls the factory that it holds.

    Args:
        function: it can be pickled: best a function of a module.
        kwargs: what it is called with.
    """

    def __init__(self, function: Callable[..., Any], kwargs: Mapping[str, Any] | None = None) -> None:
        self.function, self.kwargs = function, dict(kwargs or {})

    def __call__(self) -> Any:
        return self.function(**self.kwargs)
