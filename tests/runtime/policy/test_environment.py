"""Where a policy's environment comes from."""

from __future__ import annotations

import sys
import types
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from sweep.base.errors import SweepError
from sweep.base.files import write_json
from sweep.rundir.paths import RunDir
from sweep.runtime.log.logger import Logger
from sweep.runtime.policy.environment import has_display, named_env
from sweep.runtime.policy.errors import PolicyError
from sweep.runtime.policy.load import load_policy_and_env
from sweep.runtime.snapshots.factory import Factory

Train = Callable[..., RunDir]


@pytest.fixture
def gym(monkeypatch: pytest.MonkeyPatch) -> types.ModuleType:
    fake = types.ModuleType("gymnasium")
    fake.make = lambda name: f"the environment {name}"  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "gymnasium", fake)
    return fake


def test_one_beside_the_policy_comes_first(trained: Train, walker: Any, line: Any, gym: Any) -> None:
    run = trained(policy=walker(1.0), env=Factory(line, {"length": 5}))
    write_json(run.config, {"env_name": "Other-v0"})
    assert load_policy_and_env(run.path)[0].length == 5


def test_then_that_of_save_state(trained: Train, walker: Any, line: Any, gym: Any) -> None:
    run = trained(policy=walker(1.0))
    write_json(run.config, {"env_name": "Other-v0"})
    Logger(str(run.path)).save_state({"env": line(6)})
    assert load_policy_and_env(run.path)[0].length == 6


def test_then_the_name_in_the_configuration(trained: Train, walker: Any, gym: Any) -> None:
    run = trained(policy=walker(1.0))
    write_json(run.config, {"env_name": "Other-v0"})
    assert load_policy_and_env(run.path)[0] == "the environment Other-v0"


def test_one_that_is_named_comes_before_all(trained: Train, walker: Any, line: Any, gym: Any) -> None:
    run = trained(policy=walker(1.0), env=line(5))
    assert load_policy_and_env(run.path, env="Mine-v3")[0] == "the environment Mine-v3"
    assert load_policy_and_env(run.path, env="builtins:dict")[0] == {}


def test_where_there_is_none_the_policy_is_there_all_the_same(trained: Train, walker: Any) -> None:
    run = trained(policy=walker(1.0))
    env, act = load_policy_and_env(run.path)
    assert env is None
    assert act(np.zeros(1)) == 1.0


def fail() -> None:
    raise OSError("the simulator is not there")


def test_one_that_cannot_be_made_is_told_with_the_remedy(
    trained: Train, walker: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    run = trained(policy=walker(1.0), env=Factory(fail))
    assert load_policy_and_env(run.path)[0] is None
    said = capsys.readouterr().out
    assert "cannot be loaded: OSError: the simulator is not there" in said
    assert "register how to make it: run.state(env=sweep.Factory(" in said


def test_a_name_of_others_that_would_import_a_module_is_not_followed(
    trained: Train, walker: Any, gym: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    run = trained(model={"w": np.ones(1)})
    write_json(run.config, {"env_name": "their_module:Env-v0"})
    run.variant.unlink()
    env, _ = load_policy_and_env(run.path, policy=lambda states: lambda seen: 0)
    assert env is None
    env, _ = load_policy_and_env(run.path, policy=lambda states: lambda seen: 0, trust=True)
    assert env == "the environment their_module:Env-v0"


@pytest.mark.parametrize(
    ("name", "said"), [("gone:make", "cannot be imported"), ("nothing", "does not name a function")]
)
def test_a_name_that_leads_nowhere_is_one_line(name: str, said: str) -> None:
    with pytest.raises(SweepError, match=said):
        named_env(name)


def test_an_environment_that_cannot_be_made_is_one_line(gym: types.ModuleType) -> None:
    gym.make = lambda name: {}[name]
    with pytest.raises(PolicyError, match="the environment 'Pole-v9' cannot be made: KeyError: 'Pole-v9'"):
        named_env("Pole-v9")


@pytest.mark.parametrize(
    ("environ", "platform", "there"),
    [({}, "linux", False), ({"DISPLAY": ":1"}, "linux", True), ({"WAYLAND_DISPLAY": "w"}, "linux", True),
     ({"DISPLAY": ""}, "linux", False), ({}, "darwin", True)],
)  # fmt: skip
def test_a_display_is_what_the_environment_says(environ: dict[str, str], platform: str, there: bool) -> None:
    assert has_display(environ, platform) is there
