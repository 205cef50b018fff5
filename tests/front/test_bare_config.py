"""A `config.json` alone: what the function says of its values, and what cannot be had."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest

from sweep.base.errors import LaunchError, UsageError
from sweep.base.jsonable import config_text, to_jsonable
from sweep.front.bare_config import read_bare
from sweep.front.relaunch import relaunch
from sweep.launch.engines.fake import FakeEngine
from sweep.rundir.paths import RunDir
from sweep.rundir.variant_file import read_variant

pytestmark = pytest.mark.usefixtures("workplace")

# As Spinning Up's `save_config(locals())` writes it in `ppo`.
SPINNING_UP = """{
    "ac_kwargs":\t{
        "hidden_sizes":\t[
            64,
            64
        ]
    },
    "actor_critic":\t"MLPActorCritic",
    "clip_ratio":\t0.2,
    "env_fn":\t"<function <lambda> at 0x7f0a5c3b7d08>",
    "epochs":\t50,
    "exp_name":\t"ppo",
    "gamma":\t0.99,
    "logger":\t{
        "<spinup.utils.logx.EpochLogger object at 0x7f0a5c2f8e10>":\t{
            "epoch_dict":\t{},
            "exp_name":\t"ppo",
            "first_row":\ttrue
        }
    },
    "logger_kwargs":\t{
        "exp_name":\t"ppo",
        "output_dir":\t"/old/data/ppo/ppo_s0"
    },
    "seed":\t7
}"""


class MLPActorCritic: ...


def ppo(
    env_fn: Any, actor_critic: Any = MLPActorCritic, ac_kwargs: Any = None, seed: int = 0, epochs: int = 5,
    gamma: float = 0.9, clip_ratio: float = 0.1, logger_kwargs: Any = None,
) -> None: ...  # fmt: skip


def written(text: str, name: str = "config.json") -> Path:
    file = Path("old") / name
    file.parent.mkdir(exist_ok=True)
    file.write_text(text)
    return file


def test_spinning_up_s_own_file_works_as_far_as_it_is_exact_and_says_what_is_not() -> None:
    found = read_bare(written(SPINNING_UP), ppo)
    assert (found.name, found.wrong) == (
        "ppo",
        {"env_fn": "'<function <lambda> at 0x7f0a5c3b7d08>' is the name of something, and says not where it is"},
    )
    assert found.config == {
        "ac_kwargs": {"hidden_sizes": [64, 64]}, "clip_ratio": 0.2, "epochs": 50, "gamma": 0.99, "seed": 7,
    }  # fmt: skip
    assert any(
        one.startswith("'actor_critic': 'MLPActorCritic' is the name of the function's default")
        for one in found.remarks
    )
    assert any(one.startswith("'ac_kwargs': lists are taken as lists") for one in found.remarks)


def test_it_is_run_with_what_is_given_anew(engines: list[FakeEngine], capsys: pytest.CaptureFixture[str]) -> None:
    file = written(SPINNING_UP)
    with pytest.raises(LaunchError, match=r"old/config\.json cannot be relaunched as it is: 'env_fn': "):
        relaunch(file, thunk=ppo)
    assert relaunch(file, {"env_name": "CartPole-v1", "epochs": 3}, thunk=ppo).done == 1
    [run] = Path("data").glob("ppo*/*_s7")
    record = read_variant(RunDir(run))
    assert record is not None
    assert (record.config["epochs"], record.config["env_name"], record.config["gamma"]) == (3, "CartPole-v1", 0.99)
    assert "note: 'ac_kwargs'" in capsys.readouterr().out


def test_without_a_function_it_says_what_to_do() -> None:
    with pytest.raises(
        UsageError, match=r"config\.json does not say which function it is of\. .*--thunk module:function"
    ):
        relaunch(written(SPINNING_UP))


def plain(sizes: Any = (8,), act: Any = math.tanh, name: str = "x", rate: Any = None, more: Any = None) -> None: ...


def test_the_function_s_defaults_tell_a_tuple_from_a_list_and_a_name_from_a_text() -> None:
    text = config_text(to_jsonable({"sizes": (1, 2), "act": math.sin, "name": "y", "rate": "fast", "more": [1]}))
    found = read_bare(written(text), plain)
    assert found.config == {"sizes": (1, 2), "name": "y", "rate": "fast", "more": [1]}
    assert list(found.wrong) == ["act"]
    assert any("'rate': taken as the text 'fast'" in one for one in found.remarks)


@pytest.mark.parametrize(
    "value",
    [lambda x: x, float("nan"), "x" * 20_000, [1, float("inf")], {"a": {"b": lambda: 1}}, b"x" * 5000],
)
def test_what_json_has_no_form_for_is_never_taken_for_a_value(value: Any) -> None:
    found = read_bare(written(config_text(to_jsonable({"more": value}))), plain)
    assert ("more" in found.config, len(found.wrong)) == (False, 1)


def test_what_the_function_does_not_take_is_left_out_and_said() -> None:
    found = read_bare(written('{"name": "z", "steps": 5, "seed": 3}'), plain)
    assert (found.name, found.config) == ("old", {"name": "z", "seed": 3})
    assert found.remarks == ["left out, as plain() has no such argument: 'steps'"]


@pytest.mark.parametrize("text", ["", "[1]", "{}", "{'a': 1}", "3"])
def test_what_is_no_configuration_is_one_clear_error(text: str) -> None:
    with pytest.raises(LaunchError, match=r"old/config\.json (cannot be read as JSON|holds no configuration)"):
        read_bare(written(text), plain)


def test_a_plain_file_of_our_own_is_run_as_it_is(engines: list[FakeEngine]) -> None:
    file = written(json.dumps({"exp_name": "mine", "name": "z"}))
    assert relaunch(file, thunk=plain).done == 1
