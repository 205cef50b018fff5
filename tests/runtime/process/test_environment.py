"""`env_name` and `env_fn`."""

from __future__ import annotations

from typing import Any

import pytest

from sweep.base.errors import LaunchError
from sweep.runtime.process import environment


def asks(env_fn: Any) -> None: ...


def both(env_fn: Any, env_name: str) -> None: ...


def anything(**kwargs: Any) -> None: ...


def test_only_a_function_that_names_env_fn_gets_one() -> None:
    assert list(environment.with_env_fn(asks, {"env_name": "A"})) == ["env_fn"]
    assert list(environment.with_env_fn(both, {"env_name": "A"})) == ["env_name", "env_fn"]
    assert environment.with_env_fn(anything, {"env_name": "A"}) == {"env_name": "A"}


def test_a_maker_of_the_caller_s_own_is_left_alone() -> None:
    given = {"env_name": "A", "env_fn": len}
    assert environment.with_env_fn(both, given) == given


def test_without_any_gym_the_remedy_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> Any:
        raise ImportError(name)

    monkeypatch.setattr("importlib.import_module", missing)
    with pytest.raises(LaunchError, match="pip install gymnasium"):
        environment.with_env_fn(asks, {"env_name": "A"})["env_fn"]()
