"""Functions of a launch: one for all, or a parameter's values; checked before anything is made."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from sweep.base.errors import LaunchError, UsageError
from sweep.front.thunks import Thunks
from sweep.grid.grid import Grid


def ppo(lr: float, seed: int = 0) -> None: ...


def sac(lr: float, seed: int = 0, alpha: float = 0.1) -> None: ...


def test_a_key_whose_values_are_functions_gives_each_variant_its_own() -> None:
    grid = Grid("g").add("algo", [ppo, sac]).add("lr", 1.0)
    thunks = Thunks("algo", grid.definition)
    thunks.check()
    assert [thunks.split(variant) for variant in grid.variants()] == [(ppo, {"lr": 1.0}), (sac, {"lr": 1.0})]


def test_a_key_that_is_no_parameter_is_an_error_with_the_closest_one() -> None:
    with pytest.raises(UsageError, match=r"'alog' is no parameter.*Did you mean 'algo'"):
        Thunks("alog", Grid("g").add("algo", [ppo]).definition)


def test_a_key_whose_values_are_no_functions_is_an_error() -> None:
    with pytest.raises(UsageError, match="1 is not a function"):
        Thunks("lr", Grid("g").add("lr", [1, 2]).definition)


def test_no_function_at_all_is_an_error() -> None:
    with pytest.raises(UsageError, match="no function to run"):
        Thunks(None, Grid("g").definition)


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda g: g.add("lr", 1).add("alhpa", 1), r"sac\(\) takes no argument 'alhpa'.*Did you mean 'alpha'"),
        (lambda g: g.add("alpha", 1), r"sac\(\) needs the argument 'lr'"),
        (lambda g: g.add("lr:x", 1).add("beta:y", 1), r"takes no argument 'beta'"),
    ],
)
def test_arguments_that_the_function_refuses_are_found_before_the_launch(build: Any, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        Thunks(sac, build(Grid("g")).definition).check()


def test_a_function_that_cannot_be_sent_is_found_before_the_launch() -> None:
    lock = threading.Lock()

    def train(seed: int = 0) -> None:
        lock.acquire()

    with pytest.raises(LaunchError, match=r"the function '.*train': its variable 'lock' .*cannot be sent to"):
        Thunks(train, Grid("g").definition).check()
